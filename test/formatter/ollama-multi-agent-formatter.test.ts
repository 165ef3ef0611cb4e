import { expect, test } from "vitest";
import {
  AssistantMessage,
  image,
  type Msg,
  OllamaMultiAgentFormatter,
  SystemMessage,
  ToolResultMessage,
  UserMessage,
} from "../../src/index.ts";
import { CALL, PROMPT, TALK } from "./agents-talk.ts";

const format = (messages: readonly Msg[], options = {}): Promise<unknown[]> =>
  new OllamaMultiAgentFormatter(options).format(messages);

const picture = (data: string) => image(`data:image/png;base64,${data}`);

test("talk becomes one tagged string, the prompt before the first only, tools keep their roles", async () => {
  expect(await format(TALK)).toEqual([
    { role: "system", content: "Play fair." },
    { role: "user", content: `${PROMPT}<history>\nann: Hello all\nbob: Hi\nbob: there\n</history>` },
    {
      role: "assistant",
      content: "",
      tool_calls: [{ id: "c1", function: { name: "search", arguments: {} } }],
    },
    { role: "tool", tool_name: "search", tool_call_id: "c1", content: "found" },
    { role: "user", content: "<history>\nann: Thanks\n</history>" },
  ]);
});

test("images stand beside the history in their order; who shows one without a word is named", async () => {
  expect(
    await format([
      new UserMessage([picture("AAAA")], { name: "ann" }),
      new AssistantMessage([CALL]),
      new ToolResultMessage(CALL, "x"),
      new UserMessage([picture("BBBB"), "see", picture("CCCC")], { name: "ann" }),
      new AssistantMessage("I do", { name: "bob" }),
    ]),
  ).toEqual([
    { role: "user", content: `${PROMPT}<history>\nann:\n</history>`, images: ["AAAA"] },
    expect.objectContaining({ role: "assistant" }),
    expect.objectContaining({ role: "tool" }),
    {
      role: "user",
      content: `<history>\nann: see\nbob: I do\n</history>`,
      images: ["BBBB", "CCCC"],
    },
  ]);
});

test("a group that has nothing to say gives no message and does not use up the prompt", async () => {
  expect(
    await format([
      new AssistantMessage([{ type: "thinking", thinking: "hm" }], { name: "bob" }),
      new AssistantMessage([CALL]),
      new ToolResultMessage(CALL, "x"),
      new UserMessage("Thanks", { name: "ann" }),
    ]),
  ).toEqual([
    expect.objectContaining({ role: "assistant" }),
    expect.objectContaining({ role: "tool" }),
    { role: "user", content: `${PROMPT}<history>\nann: Thanks\n</history>` },
  ]);
});

test("a later system message is talk, and the prompt may be one's own", async () => {
  expect(
    await format([new UserMessage("a", { name: "ann" }), new SystemMessage("b", { name: "host" })], {
      conversationHistoryPrompt: "So far:\n",
    }),
  ).toEqual([{ role: "user", content: "So far:\n<history>\nann: a\nhost: b\n</history>" }]);
});
