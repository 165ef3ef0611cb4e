import { lastValueFrom, Observable, type Observer } from "../rxjs.ts";
import { ConfigurationError, modelError } from "../error/errors-by-kind.ts";
import { type MessageInput, type Msg, toMessages } from "../message/msg.ts";
import { offlineTokenCounter } from "../token/offline-token-counter.ts";
import type { TokenCount, TokenCounterBase } from "../token/token-counter-base.ts";
import { toJsonSchema, toToolSchemas } from "../tool/to-json-schema.ts";
import type { SchemaInput, SchemaOutput, SchemaTaken, ToolInput, ToolSchema } from "../tool/tool-schema.ts";
import { inspectAsString } from "../transport/redact.ts";
import { AnswerStream } from "./answer-stream.ts";
import { CallGuard } from "./call-guard.ts";
import { runCall } from "./call-run.ts";
import type { ChatResponse } from "./chat-response.ts";
import { checkOptions } from "./check-options.ts";
import type { FlowControl } from "./flow-control.ts";
import {
  type GenerateOptions,
  layerOptions,
  mergeOptions,
  type ResolvedOptions,
} from "./generate-options.ts";
import { leaveSource } from "./leave-source.ts";
import type { ChatCall, ChatMiddleware } from "./middleware.ts";
import type { ModelCard } from "./model-card.ts";
import { openCard } from "./open-card.ts";
import type {
  StructuredOptions,
  StructuredResult,
  StructuredSnapshot,
} from "./structured/structured-output.ts";
import { streamStructured, structured } from "./structured/structured-run.ts";

/** What every chat model is made with. */
export interface ChatModelInit {
  readonly provider: string;
  readonly modelName: string;
  /** @default a card that takes every option */
  readonly card?: ModelCard | undefined;
  /** Options of every call; a call's own win over them. */
  readonly options?: GenerateOptions | undefined;
  /** Counts this model's tokens. @default the wire's own counter where its provider has an endpoint, else one that asks nobody */
  readonly tokenCounter?: TokenCounterBase | undefined;
}

/**
 * A chat model: messages in, snapshots of the answer out. `stream` and `call` are the same for every model; a subclass
 * writes `doStream` and nothing else.
 *
 * @example
 * ```ts
 * import { of } from "rxjs";
 * import { accumulate, ChatModelBase, type ChatResponse, type Msg } from "rxscope";
 *
 * class EchoModel extends ChatModelBase {
 *   protected doStream(messages: Msg[]) {
 *     return accumulate(of({ text: messages.at(-1)?.text ?? "" }), this);
 *   }
 * }
 * ```
 */
export abstract class ChatModelBase {
  static {
    inspectAsString(this);
  }

  readonly provider: string;
  readonly modelName: string;
  readonly card: ModelCard;
  /** What every call of this model asks for, unless the call says otherwise. */
  readonly options: GenerateOptions;
  #tokenCounter: TokenCounterBase | undefined;

  constructor(init: ChatModelInit) {
    this.provider = init.provider;
    this.modelName = init.modelName;
    this.card = init.card ?? openCard(init.provider, init.modelName);
    this.options = init.options ?? {};
    this.#tokenCounter = init.tokenCounter;
  }

  /** What counts this model's tokens: as it was made with, else by its card. */
  get tokenCounter(): TokenCounterBase {
    this.#tokenCounter ??= this.createTokenCounter();
    return this.#tokenCounter;
  }

