import { lastValueFrom } from "rxjs";
import { expect, test } from "vitest";
import { z } from "zod";
import { type ModelError, ModelRegistry, runTools, tool, ToolResultMessage } from "../../src/index.ts";
import {
  after,
  echoModel,
  failsWith,
  recordCall,
  type RecordedCall,
  ScriptedChatModel,
} from "../../src/testing/index.ts";

const weather = {
  name: "get_weather",
  parameters: {
    type: "object",
    properties: {
      city: { type: "string" },
      days: { type: "integer", minimum: 1, maximum: 7 },
      unit: { enum: ["celsius", "fahrenheit"] },
    },
    required: ["city", "days", "unit"],
    additionalProperties: false,
  },
};

test("answers are used in order, one a call, and their end is a mistake that says so", async () => {
  const model = new ScriptedChatModel(["One.", { text: "Two." }]);
  expect((await model.call("a")).text).toBe("One.");
  expect((await model.call("b")).text).toBe("Two.");
  await expect(model.call("c")).rejects.toMatchObject({
    kind: "configuration",
    message: expect.stringContaining("no answer for call 3"),
  });
  model.script("Four.");
  expect((await model.call("d")).text).toBe("Four.");
});

test("what a stream of it emits keeps every promise: text word by word, thinking, calls, usage, finish reason", async () => {
  const model = new ScriptedChatModel({
    thinking: "Let me see.",
    text: "It is warm.",
    toolCalls: [{ id: "call_1", name: "get_weather", arguments: { city: "Paris" } }],
    usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
  });
  const { snapshots, last } = await recordCall(model.stream("Hi"));
  expect(snapshots.map(({ textDelta }) => textDelta).filter(Boolean)).toEqual(["It ", "is ", "warm."]);
  expect(last).toMatchObject({
    thinking: "Let me see.",
    finishReason: "tool_calls",
    toolCalls: [{ id: "call_1", name: "get_weather", input: { city: "Paris" } }],
    usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
  });
});

test("a function answers every call, and is told the messages, the tools and the options", async () => {
  const seen: RecordedCall[] = [];
  const model = new ScriptedChatModel((call) => {
    seen.push(call);
    return `${call.messages.length} messages, ${call.tools.length} tools`;
  });
  expect((await model.call(["a", "b"], [weather], { temperature: 0.5 })).text).toBe("2 messages, 1 tools");
  expect((await model.call("a")).text).toBe("1 messages, 0 tools");
  expect(seen).toEqual(model.calls);
  expect(model.calls[0]).toMatchObject({
    messages: [{ role: "user" }, { role: "user" }],
    tools: [{ name: "get_weather" }],
    options: { temperature: 0.5 },
  });
});

test("a list may hold functions, and a function may take its time", async () => {
  const model = new ScriptedChatModel([
    ({ messages }) => `said ${messages[0]?.text}`,
    () => Promise.resolve({ text: "later" }),
  ]);
  expect((await model.call("one")).text).toBe("said one");
  expect((await model.call("two")).text).toBe("later");
});

test("answers that are added go before the function for all", async () => {
  const model = echoModel();
  model.script("scripted");
  expect((await model.call("a")).text).toBe("scripted");
  expect((await model.call("a")).text).toBe("a");
});

test("nothing is asked before subscribe, and two subscriptions are two calls", async () => {
  const model = new ScriptedChatModel(["one", "two"]);
  const stream = model.stream("Hi");
  expect(model.calls).toHaveLength(0);
  expect((await recordCall(stream)).last?.text).toBe("one");
  expect((await recordCall(stream)).last?.text).toBe("two");
});

test("failsWith is a provider's failure: its kind, its details, and what had arrived", async () => {
  const model = new ScriptedChatModel([
    failsWith(
      "content_filter",
      "Not that.",
      { status: 400, code: "blocked" },
      { text: "Once upon", delayMs: 1 },
    ),
  ]);
  const { error } = await recordCall(model.stream("Hi", { retry: false }));
  expect(error).toMatchObject({
    kind: "content_filter",
    message: expect.stringContaining("Not that."),
    status: 400,
    code: "blocked",
    provider: "test",
    model: "scripted",
  });
  expect((error as ModelError).partial?.content).toMatchObject([{ type: "text", text: "Once upon" }]);
});

