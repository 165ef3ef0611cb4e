import { expect, test } from "vitest";
import {
  AssistantMessage,
  GeminiMultiAgentFormatter,
  image,
  type Msg,
  SystemMessage,
  ToolResultMessage,
  UserMessage,
} from "../../src/index.ts";
import { CALL, PROMPT, TALK } from "./agents-talk.ts";

const format = (messages: readonly Msg[], options = {}): Promise<unknown[]> =>
  new GeminiMultiAgentFormatter(options).format(messages, { provider: "gemini", model: "gemini-3-pro" });

const picture = (name: string): unknown => ({
  fileData: { fileUri: `https://a.b/${name}.png`, mimeType: "image/png" },
});

test("talk becomes one tagged content of the user, the prompt before the first only, tools keep their roles", async () => {
  const formatted = await format(TALK);
  expect(formatted).toEqual([
    { role: "system", parts: [{ text: "Play fair." }] },
    {
      role: "user",
      parts: [{ text: `${PROMPT}<history>\nann: Hello all\nbob: Hi\nbob: there\n</history>` }],
    },
    { role: "model", parts: [{ functionCall: { name: "search", args: {} } }] },
    { role: "user", parts: [{ functionResponse: { name: "search", response: { output: "found" } } }] },
    { role: "user", parts: [{ text: "<history>\nann: Thanks\n</history>" }] },
  ]);
});

test("media stand where they were shown, between the words", async () => {
  const formatted = await format([
    new UserMessage(["look", image("https://a.b/1.png"), "and"], { name: "ann" }),
    new AssistantMessage(["nice", image("https://a.b/2.png")], { name: "bob" }),
    new UserMessage("yes", { name: "ann" }),
  ]);
  expect(formatted).toEqual([
    {
      role: "user",
      parts: [
        { text: `${PROMPT}<history>\nann: look` },
        picture("1"),
        { text: "ann: and\nbob: nice" },
        picture("2"),
        { text: "ann: yes\n</history>" },
      ],
    },
  ]);
});

test("media at the edges stand within the tags, too", async () => {
  expect(await format([new UserMessage([image("https://a.b/1.png")], { name: "ann" })])).toEqual([
    { role: "user", parts: [{ text: `${PROMPT}<history>\n` }, picture("1"), { text: "</history>" }] },
  ]);
});

test("the prompt waits for the first group that yields something", async () => {
  const formatted = await format([
    new AssistantMessage([{ type: "thinking", thinking: "hm" }], { name: "bob" }),
    new AssistantMessage([CALL]),
    new ToolResultMessage(CALL, "x"),
    new UserMessage("so", { name: "ann" }),
  ]);
  expect(formatted.at(-1)).toEqual({
    role: "user",
    parts: [{ text: `${PROMPT}<history>\nann: so\n</history>` }],
  });
});

test("a later system message is talk, and the prompt may be one's own", async () => {
  expect(
    await format([new UserMessage("a", { name: "ann" }), new SystemMessage("b", { name: "host" })], {
      conversationHistoryPrompt: "So far:\n",
    }),
  ).toEqual([{ role: "user", parts: [{ text: "So far:\n<history>\nann: a\nhost: b\n</history>" }] }]);
});
