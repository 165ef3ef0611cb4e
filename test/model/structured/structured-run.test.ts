import { firstValueFrom, lastValueFrom, of, take, toArray } from "rxjs";
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod3";
import {
  type ConfigurationError,
  getStructuredData,
  jsonSchema,
  modelError,
  type ModelCard,
  Msg,
  type PartialValue,
  type StructuredOptions,
} from "rxscope";
import { type RecordedCall, type ScriptedAnswer, type Script, ScriptedChatModel } from "rxscope/testing";
import { failureOf } from "../../failures.ts";

const Weather = z.object({ city: z.string(), celsius: z.number() });
const PARIS = { city: "Paris", celsius: 21 };
const JSON_PARIS = JSON.stringify(PARIS);

function cardWith(capabilities: ModelCard["capabilities"]): ModelCard {
  return { ...new ScriptedChatModel("").card, capabilities };
}

/** A model that can do everything but what is said. */
function scripted(
  script: Script | readonly Script[],
  capabilities: ModelCard["capabilities"] = {},
): ScriptedChatModel {
  return new ScriptedChatModel(script, { card: cardWith(capabilities), options: { retry: false } });
}

const refusal = modelError("invalid_request", "response_format is not supported", { status: 400 });
const callOf = (input: unknown): ScriptedAnswer => ({
  toolCalls: [{ name: "answer", arguments: input as Record<string, unknown> }],
});

test("a model with a schema mode is asked by it, and the value is typed", async () => {
  const model = scripted([{ text: JSON_PARIS, usage: { inputTokens: 5, outputTokens: 2 } }]);
  const result = await model.structured("Paris is at 21 °C.", Weather, { temperature: 0 });
  expectTypeOf(result.value).toEqualTypeOf<{ city: string; celsius: number }>();
  expect(result.value).toEqual(PARIS);
  expect(result.attempts).toEqual([
    { mode: "native", outcome: "ok", usage: expect.objectContaining({ outputTokens: 2 }) },
  ]);
  expect(result.usage).toEqual({ inputTokens: 5, outputTokens: 2 });
  expect(result.response.text).toBe(JSON_PARIS);
  const { options, tools, messages } = model.calls[0] as RecordedCall;
  expect(options).toMatchObject({
    temperature: 0,
    responseFormat: {
      type: "json_schema",
      name: "answer",
      strict: true,
      schema: { required: ["city", "celsius"] },
    },
  });
  expect(tools).toEqual([]);
  expect(messages.map(({ text }) => text)).toEqual(["Paris is at 21 °C."]);
});

test("null stands for no options, for those who call without types", async () => {
  const options = null as unknown as StructuredOptions;
  expect((await scripted(JSON_PARIS).structured("Paris?", Weather, options)).value).toEqual(PARIS);
  const last = await lastValueFrom(scripted(JSON_PARIS).streamStructured("Paris?", Weather, options));
  expect(last.isLast).toBe(true);
});

test("the message goes into the conversation, and gives the value back after it was stored", async () => {
  const Dated = z.object({ day: z.iso.date().transform((day) => new Date(day)) });
  const { message, value } = await scripted('{"day":"2026-11-21"}').structured("When?", Dated);
  expect(value.day).toBeInstanceOf(Date);
  expect([message.role, message.text]).toEqual(["assistant", '{"day":"2026-11-21"}']);
  const stored = Msg.from(JSON.parse(JSON.stringify(message)) as Msg);
  const data = await getStructuredData(stored, Dated);
  expectTypeOf(data).toEqualTypeOf<{ day: Date } | undefined>();
  expect(data).toEqual(value);
  expect(await getStructuredData("no value here", Dated)).toBeUndefined();
  expect(await failureOf(getStructuredData(stored, Weather))).toMatchObject({ kind: "parse" });
});

test.each<
  [form: string, schema: Parameters<ScriptedChatModel["structured"]>[1], answer: unknown, value: unknown]
