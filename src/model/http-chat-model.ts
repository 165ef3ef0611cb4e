import { Observable } from "../rxjs.ts";
import { asModelError, modelError } from "../error/errors-by-kind.ts";
import type { ModelError } from "../error/model-error.ts";
import type { FormatContext, FormatterBase, FormatWarning } from "../formatter/formatter-base.ts";
import type { Msg } from "../message/msg.ts";
import { isRecord } from "../tool/schema-parts.ts";
import type { ToolSchema } from "../tool/tool-schema.ts";
import type { Endpoint, HeaderRecord } from "../transport/endpoint.ts";
import { RepeatedJson } from "../transport/repeated-json.ts";
import { askJson, type JsonAnswer } from "../transport/get-json.ts";
import type { HttpHead, HttpRequest } from "../transport/http.ts";
import { timeoutsOf } from "./call-run.ts";
import { ChatModelBase, type ChatModelInit } from "./chat-model-base.ts";
import type { ChatResponse } from "./chat-response.ts";
import { checkOptions } from "./check-options.ts";
import { mergeOptions, type ResolvedOptions } from "./generate-options.ts";
import {
  type AnsweringModel,
  type EventReducer,
  HttpAnswer,
  type RequestBody,
  type StreamFraming,
} from "./http-answer.ts";
import { failureOf } from "./http-failure.ts";
import type { ResponseAccumulator } from "./response-accumulator.ts";

/** What a model over HTTP is made with. */
export interface HttpChatModelInit<WireMessage = unknown> extends ChatModelInit {
  readonly endpoint: Endpoint;
  /** @default the wire's Chat formatter */
  readonly formatter?: FormatterBase<WireMessage> | undefined;
  /** Names the provider's catalogue knows, for the suggestion when it does not know this one. */
  readonly knownModels?: (() => readonly string[]) | undefined;
}

/** One call as a wire's request is made from it. */
export interface WireCall<WireMessage> {
  /** Formatted. */
  readonly messages: readonly WireMessage[];
  readonly tools: readonly ToolSchema[];
  readonly options: ResolvedOptions;
  /** Notes what could not be honoured. */
  readonly warn: FormatWarning;
}

/** A request on the wire, before the endpoint and `extraBody`, `extraHeaders` and `extraQuery` are added. */
export interface WireRequest {
  /** Begins with a slash; it stands after the endpoint's base URL. */
  readonly path: string;
  readonly body: RequestBody;
  readonly headers?: HeaderRecord;
  readonly query?: Readonly<Record<string, string>>;
}

/**
 * A chat model over HTTP. A wire gives the request and the reducer, both without side effects; sending, decoding, errors
 * and back-pressure are the same for all.
 */
export abstract class HttpChatModel<WireMessage> extends ChatModelBase {
  readonly endpoint: Endpoint;
  readonly formatter: FormatterBase<WireMessage>;
  private readonly knownModels: (() => readonly string[]) | undefined;
  private readonly events = new RepeatedJson();
  private knownAnswering: AnsweringModel | undefined;

  constructor(init: HttpChatModelInit<WireMessage> & { readonly formatter: FormatterBase<WireMessage> }) {
    super(init);
    this.endpoint = init.endpoint;
    this.formatter = init.formatter;
    this.knownModels = init.knownModels;
  }

  protected abstract readonly framing: StreamFraming;

  protected abstract request(call: WireCall<WireMessage>): WireRequest;

  /** Fields of the body that hold options themselves: `extraBody` adds to them; any other field it replaces. */
  protected readonly openFields: readonly string[] = [];

  /**
   * @param failure makes the error that an error event stands for
   * @param body the body of the request, before `extraBody`
   */
  protected abstract reducer(
    answer: ResponseAccumulator,
    options: ResolvedOptions,
    failure: (event: unknown) => ModelError,
    body: RequestBody,
  ): EventReducer;

