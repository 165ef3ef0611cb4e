import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod3";
import { checkValue, jsonSchema, type SchemaInput, type SchemaOutput, tool, type ToolRun } from "rxscope";

test("a tool is what it was written as", () => {
  const definition = { name: "get_weather", parameters: z.object({ city: z.string() }) };
  expect(tool(definition)).toBe(definition);
  expect(() => tool({ name: "no blanks" })).toThrow(/cannot be a tool's name/);
});

test("the arguments of a tool have the type that the schema lets through", () => {
  tool({
    name: "four",
    parameters: z.object({
      city: z.string(),
      days: z.coerce.number().default(3),
      when: z.iso.date().optional(),
    }),
    execute: (input) => {
      expectTypeOf(input).toEqualTypeOf<{ city: string; days: number; when?: string | undefined }>();
    },
  });
  tool({
    name: "three",
    parameters: z3.object({ city: z3.string(), note: z3.string().optional() }),
    execute: (input) => {
      expectTypeOf(input).toEqualTypeOf<{ city: string; note?: string | undefined }>();
    },
  });
  tool({
    name: "typed_by_hand",
    parameters: jsonSchema<{ city: string }>({ type: "object" }),
    execute: (input) => {
      expectTypeOf(input).toEqualTypeOf<{ city: string }>();
    },
  });
  tool({
    name: "plain",
    parameters: { type: "object", properties: {} },
    execute: (input) => {
      expectTypeOf(input).toEqualTypeOf<Readonly<Record<string, unknown>>>();
    },
  });
  tool({
    name: "none",
    execute: (input, run) => {
      expectTypeOf(input).toEqualTypeOf<Readonly<Record<string, unknown>>>();
      expectTypeOf(run).toEqualTypeOf<ToolRun>();
    },
  });
});

test("a schema's output is a type of its own for each form", () => {
  const four = z.object({ at: z.string().transform((text) => text.length) });
  expectTypeOf<SchemaOutput<typeof four>>().toEqualTypeOf<{ at: number }>();
  const three = z3.array(z3.number());
  expectTypeOf<SchemaOutput<typeof three>>().toEqualTypeOf<number[]>();
  expectTypeOf<SchemaOutput<{ type: "object" }>>().toEqualTypeOf<unknown>();
});

const PLACE = { type: "object", properties: { city: { type: "string" } }, required: ["city"] } as const;

test.each<[form: string, schema: SchemaInput, issue: RegExp]>([
  ["zod 4", z.object({ city: z.string() }), /^city: .*string/],
  ["zod 3", z3.object({ city: z3.string() }), /^city: .*string/i],
  ["JSON Schema", PLACE, /^city: must be string, is number$/],
  ["JSON Schema with its type", jsonSchema<{ city: string }>(PLACE), /^city: must be string, is number$/],
])("a value is held against %s", async (_form, schema, issue) => {
  expect(await checkValue({ city: "Paris" }, schema)).toEqual({ value: { city: "Paris" } });
  const { issues } = await checkValue({ city: 1 }, schema);
  expect(issues).toHaveLength(1);
  expect(issues?.[0]).toMatch(issue);
});

test("defaults, transforms and checks that take their time take effect", async () => {
  const schema = z.object({
    days: z.number().default(3),
    city: z.string().transform((city) => city.toUpperCase()),
    free: z.boolean().refine(async (free) => Promise.resolve(free), "is taken"),
  });
  expect(await checkValue({ city: "Paris", free: true }, schema)).toEqual({
    value: { days: 3, city: "PARIS", free: true },
  });
  expect((await checkValue({ city: "Paris", free: false }, schema)).issues).toEqual(["free: is taken"]);
});

test("an issue says where it is", async () => {
  const schema = z.object({ list: z.array(z.object({ "a b": z.string() })) });
  expect((await checkValue({ list: [{ "a b": "x" }, {}] }, schema)).issues?.[0]).toMatch(/^list\[1\]\.a b: /);
  expect((await checkValue(1, { type: "string" })).issues).toEqual(["must be string, is number"]);
});
