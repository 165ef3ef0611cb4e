import { expect, test } from "vitest";
import { AnthropicCredential } from "../../src/credential/anthropic.ts";
import { ModelError } from "../../src/error/model-error.ts";
import { file, image } from "../../src/message/data-blocks.ts";
import {
  AssistantMessage,
  type MessageInput,
  ToolResultMessage,
  UserMessage,
} from "../../src/message/msg.ts";
import type { AnthropicChatModel, AnthropicChatModelInit } from "../../src/model/anthropic-chat-model.ts";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import type { GenerateOptions, ThinkingOptions } from "../../src/model/generate-options.ts";
import type { ModelCapabilities } from "../../src/model/model-card.ts";
import { jsonSchema } from "../../src/tool/json-schema.ts";
import type { ToolChoice, ToolInput } from "../../src/tool/tool-schema.ts";
import { type Answer, serve } from "../transport/loopback.ts";
import {
  blockOf,
  endOf,
  event,
  modelAt,
  SSE_HEAD,
  startOf,
  textBlock,
  textStream,
} from "./anthropic-server.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

const TOOLS: readonly ToolInput[] = [
  { name: "get_weather", description: "The weather", parameters: { type: "object", properties: {} } },
  { name: "get_time" },
];

type Body = Record<string, unknown> & { readonly messages: readonly unknown[] };

interface Asked {
  readonly body: Body;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly path: string;
  readonly warned: readonly string[];
  readonly reply: ChatResponse;
}

interface Setup extends Partial<AnthropicChatModelInit> {
  readonly tools?: readonly ToolInput[];
  readonly messages?: MessageInput | readonly MessageInput[];
  /** A model of the catalogue in place of one whose card takes everything. */
  readonly known?: string;
  readonly answer?: string;
}

/** The request that a call makes, and what the answer warns of. */
async function ask(options: GenerateOptions = {}, setup: Setup = {}): Promise<Asked> {
  const { tools = [], messages = "Hello", known, answer = textStream("Hi"), ...init } = setup;
  const server = await serve((response) => void response.writeHead(200, SSE_HEAD).end(answer));
  const model =
    known === undefined
      ? modelAt(server.url, init)
      : (new AnthropicCredential({ apiKey: "sk-ant-0123456789", baseUrl: server.url }).createChatModel(
          known,
        ) as AnthropicChatModel);
  const reply = await model.call(messages, tools, options);
  const [request] = server.requests;
  return {
    body: JSON.parse(request?.body ?? "") as Body,
    headers: request?.headers ?? {},
    path: request?.url ?? "",
    warned: reply.warnings.map(({ option }) => option),
    reply,
  };
}

function capabilities(change: ModelCapabilities): Pick<AnthropicChatModelInit, "card"> {
  return { card: { ...modelAt("http://127.0.0.1:9").card, outputSize: 64_000, capabilities: change } };
}

const words = (text: string): object => ({ type: "text", text });
const call = (id: string) => ({ type: "tool_use", id, name: "get_time", input: {} }) as const;

test("a call without options asks for an answer as long as the model can make it", async () => {
  const { body, path, headers, warned } = await ask({}, { known: "claude-haiku-4-5" });
  expect(body).toEqual({
    model: "claude-haiku-4-5",
    max_tokens: 64_000,
    messages: [{ role: "user", content: [words("Hello")] }],
    stream: true,
  });
  expect(path).toBe("/v1/messages");
  expect(headers).toMatchObject({ "anthropic-version": "2023-06-01", "x-api-key": "sk-ant-0123456789" });
  expect(headers).not.toHaveProperty("anthropic-beta");
  expect(warned).toEqual([]);
});

test("where no limit is known one is sent, with a warning", async () => {
  expect(await ask()).toMatchObject({ body: { max_tokens: 32_000 }, warned: ["maxTokens"] });
  expect(await ask({ maxTokens: 7 })).toMatchObject({ body: { max_tokens: 7 }, warned: [] });
});

test("every option is the request field that it means", async () => {
  const { body, warned } = await ask({
    temperature: 0,
    topK: 3,
    maxTokens: 7,
    stop: ["a", "b"],
    stream: false,
  });
  expect(body).toMatchObject({
    temperature: 0,
    top_k: 3,
    max_tokens: 7,
    stop_sequences: ["a", "b"],
    stream: false,
  });
  expect(warned).toEqual([]);
  expect((await ask({ topP: 0.5, stop: "x" })).body).toMatchObject({ top_p: 0.5, stop_sequences: ["x"] });
});

