import { expect, test } from "vitest";
import {
  AssistantMessage,
  DashScopeMultiAgentFormatter,
  type DashScopeMultiAgentOptions,
  image,
  type Msg,
  ToolResultMessage,
  UserMessage,
} from "../../src/index.ts";
import { CALL, PROMPT, TALK } from "./agents-talk.ts";

const TEXT = ["text/plain"];
const MULTIMODAL = ["text/plain", "image/*"];

const format = (
  messages: readonly Msg[],
  inputTypes: readonly string[],
  options: DashScopeMultiAgentOptions = {},
): Promise<unknown[]> =>
  new DashScopeMultiAgentFormatter(options).format(messages, { provider: "dashscope", inputTypes });

test("agents' talk is one tagged message a group; the prompt stands before the first only", async () => {
  expect(await format(TALK, TEXT)).toEqual([
    { role: "system", content: "Play fair." },
    { role: "user", content: `${PROMPT}<history>\nann: Hello all\nbob: Hi\nbob: there\n</history>` },
    {
      role: "assistant",
      content: "",
      tool_calls: [{ id: "c1", type: "function", function: { name: "search", arguments: "{}" } }],
    },
    { role: "tool", tool_call_id: "c1", name: "search", content: "found" },
    { role: "user", content: "<history>\nann: Thanks\n</history>" },
  ]);
  expect((await format(TALK, MULTIMODAL)).at(-1)).toEqual({
    role: "user",
    content: [{ text: "<history>\nann: Thanks\n</history>" }],
  });
});

test("media follow the text in their order; who shows one without a word is named", async () => {
  const formatted = await format(
    [
      new UserMessage([image("https://a.b/1.png")], { name: "ann" }),
      new AssistantMessage([CALL]),
      new ToolResultMessage(CALL, "x"),
      new UserMessage([image("https://a.b/2.png"), "see"], { name: "ann" }),
      new UserMessage([image("https://a.b/3.png")], { name: "cy" }),
    ],
    MULTIMODAL,
  );
  expect(formatted[0]).toEqual({
    role: "user",
    content: [{ text: `${PROMPT}<history>\nann:\n</history>` }, { image: "https://a.b/1.png" }],
  });
  expect(formatted[3]).toEqual({
    role: "user",
    content: [
      { text: "<history>\nann: see\n</history>" },
      { image: "https://a.b/2.png" },
      { image: "https://a.b/3.png" },
    ],
  });
});

test("the prompt may be one's own, and thinking is no part of the history", async () => {
  const formatted = await format(
    [new AssistantMessage([{ type: "thinking", thinking: "hm" }, "yes"], { name: "bob" })],
    TEXT,
    { conversationHistoryPrompt: "So far:\n" },
  );
  expect(formatted).toEqual([{ role: "user", content: "So far:\n<history>\nbob: yes\n</history>" }]);
});

test("a cache breakpoint on what an agent said ends a part of the history", async () => {
  const providerMetadata = { dashscope: { cacheControl: {} } };
  const marked = { type: "text", id: "t1", text: "a", providerMetadata } as const;
  const messages = [new UserMessage([marked], { name: "ann" }), new AssistantMessage("b", { name: "bob" })];
  expect(await format(messages, MULTIMODAL)).toEqual([
    {
      role: "user",
      content: [
        { text: `${PROMPT}<history>\nann: a`, cache_control: { type: "ephemeral" } },
        { text: "\nbob: b\n</history>" },
      ],
    },
  ]);
});
