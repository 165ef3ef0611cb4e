import type { ContentBlock, ThinkingBlock, ToolResultBlock, ToolUseBlock } from "./content-block.ts";
import { Msg, text } from "./msg.ts";

/** What the target of a history asks of it. */
export interface HistoryRules {
  /** What a tool-call id must look like. */
  readonly toolCallId: { readonly pattern: RegExp; readonly maxLength: number };
  /** Where the messages go: reasoning of another provider or model is left out. Undefined keeps all of it. */
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  /**
   * Whether a thinking block holds reasoning; what holds something else of the provider's is for its other models, too.
   *
   * @default every one does
   */
  readonly isReasoning?: ((block: ThinkingBlock) => boolean) | undefined;
  /** Told of everything that is changed beyond recognition or left out. */
  readonly warn?: ((option: string, reason: string) => void) | undefined;
}

/**
 * A history that every provider accepts, whoever wrote it. The one pass that all formatters run behind:
 *
 * - lone surrogates are mended, empty texts and empty turns removed, tool calls that the model forgot to name are named;
 * - every tool call is directly followed by its one result; a call without one is answered with an error, a result without
 *   its call becomes text of the user;
 * - tool-call ids are fitted to the target, and differ from each other;
 * - reasoning goes back only where it came from.
 *
 * Pure: the messages are not changed, and a normal history comes out as it went in. Linear in the history.
 */
export function normalizeHistory(messages: readonly Msg[], rules: HistoryRules): Msg[] {
  const results = pairCallsWithResults(messages);
  const normalized: Msg[] = [];
  const ids = new CallIds(rules.toolCallId);

  for (const message of messages) {
    let turn: ContentBlock[] = [];
    const flush = (): void => {
      const blocks = turn;
      turn = [];
      if (blocks.length === 0) return;
      const calls = blocks.filter((block) => block.type === "tool_use");
      const fitted = calls.map((call) => ids.next(call.id));
      const mended = blocks.map(mendBlock);
      normalized.push(withBlocks(message, calls.length === 0 ? mended : withIds(mended, fitted)));
      if (calls.length > 0) normalized.push(answers(calls, fitted, results));
    };
    for (const block of message.content) {
      if (block.type !== "tool_result") {
        if (isWanted(block, message, rules)) turn.push(block);
        continue;
      }
      // A result inside an assistant's turn ends it: what follows is said after the result.
      if (message.role === "assistant") flush();
      if (results.paired.has(block)) continue;
      if (results.byCallId.has(block.id)) {
        rules.warn?.("messages", `A second result for the tool call ${block.id} was left out.`);
      } else {
        rules.warn?.(
          "messages",
          `The result of ${block.name} (${block.id}) has no call in the history; it was sent as text.`,
        );
        normalized.push(new Msg({ role: "user", content: orphanText(block) }));
      }
    }
    flush();
  }
  return normalized;
}

/** Which result answers which call. */
export interface Pairing {
  readonly byCall: ReadonlyMap<ToolUseBlock, ToolResultBlock>;
  readonly byCallId: ReadonlySet<string>;
  readonly paired: ReadonlySet<ToolResultBlock>;
}

/** Each call's result: the first one with its id that stands after it and answers no earlier call. */
export function pairCallsWithResults(messages: readonly Msg[]): Pairing {
  const open = new Map<string, ToolUseBlock[]>();
  const byCall = new Map<ToolUseBlock, ToolResultBlock>();
  const byCallId = new Set<string>();
  const paired = new Set<ToolResultBlock>();
  for (const message of messages) {
    for (const block of message.content) {
      if (block.type === "tool_use") {
        byCallId.add(block.id);
        const waiting = open.get(block.id);
        if (waiting === undefined) open.set(block.id, [block]);
        else waiting.push(block);
      } else if (block.type === "tool_result") {
        const call = open.get(block.id)?.shift();
        if (call === undefined) continue;
        byCall.set(call, block);
        paired.add(block);
      }
    }
  }
  return { byCall, byCallId, paired };
}

