import { chat, EventType, parsePartialJSON } from "@tanstack/ai";
import { createOpenaiChatCompletions } from "@tanstack/ai-openai";

const messages = [{ role: "user", content: "Hi" }];
const tools = [
  { name: "write_file", description: "Writes.", inputSchema: { type: "object", properties: {} } },
];

/** @param {string} _wire @param {string} baseUrl @returns {import("./client.d.ts").Client} */
export function open(_wire, baseUrl) {
  const adapter = createOpenaiChatCompletions("gpt-4.1-nano", "sk-bench", { baseURL: `${baseUrl}/v1` });
  const pull = async function* (signal) {
    const abortController = new AbortController();
    signal?.addEventListener("abort", () => abortController.abort());
    for await (const event of chat({ adapter, messages, abortController }))
      if (event.type === EventType.TEXT_MESSAGE_CONTENT) yield event.delta;
  };
  return {
    pull,
    async text(next) {
      for await (const added of pull()) next(added);
    },
    async tool(next) {
      let raw = "";
      for await (const event of chat({ adapter, messages, tools })) {
        if (event.type !== EventType.TOOL_CALL_ARGS) continue;
        raw += event.delta;
        next(parsePartialJSON(raw) ?? {});
      }
    },
  };
}
