import { AnthropicChatModel, type AnthropicChatModelInit } from "../../src/model/anthropic-chat-model.ts";

/** One event of the Anthropic wire. */
export function event(data: { readonly type: string; readonly [field: string]: unknown }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

export function startOf(usage: object = { input_tokens: 12, output_tokens: 1 }): {
  type: string;
  message: object;
} {
  const message = { id: "msg_1", type: "message", role: "assistant", model: "claude-test-1", content: [] };
  return { type: "message_start", message: { ...message, stop_reason: null, usage } };
}

export function blockOf(index: number, block: object, ...deltas: readonly object[]): { type: string }[] {
  return [
    { type: "content_block_start", index, content_block: block } as { type: string },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index } as { type: string },
  ];
}

export function textBlock(index: number, ...words: readonly string[]): { type: string }[] {
  return blockOf(index, { type: "text", text: "" }, ...words.map((text) => ({ type: "text_delta", text })));
}

export function endOf(
  reason: string,
  usage: object = { output_tokens: 5 },
  more: object = {},
): {
  type: string;
}[] {
  return [
    { type: "message_delta", delta: { stop_reason: reason, stop_sequence: null, ...more }, usage } as {
      type: string;
    },
    { type: "message_stop" },
  ];
}

/** A stream that says these words and ends as it should. */
export function textStream(...words: readonly string[]): string {
  return [startOf(), ...textBlock(0, ...words), ...endOf("end_turn")].map(event).join("");
}

export const SSE_HEAD = { "content-type": "text/event-stream" } as const;

/** A model behind the server at `baseUrl` whose card takes every option. */
export function modelAt(baseUrl: string, init: Partial<AnthropicChatModelInit> = {}): AnthropicChatModel {
  return new AnthropicChatModel({
    provider: "anthropic",
    modelName: "claude-test",
    endpoint: { baseUrl, headers: () => ({ "x-api-key": "sk-ant-test-0123456789" }), keySource: "TEST_KEY" },
    ...init,
  });
}
