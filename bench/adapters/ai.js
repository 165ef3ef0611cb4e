import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { jsonSchema, Output, parsePartialJson, streamText, tool } from "ai";

const MODELS = {
  openai: (baseURL) => createOpenAI({ apiKey: "sk-bench", baseURL }).chat("gpt-4.1-nano"),
  anthropic: (baseURL) => createAnthropic({ apiKey: "sk-bench", baseURL })("claude-sonnet-4-6"),
};

const schema = jsonSchema({ type: "object", properties: {} });

/** @param {string} wire @param {string} baseUrl @returns {import("./client.d.ts").Client} */
export function open(wire, baseUrl) {
  const model = MODELS[wire.split("-")[0]](`${baseUrl}/v1`);
  const ask = (more) => streamText({ model, prompt: "Hi", maxRetries: 0, ...more });
  const tools = { write_file: tool({ inputSchema: schema }) };
  return {
    async text(next) {
      for await (const added of ask().textStream) next(added);
    },
    pull: (abortSignal) => ask({ abortSignal }).textStream,
    async tool(next) {
      let raw = "";
      for await (const part of ask({ tools }).fullStream) {
        if (part.type !== "tool-input-delta") continue;
        // The library shows fragments: its users parse what has come with its own partial parser.
        raw += part.delta;
        const { value } = await parsePartialJson(raw);
        next(/** @type {Record<string, unknown>} */ (value ?? {}));
      }
    },
    async calls() {
      let count = 0;
      for await (const part of ask({ tools }).fullStream) if (part.type === "tool-call") count += 1;
      return count;
    },
    async json(next) {
      for await (const value of ask({ output: Output.object({ schema }) }).partialOutputStream)
        next(/** @type {Record<string, unknown>} */ (value));
    },
  };
}
