import type { ModelError } from "../error/model-error.ts";
import type { ContentBlock, ProviderMetadata } from "../message/content-block.ts";
import type { OpenAIChatEvent, OpenAIChoice, OpenAIDelta, OpenAIToolCallDelta } from "../wire/openai-chat.ts";
import type { FinishReason } from "./chat-response.ts";
import type { ContentBuilder } from "./content-builder.ts";
import { EchoedText } from "./echoed-text.ts";
import type { EventReducer } from "./http-answer.ts";
import { LazyMap } from "./lazy-map.ts";
import { readOpenAIUsage } from "./openai-usage.ts";
import type { ResponseAccumulator } from "./response-accumulator.ts";
import { ThinkTagSplitter } from "./think-tags.ts";
import { countOf, kept, listOf, mediaSourceOf, textOf } from "./tolerant-values.ts";

/** What the reducer is told of the call and the server. */
export interface OpenAIReducerOptions {
  readonly provider: string;
  /** Media type of spoken answers. @default "audio/pcm" */
  readonly audioType?: string | undefined;
  /** Whether `<think>` tags in the text are reasoning. */
  readonly thinkTags?: boolean | undefined;
  /** Whether an answer that is whole as JSON is the end, whatever is called beside it. */
  readonly jsonCounts?: boolean | undefined;
  /** A text that the answer may begin by repeating. */
  readonly echo?: string | undefined;
  /** Makes the error for an error inside an answer. */
  readonly failure: (body: unknown) => ModelError;
}

/** Finish reasons of OpenAI and of servers that speak its wire (wire notes 1.2, 2026-11). */
const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  eos: "stop",
  eos_token: "stop",
  end: "stop",
  end_turn: "stop",
  length: "length",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_calls: "tool_calls",
  function_call: "tool_calls",
  content_filter: "content_filter",
  error: "error",
  abort: "error",
};

/** Log probabilities by their fields: of the answer, of a refusal, and (DeepSeek) of the reasoning. */
const LOGPROBS = [
  ["content", "logprobs"],
  ["refusal", "refusalLogprobs"],
  ["reasoning_content", "reasoningLogprobs"],
] as const;

/** The server gave up for its own reasons: worth another try, so not a way to finish. */
const FAILED_REASONS: ReadonlySet<string> = new Set(["insufficient_system_resource", "aborted"]);

/** Reads the OpenAI chat wire, as OpenAI and the many servers that imitate it really send it. */
export class OpenAIChatReducer implements EventReducer {
  private readonly answer: ResponseAccumulator;
  private readonly options: OpenAIReducerOptions;
  private readonly refused = new LazyMap<number, true>();
  private readonly splitters = new LazyMap<number, ThinkTagSplitter>();
  private readonly details = new LazyMap<ContentBuilder, Map<string, Record<string, unknown>>>();
  private readonly audio = new LazyMap<number, Record<string, unknown>>();
  private readonly filterResults = new LazyMap<string, unknown>();
  /** The lists of sources last noted, as JSON. */
  private readonly sources = new LazyMap<string, string>();
  private readonly echo: EchoedText | undefined;

  constructor(answer: ResponseAccumulator, options: OpenAIReducerOptions) {
    this.answer = answer;
    this.options = options;
    this.echo = options.echo === undefined ? undefined : new EchoedText(options.echo);
  }

  event(event: unknown, name?: string): boolean {
    if (name === "error") throw this.options.failure(event);
    this.read(event, false);
    return false;
  }

  whole(body: unknown): void {
    this.read(body, true);
  }

  end(): void {
    const heldBack = this.echo?.rest();
    if (heldBack) this.answer.choice(0).text(heldBack);
    for (const [index, splitter] of this.splitters) splitter.flush(this.answer.choice(index));
  }

