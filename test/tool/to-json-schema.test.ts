import { expect, test, vi } from "vitest";
import { z } from "zod";
import * as zMini from "zod/mini";
import { z as z3 } from "zod3";
import { ConfigurationError } from "../../src/error/errors-by-kind.ts";
import { checkValue } from "../../src/tool/check-value.ts";
import { toJsonSchema, toToolSchemas } from "../../src/tool/to-json-schema.ts";
import type { JsonSchema, SchemaInput } from "../../src/tool/tool-schema.ts";

const FORECAST = {
  type: "object",
  properties: {
    city: { type: "string", description: "Its name" },
    unit: { type: "string", enum: ["celsius", "fahrenheit"] },
    days: { type: "number", default: 3 },
    note: { type: "string" },
    id: { type: ["string", "number"] },
    extra: { type: "object", additionalProperties: {} },
  },
  required: ["city", "unit", "id", "extra"],
} as const;

/** The schema of a zod object without the marks in which the zod versions differ and which mean nothing here. */
function essence(schema: JsonSchema): unknown {
  const drop = new Set(["$schema", "propertyNames", "additionalProperties"]);
  const walk = (value: unknown, isRoot: boolean): unknown => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const kept = Object.entries(value).filter(([name]) => name !== "$schema" && name !== "propertyNames");
    const record = Object.fromEntries(
      kept.filter(([name]) => !(isRoot && drop.has(name))).map(([name, each]) => [name, walk(each, false)]),
    );
    return record;
  };
  return walk(schema, true);
}

async function parametersOf(schema: SchemaInput): Promise<JsonSchema> {
  const [tool] = await toToolSchemas([{ name: "f", parameters: schema }]);
  return tool?.parameters ?? { type: "none" };
}

async function failureOf(promise: Promise<unknown>): Promise<ConfigurationError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigurationError);
  return error as ConfigurationError;
}

test("a zod 4 object keeps enum, optional, default, unions and records of anything", async () => {
  const schema = z.object({
    city: z.string().describe("Its name"),
    unit: z.enum(["celsius", "fahrenheit"]),
    days: z.number().default(3),
    note: z.string().optional(),
    id: z.union([z.string(), z.number()]),
    extra: z.record(z.string(), z.unknown()),
  });
  expect(essence(await toJsonSchema(schema))).toEqual(FORECAST);
});

test("a zod 3 object gives the same as its zod 4 twin", async () => {
  const schema = z3.object({
    city: z3.string().describe("Its name"),
    unit: z3.enum(["celsius", "fahrenheit"]),
    days: z3.number().default(3),
    note: z3.string().optional(),
    id: z3.union([z3.string(), z3.number()]),
    extra: z3.record(z3.unknown()),
  });
  expect(essence(await toJsonSchema(schema))).toEqual(FORECAST);
});

test("zod's small face works like the large one", async () => {
  const schema = zMini.object({ city: zMini.string(), days: zMini.optional(zMini.number()) });
  expect(essence(await toJsonSchema(schema))).toEqual({
    type: "object",
    properties: { city: { type: "string" }, days: { type: "number" } },
    required: ["city"],
  });
});

test("a zod 4 schema that cannot describe itself is described by its package", async () => {
  const schema = z.object({ city: z.string(), days: z.number().default(3) });
  const { jsonSchema: _jsonSchema, ...standard } = schema["~standard"];
  const old = Object.create(schema, { "~standard": { value: standard } }) as typeof schema;
  expect(essence(await toJsonSchema(old))).toEqual({
    type: "object",
    properties: { city: { type: "string" }, days: { type: "number", default: 3 } },
    required: ["city"],
  });
});

test("a recursive zod 4 schema keeps its recursion by reference", async () => {
  const Node = z.object({
    label: z.string(),
    get children() {
      return z.array(Node);
    },
  });
  const parameters = await parametersOf(z.object({ root: Node }));
  const ref = ((parameters["properties"] as Record<string, JsonSchema>)["root"] as JsonSchema)[
    "$ref"
  ] as string;
  const name = /^#\/\$defs\/(.+)$/.exec(ref)?.[1] as string;
  const node = (parameters["$defs"] as Record<string, JsonSchema>)[name];
  expect(node).toMatchObject({ properties: { children: { type: "array", items: { $ref: ref } } } });
});

test("a recursive zod 3 schema keeps its recursion by reference, and nothing is written to the console", async () => {
  const warn = vi.spyOn(console, "warn");
  interface Tree {
    label: string;
    children: Tree[];
  }
  const Node: z3.ZodType<Tree> = z3.object({ label: z3.string(), children: z3.lazy(() => z3.array(Node)) });
  expect(await parametersOf(Node as unknown as SchemaInput)).toMatchObject({
    properties: { children: { type: "array", items: { $ref: "#" } } },
  });
  expect(await parametersOf(z3.object({ root: Node }) as unknown as SchemaInput)).toMatchObject({
    properties: { root: { properties: { children: { items: { $ref: "#/properties/root" } } } } },
  });
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});