test("a failure that may pass is tried again with the next answer; one that may not is not", async () => {
  const retry = { maxRetries: 2, baseDelayMs: 0 };
  const passing = new ScriptedChatModel([failsWith("overloaded"), failsWith("rate_limit"), "At last."]);
  expect((await passing.call("Hi", { retry })).text).toBe("At last.");
  expect(passing.calls).toHaveLength(3);
  const lasting = new ScriptedChatModel([failsWith("authentication"), "Never."]);
  await expect(lasting.call("Hi", { retry })).rejects.toMatchObject({ kind: "authentication" });
  expect(lasting.calls).toHaveLength(1);
});

test("after waits before the first delta, so that a deadline can pass and a signal can fire", async () => {
  const model = new ScriptedChatModel([
    after(60_000, "late"),
    after(60_000, () => "late"),
    after(1, "in time"),
  ]);
  await expect(model.call("Hi", { retry: false, timeout: { firstEventMs: 10 } })).rejects.toMatchObject({
    kind: "timeout",
  });
  const stop = new AbortController();
  const stopped = model.call("Hi", { signal: stop.signal });
  stop.abort();
  await expect(stopped).rejects.toMatchObject({ kind: "aborted" });
  expect((await model.call("Hi")).text).toBe("in time");
});

test("a call without arguments gets some that the offered tool's schema allows", async () => {
  const model = new ScriptedChatModel({ toolCalls: [{ name: "get_weather" }, { name: "get_weather" }] });
  const { toolCalls } = await model.call("How is it in Paris for 3 days, in fahrenheit?", [weather]);
  expect(toolCalls.map(({ input }) => input)).toEqual([
    { city: "Paris", days: 3, unit: "fahrenheit" },
    { city: "Paris", days: 3, unit: "fahrenheit" },
  ]);
  expect(new Set(toolCalls.map(({ id }) => id)).size).toBe(2);
});

test("arguments as text are taken as they stand, broken or not", async () => {
  const model = new ScriptedChatModel({ toolCalls: [{ name: "get_weather", arguments: '{"city": "Par' }] });
  const [call] = (await model.call("Hi", [weather])).toolCalls;
  expect(call).toMatchObject({ rawInput: '{"city": "Par', inputError: expect.any(String) });
});

test("without a script it answers plausibly: it echoes, calls tools, reports their results and fills in schemas", async () => {
  const model = new ScriptedChatModel();
  expect((await model.call("Count from 1 to 3")).text).toBe("1, 2, 3");
  const asked = await model.call("How is the weather in Paris?", [weather]);
  expect(asked.toolCalls).toMatchObject([{ name: "get_weather", input: { city: "Paris" } }]);
  const history = ["How is it?", asked.toMessage(), new ToolResultMessage(asked.toolCalls[0]!, "21 °C")];
  expect((await model.call(history, [weather])).text).toContain("21 °C");
  expect((await model.call("Hi", [weather], { toolChoice: "none" })).toolCalls).toEqual([]);
  const other = { ...weather, name: "other" };
  for (const toolChoice of [{ name: "other" }, { names: ["other"] }] as const) {
    const { toolCalls } = await model.call("Hi", [weather, other], { toolChoice });
    expect(toolCalls.map(({ name }) => name)).toEqual(["other"]);
  }
});

test.each(["auto", "native", "tool"] as const)(
  "without a script it gives structured values by the strategy %s",
  async (strategy) => {
    const schema = z.object({ city: z.string(), celsius: z.number().min(-90).max(60), sunny: z.boolean() });
    const { value } = await new ScriptedChatModel().structured("The weather in Paris", schema, { strategy });
    expect(schema.parse(value)).toEqual(value);
    expect(value.city).toBe("Paris");
  },
);

test("a run of tools comes to its end with a model that has no script", async () => {
  const time = tool({
    name: "get_time",
    parameters: z.object({ city: z.string() }),
    execute: ({ city }) => `noon in ${city}`,
  });
  const end = await lastValueFrom(runTools(new ScriptedChatModel(), "What time is it in Paris?", [time]));
  expect(end).toMatchObject({ type: "final", response: { text: "Here is what I found: noon in Paris" } });
});

test("test:echo repeats the last message of the user", async () => {
  expect((await ModelRegistry.create("test:echo").call(["Hi", "there"])).text).toBe("there");
});
