import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ChatResponse, OllamaChatModel } from "../../src/index.ts";
import { ByteServer, type ByteAnswer } from "../../src/testing/conformance/byte-server.ts";
import { type CallRecord, recordCall } from "../../src/testing/conformance/call-record.ts";
import { essence, isBeginningOf } from "../../src/testing/conformance/expectations.ts";
import { anyPlace, cutAt } from "./cut-bytes.ts";
import { anyJson, placesOf, withAt } from "./mutated-json.ts";
import { doneLine, line, messageLine, ollamaAt } from "../model/ollama-server.ts";

let server: ByteServer;
let model: OllamaChatModel;

beforeAll(async () => {
  server = await ByteServer.start();
  model = ollamaAt(server.url, { options: { retry: false } });
});

afterAll(() => server.close());

/** Asks for these bytes. Every call is held to what is promised of all: see `recordCall`. */
function ask(answer: ByteAnswer): Promise<CallRecord> {
  server.script({ headers: { "content-type": "application/x-ndjson" }, ...answer });
  return recordCall(model.stream("Hi"));
}

const anyText = fc.string({
  unit: fc.constantFrom(
    "a",
    '"',
    "\\",
    "\n",
    "\r",
    " ",
    "é",
    "語",
    "👩‍👧",
    "\u2028",
    "<think>",
    "</think>",
    "{}",
  ),
});

const anyCall = fc
  .tuple(fc.constantFrom("look_up", "get_time"), fc.jsonValue({ maxDepth: 2 }), fc.boolean(), fc.nat())
  .map(([name, value, hasId, number]) => ({
    ...(hasId && { id: `call_${number}` }),
    function: { index: 0, name, arguments: { value } },
  }));

const anyMessage = fc.record(
  { content: anyText, thinking: anyText, tool_calls: fc.array(anyCall, { maxLength: 3 }) },
  { requiredKeys: ["content"] },
);

const FIGURES = { prompt_eval_count: 7, eval_count: 5, total_duration: 1000 };

const anyAnswer = fc
  .tuple(fc.array(anyMessage, { maxLength: 6 }), anyMessage)
  .map(([messages, last]) => [
    ...messages.map(messageLine),
    doneLine({ message: { role: "assistant", ...last }, ...FIGURES }),
  ]);

test("any cut of the bytes of any answer gives the same last snapshot", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyAnswer,
      fc.array(anyPlace, { maxLength: 12 }),
      fc.boolean(),
      async (lines, places, crlf) => {
        const text = lines.join("");
        const whole = await ask({ pieces: [text] });
        const cut = await ask({
          pieces: cutAt(Buffer.from(crlf ? text.replaceAll("\n", "\r\n") : text), places),
        });
        expect(whole.error).toBeUndefined();
        expect(whole.last?.usage).toMatchObject({ inputTokens: 7, outputTokens: 5, totalTokens: 12 });
        expect(cut.last && essence(cut.last)).toEqual(whole.last && essence(whole.last));
      },
    ),
    { numRuns: 200 },
  );
});

test("any answer that breaks off before its last line is whole is an error with the beginning of it", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyAnswer,
      anyPlace,
      fc.constantFrom("chunked", "close"),
      async (lines, place, framing) => {
        const bytes = Buffer.from(lines.join(""));
        const { last } = await ask({ pieces: [bytes] });
        // Without the line's end the last line is whole already.
        const [beginning] = cutAt(bytes.subarray(0, bytes.length - 2), [place]);
        const broken = await ask({ pieces: [beginning as Buffer], framing, bodyEnd: "cut" });
        expect(["network", "truncated"]).toContain(broken.error?.kind);
        const partial = broken.error?.partial as ChatResponse | undefined;
        if (partial === undefined) return;
        expect(isBeginningOf(partial.content, (last as ChatResponse).content, { ids: false })).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});

test("text comes out as it went in, whatever is in it, unless it opens with reasoning", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyText, { maxLength: 5 }), async (pieces) => {
      const text = pieces.join("");
      fc.pre(!text.trimStart().startsWith("<think>"));
      const { last } = await ask({
        pieces: [...pieces.map((content) => messageLine({ content })), doneLine()],
      });
      expect(last?.text).toBe(text);
    }),
    { numRuns: 100 },
  );
});

test("the streamed and the whole answer end in the same snapshot, whatever they say", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyText,
      anyText,
      fc.array(anyCall, { maxLength: 3 }),
      async (thinking, content, calls) => {
        const streamed = await ask({
          pieces: [
            messageLine({ thinking }),
            messageLine({ content }),
            ...calls.map((call) => messageLine({ tool_calls: [call] })),
            doneLine(FIGURES),
          ],
        });
        const whole = await ask({
          headers: { "content-type": "application/json" },
          pieces: [doneLine({ message: { content, thinking, tool_calls: calls }, ...FIGURES })],
        });
        expect(whole.last && essence(whole.last)).toEqual(streamed.last && essence(streamed.last));
      },
    ),
    { numRuns: 100 },
  );
});

/** Lines with everything that the wire has. */
const RICH: readonly object[] = [
  {
    message: {
      content: "a",
      thinking: "b",
      tool_calls: [{ id: "c", function: { name: "t", arguments: { x: 1 } } }],
    },
  },
  { message: { content: "a" }, logprobs: [{ token: "a", logprob: -1, top_logprobs: [] }], done: false },
  { model: "m", message: { content: "" }, done: true, done_reason: "stop", remote_model: "r", ...FIGURES },
  { error: "boom" },
];

test("any field of any line may be anything: an answer or a clear error, never a mistake of ours", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), anyJson, async (which, where, other) => {
      const event = RICH[which % RICH.length];
      const places = placesOf(event);
      const mutated = withAt(event, places[where % places.length] as readonly string[], other);
      const { last, error } = await ask({
        pieces: [messageLine({ content: "a" }), `${JSON.stringify(mutated)}\n`, doneLine()],
      });
      expect(error?.message ?? "").not.toContain("makes no sense");
      if (last === undefined) return;
      const { raw: _raw, ...counts } = last.usage ?? {};
      for (const [name, count] of Object.entries(counts)) expect(count, name).toBeTypeOf("number");
      const texts = [last.model, last.rawFinishReason ?? "", last.text, last.thinking];
      expect(texts.filter((text) => typeof text !== "string")).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test("a line that is no object, and a body that is no answer, are never taken for one", async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (value) => {
      const text = JSON.stringify(value);
      expect((await ask({ pieces: [`${text}\n`] })).error).toBeInstanceOf(Error);
      const whole = await ask({ headers: { "content-type": "application/json" }, pieces: [text] });
      expect(whole.error).toBeInstanceOf(Error);
    }),
    { numRuns: 100 },
  );
});

test("an answer of one line that names no message is no answer to anything but a load", async () => {
  const { last } = await ask({ pieces: [line({ done: true, done_reason: "load" })] });
  expect([last?.content, last?.finishReason, last?.rawFinishReason]).toEqual([[], "other", "load"]);
});
