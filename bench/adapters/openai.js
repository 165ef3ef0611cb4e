// Two ways to read a stream: chunks as they come, and `.stream()`, which gathers them as snapshots.
import OpenAI from "openai";
import { makeParseableResponseFormat } from "openai/lib/parser";

const model = "gpt-4.1-nano";
const messages = [{ role: "user", content: "Hi" }];
/** Strict: the library parses partial arguments of such tools only. */
const tools = [
  {
    type: "function",
    function: { name: "write_file", strict: true, parameters: { type: "object", properties: {} } },
  },
];
/** What zodResponseFormat makes, without zod: it is what makes the library show the partial value. */
const response_format = makeParseableResponseFormat(
  { type: "json_schema", json_schema: { name: "answer", strict: true, schema: { type: "object" } } },
  JSON.parse,
);

/** @param {string} _wire @param {string} baseUrl @param {string} [variant] @returns {import("./client.d.ts").Client} */
export function open(_wire, baseUrl, variant) {
  const client = new OpenAI({ apiKey: "sk-bench", baseURL: `${baseUrl}/v1`, maxRetries: 0 });
  const pull = async function* (signal) {
    const stream = await client.chat.completions.create({ model, messages, stream: true }, { signal });
    for await (const chunk of stream) yield chunk.choices[0]?.delta.content ?? "";
  };
  if (variant === undefined) {
    return {
      pull,
      async text(next) {
        for await (const added of pull()) next(added);
      },
    };
  }
  const each = (more, event, listener) => {
    const stream = client.chat.completions.stream({ model, messages, ...more });
    stream.on(event, listener);
    return stream.done().then(() => stream);
  };
  return {
    text: (next) => each({}, "content.delta", ({ delta }) => next(delta)),
    async *pull(signal) {
      const stream = client.chat.completions.stream({ model, messages }, { signal });
      for await (const chunk of stream) yield chunk.choices[0]?.delta.content ?? "";
    },
    tool: (next) =>
      each({ tools }, "tool_calls.function.arguments.delta", ({ parsed_arguments }) =>
        next(parsed_arguments ?? {}),
      ),
    async kept() {
      const texts = [];
      await each({}, "content.delta", ({ snapshot }) => texts.push(snapshot));
      return texts;
    },
    async calls() {
      const stream = await each({ tools }, "chunk", () => {});
      return (await stream.finalMessage()).tool_calls?.length ?? 0;
    },
    json: (next) => each({ response_format }, "content.delta", ({ parsed }) => next(parsed ?? {})),
  };
}
