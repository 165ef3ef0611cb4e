import * as fc from "fast-check";
import { expect } from "vitest";
import type { AnswerPart } from "../../src/testing/conformance/wire-fixtures.ts";
import {
  anyPieces,
  isTheSameInOnePiece,
  keepsItsBeginning,
  staysTheSameHoweverCut,
} from "./any-cut-properties.ts";
import { type ServedWire, testWires } from "./wires-under-test.ts";

/** Pieces of an answer that may be anywhere in it; a call gets its place in the answer. */
type Piece = (calls: number) => readonly AnswerPart[];

const anyCall: fc.Arbitrary<Piece> = fc
  .tuple(fc.constantFrom("look_up", "get_time"), fc.jsonValue({ maxDepth: 2 }), fc.nat({ max: 30 }))
  .map(([name, value, cut]) => {
    const text = JSON.stringify({ value });
    return (index) => [
      { tool: { index, id: `call_${index}`, name, arguments: text.slice(0, cut) } },
      { tool: { index, arguments: text.slice(cut) } },
    ];
  });

const anySaying: fc.Arbitrary<Piece> = fc.oneof(
  anyPieces.map(
    (pieces): Piece =>
      () =>
        pieces.map((text) => ({ text })),
  ),
  anyPieces.map(
    (pieces): Piece =>
      () =>
        pieces.map((thinking) => ({ thinking })),
  ),
);

const anyAnswer = fc
  .array(fc.oneof({ weight: 2, arbitrary: anySaying }, anyCall), { maxLength: 6 })
  .map(inOrder);

function inOrder(pieces: readonly Piece[]): AnswerPart[] {
  const parts: AnswerPart[] = [];
  let calls = 0;
  for (const piece of pieces) {
    const added = piece(calls);
    if (added.some((part) => "tool" in part)) calls += 1;
    parts.push(...added);
  }
  return parts;
}

/** Any answer of this wire as it is streamed. */
function anyStream(wire: ServedWire): fc.Arbitrary<string> {
  return anyAnswer.map((parts) => wire.whole(parts).join(""));
}

testWires("any cut of the bytes of any answer gives the same last snapshot", (wire) =>
  staysTheSameHoweverCut(wire, anyStream(wire)),
);

testWires("any answer that breaks off anywhere is an error with the beginning of it, or is whole", (wire) =>
  keepsItsBeginning(wire, anyStream(wire)),
);

testWires("text comes out as it went in, whatever is in it and however it is cut", async (wire) => {
  await fc.assert(
    fc.asyncProperty(anyPieces, async (pieces) => {
      const { last } = await wire.ask({ pieces: wire.whole(pieces.map((text) => ({ text }))) });
      expect(last?.text).toBe(pieces.join(""));
    }),
    { numRuns: 100 },
  );
});

testWires("the streamed and the whole answer end in the same snapshot, whatever they say", (wire) => {
  const anyCalls = fc.array(anyCall, { maxLength: 3 });
  const anyForms = fc.tuple(anyPieces, anyPieces, anyCalls).map(([thinking, text, calls]) => {
    const said = [
      ...thinking.map((piece) => ({ thinking: piece })),
      ...text.map((piece) => ({ text: piece })),
    ];
    const parts = [...inOrder([() => said, ...calls]), ...wire.ending()];
    return { stream: wire.fixtures.stream(parts).join(""), whole: wire.fixtures.whole(parts) };
  });
  return isTheSameInOnePiece(wire, anyForms);
});
