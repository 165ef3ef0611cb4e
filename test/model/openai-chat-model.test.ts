import { expect, test } from "vitest";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import type { GenerateOptions } from "../../src/model/generate-options.ts";
import type { ModelCapabilities } from "../../src/model/model-card.ts";
import type { OpenAIChatModelInit } from "../../src/model/openai-chat-model.ts";
import type { ToolChoice, ToolInput } from "../../src/tool/tool-schema.ts";
import { serve } from "../transport/loopback.ts";
import { modelAt, SSE_HEAD, textStream } from "./openai-server.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

const TOOLS: readonly ToolInput[] = [
  {
    name: "get_weather",
    description: "The weather",
    parameters: { type: "object", properties: {} },
    strict: true,
  },
  { name: "get_time" },
];

/** The request's body that a call makes, and its answer's warnings. */
async function request(
  options: GenerateOptions = {},
  { tools = [], ...init }: Partial<OpenAIChatModelInit> & { tools?: readonly ToolInput[] } = {},
): Promise<{ body: Record<string, unknown>; warned: string[]; reply: ChatResponse }> {
  const server = await serve((response) => void response.writeHead(200, SSE_HEAD).end(textStream("Hi")));
  const reply = await modelAt(server.url, init).call("Hello", tools, options);
  const body = JSON.parse(server.requests[0]?.body ?? "") as Record<string, unknown>;
  return { body, warned: reply.warnings.map(({ option }) => option), reply };
}

function capabilities(change: ModelCapabilities): Pick<OpenAIChatModelInit, "card"> {
  return { card: { ...modelAt("http://127.0.0.1:9").card, capabilities: change } };
}

test("a call without options asks for nothing but the answer", async () => {
  const { body, warned } = await request();
  expect(body).toEqual({
    model: "gpt-test",
    messages: [{ role: "user", content: "Hello" }],
    stream: true,
    stream_options: { include_usage: true },
  });
  expect(warned).toEqual([]);
});

test("every option is the request field that it means", async () => {
  const { body } = await request({
    temperature: 0,
    topP: 0.5,
    topK: 3,
    maxTokens: 7,
    stop: ["a", "b"],
    seed: 0,
    frequencyPenalty: -1,
    presencePenalty: 1,
    logprobs: true,
    topLogprobs: 2,
    thinking: { effort: "low" },
  });
  expect(body).toMatchObject({
    temperature: 0,
    top_p: 0.5,
    top_k: 3,
    max_completion_tokens: 7,
    stop: ["a", "b"],
    seed: 0,
    frequency_penalty: -1,
    presence_penalty: 1,
    logprobs: true,
    top_logprobs: 2,
    reasoning_effort: "low",
  });
});

test("what a server does differently is a switch", async () => {
  const switches = { maxTokensField: "max_tokens", streamOptions: false } as const;
  const { body } = await request({ maxTokens: 7 }, { switches });
  expect(body).toMatchObject({ max_tokens: 7 });
  expect(body).not.toHaveProperty("stream_options");
  expect(body).not.toHaveProperty("max_completion_tokens");
});

test("an answer that is not streamed has no stream options", async () => {
  const { body } = await request({ stream: false });
  expect(body["stream"]).toBe(false);
  expect(body).not.toHaveProperty("stream_options");
});

test("tools are sent as functions", async () => {
  const { body } = await request({ parallelToolCalls: false }, { tools: TOOLS });
  expect(body).toMatchObject({
    tools: [
      {
        type: "function",
        function: {
          name: "get_weather",
          description: "The weather",
          parameters: { type: "object", properties: {} },
          strict: true,
        },
      },
      { type: "function", function: { name: "get_time" } },
    ],
    parallel_tool_calls: false,
  });
  expect(body).not.toHaveProperty("tool_choice");
});

test("without tools nothing is said of them", async () => {
  const { body } = await request({ toolChoice: "auto", parallelToolCalls: true });
  expect(Object.keys(body).filter((name) => name.includes("tool"))).toEqual([]);
});

test.each<[ToolChoice, unknown]>([
  ["auto", "auto"],
  ["none", "none"],
  ["required", "required"],
  [{ name: "get_time" }, { type: "function", function: { name: "get_time" } }],
  [
    { names: ["get_time"] },
    {
      type: "allowed_tools",
      allowed_tools: { mode: "auto", tools: [{ type: "function", function: { name: "get_time" } }] },
    },
  ],
])("tool choice %j is sent as %j", async (toolChoice, expected) => {
  const { body, warned } = await request({ toolChoice }, { tools: TOOLS });
  expect(body["tool_choice"]).toEqual(expected);
  expect(body["tools"]).toHaveLength(2);
  expect(warned).toEqual([]);
});

test("a server that cannot be made to call a tool is left the choice, with a warning", async () => {
  const switches = { toolChoice: [] };
  for (const toolChoice of ["required", { name: "get_time" }] as const) {
    const { body, warned } = await request({ toolChoice }, { tools: TOOLS, switches });
    expect([body["tool_choice"], warned]).toEqual(["auto", ["toolChoice"]]);
  }
});

test("a server that cannot be told a name is offered only that tool, which it must call", async () => {
  const { body, warned } = await request(
    { toolChoice: { name: "get_time" } },
    { tools: TOOLS, switches: { toolChoice: ["required"] } },
  );
  expect(body).toMatchObject({ tools: [{ function: { name: "get_time" } }], tool_choice: "required" });
  expect(body["tools"]).toHaveLength(1);
  expect(warned).toEqual([]);
});

