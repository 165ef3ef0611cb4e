import { expect, test } from "vitest";
import {
  AssistantMessage,
  audio,
  file,
  image,
  type MessageInput,
  OpenAITokenCounter,
  SystemMessage,
  ToolResultMessage,
  UserMessage,
  video,
} from "rxscope";
import { z } from "zod";
import { openaiFamilyOf } from "../../src/token/openai-families.ts";
import { png } from "./pictures.ts";

const cl100k = new OpenAITokenCounter("gpt-4");
const o200k = new OpenAITokenCounter("gpt-4o");

async function tokens(
  counter: OpenAITokenCounter,
  ...args: Parameters<OpenAITokenCounter["count"]>
): Promise<number> {
  return (await counter.count(...args)).tokens;
}

/** From "How to count tokens with tiktoken" in the OpenAI cookbook. */
const COOKBOOK: readonly MessageInput[] = [
  {
    role: "system",
    content:
      "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
  },
  { role: "system", name: "example_user", content: "New synergies will help drive top-line growth." },
  {
    role: "system",
    name: "example_assistant",
    content: "Things working well together will increase revenue.",
  },
  {
    role: "system",
    name: "example_user",
    content:
      "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
  },
  {
    role: "system",
    name: "example_assistant",
    content: "Let's talk later when we're less busy about how to do better.",
  },
  {
    role: "user",
    content: "This late pivot means we don't have time to boil the ocean for the client deliverable.",
  },
];

const COOKBOOK_WITH_TOOL: readonly MessageInput[] = [
  new SystemMessage("You are a helpful assistant that can answer to questions about the weather."),
  new UserMessage("What's the weather like in San Francisco?"),
];

const COOKBOOK_TOOL = {
  name: "get_current_weather",
  description: "Get the current weather in a given location",
  parameters: {
    type: "object",
    properties: {
      location: { type: "string", description: "The city and state, e.g. San Francisco, CA" },
      unit: {
        type: "string",
        description: "The unit of temperature to return",
        enum: ["celsius", "fahrenheit"],
      },
    },
    required: ["location"],
  },
};

test.each([
  ["gpt-3.5-turbo", 129, 105],
  ["gpt-4-0613", 129, 105],
  ["gpt-4", 129, 105],
  ["gpt-4o", 124, 101],
  ["gpt-4o-mini", 124, 101],
])("%s: the figures that the cookbook publishes", async (model, chat, withTool) => {
  const counter = new OpenAITokenCounter(model);
  const method = `tiktoken ${chat === 129 ? "cl100k_base" : "o200k_base"}`;
  expect(await counter.count(COOKBOOK)).toEqual({ tokens: chat, exact: true, method });
  expect(await counter.count(COOKBOOK_WITH_TOOL, [COOKBOOK_TOOL])).toEqual({
    tokens: withTool,
    exact: true,
    method,
  });
});

test.each<readonly [title: string, messages: readonly MessageInput[], cl100k: number, o200k: number]>([
  ["no message", [], 3, 3],
  ["an empty message", [{ role: "user", content: "" }], 7, 7],
  ["a greeting in two scripts", [new SystemMessage("You are terse."), "Hello, 你好! 🙂"], 22, 21],
  ["a name", [{ role: "user", name: "bob", content: "ping" }, new AssistantMessage("pong")], 15, 15],
])("what stands around texts is counted: %s", async (_title, messages, old, current) => {
  expect(await tokens(cl100k, messages)).toBe(old);
  expect(await tokens(o200k, messages)).toBe(current);
});

test("tools are counted by the published method: properties, choices, several tools, none", async () => {
  const weather = {
    name: "get_weather",
    description: "Get the weather in a city.",
    parameters: {
      type: "object",
      properties: {
        city: { type: "string", description: "City name" },
        unit: { type: "string", description: "Unit", enum: ["c", "f"] },
      },
    },
  };
  const now = { name: "now", description: "Current time" };
  expect(await tokens(o200k, [], [weather])).toBe(3 + 50);
  expect(await tokens(cl100k, [], [weather])).toBe(3 + 53);
  expect(await tokens(o200k, [], [weather, now])).toBe(3 + 61);
  expect(await tokens(cl100k, [], [weather, now])).toBe(3 + 67);
});

