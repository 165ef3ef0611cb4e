import type { Observable } from "../../rxjs.ts";
import type { FormatterBase } from "../../formatter/formatter-base.ts";
import type { MessageInput } from "../../message/msg.ts";
import type { ChatModelBase } from "../../model/chat-model-base.ts";
import type { ChatResponse } from "../../model/chat-response.ts";
import type { GenerateOptions } from "../../model/generate-options.ts";
import type { ModelCard } from "../../model/model-card.ts";
import type { ModelPlugin } from "../../model/model-registry.ts";
import type { ToolInput } from "../../tool/tool-schema.ts";
import { delivered, DELIVERIES } from "./byte-delivery.ts";
import type { ByteAnswer, ByteServer, ServedRequest } from "./byte-server.ts";
import { type CallRecord, recordCall } from "./call-record.ts";
import { assertAnswer, claim, essence, isBeginningOf, same } from "./expectations.ts";
import type {
  AnswerPart,
  ErrorFixture,
  RecordedRequest,
  StreamShape,
  WireFixtures,
} from "./wire-fixtures.ts";

/** What a model of the subject is made with. */
export interface ModelSetup {
  /** Where its requests must go. */
  readonly baseUrl: string;
  /** Undefined: it must come from the environment. */
  readonly apiKey: string | undefined;
  /** @default the subject's own choice */
  readonly modelName?: string | undefined;
  /** Headers that win over the subject's own. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly options?: GenerateOptions | undefined;
  /** In place of the model's own card. */
  readonly card?: ModelCard | undefined;
  /** In place of the model's own formatter. */
  readonly formatter?: FormatterBase<unknown> | undefined;
}

/** What is held to the contract: a provider, or a plugin's model. */
export interface ConformanceSubject {
  readonly name: string;
  /** The wire's bytes; `openaiChatFixtures()` for servers that speak that one. */
  readonly fixtures: WireFixtures;
  createModel(setup: ModelSetup): ChatModelBase;
  /** What else holds the key, to be searched for leaks. */
  createCredential?(setup: ModelSetup): object;
  /** What makes the models by ids `provider:model`, for a registry. @default the cases on the registry are skipped */
  readonly plugin?: ModelPlugin;
  /** Environment variables of the key; the first that is set counts. */
  readonly keyVariables?: readonly string[];
  /** Models whose settings are compared with their cards, the default one first. @default the one that `createModel` makes */
  readonly models?: readonly string[];
  /** Cases that cannot hold here, each with its reason. */
  readonly skips?: Readonly<Record<string, string>>;
}

/** What not every subject has. */
export type CaseNeed = "environment" | "plugin" | "multiAgentFormatter";

/** One behaviour that every provider must have. */
export interface ConformanceCase {
  /** Its section and number in the table, for example `C3`. */
  readonly id: string;
  readonly title: string;
  /** Throws when the behaviour is not there. Absent where another suite, or nothing yet, shows it: `skipped` says which. */
  readonly run?: (context: ConformanceContext) => Promise<void>;
  /** What of the subject, or of the run, it cannot do without. @default nothing */
  readonly needs?: readonly CaseNeed[];
  /** Why the kit does not run this case for anybody. */
  readonly skipped?: string;
}

/** What came of one call, and what was asked. */
export interface Outcome extends CallRecord {
  /** The last request that the server saw; undefined when nothing was sent. */
  readonly request: ServedRequest | undefined;
}

/** What a case says to a model beside the answer. */
export interface Question {
  readonly messages?: readonly MessageInput[];
  readonly tools?: readonly ToolInput[];
  readonly options?: GenerateOptions;
  readonly model?: ChatModelBase;
}

/** What a subject is run with beside itself. */
export interface ContextOptions {
  /** The variables that the subject reads: `process.env`. Without it the cases that need them are skipped. */
  readonly environment?: Record<string, string | undefined> | undefined;
}

/** The key of all requests. It looks like one, so that a leak is found by its letters. */
const KEY = "sk-conformance-0123456789abcdef";

/** Where a body is broken, as parts of its length. */
const CUTS: readonly number[] = [0, 0.25, 0.5, 0.75, 0.97];

/** What a case works with: a server, and calls that are held to what is promised of all calls. */
export class ConformanceContext {
  readonly subject: ConformanceSubject;
  readonly fixtures: WireFixtures;
  readonly server: ByteServer;
  readonly environment: Record<string, string | undefined>;
  readonly key: string = KEY;
  /** Calls so far. */
  calls = 0;

  constructor(subject: ConformanceSubject, server: ByteServer, options: ContextOptions) {
    this.subject = subject;
    this.fixtures = subject.fixtures;
    this.server = server;
    this.environment = options.environment ?? {};
  }

  get baseUrl(): string {
    return this.server.url + this.fixtures.basePath;
  }

  /** A model of the subject that talks to the server, without retries unless asked for. */
  model(setup: Partial<ModelSetup> = {}): ChatModelBase {
    const { options, ...rest } = setup;
    return this.subject.createModel({
      baseUrl: this.baseUrl,
      apiKey: this.key,
      modelName: this.subject.models?.[0],
      ...rest,
      options: { retry: false, ...options },
    });
  }

  /** A stream as the provider sends it, for the server. */
  streamed(events: readonly string[], how: Partial<ByteAnswer> = {}): ByteAnswer {
    return { headers: { "content-type": this.fixtures.streamType }, pieces: events, ...how };
  }

  /** An answer or an error in one piece, for the server. */
  whole(body: string, how: Partial<ByteAnswer> = {}): ByteAnswer {
    return { headers: { "content-type": "application/json" }, pieces: [body], ...how };
  }

