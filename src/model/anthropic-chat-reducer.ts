import { modelError } from "../error/errors-by-kind.ts";
import type { ModelError } from "../error/model-error.ts";
import type { ProviderMetadata } from "../message/content-block.ts";
import type {
  AnthropicAnswer,
  AnthropicContentBlock,
  AnthropicDelta,
  AnthropicEvent,
  AnthropicPass,
  AnthropicUsage,
} from "../wire/anthropic.ts";
import type { ChatUsage, FinishReason } from "./chat-response.ts";
import type { EventReducer } from "./http-answer.ts";
import { LazyMap } from "./lazy-map.ts";
import type { ResponseAccumulator } from "./response-accumulator.ts";
import { countOf, kept, listOf, textOf } from "./tolerant-values.ts";

/** What the reducer is told of the call. */
export interface AnthropicReducerOptions {
  readonly provider: string;
  /** The beginning of the answer's text that the request gave: the provider does not repeat it. */
  readonly begins?: string | undefined;
  /** Makes the error for an error inside an answer. */
  readonly failure: (body: unknown) => ModelError;
}

/** Stop reasons (wire notes 1.2 and 5.7, 2026-11). */
const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool_calls",
  pause_turn: "pause",
  compaction: "pause",
  refusal: "content_filter",
};

/** What an answer tells beside its content, and the name under which it stands in the response's metadata. */
const NOTED = [
  ["stop_details", "stopDetails"],
  ["container", "container"],
  ["diagnostics", "diagnostics"],
  ["context_management", "contextManagement"],
  ["input_transformations", "inputTransformations"],
] as const satisfies readonly (readonly [keyof AnthropicAnswer, string])[];

/** A block of the provider's own, while its input arrives. */
interface VerbatimBlock {
  readonly block: Readonly<Record<string, unknown>>;
  rawInput: string;
}

/**
 * Reads the Anthropic Messages wire. Blocks that only the provider understands (redacted thinking, its own tools and their
 * results) are thinking blocks without text that hold the block as it came: they keep their place and go back unchanged.
 */
export class AnthropicChatReducer implements EventReducer {
  private readonly answer: ResponseAccumulator;
  private readonly options: AnthropicReducerOptions;
  private begins: string;
  private hasStarted = false;
  private messageId: string | undefined;
  private tokens: AnthropicUsage = {};
  /** By block index: what is not known before the block is at its end. */
  private readonly inputs = new LazyMap<number, unknown>();
  private readonly verbatim = new LazyMap<number, VerbatimBlock>();
  private readonly citations = new LazyMap<number, readonly unknown[]>();

  constructor(answer: ResponseAccumulator, options: AnthropicReducerOptions) {
    this.answer = answer;
    this.options = options;
    this.begins = options.begins ?? "";
  }

  event(event: unknown, name?: string): boolean {
    const read = (event ?? {}) as AnthropicEvent;
    switch (read.type ?? name) {
      case "content_block_delta":
        if (read.delta) this.readDelta(read.delta, indexOf(read.index));
        return false;
      case "content_block_start":
        if (read.content_block) this.begin(read.content_block, indexOf(read.index));
        return false;
      case "content_block_stop":
        this.complete(indexOf(read.index));
        return false;
      case "message_start":
        this.start(read.message ?? {});
        return false;
      case "message_delta":
        this.close({ ...read, ...read.delta, usage: read.usage ?? null });
        return false;
      case "message_stop":
        return true;
      default:
        // Pings, and what the wire may have tomorrow, mean nothing; an error may come without a type.
        if (read.type === "error" || name === "error" || read.error) throw this.options.failure(event);
        return false;
    }
  }

  whole(body: unknown): void {
    const answer = (body ?? {}) as AnthropicAnswer;
    if (answer.type === "error" || answer.error) throw this.options.failure(body);
    this.start(answer);
    for (const [index, block] of listOf(answer.content).entries()) {
      if (block) this.begin(block, index);
      this.complete(index);
    }
    this.close(answer);
  }

  end(): void {
    // Blocks that were not closed.
    for (const index of [...this.inputs.keys(), ...this.verbatim.keys()]) this.complete(index);
  }

