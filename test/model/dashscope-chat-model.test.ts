import { expect, test } from "vitest";
import { image } from "../../src/message/data-blocks.ts";
import { type MessageInput, UserMessage } from "../../src/message/msg.ts";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import type { DashScopeChatModelInit } from "../../src/model/dashscope-chat-model.ts";
import type { GenerateOptions } from "../../src/model/generate-options.ts";
import type { ModelCapabilities } from "../../src/model/model-card.ts";
import type { ToolChoice, ToolInput } from "../../src/tool/tool-schema.ts";
import { type SeenRequest, serve } from "../transport/loopback.ts";
import { modelAt, output, SSE_HEAD, TEST_KEY, textStream } from "./dashscope-server.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

const TOOLS: readonly ToolInput[] = [
  { name: "get_weather", description: "The weather", parameters: { type: "object", properties: {} } },
  { name: "get_time" },
];

interface Sent {
  readonly body: Readonly<Record<string, unknown>>;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly warned: readonly string[];
  readonly seen: SeenRequest;
  readonly reply: ChatResponse;
}

/** The request that a call makes, and its answer's warnings. */
async function send(
  options: GenerateOptions = {},
  {
    tools = [],
    messages = ["Hello"],
    ...init
  }: Partial<DashScopeChatModelInit> & {
    tools?: readonly ToolInput[];
    messages?: readonly MessageInput[];
  } = {},
): Promise<Sent> {
  const server = await serve((response) => void response.writeHead(200, SSE_HEAD).end(textStream("Hi")));
  const reply = await modelAt(server.url, init).call(messages, tools, options);
  const seen = server.requests[0] as SeenRequest;
  const body = JSON.parse(seen.body) as { parameters: Record<string, unknown> };
  return {
    body,
    parameters: body.parameters,
    warned: reply.warnings.map(({ option }) => option),
    seen,
    reply,
  };
}

function card(
  capabilities: ModelCapabilities,
  inputTypes = ["text/plain"],
): Pick<DashScopeChatModelInit, "card"> {
  return { card: { ...modelAt("http://127.0.0.1:9").card, capabilities, inputTypes } };
}

test("a call without options asks for messages, piece by piece, and nothing else", async () => {
  const { body, seen, warned } = await send();
  expect(body).toEqual({
    model: "qwen-test",
    input: { messages: [{ role: "user", content: "Hello" }] },
    parameters: { result_format: "message", incremental_output: true },
  });
  expect(seen).toMatchObject({
    url: "/services/aigc/text-generation/generation",
    headers: {
      "x-dashscope-sse": "enable",
      accept: "text/event-stream",
      authorization: `Bearer ${TEST_KEY}`,
    },
  });
  expect(seen.headers).not.toHaveProperty("x-dashscope-ossresourceresolve");
  expect(warned).toEqual([]);
});

test("every option is the parameter that it means", async () => {
  const { parameters, warned } = await send({
    temperature: 0,
    topP: 0.5,
    topK: 3,
    maxTokens: 7,
    stop: ["a", "b"],
    seed: 0,
    presencePenalty: 1,
    logprobs: true,
    topLogprobs: 2,
  });
  expect(parameters).toEqual({
    result_format: "message",
    incremental_output: true,
    temperature: 0,
    top_p: 0.5,
    top_k: 3,
    max_tokens: 7,
    stop: ["a", "b"],
    seed: 0,
    presence_penalty: 1,
    logprobs: true,
    top_logprobs: 2,
  });
  expect(warned).toEqual([]);
});

test("a frequency penalty is left out with a warning that names what there is", async () => {
  const { parameters, reply } = await send({ frequencyPenalty: 1 });
  expect(Object.keys(parameters)).toEqual(["result_format", "incremental_output"]);
  expect(reply.warnings).toMatchObject([
    { option: "frequencyPenalty", reason: expect.stringContaining("repetitionPenalty") as string },
  ]);
});

test("a model that reads pictures is asked at the multimodal endpoint, whatever is asked", async () => {
  const sees = card({}, ["text/plain", "image/png"]);
  const plain = await send({}, sees);
  expect(plain.seen.url).toBe("/services/aigc/multimodal-generation/generation");
  expect(plain.body["input"]).toEqual({ messages: [{ role: "user", content: [{ text: "Hello" }] }] });
  const picture = new UserMessage(["Look", image("oss://bucket/a.png")]);
  const stored = await send({}, { ...sees, messages: [picture] });
  expect(stored.seen.headers["x-dashscope-ossresourceresolve"]).toBe("enable");
});

test.each<[GenerateOptions["thinking"], object]>([
  [{ enabled: true }, { enable_thinking: true }],
  [{ enabled: false }, { enable_thinking: false }],
  [
    { enabled: true, budgetTokens: 100 },
    { enable_thinking: true, thinking_budget: 100 },
  ],
  [{ budgetTokens: 100 }, { enable_thinking: true, thinking_budget: 100 }],
  [{ enabled: false, budgetTokens: 100 }, { enable_thinking: false }],
  [{}, {}],
])("thinking %j is sent as %j", async (thinking, expected) => {
  const { card: open } = modelAt("http://127.0.0.1:9");
  const properties = {
    thinking: {
      type: "object",
      properties: { enabled: { type: "boolean" }, budgetTokens: { type: "integer" } },
    },
  };
  const { parameters } = await send(
    { thinking: thinking ?? null },
    { card: { ...open, inputTypes: ["text/plain"], parameterSchema: { type: "object", properties } } },
  );
  const { result_format: _, incremental_output: __, ...rest } = parameters;
  expect(rest).toEqual(expected);
});

