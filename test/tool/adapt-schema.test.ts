import type Anthropic from "@anthropic-ai/sdk";
import { type Schema, Type } from "@google/genai";
import type OpenAI from "openai";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { UnsupportedError } from "../../src/error/errors-by-kind.ts";
import { adaptOffered } from "../../src/tool/adapt-offered.ts";
import { adaptSchema } from "../../src/tool/adapt-schema.ts";
import { FilledNulls } from "../../src/tool/filled-nulls.ts";
import { jsonIssues } from "../../src/tool/json-issues.ts";
import { SCHEMA_DIALECTS, type SchemaDialect } from "../../src/tool/schema-dialects.ts";
import { toJsonSchema } from "../../src/tool/to-json-schema.ts";
import type { JsonSchema } from "../../src/tool/tool-schema.ts";
import { schemaRefusal } from "../../src/testing/emulator/openai-schema-refusals.ts";
import { sampleOf } from "../../src/testing/emulator/schema-sample.ts";

/** An adapted schema and the warnings on the way. */
function adapted(schema: JsonSchema, dialect: SchemaDialect): { schema: JsonSchema; warnings: string[] } {
  const warnings: string[] = [];
  return {
    schema: adaptSchema(schema, dialect, (where, reason) => void warnings.push(`${where} ${reason}`)),
    warnings,
  };
}

function object(properties: object, required: readonly string[] = Object.keys(properties)): JsonSchema {
  return { type: "object", properties, required };
}

function closed(properties: object): JsonSchema {
  return { ...object(properties), additionalProperties: false };
}

const NODE = object({ name: { type: "string" }, next: { $ref: "#/$defs/node" } }, ["name"]);

interface Case {
  readonly what: string;
  readonly from: JsonSchema;
  readonly to: JsonSchema;
  /** A part of each warning, in order. */
  readonly warns?: readonly string[];
}

