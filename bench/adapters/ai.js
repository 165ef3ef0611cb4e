import { createOpenAI } from "@ai-sdk/openai";
import { parsePartialJson, streamText } from "ai";

/** @param {string} baseURL */
export async function run(baseURL) {
  const model = createOpenAI({ apiKey: "sk-bench", baseURL }).chat("gpt-4.1");
  let characters = 0;
  for await (const text of streamText({ model, prompt: "Hi", maxRetries: 0 }).textStream)
    characters += text.length;
  return characters;
}

/** @param {string} baseURL */
export async function runTool(baseURL) {
  const model = createOpenAI({ apiKey: "sk-bench", baseURL }).chat("gpt-4.1");
  let raw = "";
  let seen = 0;
  for await (const part of streamText({ model, prompt: "Hi", maxRetries: 0 }).fullStream) {
    if (part.type !== "tool-input-delta") continue;
    raw += part.delta;
    const { value } = await parsePartialJson(raw);
    const content = /** @type {{ content?: string } | undefined} */ (value)?.content;
    if (typeof content === "string") seen = content.length;
  }
  return seen;
}
