import { DashScopeChatModel, type DashScopeChatModelInit } from "../../src/model/dashscope-chat-model.ts";

export const REQUEST_ID = "23759246-cf04-9ed8-8d58-a32ad4a9a6bd";

export const USAGE = { input_tokens: 26, output_tokens: 2, total_tokens: 28 };

/** The output of an event, or of a whole answer. */
export function output(
  message: object,
  finishReason = "null",
  usage: object = USAGE,
): Readonly<Record<string, unknown>> {
  return {
    output: {
      choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: finishReason }],
    },
    usage,
    request_id: REQUEST_ID,
  };
}

/** One event as DashScope frames it: no space after the colons, the status in a comment. */
export function framed(data: unknown, number = 1, name = "result", status = 200): string {
  return `id:${number}\nevent:${name}\n:HTTP_STATUS/${status}\ndata:${JSON.stringify(data)}\n\n`;
}

export function stream(...events: readonly unknown[]): string {
  return events.map((event, index) => framed(event, index + 1)).join("");
}

/** A stream that says these words and ends as it should: with the connection. */
export function textStream(...words: readonly string[]): string {
  return stream(...words.map((content) => output({ content })), output({ content: "" }, "stop"));
}

export const SSE_HEAD = { "content-type": "text/event-stream;charset=UTF-8" } as const;

export const TEST_KEY = "sk-test-0123456789abcdef";

/** A model behind the server at `baseUrl` whose card takes every option and reads texts only. */
export function modelAt(baseUrl: string, init: Partial<DashScopeChatModelInit> = {}): DashScopeChatModel {
  const made = {
    provider: "dashscope",
    modelName: "qwen-test",
    endpoint: { baseUrl, headers: () => ({ authorization: `Bearer ${TEST_KEY}` }), keySource: "TEST_KEY" },
    ...init,
  };
  const { card } = new DashScopeChatModel(made);
  return new DashScopeChatModel({ card: { ...card, inputTypes: ["text/plain"] }, ...made });
}