test("a whole answer is asked for without the header that asks for a stream", async () => {
  const server = await serve((response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ status_code: 200, code: "", message: "", ...output({ content: "Hi" }, "stop") }),
    );
  });
  const reply = await modelAt(server.url).call("Hello", { stream: false });
  const [seen] = server.requests;
  expect(seen?.headers).not.toHaveProperty("x-dashscope-sse");
  expect(seen?.headers.accept).toBe("application/json");
  expect((JSON.parse(seen?.body ?? "") as { parameters: object }).parameters).toEqual({
    result_format: "message",
  });
  expect(reply).toMatchObject({ text: "Hi", finishReason: "stop", isLast: true, warnings: [] });
});

test("a model that only streams is streamed though a whole answer was asked for, and says so", async () => {
  const always = await send({ stream: false }, card({ streamOnly: "always" }));
  expect([always.seen.headers["x-dashscope-sse"], always.warned]).toEqual(["enable", ["stream"]]);
  const whileThinking = card({ streamOnly: "while_thinking", reasoning: true });
  const thinks = await send({ stream: false }, whileThinking);
  expect([thinks.seen.headers["x-dashscope-sse"], thinks.warned]).toEqual(["enable", ["stream"]]);
  expect(thinks.reply.text).toBe("Hi");
  const told = await send({ stream: false, thinking: { enabled: false } }, whileThinking);
  expect([told.seen.headers["x-dashscope-sse"], told.warned]).toEqual([undefined, []]);
});

test("tools are sent as functions, and only the allowed ones are offered", async () => {
  const { parameters } = await send({ parallelToolCalls: true }, { tools: TOOLS });
  expect(parameters).toMatchObject({
    tools: [
      {
        type: "function",
        function: {
          name: "get_weather",
          description: "The weather",
          parameters: { type: "object", properties: {} },
        },
      },
      { type: "function", function: { name: "get_time" } },
    ],
    parallel_tool_calls: true,
  });
  const allowed = await send({ toolChoice: { names: ["get_time"] } }, { tools: TOOLS });
  expect(allowed.parameters).toMatchObject({
    tool_choice: "auto",
    tools: [{ function: { name: "get_time" } }],
  });
  expect(allowed.parameters["tools"]).toHaveLength(1);
  expect(allowed.warned).toEqual([]);
});

test.each<[ToolChoice, ModelCapabilities, unknown, string[]]>([
  ["auto", {}, "auto", []],
  ["none", {}, "none", []],
  ["required", {}, "auto", ["toolChoice"]],
  [{ name: "get_time" }, {}, { type: "function", function: { name: "get_time" } }, []],
  [{ name: "get_time" }, { reasoning: true }, "auto", ["toolChoice"]],
  [
    { name: "get_time" },
    { reasoning: true, thinksUnasked: false },
    { type: "function", function: { name: "get_time" } },
    [],
  ],
])(
  "tool choice %j of a model with %j is sent as %j, warnings %j",
  async (toolChoice, able, expected, warns) => {
    const { parameters, warned } = await send({ toolChoice }, { tools: TOOLS, ...card(able) });
    expect([parameters["tool_choice"], warned]).toEqual([expected, warns]);
  },
);

test("the form of the answer is as much as the card allows", async () => {
  const responseFormat = { type: "json_schema", schema: { type: "object" }, name: "place" } as const;
  const schema = await send({ responseFormat }, card({ structuredOutput: "json_schema" }));
  expect(schema.parameters["response_format"]).toEqual({
    type: "json_schema",
    json_schema: { name: "place", schema: { type: "object" } },
  });
  const json = await send({ responseFormat }, card({ structuredOutput: "json_object" }));
  expect([json.parameters["response_format"], json.warned]).toEqual([
    { type: "json_object" },
    ["responseFormat"],
  ]);
});

test("DashScope's own options are the parameters of their names; those of the other mode are warnings", async () => {
  const { parameters, warned } = await send({
    providerOptions: {
      dashscope: {
        enableSearch: true,
        searchOptions: { enable_source: true },
        repetitionPenalty: 1.1,
        vlHighResolutionImages: true,
        preserveThinking: true,
        n: 2,
        maxCompletionTokens: 5,
      },
    },
  });
  expect(parameters).toMatchObject({
    enable_search: true,
    search_options: { enable_source: true },
    repetition_penalty: 1.1,
    vl_high_resolution_images: true,
    preserve_thinking: true,
    n: 2,
  });
  expect(warned).toEqual(["providerOptions.maxCompletionTokens"]);
});

test("the extra body adds to the parameters and the input, and its fields win", async () => {
  const { body } = await send({
    temperature: 1,
    extraBody: { model: "other", input: { prompt_id: "p" }, parameters: { temperature: 0, brand_new: null } },
  });
  expect(body).toEqual({
    model: "other",
    input: { messages: [{ role: "user", content: "Hello" }], prompt_id: "p" },
    parameters: { result_format: "message", incremental_output: true, temperature: 0, brand_new: null },
  });
});
