import { afterAll, beforeAll, expect, test } from "vitest";
import { builtinCredentials } from "../../src/credential/builtin-credentials.ts";
import { DashScopeCredential, type DashScopeCredentialOptions } from "../../src/credential/dashscope.ts";
import type { ModelError } from "../../src/error/model-error.ts";
import type { ChatModelBase } from "../../src/model/chat-model-base.ts";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import { type ByteAnswer, ByteServer } from "../../src/testing/conformance/byte-server.ts";
import { type CallRecord, recordCall } from "../../src/testing/conformance/call-record.ts";
import type { ConformanceSubject } from "../../src/testing/conformance/conformance-context.ts";
import { credentialSubject } from "../../src/testing/conformance/credential-subject.ts";
import { dashscopeFixtures } from "../../src/testing/conformance/dashscope-fixtures.ts";
import { eventually } from "../../src/testing/conformance/expectations.ts";
import type { AnswerPart, FixtureUsage } from "../../src/testing/conformance/wire-fixtures.ts";
import { fixturesOf } from "../conformance/wire-fixtures-of.ts";

const NATIVE_DASHSCOPE: DashScopeCredentialOptions = { mode: "native" };

const SUBJECTS: readonly ConformanceSubject[] = [
  ...builtinCredentials.map((credential) => credentialSubject(credential, fixturesOf(credential))),
  // It speaks its own wire only when it is told to.
  credentialSubject(DashScopeCredential, dashscopeFixtures(), {}, NATIVE_DASHSCOPE),
];

/** The first provider of each wire. */
const WIRES: readonly ConformanceSubject[] = SUBJECTS.filter(
  ({ fixtures }, index) => SUBJECTS.findIndex((subject) => subject.fixtures.name === fixtures.name) === index,
);

let server: ByteServer | undefined;

/**
 * Registers a test for each wire, with a server for all of the file's that must have no open answer at the end, and no
 * rejection that nobody handles.
 *
 * @param only the wire of this name @default all
 */
export function testWires(title: string, run: (wire: ServedWire) => Promise<void>, only?: string): void {
  if (!isServed) serve();
  for (const subject of WIRES.filter(({ fixtures }) => only === undefined || fixtures.name === only)) {
    const name = `${subject.fixtures.name}: ${title}`;
    test(name, () => run(new ServedWire(subject, server as ByteServer)), 60_000);
  }
}

let isServed = false;

function serve(): void {
  isServed = true;
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  beforeAll(async () => {
    process.on("unhandledRejection", onUnhandled);
    server = await ByteServer.start();
  });
  afterAll(async () => {
    await eventually(() => server?.openAnswers === 0, "a connection was left open");
    await server?.close();
    process.off("unhandledRejection", onUnhandled);
    expect(unhandled).toEqual([]);
  });
}

/** A wire whose answers come from a byte server. */
export class ServedWire {
  readonly fixtures: ConformanceSubject["fixtures"];
  private readonly server: ByteServer;
  private readonly model: ChatModelBase;

  constructor(subject: ConformanceSubject, server: ByteServer) {
    this.fixtures = subject.fixtures;
    this.server = server;
    this.model = subject.createModel({
      baseUrl: server.url + this.fixtures.basePath,
      apiKey: "sk-wire-0123456789",
      modelName: subject.models?.[0],
      // Large answers on a machine with much to do take a while.
      options: { retry: false, timeout: { firstEventMs: 15_000, idleMs: 15_000 } },
    });
  }

  /** Whether the client has closed the socket of the newest answer before that was whole. */
  get isClosed(): boolean {
    return this.server.requests.at(-1)?.closedByClient === true;
  }

  /** An answer that is streamed to its end. */
  whole(parts: readonly AnswerPart[], usage: FixtureUsage = { input: 7, output: 5 }): readonly string[] {
    return this.fixtures.stream([...parts, ...this.ending(usage)]);
  }

  /** An ordinary end. */
  ending(usage: FixtureUsage = { input: 7, output: 5 }): readonly AnswerPart[] {
    return [{ finish: this.fixtures.finishReasons.stop ?? "stop" }, { usage }, { end: true }];
  }

  stream(answer: ByteAnswer): ReturnType<ChatModelBase["stream"]> {
    this.server.script({ headers: { "content-type": this.fixtures.streamType }, ...answer });
    return this.model.stream("Hi");
  }

  /** What comes of these bytes, held to what is promised of every call: see `recordCall`. */
  ask(answer: ByteAnswer): Promise<CallRecord> {
    return recordCall(this.stream(answer));
  }

  /** The same, where the answer or the error must be sound, whatever the bytes are. */
  async survive(answer: ByteAnswer): Promise<ChatResponse | ModelError> {
    const { last, error } = await this.ask(answer);
    expect(Object.keys(Object.prototype)).toEqual([]);
    if (last !== undefined) {
      expectSound(last);
      return last;
    }
    if (error?.partial !== undefined) expectSound(error.partial as ChatResponse);
    // A mistake of ours would say so.
    expect(error?.message).not.toMatch(/failed inside|makes no sense/);
    return error as ModelError;
  }

  /** The last snapshot or the error, without a record of all that came before: for answers that are large. */
  outcome(
    answer: ByteAnswer,
  ): Promise<{ last: ChatResponse | undefined; error: ModelError | undefined; count: number }> {
    return new Promise((resolve) => {
      let last: ChatResponse | undefined;
      let count = 0;
      this.stream(answer).subscribe({
        next: (response) => {
          last = response;
          count += 1;
        },
        error: (error: ModelError) => resolve({ last, error, count }),
        complete: () => resolve({ last, error: undefined, count }),
      });
    });
  }
}

const REASONS = ["stop", "length", "tool_calls", "content_filter", "pause", "error", "other", undefined];

/** Every field is of the type that it is declared with: what a provider sends must not come through as it is. */
function expectSound(response: ChatResponse): void {
  const texts = [response.id, response.model, response.createdAt, response.rawFinishReason ?? ""];
  for (const block of response.content) {
    texts.push(block.id);
    if (block.type === "text") texts.push(block.text);
    else if (block.type === "thinking") texts.push(block.thinking);
    else if (block.type === "tool_use") {
      texts.push(block.name, block.rawInput, block.inputError ?? "");
      expect(block.input).toBeTypeOf("object");
      expect(block.input).not.toBeNull();
    }
  }
  expect(texts.filter((text) => typeof text !== "string")).toEqual([]);
  expect(REASONS).toContain(response.finishReason);
  const { raw: _raw, ...counts } = response.usage ?? {};
  for (const [name, count] of Object.entries(counts)) expect(count, name).toBeTypeOf("number");
}

/** The JSON of an event, and the event around other JSON; undefined for an event without. */
export function jsonOf(
  event: string,
): { readonly value: unknown; readonly around: (json: string) => string } | undefined {
  const [, before, json, after] = /^((?:[^{\n]*\n)*(?:data: ?)?)(\{.*\})(\s*)$/.exec(event) ?? [];
  if (before === undefined || json === undefined || after === undefined) return undefined;
  return { value: JSON.parse(json) as unknown, around: (other) => before + other + after };
}