const STRICT: readonly Case[] = [
  {
    what: "an optional property is required and may be null",
    from: object({ a: { type: "string" }, b: { type: "integer" } }, ["a"]),
    to: closed({ a: { type: "string" }, b: { type: ["integer", "null"] } }),
  },
  {
    what: "one that may be null already stays as it is",
    from: object({ a: { type: ["string", "null"] } }, []),
    to: closed({ a: { type: ["string", "null"] } }),
  },
  {
    what: "an optional choice gets a branch for null",
    from: object({ a: { enum: ["x", "y"], description: "A" }, b: { anyOf: [{ type: "string" }] } }, []),
    to: closed({
      a: { anyOf: [{ type: "string", enum: ["x", "y"] }, { type: "null" }], description: "A" },
      b: { anyOf: [{ type: "string" }, { type: "null" }] },
    }),
  },
  {
    what: "objects are closed wherever they stand",
    from: object({ list: { type: "array", items: object({ a: { type: "string" } }, []) } }),
    to: closed({ list: { type: "array", items: closed({ a: { type: ["string", "null"] } }) } }),
  },
  {
    what: "recursion goes by reference, an optional one with null beside it",
    from: { ...NODE, $defs: { node: NODE } },
    to: {
      ...closed({ name: { type: "string" }, next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] } }),
      $defs: {
        node: closed({
          name: { type: "string" },
          next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] },
        }),
      },
    },
  },
  {
    what: "a reference to the root, or to any place in the schema, becomes one into $defs",
    from: object({ a: object({ b: { $ref: "#/properties/a" } }, []), c: { $ref: "#" } }, ["a"]),
    to: {
      ...closed({
        a: closed({ b: { anyOf: [{ $ref: "#/$defs/a" }, { type: "null" }] } }),
        c: { anyOf: [{ $ref: "#/$defs/root" }, { type: "null" }] },
      }),
      $defs: {
        a: closed({ b: { anyOf: [{ $ref: "#/$defs/a" }, { type: "null" }] } }),
        root: closed({
          a: closed({ b: { anyOf: [{ $ref: "#/$defs/a" }, { type: "null" }] } }),
          c: { anyOf: [{ $ref: "#/$defs/root" }, { type: "null" }] },
        }),
      },
    },
  },
  {
    what: "nothing stands beside a reference",
    from: {
      ...object({ a: { $ref: "#/$defs/t", description: "A", default: "x" } }),
      $defs: { t: { type: "string" } },
    },
    to: {
      ...closed({ a: { anyOf: [{ $ref: "#/$defs/t" }], description: 'A (JSON Schema: {"default":"x"})' } }),
      $defs: { t: { type: "string" } },
    },
  },
  {
    what: "a reference at the root is followed",
    from: { $ref: "#/$defs/t", $defs: { t: object({ a: { type: "string" } }) } },
    to: closed({ a: { type: "string" } }),
  },
  {
    what: "what is not enforced is told in words, and a default without a warning",
    from: object({
      a: { type: "string", minLength: 2, default: "xx", description: "A." },
      b: { type: "string", format: "uri" },
      c: { type: "string", pattern: "^(?=a)" },
      d: { type: "string", pattern: "^a", format: "date" },
    }),
    to: closed({
      a: { type: "string", description: 'A. (JSON Schema: {"minLength":2,"default":"xx"})' },
      b: { type: "string", description: '(JSON Schema: {"format":"uri"})' },
      c: { type: "string", description: '(JSON Schema: {"pattern":"^(?=a)"})' },
      d: { type: "string", pattern: "^a", format: "date" },
    }),
    warns: ["/properties/a minLength is not", "/properties/b format is not", "/properties/c pattern is not"],
  },
  {
    what: "oneOf is anyOf, allOf is merged",
    from: object({
      a: { oneOf: [{ type: "string" }, { type: "number" }] },
      b: { allOf: [object({ x: { type: "string" } }), object({ y: { type: "string" } }, [])] },
    }),
    to: closed({
      a: { anyOf: [{ type: "string" }, { type: "number" }] },
      b: closed({ x: { type: "string" }, y: { type: ["string", "null"] } }),
    }),
  },
  {
    what: "what stands beside alternatives moves into them",
    from: object({ a: { type: "string", anyOf: [{ enum: ["x"] }, { pattern: "^y" }] } }),
    to: closed({
      a: {
        anyOf: [
          { type: "string", enum: ["x"] },
          { type: "string", pattern: "^y" },
        ],
      },
    }),
  },
  {
    what: "a tuple is a list of its length, its order told in words",
    from: object({
      a: { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], items: false },
    }),
    to: closed({
      a: {
        type: "array",
        items: { anyOf: [{ type: "string" }, { type: "number" }] },
        minItems: 2,
        maxItems: 2,
        description: 'In this order: "string", "number".',
      },
    }),
    warns: ["prefixItems is not enforced"],
  },
  {
    what: "alternatives at the root become one object",
    from: {
      oneOf: [
        object({ kind: { const: "a" }, a: { type: "string" } }),
        object({ kind: { const: "b" }, b: { type: "number" } }),
      ],
    },
    to: {
      ...closed({
        kind: { type: "string", enum: ["a", "b"] },
        a: { type: ["string", "null"] },
        b: { type: ["number", "null"] },
      }),
      description: "Give together: kind, a; or kind, b.",
    },
    warns: ["joined into one object"],
  },
];

test.each(STRICT)("OpenAI, strict: $what", ({ from, to, warns = [] }) => {
  const { schema, warnings } = adapted(from, "openai-strict");
  expect(schema).toEqual(to);
  expect(warnings).toHaveLength(warns.length);
  for (const [index, part] of warns.entries()) expect(warnings[index]).toContain(part);
});

test.each<[what: string, schema: JsonSchema, reason: string]>([
  [
    "a record",
    object({ map: { type: "object", additionalProperties: { type: "number" } } }),
    "at /properties/map it is an object whose property names are not known beforehand",
  ],
  ["an object of anything", object({ any: { type: "object" } }), "at /properties/any"],
  [
    "an object open to more",
    { ...object({ a: { type: "string" } }), additionalProperties: true },
    "at its root",
  ],
  ["a schema without a type", object({ any: {} }), "at /properties/any it does not say its type"],
  ["a list at the root", { type: "array", items: { type: "string" } }, "its root must be an object"],
  ["a dangling reference", object({ a: { $ref: "#/$defs/gone" } }), 'reference "#/$defs/gone" leads nowhere'],
])("OpenAI's strict form refuses %s, and says where", (_what, schema, reason) => {
  const attempt = (): unknown => adaptSchema(schema, "openai-strict", () => {});
  expect(attempt).toThrow(UnsupportedError);
  expect(attempt).toThrow(reason);
});