>([
  ["a list", z.array(z.string()), { value: ["a"] }, ["a"]],
  ["a single value", z.number(), { value: 3 }, 3],
  [
    "a union",
    z.discriminatedUnion("k", [z.object({ k: z.literal("a") }), z.object({ k: z.literal("b") })]),
    { value: { k: "b" } },
    { k: "b" },
  ],
  ["a list in zod 3", z3.array(z3.object({ n: z3.number() })), { value: [{ n: 1 }] }, [{ n: 1 }]],
  ["a plain JSON Schema", { type: "object", properties: { a: { type: "string" } } }, { a: "x" }, { a: "x" }],
  ["null", z.null(), { value: null }, null],
])("%s at the root is wrapped and unwrapped", async (_form, schema, answer, value) => {
  const model = scripted(JSON.stringify(answer));
  const result = await model.structured("Give it.", schema);
  expect(result.value).toEqual(value);
  const { responseFormat } = (model.calls[0] as RecordedCall).options;
  expect(responseFormat).toMatchObject({ schema: { type: "object" } });
  // A model that was only told of the wrapping may leave it out.
  const bare = scripted(JSON.stringify(value));
  expect((await bare.structured("Give it.", schema, { strategy: "prompt" })).value).toEqual(value);
});

test("a recursive schema keeps its references when it is wrapped", async () => {
  const Node = z.object({
    name: z.string(),
    get children() {
      return z.array(Node);
    },
  });
  const tree = [{ name: "a", children: [{ name: "b", children: [] }] }];
  const model = scripted(JSON.stringify({ value: tree }));
  expect((await model.structured("Tree?", z.array(Node))).value).toEqual(tree);
  const { responseFormat } = (model.calls[0] as RecordedCall).options;
  expect(JSON.stringify(responseFormat)).toContain('"$ref":"#/properties/value');
});

test("nulls that a strict mode has for what is left out are left out", async () => {
  const schema = z.object({ city: z.string(), note: z.string().optional(), days: z.number().default(3) });
  const { value, message } = await scripted('{"city":"Paris","note":null,"days":null}').structured(
    "?",
    schema,
  );
  expect(value).toEqual({ city: "Paris", days: 3 });
  expect(message.metadata).toEqual({ structuredData: { city: "Paris" } });
});

test("the ladder: every way is tried until one is not refused, and the attempts tell", async () => {
  const model = scripted([
    { error: refusal },
    { error: modelError("invalid_request", "tool_choice is not supported while thinking") },
    { text: "I would rather talk." },
    callOf(PARIS),
  ]);
  const { value, attempts } = await model.structured("Weather?", Weather);
  expect(value).toEqual(PARIS);
  expect(attempts.map(({ mode, outcome }) => [mode, outcome])).toEqual([
    ["native", "refused"],
    ["tool_forced", "refused"],
    ["tool_auto", "no_value"],
    ["tool_without_thinking", "ok"],
  ]);
  expect(attempts[0]?.error).toBe(refusal);
  const [, forced, auto, quiet] = model.calls as [RecordedCall, RecordedCall, RecordedCall, RecordedCall];
  expect(forced.options).toMatchObject({ toolChoice: { name: "answer" } });
  expect(forced.options.responseFormat).toBeUndefined();
  expect(forced.tools).toMatchObject([{ name: "answer", parameters: { required: ["city", "celsius"] } }]);
  expect(auto.options.toolChoice).toBe("auto");
  expect(auto.messages.at(-1)?.text).toMatch(/^Weather\?\n\nGive your answer by calling the tool answer/);
  expect(quiet.options).toMatchObject({ toolChoice: { name: "answer" }, thinking: { enabled: false } });
  expect(quiet.messages.at(-1)?.text).toBe("Weather?");
});

