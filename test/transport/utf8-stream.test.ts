import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Utf8Stream } from "../../src/transport/utf8-stream.ts";

/** What the stream makes of the bytes, cut at these places. */
function decoded(bytes: Buffer, cuts: readonly number[]): string {
  const stream = new Utf8Stream();
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  const texts = places.slice(1).map((end, index) => stream.decode(bytes.subarray(places[index], end)));
  return texts.join("") + stream.end();
}

const cuts = fc.array(fc.nat(), { maxLength: 12 });

test("text is the same however its bytes are cut", () => {
  const text = fc
    .array(fc.oneof(fc.string(), fc.string({ unit: "grapheme" })))
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, cuts, (text, cuts) => {
      const bytes = Buffer.from(text);
      expect(decoded(bytes, cuts)).toBe(new TextDecoder().decode(bytes));
    }),
  );
});

test("bytes that are no UTF-8 become the same marks as TextDecoder makes", () => {
  const byte = fc.oneof(fc.nat(0x7f), fc.constantFrom(0x80, 0xbf, 0xc3, 0xe4, 0xed, 0xef, 0xf0, 0xff));
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 40 }), cuts, (values, cuts) => {
      const bytes = Buffer.from(values);
      expect(decoded(bytes, cuts)).toBe(new TextDecoder().decode(bytes));
    }),
  );
});

test("a byte order mark is taken from the beginning, and from nowhere else", () => {
  const mark = "\uFEFF";
  expect(decoded(Buffer.from(`${mark}a${mark}b`), [])).toBe(`a${mark}b`);
  expect(decoded(Buffer.from(`${mark}a`), [1, 2])).toBe("a");
  expect(decoded(Buffer.from(`a${mark}b`), [1])).toBe(`a${mark}b`);
});
