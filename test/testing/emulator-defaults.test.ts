import { expect, test } from "vitest";
import { emulatorOfFile } from "../emulator-of-file.ts";
import { chat, eventsOf, send } from "./raw-client.ts";

const emulator = await emulatorOfFile();

interface Completion {
  choices: {
    message: {
      content: string | null;
      reasoning_content?: string;
      tool_calls?: { id: string; function: { name: string; arguments: string } }[];
    };
    finish_reason: string;
  }[];
  usage: {
    completion_tokens: number;
    prompt_tokens: number;
    completion_tokens_details: { reasoning_tokens: number };
  };
}

async function complete(body: unknown): Promise<Completion> {
  const { status, json, text } = await send(`${emulator.baseUrl()}/chat/completions`, body);
  expect(status, text).toBe(200);
  return json as Completion;
}

const say = async (body: unknown): Promise<string | null | undefined> =>
  (await complete(body)).choices[0]?.message.content;

const calls = async (body: unknown): Promise<unknown> =>
  (await complete(body)).choices[0]?.message.tool_calls?.map((call) => [
    call.function.name,
    JSON.parse(call.function.arguments),
  ]);

const tool = (name: string, properties: Record<string, unknown> = { city: { type: "string" } }): unknown => ({
  type: "function",
  function: { name, parameters: { type: "object", properties, required: Object.keys(properties) } },
});

const weather = tool("get_weather");
const time = tool("get_time");

test("the last words of the user come back", async () => {
  const messages = [
    { role: "user", content: "First" },
    { role: "assistant", content: "Yes?" },
    {
      role: "user",
      content: [
        { type: "text", text: "Second," },
        { type: "text", text: "and third" },
      ],
    },
  ];
  expect(await say({ model: "gpt-4.1", messages })).toBe("You said: Second, and third");
});

test("who says nothing is greeted", async () => {
  expect(await say({ model: "gpt-4.1", messages: [{ role: "system", content: "Be brief." }] })).toBe(
    "Hello.",
  );
});

test.each([
  ["Count from 1 to 5.", "1, 2, 3, 4, 5"],
  ["please count 8 to 10", "8, 9, 10"],
  ["Count from 3 to 1", "3, 2, 1"],
])("%j is counted", async (text, count) => {
  expect(await say(chat(text))).toBe(count);
});

test("the first tool is called, with arguments out of the user's words", async () => {
  const body = chat("How is the weather in Paris?", { tools: [weather, time] });
  expect(await calls(body)).toEqual([["get_weather", { city: "Paris" }]]);
  expect((await complete(body)).choices[0]?.finish_reason).toBe("tool_calls");
});

test("a tool that the user names is called in place of the first", async () => {
  expect(await calls(chat("Use get_time for Rome", { tools: [weather, time] }))).toEqual([
    ["get_time", { city: "Rome" }],
  ]);
});

test("several tools that the user names are called at once, each with the next name", async () => {
  const text = "Call get_weather for Paris and get_time for Tokyo.";
  expect(await calls(chat(text, { tools: [weather, time] }))).toEqual([
    ["get_weather", { city: "Paris" }],
    ["get_time", { city: "Tokyo" }],
  ]);
  expect(await calls(chat(text, { tools: [weather, time], parallel_tool_calls: false }))).toHaveLength(1);
});

test("tool_choice decides which tool is called, if any", async () => {
  const ask = (choice: unknown): Promise<unknown> =>
    calls(chat("Well?", { tools: [weather, time], tool_choice: choice }));
  const named = { type: "function", function: { name: "get_time" } };
  expect(await ask("none")).toBeUndefined();
  expect(await ask("auto")).toEqual([["get_weather", { city: "city" }]]);
  expect(await ask("required")).toEqual([["get_weather", { city: "city" }]]);
  expect(await ask(named)).toEqual([["get_time", { city: "city" }]]);
  expect(await ask({ type: "allowed_tools", allowed_tools: { mode: "auto", tools: [named] } })).toEqual([
    ["get_time", { city: "city" }],
  ]);
});

