import { expect, test } from "vitest";
import { Msg } from "../../src/message/msg.ts";
import { ChatResponse, type ChatResponseData } from "../../src/model/chat-response.ts";

const DATA: ChatResponseData = {
  id: "r1",
  provider: "openai",
  model: "gpt-test-1",
  createdAt: "2026-11-21T00:00:00.000Z",
  content: [
    { type: "thinking", id: "b.0", thinking: "hm", providerMetadata: { openai: { signature: "s" } } },
    { type: "text", id: "b.1", text: "Hel" },
    { type: "tool_use", id: "c1", name: "f", input: { x: 1 }, rawInput: '{"x":1}' },
    { type: "thinking", id: "b.3", thinking: " ok" },
    { type: "text", id: "b.4", text: "lo" },
  ],
  delta: [
    { type: "text", id: "b.1", text: "l" },
    { type: "thinking", id: "b.3", thinking: " ok" },
    { type: "text", id: "b.4", text: "lo" },
    { type: "tool_use", id: "c1", name: "f", rawInput: "}" },
  ],
  isLast: false,
};

test("the readers join what is spread over several blocks", () => {
  const response = new ChatResponse(DATA);
  expect(response.text).toBe("Hello");
  expect(response.thinking).toBe("hm ok");
  expect(response.toolCalls.map(({ id }) => id)).toEqual(["c1"]);
  expect(response.textDelta).toBe("llo");
  expect(response.thinkingDelta).toBe(" ok");
});

test("what a response does not have is empty, not missing", () => {
  const response = new ChatResponse({ ...DATA, content: [], delta: [] });
  expect([response.text, response.thinking, response.textDelta, response.toolCalls]).toEqual([
    "",
    "",
    "",
    [],
  ]);
  expect([response.warnings, response.metadata, response.interrupted]).toEqual([[], {}, false]);
  expect([response.usage, response.finishReason, response.choices]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("with gives a changed copy, and empties what is made undefined", () => {
  const response = new ChatResponse({
    ...DATA,
    usage: { inputTokens: 1 },
    warnings: [{ option: "a", reason: "b" }],
  });
  const changed = response.with({ isLast: true, usage: undefined });
  expect(changed).toBeInstanceOf(ChatResponse);
  expect([changed.isLast, changed.usage, changed.warnings]).toEqual([true, undefined, response.warnings]);
  expect([response.isLast, response.usage]).toEqual([false, { inputTokens: 1 }]);
});

test("as a message it keeps its blocks, who said it, and what the provider needs back", () => {
  const message = new ChatResponse(DATA).toMessage();
  expect(message).toMatchObject({
    role: "assistant",
    provider: "openai",
    model: "gpt-test-1",
    timestamp: DATA.createdAt,
  });
  expect(message.content).toEqual(DATA.content);
  expect(Msg.from(JSON.parse(JSON.stringify(message)) as Msg).content).toEqual(DATA.content);
});

test("it can be written as JSON and read again", () => {
  const response = new ChatResponse({ ...DATA, isLast: true, finishReason: "stop" });
  const copy = new ChatResponse(JSON.parse(JSON.stringify(response)) as ChatResponseData);
  expect(copy).toEqual(response);
});
