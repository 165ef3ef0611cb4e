// Lines of Ollama's wire in every form that they have there. What all wires have in common is in any-cut.test.ts.
import * as fc from "fast-check";
import { expect } from "vitest";
import { doneLine, line, messageLine } from "../model/ollama-server.ts";
import {
  anyText as anyUsualText,
  isTheSameInOnePiece,
  keepsItsBeginning,
  staysTheSameHoweverCut,
  survivesAnyField,
} from "./any-cut-properties.ts";
import { testWires } from "./wires-under-test.ts";

const WIRE = "ollama";

/** Some models' reasoning comes in the text. */
const anyText = fc.oneof(
  anyUsualText,
  anyUsualText.map((text) => `<think>${text}`),
);

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

const anyStream = fc
  .tuple(fc.array(anyMessage, { maxLength: 6 }), anyMessage)
  .map(([messages, last]) =>
    [...messages.map(messageLine), doneLine({ message: { role: "assistant", ...last }, ...FIGURES })].join(
      "",
    ),
  );

testWires(
  "any cut of lines of any kind gives the same last snapshot",
  (wire) => staysTheSameHoweverCut(wire, anyStream),
  WIRE,
);

testWires(
  "lines of any kind that break off anywhere are an error with the beginning of them, or are whole",
  (wire) => keepsItsBeginning(wire, anyStream),
  WIRE,
);

testWires(
  "text comes out as it went in, unless it opens with reasoning",
  async (wire) => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyText, { maxLength: 5 }), async (pieces) => {
        const text = pieces.join("");
        fc.pre(!text.trimStart().startsWith("<think>"));
        const lines = [...pieces.map((content) => messageLine({ content })), doneLine()];
        const { last } = await wire.ask({ pieces: lines });
        expect(last?.text).toBe(text);
      }),
      { numRuns: 100 },
    );
  },
  WIRE,
);

testWires(
  "lines and one line with everything end in the same snapshot",
  (wire) => {
    const anyForms = fc
      .tuple(anyText, anyText, fc.array(anyCall, { maxLength: 3 }))
      .map(([thinking, content, calls]) => ({
        stream: [
          messageLine({ thinking }),
          messageLine({ content }),
          ...calls.map((call) => messageLine({ tool_calls: [call] })),
          doneLine(FIGURES),
        ].join(""),
        whole: doneLine({ message: { content, thinking, tool_calls: calls }, ...FIGURES }),
      }));
    return isTheSameInOnePiece(wire, anyForms);
  },
  WIRE,
);

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

testWires(
  "any field of all that the wire has may be anything",
  (wire) =>
    survivesAnyField(wire, RICH, (json) => [messageLine({ content: "a" }), `${json}\n`, doneLine()].join("")),
  WIRE,
);

testWires(
  "an answer of one line that names no message is no answer to anything but a load",
  async (wire) => {
    const { last } = await wire.ask({ pieces: [line({ done: true, done_reason: "load" })] });
    expect([last?.content, last?.finishReason, last?.rawFinishReason]).toEqual([[], "other", "load"]);
  },
  WIRE,
);
