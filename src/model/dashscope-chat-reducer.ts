import type { ModelError } from "../error/model-error.ts";
import type {
  DashScopeAnswerPart,
  DashScopeChoice,
  DashScopeDelta,
  DashScopeEvent,
  DashScopeUsage,
} from "../wire/dashscope.ts";
import type { FinishReason } from "./chat-response.ts";
import type { ContentBuilder } from "./content-builder.ts";
import type { EventReducer } from "./http-answer.ts";
import { LazyMap } from "./lazy-map.ts";
import type { ResponseAccumulator, UsageUpdate } from "./response-accumulator.ts";
import { countOf, kept, listOf, mediaSourceOf, textOf } from "./tolerant-values.ts";

/** What the reducer is told of the call. */
export interface DashScopeReducerOptions {
  /** Whether every event repeats all of the text and the arguments so far; reasoning comes in pieces all the same. */
  readonly isCumulative?: boolean | undefined;
  /** Makes the error for an error inside an answer. */
  readonly failure: (body: unknown) => ModelError;
}

/** Why an answer ends (wire notes 7.7, 2026-11). */
const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool_calls",
  function_call: "tool_calls",
  content_filter: "content_filter",
  error: "error",
};

/** While an answer goes on, its finish reason is this word and not null. */
const RUNNING = "null";

const STATUS_COMMENT = "HTTP_STATUS/";

/** Reads DashScope's own wire. */
export class DashScopeChatReducer implements EventReducer {
  private readonly answer: ResponseAccumulator;
  private readonly options: DashScopeReducerOptions;
  /** All so far of each text and each call, where events repeat it. */
  private readonly soFar = new LazyMap<string, string>();
  private statusComment = "";
  private searchResults = "";
  private hasSound = false;

  constructor(answer: ResponseAccumulator, options: DashScopeReducerOptions) {
    this.answer = answer;
    this.options = options;
  }

  event(event: unknown, name?: string): boolean {
    if (name === "error") throw this.failureOf(event);
    this.read(event, false);
    return name === "done";
  }

  /** Before its data every event says an HTTP status: only an error's matters, and its answer's head may say another one. */
  comment(text: string): void {
    if (text.startsWith(STATUS_COMMENT)) this.statusComment = text;
  }

  whole(body: unknown): void {
    this.read(body, true);
  }

  private read(body: unknown, isWhole: boolean): void {
    const event = (body ?? {}) as DashScopeEvent & { error?: unknown };
    const { output } = event;
    if (event.error || (event.code && !output)) throw this.failureOf(event);
    const requestId = textOf(event.request_id);
    if (requestId) {
      this.answer.identify(requestId);
      this.answer.noteFirst("requestId", requestId);
    }
    if (output) this.readOutput(output, isWhole);
    // Every event has it, as of now; the record itself is copied of the last one only.
    if (event.usage) {
      this.answer.usage(readUsage(event.usage));
      if (this.answer.isFinished) this.answer.usage({ raw: { ...kept(event.usage) } });
    }
  }

  private readOutput(output: NonNullable<DashScopeEvent["output"]>, isWhole: boolean): void {
    const results = listOf(output.search_info?.search_results);
    if (results.length > 0) this.noteSearch(results);
    const choices = listOf(output.choices);
    // Here and below by index: entries() makes three objects for each choice of each event.
    for (let position = 0; position < choices.length; position++) {
      const choice = choices[position];
      if (choice) this.readChoice(choice, countOf(choice.index) ?? position, isWhole);
    }
    // The older form `text` has one answer and no message.
    if (choices.length === 0) {
      this.readText(textOf(output.text), this.answer.content, 0);
      this.finish(textOf(output.finish_reason), 0);
    }
    if (output.audio) this.readSound(output.audio);
  }

  private readChoice(choice: DashScopeChoice, index: number, isWhole: boolean): void {
    if (choice.message) this.readMessage(choice.message, index, isWhole);
    const logprobs = listOf(choice.logprobs?.content);
    if (logprobs.length > 0 && index === 0) this.answer.collect("logprobs", kept(logprobs));
    this.finish(textOf(choice.finish_reason), index);
  }