test("what the wire lacks is a warning", async () => {
  const { body, warned } = await ask(
    { seed: 1, frequencyPenalty: 1, presencePenalty: 1, logprobs: true, topLogprobs: 2 },
    { known: "claude-haiku-4-5" },
  );
  expect(warned).toEqual(["seed", "frequencyPenalty", "presencePenalty", "logprobs", "topLogprobs"]);
  expect(Object.keys(body)).toEqual(["model", "max_tokens", "messages", "stream"]);
});

test("temperature and topP exclude each other; blanks do not end an answer", async () => {
  const { body, warned } = await ask({ temperature: 0.5, topP: 0.5, maxTokens: 9, stop: [" \n", "END"] });
  expect(body).toMatchObject({ temperature: 0.5, stop_sequences: ["END"] });
  expect(body).not.toHaveProperty("top_p");
  expect(warned).toEqual(["topP", "stop"]);
  expect((await ask({ stop: " " })).body).not.toHaveProperty("stop_sequences");
});

test("instructions are sent beside the messages", async () => {
  const { body } = await ask({}, { messages: [{ role: "system", content: "Be brief." }, "Hi"] });
  expect(body).toMatchObject({
    system: [words("Be brief.")],
    messages: [{ role: "user", content: [words("Hi")] }],
  });
  expect(body.messages).toHaveLength(1);
});

test("tools are sent with their schemas, strict ones with a schema that can be held", async () => {
  const strict: ToolInput = {
    name: "count",
    strict: true,
    parameters: { type: "object", properties: { n: { type: "integer", minimum: 1 } } },
  };
  const { body, warned } = await ask({ maxTokens: 9 }, { tools: [...TOOLS, strict] });
  expect(body["tools"]).toEqual([
    { name: "get_weather", description: "The weather", input_schema: { type: "object", properties: {} } },
    { name: "get_time", input_schema: { type: "object", properties: {} } },
    {
      name: "count",
      input_schema: {
        type: "object",
        properties: { n: { type: "integer", description: expect.stringContaining('"minimum":1') } },
        additionalProperties: false,
      },
      strict: true,
    },
  ]);
  expect(body).not.toHaveProperty("tool_choice");
  expect(warned).toEqual(["tools.count/properties/n"]);
});

test("a strict tool whose schema cannot be held is sent without, with a warning", async () => {
  const free: ToolInput = {
    name: "count",
    strict: true,
    parameters: { type: "object", additionalProperties: { type: "number" } },
  };
  const { body, warned } = await ask({ maxTokens: 9 }, { tools: [free] });
  expect(body["tools"]).toEqual([
    {
      name: "count",
      input_schema: { type: "object", additionalProperties: { type: "number" } },
      strict: false,
    },
  ]);
  expect(warned).toEqual(["tools.count"]);
});

test.each<[ToolChoice, object]>([
  ["auto", { type: "auto" }],
  ["none", { type: "none" }],
  ["required", { type: "any" }],
  [{ name: "get_time" }, { type: "tool", name: "get_time" }],
])("tool choice %j is sent as %j", async (toolChoice, expected) => {
  const { body, warned } = await ask({ toolChoice, maxTokens: 9 }, { tools: TOOLS });
  expect(body).toMatchObject({ tool_choice: expected, tools: [{}, {}] });
  expect(warned).toEqual([]);
});

test("of some tools only those are offered", async () => {
  const { body } = await ask({ toolChoice: { names: ["get_time"] } }, { tools: TOOLS });
  expect(body).toMatchObject({ tools: [{ name: "get_time" }], tool_choice: { type: "auto" } });
  expect(body["tools"]).toHaveLength(1);
});

test("one call at a time is part of the choice", async () => {
  const choice = async (options: GenerateOptions): Promise<unknown> =>
    (await ask(options, { tools: TOOLS })).body["tool_choice"];
  expect(await choice({ parallelToolCalls: false })).toEqual({
    type: "auto",
    disable_parallel_tool_use: true,
  });
  expect(await choice({ parallelToolCalls: true })).toEqual({
    type: "auto",
    disable_parallel_tool_use: false,
  });
  expect(await choice({ parallelToolCalls: false, toolChoice: "required" })).toEqual({
    type: "any",
    disable_parallel_tool_use: true,
  });
  expect(await choice({ parallelToolCalls: false, toolChoice: "none" })).toEqual({ type: "none" });
});