  /**
   * How many tokens the prompt of a call with these messages and tools has, formatted as the call would send it. Only a model
   * whose provider counts itself sends anything; `exact` tells how sure the count is.
   *
   * @throws ModelError of the request, where the provider is asked
   */
  async countTokens(
    messages: MessageInput | readonly MessageInput[],
    tools: readonly ToolInput[] = [],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<TokenCount> {
    const list = toMessages(messages);
    const schemas = await toToolSchemas(tools);
    const formatted = await this.formatPrompt(list, schemas);
    return this.tokenCounter.count(list, schemas, { formatted, signal });
  }

  /**
   * Asks the model. Nothing is sent before the result is subscribed to or iterated; unsubscribing, leaving the loop, the
   * `signal` and the deadlines all close the socket. Failures arrive as `ModelError` through the stream, never by `throw`.
   *
   * @param tools what the model may call; the options may stand in their place
   */
  stream(
    messages: MessageInput | readonly MessageInput[],
    options?: GenerateOptions,
  ): AnswerStream<ChatResponse>;
  stream(
    messages: MessageInput | readonly MessageInput[],
    tools?: readonly ToolInput[],
    options?: GenerateOptions,
  ): AnswerStream<ChatResponse>;
  stream(
    messages: MessageInput | readonly MessageInput[],
    toolsOrOptions?: readonly ToolInput[] | GenerateOptions,
    maybeOptions?: GenerateOptions,
  ): AnswerStream<ChatResponse> {
    const tools = isToolList(toolsOrOptions) ? toolsOrOptions : [];
    const options = isToolList(toolsOrOptions) ? maybeOptions : (toolsOrOptions ?? maybeOptions);
    return new AnswerStream((flow) => this.open(messages, tools, options, flow));
  }

  /** Asks the model and waits for the whole answer: the last snapshot of {@link stream}. Rejects with a `ModelError`. */
  call(messages: MessageInput | readonly MessageInput[], options?: GenerateOptions): Promise<ChatResponse>;
  call(
    messages: MessageInput | readonly MessageInput[],
    tools?: readonly ToolInput[],
    options?: GenerateOptions,
  ): Promise<ChatResponse>;
  call(
    messages: MessageInput | readonly MessageInput[],
    toolsOrOptions?: readonly ToolInput[] | GenerateOptions,
    options?: GenerateOptions,
  ): Promise<ChatResponse> {
    return lastValueFrom(this.stream(messages, toolsOrOptions as readonly ToolInput[], options));
  }

  /**
   * Asks for a value that fits a schema. It is asked for in the way that the model's card and the provider allow: by the
   * provider's schema mode, as the arguments of a tool, or in words; a value that does not fit goes back to the model with
   * what is wrong with it. Rejects with a `ModelError`: of kind `parse`, the answer in its `partial`, when no value fits.
   *
   * @example
   * ```ts
   * import { ModelRegistry } from "rxscope";
   * import { z } from "zod";
   *
   * const model = ModelRegistry.create("openai:gpt-4.1");
   * const { value } = await model.structured("Paris is at 21 degrees.", z.object({ city: z.string(), celsius: z.number() }));
   * console.log(value.city, value.celsius + 1);
   * ```
   */
  structured<Schema extends SchemaInput>(
    messages: MessageInput | readonly MessageInput[],
    schema: Schema,
    options: StructuredOptions = {},
  ): Promise<StructuredResult<SchemaOutput<Schema>>> {
    return structured(this, messages, schema, options);
  }

  /**
   * Like {@link structured}, showing the value while it arrives; the last snapshot has the whole of it, checked. To be
   * subscribed to or iterated, as {@link stream}.
   */
  streamStructured<Schema extends SchemaInput>(
    messages: MessageInput | readonly MessageInput[],
    schema: Schema,
    options: StructuredOptions = {},
  ): AnswerStream<StructuredSnapshot<SchemaOutput<Schema>, SchemaTaken<Schema>>> {
    return streamStructured(this, messages, schema, options);
  }

  /** For `JSON.stringify`: what it is. Its options may hold headers with a key. */
  toJSON(): { readonly provider: string; readonly modelName: string } {
    return { provider: this.provider, modelName: this.modelName };
  }

  toString(): string {
    return `${this.constructor.name}(${this.who})`;
  }

  /** This model with middleware around its calls; the first is the outermost. This model itself stays as it is. */
  with(...middleware: readonly ChatMiddleware[]): ChatModelBase {
    return new ModelWithMiddleware(this, middleware);
  }

  /** This model with options over its own and under those of each call. This model itself stays as it is. @internal */
  withOptions(options: GenerateOptions): ChatModelBase {
    return new ModelWithMiddleware(this, [], layerOptions(this.options, options));
  }

  /**
   * Makes one request and emits snapshots of its answer, the last one with `isLast: true`. Subscribing sends,
   * unsubscribing stops. Retries, deadlines, the signal, timings and `partial` are added around it.
   *
   * @param options merged and held against the card: what is in it, the model takes
   */
  protected abstract doStream(
    messages: Msg[],
    tools: ToolSchema[],
    options: ResolvedOptions,
  ): Observable<ChatResponse>;

  /** Makes what counts this model's tokens, where it was made without. @default what can be counted without asking anybody */
  protected createTokenCounter(): TokenCounterBase {
    return offlineTokenCounter(this.card);
  }

  /** The messages as a request has them; undefined for a model without a wire. @internal */
  formatPrompt(
    _messages: readonly Msg[],
    _tools: readonly ToolSchema[],
  ): Promise<readonly unknown[] | undefined> {
    return Promise.resolve(undefined);
  }

  /** One call, options checked, with retries and deadlines around `doStream`. @internal */
  run(call: ChatCall): Observable<ChatResponse> {
    return new Observable((subscriber) => this.start(call, subscriber));
  }

  /** Begins what {@link run} makes, for an observer of our own. Returns the function that ends it. @internal */
  start(call: ChatCall, observer: Observer<ChatResponse>): () => void {
    const { options, warnings } = checkOptions(call.options, this.card, call.tools);
    const attempt = (): Observable<ChatResponse> =>
      this.doStream([...call.messages], [...call.tools], options);
    return runCall({ attempt: () => guarded(attempt), options, who: this.who, warnings }, observer);
  }

  private get who(): string {
    return `${this.provider}/${this.modelName}`;
  }

  private open(
    input: MessageInput | readonly MessageInput[],
    toolInput: readonly ToolInput[],
    callOptions: GenerateOptions | undefined,
    flow: FlowControl | undefined,
  ): Observable<ChatResponse> {
    return new Observable((subscriber) => {
      const guard = new CallGuard(this, subscriber);
      let options: ResolvedOptions;
      try {
        options = mergeOptions(this.card.defaults, this.options, callOptions);
        if (flow !== undefined) options = { ...options, flow };
        if (!guard.watch(options.signal)) return undefined;
        const messages = toMessages(input);
        if (messages.length === 0) {
          throw modelError("invalid_request", "There is no message to send; pass at least one.");
        }
        const start = (call: Pick<ChatCall, "tools" | "options">): void => {
          guard.follow((observer) => this.start({ messages, ...call, model: this }, observer), call.tools);
        };
        // Most calls carry no schema: they go out without waiting a turn.
        if (toolInput.length === 0 && options.responseFormat?.type !== "json_schema")
          start({ tools: [], options });
        else withSchemas(toolInput, options).then(start, (error: unknown) => guard.refuse(error));
      } catch (error) {
        guard.refuse(error);
      }
      return () => guard.stop();
    });
  }
}

/** A model whose calls pass through middleware first. */
class ModelWithMiddleware extends ChatModelBase {
  private readonly inner: ChatModelBase;
  private readonly middleware: readonly ChatMiddleware[];

