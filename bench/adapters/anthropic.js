// Two ways to read a stream: events as they come, and `.stream()`, which gathers them as snapshots.
import Anthropic from "@anthropic-ai/sdk";

const body = { model: "claude-sonnet-4-6", max_tokens: 64_000, messages: [{ role: "user", content: "Hi" }] };
const tools = [{ name: "write_file", input_schema: { type: "object", properties: {} } }];

/** @param {string} _wire @param {string} baseURL @param {string} [variant] @returns {import("./client.d.ts").Client} */
export function open(_wire, baseURL, variant) {
  const client = new Anthropic({ apiKey: "sk-bench", baseURL, maxRetries: 0 });
  if (variant === undefined) {
    return {
      async text(next) {
        for await (const event of await client.messages.create({ ...body, stream: true })) {
          if (event.type === "content_block_delta" && event.delta.type === "text_delta")
            next(event.delta.text);
        }
      },
    };
  }
  return {
    text: (next) =>
      client.messages
        .stream(body)
        .on("text", (added) => next(added))
        .done(),
    tool: (next) =>
      client.messages
        .stream({ ...body, tools })
        .on("inputJson", (_piece, input) => next(/** @type {Record<string, unknown>} */ (input ?? {})))
        .done(),
  };
}
