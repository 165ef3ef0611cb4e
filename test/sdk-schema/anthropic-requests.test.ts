// Real request bodies, as our model sends them, held against a schema made from the official SDK's types.
import { expect } from "vitest";
import {
  AnthropicCredential,
  AssistantMessage,
  file,
  image,
  SystemMessage,
  type ToolInput,
  ToolResultMessage,
  UserMessage,
} from "../../src/index.ts";
import { SSE_HEAD, textStream } from "../model/anthropic-server.ts";
import { serve } from "../transport/loopback.ts";
import { CALL, type RequestCase, typeCheck } from "./sdk-schema.ts";

const { violations, it } = typeCheck({ sdk: "@anthropic-ai/sdk", type: "Sdk.MessageCreateParams" });

const GOOD = { model: "claude-opus-4-8", max_tokens: 9, messages: [{ role: "user", content: "Hi" }] };

it.each([
  ["a bad role", { ...GOOD, messages: [{ role: "tool", content: "Hi" }] }],
  ["an unknown field", { ...GOOD, seed: 3 }],
  ["no limit", { model: "m", messages: GOOD.messages }],
  [
    "a signature that is missing",
    { ...GOOD, messages: [{ role: "assistant", content: [{ type: "thinking", thinking: "hm" }] }] },
  ],
  ["a schema of a tool without its type", { ...GOOD, tools: [{ name: "t", input_schema: {} }] }],
])("the schema sees %s", (_what, body) => {
  expect(violations(body)).not.toEqual([]);
  expect(violations(GOOD)).toEqual([]);
});

const tools: ToolInput[] = [
  {
    name: "get_weather",
    description: "The weather.",
    strict: true,
    parameters: { type: "object", properties: { city: { type: "string", minLength: 1 } } },
  },
  { name: "no_arguments" },
];
const bytes = new Uint8Array([1, 2, 3]);
const MODEL = "claude-opus-4-8";
const from = { provider: "anthropic", model: MODEL };
const own = (
  values: Record<string, unknown>,
): { providerMetadata: Record<string, Record<string, unknown>> } => ({
  providerMetadata: { anthropic: values },
});

