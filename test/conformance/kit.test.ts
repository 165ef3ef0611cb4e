import { get } from "node:http";
import { connectable, map, Observable, of, tap } from "rxjs";
import { expect, onTestFinished, test } from "vitest";
import {
  type ChatMiddleware,
  ChatModelBase,
  type ChatResponse,
  type ModelError,
  OpenAIChatFormatter,
  OpenAICredential,
  OpenAIMultiAgentFormatter,
} from "../../src/index.ts";
import { delivered, DELIVERIES } from "../../src/testing/conformance/byte-delivery.ts";
import { type ByteAnswer, ByteServer } from "../../src/testing/conformance/byte-server.ts";
import type { ConformanceSubject } from "../../src/testing/conformance/conformance-context.ts";
import { openaiChatFixtures } from "../../src/testing/conformance/openai-chat-fixtures.ts";
import {
  conformanceCases,
  defineConformance,
  runConformance,
} from "../../src/testing/conformance/run-conformance.ts";
import { echoModel } from "../../src/testing/scripted-model.ts";
import { forbidNetwork } from "../../src/transport/network-ban.ts";

const good: ConformanceSubject = {
  name: "OpenAI",
  fixtures: openaiChatFixtures(),
  createModel: ({ modelName = "gpt-4.1", options, card, ...account }) =>
    new OpenAICredential(account).createChatModel(modelName, { options, card }),
};

/** The same subject, spoiled by a middleware. */
function spoiled(...middleware: ChatMiddleware[]): ConformanceSubject {
  return { ...good, name: "spoiled", createModel: (setup) => good.createModel(setup).with(...middleware) };
}

test("no two cases have the same id, and every case runs or says why not", () => {
  const ids = conformanceCases.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { run, skipped } of conformanceCases)
    expect((run === undefined) !== (skipped === undefined)).toBe(true);
});

test("the table has every row of its sections, in their order", () => {
  const sections = {
    A: 8,
    B: 14,
    C: 18,
    D: 8,
    E: 16,
    F: 11,
    G: 9,
    H: 9,
    I: 8,
    J: 8,
    K: 6,
    L: 3,
    M: 4,
    N: 4,
    O: 4,
    P: 7,
    Q: 6,
  };
  const expected = Object.entries(sections).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
  );
  expect(conformanceCases.map(({ id }) => id)).toEqual(expected);
});

test("a run tells what came of every case that was asked for, and of no other", async () => {
  const results = await runConformance(good, { only: ["C1", "K4", "P1", "A2"] });
  expect(results).toEqual([
    {
      id: "A2",
      title: expect.any(String),
      outcome: "skip",
      reason: expect.stringContaining("environment"),
      calls: 0,
    },
    { id: "C1", title: "an answer in one event", outcome: "pass", calls: expect.any(Number) },
    {
      id: "K4",
      title: expect.any(String),
      outcome: "skip",
      reason: expect.stringContaining("no fallback"),
      calls: 0,
    },
    {
      id: "P1",
      title: expect.any(String),
      outcome: "skip",
      reason: expect.stringContaining("a plugin"),
      calls: 0,
    },
  ]);
  // Six deliveries, eleven cuts, a reset and an error event make a stream case.
  expect(results[1]?.calls).toBeGreaterThan(15);
});

test("a skip of an unknown case, or without a reason, is refused, and so is a case that is not there", async () => {
  const refused = (skips: Readonly<Record<string, string>>): Promise<unknown> =>
    runConformance({ ...good, skips });
  await expect(refused({ Z9: "because" })).rejects.toThrow("there is no such case");
  await expect(refused({ C1: " " })).rejects.toThrow("without a reason");
  await expect(runConformance(good, { only: ["Z9"] })).rejects.toThrow("no case Z9");
  expect(() => defineConformance({ ...good, skips: { C1: "" } }, { test })).toThrow("without a reason");
});

