import type { ModelError } from "../error/model-error.ts";
import type { ProviderMetadata } from "../message/content-block.ts";
import type {
  GeminiAnswerPart,
  GeminiCandidate,
  GeminiEvent,
  GeminiFunctionCall,
  GeminiUsage,
} from "../wire/gemini.ts";
import type { FinishReason } from "./chat-response.ts";
import type { ContentBuilder } from "./content-builder.ts";
import { GeminiPartialArgs } from "./gemini-partial-args.ts";
import type { EventReducer } from "./http-answer.ts";
import type { ResponseAccumulator, UsageUpdate } from "./response-accumulator.ts";
import { countOf, kept, listOf, textOf } from "./tolerant-values.ts";

/** What the reducer is told of the call. */
export interface GeminiReducerOptions {
  readonly provider: string;
  /** Makes the error for an error inside an answer. */
  readonly failure: (body: unknown) => ModelError;
}

/** Google's reference of `FinishReason`, checked 2026-11. */
const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  STOP: "stop",
  MAX_TOKENS: "length",
  CONTINUATION: "length",
  SAFETY: "content_filter",
  RECITATION: "content_filter",
  BLOCKLIST: "content_filter",
  PROHIBITED_CONTENT: "content_filter",
  SPII: "content_filter",
  IMAGE_SAFETY: "content_filter",
  IMAGE_PROHIBITED_CONTENT: "content_filter",
  IMAGE_RECITATION: "content_filter",
  MALFORMED_FUNCTION_CALL: "error",
  MALFORMED_RESPONSE: "error",
  UNEXPECTED_TOOL_CALL: "error",
  TOO_MANY_TOOL_CALLS: "error",
  MISSING_THOUGHT_SIGNATURE: "error",
};

/** What a candidate tells beside its content, by the name under which it stands in the response's metadata. */
const NOTED: Readonly<Partial<Record<keyof GeminiCandidate, string>>> = {
  groundingMetadata: "grounding",
  urlContextMetadata: "urlContext",
  safetyRatings: "safetyRatings",
  finishMessage: "finishMessage",
  avgLogprobs: "avgLogprobs",
  continuationToken: "continuationToken",
};
const NOTED_FIELDS = Object.keys(NOTED) as readonly (keyof GeminiCandidate)[];

/** Reads the Gemini wire. Every event is a small answer of its own: texts add up, everything else is whole. */
export class GeminiChatReducer implements EventReducer {
  private readonly answer: ResponseAccumulator;
  private readonly options: GeminiReducerOptions;
  private readonly readers = new Map<number, CandidateReader>();

  constructor(answer: ResponseAccumulator, options: GeminiReducerOptions) {
    this.answer = answer;
    this.options = options;
  }

  /** The wire has no end mark: an answer is over when the body is, if a reason was given. */
  event(event: unknown): boolean {
    this.read(event);
    return false;
  }

  whole(body: unknown): void {
    this.read(body);
  }

  end(): void {
    for (const reader of this.readers.values()) reader.closeCall();
  }

  private read(body: unknown): void {
    // Without `alt=sse` the stream is one list of events.
    if (Array.isArray(body)) {
      for (const each of body) this.read(each);
      return;
    }
    const event = (body ?? {}) as GeminiEvent;
    if (event.error) throw this.options.failure(event);
    this.answer.identify(textOf(event.responseId), textOf(event.modelVersion));
    const candidates = listOf(event.candidates);
    // By index: entries() makes three objects for each candidate of each event.
    for (let position = 0; position < candidates.length; position++) {
      const candidate = candidates[position];
      if (candidate) this.readCandidate(candidate, countOf(candidate.index) ?? position);
    }
    const { promptFeedback, modelStatus } = event;
    if (promptFeedback) this.answer.note({ promptFeedback: kept(promptFeedback) });
    if (modelStatus) this.answer.note({ modelStatus: kept(modelStatus) });
    const blocked = textOf(promptFeedback?.blockReason);
    if (blocked) this.answer.finish("content_filter", blocked);
    const usage = event.usageMetadata ? readUsage(event.usageMetadata, this.answer.isFinished) : undefined;
    if (usage !== undefined) this.answer.usage(usage);
  }

  private readCandidate(candidate: GeminiCandidate, index: number): void {
    let reader = this.readers.get(index);
    if (reader === undefined) {
      reader = new CandidateReader(this.answer.choice(index), this.options.provider);
      this.readers.set(index, reader);
    }
    for (const part of listOf(candidate.content?.parts)) if (part) reader.read(part);
    if (index === 0) this.note(candidate);
    const reason = textOf(candidate.finishReason);
    if (reason) this.finish(reason, candidate, index, reader);
  }

