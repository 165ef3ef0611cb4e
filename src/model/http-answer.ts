import type { Subscriber } from "../rxjs.ts";
import { ParseError, TruncatedError } from "../error/errors-by-kind.ts";
import { ModelError } from "../error/model-error.ts";
import type { Endpoint } from "../transport/endpoint.ts";
import {
  type HttpExchange,
  type HttpHead,
  type HttpReceiver,
  type HttpRequest,
  sendHttp,
} from "../transport/http.ts";
import { ndjsonDecoder } from "../transport/ndjson.ts";
import { header, rateLimits } from "../transport/rate-limit-headers.ts";
import { redact } from "../transport/redact.ts";
import type { RepeatedJson } from "../transport/repeated-json.ts";
import { MAX_EVENT_LENGTH, sseDecoder } from "../transport/sse.ts";
import type { StreamDecoder } from "../transport/stream-decoder.ts";
import { Utf8Stream } from "../transport/utf8-stream.ts";
import type { ChatResponse, ChatWarning } from "./chat-response.ts";
import type { ResolvedOptions } from "./generate-options.ts";
import { requestIdOf } from "./http-failure.ts";
import { ResponseAccumulator } from "./response-accumulator.ts";

/** Tells the accumulator what the provider's events mean. One is made per request. */
export interface EventReducer {
  /**
   * One event of a stream, valid during the call only. Returns true when it is the provider's end mark.
   *
   * @throws ModelError when the event is an error
   */
  event(event: unknown, name?: string): boolean;
  /** A comment between the lines of a stream. */
  comment?(text: string): void;
  /** A whole answer that was not streamed: one big event. */
  whole(body: unknown): void;
  /** The answer is at its end: what was held back is part of it. */
  end?(): void;
}

/** How the events of a stream are told apart, and the text that ends it where that is not JSON. */
export interface StreamFraming {
  readonly type: "sse" | "ndjson";
  readonly endMark?: string;
}

/** A request's body before it is JSON. */
export type RequestBody = Readonly<Record<string, unknown>>;

/** What an answer must know of the model that asked. */
export interface AnsweringModel {
  readonly provider: string;
  readonly modelName: string;
  readonly framing: StreamFraming;
  /** Reads the events of all its answers: what one taught serves the next. */
  readonly events: RepeatedJson;
  /** @param sent the body of the request, before `extraBody` */
  reducer(
    answer: ResponseAccumulator,
    options: ResolvedOptions,
    head: HttpHead,
    sent: RequestBody,
  ): EventReducer;
  /** The error that an error answer, or an error event in a stream, stands for. */
  failure(body: unknown, head: HttpHead, inStream: boolean): ModelError;
}

const NOTHING_SENT: RequestBody = Object.freeze({});

/** The most bytes of an error answer that are read. */
const MAX_ERROR_BYTES = 64 * 1024;

/** How a stream of server-sent events begins. */
const SSE_START = /^\s*(?:data|event|id|retry)?:/;

/** What to do with the body of an answer: read its events, or collect it as an answer or as an error. */
type BodyMode = "events" | "whole" | "error";

/** One HTTP answer on its way to snapshots: bytes in, events through the reducer, snapshots out. */
export class HttpAnswer implements HttpReceiver {
  readonly warnings: ChatWarning[] = [];
  private readonly model: AnsweringModel;
  private readonly subscriber: Subscriber<ChatResponse>;
  private readonly options: ResolvedOptions;
  private exchange: HttpExchange | undefined;
  private detachFlow: (() => void) | undefined;
  private isOver = false;

  private sent: RequestBody = NOTHING_SENT;
  private answerHead: HttpHead | undefined;
  private mode: BodyMode = "whole";
  private answer: ResponseAccumulator | undefined;
  private events: EventReducer | undefined;
  private decoder: StreamDecoder | undefined;
  private readonly utf8 = new Utf8Stream();
  private readonly chunks: Buffer[] = [];
  private size = 0;
  /** Lines outside of any event: what a proxy or a failing server wrote instead of a stream. */
  private strays = "";
  /** Whether the body is over: an event that cannot be read now is half of one. */
  private isEnding = false;

