import * as fc from "fast-check";
import { expect } from "vitest";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import { essence, isBeginningOf } from "../../src/testing/conformance/expectations.ts";
import type { AnswerPart } from "../../src/testing/conformance/wire-fixtures.ts";
import { anyPlace, cutAt } from "./cut-bytes.ts";
import { testWires } from "./wires-under-test.ts";

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
    "</think>",
    "data:",
    "{}",
  ),
});

/** The text in pieces, which may cut a character in half as JSON can. */
const anyPieces = fc.tuple(anyText, fc.array(fc.nat({ max: 40 }), { maxLength: 4 })).map(([text, cuts]) => {
  const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
  return places.slice(1).map((to, index) => text.slice(places[index], to));
});

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

testWires("any cut of the bytes of any answer gives the same last snapshot", async (wire) => {
  const anyPlaces = fc.array(anyPlace, { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(anyAnswer, anyPlaces, fc.boolean(), async (parts, places, crlf) => {
      const lines = wire.whole(parts).join("");
      const whole = await wire.ask({ pieces: [lines] });
      const bytes = Buffer.from(crlf ? lines.replaceAll("\n", "\r\n") : lines);
      const cut = await wire.ask({ pieces: cutAt(bytes, places) });
      expect(whole.error).toBeUndefined();
      expect(cut.last && essence(cut.last)).toEqual(whole.last && essence(whole.last));
    }),
    { numRuns: 150 },
  );
});

testWires(
  "any answer that breaks off anywhere is an error with the beginning of it, or is whole",
  async (wire) => {
    const anyFraming = fc.constantFrom("chunked", "close");
    await fc.assert(
      fc.asyncProperty(anyAnswer, anyPlace, anyFraming, async (parts, place, framing) => {
        const bytes = Buffer.from(wire.whole(parts).join(""));
        const { last } = await wire.ask({ pieces: [bytes] });
        const content = (last as ChatResponse).content;
        const [beginning] = cutAt(bytes, [place]);
        const broken = await wire.ask({ pieces: [beginning as Buffer], framing, bodyEnd: "cut" });
        const partial = (broken.last ?? broken.error?.partial) as ChatResponse | undefined;
        if (partial !== undefined) expect(isBeginningOf(partial.content, content, { ids: false })).toBe(true);
        if (broken.last !== undefined) expect(broken.last.text).toBe(last?.text);
        else expect(["network", "truncated"]).toContain(broken.error?.kind);
      }),
      { numRuns: 150 },
    );
  },
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

testWires("the streamed and the whole answer end in the same snapshot, whatever they say", async (wire) => {
  const anyCalls = fc.array(anyCall, { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(anyPieces, anyPieces, anyCalls, async (thinking, text, calls) => {
      const said = [
        ...thinking.map((piece) => ({ thinking: piece })),
        ...text.map((piece) => ({ text: piece })),
      ];
      const parts = [...inOrder([() => said, ...calls]), ...wire.ending()];
      const streamed = await wire.ask({ pieces: wire.fixtures.stream(parts) });
      const headers = { "content-type": "application/json" };
      const whole = await wire.ask({ headers, pieces: [wire.fixtures.whole(parts)] });
      expect(whole.last && essence(whole.last)).toEqual(streamed.last && essence(streamed.last));
    }),
    { numRuns: 100 },
  );
});