test("schemas of zod count as the JSON Schema that is sent; what is nested counts, and is not exact", async () => {
  const flat = await o200k.count([], [{ name: "f", parameters: z.object({ city: z.string() }) }]);
  const nested = await o200k.count(
    [],
    [{ name: "f", parameters: z.object({ city: z.string(), near: z.array(z.object({ km: z.number() })) }) }],
  );
  expect(flat.exact).toBe(true);
  expect(nested.exact).toBe(false);
  expect(nested.tokens).toBeGreaterThan(flat.tokens + 5);
});

test("a schema that holds itself is counted once", async () => {
  const node: Record<string, unknown> = { type: "object" };
  node["properties"] = { child: node };
  const { tokens, exact } = await o200k.count([], [{ name: "walk", parameters: node }]);
  expect(tokens).toBeGreaterThan(15);
  expect(exact).toBe(false);
});

test("text with the marker of a special token counts as text", async () => {
  expect(await tokens(o200k, "<|endoftext|>")).toBe(7 + 7);
  expect((await o200k.countText("<|im_start|>system")).tokens).toBeGreaterThan(3);
});

test("pictures cost what their size says, in the model's own prices", async () => {
  const look = (width: number, height: number, detail?: "low"): MessageInput => ({
    role: "user",
    content: [
      image(`data:image/png;base64,${png(width, height)}`, { providerMetadata: { openai: { detail } } }),
    ],
  });
  const alone = 7;
  expect(await o200k.count(look(1024, 1024))).toMatchObject({ tokens: alone + 765, exact: true });
  expect(await o200k.count(look(1024, 1024, "low"))).toMatchObject({ tokens: alone + 85, exact: true });
  expect(await tokens(new OpenAITokenCounter("gpt-4o-mini"), look(300, 300))).toBe(alone + 8500);
  expect(await tokens(new OpenAITokenCounter("o4-mini"), look(1024, 1024))).toBe(alone + 1762);
});

test("a picture that is only named counts as one of middle size, and never exactly", async () => {
  const { tokens, exact } = await o200k.count({
    role: "user",
    content: [image("https://example.com/cat.png")],
  });
  expect(tokens).toBe(7 + 765);
  expect(exact).toBe(false);
});

test("sounds count by the second, documents by the page, and never exactly", async () => {
  const counter = new OpenAITokenCounter("gpt-4o-audio-preview");
  const wave = Buffer.alloc(44 + 32_000);
  wave.write("RIFF", 0, "latin1");
  wave.writeUInt32LE(16_000, 28); // bytes a second: two seconds
  const sound = await counter.count({ role: "user", content: [audio(wave, { mediaType: "audio/wav" })] });
  expect(sound).toMatchObject({ tokens: 7 + 21, exact: false });
  const pdf = Buffer.from("%PDF-1.4 /Type /Pages /Type /Page x /Type/Page y");
  const pages = await o200k.count({ role: "user", content: [file(pdf, { mediaType: "application/pdf" })] });
  expect(pages.exact).toBe(false);
  expect(pages.tokens).toBeGreaterThan(3000);
  expect(pages.tokens).toBeLessThan(3030);
});

test("tool calls and their results count, with what the model sees of them", async () => {
  const before: MessageInput[] = [new UserMessage("How is the weather in Paris?")];
  const call = { type: "tool_use", id: "call_1", name: "get_weather", input: { city: "Paris" } } as const;
  const calling = [...before, new AssistantMessage([call]), new ToolResultMessage(call, "21 degrees")];
  const count = await o200k.count(calling);
  // assistant: 3 + role, 3 + name + arguments; tool: 3 + role + text
  expect(count.tokens - (await tokens(o200k, before))).toBe(3 + 1 + 3 + 2 + 5 + 3 + 1 + 2);
  expect(count.exact).toBe(false);
  const longer = { ...call, id: `call_${"x".repeat(30)}` };
  expect(
    await tokens(o200k, [
      ...before,
      new AssistantMessage([longer]),
      new ToolResultMessage(longer, "21 degrees"),
    ]),
  ).toBe(count.tokens);
});