/** The message that answers a turn's calls, in their order. */
function answers(calls: readonly ToolUseBlock[], ids: readonly string[], { byCall }: Pairing): Msg {
  const content = calls.map((call, index): ToolResultBlock => {
    const id = ids[index] as string;
    const result = byCall.get(call);
    const name = result?.name || call.name || UNNAMED;
    if (result !== undefined) return { ...result, id, name, output: mendOutput(result.output) };
    return {
      type: "tool_result",
      id,
      name,
      output: "No result was recorded for this call.",
      isError: true,
    };
  });
  return new Msg({ role: "tool", content });
}

function orphanText({ name, output }: ToolResultBlock): ContentBlock[] {
  const intro = `Result of the tool ${name}:`;
  if (typeof output === "string") return [text(`${intro} ${mend(output)}`)];
  return [text(intro), ...output.map(mendBlock)];
}

function isWanted(block: ContentBlock, message: Msg, rules: HistoryRules): boolean {
  if (block.type === "text") return block.text.trim() !== "";
  if (block.type !== "thinking") return true;
  const { provider, model, isReasoning } = rules;
  if (provider !== undefined && message.provider !== undefined && provider !== message.provider) return false;
  if (model === undefined || message.model === undefined || isSameModel(model, message.model)) return true;
  return isReasoning?.(block) === false;
}

/** Providers answer with a dated name (`gpt-4.1-2025-04-14`) for the one that was asked. */
function isSameModel(asked: string, answered: string): boolean {
  return asked === answered || answered.startsWith(`${asked}-`) || asked.startsWith(`${answered}-`);
}

function withBlocks(message: Msg, blocks: readonly ContentBlock[]): Msg {
  const isSame =
    blocks.length === message.content.length &&
    blocks.every((block, index) => block === message.content[index]);
  return isSame ? message : message.with({ content: blocks });
}

function withIds(blocks: readonly ContentBlock[], ids: readonly string[]): ContentBlock[] {
  let next = 0;
  return blocks.map((block) => {
    if (block.type !== "tool_use") return block;
    const id = ids[next++] as string;
    return id === block.id ? block : { ...block, id };
  });
}

/** Fits tool-call ids to a pattern, each different from those before it. */
class CallIds {
  private readonly pattern: RegExp;
  private readonly maxLength: number;
  private readonly used = new Set<string>();

  constructor({ pattern, maxLength }: HistoryRules["toolCallId"]) {
    this.pattern = pattern;
    this.maxLength = maxLength;
  }

  next(id: string): string {
    const plain = id.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, this.maxLength);
    let fitted = this.fits(id) ? id : plain;
    for (let attempt = 0; !this.fits(fitted) || this.used.has(fitted); attempt++)
      fitted = this.digest(id, attempt);
    this.used.add(fitted);
    return fitted;
  }

  private fits(id: string): boolean {
    return id.length > 0 && id.length <= this.maxLength && this.pattern.test(id);
  }

  /** The same letters for the same id, within a process and beyond it: a prompt cache depends on it. */
  private digest(id: string, attempt: number): string {
    let hash = 0xcbf29ce484222325n;
    for (const char of `${attempt}:${id}`)
      hash = BigInt.asUintN(64, (hash ^ BigInt(char.codePointAt(0) as number)) * 0x100000001b3n);
    return hash.toString(36).padStart(9, "0").slice(-Math.min(9, this.maxLength));
  }
}

/** Stands for the name that a call lacks: providers refuse an empty one. */
const UNNAMED = "unnamed";

function mendBlock<Block extends ContentBlock>(block: Block): Block {
  switch (block.type) {
    case "text":
      return isWellFormed(block.text) ? block : { ...block, text: mend(block.text) };
    case "thinking":
      return isWellFormed(block.thinking) ? block : { ...block, thinking: mend(block.thinking) };
    case "tool_use":
      return isWellFormed(block.rawInput) && block.name !== ""
        ? block
        : { ...block, name: block.name || UNNAMED, rawInput: mend(block.rawInput) };
    default:
      return block;
  }
}

function mendOutput(output: ToolResultBlock["output"]): ToolResultBlock["output"] {
  return typeof output === "string" ? mend(output) : output.map(mendBlock);
}

/** Half of a character pair: legal in a JavaScript string, refused by providers as invalid UTF-8. */
const LONE_SURROGATE = /\p{Surrogate}/u;

function isWellFormed(value: string): boolean {
  return !LONE_SURROGATE.test(value);
}

function mend(value: string): string {
  return value.replace(/\p{Surrogate}/gu, "\uFFFD");
}