test("calls in the history bring their tools when none are offered, and none may be called", async () => {
  const history = ["Hi", new AssistantMessage([call("a"), call("b")]), new ToolResultMessage(call("a"), "x")];
  const { body } = await ask({}, { messages: history });
  expect(body).toMatchObject({
    tools: [{ name: "get_time", input_schema: { type: "object" } }],
    tool_choice: { type: "none" },
  });
  expect(body["tools"]).toHaveLength(1);
  expect((await ask({}, { messages: history, tools: TOOLS })).body).not.toHaveProperty("tool_choice");
});

test("thinking of a model with budgets", async () => {
  const thinking = async (
    thinking: ThinkingOptions | null,
    maxTokens?: number,
  ): Promise<[unknown, readonly string[]]> => {
    const { body, warned } = await ask(
      { thinking, ...(maxTokens !== undefined && { maxTokens }) },
      { known: "claude-haiku-4-5" },
    );
    return [body["thinking"], warned];
  };
  expect(await thinking({ enabled: true })).toEqual([{ type: "enabled", budget_tokens: 10_000 }, []]);
  expect(await thinking({ enabled: true }, 8000)).toEqual([{ type: "enabled", budget_tokens: 4000 }, []]);
  expect(await thinking({ budgetTokens: 2000 })).toEqual([{ type: "enabled", budget_tokens: 2000 }, []]);
  expect(await thinking({ budgetTokens: 9000 }, 8000)).toEqual([
    { type: "enabled", budget_tokens: 4000 },
    ["thinking.budgetTokens"],
  ]);
  expect(await thinking({ budgetTokens: 5 })).toEqual([
    { type: "enabled", budget_tokens: 1024 },
    ["thinking.budgetTokens"],
  ]);
  expect(await thinking({ enabled: true }, 1024)).toEqual([undefined, ["thinking"]]);
  expect(await thinking({ enabled: true }, 1025)).toEqual([{ type: "enabled", budget_tokens: 1024 }, []]);
  expect(await thinking({ enabled: false })).toEqual([{ type: "disabled" }, []]);
});

test("thinking of a model that decides itself", async () => {
  const sent = async (known: string, thinking: ThinkingOptions | null): Promise<unknown[]> => {
    const { body, warned } = await ask({ thinking }, { known });
    return [body["thinking"], body["output_config"], warned];
  };
  const adaptive = { type: "adaptive" };
  expect(await sent("claude-opus-4-8", { effort: "xhigh" })).toEqual([adaptive, { effort: "xhigh" }, []]);
  expect(await sent("claude-opus-4-8", { enabled: true })).toEqual([adaptive, undefined, []]);
  expect(await sent("claude-opus-4-8", { effort: "none" })).toEqual([{ type: "disabled" }, undefined, []]);
  expect(await sent("claude-opus-4-8", { enabled: false })).toEqual([{ type: "disabled" }, undefined, []]);
  expect(await sent("claude-opus-4-8", { budgetTokens: 5000 })).toEqual([
    adaptive,
    undefined,
    ["thinking.budgetTokens"],
  ]);
  expect(await sent("claude-sonnet-4-6", { budgetTokens: 5000, effort: "max" })).toEqual([
    { type: "enabled", budget_tokens: 5000 },
    { effort: "max" },
    [],
  ]);
  expect(await sent("claude-opus-4-5", { effort: "low" })).toEqual([
    { type: "enabled", budget_tokens: 10_000 },
    { effort: "low" },
    [],
  ]);
  expect(await sent("claude-opus-4-8", { enabled: false, effort: "low" })).toEqual([
    { type: "disabled" },
    { effort: "low" },
    [],
  ]);
  expect(await sent("claude-opus-4-8", { enabled: false, effort: "max" })).toEqual([
    { type: "disabled" },
    { effort: "high" },
    ["thinking.effort"],
  ]);
  expect(await sent("claude-fable-5", { enabled: false, effort: "max" })).toEqual([
    adaptive,
    { effort: "max" },
    ["thinking.enabled"],
  ]);
  expect(await sent("claude-fable-5", { enabled: false })).toEqual([
    adaptive,
    { effort: "low" },
    ["thinking.effort"],
  ]);
});

