import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ChatResponse } from "../../src/index.ts";
import { GeminiChatModel } from "../../src/index.ts";
import { type ByteAnswer, ByteServer } from "../../src/testing/conformance/byte-server.ts";
import { type CallRecord, recordCall } from "../../src/testing/conformance/call-record.ts";
import { essence, eventually, isBeginningOf } from "../../src/testing/conformance/expectations.ts";
import { endEvent, framed, partsEvent } from "../model/gemini-server.ts";

let server: ByteServer;
let model: GeminiChatModel;

beforeAll(async () => {
  server = await ByteServer.start();
  const endpoint = { baseUrl: `${server.url}/v1beta`, headers: () => ({}) };
  const timeout = { firstEventMs: 5000, idleMs: 5000 };
  model = new GeminiChatModel({
    provider: "gemini",
    modelName: "m",
    endpoint,
    options: { retry: false, timeout },
  });
});

afterAll(async () => {
  await eventually(() => server.openAnswers === 0, "a connection was left open");
  await server.close();
});

/** Asks for these bytes. Every call is held to what is promised of all: see `recordCall`. */
function ask(answer: ByteAnswer): Promise<CallRecord> {
  server.script({ headers: { "content-type": "text/event-stream" }, ...answer });
  return recordCall(model.stream("Hi"));
}

const anyText = fc.string({
  unit: fc.constantFrom("a", '"', "\\", "\n", "\r", " ", "é", "語", "👩‍👧", "\u2028", "data:"),
});
const signature = fc.option(fc.constantFrom({ thoughtSignature: "c2ln" }), { nil: {} });

const anyPart = fc.oneof(
  fc.tuple(anyText, signature).map(([text, more]) => ({ text, ...more })),
  fc.tuple(anyText, signature).map(([text, more]) => ({ text, thought: true, ...more })),
  fc
    .tuple(
      fc.option(fc.constantFrom("fc_1", "fc_2"), { nil: undefined }),
      fc.jsonValue({ maxDepth: 2 }),
      signature,
    )
    .map(([id, value, more]) => ({ functionCall: { id, name: "look_up", args: { value } }, ...more })),
  fc.constant({ inlineData: { mimeType: "image/png", data: "AQID" } }),
  fc.constant({ inlineData: { mimeType: "audio/L16;rate=24000", data: "AQID" } }),
  fc.constant({ executableCode: { language: "PYTHON", code: "print(1)" } }),
);

const USAGE = { promptTokenCount: 7, candidatesTokenCount: 5, thoughtsTokenCount: 1, totalTokenCount: 13 };

/** An answer as events: any parts, in events of any size. */
const anyAnswer = fc
  .array(fc.array(anyPart, { maxLength: 3 }), { maxLength: 6 })
  .map((events) => [...events.map((parts) => partsEvent(parts)), endEvent("STOP", USAGE)]);

/** The bytes, cut at these parts of their length. */
function cutAt(bytes: Buffer, parts: readonly number[]): Buffer[] {
  const places = parts.map((part) => Math.floor(part * bytes.length)).toSorted((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

const anyPlace = fc.double({ min: 0, max: 1, noNaN: true });

test("any cut of the bytes of any answer gives the same last snapshot", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyAnswer,
      fc.array(anyPlace, { maxLength: 12 }),
      fc.boolean(),
      async (events, places, isPlain) => {
        const text = framed(...events);
        const whole = await ask({ pieces: [text] });
        const cut = await ask({
          pieces: cutAt(Buffer.from(isPlain ? text.replaceAll("\r\n", "\n") : text), places),
        });
        expect(whole.error).toBeUndefined();
        expect(cut.last && essence(cut.last)).toEqual(whole.last && essence(whole.last));
      },
    ),
    { numRuns: 200 },
  );
});

test("any answer that breaks off anywhere is an error with the beginning of it, or is whole", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyAnswer,
      anyPlace,
      fc.constantFrom("chunked", "close"),
      async (events, place, framing) => {
        const bytes = Buffer.from(framed(...events));
        const { last } = await ask({ pieces: [bytes] });
        const [beginning] = cutAt(bytes, [place]);
        const broken = await ask({ pieces: [beginning as Buffer], framing, bodyEnd: "cut" });
        const partial = (broken.last ?? broken.error?.partial) as ChatResponse | undefined;
        const { content } = last as ChatResponse;
        if (partial !== undefined) expect(isBeginningOf(partial.content, content, { ids: false })).toBe(true);
        if (broken.last !== undefined) expect(broken.last.text).toBe(last?.text);
        else expect(["network", "truncated"]).toContain(broken.error?.kind);
      },
    ),
    { numRuns: 200 },
  );
});

