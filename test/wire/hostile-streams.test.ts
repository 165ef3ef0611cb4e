import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ChatResponse, type ModelError, OpenAIChatModel } from "../../src/index.ts";
import { ByteServer, type ByteAnswer } from "../../src/testing/conformance/byte-server.ts";
import { eventually } from "../../src/testing/conformance/expectations.ts";
import { recordCall } from "../../src/testing/conformance/call-record.ts";
import { openaiChatFixtures } from "../../src/testing/conformance/openai-chat-fixtures.ts";
import { openaiChatShapes } from "../../src/testing/conformance/openai-chat-shapes.ts";
import { anyJson, placesOf, withAt } from "./mutated-json.ts";

const MEGABYTE = 1024 * 1024;

const fixtures = openaiChatFixtures();
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

let server: ByteServer;
let model: OpenAIChatModel;

beforeAll(async () => {
  process.on("unhandledRejection", onUnhandled);
  server = await ByteServer.start();
  const endpoint = { baseUrl: `${server.url}/v1`, headers: () => ({}) };
  model = new OpenAIChatModel({
    provider: "openai",
    modelName: "m",
    endpoint,
    options: { retry: false, timeout: { firstEventMs: 5000, idleMs: 5000 } },
  });
});

afterAll(async () => {
  await eventually(() => server.openAnswers === 0, "a connection was left open");
  await server.close();
  process.off("unhandledRejection", onUnhandled);
  expect(unhandled).toEqual([]);
});

function stream(answer: ByteAnswer): ReturnType<OpenAIChatModel["stream"]> {
  server.script({ headers: { "content-type": "text/event-stream" }, ...answer });
  return model.stream("Hi");
}

/** What came of these bytes, held to what is promised of every call; an answer or an error of ours must be sound. */
async function survive(answer: ByteAnswer): Promise<ChatResponse | ModelError> {
  const { last, error } = await recordCall(stream(answer));
  expect(Object.keys(Object.prototype)).toEqual([]);
  if (last !== undefined) {
    expectSound(last);
    return last;
  }
  if (error?.partial !== undefined) expectSound(error.partial as ChatResponse);
  // A mistake of ours would say so.
  expect(error?.message).not.toContain("failed inside");
  return error as ModelError;
}

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
  const reasons = ["stop", "length", "tool_calls", "content_filter", "pause", "error", "other", undefined];
  expect(reasons).toContain(response.finishReason);
  const { raw: _raw, ...counts } = response.usage ?? {};
  for (const [name, count] of Object.entries(counts)) expect(count, name).toBeTypeOf("number");
}

/** An answer with everything that the wire has. */
const RICH: readonly Readonly<Record<string, unknown>>[] = [
  ...Object.values(openaiChatShapes)
    .flat()
    .flatMap(({ events }) => events)
    .flatMap((event) => (/^data: (\{.*\})\n\n$/.exec(event)?.[1] === undefined ? [] : [event.slice(6)]))
    .map((text) => JSON.parse(text) as Readonly<Record<string, unknown>>),
  { choices: [{ index: 0, delta: { audio: { id: "a", data: "AQID", transcript: "hi", expires_at: 1 } } }] },
  { choices: [{ index: 0, delta: { images: [{ image_url: { url: "data:image/png;base64,AQID" } }] } }] },
  { choices: [{ index: 0, delta: { content: "x" }, logprobs: { content: [{ token: "x", logprob: -1 }] } }] },
  { choices: [{ index: 0, delta: { annotations: [{ type: "url_citation" }] } }], citations: ["https://a.b"] },
  { choices: [{ index: 1, delta: { content: "another" }, finish_reason: "stop" }] },
  { error: { message: "boom", type: "server_error", code: 500 } },
];

const FINISH = { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };

function framed(events: readonly unknown[]): string {
  return events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
}

test("any field of any event may be anything: an answer or a clear error, never a mistake of ours", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), anyJson, fc.boolean(), async (which, where, other, isWhole) => {
      const event = RICH[which % RICH.length] as Readonly<Record<string, unknown>>;
      const places = placesOf(event);
      const mutated = withAt(event, places[where % places.length] as readonly string[], other);
      if (isWhole)
        await survive({ headers: { "content-type": "application/json" }, pieces: [JSON.stringify(mutated)] });
      else
        await survive({
          pieces: [framed([{ choices: [{ delta: { content: "a" } }] }, mutated, FINISH]), "data: [DONE]\n\n"],
        });
    }),
    { numRuns: 1500 },
  );
});