  /** Keeps what stands beside the content; grounding may come before the last event. */
  private note(candidate: GeminiCandidate): void {
    for (const field of NOTED_FIELDS) {
      const value = candidate[field];
      if (value !== undefined && value !== null && value !== "")
        this.answer.note({ [NOTED[field] as string]: kept(value) });
    }
    const { citationMetadata, logprobsResult } = candidate;
    const citations = citationMetadata?.citationSources ?? citationMetadata?.citations;
    if (Array.isArray(citations)) this.answer.note({ citations: kept(citations) });
    if (logprobsResult) this.answer.collect("logprobs", readLogprobs(logprobsResult));
  }

  private finish(raw: string, candidate: GeminiCandidate, index: number, reader: CandidateReader): void {
    reader.closeCall();
    const reason = (Object.hasOwn(FINISH_REASONS, raw) ? FINISH_REASONS[raw] : undefined) ?? "other";
    // An answer that failed and holds nothing is no answer: most of these failures pass when it is asked again.
    if (reason === "error" && index === 0 && !reader.hasAnswer) {
      const message = textOf(candidate.finishMessage) || "The model gave up before it said anything";
      throw this.options.failure({ error: { status: raw, message } });
    }
    this.answer.finish(reason, raw, index);
  }
}

/** Reads the parts of one candidate. */
class CandidateReader {
  private readonly content: ContentBuilder;
  private readonly provider: string;
  /** How many calls, and how many blocks with keys of their own, there have been. */
  private calls = 0;
  private keys = 0;
  /** Whether the last block bears a signature: it is whole, so what comes next is not part of it. */
  private isSigned = false;
  /** The arguments of a call that comes piece by piece. */
  private partial: GeminiPartialArgs | undefined;
  /** Whether there was more than thoughts. */
  hasAnswer = false;

  constructor(content: ContentBuilder, provider: string) {
    this.content = content;
    this.provider = provider;
  }

  read(part: GeminiAnswerPart): void {
    const text = part.text;
    const signature = part.thoughtSignature === undefined ? undefined : textOf(part.thoughtSignature);
    if (typeof text === "string") this.readText(text, part.thought === true, signature);
    else if (part.functionCall) this.readCall(part.functionCall, signature);
    else if (isNothing(part)) this.readText("", false, signature);
    else {
      this.closeCall();
      this.hasAnswer = true;
      this.readOther(part);
      this.isSigned = false;
      if (signature) this.sign(signature);
    }
  }

  /** The arguments of the open call are whole. */
  closeCall(): void {
    if (this.partial === undefined) return;
    this.content.toolCall({ index: this.calls - 1, arguments: this.partial.close() });
    this.partial = undefined;
  }

  private readText(text: string, isThought: boolean, signature: string | undefined): void {
    if (text !== "") {
      if (this.partial !== undefined) this.closeCall();
      const key = this.isSigned ? this.nextKey() : undefined;
      this.isSigned = false;
      if (isThought) this.content.thinking(text, key);
      else {
        this.hasAnswer = true;
        this.content.text(text, key);
      }
      if (signature) this.sign(signature);
    } else if (signature) {
      // The tail of the text before it; after anything else a part of its own, which must go back in its place.
      const { content } = this.content;
      if (this.isSigned || content.at(-1)?.type !== "text") this.content.ensureThinking(this.nextKey());
      this.sign(signature);
    }
  }

  private readCall(call: GeminiFunctionCall, signature: string | undefined): void {
    const name = textOf(call.name);
    const values = listOf(call.partialArgs);
    if (!name && this.partial !== undefined) {
      this.content.toolCall({ index: this.calls - 1, arguments: this.partial.add(values) });
      if (call.willContinue !== true) this.closeCall();
      return;
    }
    this.closeCall();
    const id = textOf(call.id);
    const isPartial = call.willContinue === true || values.length > 0;
    // The end of a call whose other pieces never came says nothing.
    if (!name && !id && call.args === undefined && !isPartial) return;
    this.hasAnswer = true;
    if (isPartial) this.partial = new GeminiPartialArgs();
    const own = { ...(id && { callId: id }), ...(signature && { thoughtSignature: signature }) };
    this.content.toolCall({
      index: this.calls++,
      id,
      name,
      arguments: this.partial?.add(values) ?? call.args ?? {},
      ...(Object.keys(own).length > 0 && { providerMetadata: this.metadata(own) }),
    });
    this.isSigned = signature !== undefined;
    if (call.willContinue !== true) this.closeCall();
  }

