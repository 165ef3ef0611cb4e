import { parsePartialJson } from "@langchain/core/output_parsers";
import { ChatOpenAI } from "@langchain/openai";

/** @param {string} baseURL */
const modelOf = (baseURL) =>
  new ChatOpenAI({
    apiKey: "sk-bench",
    model: "gpt-4.1",
    configuration: { baseURL },
    maxRetries: 0,
    streamUsage: true,
  });

/** @param {string} baseURL */
export async function run(baseURL) {
  let characters = 0;
  for await (const chunk of await modelOf(baseURL).stream("Hi")) characters += chunk.text.length;
  return characters;
}

/** @param {string} baseURL */
export async function runTool(baseURL) {
  let raw = "";
  let seen = 0;
  for await (const chunk of await modelOf(baseURL).stream("Hi")) {
    const piece = chunk.tool_call_chunks?.[0]?.args;
    if (!piece) continue;
    raw += piece;
    const content = parsePartialJson(raw)?.content;
    if (typeof content === "string") seen = content.length;
  }
  return seen;
}
