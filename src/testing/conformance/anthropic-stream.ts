import {
  blockDelta,
  blockStart,
  blockStop,
  MESSAGE_STOP,
  messageDelta,
  messageStart,
} from "./anthropic-events.ts";
import { callNumbers } from "./joined-answer.ts";
import { type AnswerPart, type FixtureUsage, SIGNATURE, type ToolPiece } from "./wire-fixtures.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Tokens as this wire counts them: the cached ones stand beside the input. */
export function anthropicUsage({ input, output, cacheRead, cacheWrite, reasoning }: FixtureUsage): Fields {
  return {
    input_tokens: input - (cacheRead ?? 0) - (cacheWrite ?? 0),
    ...(cacheWrite !== undefined && { cache_creation_input_tokens: cacheWrite }),
    ...(cacheRead !== undefined && { cache_read_input_tokens: cacheRead }),
    output_tokens: output,
    ...(reasoning !== undefined && { output_tokens_details: { thinking_tokens: reasoning } }),
  };
}

/** The `delta` that ends an answer. */
export function anthropicEnding(finish: string, refusal: string | undefined): Fields {
  if (refusal === undefined) return { stop_reason: finish, stop_sequence: null };
  return {
    stop_reason: "refusal",
    stop_sequence: null,
    stop_details: { type: "refusal", category: null, explanation: refusal },
  };
}

/** The output of an answer that has just begun. */
const NOTHING_SAID: Fields = { output_tokens: 1, output_tokens_details: undefined };

/**
 * An answer as events. Usage that is told before the end stands in the first of them, as this wire has no other place for it;
 * of the usage that is told at the end, the input stands there too.
 */
export function anthropicStream(parts: readonly AnswerPart[]): readonly string[] {
  const stream = new StreamWriter();
  const first = parts.find((part) => "usage" in part);
  const finish = parts.findIndex((part) => "finish" in part);
  const isEarly = first !== undefined && (finish < 0 || parts.indexOf(first) < finish);
  const usage = first && anthropicUsage(first.usage);
  stream.events.push(messageStart(isEarly ? usage : usage && { ...usage, ...NOTHING_SAID }));
  for (const [at, part] of parts.entries()) {
    if ("text" in part) stream.text("text", "text_delta", part.text);
    else if ("thinking" in part) stream.text("thinking", "thinking_delta", part.thinking);
    else if ("tool" in part) stream.tool(part.tool);
    else if ("refusal" in part) stream.refuse(part.refusal);
    else if ("finish" in part) {
      const next = parts[at + 1];
      stream.finish(part.finish, next !== undefined && "usage" in next ? next.usage : undefined);
    } else if ("end" in part) stream.events.push(MESSAGE_STOP);
    else if ("event" in part) stream.events.push(part.event);
  }
  return stream.events;
}

/** Opens and closes blocks. Blocks of tools stay open until something else is said, so that their pieces may come in turns. */
class StreamWriter {
  readonly events: string[] = [];
  private readonly open = new Map<number, "text" | "thinking" | "tool">();
  private readonly calls = new Map<number, number>();
  private readonly numberOf = callNumbers();
  private count = 0;
  private refusal: string | undefined;

  text(type: "text" | "thinking", deltaType: string, text: string): void {
    const [last] = [...this.open].slice(-1);
    const index = last?.[1] === type ? last[0] : this.start(type, { type, [type]: "", ...SIGNED[type] });
    this.events.push(blockDelta(index, { type: deltaType, [type]: text }));
  }

  tool(piece: ToolPiece): void {
    const { id, name = "", arguments: text } = piece;
    const number = this.numberOf(piece);
    let index = this.calls.get(number);
    if (index === undefined) {
      index = this.start("tool", { type: "tool_use", ...(id !== undefined && { id }), name, input: {} });
      this.calls.set(number, index);
    }
    if (text !== undefined)
      this.events.push(blockDelta(index, { type: "input_json_delta", partial_json: text }));
  }

  refuse(text: string): void {
    this.refusal = (this.refusal ?? "") + text;
  }

  finish(reason: string, usage: FixtureUsage | undefined): void {
    this.closeAll();
    this.events.push(messageDelta(anthropicEnding(reason, this.refusal), usage && anthropicUsage(usage)));
  }

  private start(type: "text" | "thinking" | "tool", block: Fields): number {
    if (type !== "tool" || ![...this.open.values()].every((each) => each === "tool")) this.closeAll();
    const index = this.count;
    this.count += 1;
    this.open.set(index, type);
    this.events.push(blockStart(index, block));
    return index;
  }

  private closeAll(): void {
    for (const [index, type] of this.open) {
      if (type === "thinking")
        this.events.push(blockDelta(index, { type: "signature_delta", signature: SIGNATURE }));
      this.events.push(blockStop(index));
    }
    this.open.clear();
  }
}

/** What a block has from its beginning on. */
const SIGNED: Readonly<Record<"text" | "thinking", Fields>> = { text: {}, thinking: { signature: "" } };