  private readOther(part: GeminiAnswerPart): void {
    const { inlineData, fileData } = part;
    const data = textOf(inlineData?.data);
    const url = textOf(fileData?.fileUri);
    if (data === undefined && url === undefined) {
      this.keep(part);
      return;
    }
    const mediaType = textOf((inlineData ?? fileData)?.mimeType) || "application/octet-stream";
    if (data !== undefined && mediaType.startsWith("audio/")) {
      // Speech comes in pieces, pictures come whole.
      const last = this.content.last;
      const isMore = !this.isSigned && last?.type === "data" && last.source.mediaType === mediaType;
      this.content.base64(data, mediaType, isMore ? this.lastKey : this.nextKey());
      return;
    }
    this.content.data({
      source:
        data === undefined
          ? { type: "url", url: url as string, mediaType }
          : { type: "base64", data, mediaType },
      // Pictures may be thoughts, too.
      ...(part.thought === true && { providerMetadata: this.metadata({ thought: true }) }),
    });
  }

  /** Keeps a part that only Google's tools make: to be looked at as a file, and to be sent back as it came. */
  private keep(part: GeminiAnswerPart): void {
    const { thoughtSignature: _signature, ...rest } = kept(part);
    const [text, mediaType, name] = asFile(rest);
    this.content.data({
      source: { type: "base64", data: Buffer.from(text).toString("base64"), mediaType },
      name,
      providerMetadata: this.metadata({ part: rest }),
    });
  }

  private sign(thoughtSignature: string): void {
    this.content.annotate(this.metadata({ thoughtSignature }));
    this.isSigned = true;
  }

  private nextKey(): string {
    this.keys += 1;
    return this.lastKey;
  }

  private get lastKey(): string {
    return `part${this.keys}`;
  }

  private metadata(values: Record<string, unknown>): ProviderMetadata {
    return { [this.provider]: values };
  }
}

/** A part as a file: its text, its media type, its name. */
function asFile(part: GeminiAnswerPart): [text: string, mediaType: string, name: string] {
  const { executableCode, codeExecutionResult } = part;
  const code = textOf(executableCode?.code);
  if (code !== undefined) return [code, "text/x-python", "code.py"];
  const output = textOf(codeExecutionResult?.output);
  if (output !== undefined) return [output, "text/plain", "output.txt"];
  const kind = Object.keys(part)[0] as string;
  return [JSON.stringify(part), "application/json", `${kind}.json`];
}

/** Whether a part holds nothing but how it is to be read. */
function isNothing(part: GeminiAnswerPart): boolean {
  return Object.entries(part).every(
    ([name, value]) =>
      name === "thought" || name === "thoughtSignature" || typeof value !== "object" || value === null,
  );
}

/** The log probabilities, each token with its alternatives. */
function readLogprobs({
  chosenCandidates,
  topCandidates,
}: NonNullable<GeminiCandidate["logprobsResult"]>): unknown[] {
  if (!Array.isArray(chosenCandidates)) return [];
  const top: unknown[] = Array.isArray(topCandidates) ? topCandidates : [];
  return (kept(chosenCandidates) as unknown[]).map((chosen, index) => {
    const { candidates } = (top[index] ?? {}) as { candidates?: unknown };
    return candidates === undefined ? chosen : { ...(chosen as object), topCandidates: kept(candidates) };
  });
}

/**
 * Usage in our inclusive form: thoughts count as output, what Google's tools read as input (wire notes 1.3, 2026-11). It comes
 * with every event; the record itself is copied only with the last one.
 */
function readUsage(usage: GeminiUsage, isLast: boolean): UsageUpdate | undefined {
  const prompt = countOf(usage.promptTokenCount);
  const candidates = countOf(usage.candidatesTokenCount);
  const thoughts = countOf(usage.thoughtsTokenCount);
  const total = countOf(usage.totalTokenCount);
  // Some events have the field and nothing in it.
  if ((prompt ?? candidates ?? thoughts ?? total) === undefined) return undefined;
  const hasOutput = candidates !== undefined || thoughts !== undefined;
  return {
    inputTokens: prompt === undefined ? undefined : prompt + (countOf(usage.toolUsePromptTokenCount) ?? 0),
    outputTokens: hasOutput ? (candidates ?? 0) + (thoughts ?? 0) : undefined,
    totalTokens: total,
    cacheReadTokens: countOf(usage.cachedContentTokenCount),
    reasoningTokens: thoughts,
    raw: isLast ? { ...kept(usage) } : undefined,
  };
}