test("a model nobody knows is not sent a level that the wire lacks", async () => {
  const { body, warned } = await ask({ thinking: { effort: "minimal" }, maxTokens: 4000 });
  expect(body).toMatchObject({
    thinking: { type: "enabled", budget_tokens: 2000 },
    output_config: { effort: "low" },
  });
  expect(warned).toEqual(["thinking.effort"]);
});

test("a thinking model samples as it likes", async () => {
  const { body, warned } = await ask(
    { thinking: { enabled: true }, temperature: 0.5, topP: 0.5, topK: 3 },
    { known: "claude-haiku-4-5" },
  );
  for (const field of ["temperature", "top_p", "top_k"]) expect(body).not.toHaveProperty(field);
  expect(warned).toEqual(["temperature", "topP", "topK"]);
  const fits = await ask(
    { thinking: { enabled: true }, temperature: 1, topP: 0.95 },
    { known: "claude-haiku-4-5" },
  );
  expect([fits.body["temperature"], fits.body["top_p"], fits.warned]).toEqual([1, 0.95, []]);
});

test("a call cannot be forced while the model thinks by a budget, or always", async () => {
  const forced = async (known: string, thinking: ThinkingOptions | null): Promise<unknown[]> => {
    const { body, warned } = await ask({ toolChoice: "required", thinking }, { tools: TOOLS, known });
    return [body["tool_choice"], warned];
  };
  expect(await forced("claude-haiku-4-5", { enabled: true })).toEqual([{ type: "auto" }, ["toolChoice"]]);
  expect(await forced("claude-haiku-4-5", null)).toEqual([{ type: "any" }, []]);
  expect(await forced("claude-opus-4-8", { effort: "high" })).toEqual([{ type: "any" }, []]);
  expect(await forced("claude-fable-5", null)).toEqual([{ type: "auto" }, ["toolChoice"]]);
});

test("a budget cannot begin in the middle of a tool loop that was entered without thinking", async () => {
  const thought = (signature: string): object => ({
    type: "thinking",
    thinking: "hm",
    providerMetadata: { anthropic: { signature } },
  });
  const loop = (from: object, ...before: object[]): MessageInput[] => [
    "Hi",
    new AssistantMessage([...before, call("a")] as never, from),
    new ToolResultMessage(call("a"), "x"),
  ];
  const own = { provider: "anthropic", model: "claude-haiku-4-5" };
  const sent = async (messages: MessageInput[]): Promise<unknown[]> => {
    const { body, warned } = await ask(
      { thinking: { enabled: true } },
      { known: "claude-haiku-4-5", tools: TOOLS, messages },
    );
    return [(body["thinking"] as { type?: string } | undefined)?.type, warned];
  };
  expect(await sent(loop({ provider: "openai" }, thought("s")))).toEqual([undefined, ["thinking"]]);
  expect(await sent(loop(own, thought("s")))).toEqual(["enabled", []]);
  expect(await sent([...loop({ provider: "openai" }), new AssistantMessage("done"), "And?"])).toEqual([
    "enabled",
    [],
  ]);
});

const SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  properties: {
    age: { type: "integer", minimum: 0, description: "In years." },
    at: { type: "string", format: "date-time" },
    how: { oneOf: [{ type: "string" }, { type: "null" }] },
  },
  required: ["age"],
};

test("a schema is sent as the provider can hold a model to it, and the rest is told", async () => {
  const { body, warned } = await ask(
    { responseFormat: { type: "json_schema", schema: SCHEMA, name: "person", description: "A person." } },
    { known: "claude-opus-4-8" },
  );
  expect(body["output_config"]).toEqual({
    format: {
      type: "json_schema",
      schema: {
        description: "A person.",
        type: "object",
        properties: {
          age: { type: "integer", description: expect.stringMatching(/^In years\. .*"minimum":0/) },
          at: { type: "string", format: "date-time" },
          how: { anyOf: [{ type: "string" }, { type: "null" }] },
        },
        required: ["age"],
        additionalProperties: false,
      },
    },
  });
  expect(warned).toEqual(["responseFormat/properties/age"]);
});

/** A node with nodes of its own kind: Anthropic holds no answer to it. */
const TREE = {
  type: "object",
  properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#" } } },
  required: ["name", "children"],
};