test("a skip that is not needed is told, by both roads", async () => {
  const skips = { C1: "too hard", F4: "no tags" };
  const results = await runConformance({ ...good, skips }, { only: ["C1", "F4"] });
  expect(results).toMatchObject([
    { id: "C1", outcome: "skip", reason: "too hard", wouldPass: true },
    { id: "F4", outcome: "skip", reason: "no tags", wouldPass: false },
  ]);
  const tests = new Map<string, () => Promise<void>>();
  const collect = Object.assign((name: string, run: () => Promise<void>) => tests.set(name, run), {
    skip: (name: string, run: () => Promise<void>) => tests.set(`skipped ${name}`, run),
  });
  defineConformance({ ...good, skips }, { test: collect, only: ["C1", "C2", "F4"] });
  expect([...tests.keys()]).toEqual([
    "skipped OpenAI C1 an answer in one event (too hard)",
    "OpenAI C2 an answer in many events",
    "skipped OpenAI F4 reasoning between tags in the text, the tags cut anywhere (no tags)",
    "OpenAI needs every skip that it declares",
  ]);
  await tests.get("OpenAI C2 an answer in many events")?.();
  await expect(tests.get("OpenAI needs every skip that it declares")?.()).rejects.toThrow(
    "skips C1, which would pass",
  );
});

test("the table holds under forbidNetwork() too: nothing of it needs another machine", async () => {
  const allowNetwork = forbidNetwork();
  onTestFinished(allowNetwork);
  const results = await runConformance(good, { only: ["A5", "C1", "I5", "J5", "Q1"] });
  expect(results.filter(({ outcome }) => outcome !== "pass")).toEqual([]);
});

test("a case that does not end is ended", async () => {
  const stuck: ConformanceSubject = {
    ...good,
    createModel: () => new StuckModel({ provider: "stuck", modelName: "m" }),
  };
  const [result] = await runConformance(stuck, { only: ["C1"], timeoutMs: 50 });
  expect(result).toMatchObject({ outcome: "fail", reason: "The case did not end within 50 ms." });
});

test("a rejection that nobody handles is a failure of the case it came from", async () => {
  const careless = spoiled((call, next) => {
    void Promise.reject(new Error("forgotten"));
    return next(call);
  });
  const [result] = await runConformance(careless, { only: ["A1"] });
  expect(result).toMatchObject({ outcome: "fail", reason: expect.stringContaining("forgotten") });
});

const withText = (response: ChatResponse, change: (text: string) => string): ChatResponse =>
  response.with({
    content: response.content.map((block) =>
      block.type === "text" ? { ...block, text: change(block.text) } : block,
    ),
  });

/** Ways to break a contract, and a case that must notice each. */
const SABOTEURS: readonly (readonly [what: string, id: string, middleware: ChatMiddleware])[] = [
  [
    "loses the last letter",
    "C1",
    (call, next) => next(call).pipe(map((each) => withText(each, (text) => text.slice(0, -1)))),
  ],
  [
    "never says that it is last",
    "C2",
    (call, next) => next(call).pipe(map((each) => each.with({ isLast: false }))),
  ],
  [
    "takes a cut stream for a whole one",
    "C8",
    (call, next) =>
      new Observable((subscriber) =>
        next(call).subscribe({
          next: (response) => subscriber.next(response.with({ isLast: response.text.endsWith("語.") })),
          error: () => subscriber.complete(),
          complete: () => subscriber.complete(),
        }),
      ),
  ],
  [
    "gives its blocks new ids",
    "D6",
    (call, next) => {
      let count = 0;
      return next(call).pipe(
        map((each) => each.with({ content: each.content.map((block) => ({ ...block, id: `b${count++}` })) })),
      );
    },
  ],
  [
    "adds usage up",
    "G4",
    (call, next) => {
      let sum = 0;
      return next(call).pipe(
        map((each) => {
          sum += each.usage?.outputTokens ?? 0;
          return each.usage === undefined ? each : each.with({ usage: { ...each.usage, outputTokens: sum } });
        }),
      );
    },
  ],
  [
    "says tool_calls for stop",
    "H1",
    (call, next) => next(call).pipe(map((each) => each.with({ finishReason: "tool_calls" }))),
  ],
  [
    "leaves the socket open",
    "J1",
    (call, next) => {
      const source = connectable(next(call));
      source.connect();
      return source;
    },
  ],
  [
    "leaves a timer behind",
    "J8",
    (call, next) => next(call).pipe(tap(() => void setTimeout(() => {}, 10_000))),
  ],
  [
    "throws a foreign error",
    "I1",
    (call, next) =>
      new Observable((subscriber) =>
        next(call).subscribe({
          next: (response) => subscriber.next(response),
          error: (error: ModelError) => subscriber.error(new TypeError(error.message)),
          complete: () => subscriber.complete(),
        }),
      ),
  ],
  [
    "asks again after it has begun",
    "K2",
    (call, next) =>
      new Observable((subscriber) =>
        next(call).subscribe({
          next: (response) => subscriber.next(response),
          error: () => next(call).subscribe(subscriber),
          complete: () => subscriber.complete(),
        }),
      ),
  ],
  [
    "drops an option without a word",
    "B9",
    (call, next) => next({ ...call, options: { ...call.options, temperature: undefined } as never }),
  ],
  ["forgets the tools", "E15", (call, next) => next({ ...call, tools: [] })],
  [
    "forgets the schema of the answer",
    "M1",
    (call, next) => next({ ...call, options: { ...call.options, responseFormat: undefined } as never }),
  ],
];