  private start(message: AnthropicAnswer): void {
    const id = textOf(message.id);
    // A relay may repeat the beginning; another beginning is another answer.
    if (this.hasStarted && id !== undefined && id !== this.messageId) {
      throw modelError(
        "parse",
        "Two answers were sent in one stream: a second message began inside the first. Does something in between mix answers?",
      );
    }
    if (this.hasStarted) return;
    this.hasStarted = true;
    this.messageId = id;
    this.answer.identify(id, textOf(message.model));
    this.note(message);
    this.count(message.usage);
  }

  private begin(block: AnthropicContentBlock, index: number): void {
    const { content } = this.answer;
    switch (block.type) {
      case "text":
        content.text(this.begins + (textOf(block.text) ?? ""), index);
        this.begins = "";
        for (const citation of listOf(block.citations)) this.cite(citation, index);
        return;
      case "thinking":
        content.thinking(textOf(block.thinking) ?? "", index);
        this.sign(block.signature, index);
        return;
      case "tool_use":
        content.toolCall({
          index,
          id: textOf(block.id),
          name: textOf(block.name),
          providerMetadata: this.callMetadata(block),
        });
        // In a stream `{}` only holds the place of the input; a value may be the input or its beginning.
        if (isFilled(block.input)) this.inputs.set(index, kept(block.input));
        return;
      default:
        if (typeof block.type !== "string") return;
        this.verbatim.set(index, { block: kept(block) as Record<string, unknown>, rawInput: "" });
        content.ensureThinking(index);
        this.showVerbatim(index);
        if (block.type === "fallback") this.answer.handOver(textOf(block.to?.model));
    }
  }

  private readDelta(delta: AnthropicDelta, index: number): void {
    const { content } = this.answer;
    switch (delta.type) {
      case "text_delta":
        content.text(textOf(delta.text) ?? "", index);
        return;
      case "thinking_delta":
        content.thinking(textOf(delta.thinking) ?? "", index);
        return;
      case "input_json_delta":
        this.readInput(textOf(delta.partial_json) ?? "", index);
        return;
      case "signature_delta":
        this.sign(delta.signature, index);
        return;
      case "citations_delta":
        this.cite(delta.citation, index);
        return;
      case "compaction_delta":
        this.fill(delta, index);
        return;
      default:
    }
  }

  /** The rest of a block of the provider's own: each field comes whole, and a later one replaces it. */
  private fill({ type: _type, ...fields }: AnthropicDelta, index: number): void {
    const own = this.verbatim.get(index);
    if (own === undefined) return;
    const block = { ...own.block, ...(kept(fields) as Record<string, unknown>) };
    this.verbatim.set(index, { ...own, block });
    this.showVerbatim(index);
  }

  private readInput(fragment: string, index: number): void {
    const own = this.verbatim.get(index);
    if (own !== undefined) {
      own.rawInput += fragment;
    } else if (fragment !== "") {
      this.inputs.delete(index);
      this.answer.content.toolCall({ index, arguments: fragment });
    }
  }

  /** A signature belongs to its block unchanged; thinking that is not shown has nothing else. */
  private sign(signature: unknown, index: number): void {
    if (typeof signature !== "string" || signature === "") return;
    this.answer.content.ensureThinking(index);
    this.answer.content.annotate(this.metadata({ signature }), index);
  }

  private cite(citation: unknown, index: number): void {
    const copy = kept(citation);
    const citations = [...(this.citations.get(index) ?? []), copy];
    this.citations.set(index, citations);
    this.answer.collect("citations", [copy]);
    this.answer.content.annotate(this.metadata({ citations }), index);
  }

  /** A block is at its end. */
  private complete(index: number): void {
    const input = this.inputs.get(index);
    if (input !== undefined) {
      this.inputs.delete(index);
      this.answer.content.toolCall({ index, arguments: input });
    }
    // Citations may come before the first words of their text.
    const citations = this.citations.get(index);
    if (citations !== undefined) this.answer.content.annotate(this.metadata({ citations }), index);
    const own = this.verbatim.get(index);
    if (own === undefined) return;
    if (own.rawInput !== "") {
      const block = { ...own.block, input: parsed(own.rawInput) };
      this.verbatim.set(index, { block, rawInput: "" });
      this.showVerbatim(index);
    }
    // For the reader too, where there is something to read.
    if (own.block["type"] !== "redacted_thinking")
      this.answer.collect("providerBlocks", [this.verbatim.get(index)?.block]);
    this.verbatim.delete(index);
  }

  private showVerbatim(index: number): void {
    const block = this.verbatim.get(index)?.block;
    this.answer.content.annotate(this.metadata({ block }), index);
  }