test("a schema that the provider cannot say is a warning and the answer is free, or else nothing is sent", async () => {
  for (const schema of [{ type: "array", items: { type: "string" } }, TREE]) {
    const asked = { known: "claude-opus-4-8" };
    const { body, warned } = await ask({ responseFormat: { type: "json_schema", schema } }, asked);
    expect(body).not.toHaveProperty("output_config");
    expect(warned).toEqual(["responseFormat"]);
    await expect(
      ask({ responseFormat: { type: "json_schema", schema, orFail: true } }, asked),
    ).rejects.toMatchObject({ kind: "unsupported", message: expect.stringContaining("cannot be said") });
  }
});

test("a value whose schema the provider cannot say is asked for by a tool at once", async () => {
  const leaf = { name: "root", children: [] };
  const call = [
    startOf(),
    ...blockOf(
      0,
      { type: "tool_use", id: "toolu_1", name: "answer", input: {} },
      { type: "input_json_delta", partial_json: JSON.stringify(leaf) },
    ),
    ...endOf("tool_use"),
  ];
  const server = await serve(
    (response) => void response.writeHead(200, SSE_HEAD).end(call.map(event).join("")),
  );
  const credential = new AnthropicCredential({ apiKey: "sk-ant-0123456789", baseUrl: server.url });
  const result = await credential
    .createChatModel("claude-opus-4-8")
    .structured("A tree.", jsonSchema<typeof leaf>(TREE));
  expect(result.value).toEqual(leaf);
  expect(result.attempts.map(({ mode, outcome }) => [mode, outcome])).toEqual([
    ["native", "refused"],
    ["tool_forced", "ok"],
  ]);
  expect(server.requests).toHaveLength(1);
});

test("a form of the answer and an effort share their field", async () => {
  const { $schema: _draft, ...schema } = SCHEMA;
  const { body } = await ask(
    { thinking: { effort: "low" }, responseFormat: { type: "json_schema", schema } },
    { known: "claude-opus-4-8" },
  );
  expect(body["output_config"]).toMatchObject({ effort: "low", format: { type: "json_schema" } });
});

test("JSON without a schema is begun for models that take it, and the answer has its brace", async () => {
  const answer = textStream('"a": ', "1}");
  const { body, warned, reply } = await ask(
    { responseFormat: { type: "json" } },
    { known: "claude-haiku-4-5", answer },
  );
  expect(body.messages.at(-1)).toEqual({ role: "assistant", content: [words("{")] });
  expect([warned, JSON.parse(reply.text)]).toEqual([[], { a: 1 }]);
  const older = await ask(
    { responseFormat: { type: "json_schema", schema: SCHEMA } },
    { known: "claude-sonnet-4-0", answer },
  );
  expect(older.body).not.toHaveProperty("output_config");
  expect([older.warned, JSON.parse(older.reply.text)]).toEqual([["responseFormat"], { a: 1 }]);
});

test("JSON without a schema is a warning where an answer cannot be begun", async () => {
  const json: GenerateOptions = { responseFormat: { type: "json" } };
  for (const [options, setup] of [
    [json, { known: "claude-opus-4-8" }],
    [json, { known: "claude-haiku-4-5", tools: TOOLS }],
    [{ ...json, thinking: { enabled: true } }, { known: "claude-haiku-4-5" }],
    [json, { known: "claude-haiku-4-5", messages: ["Hi", new AssistantMessage("So")] }],
    [json, capabilities({})],
  ] as const) {
    const { body, warned } = await ask(options, setup);
    expect(warned).toEqual(["responseFormat"]);
    expect(JSON.stringify(body.messages)).not.toContain('"{"');
  }
  expect((await ask({ responseFormat: { type: "text" } }, capabilities({}))).warned).toEqual([]);
});

test("an answer that is begun goes to models that go on with it; the others are asked to continue", async () => {
  const messages = ["Hi", new AssistantMessage("Sure: ")];
  const old = await ask({}, { known: "claude-haiku-4-5", messages });
  expect([old.body.messages.at(-1), old.warned]).toEqual([
    { role: "assistant", content: [words("Sure:")] },
    [],
  ]);
  for (const [options, known] of [
    [{}, "claude-opus-4-8"],
    [{ thinking: { enabled: true } }, "claude-haiku-4-5"],
  ] as const) {
    const { body, warned } = await ask(options, { known, messages });
    expect([body.messages.at(-1), warned]).toEqual([
      { role: "user", content: [words("Continue.")] },
      ["messages"],
    ]);
  }
});

