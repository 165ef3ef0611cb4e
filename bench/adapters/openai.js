import OpenAI from "openai";
import { partialParse } from "openai/_vendor/partial-json-parser/parser";

/** @param {string} baseURL */
export async function run(baseURL) {
  const client = new OpenAI({ apiKey: "sk-bench", baseURL, maxRetries: 0 });
  let characters = 0;
  const stream = client.chat.completions.stream({
    model: "gpt-4.1",
    messages: [{ role: "user", content: "Hi" }],
  });
  stream.on("content.delta", ({ delta }) => (characters += delta.length));
  await stream.done();
  return characters;
}

/** @param {string} baseURL */
export async function runTool(baseURL) {
  const client = new OpenAI({ apiKey: "sk-bench", baseURL, maxRetries: 0 });
  let seen = 0;
  let raw = "";
  const stream = await client.chat.completions.create({
    model: "gpt-4.1",
    messages: [{ role: "user", content: "Hi" }],
    stream: true,
  });
  for await (const chunk of stream) {
    const piece = chunk.choices[0]?.delta.tool_calls?.[0]?.function?.arguments;
    if (!piece) continue;
    raw += piece;
    const { content } = /** @type {{ content?: string }} */ (partialParse(raw));
    if (typeof content === "string") seen = content.length;
  }
  return seen;
}
