import { expect, test } from "vitest";
import {
  AnthropicMultiAgentFormatter,
  AssistantMessage,
  image,
  type Msg,
  SystemMessage,
  ToolResultMessage,
  UserMessage,
} from "../../src/index.ts";
import { CALL, PROMPT, TALK } from "./agents-talk.ts";

const format = (messages: readonly Msg[], options = {}): Promise<unknown[]> =>
  new AnthropicMultiAgentFormatter(options).format(messages);

const words = (value: string): object => ({ type: "text", text: value });
const picture = (url: string): object => ({ type: "image", source: { type: "url", url } });

test("talk becomes one tagged turn of the user, the prompt before the first only, tools keep their roles", async () => {
  const formatted = await format([...TALK, new AssistantMessage("Sure", { name: "bob" })]);
  expect(formatted).toEqual([
    { role: "system", content: [words("Play fair.")] },
    { role: "user", content: [words(`${PROMPT}<history>\nann: Hello all\nbob: Hi\nbob: there\n</history>`)] },
    { role: "assistant", content: [{ type: "tool_use", id: "c1", name: "search", input: {} }] },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "c1", content: "found" },
        words("<history>\nann: Thanks\nbob: Sure\n</history>"),
      ],
    },
  ]);
});

test("a picture stands where it was shown, between the words of its turn", async () => {
  const formatted = await format([
    new UserMessage(["See", image("https://a.b/1.png"), "and", image("https://a.b/2.png")], { name: "ann" }),
    new AssistantMessage("Nice", { name: "bob" }),
  ]);
  expect(formatted).toEqual([
    {
      role: "user",
      content: [
        words(`${PROMPT}<history>\nann: See`),
        picture("https://a.b/1.png"),
        words("ann: and"),
        picture("https://a.b/2.png"),
        words("bob: Nice\n</history>"),
      ],
    },
  ]);
});

test("pictures alone are tagged like words, and take the prompt where they come first", async () => {
  const formatted = await format([
    new UserMessage([image("https://a.b/1.png")], { name: "ann" }),
    new AssistantMessage([CALL]),
    new ToolResultMessage(CALL, "x"),
    new UserMessage(["see", image("https://a.b/2.png")], { name: "ann" }),
  ]);
  expect(formatted[0]).toEqual({
    role: "user",
    content: [words(`${PROMPT}<history>\n`), picture("https://a.b/1.png"), words("</history>")],
  });
  expect(formatted[2]).toMatchObject({
    content: [
      { type: "tool_result" },
      words("<history>\nann: see"),
      picture("https://a.b/2.png"),
      words("</history>"),
    ],
  });
});

test("the prompt waits for the first group that yields something", async () => {
  const formatted = await format([
    new AssistantMessage([{ type: "thinking", thinking: "hm" }], { name: "bob" }),
    new AssistantMessage([CALL]),
    new ToolResultMessage(CALL, "x"),
    new UserMessage("Go", { name: "ann" }),
  ]);
  expect(formatted.at(-1)).toMatchObject({
    content: [{ type: "tool_result" }, words(`${PROMPT}<history>\nann: Go\n</history>`)],
  });
});

test("a later system message is talk, and the prompt may be one's own", async () => {
  const formatted = await format(
    [new UserMessage("a", { name: "ann" }), new SystemMessage("b", { name: "host" })],
    { conversationHistoryPrompt: "So far:\n" },
  );
  expect(formatted).toEqual([
    { role: "user", content: [words("So far:\n<history>\nann: a\nhost: b\n</history>")] },
  ]);
});

test("a cache breakpoint on what an agent said or showed stays where it was put", async () => {
  const marker = { anthropic: { cacheControl: {} } };
  const said = { type: "text", id: "t1", text: "Hello", providerMetadata: marker } as const;
  const shown = { ...image("https://example.com/a.png"), providerMetadata: marker };
  const formatted = await format([
    new UserMessage([said, shown], { name: "ann" }),
    new AssistantMessage("Hi", { name: "bob" }),
  ]);
  const cached = { cache_control: { type: "ephemeral" } };
  expect(formatted).toEqual([
    {
      role: "user",
      content: [
        { ...words(`${PROMPT}<history>\nann: Hello`), ...cached },
        { ...picture("https://example.com/a.png"), ...cached },
        words("bob: Hi\n</history>"),
      ],
    },
  ]);
});