  constructor(model: AnsweringModel, subscriber: Subscriber<ChatResponse>, options: ResolvedOptions) {
    this.model = model;
    this.subscriber = subscriber;
    this.options = options;
  }

  /** @param sent the body of the request, before `extraBody` */
  start(endpoint: Endpoint, request: HttpRequest, sent: RequestBody): void {
    if (this.isOver) return;
    this.sent = sent;
    const exchange = sendHttp(endpoint, request, this);
    this.exchange = exchange;
    this.detachFlow = this.options.flow?.attach(exchange);
  }

  abort(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.detachFlow?.();
    this.exchange?.abort();
  }

  head(head: HttpHead): void {
    this.answerHead = head;
    const type = header(head.headers, "content-type")?.toLowerCase() ?? "";
    if (head.status >= 400) this.mode = "error";
    // Some servers stream whatever they were asked for.
    else if (/^(?:text\/event-stream|application\/x-ndjson)\b/.test(type)) this.mode = "events";
    else if (this.options.stream === false || /^application\/(?:problem\+)?json\b/.test(type))
      this.mode = "whole";
    else if (type.startsWith("text/html")) this.mode = "error";
    else this.mode = "events";
    const { provider, modelName, framing } = this.model;
    const requestId = requestIdOf(head);
    const limits = rateLimits(head.headers);
    const answer = new ResponseAccumulator({
      provider,
      model: modelName,
      warnings: this.warnings,
      metadata: {
        ...(requestId !== undefined && { requestId }),
        ...(limits !== undefined && { rateLimits: limits }),
      },
    });
    this.answer = answer;
    this.events = this.model.reducer(answer, this.options, head, this.sent);
    if (this.mode === "events") this.decoder = (framing.type === "sse" ? sseDecoder : ndjsonDecoder)(this);
  }

  data(chunk: Buffer): void {
    if (this.isOver) return;
    if (this.decoder !== undefined) {
      this.decoder.feed(this.utf8.decode(chunk));
      return;
    }
    this.size += chunk.length;
    if (this.mode === "error" && this.size > MAX_ERROR_BYTES) {
      // Enough to say what went wrong: the rest is not worth waiting for.
      this.chunks.push(chunk.subarray(0, Math.max(0, chunk.length - (this.size - MAX_ERROR_BYTES))));
      this.end();
    } else if (this.size > MAX_EVENT_LENGTH) {
      this.overflow();
    } else {
      this.chunks.push(chunk);
    }
  }

  end(): void {
    if (this.isOver) return;
    if (this.decoder === undefined) {
      this.readWhole(Buffer.concat(this.chunks).toString("utf8"));
      return;
    }
    this.endEvents(this.decoder, this.utf8.end());
  }

  private endEvents(decoder: StreamDecoder, rest: string): void {
    this.isEnding = true;
    decoder.feed(rest);
    decoder.end();
    if (this.isOver) return;
    if (this.answer?.isFinished) this.complete();
    else if (this.strays !== "") this.readStrays(this.strays);
    else this.fail(this.truncated("the stream ended before the provider said it was done"));
  }

  fail(error: unknown): void {
    if (this.isOver) return;
    this.abort();
    const { requestId } = this.context();
    if (ModelError.isInstance(error)) error.addContext({ requestId });
    this.subscriber.error(error);
  }

  event(data: string, name?: string): void {
    if (this.isOver) return;
    try {
      const isEnd =
        data.trim() === this.model.framing.endMark ||
        (this.events as EventReducer).event(this.model.events.parse(data), name);
      if (isEnd) this.atEndMark();
      else this.emit(this.answer?.snapshot());
    } catch (error) {
      if (ModelError.isInstance(error)) this.fail(error);
      else if (!(error instanceof SyntaxError))
        this.fail(this.unreadable(`an event that makes no sense: ${this.excerpt(data)}`, error));
      else if (this.isEnding) this.fail(this.truncated("the stream ended in the middle of an event"));
      // The error of `JSON.parse` is no cause: it quotes the text with whatever secrets are in it.
      else this.fail(this.unreadable(`an event that is not JSON: ${this.excerpt(data)}`));
    }
  }

  comment(text: string): void {
    this.events?.comment?.(text);
  }