test("what the strict form refuses is offered without strict, with a warning", () => {
  const schema = object({ map: { type: "object", additionalProperties: { type: "number" } } });
  const warnings: string[][] = [];
  const offered = adaptOffered(
    { option: "tools.t", schema, strict: true },
    "openai",
    (...each) => void warnings.push(each),
  );
  expect(offered).toEqual({ schema, strict: false });
  expect(warnings).toEqual([["tools.t", expect.stringMatching(/names are not known.*without strict/s)]]);
  expect(adaptOffered({ option: "t", schema, strict: undefined }, "openai", () => {})).toEqual({
    schema,
    strict: undefined,
  });
});

const OTHERS: readonly (Case & { dialect: SchemaDialect })[] = [
  {
    dialect: "json-schema",
    what: "everything stays but the name of the draft",
    from: { $schema: "https://json-schema.org/draft/2020-12/schema", not: { type: "string" } },
    to: { not: { type: "string" } },
  },
  {
    dialect: "openai",
    what: "a list says what is in it, everything else stays",
    from: { ...object({ a: { type: "array" }, b: { $ref: "#/$defs/t" } }), $defs: { t: { minLength: 1 } } },
    to: {
      ...object({ a: { type: "array", items: {} }, b: { $ref: "#/$defs/t" } }),
      $defs: { t: { minLength: 1 } },
    },
  },
  {
    dialect: "anthropic-strict",
    what: "objects are closed, what is optional stays optional, bounds are told",
    from: object({ a: { type: "integer", minimum: 1 }, b: { type: "string", format: "uri" } }, ["b"]),
    to: {
      ...object(
        {
          a: { type: "integer", description: '(JSON Schema: {"minimum":1})' },
          b: { type: "string", format: "uri" },
        },
        ["b"],
      ),
      additionalProperties: false,
    },
    warns: ["minimum is not enforced"],
  },
  {
    dialect: "anthropic-strict",
    what: "a tuple asks for no more places than the provider takes for a bound",
    from: object({
      pair: { type: "array", prefixItems: [{ type: "number" }, { type: "string" }], items: false },
      one: { type: "array", prefixItems: [{ type: "number" }], items: false },
    }),
    to: {
      ...object({
        pair: {
          type: "array",
          items: { anyOf: [{ type: "number" }, { type: "string" }] },
          description: 'In this order: "number", "string".',
        },
        one: {
          type: "array",
          items: { type: "number" },
          description: 'In this order: "number".',
          minItems: 1,
        },
      }),
      additionalProperties: false,
    },
    warns: ["prefixItems is not enforced"],
  },
  {
    dialect: "gemini",
    what: "types in capitals, counts as strings, null as a keyword, properties in their order",
    from: object({
      a: { type: ["string", "null"], minLength: 1 },
      b: { anyOf: [{ type: "number" }, { type: "null" }] },
      c: { const: "x" },
      d: { type: ["string", "number"] },
    }),
    to: {
      type: "OBJECT",
      properties: {
        a: { type: "STRING", nullable: true, minLength: "1" },
        b: { type: "NUMBER", nullable: true },
        c: { type: "STRING", enum: ["x"] },
        d: { anyOf: [{ type: "STRING" }, { type: "NUMBER" }] },
      },
      propertyOrdering: ["a", "b", "c", "d"],
      required: ["a", "b", "c", "d"],
    },
  },
  {
    dialect: "gemini",
    what: "references are written out, numbers in a choice and maps are told in words",
    from: {
      ...object({
        a: { $ref: "#/$defs/t", description: "mine" },
        n: { enum: [1, 2] },
        m: { type: "object", additionalProperties: { type: "number" } },
      }),
      $defs: { t: object({ x: { type: "boolean" } }) },
    },
    to: {
      type: "OBJECT",
      properties: {
        a: { type: "OBJECT", properties: { x: { type: "BOOLEAN" } }, required: ["x"], description: "mine" },
        n: { type: "INTEGER", description: '(JSON Schema: {"enum":[1,2]})' },
        m: { type: "OBJECT", description: '(JSON Schema: {"additionalProperties":{"type":"number"}})' },
      },
      propertyOrdering: ["a", "n", "m"],
      required: ["a", "n", "m"],
    },
    warns: ["enum is not", "additionalProperties is not"],
  },
  {
    dialect: "gemini-json",
    what: "a constant is a choice of one, tuples stay",
    from: object({ a: { const: 3 }, b: { type: "array", prefixItems: [{ type: "string" }] } }),
    to: object({
      a: { type: "integer", enum: [3] },
      b: { type: "array", prefixItems: [{ type: "string" }] },
    }),
  },
  {
    dialect: "moonshot",
    what: "draft 7 becomes 2020-12, types move into alternatives, everything has a type",
    from: {
      ...object({
        a: { type: "array", items: [{ type: "string" }, { type: "number" }] },
        b: { type: "string", anyOf: [{ minLength: 1 }] },
        c: {},
        d: { $ref: "#/definitions/t", description: "D" },
      }),
      definitions: { t: { type: "string" } },
    },
    to: {
      ...object({
        a: { type: "array", prefixItems: [{ type: "string" }, { type: "number" }] },
        b: { anyOf: [{ type: "string", minLength: 1 }] },
        c: {
          anyOf: ["string", "number", "boolean", "object", "array", "null"].map((type) => ({ type })),
        },
        d: { anyOf: [{ $ref: "#/$defs/t" }], description: "D" },
      }),
      $defs: { t: { type: "string" } },
    },
  },
];

