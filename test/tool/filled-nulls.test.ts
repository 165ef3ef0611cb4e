import * as fc from "fast-check";
import { expect, test } from "vitest";
import { PartialJson } from "../../src/model/partial-json.ts";
import { FilledNulls } from "../../src/tool/filled-nulls.ts";
import type { JsonSchema } from "../../src/tool/tool-schema.ts";

const text = { type: "string" };

test.each<[what: string, schema: JsonSchema, value: unknown, expected: unknown]>([
  [
    "an optional property that cannot be null",
    { type: "object", properties: { a: text, b: text }, required: ["a"] },
    { a: "x", b: null },
    { a: "x" },
  ],
  [
    "not one that may be null, nor one that is required, nor an unknown one",
    { type: "object", properties: { a: { type: ["string", "null"] }, b: text, c: {} }, required: ["b"] },
    { a: null, b: null, c: null, d: null },
    { a: null, b: null, c: null, d: null },
  ],
  [
    "in lists, tuples, records and behind references",
    {
      type: "object",
      properties: {
        list: { type: "array", items: { $ref: "#/$defs/t" } },
        pair: { type: "array", prefixItems: [text, { $ref: "#/$defs/t" }] },
        map: { type: "object", additionalProperties: { $ref: "#/$defs/t" } },
      },
      $defs: { t: { type: "object", properties: { x: text } } },
    },
    { list: [{ x: null }], pair: ["a", { x: null }], map: { k: { x: null } } },
    { list: [{}], pair: ["a", {}], map: { k: {} } },
  ],
  [
    "of the alternatives, by the one that is meant",
    {
      anyOf: [
        { type: "object", properties: { kind: { const: "a" }, x: text }, required: ["kind"] },
        { type: "object", properties: { kind: { const: "b" }, x: { type: ["string", "null"] }, y: text } },
      ],
    },
    [
      { kind: "a", x: null, y: null },
      { kind: "b", x: null, y: null },
    ],
    [{ kind: "a" }, { kind: "b", x: null }],
  ],
])("nulls that stand for nothing are taken out: %s", (_what, schema, value, expected) => {
  const values = Array.isArray(value) ? value : [value];
  const cleaned = values.map((each) => new FilledNulls(schema).remove(each));
  expect(cleaned).toEqual(Array.isArray(expected) ? expected : [expected]);
});

test("a value is never changed, and what needs no change is the same object", () => {
  const schema: JsonSchema = {
    type: "object",
    properties: {
      a: { type: "object", properties: { x: text } },
      b: { type: "object", properties: { x: text } },
    },
  };
  const value = { a: { x: "1" }, b: { x: null } };
  const cleaned = new FilledNulls(schema).remove(value) as typeof value;
  expect(value).toEqual({ a: { x: "1" }, b: { x: null } });
  expect(cleaned).toEqual({ a: { x: "1" }, b: {} });
  expect(cleaned.a).toBe(value.a);
  const clean = { a: { x: "1" } };
  expect(new FilledNulls(schema).remove(clean)).toBe(clean);
});

test("a schema that refers to itself without end is looked at to an end", () => {
  const loop: JsonSchema = {
    $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } },
    $ref: "#/$defs/a",
  };
  expect(new FilledNulls(loop).remove({ a: null })).toEqual({ a: null });
  const nested: JsonSchema = { anyOf: [{ $ref: "#" }, { type: "object", properties: { a: text } }] };
  expect(new FilledNulls(nested).remove({ a: null })).toEqual({});
});

test("of a list that grows the same is taken out as if each of its values were the first", () => {
  const item: JsonSchema = {
    type: "object",
    properties: {
      id: { type: "number" },
      note: text,
      tags: { type: "array", items: { $ref: "#/$defs/tag" } },
    },
    required: ["id"],
  };
  const schema: JsonSchema = {
    type: "object",
    properties: { items: { type: "array", items: item } },
    $defs: { tag: { type: "object", properties: { x: text } } },
  };
  const tags = fc.array(fc.record({ x: fc.constantFrom(null, "t") }), { maxLength: 4 });
  const record = fc.record({ id: fc.nat(9), note: fc.constantFrom(null, "n"), tags });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 90 }), fc.integer({ min: 1, max: 40 }), (items, step) => {
      const whole = JSON.stringify({ items });
      const filter = new FilledNulls(schema);
      const parser = new PartialJson();
      for (let at = 0; at < whole.length; at += step) {
        parser.push(whole.slice(at, at + step));
        const { value } = parser;
        expect(filter.remove(value)).toEqual(new FilledNulls(schema).remove(value));
      }
    }),
    { numRuns: 60 },
  );
});

test("a value of a schema that leaves nothing out is not looked at", () => {
  const entry = { type: "object", properties: { at: text, next: { $ref: "#" } }, required: ["at", "next"] };
  const schema = {
    type: "object",
    properties: { list: { type: "array", items: entry } },
    required: ["list"],
  };
  const looked: PropertyKey[] = [];
  const value = new Proxy(
    { list: null },
    { ownKeys: (target) => (looked.push("keys"), Reflect.ownKeys(target)) },
  );
  expect(new FilledNulls(schema).remove(value)).toBe(value);
  expect(looked).toEqual([]);
  // One optional property anywhere, and it is.
  const optional = { ...schema, properties: { ...schema.properties, comment: text } };
  new FilledNulls(optional).remove(value);
  expect(looked).toEqual(["keys"]);
});