  /** What stands beside the content, at the beginning or the end of an answer. */
  private note(answer: AnthropicAnswer): void {
    const noted: Record<string, unknown> = {};
    for (const [field, name] of NOTED) if (isFilled(answer[field])) noted[name] = kept(answer[field]);
    this.answer.note(noted);
  }

  /** What stands at the end of an answer. */
  private close(answer: AnthropicAnswer): void {
    const stopSequence = textOf(answer.stop_sequence);
    if (stopSequence !== undefined) this.answer.note({ stopSequence });
    this.note(answer);
    this.count(answer.usage);
    const reason = textOf(answer.stop_reason);
    if (!reason) return;
    const known = Object.hasOwn(FINISH_REASONS, reason) ? FINISH_REASONS[reason] : undefined;
    this.answer.finish(known ?? "other", reason);
  }

  /** A later report may hold only what changed: the sums are made of the newest of all its fields. */
  private count(usage: AnthropicUsage | null | undefined): void {
    if (typeof usage !== "object" || usage === null) return;
    const reported = Object.entries(usage).filter(([, value]) => value !== null && value !== undefined);
    this.tokens = { ...this.tokens, ...(kept(Object.fromEntries(reported)) as AnthropicUsage) };
    const serviceTier = textOf(this.tokens.service_tier);
    if (serviceTier) this.answer.noteOnce("serviceTier", serviceTier);
    this.answer.usage(readUsage(this.tokens));
  }

  private callMetadata({
    caller,
    toolset_name: toolset,
  }: AnthropicContentBlock): ProviderMetadata | undefined {
    const toolsetName = textOf(toolset);
    const isIndirect = isFilled(caller) && (caller as { type?: unknown }).type !== "direct";
    if (!isIndirect && !toolsetName) return undefined;
    return this.metadata({
      ...(isIndirect && { caller: kept(caller) }),
      ...(toolsetName && { toolsetName }),
    });
  }

  private metadata(values: Record<string, unknown>): ProviderMetadata {
    return { [this.options.provider]: values };
  }
}

function indexOf(value: unknown): number {
  return countOf(value) ?? 0;
}

function isFilled(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

/** The input of a tool that the provider runs itself; cut, it goes back as the text that it is. */
function parsed(rawInput: string): unknown {
  try {
    return JSON.parse(rawInput);
  } catch {
    return { invalid_arguments: rawInput };
  }
}

/** Usage in our inclusive form: the wire counts cached tokens beside the input (wire notes 5.5, 2026-11). */
function readUsage(usage: AnthropicUsage): ChatUsage {
  const passes = ownPasses(usage.iterations);
  const total = (field: Exclude<keyof AnthropicPass, "type">): number | undefined =>
    sum(passes.map((pass) => countOf(pass[field]))) ?? countOf(usage[field]);
  const cacheRead = total("cache_read_input_tokens");
  const cacheWrite = total("cache_creation_input_tokens");
  const fresh = total("input_tokens");
  const input = fresh === undefined ? undefined : fresh + (cacheRead ?? 0) + (cacheWrite ?? 0);
  const output = total("output_tokens");
  const reasoning = countOf(usage.output_tokens_details?.thinking_tokens);
  return {
    ...(input !== undefined && { inputTokens: input }),
    ...(output !== undefined && { outputTokens: output }),
    ...(input !== undefined && output !== undefined && { totalTokens: input + output }),
    ...(cacheRead !== undefined && { cacheReadTokens: cacheRead }),
    ...(cacheWrite !== undefined && { cacheWriteTokens: cacheWrite }),
    ...(reasoning !== undefined && { reasoningTokens: reasoning }),
    raw: { ...usage },
  };
}

/** Passes of the model that was asked, or of the one that stood in for it; an adviser is another model at another price. */
const OWN_PASSES: ReadonlySet<unknown> = new Set(["message", "compaction", "fallback_message"]);

/** The passes of an answer that was compacted, or begun again, on its way: the totals leave out some of them. */
function ownPasses(iterations: AnthropicUsage["iterations"]): readonly AnthropicPass[] {
  return listOf(iterations).filter((pass): pass is AnthropicPass => OWN_PASSES.has(pass?.type));
}

/** Undefined where none of them is known. */
function sum(counts: readonly (number | undefined)[]): number | undefined {
  const known = counts.filter((count) => count !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, count) => total + count);
}
