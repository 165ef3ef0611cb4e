import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ChatResponse } from "../../src/index.ts";
import { OpenAIChatModel } from "../../src/index.ts";
import { ByteServer, type ByteAnswer } from "../../src/testing/conformance/byte-server.ts";
import { type CallRecord, recordCall } from "../../src/testing/conformance/call-record.ts";
import { essence, isBeginningOf } from "../../src/testing/conformance/expectations.ts";
import { openaiChatFixtures } from "../../src/testing/conformance/openai-chat-fixtures.ts";
import { anyPlace, cutAt } from "./cut-bytes.ts";
import type { AnswerPart } from "../../src/testing/conformance/wire-fixtures.ts";

const fixtures = openaiChatFixtures();

let server: ByteServer;
let model: OpenAIChatModel;

beforeAll(async () => {
  server = await ByteServer.start();
  const endpoint = { baseUrl: `${server.url}/v1`, headers: () => ({}) };
  model = new OpenAIChatModel({ provider: "openai", modelName: "m", endpoint, options: { retry: false } });
});

afterAll(() => server.close());

/** Asks for these bytes. Every call is held to what is promised of all: see `recordCall`. */
function ask(answer: ByteAnswer): Promise<CallRecord> {
  server.script({ headers: { "content-type": "text/event-stream" }, ...answer });
  return recordCall(model.stream("Hi"));
}

const anyText = fc.string({
  unit: fc.constantFrom("a", '"', "\\", "\n", "\r", " ", "é", "語", "👩‍👧", "\u2028", "</think>", "data:"),
});

/** The text in pieces, which may cut a character in half as JSON can. */
const anyPieces = fc.tuple(anyText, fc.array(fc.nat({ max: 40 }), { maxLength: 4 })).map(([text, cuts]) => {
  const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
  return places.slice(1).map((to, index) => text.slice(places[index], to));
});

const anyCall = fc
  .tuple(
    fc.nat({ max: 2 }),
    fc.constantFrom("look_up", "get_time"),
    fc.jsonValue({ maxDepth: 2 }),
    fc.nat({ max: 30 }),
  )
  .map(([index, name, value, cut]): AnswerPart[] => {
    const text = JSON.stringify({ value });
    return [
      { tool: { index, id: `call_${index}`, name, arguments: text.slice(0, cut) } },
      { tool: { index, arguments: text.slice(cut) } },
    ];
  });

const anyAnswer = fc
  .array(
    fc.oneof(
      anyPieces.map((pieces) => pieces.map((text): AnswerPart => ({ text }))),
      anyPieces.map((pieces) => pieces.map((thinking): AnswerPart => ({ thinking }))),
      anyCall,
    ),
    { maxLength: 6 },
  )
  .map((parts): AnswerPart[] => [
    ...parts.flat(),
    { finish: "stop" },
    { usage: { input: 7, output: 5 } },
    { end: true },
  ]);

test("any cut of the bytes of any answer gives the same last snapshot", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyAnswer,
      fc.array(anyPlace, { maxLength: 12 }),
      fc.boolean(),
      async (parts, places, crlf) => {
        const lines = fixtures.stream(parts).join("");
        const whole = await ask({ pieces: [lines] });
        const bytes = Buffer.from(crlf ? lines.replaceAll("\n", "\r\n") : lines);
        const cut = await ask({ pieces: cutAt(bytes, places) });
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
      async (parts, place, framing) => {
        const bytes = Buffer.from(fixtures.stream(parts).join(""));
        const { last } = await ask({ pieces: [bytes] });
        const content = (last as ChatResponse).content;
        const [beginning] = cutAt(bytes, [place]);
        const broken = await ask({
          pieces: [beginning as Buffer],
          framing,
          bodyEnd: "cut",
        });
        const partial = (broken.last ?? broken.error?.partial) as ChatResponse | undefined;
        if (partial !== undefined) expect(isBeginningOf(partial.content, content, { ids: false })).toBe(true);
        if (broken.last !== undefined) expect(broken.last.text).toBe(last?.text);
        else expect(["network", "truncated"]).toContain(broken.error?.kind);
      },
    ),
    { numRuns: 200 },
  );
});

test("text comes out as it went in, whatever is in it and however it is cut", async () => {
  await fc.assert(
    fc.asyncProperty(anyPieces, async (pieces) => {
      const parts: AnswerPart[] = [...pieces.map((text) => ({ text })), { finish: "stop" }, { end: true }];
      const { last } = await ask({ pieces: fixtures.stream(parts) });
      expect(last?.text).toBe(pieces.join(""));
    }),
    { numRuns: 100 },
  );
});

test("the streamed and the whole answer end in the same snapshot, whatever they say", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyPieces,
      anyPieces,
      fc.uniqueArray(anyCall, {
        selector: ([call]) => JSON.stringify(call?.["tool" as never]?.["index"]),
        maxLength: 3,
      }),
      async (thinking, text, calls) => {
        const ordered = calls.toSorted(([a], [b]) => indexOf(a) - indexOf(b)).flat();
        const parts: AnswerPart[] = [
          ...thinking.map((piece) => ({ thinking: piece })),
          ...text.map((piece) => ({ text: piece })),
          ...ordered,
          { finish: "stop" },
          { usage: { input: 7, output: 5 } },
          { end: true },
        ];
        const streamed = await ask({ pieces: fixtures.stream(parts) });
        const whole = await ask({
          headers: { "content-type": "application/json" },
          pieces: [fixtures.whole(parts)],
        });
        expect(whole.last && essence(whole.last)).toEqual(streamed.last && essence(streamed.last));
      },
    ),
    { numRuns: 100 },
  );
});

function indexOf(part: AnswerPart | undefined): number {
  return part !== undefined && "tool" in part ? (part.tool.index ?? 0) : 0;
}
