// DashScope's own wire, cut and broken anywhere. What the OpenAI wire has in common is in any-cut.test.ts.
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ChatResponse, DashScopeChatModel, GenerateOptions } from "../../src/index.ts";
import { type ByteAnswer, ByteServer } from "../../src/testing/conformance/byte-server.ts";
import { type CallRecord, recordCall } from "../../src/testing/conformance/call-record.ts";
import { essence, isBeginningOf } from "../../src/testing/conformance/expectations.ts";
import { modelAt, output, SSE_HEAD, stream } from "../model/dashscope-server.ts";
import { anyJson, placesOf, withAt } from "./mutated-json.ts";

let server: ByteServer;
let model: DashScopeChatModel;

beforeAll(async () => {
  server = await ByteServer.start();
  model = modelAt(server.url, { options: { retry: false } });
});

afterAll(() => server.close());

function ask(answer: ByteAnswer, options: GenerateOptions = {}): Promise<CallRecord> {
  server.script({ headers: SSE_HEAD, ...answer });
  return recordCall(model.stream("Hi", options));
}

const anyText = fc.string({
  unit: fc.constantFrom(
    "a",
    '"',
    "\\",
    "\n",
    " ",
    "é",
    "語",
    "👩‍👧",
    "\u2028",
    "null",
    "data:",
    ":HTTP_STATUS/500",
  ),
});

const anyPieces = fc.tuple(anyText, fc.array(fc.nat({ max: 40 }), { maxLength: 4 })).map(([text, cuts]) => {
  const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
  return places.slice(1).map((to, index) => text.slice(places[index], to));
});

interface AnyCall {
  readonly name: string;
  /** The arguments, piece by piece. */
  readonly pieces: readonly string[];
}

const anyCall = fc
  .tuple(fc.constantFrom("look_up", "get_time"), fc.jsonValue({ maxDepth: 2 }), fc.nat({ max: 30 }))
  .map(([name, value, cut]): AnyCall => {
    const text = JSON.stringify({ value });
    return { name, pieces: [text.slice(0, cut), text.slice(cut)] };
  });

interface AnyAnswer {
  readonly thinking: readonly string[];
  readonly text: readonly string[];
  readonly calls: readonly AnyCall[];
  readonly isMultimodal: boolean;
}

const anyAnswer: fc.Arbitrary<AnyAnswer> = fc.record({
  thinking: anyPieces,
  text: anyPieces,
  calls: fc.array(anyCall, { maxLength: 3 }),
  isMultimodal: fc.boolean(),
});

/** The answer as events; cumulative ones repeat the text and the arguments so far. */
function eventsOf({ thinking, text, calls, isMultimodal }: AnyAnswer, isCumulative = false): object[] {
  const content = (piece: string): unknown => (isMultimodal ? [{ text: piece }] : piece);
  const shown = (pieces: readonly string[], index: number): string =>
    isCumulative ? pieces.slice(0, index + 1).join("") : (pieces[index] ?? "");
  let tokens = 0;
  const event = (message: object, reason?: string): object =>
    output(message, reason, { input_tokens: 7, output_tokens: (tokens += 1), total_tokens: 7 + tokens });
  return [
    ...thinking.map((piece) => event({ content: content(""), reasoning_content: piece })),
    ...text.map((_, index) => event({ content: content(shown(text, index)) })),
    ...calls.flatMap(({ name, pieces }, index) =>
      pieces.map((_, at) => {
        const id = at === 0 ? `call_${index}` : "";
        return event({
          content: content(isCumulative ? text.join("") : ""),
          tool_calls: [
            {
              index,
              id,
              type: "function",
              function: { ...(at === 0 && { name }), arguments: shown(pieces, at) },
            },
          ],
        });
      }),
    ),
    event({ content: isMultimodal ? [] : "" }, calls.length > 0 ? "tool_calls" : "stop"),
  ];
}

/** The same answer in one piece. */
function wholeOf({ thinking, text, calls }: AnyAnswer): object {
  const tokens = thinking.length + text.length + calls.flatMap(({ pieces }) => pieces).length + 1;
  return output(
    {
      content: text.join(""),
      reasoning_content: thinking.join(""),
      tool_calls: calls.map(({ name, pieces }, index) => ({
        id: `call_${index}`,
        type: "function",
        function: { name, arguments: pieces.join("") },
      })),
    },
    calls.length > 0 ? "tool_calls" : "stop",
    { input_tokens: 7, output_tokens: tokens, total_tokens: 7 + tokens },
  );
}

function cutAt(bytes: Buffer, parts: readonly number[]): Buffer[] {
  const places = [
    0,
    ...parts.map((part) => Math.floor(part * bytes.length)).toSorted((a, b) => a - b),
    bytes.length,
  ];
  return places.slice(1).map((to, index) => bytes.subarray(places[index], to));
}