  constructor(inner: ChatModelBase, middleware: readonly ChatMiddleware[], options = inner.options) {
    const { provider, modelName, card } = inner;
    super({ provider, modelName, card, options });
    this.inner = inner;
    this.middleware = middleware;
  }

  override get tokenCounter(): TokenCounterBase {
    return this.inner.tokenCounter;
  }

  override formatPrompt(
    messages: readonly Msg[],
    tools: readonly ToolSchema[],
  ): Promise<readonly unknown[] | undefined> {
    return this.inner.formatPrompt(messages, tools);
  }

  override start(call: ChatCall, observer: Observer<ChatResponse>): () => void {
    const innermost = (inner: ChatCall): Observable<ChatResponse> => this.inner.run(inner);
    const chain = this.middleware.reduceRight<(inner: ChatCall) => Observable<ChatResponse>>(
      (next, around) => (inner) => guarded(() => around(inner, next)),
      innermost,
    );
    const subscription = chain(call).subscribe(observer);
    return () => leaveSource(subscription);
  }

  protected doStream(
    messages: Msg[],
    tools: ToolSchema[],
    options: ResolvedOptions,
  ): Observable<ChatResponse> {
    return this.inner.run({ messages, tools, options, model: this.inner });
  }
}

/** Tools and response format with every schema as JSON Schema. */
async function withSchemas(
  tools: readonly ToolInput[],
  options: ResolvedOptions,
): Promise<{ tools: readonly ToolSchema[]; options: ResolvedOptions }> {
  const { responseFormat } = options;
  const schemas = await toToolSchemas(tools);
  if (responseFormat?.type !== "json_schema") return { tools: schemas, options };
  const schema = await toJsonSchema(responseFormat.schema);
  return { tools: schemas, options: { ...options, responseFormat: { ...responseFormat, schema } } };
}

/** What `make` returns, or its throw as an error of the stream. */
function guarded(make: () => Observable<ChatResponse>): Observable<ChatResponse> {
  try {
    const source: Partial<Observable<ChatResponse>> | undefined = make();
    if (source instanceof Observable) return source;
    // By what it can do, not by its class: a plugin may carry another copy of rxjs, or a library that lets go in another way
    // and goes on after its end.
    if (typeof source?.subscribe === "function")
      return new Observable((subscriber) => source.subscribe?.(subscriber));
    throw new ConfigurationError(
      "A doStream or a middleware returned no Observable. If it is a Promise or an iterable, from() of rxjs makes it one.",
    );
  } catch (error) {
    return new Observable((subscriber) => subscriber.error(error));
  }
}

function isToolList(
  value: readonly ToolInput[] | GenerateOptions | undefined,
): value is readonly ToolInput[] {
  return Array.isArray(value);
}