  private readMessage(message: DashScopeDelta, index: number, isWhole: boolean): void {
    const content = this.answer.choice(index);
    const reasoning = textOf(message.reasoning_content);
    if (reasoning) content.thinking(reasoning);
    if (typeof message.content === "string") this.readText(message.content, content, index);
    else for (const part of listOf(message.content)) this.readPart(part, content, index);
    const annotations = listOf(message.annotations);
    if (annotations.length > 0) this.answer.collect("annotations", kept(annotations));
    const calls = listOf(message.tool_calls);
    for (let position = 0; position < calls.length; position++) {
      const call = calls[position];
      if (typeof call !== "object" || call === null) continue;
      // The calls of a whole answer are whole: their place tells them apart, whatever their ids.
      const callIndex = countOf(call.index) ?? (isWhole ? position : undefined);
      const fragment = call.function?.arguments;
      content.toolCall({
        index: callIndex,
        id: textOf(call.id),
        name: textOf(call.function?.name),
        arguments:
          typeof fragment === "string" ? this.added(`call ${index} ${callIndex ?? ""}`, fragment) : fragment,
      });
    }
  }

  /** The multimodal endpoint answers with a list of parts, which tell their kind by the name of their field. */
  private readPart(part: DashScopeAnswerPart | null, content: ContentBuilder, index: number): void {
    if (typeof part !== "object" || part === null) return;
    if (part.text !== undefined) this.readText(textOf(part.text), content, index);
    for (const kind of MEDIA) {
      const address = textOf(part[kind]);
      if (address) content.data({ source: mediaSourceOf(address, `${kind}/*`) });
    }
    if (part.ocr_result) this.answer.collect("ocrResults", [kept(part.ocr_result)]);
    const unknown = Object.keys(part).find((kind) => !KNOWN_PARTS.has(kind));
    if (unknown !== undefined) {
      this.answer.warn({
        option: "content",
        reason: `A part "${unknown}" in the answer is not known; it was left out.`,
      });
    }
  }

  private readText(text: string | undefined, content: ContentBuilder, index: number): void {
    if (text) content.text(this.added(`text ${index}`, text));
  }

  /** What a piece adds to the ones before it. */
  private added(key: string, piece: string): string {
    if (!this.options.isCumulative) return piece;
    const before = this.soFar.get(key) ?? "";
    // What has been shown stays: a piece that does not repeat it is taken for the next one.
    const isRepeated = piece.startsWith(before);
    this.soFar.set(key, isRepeated ? piece : before + piece);
    return isRepeated ? piece.slice(before.length) : piece;
  }

  private finish(raw: string | undefined, index: number): void {
    if (!raw || raw === RUNNING) return;
    const known = Object.hasOwn(FINISH_REASONS, raw) ? FINISH_REASONS[raw] : undefined;
    this.answer.finish(known ?? "other", raw, index);
  }

  /** Sound comes in pieces; the address of all of it, at the end, is for answers that had none. */
  private readSound(audio: { data?: string | null; url?: string | null }): void {
    const [data, url] = [textOf(audio.data), textOf(audio.url)];
    if (data) {
      this.hasSound = true;
      this.answer.content.base64(data, "audio/pcm", "audio");
    } else if (url && !this.hasSound) {
      this.hasSound = true;
      this.answer.content.data({ source: { type: "url", url, mediaType: "audio/wav" } });
    }
  }

  /** The results are the same in every event that has them. */
  private noteSearch(results: readonly unknown[]): void {
    const text = JSON.stringify(results);
    if (text === this.searchResults) return;
    this.searchResults = text;
    this.answer.note({ citations: kept(results) });
  }

  private failureOf(event: unknown): ModelError {
    const status = Number(this.statusComment.slice(STATUS_COMMENT.length));
    const isTold = status >= 400 && typeof event === "object";
    return this.options.failure(isTold ? { status_code: status, ...event } : event);
  }
}

const MEDIA = ["image", "audio", "video"] as const;

const KNOWN_PARTS: ReadonlySet<string> = new Set(["text", "ocr_result", ...MEDIA]);

/** Usage in our inclusive form (wire notes 1.3 and 7.7, 2026-11): cached tokens are in the input, reasoning is in the output. */
function readUsage(usage: DashScopeUsage): UsageUpdate {
  const inputTokens = countOf(usage.input_tokens);
  const outputTokens = countOf(usage.output_tokens);
  const sum =
    inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens;
  return {
    inputTokens,
    outputTokens,
    totalTokens: countOf(usage.total_tokens) ?? sum,
    cacheReadTokens: countOf(usage.prompt_tokens_details?.cached_tokens),
    cacheWriteTokens: countOf(usage.prompt_tokens_details?.cache_creation_input_tokens),
    reasoningTokens: countOf(usage.output_tokens_details?.reasoning_tokens),
  };
}
