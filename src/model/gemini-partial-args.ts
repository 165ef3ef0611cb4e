import type { GeminiPartialArg } from "../wire/gemini.ts";

/** An object or list that is still open, and whether it holds anything yet. */
interface OpenLevel {
  readonly key: string | number;
  readonly isList: boolean;
  isEmpty: boolean;
}

/**
 * Writes the arguments of a call that Vertex AI sends value by value (`{ jsonPath: "$.city", stringValue: "Par",
 * willContinue: true }`) as the JSON text that they are, piece by piece. Values come in the order of the text, so each is
 * written once.
 */
export class GeminiPartialArgs {
  /** The levels around the place that was written last, the root first. */
  private readonly open: OpenLevel[] = [];
  /** Where the unfinished string stands. */
  private string: string | undefined;

  /** The text that these values add. */
  add(values: readonly (GeminiPartialArg | null)[]): string {
    let text = "";
    for (const value of values) {
      if (typeof value?.jsonPath === "string") text += this.value(value.jsonPath, value);
    }
    return text;
  }

  /** The text that closes the arguments. */
  close(): string {
    return this.open.length === 0 ? "{}" : this.endString() + this.closeTo(0);
  }

  private value(path: string, value: GeminiPartialArg): string {
    const isString = typeof value.stringValue === "string";
    if (isString && this.string === path) {
      const more = inString(value.stringValue as string);
      return value.willContinue === true ? more : more + this.endString();
    }
    const text = this.endString() + this.goTo(stepsOf(path));
    if (!isString) return text + JSON.stringify(literalOf(value));
    this.string = path;
    const begun = `${text}"${inString(value.stringValue as string)}`;
    return value.willContinue === true ? begun : begun + this.endString();
  }

  private endString(): string {
    const text = this.string === undefined ? "" : '"';
    this.string = undefined;
    return text;
  }

  /** Closes what the place is not in, opens what it is in, and writes its key. */
  private goTo(steps: readonly (string | number)[]): string {
    let text = "";
    if (this.open.length === 0) {
      this.open.push({ key: "$", isList: false, isEmpty: true });
      text += "{";
    }
    let shared = 0;
    while (shared < steps.length - 1 && this.open[shared + 1]?.key === steps[shared]) shared += 1;
    text += this.closeTo(shared + 1);
    for (let depth = shared; depth < steps.length; depth++) {
      const key = steps[depth] as string | number;
      const level = this.open[depth] as OpenLevel;
      text += `${level.isEmpty ? "" : ","}${level.isList ? "" : `${JSON.stringify(String(key))}:`}`;
      level.isEmpty = false;
      if (depth === steps.length - 1) break;
      const isList = typeof steps[depth + 1] === "number";
      this.open.push({ key, isList, isEmpty: true });
      text += isList ? "[" : "{";
    }
    return text;
  }

  private closeTo(depth: number): string {
    let text = "";
    while (this.open.length > depth) text += (this.open.pop() as OpenLevel).isList ? "]" : "}";
    return text;
  }
}

/** `$.a.b[0]['c d']` as its steps. */
function stepsOf(path: string): (string | number)[] {
  const steps: (string | number)[] = [];
  for (const [, index, quoted, plain] of path.matchAll(/\[(\d+)\]|\[["'](.*?)["']\]|([^.[\]]+)/g)) {
    if (index !== undefined) steps.push(Number(index));
    else steps.push((quoted ?? plain) as string);
  }
  return steps[0] === "$" ? steps.slice(1) : steps;
}

function inString(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function literalOf({ numberValue, boolValue }: GeminiPartialArg): number | boolean | null {
  if (typeof numberValue === "number") return numberValue;
  return typeof boolValue === "boolean" ? boolValue : null;
}
