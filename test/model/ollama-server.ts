import { OllamaChatModel, type OllamaChatModelInit } from "../../src/model/ollama-chat-model.ts";

/** One line of Ollama's wire. */
export function line(fields: object): string {
  return `${JSON.stringify({ model: "qwen3:8b", created_at: "2026-11-01T10:00:00.000Z", ...fields })}\n`;
}

export function messageLine(message: object): string {
  return line({ message: { role: "assistant", content: "", ...message }, done: false });
}

export function textLine(content: string): string {
  return messageLine({ content });
}

/** The last line. */
export function doneLine(fields: object = {}): string {
  return line({ message: { role: "assistant", content: "" }, done: true, done_reason: "stop", ...fields });
}

/** A stream that says these words and ends as it should. */
export function textLines(...words: readonly string[]): string {
  return words.map(textLine).join("") + doneLine();
}

export const NDJSON_HEAD = { "content-type": "application/x-ndjson" } as const;

/** A model behind the server at `baseUrl` whose card takes every option. */
export function ollamaAt(baseUrl: string, init: Partial<OllamaChatModelInit> = {}): OllamaChatModel {
  return new OllamaChatModel({
    provider: "ollama",
    modelName: "qwen3:8b",
    endpoint: { baseUrl, headers: () => ({}) },
    ...init,
  });
}