  protected doStream(
    messages: Msg[],
    tools: ToolSchema[],
    options: ResolvedOptions,
  ): Observable<ChatResponse> {
    return new Observable((subscriber) => {
      const answer = new HttpAnswer(this.answering, subscriber, options);
      const send = async (): Promise<void> => {
        try {
          const warn: FormatWarning = (option, reason) => void answer.warnings.push({ option, reason });
          const wireMessages = await this.formatter.format(
            messages,
            Object.assign(this.formatContext(warn), { tools }),
          );
          if (wireMessages.length === 0) {
            throw modelError(
              "invalid_request",
              "There is nothing to send: every message is empty. Give one of them a text or another block.",
            );
          }
          const request = this.request({ messages: wireMessages, tools, options, warn });
          answer.start(this.endpoint, this.toHttp(request, options), request.body);
        } catch (error) {
          // A value that JSON cannot hold, or what a formatter or its media resolver threw.
          answer.fail(asModelError(error, "configuration", `${this.toString()}: the request cannot be made`));
        }
      };
      void send();
      return () => answer.abort();
    });
  }

  override formatPrompt(messages: readonly Msg[], tools: readonly ToolSchema[]): Promise<WireMessage[]> {
    return this.formatter.format(messages, { ...this.formatContext(unheard), tools });
  }

  /**
   * Asks the provider about a call instead of making it: how many tokens it would have. @internal
   *
   * @param call its messages formatted
   * @param toQuestion makes the question of the request that the call would send, were it not to stream
   * @throws ModelError that an error answer stands for, or of the connection
   */
  async askAbout(
    call: Pick<WireCall<WireMessage>, "messages" | "tools">,
    toQuestion: (request: WireRequest) => WireRequest,
    signal: AbortSignal | undefined,
  ): Promise<JsonAnswer> {
    const merged = mergeOptions(this.card.defaults, this.options, { stream: false });
    const { extraBody, ...options } = checkOptions(merged, this.card, call.tools).options;
    const request = this.request({ ...call, options, warn: unheard });
    const question = toQuestion({ ...request, body: this.withExtra(request.body, extraBody) });
    const answer = await askJson(this.endpoint, this.toHttp(question, options), undefined, signal);
    if (answer.head.status >= 400) throw this.failure(answer.body, answer.head, false);
    return answer;
  }

  /** What the formatter is told of this model. */
  protected formatContext(warn: FormatWarning): FormatContext {
    return {
      provider: this.provider,
      model: this.modelName,
      inputTypes: this.card.inputTypes,
      systemRole: this.card.capabilities.systemRole,
      contextSize: this.card.contextSize,
      warn,
    };
  }

  /** What the answers know of this model; made with the first one, when a wire's own fields are there. */
  private get answering(): AnsweringModel {
    this.knownAnswering ??= {
      provider: this.provider,
      modelName: this.modelName,
      framing: this.framing,
      events: this.events,
      reducer: (answer, options, head, sent) =>
        this.reducer(answer, options, (event) => this.failure(event, head, true), sent),
      failure: (body, head, inStream) => this.failure(body, head, inStream),
    };
    return this.knownAnswering;
  }

  private failure(body: unknown, head: HttpHead, inStream: boolean): ModelError {
    return failureOf(body, head, {
      provider: this.provider,
      model: this.modelName,
      keySource: this.endpoint.keySource,
      advice: this.endpoint.advice,
      knownModels: this.knownModels,
      inStream,
    });
  }

  private withExtra(body: RequestBody, extra: RequestBody | undefined): RequestBody {
    if (extra === undefined) return body;
    const merged = { ...body, ...extra };
    for (const name of this.openFields) {
      const [own, added] = [body[name], extra[name]];
      if (isRecord(own) && isRecord(added)) merged[name] = { ...own, ...added };
    }
    return merged;
  }

  private toHttp({ path, body, headers, query }: WireRequest, options: ResolvedOptions): HttpRequest {
    return {
      method: "POST",
      path,
      body: JSON.stringify(this.withExtra(body, options.extraBody)),
      headers: {
        "content-type": "application/json",
        accept: options.stream === false ? "application/json" : ACCEPT[this.framing.type],
        ...headers,
        ...options.extraHeaders,
      },
      query: { ...query, ...options.extraQuery },
      connectMs: timeoutsOf(options).connectMs,
    };
  }
}

/** Warnings belong to calls: what is only counted was not asked for. */
function unheard(): void {}

const ACCEPT = { sse: "text/event-stream", ndjson: "application/x-ndjson" } as const;