test("a zod 3 schema that is used twice without recursion stands there twice", async () => {
  const Place = z3.object({ city: z3.string() });
  const parameters = await parametersOf(z3.object({ from: Place, to: Place }));
  expect(JSON.stringify(parameters)).not.toContain("$ref");
  expect(parameters).toMatchObject({
    properties: { from: { properties: { city: {} } }, to: { properties: { city: {} } } },
  });
});

test("a union of zod objects is an object at the root, too", async () => {
  const union = z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("a"), a: z.string() }),
    z.object({ kind: z.literal("b"), b: z.number() }),
  ]);
  const parameters = await parametersOf(union);
  expect(parameters).toMatchObject({ type: "object" });
  expect((parameters["oneOf"] ?? parameters["anyOf"]) as unknown[]).toHaveLength(2);
  const old = z3.union([z3.object({ a: z3.string() }), z3.object({ b: z3.number() })]);
  expect(await parametersOf(old)).toMatchObject({ type: "object", anyOf: [{}, {}] });
  const both = { allOf: [{ type: "object", properties: { a: { type: "string" } } }] };
  expect(await parametersOf(both)).toMatchObject({ type: "object", allOf: [{}] });
});

test("a Standard Schema of any vendor gives JSON Schema by itself", async () => {
  const schema = {
    "~standard": {
      version: 1,
      vendor: "valibot",
      jsonSchema: { input: ({ target }: { target: string }) => ({ type: "object", title: target }) },
    },
  } as const;
  expect(await toJsonSchema(schema)).toEqual({ type: "object", title: "draft-2020-12" });
});

test("a Standard Schema may be a function", async () => {
  const schema = Object.assign(() => undefined, {
    "~standard": { version: 1, vendor: "arktype", jsonSchema: { input: () => ({ type: "object" }) } },
  });
  expect(await toJsonSchema(schema)).toEqual({ type: "object" });
});

test("a Standard Schema without JSON Schema is an error that names its vendor", async () => {
  const error = await failureOf(toJsonSchema({ "~standard": { version: 1, vendor: "valibot" } }));
  expect(error.message).toContain("valibot");
});

test.each<[says: string, schema: SchemaInput, message: string]>([
  [
    "a date",
    z.object({ when: z.date() }),
    "when in it is a date, which JSON does not have. Use z.coerce.date()",
  ],
  ["a date, zod 3", z3.object({ when: z3.date().optional() }), "when in it is a date"],
  [
    "a date deep inside",
    z.object({ lines: z.array(z.object({ when: z.date().nullish() })) }),
    "lines[].when in it is a date",
  ],
  ["a bigint", z.bigint(), "it is a bigint"],
  ["a bigint, zod 3", z3.bigint(), "it is a bigint"],
  ["a map", z.object({ of: z.map(z.string(), z.number()) }), "of in it is a map"],
  ["a set, zod 3", z3.object({ of: z3.set(z3.string()) }), "of in it is a set"],
  ["a class", z.object({ of: z.instanceof(URL) }), "of in it is a custom"],
  ["undefined", z.object({ of: z.union([z.string(), z.undefined()]) }), "is a undefined"],
  ["a literal without JSON", z.object({ of: z.literal(["a", 5n]) }), "of in it is a bigint"],
  [
    "a function, zod 3",
    z3.object({ city: z3.string(), callback: z3.function() }),
    "callback in it is a function",
  ],
])("what JSON cannot say is an error that says where, not a schema that nothing fits: %s", async (...row) => {
  const [, schema, message] = row;
  expect((await failureOf(toJsonSchema(schema))).message).toContain(message);
});

const MOMENT = { type: "string", format: "date-time" };

