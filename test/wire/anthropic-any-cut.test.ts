import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AnthropicChatModel, type ChatResponse } from "../../src/index.ts";
import { type ByteAnswer, ByteServer } from "../../src/testing/conformance/byte-server.ts";
import { type CallRecord, recordCall } from "../../src/testing/conformance/call-record.ts";
import { essence, isBeginningOf } from "../../src/testing/conformance/expectations.ts";
import { blockOf, endOf, event, startOf } from "../model/anthropic-server.ts";

let server: ByteServer;
let model: AnthropicChatModel;

beforeAll(async () => {
  server = await ByteServer.start();
  const endpoint = { baseUrl: server.url, headers: () => ({}) };
  const options = { retry: false, maxTokens: 9 } as const;
  model = new AnthropicChatModel({ provider: "anthropic", modelName: "m", endpoint, options });
});

afterAll(() => server.close());

/** Asks for these bytes. Every call is held to what is promised of all: see `recordCall`. */
function ask(answer: ByteAnswer): Promise<CallRecord> {
  server.script({ headers: { "content-type": "text/event-stream" }, ...answer });
  return recordCall(model.stream("Hi"));
}

const anyText = fc.string({
  unit: fc.constantFrom("a", '"', "\\", "\n", "\r", " ", "é", "語", "👩‍👧", "\u2028", "data:", "event: error"),
});

/** A block as the whole answer has it, and the pieces that it comes in. */
interface AnyBlock {
  readonly whole: object;
  readonly start: object;
  readonly deltas: readonly object[];
}

const anyCuts = fc.array(fc.nat({ max: 40 }), { maxLength: 4 });

/** The text in pieces, which may cut a character in half as JSON can. */
function inPieces(text: string, cuts: readonly number[]): string[] {
  const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
  return places.slice(1).map((to, index) => text.slice(places[index], to));
}

const anyBlock = fc.oneof(
  fc.tuple(anyText, anyCuts).map(([text, cuts]): AnyBlock => ({
    whole: { type: "text", text },
    start: { type: "text", text: "" },
    deltas: inPieces(text, cuts).map((piece) => ({ type: "text_delta", text: piece })),
  })),
  fc.tuple(anyText, anyCuts, fc.constantFrom("sig/1+=", "")).map(([thinking, cuts, signature]): AnyBlock => ({
    whole: { type: "thinking", thinking, signature },
    start: { type: "thinking", thinking: "", signature: "" },
    deltas: [
      ...inPieces(thinking, cuts).map((piece) => ({ type: "thinking_delta", thinking: piece })),
      { type: "signature_delta", signature },
    ],
  })),
  fc.tuple(fc.uuid(), fc.jsonValue({ maxDepth: 2 }), anyCuts).map(([id, value, cuts]): AnyBlock => {
    const tool = { type: "tool_use", id, name: "look_up" };
    const pieces = inPieces(JSON.stringify({ value }), cuts);
    return {
      whole: { ...tool, input: { value } },
      start: { ...tool, input: {} },
      deltas: pieces.map((piece) => ({ type: "input_json_delta", partial_json: piece })),
    };
  }),
  fc
    .constantFrom<object>(
      { type: "redacted_thinking", data: "b3BhcXVl" },
      { type: "web_search_tool_result", tool_use_id: "s", content: [] },
    )
    .map((block): AnyBlock => ({ whole: block, start: block, deltas: [] })),
);

const anyBlocks = fc.array(anyBlock, { maxLength: 6 });

function streamOf(blocks: readonly AnyBlock[]): string {
  return [
    startOf(),
    ...blocks.flatMap(({ start, deltas }, index) => [{ type: "ping" }, ...blockOf(index, start, ...deltas)]),
    ...endOf("end_turn"),
  ]
    .map(event)
    .join("");
}

/** The bytes, cut at these parts of their length. */
function cutAt(bytes: Buffer, parts: readonly number[]): Buffer[] {
  const places = [
    0,
    ...parts.map((part) => Math.floor(part * bytes.length)).toSorted((a, b) => a - b),
    bytes.length,
  ];
  return places.slice(1).map((to, index) => bytes.subarray(places[index], to));
}

const anyPlace = fc.double({ min: 0, max: 1, noNaN: true });

test("any cut of the bytes of any answer gives the same last snapshot", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyBlocks,
      fc.array(anyPlace, { maxLength: 12 }),
      fc.boolean(),
      async (blocks, places, crlf) => {
        const lines = streamOf(blocks);
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
      anyBlocks,
      anyPlace,
      fc.constantFrom("chunked", "close"),
      async (blocks, place, framing) => {
        const bytes = Buffer.from(streamOf(blocks));
        const { last } = await ask({ pieces: [bytes] });
        const content = (last as ChatResponse).content;
        const [beginning] = cutAt(bytes, [place]);
        const broken = await ask({ pieces: [beginning as Buffer], framing, bodyEnd: "cut" });
        const partial = (broken.last ?? broken.error?.partial) as ChatResponse | undefined;
        if (partial !== undefined) expect(isBeginningOf(partial.content, content, { ids: false })).toBe(true);
        if (broken.last !== undefined) expect(broken.last.text).toBe(last?.text);
        else expect(["network", "truncated"]).toContain(broken.error?.kind);
      },
    ),
    { numRuns: 200 },
  );
});

test("the streamed and the whole answer end in the same snapshot, whatever they say", async () => {
  await fc.assert(
    fc.asyncProperty(anyBlocks, async (blocks) => {
      const streamed = await ask({ pieces: [streamOf(blocks)] });
      const { message } = startOf() as { message: object };
      const body = {
        ...message,
        content: blocks.map((block) => block.whole),
        stop_reason: "end_turn",
        usage: { input_tokens: 12, output_tokens: 5 },
      };
      const whole = await ask({
        headers: { "content-type": "application/json" },
        pieces: [JSON.stringify(body)],
      });
      expect(whole.last && essence(whole.last)).toEqual(streamed.last && essence(streamed.last));
    }),
    { numRuns: 100 },
  );
});
