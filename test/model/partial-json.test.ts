import * as fc from "fast-check";
import { expect, test } from "vitest";
import { PartialJson } from "../../src/model/partial-json.ts";
import { cutAt } from "../transport/event-sink.ts";

function read(...fragments: readonly string[]): PartialJson {
  const json = new PartialJson();
  for (const fragment of fragments) json.push(fragment);
  return json;
}

function characters(text: string): string[] {
  return Array.from({ length: text.length }, (_, at) => text.charAt(at));
}

/** Whether `after` says all that `before` said: strings may be longer, lists and objects may have more in them. */
function growsInto(before: unknown, after: unknown): boolean {
  if (before === undefined) return true;
  if (typeof before === "string") return typeof after === "string" && after.startsWith(before);
  if (typeof before !== "object" || before === null) return Object.is(before, after);
  if (typeof after !== "object" || after === null || Array.isArray(before) !== Array.isArray(after))
    return false;
  return Object.keys(before).every(
    (key) =>
      Object.hasOwn(after, key) &&
      growsInto((before as Record<string, unknown>)[key], (after as Record<string, unknown>)[key]),
  );
}

const json = fc
  .tuple(fc.jsonValue({ maxDepth: 4, stringUnit: "grapheme" }), fc.constantFrom(0, 2, "\t"))
  .map(([value, space]) => JSON.stringify(value, null, space));

test("at every character the value says all it said before, and at the end it is what JSON.parse gives", () => {
  fc.assert(
    fc.property(json, (text) => {
      const reader = new PartialJson();
      let before: unknown = undefined;
      for (const character of characters(text)) {
        reader.push(character);
        expect(reader.broken).toBe(false);
        const { value } = reader;
        expect(growsInto(before, value), `${JSON.stringify(before)} became ${JSON.stringify(value)}`).toBe(
          true,
        );
        before = value;
      }
      const expected: unknown = JSON.parse(text);
      // A number or word at the root has no end of its own.
      if (typeof expected === "object" || typeof expected === "string") {
        if (expected !== null) expect(reader.value).toEqual(expected);
      }
      expect(reader.complete).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("any cut of the text gives the same value at its end", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })),
      fc.array(fc.nat()),
      (value, cuts) => {
        const text = JSON.stringify(value);
        const reader = read(...cutAt(text, cuts));
        expect(reader.value).toEqual(JSON.parse(text));
        expect(reader.complete).toBe(true);
      },
    ),
  );
});

test("only the whole text is complete", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.dictionary(fc.string(), fc.json()), fc.array(fc.jsonValue()), fc.string()),
      (value) => {
        const text = JSON.stringify(value);
        for (let length = 0; length < text.length; length++)
          expect(read(text.slice(0, length)).complete).toBe(false);
        expect(read(text).complete).toBe(true);
        expect(read(`${text} \n`).complete).toBe(true);
      },
    ),
  );
});

test("values that were handed out never change", () => {
  fc.assert(
    fc.property(json, fc.array(fc.nat()), (text, cuts) => {
      const reader = new PartialJson();
      const seen: { value: unknown; text: string | undefined }[] = [];
      for (const fragment of cutAt(text, cuts)) {
        reader.push(fragment);
        seen.push({ value: reader.value, text: JSON.stringify(reader.value) });
      }
      for (const { value, text: then } of seen) expect(JSON.stringify(value)).toBe(then);
    }),
  );
});

test("a value that may be changed by its reader does not spoil the next one", () => {
  const reader = read('{"a":[1,2');
  (reader.value as { a: unknown[] }).a.push("mine");
  reader.push(",3]}");
  expect(reader.value).toEqual({ a: [1, 2, 3] });
});

test("an unfinished string is shown, an unfinished number, word or key is not", () => {
  expect(read('{"city":"Par').value).toEqual({ city: "Par" });
  expect(read('{"city":"Paris","da').value).toEqual({ city: "Paris" });
  expect(read('{"city":"Paris","days":1').value).toEqual({ city: "Paris" });
  expect(read('{"days":1,').value).toEqual({ days: 1 });
  expect(read('{"ok":tru').value).toEqual({});
  expect(read('["a","b').value).toEqual(["a", "b"]);
  expect(read('"Par').value).toBe("Par");
  expect(read("").value).toBeUndefined();
  expect(read("{").value).toEqual({});
  expect(read('{"a":').value).toEqual({});
});

test("escapes may be cut anywhere", () => {
  const text = String.raw`{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}`;
  expect(read(...characters(text)).value).toEqual(JSON.parse(text));
  expect(read('{"a":"x\\').value).toEqual({ a: "x" });
  expect(read('{"a":"x\\u00').value).toEqual({ a: "x" });
});