test("a turn that was paused goes back unchanged", async () => {
  const block = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} };
  const search = { type: "thinking", thinking: "", providerMetadata: { anthropic: { block } } } as const;
  const from = { provider: "anthropic", model: "claude-opus-4-8" };
  const { body, warned } = await ask(
    {},
    { known: "claude-opus-4-8", messages: ["Hi", new AssistantMessage(["Searching.", search], from)] },
  );
  expect(body.messages.at(-1)).toEqual({ role: "assistant", content: [words("Searching."), block] });
  expect(warned).toEqual([]);
});

const MARKER = { type: "ephemeral" };

test("the portable option marks tools, instructions and the last message", async () => {
  const messages: MessageInput[] = [
    { role: "system", content: ["a", "b"] },
    "Hi",
    new AssistantMessage("Yes"),
    "Go",
  ];
  const { body, warned } = await ask({ cacheControl: true, maxTokens: 9 }, { tools: TOOLS, messages });
  expect(body).toMatchObject({
    tools: [{ name: "get_weather" }, { name: "get_time", cache_control: MARKER }],
    system: [words("a"), { ...words("b"), cache_control: MARKER }],
    messages: [
      { content: [words("Hi")] },
      { content: [words("Yes")] },
      { content: [{ ...words("Go"), cache_control: MARKER }] },
    ],
  });
  expect(JSON.stringify(body).match(/cache_control/g)).toHaveLength(3);
  expect(warned).toEqual([]);
  const some = await ask(
    { cacheControl: { system: true, ttl: "1h" }, maxTokens: 9 },
    { tools: TOOLS, messages },
  );
  expect(some.body["system"]).toEqual([
    words("a"),
    { ...words("b"), cache_control: { type: "ephemeral", ttl: "1h" } },
  ]);
  expect(JSON.stringify(some.body).match(/cache_control/g)).toHaveLength(1);
  expect(JSON.stringify((await ask({ cacheControl: false })).body)).not.toContain("cache_control");
});

test("of more than four breakpoints the last stay, with a warning", async () => {
  const marked = (text: string): MessageInput =>
    new UserMessage([{ type: "text", text, providerMetadata: { anthropic: { cacheControl: true } } }]);
  const messages = [{ role: "system", content: "s" } as const, marked("a"), marked("b"), "c"];
  const { body, warned } = await ask({ cacheControl: true, maxTokens: 9 }, { tools: TOOLS, messages });
  expect(JSON.stringify(body).match(/cache_control/g)).toHaveLength(4);
  expect(JSON.stringify(body["tools"])).not.toContain("cache_control");
  expect(warned).toEqual(["cacheControl"]);
  const own = await ask(
    { cacheControl: true, maxTokens: 9, providerOptions: { anthropic: { cacheControl: { ttl: "1h" } } } },
    { tools: TOOLS, messages },
  );
  expect(own.body["cache_control"]).toEqual({ type: "ephemeral", ttl: "1h" });
  expect(JSON.stringify(own.body).match(/cache_control/g)).toHaveLength(4);
  expect(own.body["system"]).toEqual([words("s")]);
});

test("thinking bears no breakpoint", async () => {
  const thought = {
    type: "thinking",
    thinking: "hm",
    providerMetadata: { anthropic: { signature: "s" } },
  } as const;
  const messages = [
    "Hi",
    new AssistantMessage(["So", thought], { provider: "anthropic", model: "claude-test" }),
  ];
  const { body } = await ask({ cacheControl: { lastMessage: true }, maxTokens: 9 }, { messages });
  expect(body.messages.at(-1)).toMatchObject({
    content: [
      { ...words("So"), cache_control: MARKER },
      { type: "thinking", signature: "s" },
    ],
  });
});

