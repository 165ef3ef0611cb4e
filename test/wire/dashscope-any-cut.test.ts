// Both forms of content on DashScope's own wire, and events that repeat all so far. What all wires have in common is in
// any-cut.test.ts.
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ChatResponse } from "../../src/index.ts";
import { ByteServer } from "../../src/testing/conformance/byte-server.ts";
import { recordCall } from "../../src/testing/conformance/call-record.ts";
import { essence } from "../../src/testing/conformance/expectations.ts";
import { modelAt, output, SSE_HEAD, stream } from "../model/dashscope-server.ts";
import {
  anyPieces,
  isTheSameInOnePiece,
  keepsItsBeginning,
  staysTheSameHoweverCut,
  survivesAnyField,
} from "./any-cut-properties.ts";
import { testWires } from "./wires-under-test.ts";

const WIRE = "dashscope";

let server: ByteServer;

beforeAll(async () => {
  server = await ByteServer.start();
});

afterAll(() => server.close());

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

const anyStream = anyAnswer.map((answer) => stream(...eventsOf(answer)));

testWires(
  "any cut of texts and of lists of parts gives the same last snapshot",
  (wire) => staysTheSameHoweverCut(wire, anyStream),
  WIRE,
);

testWires(
  "texts and lists of parts that break off anywhere are an error with the beginning of them, or are whole",
  (wire) => keepsItsBeginning(wire, anyStream),
  WIRE,
);

testWires(
  "texts and lists of parts end in the same snapshot, streamed and whole",
  (wire) =>
    isTheSameInOnePiece(
      wire,
      anyAnswer.map((answer) => ({
        stream: stream(...eventsOf(answer)),
        whole: JSON.stringify(wholeOf(answer)),
      })),
    ),
  WIRE,
);

test("events that repeat all so far end in the same content as those that do not", async () => {
  const model = modelAt(server.url, { options: { retry: false } });
  const cumulative = { providerOptions: { dashscope: { incrementalOutput: false } } };
  await fc.assert(
    fc.asyncProperty(anyAnswer, async (answer) => {
      const ask = async (isCumulative: boolean): Promise<ChatResponse> => {
        server.script({ headers: SSE_HEAD, pieces: [stream(...eventsOf(answer, isCumulative))] });
        const { last } = await recordCall(model.stream("Hi", isCumulative ? cumulative : {}));
        return last as ChatResponse;
      };
      const plain = await ask(false);
      expect([plain.text, plain.thinking]).toEqual([answer.text.join(""), answer.thinking.join("")]);
      expect(essence(await ask(true))).toEqual(essence(plain));
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

testWires(
  "any field of all that the wire has may be anything",
  (wire) =>
    survivesAnyField(wire, RICH, (json) =>
      stream(output({ content: "a" }), JSON.parse(json) as object, output({ content: "" }, "stop")),
    ),
  WIRE,
);