  private read(body: unknown, isWhole: boolean): void {
    // Some servers answer with a list of one.
    const event = ((Array.isArray(body) ? body[0] : body) ?? {}) as OpenAIChatEvent & {
      object?: unknown;
      message?: unknown;
      code?: unknown;
    };
    if (isErrorEvent(event)) throw this.options.failure(event.x_groq?.error ? event.x_groq : event);
    this.answer.identify(textOf(event.id), textOf(event.model));
    const fingerprint = textOf(event.system_fingerprint);
    if (fingerprint) this.answer.noteOnce("systemFingerprint", fingerprint);
    const serviceTier = textOf(event.service_tier);
    if (serviceTier) this.answer.noteOnce("serviceTier", serviceTier);
    const promptFilter = listOf(event.prompt_filter_results);
    if (promptFilter.length > 0) this.answer.note({ promptFilterResults: kept(promptFilter) });
    if (event.citations || event.search_results) this.cite(event);
    this.noteExtras(event);
    const choices = listOf(event.choices);
    // Here and below by index: entries() makes three objects for each choice of each event.
    for (let position = 0; position < choices.length; position++) {
      const choice = choices[position];
      if (choice) this.readChoice(choice, countOf(choice.index) ?? position, isWhole);
    }
    const usage = event.usage ?? event.x_groq?.usage ?? choices[0]?.usage;
    if (usage) this.answer.usage(readOpenAIUsage(usage));
  }

  /** What some servers tell beside the answer. */
  private noteExtras({ moderation, provider, timings, prompt_progress: progress }: OpenAIChatEvent): void {
    if (moderation) this.answer.note({ moderation: kept(moderation) });
    if (textOf(provider)) this.answer.noteOnce("upstreamProvider", provider as string);
    if (timings) this.answer.note({ timings: kept(timings) });
    if (progress) this.answer.note({ promptProgress: kept(progress) });
  }

  private readChoice(choice: OpenAIChoice, index: number, isWhole: boolean): void {
    // An error here may stand beside a finish reason "error".
    if (choice.error) throw this.options.failure({ error: choice.error });
    const content = this.answer.choice(index);
    // A stream's last event may repeat the whole message: then only its delta counts.
    const delta = isWhole ? choice.message : choice.delta;
    if (delta) this.readDelta(delta, content, index, isWhole);
    if (index === 0) this.readFirstChoice(choice);
    // An empty reason is no reason; a later chunk without one does not clear it.
    const reason = textOf(choice.finish_reason);
    if (reason) this.finish(reason, content, index);
  }

  /** What the response tells of one answer only, which is the first of several. */
  private readFirstChoice(choice: OpenAIChoice): void {
    if (choice.logprobs) this.collectLogprobs(choice.logprobs);
    if (choice.content_filter_results) this.judge(choice.content_filter_results);
    const nativeReason = textOf(choice.native_finish_reason);
    if (nativeReason) this.answer.noteOnce("nativeFinishReason", nativeReason);
    const stop = choice.stop_reason;
    if (typeof stop === "string" || typeof stop === "number") this.answer.note({ stopSequence: stop });
  }

  private collectLogprobs(logprobs: NonNullable<OpenAIChoice["logprobs"]>): void {
    for (const [field, name] of LOGPROBS) {
      const tokens = listOf(logprobs[field]);
      if (tokens.length > 0) this.answer.collect(name, kept(tokens));
    }
  }

  private readDelta(delta: OpenAIDelta, content: ContentBuilder, index: number, isWhole: boolean): void {
    // Some servers send the same reasoning in two fields: the first that holds something counts.
    const thinking =
      textOf(delta.reasoning_content) || textOf(delta.reasoning) || textOf(delta.reasoning_text);
    if (thinking) content.thinking(thinking);
    const details = listOf(delta.reasoning_details);
    if (details.length > 0) this.keepDetails(details, content);
    if (delta.content) this.readContent(delta.content, content, index);
    const refusal = textOf(delta.refusal);
    if (refusal) {
      this.refused.set(index, true);
      content.text(refusal);
      content.annotate({ [this.options.provider]: { refusal: true } });
    }
    if (delta.audio) this.readAudio(delta.audio, content, index);
    for (const image of listOf(delta.images)) readImage(image, content);
    const annotations = listOf(delta.annotations);
    if (annotations.length > 0) this.answer.collect("citations", kept(annotations));
    const listed = listOf(delta.tool_calls);
    const calls = listed.length === 0 ? singleCall(delta.function_call) : listed;
    if (calls.length > 0 && this.options.jsonCounts && isJsonAnswer(content.content)) return;
    for (let position = 0; position < calls.length; position++) {
      const call = calls[position];
      if (typeof call !== "object" || call === null) continue;
      this.splitters.get(index)?.flush(content);
      const name = textOf(call.function?.name);
      content.toolCall({
        // The calls of a whole answer are whole: their place tells them apart, whatever their ids.
        index: countOf(call.index) ?? (isWhole ? position : undefined),
        id: textOf(call.id),
        name,
        arguments: call.function?.arguments,
        // Nobody sends two pieces of a call at once: what is named beside another call is one of its own.
        begins: position > 0 && Boolean(name),
        providerMetadata: call.extra_content
          ? this.metadata({ extraContent: kept(call.extra_content) })
          : undefined,
      });
    }
  }