test.each(OTHERS)("$dialect: $what", ({ dialect, from, to, warns = [] }) => {
  const { schema, warnings } = adapted(from, dialect);
  expect(schema).toEqual(to);
  expect(warnings).toHaveLength(warns.length);
  for (const [index, part] of warns.entries()) expect(warnings[index]).toContain(part);
});

test.each<SchemaDialect>(["gemini", "anthropic-strict"])(
  "%s refuses a schema that stands inside itself",
  (dialect) => {
    const schema = { ...NODE, $defs: { node: NODE } };
    expect(() => adaptSchema(schema, dialect, () => {})).toThrow(/at .*next it stands inside itself/);
  },
);

test("a schema that is a part of itself is refused, and one that is its own reference too", () => {
  const part = {
    type: "object",
    properties: { a: { $ref: "#/$defs/a" } },
    $defs: { a: { allOf: [{ $ref: "#/$defs/a" }] } },
  };
  expect(() => adaptSchema(part, "openai-strict", () => {})).toThrow(/stands inside itself/);
  const loop = { ...object({ a: { $ref: "#/$defs/a" } }), $defs: { a: { $ref: "#/$defs/a" } } };
  expect(() => adaptSchema(loop, "gemini", () => {})).toThrow(/stands inside itself/);
  expect(() => adaptSchema({ $ref: "#" }, "openai", () => {})).toThrow(/must be an object/);
});

test("references that double at every level do not fill the memory", () => {
  const $defs: Record<string, JsonSchema> = { t0: { type: "string" } };
  for (let level = 1; level <= 40; level++) {
    const ref = { $ref: `#/$defs/t${level - 1}` };
    $defs[`t${level}`] = object({ a: ref, b: ref });
  }
  const schema = { ...object({ root: { $ref: "#/$defs/t40" } }), $defs };
  expect(() => adaptSchema(schema, "gemini", () => {})).toThrow(/more than 10000 parts/);
  expect(Object.keys(adaptSchema(schema, "openai-strict", () => {})["$defs"] as object)).toHaveLength(41);
});

/** The keywords of a schema and of all schemas in it. */
function keywordsOf(schema: unknown): Set<string> {
  const found = new Set<string>();
  const walk = (value: unknown, isNames: boolean): void => {
    if (Array.isArray(value)) for (const each of value) walk(each, false);
    else if (typeof value === "object" && value !== null) {
      for (const [name, each] of Object.entries(value)) {
        if (!isNames) found.add(name);
        if (isNames || !["enum", "const", "default", "required", "examples"].includes(name))
          walk(each, !isNames && (name === "properties" || name === "$defs"));
      }
    }
  };
  walk(schema, false);
  return found;
}

const leaf: fc.Arbitrary<JsonSchema> = fc.oneof(
  fc.record({ type: fc.constant("string"), minLength: fc.nat(3) }, { requiredKeys: ["type"] }),
  fc.record(
    { type: fc.constant("integer"), minimum: fc.nat(9), default: fc.nat(99) },
    { requiredKeys: ["type"] },
  ),
  fc.constant({ type: "boolean" }),
  fc.constant({ enum: ["red", "green"] }),
  fc.constant({ const: "fixed" }),
  fc.constant({ type: ["string", "null"] }),
  fc.constant({ $ref: "#/$defs/shared" }),
);