test("an event that is no object, and a body that is no answer, are never taken for one", async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (value) => {
      const answer = await survive({ pieces: [framed([value])] });
      expect(answer).toBeInstanceOf(Error);
      const whole = await survive({
        headers: { "content-type": "application/json" },
        pieces: [JSON.stringify(value)],
      });
      expect(whole).toBeInstanceOf(Error);
    }),
    { numRuns: 200 },
  );
});

test("bytes that are flipped, lost or doubled anywhere break the answer, or a part of its text, and nothing else", async () => {
  const good = Buffer.from(
    fixtures.stream([{ text: "Hello, " }, { text: "wörld." }, { finish: "stop" }, { end: true }]).join(""),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.nat({ max: good.length - 1 }),
          fc.nat({ max: 255 }),
          fc.constantFrom("flip", "lose", "double"),
        ),
        { minLength: 1, maxLength: 5 },
      ),
      async (changes) => {
        const bytes = [...good];
        for (const [at, byte, how] of changes) {
          if (how === "flip") bytes[at] = byte;
          else if (how === "lose") bytes.splice(at, 1);
          else bytes.splice(at, 0, byte);
        }
        await survive({ pieces: [Buffer.from(bytes)] });
      },
    ),
    { numRuns: 400 },
  );
});

test("bytes of any kind are no answer", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom("text/event-stream", "application/json", "text/html", "application/octet-stream"),
      async (bytes, type) => {
        expect(await survive({ headers: { "content-type": type }, pieces: [bytes] })).toBeInstanceOf(Error);
      },
    ),
    { numRuns: 200 },
  );
});

test("hostile keys change nothing but the value that they stand in", async () => {
  const hostile =
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1,"hasOwnProperty":null}';
  const details = `{"type":"reasoning.text","index":0,"text":"a",${hostile.slice(1)}`;
  const events = [
    `{"choices":[{"index":0,"delta":{"content":"a",${hostile.slice(1, -1)}},${hostile.slice(1, -1)}}],${hostile.slice(1)}`,
    `{"choices":[{"index":0,"delta":{"reasoning_details":[${details},${details}]}}]}`,
    `{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"__proto__","function":{"name":"t","arguments":${JSON.stringify(hostile)}},"extra_content":${hostile}}]}}]}`,
    `{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,${hostile.slice(1)}}`,
    `{"choices":[{"index":0,"delta":{},"finish_reason":"__proto__"}]}`,
  ];
  const answer = await survive({
    pieces: [...events.map((event) => `data: ${event}\n\n`), "data: [DONE]\n\n"],
  });
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(answer).toMatchObject({ text: "a", finishReason: "other", usage: { inputTokens: 1 } });
  const [call] = (answer as ChatResponse).toolCalls;
  expect(call).toMatchObject({ id: "__proto__", rawInput: hostile });
  expect(Object.keys(call?.input ?? {})).toEqual(["__proto__", "constructor", "toString", "hasOwnProperty"]);
  expect(Object.getPrototypeOf(call?.input)).toBe(Object.prototype);
});

test("invalid UTF-8 is shown as such and loses nothing around it", async () => {
  const bytes = Buffer.from(
    fixtures.stream([{ text: "before#after" }, { finish: "stop" }, { end: true }]).join(""),
  );
  for (const broken of [[0xff], [0xc3], [0xe6, 0x97], [0xf0, 0x9f, 0x91], [0xed, 0xa0, 0x80], [0xc0, 0xaf]]) {
    const at = bytes.indexOf("#");
    const pieces = [
      bytes.subarray(0, at),
      ...broken.map((byte) => Buffer.from([byte])),
      bytes.subarray(at + 1),
    ];
    const answer = (await survive({ pieces })) as ChatResponse;
    expect(answer.text).toMatch(/^before\uFFFD+after$/);
  }
});

/** The last snapshot, or the error, without a record of all that came before: for answers that are large. */
function outcomeOf(
  source: ReturnType<typeof stream>,
): Promise<{ last: ChatResponse | undefined; error: ModelError | undefined; count: number }> {
  return new Promise((resolve) => {
    let last: ChatResponse | undefined;
    let count = 0;
    source.subscribe({
      next: (response) => {
        last = response;
        count += 1;
      },
      error: (error: ModelError) => resolve({ last, error, count }),
      complete: () => resolve({ last, error: undefined, count }),
    });
  });
}

