import { OpenAIChatModel, type OpenAIChatModelInit } from "../../src/model/openai-chat-model.ts";

/** One event of the OpenAI chat wire. */
export function event(fields: object): string {
  return `data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", model: "gpt-test-1", ...fields })}\n\n`;
}

export function deltaEvent(delta: object, finishReason: string | null = null): string {
  return event({ choices: [{ index: 0, delta, finish_reason: finishReason }] });
}

export function textEvent(content: string): string {
  return deltaEvent({ content });
}

export const DONE = "data: [DONE]\n\n";

/** A stream that says these words and ends as it should. */
export function textStream(...words: readonly string[]): string {
  return words.map(textEvent).join("") + deltaEvent({}, "stop") + DONE;
}

export const SSE_HEAD = { "content-type": "text/event-stream" } as const;

export const TEST_KEY = "sk-test-0123456789abcdef";

/** A model behind the server at `baseUrl` whose card takes every option. */
export function modelAt(baseUrl: string, init: Partial<OpenAIChatModelInit> = {}): OpenAIChatModel {
  return new OpenAIChatModel({
    provider: "openai",
    modelName: "gpt-test",
    endpoint: { baseUrl, headers: () => ({ authorization: `Bearer ${TEST_KEY}` }), keySource: "TEST_KEY" },
    ...init,
  });
}
