import { lastValueFrom } from "rxjs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { type ChatModelBase, OpenAICredential, runTools, tool } from "rxscope";
import { type Emulator, startEmulator } from "rxscope/testing";
import { schemaRefusal } from "../../src/testing/emulator/openai-schema-refusals.ts";

let emulator: Emulator;
let model: ChatModelBase;

beforeEach(async () => {
  emulator = await startEmulator();
  const credential = new OpenAICredential({ apiKey: "sk-test-0123456789", baseUrl: emulator.baseUrl() });
  model = credential.createChatModel("gpt-4.1", { options: { retry: false } });
});

afterEach(async () => {
  await emulator.close();
});

const text = { type: "string" };
const closed = { type: "object", properties: { a: text }, required: ["a"], additionalProperties: false };

test.each<[schema: object, isStrict: boolean, reason: string]>([
  [
    { type: "array", items: text },
    false,
    `schema must be a JSON Schema of 'type: "object"', got 'type: "array"'.`,
  ],
  [{}, false, `got 'type: "None"'`],
  [{ type: "object", anyOf: [closed] }, false, "not have 'oneOf'/'anyOf'"],
  [
    { type: "object", properties: { a: { type: "array" } } },
    false,
    "In context=('properties', 'a'), array schema missing items.",
  ],
  [
    { ...closed, additionalProperties: true },
    true,
    "'additionalProperties' is required to be supplied and to be false.",
  ],
  [{ ...closed, required: [] }, true, "Missing 'a'."],
  [{ ...closed, properties: { a: { ...text, minLength: 1 } } }, true, "'minLength' is not permitted."],
  [{ ...closed, properties: { a: {} } }, true, "schema must have a 'type' key."],
  [
    { ...closed, properties: { a: { $ref: "#", description: "x" } } },
    true,
    "$ref cannot have keywords {'description'}.",
  ],
  [{ ...closed, properties: { a: { ...text, pattern: "(?=x)" } } }, true, "lookaround"],
  [
    { ...closed, properties: { a: { anyOf: [text, { type: "object" }] } } },
    true,
    "In context=('properties', 'a', 'anyOf', '1')",
  ],
])("OpenAI would not take %j (strict: %j)", (schema, isStrict, reason) => {
  expect(schemaRefusal(schema, isStrict)).toContain(reason);
  expect(schemaRefusal(closed, isStrict)).toBeUndefined();
});

const Trip = z.object({
  city: z.string().min(1),
  days: z.number().int().default(3),
  note: z.string().optional(),
  stops: z.array(z.object({ name: z.string(), kind: z.enum(["town", "lake"]).optional() })),
});

test("a structured answer goes to OpenAI in its strict form, and comes back in ours", async () => {
  const { value, attempts, response } = await model.structured("A trip to Paris for 4 days", Trip);
  expect(Trip.parse(value)).toEqual(value);
  expect(value.city).toBe("Paris");
  expect(attempts).toMatchObject([{ mode: "native", outcome: "ok" }]);
  expect(response.warnings.map(({ option }) => option)).toEqual(["responseFormat/properties/city"]);
  expect(emulator.journal[0]?.body).toMatchObject({
    response_format: {
      json_schema: { strict: true, schema: { required: ["city", "days", "note", "stops"] } },
    },
  });
});

test("a schema that the strict form cannot say is asked for without strict, and a list is wrapped", async () => {
  const Scores = z.array(z.record(z.string(), z.number()));
  emulator.script({ text: '{"value":[{"ann":3}]}' });
  const { value, attempts, response } = await model.structured("Scores?", Scores);
  expect(value).toEqual([{ ann: 3 }]);
  expect(attempts).toHaveLength(1);
  expect(response.warnings[0]?.reason).toContain("without strict");
  expect(emulator.journal[0]?.body).toMatchObject({ response_format: { json_schema: { strict: false } } });
});

test("a server that refuses the schema mode is asked through a tool", async () => {
  emulator.script({ status: 400, body: { error: { message: "response_format is not supported" } } });
  const { value, attempts } = await model.structured("A trip to Paris", Trip);
  expect(Trip.parse(value)).toEqual(value);
  expect(attempts.map(({ mode, outcome }) => [mode, outcome])).toEqual([
    ["native", "refused"],
    ["tool_forced", "ok"],
  ]);
});

test("a run of tools over the wire: strict tools, nulls out, results in", async () => {
  const seen: unknown[] = [];
  const weather = tool({
    name: "get_weather",
    strict: true,
    parameters: z.object({ city: z.string(), unit: z.enum(["C", "F"]).optional() }),
    execute: (input) => {
      seen.push(input);
      return `21 in ${input.city}`;
    },
  });
  emulator.script({ toolCalls: [{ name: "get_weather", arguments: { city: "Paris", unit: null } }] });
  const run = await lastValueFrom(runTools(model, "How is the weather in Paris?", [weather]));
  expect(seen).toEqual([{ city: "Paris" }]);
  expect(run).toMatchObject({ type: "final", reason: "answer", text: "Here is what I found: 21 in Paris" });
  expect(run.type === "final" && run.rounds).toHaveLength(2);
  expect(run.type === "final" && run.usage.totalTokens).toBeGreaterThan(0);
});

test("the calls of strict tools have the input that their schemas mean, in every answer", async () => {
  const strict = {
    name: "f",
    strict: true,
    parameters: z.object({ a: z.string(), b: z.string().optional() }),
  };
  const loose = { ...strict, name: "g", strict: false };
  const toolCalls = ["f", "g"].map((name) => ({ name, arguments: { a: "x", b: null } }));
  for (const stream of [true, false]) {
    emulator.script({ toolCalls });
    const answer = await model.call("Hi", [strict, loose], { stream });
    expect(answer.toolCalls.map(({ input }) => input)).toEqual([{ a: "x" }, { a: "x", b: null }]);
    expect(answer.toolCalls[0]?.rawInput).toBe('{"a":"x","b":null}');
  }
});