test("a delta of 10 MB comes through whole", async () => {
  const text = "0123456789abcdef".repeat((10 * MEGABYTE) / 16);
  const { last, error } = await outcomeOf(
    stream({ pieces: fixtures.stream([{ text }, { finish: "stop" }, { end: true }]) }),
  );
  expect(error).toBeUndefined();
  expect(last?.text === text).toBe(true);
});

test("arguments of 10 MB come through whole, in one delta and in many", async () => {
  const value = "x".repeat(10 * MEGABYTE);
  const whole = JSON.stringify({ value });
  const size = 16 * 1024;
  const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
    whole.slice(index * size, index * size + size),
  );
  for (const list of [[whole], pieces]) {
    const parts = list.map((piece, index) => ({
      tool: { index: 0, arguments: piece, ...(index === 0 && { id: "c1", name: "t" }) },
    }));
    const { last, error } = await outcomeOf(
      stream({ pieces: fixtures.stream([...parts, { finish: "tool_calls" }, { end: true }]) }),
    );
    expect(error).toBeUndefined();
    expect(last?.toolCalls[0]?.input["value"] === value).toBe(true);
  }
});

test("100,000 tiny deltas are 100,000 snapshots and one text", async () => {
  const parts = Array.from({ length: 100_000 }, (_, index) => ({ text: String(index % 10) }));
  const events = fixtures.stream([...parts, { finish: "stop" }, { end: true }]);
  const { last, error, count } = await outcomeOf(stream({ pieces: [events.join("")] }));
  expect(error).toBeUndefined();
  expect(last?.text.length).toBe(100_000);
  expect(count).toBeGreaterThanOrEqual(100_000);
});

test("arguments nested 20,000 deep are read as they come, or told to be unreadable", async () => {
  const depth = 20_000;
  const parts = [
    { tool: { index: 0, id: "c1", name: "t", arguments: "" } },
    ...Array.from({ length: depth }, () => ({ tool: { index: 0, arguments: '{"a":' } })),
    { tool: { index: 0, arguments: `1${"}".repeat(depth)}` } },
  ];
  const events = fixtures.stream([...parts, { finish: "tool_calls" }, { end: true }]);
  const { last, error } = await outcomeOf(stream({ pieces: [events.join("")] }));
  expect(error).toBeUndefined();
  expect(last?.toolCalls[0]?.rawInput.length).toBe(depth * 6 + 1);
});

test("events nested beyond reason are an error, not a crash", async () => {
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  for (const event of [
    deep,
    `{"choices":[],"usage":{"prompt_tokens":1,"details":${deep}}}`,
    `{"choices":[],"citations":${deep}}`,
  ]) {
    const { error } = await outcomeOf(stream({ pieces: [`data: ${event}\n\ndata: [DONE]\n\n`] }));
    expect(["parse", "truncated"]).toContain(error?.kind);
  }
});

/** Pieces without end, of which no more than 256 MB are ever asked for. */
function* endless(piece: string, first: string): Generator<string> {
  yield first;
  for (let count = 0; count < (256 * MEGABYTE) / piece.length; count++) yield piece;
}

test.each([
  ["one line", "data: ", "x".repeat(MEGABYTE)],
  ["one event of many lines", "data: a\n", `data: ${"x".repeat(MEGABYTE - 7)}\n`],
  ["a line that is no field", "x", "x".repeat(MEGABYTE)],
])("a stream of %s without end is a clear error, and the socket is closed", async (_what, first, piece) => {
  const { error } = await outcomeOf(stream({ pieces: endless(piece, first) }));
  expect(error).toMatchObject({ kind: "parse", message: expect.stringContaining("more than 67108864") });
  await expect.poll(() => server.requests.at(-1)?.closedByClient).toBe(true);
});

test("an answer in one piece without end is a clear error, and the socket is closed", async () => {
  const { error } = await outcomeOf(
    stream({ headers: { "content-type": "application/json" }, pieces: endless("x".repeat(MEGABYTE), "{") }),
  );
  expect(error).toMatchObject({ kind: "parse", message: expect.stringContaining("more than 67108864") });
  await expect.poll(() => server.requests.at(-1)?.closedByClient).toBe(true);
});

test("lines outside of any event without end are cut to a bound", async () => {
  const lines = Array.from({ length: 2000 }, () => `oops ${"x".repeat(1000)}\n`);
  const { error } = await outcomeOf(stream({ pieces: lines }));
  expect(error?.message).toContain("oops");
  expect((error?.message.length ?? 0) + (error?.body?.length ?? 0)).toBeLessThan(10_000);
});