  stray(line: string): void {
    if (this.strays.length < MAX_ERROR_BYTES) this.strays += `${line}\n`;
  }

  overflow(): void {
    this.fail(this.unreadable(`a single event or answer of more than ${MAX_EVENT_LENGTH} bytes`));
  }

  private atEndMark(): void {
    const answer = this.answer as ResponseAccumulator;
    if (answer.isFinished || !answer.content.isEmpty) this.complete();
    else this.fail(this.truncated("the stream held no answer at all"));
  }

  private readWhole(text: string): void {
    const head = this.answerHead as HttpHead;
    const body = parsed(text.trim());
    if (this.mode === "error" && head.status >= 400) return this.fail(this.failureIn(text.trim(), false));
    // A stream under the name of a document: some gateways call everything JSON.
    if (this.mode === "whole" && this.model.framing.type === "sse" && SSE_START.test(text)) {
      const decoder = sseDecoder(this);
      decoder.feed(text);
      return this.endEvents(decoder, "");
    }
    if (typeof body !== "object" || body === null) {
      const what = text.trim() === "" ? "an empty body" : `no JSON but ${this.excerpt(text)}`;
      return this.fail(this.unreadable(what));
    }
    try {
      this.events?.whole(body);
      if (this.answer?.isFinished) this.complete();
      else this.fail(this.unreadable(`no answer but ${this.excerpt(text)}`));
    } catch (error) {
      const isFailure = ModelError.isInstance(error);
      this.fail(
        isFailure ? error : this.unreadable(`an answer that makes no sense: ${this.excerpt(text)}`, error),
      );
    }
  }

  /** A whole answer under the name of a stream, or the error that the lines stand for. */
  private readStrays(text: string): void {
    const body = parsed(text);
    try {
      if (typeof body === "object" && body !== null && this.answer?.content.isEmpty) this.events?.whole(body);
    } catch {
      // The error says what it is.
    }
    if (this.answer?.isFinished) this.complete();
    else this.fail(this.failureIn(text, true));
  }

  /** The error that a text stands for. */
  private failureIn(text: string, inStream: boolean): ModelError {
    const head = this.answerHead as HttpHead;
    try {
      const body = parsed(text);
      return this.model.failure(typeof body === "string" ? dataIn(body) : body, head, inStream);
    } catch {
      // JSON that is nested too deep to be looked at is told as the text that it is.
      return this.model.failure(text, head, inStream);
    }
  }

  private complete(): void {
    this.isOver = true;
    this.detachFlow?.();
    this.exchange?.finish();
    this.events?.end?.();
    this.emit(this.answer?.end());
    this.subscriber.complete();
  }

  private emit(snapshot: ChatResponse | undefined): void {
    if (snapshot !== undefined) this.subscriber.next(snapshot);
  }

  private truncated(what: string): ModelError {
    const { provider, modelName } = this.model;
    return new TruncatedError(
      `${provider}/${modelName}: ${what}. What had arrived is in error.partial; a connection or the provider failed in between.`,
      this.context(),
    );
  }

  private unreadable(what: string, cause?: unknown): ModelError {
    const { provider, modelName } = this.model;
    return new ParseError(
      `${provider}/${modelName}: ${this.answerHead?.url() ?? "the provider"} sent ${what}. Is the base URL right, and nothing in between that changes answers?`,
      { ...this.context(), cause },
    );
  }

  /** The beginning of a text, without the key: whoever stands in between may show what he was sent. */
  private excerpt(text: string): string {
    const line = redact(text, this.answerHead?.secrets()).replace(/\s+/g, " ").trim();
    return JSON.stringify(line.length > 200 ? `${line.slice(0, 200)}…` : line);
  }

  private context(): { status?: number; requestId?: string | undefined } {
    const head = this.answerHead;
    return head === undefined ? {} : { status: head.status, requestId: requestIdOf(head) };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * An error answer may be the one event of a stream, whatever its status: then it is what the event says. Older builds of
 * llama.cpp wrote it in a field "error".
 */
function dataIn(text: string): unknown {
  const data = /^(?:data|error): ?(\S.*)$/m.exec(text)?.[1];
  return data === undefined ? text : parsed(data);
}