const afterTools = [
  { role: "user", content: "Weather in Paris?" },
  {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "c1", type: "function", function: { name: "get_weather", arguments: "{}" } }],
  },
  { role: "tool", tool_call_id: "c1", content: "18 degrees" },
];

test("after a tool's result a sentence reports it", async () => {
  expect(await say({ model: "gpt-4.1", messages: afterTools, tools: [weather] })).toBe(
    "Here is what I found: 18 degrees",
  );
});

test("after a tool's result a tool that must be called is called again", async () => {
  expect(
    await calls({ model: "gpt-4.1", messages: afterTools, tools: [weather], tool_choice: "required" }),
  ).toHaveLength(1);
});

test("a new question after a tool's result is a new question", async () => {
  const messages = [
    ...afterTools,
    { role: "assistant", content: "18." },
    { role: "user", content: "And in Rome?" },
  ];
  expect(await calls({ model: "gpt-4.1", messages, tools: [weather] })).toEqual([
    ["get_weather", { city: "Rome" }],
  ]);
});

test("a JSON schema gets an answer that it allows", async () => {
  const schema = {
    type: "object",
    properties: { city: { type: "string" }, celsius: { type: "integer", minimum: 10 } },
    required: ["city", "celsius"],
  };
  const format = { type: "json_schema", json_schema: { name: "weather", schema } };
  const content = await say(chat("The weather in Paris", { response_format: format }));
  expect(JSON.parse(content ?? "")).toEqual({ city: "Paris", celsius: 10 });
});

test("a JSON object is an object", async () => {
  const content = await say(chat("Say hi as JSON", { response_format: { type: "json_object" } }));
  expect(JSON.parse(content ?? "")).toEqual({ answer: "You said: Say hi as JSON" });
});

test("reasoning models report reasoning tokens by effort, others none", async () => {
  const reasoning = async (model: string, effort?: string): Promise<number> => {
    const { usage } = await complete(chat("Hi", { model, ...(effort && { reasoning_effort: effort }) }));
    expect(usage.completion_tokens).toBeGreaterThan(usage.completion_tokens_details.reasoning_tokens);
    return usage.completion_tokens_details.reasoning_tokens;
  };
  expect(await reasoning("o3")).toBe(64);
  expect(await reasoning("gpt-5.5", "high")).toBe(256);
  expect(await reasoning("gpt-5.5", "none")).toBe(0);
  expect(await reasoning("gpt-5-chat-latest")).toBe(0);
  expect(await reasoning("gpt-4.1")).toBe(0);
});

test("a reasoner thinks aloud when it is asked to think", async () => {
  const thinks = async (model: string, text: string): Promise<unknown> =>
    (await complete(chat(text, { model }))).choices[0]?.message.reasoning_content;
  expect(await thinks("deepseek-reasoner", "Think about it")).toContain("think");
  expect(await thinks("deepseek-reasoner", "Say hi")).toBeUndefined();
  expect(await thinks("gpt-4.1", "Think about it")).toBeUndefined();
});

test("a reasoner's stream has the thoughts before the text", async () => {
  const body = chat("Think", { model: "kimi-thinking", stream: true });
  const { text } = await send(`${emulator.baseUrl()}/chat/completions`, body);
  const kinds = eventsOf(text)
    .flatMap((event) => event["choices"] as { delta: object }[])
    .map(({ delta }) => Object.keys(delta).at(0));
  expect(kinds.join(" ")).toMatch(/^role(?: reasoning_content)+(?: content)+ $/);
});

test("several answers are as many as asked for", async () => {
  expect((await complete(chat("Hi", { n: 3 }))).choices).toHaveLength(3);
});

test("the same request twice gives the same answer but for ids and time", async () => {
  const body = chat("Weather in Paris?", { tools: [weather] });
  expect(await calls(body)).toEqual(await calls(body));
});
