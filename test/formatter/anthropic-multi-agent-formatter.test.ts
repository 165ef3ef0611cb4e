import { expect, test } from "vitest";
import {
  AnthropicMultiAgentFormatter,
  AssistantMessage,
  audio,
  image,
  type Msg,
  SystemMessage,
  ToolResultMessage,
  UserMessage,
} from "../../src/index.ts";

const PROMPT =
  "# Conversation History\nThe content between <history></history> tags contains your conversation history\n";

const format = (messages: readonly Msg[], options = {}): Promise<unknown[]> =>
  new AnthropicMultiAgentFormatter(options).format(messages);

const call = { type: "tool_use", id: "toolu_1", name: "search", input: {} } as const;
const words = (value: string): object => ({ type: "text", text: value });
const picture = (url: string): object => ({ type: "image", source: { type: "url", url } });

test("talk becomes one tagged turn of the user, the prompt before the first only, tools keep their roles", async () => {
  const formatted = await format([
    new SystemMessage("Play fair."),
    new UserMessage("Hello all", { name: "ann" }),
    new AssistantMessage(["Hi", "there"], { name: "bob" }),
    new AssistantMessage([call], { name: "bob" }),
    new ToolResultMessage(call, "found"),
    new UserMessage("Thanks", { name: "ann" }),
    new AssistantMessage("Sure", { name: "bob" }),
  ]);
  expect(formatted).toEqual([
    { role: "system", content: [words("Play fair.")] },
    { role: "user", content: [words(`${PROMPT}<history>\nann: Hello all\nbob: Hi\nbob: there\n</history>`)] },
    { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "search", input: {} }] },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "toolu_1", content: "found" },
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
    new AssistantMessage([call]),
    new ToolResultMessage(call, "x"),
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
    new AssistantMessage([call]),
    new ToolResultMessage(call, "x"),
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

test("what another agent shows and the model cannot be shown is described, with a warning", async () => {
  const warnings: string[] = [];
  const formatted = await new AnthropicMultiAgentFormatter().format(
    [
      new AssistantMessage(["Hear this.", audio(new Uint8Array(3), { mediaType: "audio/ogg" })], {
        name: "bob",
      }),
    ],
    { inputTypes: ["text/plain"], warn: (_option, reason) => void warnings.push(reason) },
  );
  expect(JSON.stringify(formatted)).toContain(
    "bob: Hear this.\\nbob: An audio file is returned (audio/ogg, 3 bytes).",
  );
  expect(warnings).toEqual([expect.stringContaining("audio/ogg")]);
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