const { tree } = fc.letrec<{ tree: JsonSchema; inner: JsonSchema }>((tie) => ({
  inner: fc.oneof(
    { maxDepth: 3 },
    leaf,
    tie("tree"),
    tie("inner").map((items) => ({ type: "array", items })),
    fc.array(tie("inner"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
  ),
  tree: fc
    .array(fc.tuple(fc.constantFrom("a", "b", "c", "d", "$ref", "type"), tie("inner"), fc.boolean()), {
      maxLength: 4,
    })
    .map((entries) =>
      object(
        Object.fromEntries(entries.map(([name, schema]) => [name, schema])),
        [...new Set(entries.filter(([, , isRequired]) => isRequired).map(([name]) => name))].filter(
          (name) => entries.findLast(([each]) => each === name)?.[2],
        ),
      ),
    ),
}));

const schemas = tree.map((root): JsonSchema => ({ ...root, $defs: { shared: { type: "string" } } }));

test("an adapted schema has only the dialect's keywords, and a warning for each constraint that is told in words", () => {
  fc.assert(
    fc.property(
      schemas,
      fc.constantFrom(...(Object.keys(SCHEMA_DIALECTS) as SchemaDialect[])),
      (from, dialect) => {
        const { schema, warnings } = adapted(from, dialect);
        const { keywords } = SCHEMA_DIALECTS[dialect];
        if (keywords !== undefined)
          expect([...keywordsOf(schema)].filter((keyword) => !keywords.has(keyword))).toEqual([]);
        const used = keywordsOf(from);
        for (const keyword of ["minLength", "minimum"]) {
          if (used.has(keyword) && keywords?.has(keyword) === false)
            expect(warnings.some((warning) => warning.includes(`${keyword} is not enforced`))).toBe(true);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("there and back: what fits the strict form fits the schema, once the nulls are out", () => {
  fc.assert(
    fc.property(schemas, fc.string(), (from, text) => {
      const { schema } = adapted(from, "openai-strict");
      const value = sampleOf(schema, { text });
      expect(jsonIssues(value, schema)).toEqual([]);
      const back = new FilledNulls(from).remove(value);
      // A constraint that was told in words is not the strict form's affair.
      const held = JSON.parse(
        JSON.stringify(from, (name, each: unknown) => (name === "minLength" ? undefined : each)),
      ) as JsonSchema;
      expect(jsonIssues(back, held)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("whatever the schema, OpenAI's dialects give one that the emulator of OpenAI takes", () => {
  fc.assert(
    fc.property(schemas, (from) => {
      expect(
        schemaRefusal(
          adaptSchema(from, "openai", () => {}),
          false,
        ),
      ).toBeUndefined();
      expect(
        schemaRefusal(
          adaptSchema(from, "openai-strict", () => {}),
          true,
        ),
      ).toBeUndefined();
    }),
    { numRuns: 300 },
  );
  for (const { from } of STRICT) {
    expect(
      schemaRefusal(
        adaptSchema(from, "openai-strict", () => {}),
        true,
      ),
    ).toBeUndefined();
  }
});

test("the official SDKs' types take what comes out", async () => {
  const source = await toJsonSchema(
    z.object({ city: z.string().describe("Its name"), days: z.number().int().min(1).optional() }),
  );
  const parameters: OpenAI.FunctionParameters = adaptSchema(source, "openai", () => {});
  const format: OpenAI.ResponseFormatJSONSchema = {
    type: "json_schema",
    json_schema: { name: "a", strict: true, schema: adaptSchema(source, "openai-strict", () => {}) },
  };
  const tool: Anthropic.Tool = {
    name: "t",
    strict: true,
    input_schema: { type: "object", ...adaptSchema(source, "anthropic-strict", () => {}) },
  };
  const gemini = adaptSchema(source, "gemini", () => {});
  expect(parameters["type"]).toBe("object");
  expect(format.json_schema.schema).toMatchObject({ required: ["city", "days"] });
  expect(tool.input_schema).toMatchObject({ type: "object", required: ["city"] });
  // Every field, as the type of @google/genai knows it.
  const whole: Required<Pick<Schema, "type" | "properties" | "required" | "propertyOrdering">> = {
    type: Type.OBJECT,
    properties: {
      city: { type: Type.STRING, description: "Its name" },
      days: { type: Type.INTEGER, minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
    },
    required: ["city"],
    propertyOrdering: ["city", "days"],
  };
  expect(gemini).toEqual(whole);
});