test.each([undefined, null, 5, "text", {}, { content: [], isLast: true }])(
  "a model that emits %j in place of a snapshot fails with an error that says so",
  async (value) => {
    const emitted = of(value) as Observable<unknown> as Observable<ChatResponse>;
    class Careless extends ChatModelBase {
      protected doStream(): Observable<ChatResponse> {
        return emitted;
      }
    }
    const plugin = new Careless({ provider: "p", modelName: "m" });
    const middleware: ChatMiddleware = () => emitted;
    for (const model of [plugin, plugin.with(middleware)]) {
      await expect(model.call("Hi")).rejects.toMatchObject({
        kind: "configuration",
        message: expect.stringContaining("no ChatResponse"),
      });
    }
  },
);

test.each(SABOTEURS)("a model that %s is found by %s", async (_what, id, middleware) => {
  const [result] = await runConformance(spoiled(middleware), { only: [id] });
  expect(result).toMatchObject({ id, outcome: "fail", reason: expect.any(String) });
});

test("a model that sends before it is subscribed to is found by Q1", async () => {
  const eager: ConformanceSubject = {
    ...good,
    createModel: (setup) => {
      const model = good.createModel(setup);
      const stream = model.stream.bind(model);
      model.stream = (messages, ...rest: never[]) => {
        stream(messages, ...rest).subscribe({ error: () => {} });
        return stream(messages, ...rest);
      };
      return model;
    },
  };
  expect(await runConformance(eager, { only: ["Q1"] })).toMatchObject([
    { outcome: "fail", reason: /before a subscription/ },
  ]);
});

/** Ways to break what is not a model's answer, and the cases that must notice each. */
const SPOILED: readonly (readonly [
  what: string,
  ids: readonly string[],
  parts: Partial<ConformanceSubject>,
])[] = [
  ["does not take the formatter that it is given", ["L2", "L3"], {}],
  [
    "writes a conversation of several agents message for message",
    ["L2", "L3"],
    { fixtures: { ...good.fixtures, multiAgentFormatter: () => new OpenAIChatFormatter() } },
  ],
  [
    "takes its own messages for the talk of agents",
    ["L1"],
    {
      createModel: ({ modelName = "gpt-4.1", ...account }) =>
        new OpenAICredential(account).createChatModel(modelName, {
          formatter: new OpenAIMultiAgentFormatter(),
        }),
    },
  ],
  [
    "claims every id",
    ["P1", "P2", "P3", "P4", "P6"],
    {
      plugin: { name: "all", register: (registry) => void registry.registerFactory(".+", () => echoModel()) },
    },
  ],
  [
    "wraps the errors of its factory",
    ["P7"],
    {
      plugin: {
        name: "wraps",
        register: (registry) =>
          void registry.registerFactory("openai:.+", () => {
            throw new Error("Something went wrong.");
          }),
      },
    },
  ],
  [
    "makes nothing",
    ["P1", "P2", "P3", "P4", "P5", "P6", "P7"],
    { plugin: { name: "idle", register: () => {} } },
  ],
];