  /** Content is a string, or (Mistral) a list of parts. */
  private readContent(value: unknown, content: ContentBuilder, index: number): void {
    if (typeof value === "string") {
      this.readText(value, content, index);
      return;
    }
    if (!Array.isArray(value)) return;
    for (const part of value as ({ type?: string; text?: unknown; thinking?: unknown } | null)[]) {
      if (!part) continue;
      if (typeof part.text === "string") this.readText(part.text, content, index);
      else if (typeof part.thinking === "string") content.thinking(part.thinking);
      else if (Array.isArray(part.thinking)) {
        for (const piece of part.thinking as ({ text?: unknown } | null)[]) {
          if (typeof piece?.text === "string") content.thinking(piece.text);
        }
      } else {
        this.answer.warn({
          option: "content",
          reason: `A part of type ${String(part.type)} in the answer is not known; it was left out.`,
        });
      }
    }
  }

  private readText(received: string, content: ContentBuilder, index: number): void {
    const text = this.echo === undefined ? received : this.echo.strip(received);
    if (text === "") return;
    if (!this.options.thinkTags) {
      content.text(text);
      return;
    }
    let splitter = this.splitters.get(index);
    if (splitter === undefined) this.splitters.set(index, (splitter = new ThinkTagSplitter()));
    splitter.push(text, content);
  }

  private finish(raw: string, content: ContentBuilder, index: number): void {
    this.splitters.get(index)?.flush(content);
    if (FAILED_REASONS.has(raw)) {
      const message = "The provider gave up in the middle of the answer";
      throw this.options.failure({ error: { message, type: "overloaded_error", code: raw } });
    }
    const known = Object.hasOwn(FINISH_REASONS, raw) ? FINISH_REASONS[raw] : undefined;
    const reason = this.refused.has(index) && raw === "stop" ? "content_filter" : (known ?? "other");
    this.answer.finish(reason, raw, index);
  }

  private readAudio(audio: NonNullable<OpenAIDelta["audio"]>, content: ContentBuilder, index: number): void {
    const [id, data, transcript] = [textOf(audio.id), textOf(audio.data), textOf(audio.transcript)];
    const expiresAt = countOf(audio.expires_at);
    // The id may come before the first sound, when there is no block yet that could bear it.
    const known = { ...this.audio.get(index), ...(id && { audioId: id }), ...(expiresAt && { expiresAt }) };
    this.audio.set(index, known);
    if (data) content.base64(data, this.options.audioType ?? "audio/pcm", "audio");
    if (transcript) {
      content.text(transcript, "transcript");
      // What was said is known to the provider by the audio's id: the text is for the reader, it does not go back.
      content.annotate(this.metadata({ isTranscript: true }), "transcript");
    }
    if (Object.keys(known).length > 0) content.annotate(this.metadata(known), "audio");
  }

  /** OpenRouter's reasoning details go back unchanged; pieces of the same index and type are one. */
  private keepDetails(pieces: readonly unknown[], content: ContentBuilder): void {
    let details = this.details.get(content);
    if (details === undefined) this.details.set(content, (details = new Map()));
    for (const piece of kept(pieces) as Record<string, unknown>[]) {
      const key = `${String(piece["index"])} ${String(piece["type"])}`;
      const before = details.get(key);
      details.set(key, before === undefined ? piece : joinDetail(before, piece));
    }
    content.ensureThinking();
    // All so far: a piece that comes late may belong to an earlier block.
    content.annotate(this.metadata({ reasoningDetails: [...details.values()] }));
  }