  /** An error answer, for the server. */
  failed(
    { status, body, contentType = "application/json" }: ErrorFixture,
    headers: Readonly<Record<string, string>> = {},
  ): ByteAnswer {
    return { status, headers: { "content-type": contentType, ...headers }, pieces: [body] };
  }

  /** An ordinary answer of one text. */
  plain(text = "Hello there."): ByteAnswer {
    return this.streamed(this.fixtures.stream([{ text }, ...this.ending()]));
  }

  /** An ordinary end: reason, usage, end mark. */
  ending(finish: string = this.fixtures.finishReasons.stop ?? "stop"): readonly AnswerPart[] {
    return [{ finish }, { usage: { input: 7, output: 5 } }, { end: true }];
  }

  /** Asks the model once; the server answers with what is given, or with what is scripted already. */
  async ask(answer: ByteAnswer | undefined, question: Question = {}): Promise<Outcome> {
    if (answer !== undefined) this.server.script(answer);
    const before = this.server.requests.length;
    const model = question.model ?? this.model();
    const record = await this.record(
      model.stream(question.messages ?? ["Hello"], question.tools ?? [], question.options),
    );
    return { ...record, request: this.server.requests.slice(before).at(-1) };
  }

  /** The answer of a stream, held to what is promised of all of them. */
  record(stream: Observable<ChatResponse>): Promise<CallRecord> {
    this.calls += 1;
    return recordCall(stream);
  }

  /** Asks for an ordinary answer and tells what was sent for it. */
  async send(
    question: Question = {},
  ): Promise<{ last: ChatResponse; sent: RecordedRequest; request: ServedRequest }> {
    const { last, request, error } = await this.ask(this.plain(), question);
    claim(last !== undefined && request !== undefined, error?.message ?? "nothing was sent");
    return { last, request, sent: this.fixtures.readRequest(request) };
  }

  /**
   * Asks for a stream in every delivery and expects the same answer each time; then breaks it in every way and expects an
   * error that carries what had arrived. Returns the whole answer.
   */
  async hold(shape: StreamShape, question: Question = {}): Promise<ChatResponse> {
    let first: ChatResponse | undefined;
    for (const delivery of DELIVERIES) {
      const where = `${shape.title}, ${delivery}`;
      const answer = this.streamed([], delivered(shape.events, delivery, this.fixtures.framing));
      const { last, error } = await this.ask(answer, question);
      claim(last !== undefined, `${where}: ${error?.message ?? "no answer"}`);
      assertAnswer(last, shape.expect, where);
      if (first === undefined) first = last;
      else same(essence(last), essence(first), `${where}, against one write`);
    }
    claim(first !== undefined, "there is no delivery");
    await this.breakOff(shape, first, question);
    if (shape.whole !== undefined) {
      const { last, error } = await this.ask(this.whole(shape.whole), {
        ...question,
        options: { ...question.options, stream: false },
      });
      claim(last !== undefined, `${shape.title}, in one piece: ${error?.message ?? "no answer"}`);
      assertAnswer(last, shape.expect, `${shape.title}, in one piece`);
    }
    return first;
  }

  /** Asks for a stream that does not get to its end. */
  private async breakOff(
    { title, events }: StreamShape,
    whole: ChatResponse,
    question: Question,
  ): Promise<void> {
    const bytes = Buffer.from(events.join(""));
    for (const part of CUTS) {
      const pieces = [bytes.subarray(0, Math.floor(bytes.length * part))];
      for (const framing of ["chunked", "close"] as const) {
        const where = `${title}, cut after ${pieces[0]?.length} of ${bytes.length} bytes (${framing})`;
        const outcome = await this.ask(this.streamed([], { pieces, framing, bodyEnd: "cut" }), question);
        assertBroken(outcome, whole, where);
        assertPassing(outcome, where);
      }
    }
    const half = this.streamed([], { pieces: [bytes.subarray(0, bytes.length / 2)], bodyEnd: "reset" });
    const reset = await this.ask(half, question);
    assertBroken(reset, whole, `${title}, reset`);
    assertPassing(reset, `${title}, reset`);
    const message = "The engine stopped.";
    const failing = [
      ...events.slice(0, events.length / 2),
      this.fixtures.errorEvent({ code: "server_error", message }),
    ];
    const { error, ...rest } = await this.ask(this.streamed(failing), question);
    claim(
      error?.message.includes(message) === true,
      `${title}, an error event: ${error?.message ?? "no error"}`,
    );
    assertBroken({ ...rest, error }, whole, `${title}, an error event`);
  }
}

/** @throws Error unless what came of a broken stream is an error with the beginning of the answer, or all of its content */
function assertBroken({ last, error }: CallRecord, whole: ChatResponse, where: string): void {
  if (last !== undefined) {
    // Broken behind the finish reason: what is missing is not a part of the answer.
    same(
      [last.content.map(({ id: _id, ...block }) => block), last.finishReason],
      [whole.content.map(({ id: _id, ...block }) => block), whole.finishReason],
      `${where}: a broken stream came out as a good one`,
    );
    return;
  }
  const partial = error?.partial as ChatResponse | undefined;
  if (partial === undefined) return;
  claim(
    isBeginningOf(partial.content, whole.content, { ids: false }),
    `${where}: the partial answer is no beginning of the answer`,
  );
}

/** @throws Error when a broken connection is told as anything but a failure that may pass */
function assertPassing({ error }: CallRecord, where: string): void {
  const isPassing =
    error === undefined || ((error.kind === "network" || error.kind === "truncated") && error.retryable);
  claim(isPassing, `${where}: the error is ${error?.kind}: ${error?.message}`);
}
