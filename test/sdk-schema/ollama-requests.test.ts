// Real request bodies, as our model sends them, held against a schema made from the official client's types.
import { expect } from "vitest";
import {
  AssistantMessage,
  image,
  OllamaCredential,
  SystemMessage,
  type ToolInput,
  ToolResultMessage,
  UserMessage,
} from "../../src/index.ts";
import { NDJSON_HEAD, textLines } from "../model/ollama-server.ts";
import { serve } from "../transport/loopback.ts";
import { CALL, type RequestCase, typeCheck } from "./sdk-schema.ts";

const { violations: foundByTypes, it } = typeCheck({ sdk: "ollama", type: "Named.ChatRequest" });

type Fields = Record<string, unknown>;

/** What the types find wrong with a body, but for what the server documents and the client does not know yet. */
function violations(body: unknown): string[] {
  const { truncate: _truncate, shift: _shift, ...fields } = body as Fields;
  const messages = (fields["messages"] as Fields[] | undefined)?.map((message) => {
    const { tool_call_id: _id, tool_calls: calls, ...rest } = message;
    if (calls === undefined) return rest;
    return { ...rest, tool_calls: (calls as Fields[]).map(({ id: _callId, ...call }) => call) };
  });
  return foundByTypes({ ...fields, ...(messages && { messages }) });
}

const GOOD = { model: "qwen3:8b", messages: [{ role: "user", content: "Hi" }] };

it.each([
  ["content that is a list", { ...GOOD, messages: [{ role: "user", content: [] }] }],
  ["an unknown field", { ...GOOD, tool_choice: "auto" }],
  ["an unknown runtime option", { ...GOOD, options: { max_tokens: 3 } }],
  ["a single stop text", { ...GOOD, options: { stop: "END" } }],
  [
    "arguments as a string",
    {
      ...GOOD,
      messages: [
        { role: "assistant", content: "", tool_calls: [{ function: { name: "t", arguments: "{}" } }] },
      ],
    },
  ],
  ["no model", { messages: [] }],
])("the schema sees %s", (_what, body) => {
  expect(violations(body)).not.toEqual([]);
  expect(violations(GOOD)).toEqual([]);
});

const tools: ToolInput[] = [
  {
    name: "get_weather",
    description: "The weather.",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
  { name: "no_arguments" },
];
const picture = image(new Uint8Array([1, 2, 3]), { mediaType: "image/png" });

const CASES: readonly RequestCase[] = [
  { what: "a plain question" },
  { what: "a whole answer", options: { stream: false } },
  {
    what: "every portable option",
    options: {
      temperature: 0.5,
      topP: 0.9,
      topK: 20,
      maxTokens: 10,
      stop: "a",
      seed: 1,
      frequencyPenalty: 0.1,
      presencePenalty: 0.1,
      logprobs: true,
      topLogprobs: 2,
    },
  },
  {
    what: "every option of the provider",
    options: {
      providerOptions: {
        ollama: {
          numCtx: 4096,
          numPredict: -2,
          numKeep: 4,
          minP: 0.1,
          typicalP: 1,
          tfsZ: 1,
          repeatLastN: 64,
          repeatPenalty: 1.1,
          penalizeNewline: true,
          mirostat: 1,
          mirostatTau: 5,
          mirostatEta: 0.1,
          numBatch: 512,
          numGpu: -1,
          mainGpu: 0,
          numThread: 8,
          numa: false,
          useMmap: true,
          keepAlive: -1,
          truncate: false,
          shift: false,
        },
      },
    },
  },
  { what: "tools left to choose", tools, options: { toolChoice: "auto" } },
  { what: "tools forbidden", tools, options: { toolChoice: "none" } },
  { what: "some tools allowed", tools, options: { toolChoice: { names: ["get_weather"] } } },
  { what: "a JSON schema", options: { responseFormat: { type: "json_schema", schema: { type: "object" } } } },
  { what: "JSON mode", options: { responseFormat: { type: "json" } } },
  { what: "thinking switched off", options: { thinking: { enabled: false } } },
  { what: "a level of thinking", model: "gpt-oss:20b", options: { thinking: { effort: "low" } } },
  {
    what: "instructions, reasoning, calls and results",
    tools,
    messages: [
      new SystemMessage("s"),
      new UserMessage("Hi", { name: "ann" }),
      new AssistantMessage([{ type: "thinking", thinking: "hm" }, "Let me see.", CALL], {
        provider: "ollama",
        model: "qwen3:8b",
      }),
      new ToolResultMessage(CALL, "sunny", { isError: true }),
    ],
  },
  { what: "images", model: "gemma3:4b", messages: [new UserMessage(["Look", picture])] },
  {
    what: "a picture from a tool",
    model: "llama4",
    tools,
    messages: ["Hi", new AssistantMessage([CALL]), new ToolResultMessage(CALL, [picture])],
  },
];

it.each(CASES)(
  "the client's types allow what we send: $what",
  async ({ model = "qwen3:8b", messages = ["Hi"], tools: offered = [], options = {} }) => {
    const server = await serve((response) => void response.writeHead(200, NDJSON_HEAD).end(textLines("Hi")));
    const credential = new OllamaCredential({ baseUrl: server.url });
    await credential.createChatModel(model).call(messages, offered, options);
    expect(violations(JSON.parse(server.requests.at(-1)?.body ?? ""))).toEqual([]);
  },
);