test("a server that knows no allowed tools is offered only those", async () => {
  const { body, warned } = await request(
    { toolChoice: { names: ["get_time"] } },
    { tools: TOOLS, switches: { toolChoice: ["named"] } },
  );
  expect(body).toMatchObject({ tools: [{ function: { name: "get_time" } }], tool_choice: "auto" });
  expect(body["tools"]).toHaveLength(1);
  expect(warned).toEqual([]);
});

const SCHEMA = { type: "object", properties: { city: { type: "string" } } };

test("a response format is sent as the server and the model can take it", async () => {
  const format: GenerateOptions = {
    responseFormat: { type: "json_schema", schema: SCHEMA, name: "place", strict: true },
  };
  expect((await request({ responseFormat: { type: "text" } })).body["response_format"]).toEqual({
    type: "text",
  });
  expect((await request({ responseFormat: { type: "json" } })).body["response_format"]).toEqual({
    type: "json_object",
  });
  expect((await request(format)).body["response_format"]).toEqual({
    type: "json_schema",
    json_schema: {
      name: "place",
      strict: true,
      schema: {
        type: "object",
        properties: { city: { type: ["string", "null"] } },
        required: ["city"],
        additionalProperties: false,
      },
    },
  });
  const unnamed = await request({
    responseFormat: { type: "json_schema", schema: SCHEMA, description: "Where" },
  });
  expect(unnamed.body["response_format"]).toMatchObject({
    json_schema: { name: "response", description: "Where" },
  });
  const byCard = await request(format, capabilities({ structuredOutput: "json_object" }));
  expect([byCard.body["response_format"], byCard.warned]).toEqual([
    { type: "json_object" },
    ["responseFormat"],
  ]);
  const bySwitch = await request(format, { switches: { structuredOutput: "json_object" } });
  expect([bySwitch.body["response_format"], bySwitch.warned]).toEqual([
    { type: "json_object" },
    ["responseFormat"],
  ]);
  const none = await request(
    { responseFormat: { type: "json" } },
    capabilities({ structuredOutput: "none" }),
  );
  expect([none.body["response_format"], none.warned]).toEqual([undefined, ["responseFormat"]]);
});

test("a server without any JSON mode is asked for none, whatever the card says", async () => {
  for (const init of [{}, capabilities({ structuredOutput: "json_schema" })]) {
    const { body, warned } = await request(
      { responseFormat: { type: "json" } },
      { ...init, switches: { structuredOutput: "none" } },
    );
    expect([body["response_format"], warned]).toEqual([undefined, ["responseFormat"]]);
  }
});

test("a model that takes tools only without reasoning is told not to reason", async () => {
  const init = { ...capabilities({ toolsNeedEffortNone: true }), tools: TOOLS };
  expect((await request({}, init)).body["reasoning_effort"]).toBe("none");
  const asked = await request({ thinking: { effort: "high" } }, init);
  expect([asked.body["reasoning_effort"], asked.warned]).toEqual(["none", ["thinking.effort"]]);
  expect((await request({}, { ...init, tools: [] })).body).not.toHaveProperty("reasoning_effort");
});

test("instructions bear the role that the card names", async () => {
  const server = await serve((response) => void response.writeHead(200, SSE_HEAD).end(textStream("Hi")));
  const conversation = [{ role: "system", content: "Be brief." }, "Hello"] as const;
  await modelAt(server.url).call(conversation);
  await modelAt(server.url, capabilities({ systemRole: "developer" })).call(conversation);
  const roles = server.requests.map(
    ({ body }) => (JSON.parse(body) as { messages: { role: string }[] }).messages[0]?.role,
  );
  expect(roles).toEqual(["system", "developer"]);
});

test("the provider's own options are the fields of their names", async () => {
  const { body, warned } = await request({
    providerOptions: {
      openai: {
        n: 2,
        logitBias: { "50256": -100 },
        verbosity: "low",
        metadata: { run: "1" },
        store: false,
        serviceTier: "flex",
        promptCacheKey: "k",
        safetyIdentifier: "s",
        user: "u",
        prediction: "the same text",
        includeObfuscation: false,
      },
      other: { n: 9 },
    },
  });
  expect(body).toMatchObject({
    n: 2,
    logit_bias: { "50256": -100 },
    verbosity: "low",
    metadata: { run: "1" },
    store: false,
    service_tier: "flex",
    prompt_cache_key: "k",
    safety_identifier: "s",
    user: "u",
    prediction: { type: "content", content: "the same text" },
    stream_options: { include_usage: true, include_obfuscation: false },
  });
  expect(warned).toEqual([]);
});

test("an own option that does not exist is a warning, and not sent", async () => {
  const { body, warned } = await request({ providerOptions: { openai: { toString: 1, nope: 2 } as object } });
  expect(warned).toEqual(["providerOptions.toString", "providerOptions.nope"]);
  expect(Object.keys(body)).toEqual(["model", "messages", "stream", "stream_options"]);
});

test("a compatible vendor's own options stand under its own name", async () => {
  const { body } = await request(
    { providerOptions: { myvendor: { user: "mine" }, openai: { user: "not mine" } } },
    { provider: "myvendor" },
  );
  expect(body["user"]).toBe("mine");
});

test.each(["openai", "myvendor"])(
  "spoken answers of %s have the format that was asked for",
  async (provider) => {
    const audio = { id: "audio_1", data: Buffer.from("sound").toString("base64"), transcript: "Hi" };
    const server = await serve((response) => {
      const body = { choices: [{ index: 0, message: { content: null, audio }, finish_reason: "stop" }] };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    const reply = await modelAt(server.url, { provider }).call("Hello", {
      stream: false,
      providerOptions: {
        [provider]: { modalities: ["text", "audio"], audio: { format: "mp3", voice: "alloy" } },
      },
    });
    const sound = reply.content.find((block) => block.type === "data");
    expect(sound?.source.mediaType).toBe("audio/mpeg");
  },
);