  /** Where an answer is from. What Perplexity found is its citations where it gives no list of them, which are mere addresses. */
  private cite({ citations, search_results: results }: OpenAIChatEvent): void {
    const cited = this.newSources("citations", citations);
    if (cited !== undefined) this.answer.note({ citations: cited });
    const found = this.newSources("searchResults", results);
    if (found === undefined) return;
    this.answer.note({ searchResults: found });
    if (this.sources.get("citations") === undefined) this.answer.note({ citations: found });
  }

  /** A copy of the list, unless it repeats the one before: Perplexity sends the whole with every event, xAI once. */
  private newSources(
    name: string,
    received: readonly unknown[] | null | undefined,
  ): readonly unknown[] | undefined {
    const list = listOf(received);
    if (list.length === 0) return undefined;
    const text = JSON.stringify(list);
    if (text === this.sources.get(name)) return undefined;
    this.sources.set(name, text);
    return kept(list);
  }

  /** Azure judges every stretch of the text: the worst judgement of each category counts. */
  private judge(results: Record<string, unknown>): void {
    let isWorse = false;
    for (const [category, result] of Object.entries(results)) {
      const before = this.filterResults.get(category);
      if (before !== undefined && harmOf(before) >= harmOf(result)) continue;
      this.filterResults.set(category, kept(result));
      isWorse = true;
    }
    if (isWorse) this.answer.note({ contentFilterResults: Object.fromEntries(this.filterResults) });
  }

  private metadata(values: Record<string, unknown>): ProviderMetadata {
    return { [this.options.provider]: values };
  }
}

/** A call in the form of before there could be several; some servers send an empty one with every event. */
function singleCall(call: OpenAIDelta["function_call"]): readonly OpenAIToolCallDelta[] {
  return call?.name || call?.arguments ? [{ index: 0, function: call }] : [];
}

function joinDetail(
  before: Record<string, unknown>,
  piece: Record<string, unknown>,
): Record<string, unknown> {
  // Not by assignment: a provider's `__proto__` must stay an ordinary field.
  const joined = new Map(Object.entries(before));
  for (const [name, value] of Object.entries(piece)) {
    const grows = name === "text" || name === "summary" || name === "data";
    if (grows && typeof value === "string" && typeof before[name] === "string")
      joined.set(name, before[name] + value);
    else if (value !== null && value !== undefined) joined.set(name, value);
  }
  return Object.fromEntries(joined);
}

/** How bad a judgement of Azure's content filter is. */
function harmOf(result: unknown): number {
  const { filtered, detected, severity } = (result ?? {}) as Record<string, unknown>;
  if (filtered === true) return SEVERITIES.length + 1;
  return detected === true ? SEVERITIES.length : SEVERITIES.indexOf(String(severity));
}

const SEVERITIES: readonly string[] = ["safe", "low", "medium", "high"];

/** Errors inside a stream: `{error: ...}`, `{object: "error", message}`, `{code, message}` without choices. */
function isErrorEvent(
  event: OpenAIChatEvent & { object?: unknown; message?: unknown; code?: unknown; type?: unknown },
): boolean {
  if (event.error) return true;
  if (event.x_groq?.error || event.base_resp?.status_code) return true;
  if (event.object === "error" || event.type === "error") return true;
  return event.choices === undefined && event.code !== undefined && typeof event.message === "string";
}

/** Whether what was said is a whole JSON answer. */
function isJsonAnswer(content: readonly ContentBlock[]): boolean {
  const said = content.map((block) => (block.type === "text" ? block.text : "")).join("");
  try {
    return typeof JSON.parse(said) === "object";
  } catch {
    return false;
  }
}

function readImage(image: unknown, content: ContentBuilder): void {
  const url = (image as { image_url?: { url?: unknown } } | null)?.image_url?.url;
  if (typeof url === "string") content.data({ source: mediaSourceOf(url, "image/*") });
}