test("the provider's own options are the fields of their names", async () => {
  const search = { type: "web_search_20250305", name: "web_search", max_uses: 2 };
  const { body, headers, warned } = await ask(
    {
      maxTokens: 9000,
      thinking: { budgetTokens: 2000 },
      providerOptions: {
        anthropic: {
          betas: ["context-management-2025-06-27", "mcp-client-2025-11-20"],
          serverTools: [search],
          thinkingDisplay: "omitted",
          eagerInputStreaming: true,
          userId: "u-1",
          serviceTier: "standard_only",
          speed: "fast",
          inferenceGeo: "us",
          container: "container_1",
          contextManagement: { edits: [] },
          mcpServers: [{ type: "url" }],
          userProfileId: "p",
          workspaceId: "w",
          diagnostics: { previous_message_id: null },
          compaction: { type: "summarize" },
          fallbacks: "default",
        },
        openai: { user: "not mine" },
      },
    },
    { tools: [{ name: "get_time" }] },
  );
  expect(body).toMatchObject({
    tools: [{ name: "get_time", eager_input_streaming: true }, search],
    thinking: { type: "enabled", budget_tokens: 2000, display: "omitted" },
    metadata: { user_id: "u-1" },
    service_tier: "standard_only",
    speed: "fast",
    inference_geo: "us",
    container: "container_1",
    context_management: { edits: [] },
    mcp_servers: [{ type: "url" }],
    user_profile_id: "p",
    workspace_id: "w",
    diagnostics: { previous_message_id: null },
    compaction: { type: "summarize" },
    fallbacks: "default",
  });
  expect(headers["anthropic-beta"]).toBe("context-management-2025-06-27,mcp-client-2025-11-20");
  expect(warned).toEqual([]);
});

test("what is added to the answer's configuration leaves the rest of it; other fields are replaced", async () => {
  const task = { type: "tokens", total: 9000 };
  const { body } = await ask(
    {
      thinking: { effort: "low" },
      extraBody: { output_config: { task_budget: task }, thinking: { type: "between_tools" } },
    },
    { known: "claude-opus-4-8" },
  );
  expect(body).toMatchObject({ thinking: { type: "between_tools" } });
  expect(body["output_config"]).toEqual({ effort: "low", task_budget: task });
});

test("what only this wire says of a tool stands by its name", async () => {
  const toolOptions = {
    get_time: {
      deferLoading: true,
      allowedCallers: ["code_execution_20260120" as const],
      inputExamples: [{ zone: "UTC" }],
      eagerInputStreaming: false,
    },
    not_offered: { deferLoading: true },
  };
  const { body, warned } = await ask(
    { maxTokens: 9, providerOptions: { anthropic: { eagerInputStreaming: true, toolOptions } } },
    { tools: TOOLS },
  );
  expect(body["tools"]).toEqual([
    expect.objectContaining({ name: "get_weather", eager_input_streaming: true }),
    {
      name: "get_time",
      input_schema: expect.anything() as unknown,
      eager_input_streaming: false,
      defer_loading: true,
      allowed_callers: ["code_execution_20260120"],
      input_examples: [{ zone: "UTC" }],
    },
  ]);
  expect(JSON.stringify(body["tools"])).not.toContain("deferLoading");
  expect(warned).toEqual([]);
});

test("the provider's tools are offered alone, too; an own option that does not exist is a warning", async () => {
  const search = { type: "web_search_20250305", name: "web_search" };
  const { body, warned } = await ask({
    maxTokens: 9,
    providerOptions: { anthropic: { serverTools: [search], toString: 1, nope: 2 } as object },
  });
  expect(body["tools"]).toEqual([search]);
  expect(warned).toEqual(["providerOptions.toString", "providerOptions.nope"]);
});

test("a file's id brings its beta, in a tool's result too", async () => {
  const betas = { anthropic: { betas: ["b", "files-api-2025-04-14"] } };
  const picture = image({ fileId: "file_1" });
  const told = await ask({ providerOptions: betas }, { messages: new UserMessage([file({ fileId: "f" })]) });
  expect(told.headers["anthropic-beta"]).toBe("b,files-api-2025-04-14");
  const shown = await ask(
    {},
    { messages: ["Hi", new AssistantMessage([call("a")]), new ToolResultMessage(call("a"), [picture])] },
  );
  expect(shown.headers["anthropic-beta"]).toBe("files-api-2025-04-14");
});

const error = (type: string, message: string, details: unknown = null): object => ({
  type: "error",
  error: { type, message, details },
  request_id: "req_1",
});

const answered =
  (status: number, body: object): Answer =>
  (response) =>
    void response
      .writeHead(status, { "content-type": "application/json", "request-id": "req_1" })
      .end(JSON.stringify(body));