const CASES: readonly RequestCase[] = [
  { what: "a plain question" },
  { what: "a whole answer", options: { stream: false } },
  { what: "limits", options: { maxTokens: 10, stop: ["a", "b"] } },
  {
    what: "every option of the provider that is no beta",
    tools,
    options: {
      thinking: { enabled: true },
      providerOptions: {
        anthropic: {
          serverTools: [{ type: "web_search_20250305", name: "web_search", max_uses: 2 }],
          thinkingDisplay: "summarized",
          cacheControl: { ttl: "1h" },
          eagerInputStreaming: true,
          userId: "u",
          serviceTier: "auto",
          speed: "standard",
          inferenceGeo: "us",
          container: { id: "container_1", skills: [{ skill_id: "pptx", type: "anthropic" }] },
          diagnostics: { previous_message_id: null },
          userProfileId: "p",
          workspaceId: "w",
        },
      },
    },
  },
  { what: "tools left to choose", tools, options: { toolChoice: "auto", parallelToolCalls: false } },
  { what: "tools required", tools, options: { toolChoice: "required" } },
  {
    what: "one tool forced",
    tools,
    options: { toolChoice: { name: "get_weather" }, parallelToolCalls: true },
  },
  { what: "no tool wanted", tools, options: { toolChoice: "none" } },
  {
    what: "a JSON schema",
    options: {
      responseFormat: { type: "json_schema", schema: tools[0]?.parameters ?? {}, description: "x" },
    },
  },
  {
    what: "a JSON answer that is begun",
    model: "claude-haiku-4-5",
    options: { responseFormat: { type: "json" } },
  },
  { what: "a budget", model: "claude-haiku-4-5", options: { thinking: { budgetTokens: 2048 } } },
  { what: "an effort", options: { thinking: { effort: "xhigh" } } },
  { what: "no thinking", options: { thinking: { enabled: false } } },
  {
    what: "breakpoints everywhere",
    tools,
    messages: [new SystemMessage("s"), "Hi"],
    options: { cacheControl: { system: true, tools: true, lastMessage: true, ttl: "1h" } },
  },
  {
    what: "thinking, hidden blocks, calls and results",
    tools,
    messages: [
      "Hi",
      new AssistantMessage(
        [
          { type: "thinking", thinking: "hm", ...own({ signature: "sig" }) },
          { type: "thinking", thinking: "", ...own({ block: { type: "redacted_thinking", data: "x" } }) },
          "Let me see.",
          { ...CALL, ...own({ caller: { type: "direct" } }) },
        ],
        from,
      ),
      new ToolResultMessage(CALL, "sunny", { isError: true }),
    ],
  },
  {
    what: "calls without their tools",
    messages: ["Hi", new AssistantMessage([CALL]), new ToolResultMessage(CALL, "")],
  },
  {
    what: "the provider's own tools and citations",
    messages: [
      "Hi",
      new AssistantMessage(
        [
          {
            type: "thinking",
            thinking: "",
            ...own({
              block: { type: "server_tool_use", id: "srvcall_1", name: "web_search", input: { query: "x" } },
            }),
          },
          {
            type: "text",
            text: "Found.",
            ...own({
              citations: [
                {
                  type: "char_location",
                  cited_text: "a",
                  document_index: 0,
                  document_title: null,
                  start_char_index: 0,
                  end_char_index: 1,
                },
              ],
            }),
          },
        ],
        from,
      ),
      "And?",
    ],
  },
  {
    what: "images and documents",
    messages: [
      new UserMessage([
        "Look",
        image("https://example.com/a.png"),
        image(bytes, { mediaType: "image/png", ...own({ cacheControl: { ttl: "5m" } }) }),
        image({ fileId: "file_1" }),
        file("https://example.com/a.pdf"),
        file(bytes, {
          mediaType: "application/pdf",
          name: "a.pdf",
          ...own({ citations: true, context: "c" }),
        }),
        file({ fileId: "file_2" }),
        file(bytes, { mediaType: "text/plain" }),
      ]),
    ],
  },
  {
    what: "a picture from a tool",
    tools,
    messages: [
      "Hi",
      new AssistantMessage([CALL]),
      new ToolResultMessage(CALL, [
        image(bytes, { mediaType: "image/png" }),
        file(bytes, { mediaType: "application/pdf" }),
      ]),
    ],
  },
];

it.each(CASES)(
  "the SDK's types allow what we send: $what",
  async ({ model = MODEL, messages = ["Hi"], tools: offered = [], options = {} }) => {
    const server = await serve((response, { body }) => {
      const isStream = (JSON.parse(body) as { stream: boolean }).stream;
      const whole = '{"type":"message","content":[],"stop_reason":"end_turn"}';
      response
        .writeHead(200, isStream ? SSE_HEAD : { "content-type": "application/json" })
        .end(isStream ? textStream("Hi") : whole);
    });
    const credential = new AnthropicCredential({ apiKey: "sk-ant-schema-0123", baseUrl: server.url });
    await credential.createChatModel(model).call(messages, offered, options);
    expect(violations(JSON.parse(server.requests.at(-1)?.body ?? ""))).toEqual([]);
  },
);

it("the sampling options of our version are all that the SDK's newer one does not know", async () => {
  const server = await serve((response) => void response.writeHead(200, SSE_HEAD).end(textStream("Hi")));
  const credential = new AnthropicCredential({ apiKey: "sk-ant-schema-0123", baseUrl: server.url });
  const model = credential.createChatModel("claude-haiku-4-5");
  await model.call("Hi", { temperature: 0.5, topK: 3 });
  const {
    temperature,
    top_k: topK,
    ...rest
  } = JSON.parse(server.requests[0]?.body ?? "") as Record<string, unknown>;
  expect([temperature, topK, violations(rest)]).toEqual([0.5, 3, []]);
});