test.each<[says: string, schema: SchemaInput, json: JsonSchema, value: unknown, meant: unknown]>([
  ["a coerced date", z.coerce.date(), MOMENT, "2026-11-21T00:00:00Z", new Date("2026-11-21")],
  ["a coerced date, zod 3", z3.coerce.date(), MOMENT, "2026-11-21T00:00:00Z", new Date("2026-11-21")],
  [
    "a date made by a step before",
    z.preprocess(toDate, z.date()),
    MOMENT,
    "2026-11-21",
    new Date("2026-11-21"),
  ],
  [
    "a described one that may be missing",
    z.preprocess(toDate, z.date().describe("when").nullable()),
    { anyOf: [{ ...MOMENT, description: "when" }, { type: "null" }] },
    "2026-11-21",
    new Date("2026-11-21"),
  ],
  ["the same in zod 3", z3.preprocess(toDate, z3.date()), MOMENT, "2026-11-21", new Date("2026-11-21")],
  [
    "a codec",
    z.codec(z.iso.datetime(), z.date(), {
      decode: (text) => new Date(text),
      encode: (date) => date.toISOString(),
    }),
    MOMENT,
    "2026-11-21T00:00:00Z",
    new Date("2026-11-21"),
  ],
  [
    "a coerced bigint",
    z.coerce.bigint(),
    { type: "string", pattern: String.raw`^-?\d+$` },
    "12345678901234567890",
    12345678901234567890n,
  ],
  [
    "said by hand",
    z.custom<string>((value) => value === "a").meta({ type: "string" }),
    { type: "string" },
    "a",
    "a",
  ],
  [
    "a pipe is what goes in, zod 3",
    z3.string().transform(Number).pipe(z3.number()),
    { type: "string" },
    "7",
    7,
  ],
  ["a pipe is what goes in", z.string().transform(Number).pipe(z.number()), { type: "string" }, "7", 7],
])("a schema is given as what it takes, and makes of that what it means: %s", async (...row) => {
  const [, schema, json, value, meant] = row;
  expect(await toJsonSchema(schema)).toMatchObject(json);
  expect(await checkValue(value, schema)).toEqual({ value: meant });
});

function toDate(value: unknown): unknown {
  return typeof value === "string" ? new Date(value) : value;
}

test("plain JSON Schema passes as it is", async () => {
  const schema = { type: "object", properties: { city: { $ref: "#/$defs/City" } }, $defs: { City: {} } };
  expect(await toJsonSchema(schema)).toBe(schema);
});

test("what is no schema at all is refused", async () => {
  for (const schema of [undefined, null, "object", 7, ["object"], () => ({})]) {
    const error = await failureOf(toJsonSchema(schema as unknown as SchemaInput));
    expect(error.message).toMatch(/zod schema.*Standard Schema.*JSON Schema/);
  }
});

test("a zod schema that would come out empty is refused, and one that means anything is not", async () => {
  // What zod 4 looks like to a converter made for zod 3.
  const foreign = { _def: { type: "object" }, safeParse: () => ({ success: true }) };
  await failureOf(toJsonSchema(foreign));
  expect(await toJsonSchema(z3.any())).toEqual({});
  expect(await toJsonSchema(z3.unknown())).toEqual({});
});

test("tools keep their fields, and no more than those", async () => {
  const weather = {
    name: "weather",
    parameters: z.object({ city: z.string() }),
    strict: true,
    execute: () => "rain",
  };
  const tools = await toToolSchemas([{ name: "now", description: "What time it is" }, weather]);
  expect(tools).toEqual([
    { name: "now", description: "What time it is" },
    {
      name: "weather",
      strict: true,
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  ]);
});

test("no parameters and parameters that say nothing are told apart", async () => {
  expect(await toToolSchemas([{ name: "f" }])).toEqual([{ name: "f" }]);
  for (const schema of [{}, z.any(), z3.any(), { $schema: "http://json-schema.org/draft-07/schema#" }]) {
    expect(await parametersOf(schema)).toEqual({ type: "object", properties: {} });
  }
});

test("the dialect of a schema is not sent, and a root with properties is an object", async () => {
  expect(await parametersOf(z.object({}))).not.toHaveProperty("$schema");
  expect(await parametersOf({ properties: { a: {} } })).toEqual({ type: "object", properties: { a: {} } });
});

test("parameters that are no object at the root are refused with a way out", async () => {
  for (const schema of [z.string(), z3.array(z3.string()), { type: "integer" }]) {
    const error = await failureOf(parametersOf(schema));
    expect(error.message).toMatch(/tool "f" must be an object at the root, not "(string|array|integer)"/);
    expect(error.message).toContain("{ value: ... }");
  }
  const error = await failureOf(parametersOf({ enum: ["a", "b"] }));
  expect(error.message).not.toContain("undefined");
});

test("the schema that was given is not changed", async () => {
  const schema = { $schema: "https://json-schema.org/draft/2020-12/schema", properties: { a: {} } };
  await parametersOf(schema);
  expect(schema).toEqual({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    properties: { a: {} },
  });
});

test("a name that some provider would refuse is refused here", async () => {
  for (const name of ["", "get weather", "wetter.heute", "größe", "a".repeat(65), "a\n"]) {
    const error = await failureOf(toToolSchemas([{ name }]));
    expect(error.message).toContain(`"${name}" cannot be a tool's name`);
  }
  await expect(toToolSchemas([{ name: "a".repeat(64) }, { name: "_-9" }])).resolves.toHaveLength(2);
});

test("two tools of one name are refused", async () => {
  const error = await failureOf(toToolSchemas([{ name: "f" }, { name: "g" }, { name: "f" }]));
  expect(error.message).toContain('"f"');
});
