import { stream } from "@mariozechner/pi-ai";

const APIS = {
  openai: { api: "openai-completions", provider: "bench", path: "/v1" },
  anthropic: { api: "anthropic-messages", provider: "anthropic", path: "" },
  gemini: { api: "google-generative-ai", provider: "google", path: "/v1beta" },
};

const messages = [{ role: "user", content: "Hi", timestamp: 0 }];
const tools = [
  { name: "write_file", description: "Writes.", parameters: { type: "object", properties: {} } },
];

/** @param {string} wire @param {string} baseUrl @returns {import("./client.d.ts").Client} */
export function open(wire, baseUrl) {
  const { api, provider, path } = APIS[wire.split("-")[0]];
  const model = {
    id: "bench",
    name: "bench",
    api,
    provider,
    baseUrl: baseUrl + path,
    reasoning: false,
    input: ["text"],
    cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
    contextWindow: 128_000,
    maxTokens: 32_000,
  };
  const ask = (more, signal) => stream(model, { messages, ...more }, { apiKey: "sk-bench", signal });
  const pull = async function* (signal) {
    for await (const event of ask({}, signal)) {
      if (event.type === "error" && !signal?.aborted) throw new Error(event.error.errorMessage);
      if (event.type === "text_delta") yield event.delta;
    }
  };
  return {
    pull,
    async text(next) {
      for await (const added of pull()) next(added);
    },
    async tool(next) {
      for await (const event of ask({ tools })) {
        if (event.type === "toolcall_delta") next(event.partial.content[event.contentIndex].arguments);
      }
    },
    async calls() {
      let count = 0;
      for await (const event of ask({ tools })) if (event.type === "toolcall_end") count += 1;
      return count;
    },
  };
}
