import { expect, test } from "vitest";
import { jsonIssues } from "../../src/tool/json-issues.ts";
import type { JsonSchema } from "../../src/tool/tool-schema.ts";

const TREE: JsonSchema = {
  $defs: {
    node: {
      type: "object",
      properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#/$defs/node" } } },
      required: ["name"],
    },
  },
  $ref: "#/$defs/node",
};
const KINDS: JsonSchema = {
  oneOf: [
    { type: "object", properties: { kind: { const: "a" }, a: { type: "string" } }, required: ["kind", "a"] },
    { type: "object", properties: { kind: { const: "b" }, b: { type: "number" } }, required: ["kind", "b"] },
  ],
};

test.each<[schema: JsonSchema, good: unknown, bad: unknown, message: string, path?: readonly unknown[]]>([
  [{ type: "string" }, "a", 1, "must be string, is number"],
  [{ type: ["string", "null"] }, null, [], "must be string or null, is array"],
  [{ type: "integer" }, 1.0, 1.5, "must be integer, is number"],
  [{ enum: ["a", 1, { x: [1] }] }, { x: [1] }, "b", 'must be one of ["a",1,{"x":[1]}]'],
  [{ const: { a: 1, b: 2 } }, { b: 2, a: 1 }, { a: 1 }, 'must be {"a":1,"b":2}'],
  [{ minLength: 2 }, "👍👍", "👍", "must have at least 2 characters, has 1"],
  [{ maxLength: 1 }, "👍", "ab", "must have at most 1 characters, has 2"],
  [{ pattern: "^a+$" }, "aa", "ab", "must match ^a+$"],
  [{ pattern: "\\p{Lu}" }, "É", "é", "must match"],
  [{ format: "date" }, "2024-02-29", "2023-02-29", "must be a date"],
  [{ format: "date-time" }, "2024-01-01T00:00:00Z", "2024-01-01", "must be a date-time"],
  [{ format: "time" }, "23:59:59", "24:00:00", "must be a time"],
  [{ format: "email" }, "a@b", "a b", "must be a email"],
  [{ format: "ipv4" }, "192.0.2.1", "192.0.2.256", "must be a ipv4"],
  [{ format: "uri" }, "https://example.com", "example", "must be a uri"],
  [{ format: "uuid" }, "00000000-0000-4000-8000-000000000000", "0-0", "must be a uuid"],
  [{ minimum: 1 }, 1, 0, "must be at least 1"],
  [{ maximum: 1 }, 1, 2, "must be at most 1"],
  [{ exclusiveMinimum: 1 }, 2, 1, "must be more than 1"],
  [{ exclusiveMaximum: 1 }, 0, 1, "must be less than 1"],
  [{ multipleOf: 0.1 }, 0.3, 0.35, "must be a multiple of 0.1"],
  [{ items: { type: "string" } }, ["a"], ["a", 1], "must be string, is number", [1]],
  [{ minItems: 1 }, [1], [], "must have at least 1 items, has 0"],
  [{ maxItems: 1 }, [1], [1, 2], "must have at most 1 items, has 2"],
  [
    { uniqueItems: true },
    [1, "1"],
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    "must not repeat an item",
  ],
  [{ prefixItems: [{ type: "string" }], items: false }, ["a"], ["a", 1], "nothing may stand here", [1]],
  [
    { items: [{ type: "string" }], additionalItems: { type: "number" } },
    ["a", 1],
    ["a", "b"],
    "must be number",
    [1],
  ],
  [{ contains: { type: "string" }, maxContains: 1 }, [1, "a"], ["a", "b"], "has 2 items that fit"],
  [{ required: ["a"] }, { a: undefined }, {}, "is missing", ["a"]],
  [{ properties: { a: { type: "string" } } }, { b: 1 }, { a: 1 }, "must be string", ["a"]],
  [{ properties: { a: {} }, additionalProperties: false }, { a: 1 }, { b: 1 }, "is not known here", ["b"]],
  [{ additionalProperties: { type: "number" } }, { a: 1 }, { a: "1" }, "must be number", ["a"]],
  [
    { patternProperties: { "^x": { type: "number" } }, additionalProperties: false },
    { x1: 1 },
    { x1: "" },
    "must be number",
    ["x1"],
  ],
  [{ propertyNames: { pattern: "^a" } }, { ab: 1 }, { b: 1 }, "must match ^a", ["b"]],
  [{ minProperties: 1 }, { a: 1 }, {}, "must have at least 1 properties"],
  [{ maxProperties: 1 }, { a: 1 }, { a: 1, b: 2 }, "must have at most 1 properties"],
  [{ dependentRequired: { a: ["b"] } }, { b: 1 }, { a: 1 }, "is missing beside a", ["b"]],
  [{ dependentSchemas: { a: { required: ["c"] } } }, { b: 1 }, { a: 1 }, "is missing", ["c"]],
  [{ allOf: [{ minimum: 1 }, { maximum: 3 }] }, 2, 4, "must be at most 3"],
  [
    { anyOf: [{ type: "string" }, { type: "null" }] },
    null,
    1,
    "must fit one of the alternatives: must be string, is number; or must be null, is number",
  ],
  [
    { oneOf: [{ type: "number" }, { type: "integer" }] },
    1.5,
    1,
    "must fit exactly one of the alternatives, fits 2",
  ],
  [{ not: { type: "string" } }, 1, "a", "must not fit"],
  [
    JSON.parse('{"if":{"type":"string"},"then":{"minLength":1},"else":{"minimum":1}}') as JsonSchema,
    "a",
    0,
    "must be at least 1",
  ],
  [
    TREE,
    { name: "a", children: [{ name: "b" }] },
    { name: "a", children: [{}] },
    "is missing",
    ["children", 0, "name"],
  ],
  // The alternative that was meant tells what is wrong, not the ones that were not.
  [KINDS, { kind: "a", a: "x" }, { kind: "b", b: "x" }, "must be number, is string", ["b"]],
  [{ properties: { a: false } }, {}, { a: 1 }, "nothing may stand here", ["a"]],
])("%j lets %j through and not %j", (schema, good, bad, message, path = []) => {
  expect(jsonIssues(good, schema)).toEqual([]);
  const issues = jsonIssues(bad, schema);
  expect(issues.map((issue) => issue.message).join()).toContain(message);
  expect(issues[0]?.path).toEqual(path);
});

test("what it does not know allows everything, and references in a circle come to an end", () => {
  expect(jsonIssues("x", { format: "moon-phase", unevaluatedProperties: false })).toEqual([]);
  expect(jsonIssues("x", { $ref: "https://example.com/schema" })).toEqual([]);
  expect(jsonIssues("x", { $ref: "#" })).toEqual([]);
  expect(jsonIssues("x", { pattern: "(" })).toEqual([]);
});

test("names that objects have by themselves are no properties of a value", () => {
  const schema = {
    type: "object",
    properties: { a: {} },
    required: ["toString"],
    additionalProperties: false,
  };
  expect(jsonIssues({ constructor: 1 }, schema).map(({ message }) => message)).toEqual([
    "is missing",
    "is not known here",
  ]);
});