test("the streamed answer and the same in one piece say the same", async () => {
  await fc.assert(
    fc.asyncProperty(anyAnswer, async (events) => {
      const streamed = await ask({ pieces: [framed(...events)] });
      const whole = await ask({
        headers: { "content-type": "application/json" },
        pieces: [JSON.stringify(events)],
      });
      expect(whole.last && essence(whole.last)).toEqual(streamed.last && essence(streamed.last));
    }),
    { numRuns: 100 },
  );
});

/** Every place in a value, as the keys that lead there. */
function placesOf(value: unknown, way: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [way];
  return [way, ...Object.entries(value).flatMap(([key, inner]) => placesOf(inner, [...way, key]))];
}

/** The value with something else in one place. */
function withAt(value: unknown, [key, ...rest]: readonly string[], other: unknown): unknown {
  if (key === undefined) return other;
  const copy: Record<string, unknown> = { ...(value as Record<string, unknown>) };
  copy[key] = withAt(copy[key], rest, other);
  return Array.isArray(value) ? Object.values(copy) : copy;
}

/** Events with everything that the wire has. */
const RICH: readonly unknown[] = [
  partsEvent([
    { text: "a", thought: true, thoughtSignature: "s" },
    { functionCall: { id: "f", name: "t", args: { a: [1] } }, thoughtSignature: "s" },
    { inlineData: { mimeType: "image/png", data: "AQID" } },
    { inlineData: { mimeType: "audio/wav", data: "AQID" } },
    { fileData: { mimeType: "image/png", fileUri: "gs://a" } },
    { executableCode: { language: "PYTHON", code: "1" } },
    { codeExecutionResult: { outcome: "OUTCOME_OK", output: "1" } },
  ]),
  partsEvent([
    { functionCall: { name: "t", willContinue: true } },
    { functionCall: { partialArgs: [{ jsonPath: "$.a[0].b", stringValue: "x", willContinue: true }] } },
  ]),
  partsEvent([{ text: "b" }], {
    groundingMetadata: { webSearchQueries: ["x"] },
    citationMetadata: { citationSources: [{ uri: "u" }] },
    safetyRatings: [{ category: "c" }],
    logprobsResult: { chosenCandidates: [{ token: "b" }], topCandidates: [{ candidates: [{ token: "b" }] }] },
    finishMessage: "m",
  }),
  { candidates: [{ index: 1, content: { parts: [{ text: "another" }] }, finishReason: "STOP" }] },
  { promptFeedback: { blockReason: "SAFETY" } },
  endEvent("STOP", { ...USAGE, promptTokensDetails: [{ modality: "TEXT", tokenCount: 7 }] }),
  { error: { code: 500, message: "boom", status: "INTERNAL", details: [{ retryDelay: "1s" }] } },
];

const anyJson = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e308, "", "x", [], {}, [null], [[]], { length: 1 }, [{}]),
  fc.jsonValue({ maxDepth: 2 }),
);

test("any field of any event may be anything: an answer or a clear error, never a mistake of ours", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), anyJson, fc.boolean(), async (which, where, other, isWhole) => {
      const event = RICH[which % RICH.length];
      const places = placesOf(event);
      const mutated = withAt(event, places[where % places.length] as readonly string[], other);
      const { last, error } = isWhole
        ? await ask({ headers: { "content-type": "application/json" }, pieces: [JSON.stringify(mutated)] })
        : await ask({ pieces: [framed(partsEvent([{ text: "a" }]), mutated, endEvent())] });
      expect(error?.message ?? "").not.toMatch(/failed inside|makes no sense/);
      for (const block of last?.content ?? []) {
        expect(block.id).toBeTypeOf("string");
        if (block.type === "text") expect(block.text).toBeTypeOf("string");
        if (block.type === "tool_use") expect(block.name).toBeTypeOf("string");
        if (block.type === "data") expect(block.source.mediaType).toBeTypeOf("string");
      }
      const { raw: _raw, ...counts } = last?.usage ?? {};
      for (const count of Object.values(counts)) expect(count).toBeTypeOf("number");
    }),
    { numRuns: 600 },
  );
});