test.each(SPOILED)("a subject that %s is found by %j", async (_what, ids, parts) => {
  const results = await runConformance({ ...good, ...parts }, { only: ids });
  expect(results.map(({ id, outcome }) => [id, outcome])).toEqual(ids.map((id) => [id, "fail"]));
});

class StuckModel extends ChatModelBase {
  protected doStream(): Observable<ChatResponse> {
    return new Observable();
  }
}

/** What a plain client sees of an answer: its pieces, and whether it came to its end. */
function fetchPieces(
  server: ByteServer,
): Promise<{ status: number | undefined; pieces: string[]; end: string }> {
  return new Promise((resolve) => {
    const pieces: string[] = [];
    let status: number | undefined;
    const fail = (error: NodeJS.ErrnoException): void => resolve({ status, pieces, end: error.code ?? "" });
    get(server.url, (response) => {
      status = response.statusCode;
      response.on("data", (chunk: Buffer) => pieces.push(chunk.toString()));
      response.on("end", () => resolve({ status, pieces, end: "whole" })).on("error", fail);
    }).on("error", fail);
  });
}

test.each<[ByteAnswer, { status?: number; pieces?: string[]; end: string }]>([
  [{ pieces: ["a", "", "bc", "d"] }, { status: 200, pieces: ["a", "bc", "d"], end: "whole" }],
  [
    { pieces: ["a", "b"], pauseMs: 2 },
    { pieces: ["a", "b"], end: "whole" },
  ],
  [
    { status: 503, headers: { "x-a": "1" } },
    { status: 503, pieces: [], end: "whole" },
  ],
  [
    { pieces: ["ab"], framing: "close" },
    { pieces: ["ab"], end: "whole" },
  ],
  [
    { pieces: ["ab"], framing: "close", bodyEnd: "cut" },
    { pieces: ["ab"], end: "whole" },
  ],
  [
    { pieces: ["ab"], bodyEnd: "cut" },
    { pieces: ["ab"], end: "ECONNRESET" },
  ],
  [
    { pieces: ["ab"], bodyEnd: "reset" },
    { status: 200, pieces: ["ab"], end: "ECONNRESET" },
  ],
])("the byte server answers %j as told", async (answer, seen) => {
  const server = await ByteServer.start();
  server.script(answer);
  expect(await fetchPieces(server)).toMatchObject(seen);
  await expect.poll(() => server.openAnswers).toBe(0);
  expect(server.requests).toMatchObject([{ method: "GET", path: "/", isOver: true, closedByClient: false }]);
  await server.close();
});

test("the byte server sees a client go, and closes whatever is open", async () => {
  const server = await ByteServer.start();
  server.script({ pieces: ["a"], bodyEnd: "hang" }, { isSilent: true });
  await new Promise<void>((resolve) => {
    get(server.url, (response) => {
      response.once("data", () => {
        response.destroy();
        resolve();
      });
    });
  });
  await expect.poll(() => server.requests[0]?.closedByClient).toBe(true);
  const silent = fetchPieces(server);
  await expect.poll(() => server.openAnswers).toBe(1);
  await server.close();
  expect(await silent).toEqual({ status: undefined, pieces: [], end: "ECONNRESET" });
});

test("every delivery carries the same text, but for line ends and comments", () => {
  const events = ["data: é1\n\n", "data: 2\n\n"];
  for (const delivery of DELIVERIES) {
    const { pieces = [] } = delivered(events, delivery, "sse");
    const bytes = Buffer.concat([...pieces].map((piece) => Buffer.from(piece)));
    expect(bytes.toString().replaceAll("\r", "").replaceAll(": keep-alive\n\n", "")).toBe(events.join(""));
  }
  expect(
    [...(delivered(events, "one byte a write", "sse").pieces ?? [])].every((piece) => piece.length === 1),
  ).toBe(true);
});
