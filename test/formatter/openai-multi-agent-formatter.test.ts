import { expect, test } from "vitest";
import {
  AssistantMessage,
  DeepSeekMultiAgentFormatter,
  image,
  KimiMultiAgentFormatter,
  type Msg,
  OpenAIMultiAgentFormatter,
  SystemMessage,
  ToolResultMessage,
  UserMessage,
  XAIMultiAgentFormatter,
} from "../../src/index.ts";
import { CALL, PROMPT, TALK } from "./agents-talk.ts";

const format = (messages: readonly Msg[], options = {}): Promise<unknown[]> =>
  new OpenAIMultiAgentFormatter(options).format(messages);

test("talk becomes one tagged message of the user, the prompt before the first only, tools keep their roles", async () => {
  const formatted = await format(TALK);
  expect(formatted).toEqual([
    { role: "system", content: "Play fair." },
    { role: "user", content: `${PROMPT}<history>\nann: Hello all\nbob: Hi\nbob: there\n</history>` },
    {
      role: "assistant",
      name: "bob",
      content: null,
      tool_calls: [{ id: "c1", type: "function", function: { name: "search", arguments: "{}" } }],
    },
    { role: "tool", tool_call_id: "c1", content: "found" },
    { role: "user", content: "<history>\nann: Thanks\n</history>" },
  ]);
});

test.each([
  ["DeepSeek", new DeepSeekMultiAgentFormatter(), ""],
  ["Kimi", new KimiMultiAgentFormatter(), ""],
  ["xAI", new XAIMultiAgentFormatter(), null],
])(
  "%s has the same history word for word, its tool calls in its own ways",
  async (_name, formatter, empty) => {
    const formatted = await formatter.format([
      new SystemMessage("Play fair."),
      new UserMessage("Hello all", { name: "ann" }),
      new AssistantMessage([CALL], { name: "bob" }),
      new ToolResultMessage(CALL, "found"),
      new UserMessage(["See", image(new Uint8Array([1]), { mediaType: "image/png" })], { name: "ann" }),
    ]);
    expect(formatted).toEqual([
      { role: "system", content: "Play fair." },
      { role: "user", content: `${PROMPT}<history>\nann: Hello all\n</history>` },
      {
        role: "assistant",
        name: "bob",
        content: empty,
        tool_calls: [{ id: "c1", type: "function", function: { name: "search", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "c1", content: "found" },
      {
        role: "user",
        content: [
          { type: "text", text: "<history>\nann: See\n</history>" },
          { type: "image_url", image_url: { url: "data:image/png;base64,AQ==" } },
        ],
      },
    ]);
  },
);

test("a model that reads only texts is told of what was shown, and the history is a string", async () => {
  const shown = new UserMessage(["See", image(new Uint8Array([1]), { mediaType: "image/png" })], {
    name: "ann",
  });
  const formatted = await new DeepSeekMultiAgentFormatter({ inputTypes: ["text/plain"] }).format([
    new AssistantMessage([CALL], { name: "bob" }),
    new ToolResultMessage(CALL, "found"),
    shown.with({ role: "assistant" }),
  ]);
  expect(formatted[2]).toEqual({
    role: "user",
    content: `${PROMPT}<history>\nann: See\nann: An image file is returned (image/png, 1 bytes).\n</history>`,
  });
});

test("a later system message is talk", async () => {
  const formatted = await format([
    new UserMessage("a", { name: "ann" }),
    new SystemMessage("b", { name: "host" }),
  ]);
  expect(formatted).toEqual([{ role: "user", content: `${PROMPT}<history>\nann: a\nhost: b\n</history>` }]);
});

test("media follow the text in their order; who shows one without a word is named", async () => {
  const formatted = await format([
    new UserMessage([image("https://a.b/1.png")], { name: "ann" }),
    new AssistantMessage([CALL]),
    new ToolResultMessage(CALL, "x"),
    new UserMessage(["see", image("https://a.b/2.png")], { name: "ann" }),
  ]);
  expect(formatted[0]).toEqual({
    role: "user",
    content: [
      { type: "text", text: `${PROMPT}<history>\nann:\n</history>` },
      { type: "image_url", image_url: { url: "https://a.b/1.png" } },
    ],
  });
  expect(formatted[3]).toEqual({
    role: "user",
    content: [
      { type: "text", text: "<history>\nann: see\n</history>" },
      { type: "image_url", image_url: { url: "https://a.b/2.png" } },
    ],
  });
});

test("the prompt may be one's own, and thinking is no part of the history", async () => {
  const formatted = await format(
    [new AssistantMessage([{ type: "thinking", thinking: "hm" }, "yes"], { name: "bob" })],
    {
      conversationHistoryPrompt: "So far:\n",
    },
  );
  expect(formatted).toEqual([{ role: "user", content: "So far:\n<history>\nbob: yes\n</history>" }]);
});

test("a cache breakpoint on what an agent said ends a text of the history, which bears it on", async () => {
  const marked = {
    type: "text",
    id: "t1",
    text: "Hello",
    providerMetadata: { openrouter: { cacheControl: { ttl: "1h" } } },
  } as const;
  const formatted = await new OpenAIMultiAgentFormatter({
    switches: { cacheMarkers: "cache_control" },
  }).format([new UserMessage([marked], { name: "ann" }), new AssistantMessage("Hi", { name: "bob" })], {
    provider: "openrouter",
  });
  expect(formatted).toEqual([
    {
      role: "user",
      content: [
        {
          type: "text",
          text: `${PROMPT}<history>\nann: Hello`,
          cache_control: { type: "ephemeral", ttl: "1h" },
        },
        { type: "text", text: "\nbob: Hi\n</history>" },
      ],
    },
  ]);
});

test("a cache breakpoint in the history of a server that takes none is a warning", async () => {
  const warned: string[] = [];
  const marked = {
    type: "text",
    id: "t1",
    text: "Hello",
    providerMetadata: { openai: { cacheControl: {} } },
  } as const;
  await new OpenAIMultiAgentFormatter({ switches: { cacheMarkers: "none" } }).format(
    [new UserMessage([marked])],
    { provider: "openai", warn: (option) => warned.push(option) },
  );
  expect(warned).toEqual(["cacheControl"]);
});
