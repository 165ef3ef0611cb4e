import { JsonOutputParser, parsePartialJson } from "@langchain/core/output_parsers";
import { ChatOpenAI } from "@langchain/openai";

const tools = [
  {
    type: "function",
    function: { name: "write_file", parameters: { type: "object", properties: {} } },
  },
];

/** @param {string} _wire @param {string} baseUrl @returns {import("./client.d.ts").Client} */
export function open(_wire, baseUrl) {
  const model = new ChatOpenAI({
    apiKey: "sk-bench",
    model: "gpt-4.1-nano",
    configuration: { baseURL: `${baseUrl}/v1` },
    maxRetries: 0,
    streamUsage: true,
  });
  return {
    async text(next) {
      for await (const chunk of await model.stream("Hi")) next(chunk.text);
    },
    async *pull(signal) {
      for await (const chunk of await model.stream("Hi", { signal })) yield chunk.text;
    },
    async tool(next) {
      let raw = "";
      for await (const chunk of await model.stream("Hi", { tools })) {
        const piece = chunk.tool_call_chunks?.[0]?.args;
        if (!piece) continue;
        // Its chunks can be added up, too, which parses as often and copies beside.
        raw += piece;
        next(parsePartialJson(raw) ?? {});
      }
    },
    async json(next) {
      for await (const value of await model.pipe(new JsonOutputParser()).stream("Hi")) next(value);
    },
  };
}
