import { expect, test } from "vitest";
import { z } from "zod";
import { sampleOf } from "../../src/testing/emulator/schema-sample.ts";

const Tree = z.object({
  name: z.string(),
  get children() {
    return z.array(Tree);
  },
  get parent() {
    return Tree.nullable();
  },
});

test.each<[string, z.ZodType]>([
  ["plain values", z.object({ a: z.string(), b: z.number(), c: z.boolean(), d: z.null() })],
  ["an enum and a literal", z.object({ unit: z.enum(["c", "f"]), kind: z.literal("x") })],
  [
    "numbers within bounds",
    z.object({ a: z.int().min(5).max(7), b: z.number().gt(0).lt(1), c: z.number().max(-3) }),
  ],
  ["multiples", z.object({ a: z.int().multipleOf(5).min(7), b: z.number().multipleOf(0.25).gt(3) })],
  ["lengths", z.object({ a: z.string().min(12), b: z.string().max(2), c: z.array(z.int()).min(3).max(4) })],
  [
    "formats",
    z.object({ a: z.iso.date(), b: z.iso.datetime(), c: z.email(), d: z.uuid(), e: z.url(), f: z.ipv4() }),
  ],
  ["nested objects and lists", z.object({ a: z.array(z.object({ b: z.array(z.string()) })) })],
  ["unions", z.object({ a: z.union([z.object({ x: z.int() }), z.string()]), b: z.string().nullable() })],
  ["intersections", z.intersection(z.object({ a: z.string() }), z.object({ b: z.int() }))],
  ["tuples", z.object({ a: z.tuple([z.string(), z.int(), z.boolean()]) })],
  ["optional and default values", z.object({ a: z.string().optional(), b: z.int().default(3) })],
  ["a record", z.object({ a: z.record(z.string(), z.unknown()) })],
  ["a schema inside itself", Tree],
  ["nothing at all", z.object({})],
])("a sample of %s is valid", (_what, schema) => {
  const sample = sampleOf(z.toJSONSchema(schema, { io: "input" }), { text: "What of Berlin, 6 times?" });
  expect(schema.safeParse(sample).error).toBeUndefined();
});

test("names and numbers come out of the text in their order, then the name of the property and 1", () => {
  const schema = z.toJSONSchema(
    z.object({
      from: z.string(),
      to: z.string(),
      class: z.string(),
      seats: z.int(),
      bags: z.int(),
      dogs: z.int(),
    }),
  );
  const sample = sampleOf(schema, { text: "Two seats? No, 3 seats and 2 bags from New York to Paris." });
  expect(sample).toEqual({ from: "New York", to: "Paris", class: "class", seats: 3, bags: 2, dogs: 1 });
});

test("a property that wants the user's words gets all of them", () => {
  const schema = { type: "object", properties: { query: { type: "string" } }, required: ["query"] };
  expect(sampleOf(schema, { text: "who was Ada" })).toEqual({ query: "who was Ada" });
});

test("of an enum the text chooses, else the first is taken", () => {
  const schema = { type: "object", properties: { unit: { enum: ["celsius", "fahrenheit"] } } };
  expect(sampleOf(schema, { text: "in Fahrenheit, please" })).toEqual({ unit: "fahrenheit" });
  expect(sampleOf(schema)).toEqual({ unit: "celsius" });
});

test("what is not required is left out, unless nothing is said of it", () => {
  const properties = { a: { type: "string" }, b: { type: "string" } };
  expect(sampleOf({ type: "object", properties, required: ["a"] })).toEqual({ a: "a" });
  expect(sampleOf({ type: "object", properties })).toEqual({ a: "a", b: "b" });
});

test("references are followed by JSON pointer, with their escapes", () => {
  const schema = {
    type: "object",
    properties: { place: { $ref: "#/$defs/a~1b%20c" } },
    $defs: { "a/b c": { type: "object", properties: { lat: { type: "number" } } } },
  };
  expect(sampleOf(schema)).toEqual({ place: { lat: 1 } });
});

test("a schema that can have no end gets one", () => {
  const schema = { type: "object", properties: { self: { $ref: "#" } }, required: ["self"] };
  expect(JSON.stringify(sampleOf(schema)).length).toBeLessThan(1000);
});

test.each([undefined, null, true, {}, "nonsense", { type: "unknown" }])(
  "a schema that is %j does no harm",
  (schema) => {
    expect(() => sampleOf(schema)).not.toThrow();
  },
);