test("at the end of the ladder the schema is told in words", async () => {
  const refused = { error: refusal };
  const model = scripted([refused, refused, refused, refused, `Here:\n\`\`\`json\n${JSON_PARIS}\n\`\`\``]);
  const { value, attempts } = await model.structured("Weather?", Weather, { description: "the weather" });
  expect(value).toEqual(PARIS);
  expect(attempts.at(-1)).toMatchObject({ mode: "prompt", outcome: "ok" });
  expect(model.calls.at(-1)?.messages.at(-1)?.text).toMatch(
    /JSON only.*the weather.*"celsius":\{"type":"number"\}/s,
  );
});

test("when all refuse, the last refusal is the failure", async () => {
  const model = scripted(() => ({ error: refusal }));
  expect(await failureOf(model.structured("?", Weather))).toBe(refusal);
  expect(model.calls).toHaveLength(5);
});

test.each<
  [capabilities: ModelCard["capabilities"], strategy: StructuredOptions["strategy"], modes: readonly string[]]
>([
  [
    { structuredOutput: "json_schema" },
    "auto",
    ["native", "tool_forced", "tool_auto", "tool_without_thinking", "prompt"],
  ],
  [
    { structuredOutput: "json_object" },
    "auto",
    ["tool_forced", "tool_auto", "tool_without_thinking", "prompt"],
  ],
  [{ structuredOutput: "none", reasoning: false }, "auto", ["tool_forced", "tool_auto", "prompt"]],
  [{ structuredOutput: "none", tools: false }, "auto", ["prompt"]],
  [{}, "native", ["native"]],
  [{}, "prompt", ["prompt"]],
  [{ reasoning: false }, "tool", ["tool_forced", "tool_auto"]],
])("a card with %j and the strategy %s: %j", async (capabilities, strategy, modes) => {
  const model = scripted(() => ({ error: refusal }), capabilities);
  const seen: string[] = [];
  await failureOf(
    lastValueFrom(model.streamStructured("?", Weather, strategy === undefined ? {} : { strategy })),
  );
  for (const { options, tools } of model.calls) {
    const isThinkingOff = options.thinking?.enabled === false;
    if (tools.length > 0)
      seen.push(
        isThinkingOff ? "tool_without_thinking" : options.toolChoice === "auto" ? "tool_auto" : "tool_forced",
      );
    else seen.push(options.responseFormat?.type === "json_schema" ? "native" : "prompt");
  }
  expect(seen).toEqual(modes);
});

test("a strategy that the card rules out is an error before anything is sent", async () => {
  const native = scripted([], { structuredOutput: "none" });
  expect(await failureOf(native.structured("?", Weather, { strategy: "native" }))).toMatchObject({
    kind: "unsupported",
  });
  const tool = scripted([], { tools: false });
  expect(await failureOf(tool.structured("?", Weather, { strategy: "tool" }))).toMatchObject({
    kind: "unsupported",
  });
  expect([...native.calls, ...tool.calls]).toEqual([]);
});

test("JSON mode is switched on where the model has one", async () => {
  const model = scripted(JSON_PARIS, { structuredOutput: "json_object" });
  await model.structured("?", Weather, { strategy: "prompt" });
  expect(model.calls[0]?.options.responseFormat).toEqual({ type: "json" });
});

test("a value that does not fit goes back with what is wrong with it", async () => {
  const model = scripted(['{"city":"Paris"}', `{"city":"Paris","celsius":"21"}`, JSON_PARIS]);
  const { value, attempts, usage } = await model.structured("Weather?", Weather);
  expect(value).toEqual(PARIS);
  expect(attempts.map(({ outcome }) => outcome)).toEqual(["invalid", "invalid", "ok"]);
  expect(attempts[0]?.issues?.[0]).toMatch(/^celsius: /);
  expect(usage).toEqual({});
  const last = model.calls.at(-1) as RecordedCall;
  expect(last.messages.map(({ role }) => role)).toEqual(["user", "assistant", "user", "assistant", "user"]);
  expect(last.messages[1]?.text).toBe('{"city":"Paris"}');
  expect(last.messages[2]?.text).toMatch(/does not fit the schema:\n- celsius: .*JSON and nothing else/s);
  // The same way all the time: what is wrong is the value.
  expect(model.calls.every(({ options }) => options.responseFormat?.type === "json_schema")).toBe(true);
});