test("a key named __proto__ is a key like any other", () => {
  const text = '{"__proto__":{"admin":true},"a":{"__proto__":"x';
  const reader = read(...characters(text));
  const value = reader.value as Record<string, unknown>;
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(Object.keys(value)).toEqual(["__proto__", "a"]);
  expect((value as { admin?: unknown }).admin).toBeUndefined();
  expect(Object.keys(value["a"] as object)).toEqual(["__proto__"]);
  reader.push('"}}');
  expect(reader.value).toEqual(JSON.parse(`${text}"}}`));
});

test("of a key that stands there twice the last value counts, as for JSON.parse", () => {
  expect(read('{"a":1,"a":2}').value).toEqual({ a: 2 });
});

test.each([
  '{"a":"hello\\q',
  '{"a":"hello\\u12x',
  '{"a":["x","hello\\q',
  '{"a":"hello","b":trux}',
  '{"a":"hello"]',
  '{"a":"hello"}}',
  '{"a":"hello" "b"',
  '{"a":"hello",b',
  '{"a":"hello",1',
  '{"a":"hello",:',
  '["hello"}',
  "{'a'",
  '{"a" 1',
  "nul}",
  "01",
  "Sure! Here is the JSON",
  '"hello\\q',
])("%s is broken, and what was read before stays readable", (text) => {
  const reader = new PartialJson();
  let before: unknown = undefined;
  for (const character of characters(text)) {
    reader.push(character);
    expect(
      growsInto(before, reader.value),
      `${JSON.stringify(before)} became ${JSON.stringify(reader.value)}`,
    ).toBe(true);
    before = reader.value;
  }
  reader.push(" ");
  expect(reader.broken).toBe(true);
  expect(reader.complete).toBe(false);
  reader.push('{"more":"of this"}');
  expect(reader.broken).toBe(true);
  expect(reader.value).toEqual(before);
});

test("anything at all can be pushed, and nothing is thrown", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom("{", "}", "[", "]", '"', ":", ",", "\\", "1", "true", " "),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const reader = new PartialJson();
      for (const each of pieces) {
        reader.push(each);
        expect(reader.complete && reader.broken).toBe(false);
        expect(() => reader.value).not.toThrow();
      }
    }),
    { numRuns: 500 },
  );
});

/**
 * How many entries were copied to show the value after every fragment: those of the containers that were open when a new
 * value was made.
 */
function entriesCopied(fragments: readonly string[], openIn: (value: unknown) => number): number {
  const reader = new PartialJson();
  let shown: unknown = undefined;
  let copied = 0;
  for (const fragment of fragments) {
    reader.push(fragment);
    const { value } = reader;
    if (value !== shown) copied += openIn(value);
    shown = value;
  }
  return copied;
}

const entries = (value: unknown): number =>
  typeof value === "object" && value !== null ? Object.keys(value).length : 0;

function depth(value: unknown): number {
  let levels = 0;
  for (let inner = value; Array.isArray(inner); inner = inner[0] as unknown) levels += 1;
  return levels;
}

const SHAPES: readonly {
  name: string;
  fragments: (count: number) => string[];
  openIn: (value: unknown) => number;
}[] = [
  {
    name: "a long list",
    fragments: (count) => ["[", ...Array.from({ length: count }, (_, index) => `${index},`)],
    openIn: entries,
  },
  {
    name: "an object with many keys",
    fragments: (count) => ["{", ...Array.from({ length: count }, (_, index) => `"k${index}":"v",`)],
    openIn: entries,
  },
  {
    name: "a long list in fragments of one character",
    fragments: (count) => characters(`[${"1,".repeat(count)}`),
    openIn: entries,
  },
  {
    name: "a long string",
    fragments: (count) => ['{"a":"', ...characters("x".repeat(count))],
    openIn: entries,
  },
  { name: "lists within lists", fragments: (count) => characters("[".repeat(count)), openIn: depth },
];

test.each(SHAPES)("reading the value of $name at every fragment is linear work", ({ fragments, openIn }) => {
  const small = entriesCopied(fragments(2000), openIn);
  const large = entriesCopied(fragments(8000), openIn);
  // Four times as much text: four times the work, where the square would be sixteen times.
  expect(large / small).toBeLessThan(5);
  expect(large).toBeLessThan(8000 * 2 * 70);
});

test("a value that lags behind the text is caught up with at its end", () => {
  const reader = new PartialJson();
  reader.push("[");
  let lagged = 0;
  for (let index = 0; index < 1000; index++) {
    reader.push(`${index},`);
    const { length } = reader.value as unknown[];
    lagged = Math.max(lagged, index + 1 - length);
    // By 1/64 of its entries at most.
    expect(index + 1 - length).toBeLessThanOrEqual(1000 / 64 + 1);
  }
  expect(lagged).toBeGreaterThan(0);
  reader.push("1000]");
  expect(reader.value).toHaveLength(1001);
});

test("a small value is exact at every fragment", () => {
  const reader = new PartialJson();
  reader.push("[");
  for (let index = 0; index < 60; index++) {
    reader.push(`${index},`);
    expect(reader.value).toHaveLength(index + 1);
  }
});
