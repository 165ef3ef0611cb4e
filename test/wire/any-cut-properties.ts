import * as fc from "fast-check";
import { expect } from "vitest";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import { essence, isBeginningOf } from "../../src/testing/conformance/expectations.ts";
import { anyJson, placesOf, withAt } from "./mutated-json.ts";
import type { ServedWire } from "./wires-under-test.ts";

// What holds of every answer of every wire, for answers of any kind: those of all wires are in any-cut.test.ts, those that
// only one wire has in the test of that wire.

/** Texts with all that is awkward in one place or another: quotes, line ends, halves of emoji, tags, words of the framing. */
export const anyText: fc.Arbitrary<string> = fc.string({
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
    "event: error",
    ":HTTP_STATUS/500",
    "null",
    "{}",
  ),
});

/** A text in pieces, which may cut a character in half as JSON can. */
export function inPieces(text: string, cuts: readonly number[]): string[] {
  const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
  return places.slice(1).map((to, index) => text.slice(places[index], to));
}

/** Places to cut a text at. */
export const anyCuts: fc.Arbitrary<number[]> = fc.array(fc.nat({ max: 40 }), { maxLength: 4 });

/** Any text in any pieces. */
export const anyPieces: fc.Arbitrary<string[]> = fc
  .tuple(anyText, anyCuts)
  .map(([text, cuts]) => inPieces(text, cuts));

const JSON_TYPE = { "content-type": "application/json" };

const anyPlace = fc.double({ min: 0, max: 1, noNaN: true });

/** The bytes, cut at these parts of their length. */
function cutAt(bytes: Buffer, parts: readonly number[]): Buffer[] {
  const places = [
    0,
    ...parts.map((part) => Math.floor(part * bytes.length)).toSorted((a, b) => a - b),
    bytes.length,
  ];
  return places.slice(1).map((to, index) => bytes.subarray(places[index], to));
}

/** Any cut of the bytes of any answer gives the same last snapshot, with either kind of line end. */
export async function staysTheSameHoweverCut(
  wire: ServedWire,
  anyStream: fc.Arbitrary<string>,
): Promise<void> {
  const anyPlaces = fc.array(anyPlace, { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(anyStream, anyPlaces, fc.constantFrom("\n", "\r\n"), async (stream, places, lineEnd) => {
      const whole = await wire.ask({ pieces: [stream] });
      const bytes = Buffer.from(stream.replaceAll(/\r?\n/g, lineEnd));
      const cut = await wire.ask({ pieces: cutAt(bytes, places) });
      expect(whole.error).toBeUndefined();
      expect(cut.last && essence(cut.last)).toEqual(whole.last && essence(whole.last));
    }),
    { numRuns: 150 },
  );
}

/** Any answer that breaks off anywhere is an error with the beginning of it, or is whole. */
export async function keepsItsBeginning(wire: ServedWire, anyStream: fc.Arbitrary<string>): Promise<void> {
  const anyFraming = fc.constantFrom("chunked", "close");
  await fc.assert(
    fc.asyncProperty(anyStream, anyPlace, anyFraming, async (stream, place, framing) => {
      const bytes = Buffer.from(stream);
      const { last } = await wire.ask({ pieces: [bytes] });
      const { content } = last as ChatResponse;
      const [beginning] = cutAt(bytes, [place]);
      const broken = await wire.ask({ pieces: [beginning as Buffer], framing, bodyEnd: "cut" });
      const partial = (broken.last ?? broken.error?.partial) as ChatResponse | undefined;
      if (partial !== undefined) expect(isBeginningOf(partial.content, content, { ids: false })).toBe(true);
      if (broken.last !== undefined) expect(broken.last.text).toBe(last?.text);
      else expect(["network", "truncated"]).toContain(broken.error?.kind);
    }),
    { numRuns: 150 },
  );
}

/** The same answer, in a stream and in one piece. */
export interface BothForms {
  readonly stream: string;
  readonly whole: string;
}

/** The streamed and the whole answer end in the same snapshot, whatever they say. */
export async function isTheSameInOnePiece(
  wire: ServedWire,
  anyAnswer: fc.Arbitrary<BothForms>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(anyAnswer, async ({ stream, whole }) => {
      const streamed = await wire.ask({ pieces: [stream] });
      const once = await wire.ask({ headers: JSON_TYPE, pieces: [whole] });
      expect(streamed.error).toBeUndefined();
      expect(once.last && essence(once.last)).toEqual(streamed.last && essence(streamed.last));
    }),
    { numRuns: 100 },
  );
}

/**
 * Any field of any of these events may be anything: an answer or a clear error, never a mistake of ours.
 *
 * @param stream the stream that an event stands in, given as JSON
 */
export async function survivesAnyField(
  wire: ServedWire,
  events: readonly unknown[],
  stream: (json: string) => string,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), anyJson, fc.boolean(), async (which, where, other, isWhole) => {
      const event = events[which % events.length];
      const places = placesOf(event);
      const json = JSON.stringify(withAt(event, places[where % places.length] as readonly string[], other));
      if (isWhole) await wire.survive({ headers: JSON_TYPE, pieces: [json] });
      else await wire.survive({ pieces: [stream(json)] });
    }),
    { numRuns: 500 },
  );
}