test("through a tool, what is wrong is the tool's result", async () => {
  const model = scripted([callOf({ city: 1 }), callOf(PARIS)]);
  const { value, message } = await model.structured("Weather?", Weather, { strategy: "tool" });
  expect(value).toEqual(PARIS);
  const [question, call, result] = (model.calls[1] as RecordedCall).messages;
  expect(question?.text).toBe("Weather?");
  expect(result?.toolResults).toMatchObject([{ id: call?.toolCalls[0]?.id, isError: true }]);
  // Nobody else knows the tool: the conversation has the value as text.
  expect(message.toolCalls).toEqual([]);
  expect(message.text).toBe(JSON_PARIS);
});

test("after two corrections it is an error that carries the text", async () => {
  const model = scripted(() => '{"city":"Paris","celsius":"warm"}');
  const error = await failureOf(model.structured("Weather?", Weather));
  expect(model.calls).toHaveLength(3);
  expect(error).toMatchObject({ kind: "parse", body: '{"city":"Paris","celsius":"warm"}', provider: "test" });
  expect(error.partial?.text).toBe('{"city":"Paris","celsius":"warm"}');
  expect(error.message).toMatch(/tried native, native, native.*celsius: .*It wrote/s);
  const none = scripted(() => '{"city":"Paris","celsius":"warm"}');
  await failureOf(none.structured("Weather?", Weather, { maxCorrections: 0 }));
  expect(none.calls).toHaveLength(1);
});

test("broken JSON is repaired; what was cut at the token limit is not, and is an error with its text", async () => {
  const broken = await scripted("{'city': 'Paris', 'celsius': 21,}").structured("?", Weather);
  expect([broken.value, broken.attempts[0]?.outcome]).toEqual([PARIS, "repaired"]);
  const cut = scripted([{ text: '{"city":"Paris","celsius":2', finishReason: "length" }]);
  const error = await failureOf(cut.structured("?", Weather));
  expect(error).toMatchObject({ kind: "parse", partial: { text: '{"city":"Paris","celsius":2' } });
  expect(error.message).toMatch(/cut at the token limit.*maxTokens/);
  // Whole JSON counts, whatever came after it.
  const whole = scripted([{ text: `${JSON_PARIS}   `, finishReason: "length" }]);
  expect((await whole.structured("?", Weather)).value).toEqual(PARIS);
});

test("a call whose arguments are broken is repaired like a text", async () => {
  const rawInput = "{'city':'Paris','celsius':21}";
  const call = {
    type: "tool_use",
    id: "c",
    name: "answer",
    input: {},
    rawInput,
    inputError: "not JSON",
  } as const;
  const answer = (await scripted("").call("?")).with({ content: [call] });
  const model = scripted([], { structuredOutput: "none" }).with(() => of(answer));
  const { value, attempts } = await model.structured("?", Weather);
  expect([value, attempts[0]?.outcome]).toEqual([PARIS, "repaired"]);
});

test("a refusal in place of the value is an error of its own kind, and is not argued with", async () => {
  const model = scripted([{ text: "I cannot help with that.", finishReason: "content_filter" }]);
  const error = await failureOf(model.structured("?", Weather));
  expect(error).toMatchObject({ kind: "content_filter", partial: { text: "I cannot help with that." } });
  expect(model.calls).toHaveLength(1);
});

test("the value of a reasoning model may stand in its reasoning, and JSON in the text beats a missing call", async () => {
  const thinking = scripted([{ thinking: JSON_PARIS }]);
  expect((await thinking.structured("?", Weather)).value).toEqual(PARIS);
  const text = scripted([JSON_PARIS], { structuredOutput: "none" });
  expect((await text.structured("?", Weather)).attempts).toMatchObject([
    { mode: "tool_forced", outcome: "ok" },
  ]);
});