test.each([
  ["gpt-4o-2024-08-06", "gpt-4o"],
  ["gpt-4o-mini-2024-07-18", "gpt-4o-mini"],
  ["ft:gpt-4.1-mini-2025-04-14:acme::abc", "gpt-4.1-mini"],
  ["ft:gpt-4o:acme::abc", "gpt-4o"],
  ["openai/gpt-5.2", "gpt-5.2"],
  ["gpt-5.2-chat-latest", "gpt-5.2-chat"],
  ["gpt-5.9-preview", "gpt-5."],
  ["gpt-5-2025-08-07", "gpt-5"],
  ["gpt-4-32k", "gpt-4"],
  ["gpt-35-turbo", "gpt-35-turbo"],
  ["o3-2025-04-16", "o3"],
  ["GPT-4o", "gpt-4o"],
  ["gpt-oss:20b", "gpt-oss"],
  ["openai/gpt-oss-120b", "gpt-oss"],
  ["gpt-realtime", "gpt-realtime"],
  ["deepseek-chat", undefined],
  ["qwen3-max", undefined],
])("%s counts as the family %s", (model, prefix) => {
  expect(openaiFamilyOf(model)?.prefix).toBe(prefix);
});

test.each([
  ["gpt-9-ultra", "tiktoken o200k_base"],
  ["gpt-4.1", "tiktoken o200k_base"],
  ["gpt-5.2", "tiktoken o200k_base"],
  ["gpt-oss-20b", "tiktoken o200k_harmony"],
])("%s is counted, and nobody is told that it is exact", async (model, method) => {
  const counter = new OpenAITokenCounter(model);
  expect(await counter.count("Hello!")).toEqual({ tokens: 9, exact: false, method });
  expect((await counter.countText("hello world")).exact).toBe(model !== "gpt-9-ultra");
});

test("a message of another wire is counted by its texts and media", async () => {
  const formatted = [
    {
      role: "user",
      parts: [{ text: "Look at this." }, { inlineData: { mimeType: "image/png", data: png(512, 512) } }],
    },
    {
      role: "assistant",
      content: [{ type: "tool_use", id: "toolu_1", name: "get_weather", input: { city: "Paris" } }],
    },
    { role: "user", content: "Und?", images: [png(512, 512)] },
    null,
    "just text",
  ];
  const { tokens, exact } = await o200k.count([], [], { formatted });
  expect(exact).toBe(false);
  expect(tokens).toBeGreaterThan(2 * 255 + 30);
  expect(tokens).toBeLessThan(2 * 255 + 60);
});

test("media of every kind on every wire are found", async () => {
  const count = async (content: unknown): Promise<number> =>
    (await o200k.count([], [], { formatted: [{ role: "user", content }] })).tokens - 7;
  const url = `data:image/png;base64,${png(512, 512)}`;
  for (const part of [
    { type: "image_url", image_url: { url } },
    { type: "input_image", image_url: url },
    { image: url },
    { type: "image", source: { type: "base64", media_type: "image/png", data: png(512, 512) } },
    { type: "data", id: "x", source: { type: "base64", mediaType: "image/png", data: png(512, 512) } },
    { inlineData: { mimeType: "image/png", data: png(512, 512) } },
  ]) {
    expect(await count([part]), JSON.stringify(part).slice(0, 60)).toBe(255);
  }
  expect(
    await count([
      { type: "document", source: { type: "text", media_type: "text/plain", data: "hello world" } },
    ]),
  ).toBe(2);
  expect(await count([{ video: ["https://example.com/a.mp4"] }])).toBeGreaterThan(1000);
});

test("messages that have the wire's form already are counted as they stand", async () => {
  const calls = [
    {
      id: "call_1",
      type: "function" as const,
      function: { name: "get_weather", arguments: '{"city":"Paris"}' },
    },
  ];
  const wire = await o200k.count([
    { role: "user", content: [{ type: "text", text: "How is the weather?" }] },
    { role: "assistant", content: null, tool_calls: calls },
    { role: "tool", tool_call_id: "call_1", content: "21 degrees" },
  ]);
  const call = { type: "tool_use", id: "call_1", name: "get_weather", input: { city: "Paris" } } as const;
  const own = await o200k.count([
    new UserMessage("How is the weather?"),
    new AssistantMessage([call]),
    new ToolResultMessage(call, "21 degrees"),
  ]);
  expect(wire).toEqual(own);
});

test("what the wire cannot carry is refused as the call itself would be", async () => {
  await expect(
    o200k.count({ role: "user", content: [video("https://example.com/a.mp4")] }),
  ).rejects.toMatchObject({
    kind: "unsupported",
  });
});
