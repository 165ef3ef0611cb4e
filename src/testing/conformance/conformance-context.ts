import { ModelError } from "../../error/model-error.ts";
import type { MessageInput } from "../../message/msg.ts";
import type { ChatModelBase } from "../../model/chat-model-base.ts";
import type { ChatResponse } from "../../model/chat-response.ts";
import type { GenerateOptions } from "../../model/generate-options.ts";
import type { ToolInput } from "../../tool/tool-schema.ts";
import type { Delivery } from "../emulator/deliver.ts";
import type { EmulatedAnswer } from "../emulator/emulated-answer.ts";
import type { Emulator, JournalEntry } from "../emulator/emulator.ts";
import type { WireFixtures } from "./wire-fixtures.ts";

/** What is held to the contract. */
export interface ConformanceSubject {
  readonly name: string;
  /** The wire's bytes; `openaiChatFixtures` for servers that speak that one. */
  readonly fixtures: WireFixtures;
  /** Makes a model whose requests go to this address. */
  createModel(server: { readonly baseUrl: string; readonly apiKey: string; readonly options?: GenerateOptions }): ChatModelBase;
  /** Cases that cannot hold here, each with its reason. */
  readonly skips?: Readonly<Record<string, string>>;
}

/** One behaviour that every provider must have. */
export interface ConformanceCase {
  /** As in the table of the documentation, for example `C3`. */
  readonly id: string;
  readonly title: string;
  /** Throws when the behaviour is not there. */
  readonly run: (context: ConformanceContext) => Promise<void>;
}

/** What came of one call. */
export interface Outcome {
  readonly snapshots: readonly ChatResponse[];
  readonly last: ChatResponse | undefined;
  readonly error: ModelError | undefined;
  readonly completed: boolean;
  readonly request: JournalEntry | undefined;
}

/** Every way in which the bytes of a stream may arrive. */
export const DELIVERIES: readonly Delivery[] = [
  "as-made",
  "one-write",
  "byte-by-byte",
  "random-splits",
  "crlf",
  "comments",
  "delays",
];

const KEY = "sk-conformance-0123456789";

/** What a case works with. */
export class ConformanceContext {
  readonly subject: ConformanceSubject;
  readonly fixtures: WireFixtures;
  readonly emulator: Emulator;
  /** The key of every request. */
  readonly key: string = KEY;

  constructor(subject: ConformanceSubject, emulator: Emulator) {
    this.subject = subject;
    this.fixtures = subject.fixtures;
    this.emulator = emulator;
  }

  /** A model of the subject that talks to the emulator, without retries unless asked for. */
  model(options: GenerateOptions = {}): ChatModelBase {
    const baseUrl = this.emulator.url + this.fixtures.basePath;
    return this.subject.createModel({ baseUrl, apiKey: this.key, options: { retry: false, ...options } });
  }

  /** Asks the model for one answer of these bytes. */
  async ask(
    answer: EmulatedAnswer | undefined,
    call: {
      readonly messages?: readonly MessageInput[];
      readonly tools?: readonly ToolInput[];
      readonly options?: GenerateOptions;
      readonly model?: ChatModelBase;
    } = {},
  ): Promise<Outcome> {
    if (answer !== undefined) this.emulator.script({ contentType: this.fixtures.streamType, ...answer });
    const asked = this.emulator.journal.length;
    const model = call.model ?? this.model();
    const outcome = await collect(model, call.messages ?? ["Hello"], call.tools ?? [], call.options ?? {});
    return { ...outcome, request: this.emulator.journal[asked] };
  }

  /** Asks for the same stream in every delivery and expects the same last snapshot each time; returns it. */
  async askInEveryDelivery(raw: string, call: Parameters<ConformanceContext["ask"]>[1] = {}): Promise<Outcome> {
    let first: Outcome | undefined;
    for (const delivery of DELIVERIES) {
      this.emulator.delivery = delivery;
      const outcome = await this.ask({ raw }, call);
      if (first === undefined) first = outcome;
      else same(essence(outcome), essence(first), `delivery ${delivery}`);
    }
    this.emulator.delivery = "as-made";
    return first as Outcome;
  }
}

function collect(
  model: ChatModelBase,
  messages: readonly MessageInput[],
  tools: readonly ToolInput[],
  options: GenerateOptions,
): Promise<Omit<Outcome, "request">> {
  return new Promise((resolve) => {
    const snapshots: ChatResponse[] = [];
    model.stream(messages, tools, options).subscribe({
      next: (response) => snapshots.push(response),
      error: (error: unknown) => {
        if (!ModelError.isInstance(error)) throw new Error(`The stream failed with ${String(error)}, not a ModelError.`);
        resolve({ snapshots, last: snapshots.at(-1), error, completed: false });
      },
      complete: () => resolve({ snapshots, last: snapshots.at(-1), error: undefined, completed: true }),
    });
  });
}

/** What must not depend on how the bytes arrived: all but ids that are made here, and times. */
export function essence({ last, error }: Pick<Outcome, "last" | "error">): unknown {
  const { timeToFirstTokenMs: _first, durationMs: _duration, raw: _raw, ...usage } = last?.usage ?? {};
  return {
    content: last?.content.map(({ id: _id, ...block }) => block),
    finishReason: last?.finishReason,
    isLast: last?.isLast,
    usage,
    error: error?.kind,
  };
}

/** @throws Error when the two are not the same data */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: expected ${b}, got ${a}`);
}

/** @throws Error when the claim does not hold */
export function claim(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

/** Freezes a snapshot and all in it: a later change anywhere would throw. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
