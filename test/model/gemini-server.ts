import { GeminiChatModel, type GeminiChatModelInit } from "../../src/model/gemini-chat-model.ts";

/** What stands beside the candidates in every event. */
const ENVELOPE = { modelVersion: "gemini-test-001", responseId: "resp-1" };

/** An event with these parts. */
export function partsEvent(parts: readonly unknown[], more: object = {}): Record<string, unknown> {
  return { candidates: [{ content: { parts, role: "model" }, index: 0, ...more }], ...ENVELOPE };
}

export function textEvent(text: string): Record<string, unknown> {
  return partsEvent([{ text }]);
}

/** An event that ends the answer. */
export function endEvent(finishReason = "STOP", usageMetadata?: object): Record<string, unknown> {
  return {
    candidates: [{ finishReason, index: 0 }],
    ...(usageMetadata !== undefined && { usageMetadata }),
    ...ENVELOPE,
  };
}

/** Events as the stream that they are. */
export function framed(...events: readonly unknown[]): string {
  return events.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`).join("");
}

export const SSE_HEAD = { "content-type": "text/event-stream" } as const;

export const TEST_KEY = "gemini-test-0123456789abcdef";

/** A model behind the server at `baseUrl` whose card takes every option. */
export function modelAt(baseUrl: string, init: Partial<GeminiChatModelInit> = {}): GeminiChatModel {
  return new GeminiChatModel({
    provider: "gemini",
    modelName: "gemini-test",
    endpoint: { baseUrl, headers: () => ({ "x-goog-api-key": TEST_KEY }), keySource: "TEST_KEY" },
    ...init,
  });
}