test.each<[number, object, object]>([
  [400, error("invalid_request_error", "messages: bad"), { kind: "invalid_request", retryable: false }],
  [
    400,
    error("invalid_request_error", "prompt is too long: 213462 tokens > 200000 maximum"),
    { kind: "context_length" },
  ],
  [
    400,
    error("invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
    { kind: "quota", retryable: false },
  ],
  [401, error("authentication_error", "invalid x-api-key"), { kind: "authentication" }],
  [402, error("billing_error", "pay"), { kind: "quota" }],
  [403, error("permission_error", "no"), { kind: "permission" }],
  [404, error("not_found_error", "model: claude-x"), { kind: "not_found" }],
  [413, error("request_too_large", "too large"), { kind: "invalid_request" }],
  [429, error("rate_limit_error", "slow down"), { kind: "rate_limit", retryable: true }],
  [
    429,
    error("rate_limit_error", "limit", { error_code: "enforced_spend_limit_reached" }),
    { kind: "quota", code: "enforced_spend_limit_reached" },
  ],
  [500, error("api_error", "oops"), { kind: "server", retryable: true }],
  [504, error("timeout_error", "late"), { kind: "timeout" }],
  [529, error("overloaded_error", "Overloaded"), { kind: "overloaded", retryable: true, status: 529 }],
])("an answer %i %j is an error of its kind", async (status, body, expected) => {
  const server = await serve(answered(status, body));
  const failure: unknown = await modelAt(server.url, { options: { retry: false } })
    .call("Hi")
    .catch((reason: unknown) => reason);
  expect(failure).toMatchObject({ provider: "anthropic", requestId: "req_1", ...expected });
});

test("an overload in the stream before any content is tried again, after it it is an error with the beginning", async () => {
  const overload = event(error("overloaded_error", "Overloaded") as { type: string });
  let count = 0;
  const early = await serve((response) => {
    count += 1;
    response.writeHead(200, SSE_HEAD).end(count === 1 ? event(startOf()) + overload : textStream("Hi"));
  });
  expect((await modelAt(early.url, { options: { retry: { baseDelayMs: 1 } } }).call("Hello")).text).toBe(
    "Hi",
  );
  expect(count).toBe(2);
  const late = await serve((response) => {
    const begun = [startOf(), ...textBlock(0, "Once ").slice(0, 2)].map(event).join("");
    response.writeHead(200, SSE_HEAD).end(begun + overload);
  });
  const failure: unknown = await modelAt(late.url)
    .call("Hello")
    .catch((reason: unknown) => reason);
  if (!ModelError.isInstance(failure)) throw new Error("No ModelError.");
  expect(failure).toMatchObject({ kind: "overloaded", partial: { text: "Once ", interrupted: true } });
  expect(late.requests).toHaveLength(1);
});

test("a stream that ends before its answer does is cut, one without a stop reason too", async () => {
  const events = [startOf(), ...textBlock(0, "Once ")];
  for (const body of [
    events,
    [...events, { type: "message_delta", delta: {}, usage: { output_tokens: 2 } }],
  ]) {
    const server = await serve(
      (response) => void response.writeHead(200, SSE_HEAD).end(body.map(event).join("")),
    );
    const failure: unknown = await modelAt(server.url)
      .call("Hi")
      .catch((reason: unknown) => reason);
    expect(failure).toMatchObject({ kind: "truncated", partial: { text: "Once " } });
  }
});

test("the allowances of the account are in the metadata", async () => {
  const server = await serve((response) => {
    const limits = {
      "anthropic-ratelimit-input-tokens-remaining": "900",
      "anthropic-priority-input-tokens-limit": "50",
      "request-id": "req_9",
    };
    response.writeHead(200, { ...SSE_HEAD, ...limits }).end(textStream("Hi"));
  });
  const { metadata } = await modelAt(server.url).call("Hello");
  expect(metadata).toMatchObject({
    requestId: "req_9",
    rateLimits: [
      { name: "input-tokens", remaining: 900 },
      { name: "priority-input-tokens", limit: 50 },
    ],
  });
});

test("an answer in one piece is the same answer", async () => {
  const whole = {
    ...(startOf() as unknown as { message: object }).message,
    content: [{ type: "text", text: "Hi" }],
    stop_reason: "end_turn",
    usage: { input_tokens: 12, output_tokens: 5 },
  };
  const server = await serve(answered(200, whole));
  const reply = await modelAt(server.url).call("Hello", { stream: false });
  expect(reply).toMatchObject({
    id: "msg_1",
    text: "Hi",
    finishReason: "stop",
    usage: { inputTokens: 12, outputTokens: 5, totalTokens: 17 },
  });
});

test("a beginning and an end, and nothing between, is an empty answer", async () => {
  const answer = [startOf(), ...endOf("end_turn")].map(event).join("");
  expect((await ask({}, { answer })).reply).toMatchObject({ content: [], finishReason: "stop" });
});