const anyPlace = fc.double({ min: 0, max: 1, noNaN: true });

test("any cut of the bytes of any answer gives the same last snapshot, and the text as it went in", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyAnswer,
      fc.array(anyPlace, { maxLength: 12 }),
      fc.boolean(),
      async (answer, places, crlf) => {
        const lines = stream(...eventsOf(answer));
        const whole = await ask({ pieces: [lines] });
        const bytes = Buffer.from(crlf ? lines.replaceAll("\n", "\r\n") : lines);
        const cut = await ask({ pieces: cutAt(bytes, places) });
        expect(whole.last?.text).toBe(answer.text.join(""));
        expect(whole.last?.thinking).toBe(answer.thinking.join(""));
        expect(cut.last && essence(cut.last)).toEqual(whole.last && essence(whole.last));
      },
    ),
    { numRuns: 150 },
  );
});

test("any answer that breaks off anywhere is an error with the beginning of it, or is whole", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyAnswer,
      anyPlace,
      fc.constantFrom("chunked", "close"),
      async (answer, place, framing) => {
        const bytes = Buffer.from(stream(...eventsOf(answer)));
        const { last } = await ask({ pieces: [bytes] });
        const { content } = last as ChatResponse;
        const [beginning] = cutAt(bytes, [place]);
        const broken = await ask({ pieces: [beginning as Buffer], framing, bodyEnd: "cut" });
        const partial = (broken.last ?? broken.error?.partial) as ChatResponse | undefined;
        if (partial !== undefined) expect(isBeginningOf(partial.content, content, { ids: false })).toBe(true);
        if (broken.last !== undefined) expect(broken.last.text).toBe(last?.text);
        else expect(["network", "truncated"]).toContain(broken.error?.kind);
      },
    ),
    { numRuns: 150 },
  );
});

test("streamed, cumulative and whole answers end in the same content, whatever they say", async () => {
  const cumulative: GenerateOptions = { providerOptions: { dashscope: { incrementalOutput: false } } };
  await fc.assert(
    fc.asyncProperty(anyAnswer, async (answer) => {
      const streamed = (await ask({ pieces: [stream(...eventsOf(answer))] })).last as ChatResponse;
      const whole = await ask({
        headers: { "content-type": "application/json" },
        pieces: [JSON.stringify(wholeOf(answer))],
      });
      expect(whole.last && essence(whole.last)).toEqual(essence(streamed));
      const repeated = await ask({ pieces: [stream(...eventsOf(answer, true))] }, cumulative);
      expect(repeated.last && essence(repeated.last)).toEqual(essence(streamed));
    }),
    { numRuns: 150 },
  );
});

/** An answer with everything that the wire has. */
const RICH: readonly object[] = [
  ...eventsOf({
    thinking: ["hm"],
    text: ["a"],
    calls: [{ name: "f", pieces: ["{", "}"] }],
    isMultimodal: true,
  }),
  output({
    content: [{ image: "data:image/png;base64,AQID" }, { ocr_result: {} }],
    annotations: [{ type: "audio_info" }],
  }),
  {
    output: {
      text: "old",
      finish_reason: "null",
      audio: { data: "AQID", url: "https://a.b" },
      search_info: { search_results: [{ index: 1 }] },
      choices: [{ message: {}, logprobs: { content: [{ token: "a" }] }, finish_reason: null }],
    },
    usage: {
      input_tokens: 1,
      prompt_tokens_details: { cached_tokens: 1 },
      output_tokens_details: { reasoning_tokens: 1 },
    },
  },
  { code: "Throttling", message: "No.", request_id: "r" },
];

test("any field of any event may be anything: an answer or a clear error, never a mistake of ours", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), anyJson, fc.boolean(), async (which, where, other, isWhole) => {
      const event = RICH[which % RICH.length];
      const places = placesOf(event);
      const mutated = withAt(event, places[where % places.length] as readonly string[], other);
      const { last, error } = isWhole
        ? await ask({ headers: { "content-type": "application/json" }, pieces: [JSON.stringify(mutated)] })
        : await ask({ pieces: [stream(output({ content: "a" }), mutated, output({ content: "" }, "stop"))] });
      expect(error?.message ?? "").not.toMatch(/failed inside|makes no sense/);
      for (const block of last?.content ?? []) {
        if (block.type === "text") expect(block.text).toBeTypeOf("string");
        if (block.type === "tool_use")
          expect([typeof block.name, typeof block.rawInput]).toEqual(["string", "string"]);
      }
      const { raw: _raw, ...counts } = last?.usage ?? {};
      for (const [name, count] of Object.entries(counts)) expect(count, name).toBeTypeOf("number");
    }),
    { numRuns: 600 },
  );
});
