/** The JSON in a text. */
export interface JsonInText {
  readonly value: unknown;
  /** Whether it had to be repaired to be JSON. */
  readonly isRepaired: boolean;
}

/** So many beginnings of JSON in one text are looked at. */
const MAX_STARTS = 64;

/**
 * The JSON value that a text is, or that stands in it: after reasoning in `<think>` tags, in a code fence, between words.
 * Where there are several, the longest. Broken JSON is repaired when that is allowed: what was cut must not be, because the
 * repair would close it as if it were whole.
 */
export async function readJson(text: string, mayRepair: boolean): Promise<JsonInText | undefined> {
  const whole = parsed(text.trim());
  if (whole !== undefined) return whole;
  const clean = withoutFence(withoutThinking(text));
  const found = parsed(clean) ?? longestIn(clean);
  if (found !== undefined || !mayRepair) return found;
  const start = clean.search(/[[{]/);
  return start === -1 ? undefined : repaired(clean.slice(start));
}

function withoutThinking(text: string): string {
  const end = text.lastIndexOf("</think>");
  return end === -1 ? text : text.slice(end + "</think>".length);
}

/** What stands in the first code fence that holds JSON; the text itself when there is none. */
function withoutFence(text: string): string {
  for (const [, inner = ""] of text.matchAll(/```[a-z\d]*\s*\n?([\s\S]*?)(?:```|$)/gi))
    if (/^\s*[[{]/.test(inner)) return inner.trim();
  return text.trim();
}

function longestIn(text: string): JsonInText | undefined {
  let longest: { json: JsonInText; length: number } | undefined;
  let at = text.search(/[[{]/);
  for (let starts = 0; at !== -1 && starts < MAX_STARTS; starts++) {
    const end = endOf(text, at);
    const json = end === -1 ? undefined : parsed(text.slice(at, end));
    if (json !== undefined && end - at > (longest?.length ?? 0)) longest = { json, length: end - at };
    const from = json === undefined ? at + 1 : end;
    const next = text.slice(from).search(/[[{]/);
    at = next === -1 ? -1 : from + next;
  }
  return longest?.json;
}

/** Behind the bracket that closes the one here; -1 when there is none. */
function endOf(text: string, start: number): number {
  let depth = 0;
  let isString = false;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (isString) {
      if (char === "\\") at += 1;
      else if (char === '"') isString = false;
    } else if (char === '"') isString = true;
    else if (char === "{" || char === "[") depth += 1;
    else if (char === "}" || char === "]") {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

function parsed(text: string): JsonInText | undefined {
  try {
    return { value: JSON.parse(text) as unknown, isRepaired: false };
  } catch {
    return undefined;
  }
}

async function repaired(text: string): Promise<JsonInText | undefined> {
  const { jsonrepair } = await import("jsonrepair");
  try {
    return { value: JSON.parse(jsonrepair(text)) as unknown, isRepaired: true };
  } catch {
    return undefined;
  }
}
