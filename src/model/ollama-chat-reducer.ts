import type { ModelError } from "../error/model-error.ts";
import type { OllamaChatEvent, OllamaMessageEvent, OllamaToolCallEvent } from "../wire/ollama.ts";
import type { ChatUsage, FinishReason } from "./chat-response.ts";
import type { EventReducer } from "./http-answer.ts";
import type { ResponseAccumulator } from "./response-accumulator.ts";
import { ThinkTagSplitter } from "./think-tags.ts";
import { countOf, textOf } from "./tolerant-values.ts";

/** Why Ollama stops (wire notes 1.2, 2026-11). A call of a tool is no reason of its own: it stays `stop`. */
const FINISH_REASONS: Readonly<Record<string, FinishReason>> = { stop: "stop", length: "length" };

/** The figures of the last line. */
const FIGURES = [
  "prompt_eval_count",
  "eval_count",
  "total_duration",
  "load_duration",
  "prompt_eval_duration",
  "eval_duration",
] as const;

const NANOSECONDS_PER_MS = 1_000_000;

const OPEN_TAG = "<think>";

/** As much blank text may stand before the tag: more is the answer itself, and would be looked at again and again. */
const MAX_HELD_LENGTH = 64;

/** Reads Ollama's own wire. */
export class OllamaChatReducer implements EventReducer {
  private readonly answer: ResponseAccumulator;
  private readonly failure: (body: unknown) => ModelError;
  private calls = 0;
  /** The beginning of the text, until it is clear whether it opens with a tag. */
  private held = "";
  private isDecided = false;
  private splitter: ThinkTagSplitter | undefined;

  /** @param failure makes the error for an error inside an answer */
  constructor(answer: ResponseAccumulator, failure: (body: unknown) => ModelError) {
    this.answer = answer;
    this.failure = failure;
  }

  event(event: unknown): boolean {
    return this.read(event);
  }

  whole(body: unknown): void {
    this.read(body);
  }

  /** Returns whether it was the last line. */
  private read(body: unknown): boolean {
    const event = (body ?? {}) as OllamaChatEvent;
    if (event.error) throw this.failure(event);
    this.answer.identify(undefined, textOf(event.model));
    const { message, logprobs } = event;
    if (message) this.readMessage(message);
    // What outlives its event is copied.
    if (Array.isArray(logprobs)) this.answer.collect("logprobs", structuredClone(logprobs));
    if (event.done !== true) return false;
    this.readEnd(event);
    return true;
  }

  private readMessage(message: OllamaMessageEvent): void {
    const thinking = textOf(message.thinking);
    if (thinking) {
      this.flush();
      this.answer.content.thinking(thinking);
    }
    const text = textOf(message.content);
    if (text) this.readText(text);
    if (Array.isArray(message.tool_calls)) this.readCalls(message.tool_calls);
  }

  private readCalls(calls: readonly unknown[]): void {
    this.flush();
    for (const each of calls) {
      if (typeof each !== "object" || each === null) continue;
      const call = each as OllamaToolCallEvent;
      this.answer.content.toolCall({
        // Every call comes whole: its place tells it apart, whatever its id, if it has one.
        index: this.calls++,
        id: textOf(call.id),
        name: textOf(call.function?.name),
        arguments: call.function?.arguments,
      });
    }
  }

  /**
   * Old servers, and templates that know of no reasoning, leave it in the text between tags. Only an answer that opens with
   * one is read so: a tag further on is what the model writes about.
   */
  private readText(text: string): void {
    if (this.isDecided) {
      this.write(text);
      return;
    }
    this.held += text;
    const beginning = this.held.trimStart().slice(0, OPEN_TAG.length);
    const isOpen = beginning === OPEN_TAG;
    if (isOpen || !OPEN_TAG.startsWith(beginning) || this.held.length > MAX_HELD_LENGTH) this.decide(isOpen);
  }

  private decide(hasTags: boolean): void {
    const { held } = this;
    this.isDecided = true;
    this.held = "";
    if (hasTags) this.splitter = new ThinkTagSplitter();
    this.write(held);
  }

  private write(text: string): void {
    if (this.splitter === undefined) this.answer.content.text(text);
    else this.splitter.push(text, this.answer.content);
  }

  /** The text is over, or something else follows it: nothing of it is held back any more. */
  private flush(): void {
    if (!this.isDecided) this.decide(false);
    this.splitter?.flush(this.answer.content);
  }

  private readEnd(event: OllamaChatEvent): void {
    this.flush();
    // Older servers say only that they are done.
    const raw = textOf(event.done_reason);
    const known = Object.hasOwn(FINISH_REASONS, raw ?? "stop") ? FINISH_REASONS[raw ?? "stop"] : undefined;
    this.answer.finish(known ?? "other", raw);
    const remoteModel = textOf(event.remote_model);
    const remoteHost = textOf(event.remote_host);
    this.answer.note({ ...(remoteModel && { remoteModel }), ...(remoteHost && { remoteHost }) });
    this.readFigures(event);
  }

  private readFigures(event: OllamaChatEvent): void {
    const raw: Partial<Record<(typeof FIGURES)[number], number>> = {};
    for (const name of FIGURES) {
      const figure = countOf(event[name]);
      if (figure !== undefined) raw[name] = figure;
    }
    if (Object.keys(raw).length === 0) return;
    this.answer.usage(toUsage(raw.prompt_eval_count, raw.eval_count, raw));
    const timings = {
      ...milliseconds("totalMs", raw.total_duration),
      ...milliseconds("loadMs", raw.load_duration),
      ...milliseconds("promptEvalMs", raw.prompt_eval_duration),
      ...milliseconds("evalMs", raw.eval_duration),
    };
    if (Object.keys(timings).length > 0) this.answer.note({ timings });
  }
}

/** Reasoning is part of what was evaluated; a prompt that came out of the cache is not counted by the server. */
function toUsage(
  input: number | undefined,
  output: number | undefined,
  raw: Readonly<Record<string, unknown>>,
): ChatUsage {
  return {
    ...(input !== undefined && { inputTokens: input }),
    ...(output !== undefined && { outputTokens: output }),
    ...(input !== undefined && output !== undefined && { totalTokens: input + output }),
    raw,
  };
}

function milliseconds(name: string, nanoseconds: number | undefined): Readonly<Record<string, number>> {
  return nanoseconds === undefined ? {} : { [name]: nanoseconds / NANOSECONDS_PER_MS };
}