test.each([
  modelError("rate_limit", "slow down"),
  modelError("authentication", "no"),
  modelError("context_length", "too long"),
])("a failure that another way would not mend goes through: $kind", async (error) => {
  const model = scripted(() => ({ error }));
  expect(await failureOf(model.structured("?", Weather))).toBe(error);
  expect(model.calls).toHaveLength(1);
});

test("mistakes of the caller are told as such", async () => {
  const model = scripted([]);
  expect(await failureOf(model.structured("?", Weather, { name: "no blanks" }))).toMatchObject({
    kind: "configuration",
  });
  const Odd = z.object({
    a: z.string().refine(() => {
      throw new Error("boom");
    }),
  });
  const odd = await failureOf(scripted('{"a":"x"}').structured("?", Odd));
  expect(odd).toMatchObject({ kind: "configuration" } satisfies Partial<ConfigurationError>);
  expect(odd.message).toContain("boom");
});

test("nothing is sent before someone subscribes, and the signal stops it", async () => {
  const model = scripted(() => ({ text: JSON_PARIS, delayMs: 5 }));
  const stream = model.streamStructured("?", Weather);
  expect(model.calls).toEqual([]);
  const snapshots = await lastValueFrom(stream.pipe(toArray()));
  expect(snapshots.at(-1)).toMatchObject({ isLast: true, value: PARIS, partial: PARIS });
  const stop = new AbortController();
  const stopped = failureOf(model.structured("?", Weather, { signal: stop.signal }));
  stop.abort();
  expect(await stopped).toMatchObject({ kind: "aborted" });
});

test("unsubscribing stops the model, and nothing more is asked", async () => {
  const model = scripted(() => ({ text: '{"city": "Paris", "celsius": "x"}', delayMs: 1 }));
  const first = await firstValueFrom(model.streamStructured("?", Weather).pipe(take(1)));
  expect(first.isLast).toBe(false);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(model.calls).toHaveLength(1);
});

test("a partial value is typed as one that may lack anything", () => {
  type Value = { city: string; days: { high: number; at: Date }[]; note?: string };
  expectTypeOf<PartialValue<Value>>().toEqualTypeOf<{
    readonly city?: string;
    readonly days?: readonly { readonly high?: number; readonly at?: Date | undefined }[];
    readonly note?: string;
  }>();
  expectTypeOf<PartialValue<string>>().toEqualTypeOf<string>();
});

test("a partial value is what the model writes, the value what the schema makes of it", async () => {
  const schema = z.object({
    cents: z.number().transform((amount) => new Date(amount)),
    note: z.string().default("none"),
  });
  const snapshots = await lastValueFrom(
    scripted('{"cents":5}').streamStructured("?", schema).pipe(toArray()),
  );
  const last = snapshots.at(-1);
  if (last?.isLast !== true) expect.fail("there is no value");
  expectTypeOf(last.partial).toEqualTypeOf<{ readonly cents?: number; readonly note?: string | undefined }>();
  expect(last.partial).toEqual({ cents: 5 });
  expect(last.value).toEqual({ cents: new Date(5), note: "none" });
  const old = scripted('"5"').streamStructured("?", z3.string().transform(Number));
  expectTypeOf((await lastValueFrom(old)).partial).toEqualTypeOf<string | undefined>();
});

test("a schema with its type said by hand gives a typed value", async () => {
  const schema = jsonSchema<{ city: string }>({ type: "object", properties: { city: { type: "string" } } });
  const { value } = await scripted('{"city":"Rome"}').structured("?", schema);
  expectTypeOf(value).toEqualTypeOf<{ city: string }>();
  expect(value).toEqual({ city: "Rome" });
});
