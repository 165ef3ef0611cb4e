// Blocks of the Messages API in every form that they have there. What all wires have in common is in any-cut.test.ts.
import * as fc from "fast-check";
import { blockOf, endOf, event, startOf } from "../model/anthropic-server.ts";
import {
  anyCuts,
  anyText,
  type BothForms,
  inPieces,
  isTheSameInOnePiece,
  keepsItsBeginning,
  staysTheSameHoweverCut,
} from "./any-cut-properties.ts";
import { testWires } from "./wires-under-test.ts";

const WIRE = "anthropic";

/** A block as the whole answer has it, and the pieces that it comes in. */
interface AnyBlock {
  readonly whole: object;
  readonly start: object;
  readonly deltas: readonly object[];
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

/** The same in one piece. */
function wholeOf(blocks: readonly AnyBlock[]): string {
  const { message } = startOf() as { message: object };
  const content = blocks.map(({ whole }) => whole);
  const usage = { input_tokens: 12, output_tokens: 5 };
  return JSON.stringify({ ...message, content, stop_reason: "end_turn", usage });
}

testWires(
  "any cut of blocks of any kind gives the same last snapshot",
  (wire) => staysTheSameHoweverCut(wire, anyBlocks.map(streamOf)),
  WIRE,
);

testWires(
  "blocks of any kind that break off anywhere are an error with the beginning of them, or are whole",
  (wire) => keepsItsBeginning(wire, anyBlocks.map(streamOf)),
  WIRE,
);

testWires(
  "blocks of any kind end in the same snapshot, streamed and whole",
  (wire) => {
    const anyForms = anyBlocks.map((blocks): BothForms => ({
      stream: streamOf(blocks),
      whole: wholeOf(blocks),
    }));
    return isTheSameInOnePiece(wire, anyForms);
  },
  WIRE,
);
