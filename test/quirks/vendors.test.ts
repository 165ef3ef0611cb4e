// What vendors of the OpenAI family do in their own way. Q numbers are the catalogue's.
import type { AddressInfo } from "node:net";
import { createServer } from "node:http";
import { expect, test } from "vitest";
import {
  AssistantMessage,
  AzureOpenAICredential,
  CerebrasCredential,
  type ChatResponse,
  DashScopeCredential,
  DeepSeekCredential,
  type GenerateOptions,
  GroqCredential,
  type HttpCredential,
  type HttpCredentialOptions,
  image,
  KimiCredential,
  type MessageInput,
  MistralCredential,
  ModelError,
  OpenAICredential,
  OpenRouterCredential,
  SystemMessage,
  TogetherCredential,
  type ToolInput,
  ToolResultMessage,
  UserMessage,
  video,
  VLLMCredential,
  XAICredential,
} from "../../src/index.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

type Vendor = new (options: HttpCredentialOptions) => HttpCredential;

interface Call {
  readonly messages?: readonly MessageInput[];
  readonly tools?: readonly ToolInput[];
  readonly options?: GenerateOptions;
  /** What the server says. @default "ok" */
  readonly deltas?: readonly object[];
  readonly status?: number;
  readonly body?: object;
}

interface Came {
  readonly sent: Record<string, unknown> & { readonly messages: readonly Record<string, unknown>[] };
  readonly response: ChatResponse | undefined;
  readonly error: ModelError | undefined;
  readonly warned: readonly string[];
}

/** One call to a vendor's model; what was sent, and what came of the vendor's answer. */
async function call(vendor: Vendor, modelName: string, call: Call = {}): Promise<Came> {
  let sent = "";
  const server = createServer((request, response) => {
    request.on("data", (chunk: Buffer) => (sent += chunk.toString()));
    request.on("end", () => {
      if (call.body !== undefined) {
        response.writeHead(call.status ?? 200, { "content-type": "application/json" });
        response.end(JSON.stringify(call.body));
        return;
      }
      response.writeHead(200, { "content-type": "text/event-stream" });
      const deltas = [...(call.deltas ?? [{ content: "ok" }]).map((delta) => ({ delta })), STOP];
      for (const choice of deltas) {
        response.write(`data: ${JSON.stringify({ id: "1", choices: [{ index: 0, ...choice }] })}\n\n`);
      }
      response.end("data: [DONE]\n\n");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const model = new vendor({ apiKey: "sk-vendors-0123456789", baseUrl }).createChatModel(modelName);
  let response: ChatResponse | undefined;
  let error: ModelError | undefined;
  try {
    response = await model.call(call.messages ?? ["Hi"], call.tools ?? [], { retry: false, ...call.options });
  } catch (reason) {
    if (!ModelError.isInstance(reason)) throw reason;
    error = reason;
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  const warned = (response?.warnings ?? []).map(({ option }) => option);
  return { sent: JSON.parse(sent || "{}") as Came["sent"], response, error, warned };
}

const STOP = { delta: {}, finish_reason: "stop" };

const LOOK_UP = { name: "look_up", parameters: { type: "object", properties: {} } };

/** A round of a tool loop, by whom it was made. */
function toolRound(from: { provider: string; model: string }, thought?: string): MessageInput[] {
  return [
    new UserMessage("What is it?"),
    new AssistantMessage(
      [
        ...(thought === undefined ? [] : [{ type: "thinking" as const, thinking: thought }]),
        { type: "tool_use", id: "call_1", name: "look_up", input: {}, rawInput: "{}" },
      ],
      from,
    ),
    new ToolResultMessage({ id: "call_1", name: "look_up" }, "42"),
  ];
}

const DEEPSEEK = { provider: "deepseek", model: "deepseek-v4-pro" };
const KIMI = { provider: "kimi", model: "kimi-k2.6" };

test("Q56 a beginning that the server repeats is taken out once, however it is cut; what is said twice stays", async () => {
  const prefill = [new UserMessage("Laugh"), new AssistantMessage("ha")];
  for (const pieces of [
    ["haha", "ha"],
    ["h", "a", "ha", "ha"],
    ["ha", "ha", "ha"],
  ]) {
    const deltas = pieces.map((content) => ({ content }));
    for (const vendor of [MistralCredential, XAICredential]) {
      const { response } = await call(vendor, "m", { messages: prefill, deltas });
      expect(response?.text).toBe("haha");
    }
  }
  const other = await call(MistralCredential, "m", { messages: prefill, deltas: [{ content: "hi" }] });
  expect(other.response?.text).toBe("hi");
  const half = await call(MistralCredential, "m", { messages: prefill, deltas: [{ content: "h" }] });
  expect(half.response?.text).toBe("h");
  const openEnded = await call(GroqCredential, "m", { messages: prefill, deltas: [{ content: "haha" }] });
  expect(openEnded.response?.text).toBe("haha");
});

test("Q76 a call that Groq could not read is an error that says what the model wrote, and worth another try", async () => {
  const failure = {
    message: "Failed to call a function.",
    type: "invalid_request_error",
    code: "tool_use_failed",
    failed_generation: '{"name": "look_up", "arguments": {"q": }}',
  };
  const { error } = await call(GroqCredential, "m", { status: 400, body: { error: failure } });
  expect(error).toMatchObject({ kind: "parse", retryable: true, code: "tool_use_failed" });
  expect(error?.message).toContain(failure.failed_generation);
});

test("Q89 DeepSeek: every answer bears reasoning_content once one called a tool, empty where there is none", async () => {
  const messages = [
    ...toolRound(DEEPSEEK, "Look it up."),
    new AssistantMessage("It is 42.", DEEPSEEK),
    new UserMessage("Sure?"),
  ];
  const { sent } = await call(DeepSeekCredential, "deepseek-v4-pro", { messages, tools: [LOOK_UP] });
  const assistants = sent.messages.filter(({ role }) => role === "assistant");
  expect(assistants.map((message) => message["reasoning_content"])).toEqual(["Look it up.", ""]);
});

test("Q89 DeepSeek: a tool loop that another provider began is filled with empty reasoning", async () => {
  const messages = toolRound({ provider: "openai", model: "gpt-4.1" });
  const { sent } = await call(DeepSeekCredential, "deepseek-v4-flash", { messages, tools: [LOOK_UP] });
  expect(sent.messages[1]).toMatchObject({ role: "assistant", reasoning_content: "" });
});

test("Q90 Kimi: reasoning stays in the history of a tool loop", async () => {
  const messages = toolRound(KIMI, "Look it up.");
  const { sent } = await call(KimiCredential, "kimi-k2.6", { messages, tools: [LOOK_UP] });
  expect(sent.messages[1]).toMatchObject({ role: "assistant", reasoning_content: "Look it up." });
});

test("Q90 Kimi: keeping all reasoning is asked for by name", async () => {
  const thinking = { type: "enabled", keep: "all" };
  const { sent, warned } = await call(KimiCredential, "kimi-k2.6", {
    options: { providerOptions: { kimi: { thinking } } },
  });
  expect(sent["thinking"]).toEqual(thinking);
  expect(warned).toEqual([]);
});

test("Kimi: an answer that is only reasoning stays behind, with a warning; DeepSeek takes it", async () => {
  const cut = (from: { provider: string; model: string }): MessageInput[] => [
    new UserMessage("What is it?"),
    new AssistantMessage([{ type: "thinking", thinking: "Let me see." }], from),
    new UserMessage("Well?"),
  ];
  const kimi = await call(KimiCredential, "kimi-k2.6", { messages: cut(KIMI) });
  expect(kimi.sent.messages.map(({ role, content }) => [role, content])).toEqual([
    ["user", "What is it?"],
    ["user", "Well?"],
  ]);
  expect(kimi.warned).toEqual(["messages"]);
  const deepseek = await call(DeepSeekCredential, "deepseek-v4-pro", { messages: cut(DEEPSEEK) });
  expect(deepseek.sent.messages[1]).toMatchObject({ role: "assistant", reasoning_content: "Let me see." });
  expect(deepseek.warned).toEqual([]);
});

test("Kimi: reasoning beside a call goes back, though there are no words", async () => {
  const { sent, warned } = await call(KimiCredential, "kimi-k3", {
    messages: toolRound({ provider: "kimi", model: "kimi-k3" }, "Look it up."),
    tools: [LOOK_UP],
  });
  expect(sent.messages[1]).toMatchObject({
    reasoning_content: "Look it up.",
    tool_calls: [{ id: "call_1" }],
  });
  expect(warned).toEqual([]);
});

test("Q92 Mistral: reasoning comes and goes as parts of the content", async () => {
  const deltas = [
    { content: [{ type: "thinking", thinking: [{ type: "text", text: "Hm." }] }] },
    { content: "4" },
  ];
  const { response } = await call(MistralCredential, "magistral-medium-latest", { deltas });
  expect([response?.thinking, response?.text]).toEqual(["Hm.", "4"]);
  const messages = [response?.toMessage() as MessageInput, "And?"];
  const { sent } = await call(MistralCredential, "magistral-medium-latest", { messages });
  expect(sent.messages[0]?.["content"]).toEqual([
    { type: "thinking", thinking: [{ type: "text", text: "Hm." }] },
    { type: "text", text: "4" },
  ]);
});

test("Q93 Groq: reasoning goes back under its own name, and only where there is some", async () => {
  const from = { provider: "groq", model: "openai/gpt-oss-20b" };
  const thought = await call(GroqCredential, from.model, { messages: toolRound(from, "Look.") });
  expect(thought.sent.messages[1]).toMatchObject({ reasoning: "Look." });
  const plain = await call(GroqCredential, from.model, { messages: toolRound(from) });
  expect(plain.sent.messages[1]).not.toHaveProperty("reasoning");
});

test("MiniMax tells errors with status 200 in base_resp", async () => {
  const body = { base_resp: { status_code: 1004, status_msg: "login fail" } };
  const { error } = await call(VLLMCredential, "m", { body });
  expect(error?.message).toContain("login fail");
});

test("Q163 Kimi: pictures are sent as bytes or as uploaded files; sampling is fixed; seed and topK are left out", async () => {
  const messages = [
    {
      role: "user" as const,
      content: [
        "What is it?",
        image(new Uint8Array([1, 2, 3]), { mediaType: "image/png" }),
        image({ fileId: "file-1" }, { mediaType: "image/png" }),
        video({ fileId: "file-2" }, { mediaType: "video/mp4" }),
      ],
    },
  ];
  const { sent, warned } = await call(KimiCredential, "kimi-k2.6", {
    messages,
    options: { temperature: 0.1, topP: 0.5, seed: 1, topK: 3, maxTokens: 7 },
  });
  expect(sent.messages[0]?.["content"]).toEqual([
    { type: "text", text: "What is it?" },
    { type: "image_url", image_url: { url: "data:image/png;base64,AQID" } },
    { type: "image_url", image_url: { url: "ms://file-1" } },
    { type: "video_url", video_url: { url: "ms://file-2" } },
  ]);
  expect(sent).toMatchObject({ max_completion_tokens: 7 });
  expect(warned.toSorted()).toEqual(["seed", "temperature", "topK", "topP"]);
  const remote = await call(KimiCredential, "kimi-k2.6", {
    messages: [{ role: "user", content: [image("https://example.com/a.png")] }],
  });
  expect(remote.error).toMatchObject({ kind: "unsupported" });
});

test("Q163 Kimi: schemas go without $schema, with a type within alternatives and tuples as prefixItems", async () => {
  const properties = {
    pair: { type: "array", items: [{ type: "string" }, { type: "number" }] },
    unit: { type: "string", anyOf: [{ enum: ["C"] }, { enum: ["F"] }] },
  };
  const schema = { $schema: "http://json-schema.org/draft-07/schema#", type: "object", properties };
  const { sent } = await call(KimiCredential, "kimi-k2.6", {
    tools: [{ name: "measure", parameters: schema }],
    options: { responseFormat: { type: "json_schema", schema } },
  });
  const [tool] = sent["tools"] as { function: { parameters: unknown } }[];
  const { json_schema: answer } = sent["response_format"] as { json_schema: { schema: unknown } };
  for (const taken of [tool?.function.parameters, answer.schema]) {
    expect(taken).not.toHaveProperty("$schema");
    expect(taken).toMatchObject({
      type: "object",
      properties: {
        pair: { type: "array", prefixItems: [{ type: "string" }, { type: "number" }] },
        unit: {
          anyOf: [
            { type: "string", enum: ["C"] },
            { type: "string", enum: ["F"] },
          ],
        },
      },
    });
    expect(taken).not.toHaveProperty("properties.unit.type");
  }
});

test("Q164 DeepSeek on Azure, which answers JSON mode in its reasoning, is sent the schema", async () => {
  const schema = { type: "object", properties: { city: { type: "string" } } };
  const { sent, warned } = await call(AzureOpenAICredential, "DeepSeek-R1", {
    options: { responseFormat: { type: "json_schema", schema } },
  });
  expect(sent["response_format"]).toMatchObject({ type: "json_schema", json_schema: { schema } });
  expect(warned).toEqual([]);
});

test("Q164 DeepSeek: no schema, no seed, no topK, each with a warning; a single text is a string", async () => {
  const responseFormat = { type: "json_schema", schema: { type: "object" } } as const;
  const { sent, warned } = await call(DeepSeekCredential, "deepseek-v4-pro", {
    messages: [new SystemMessage("Be brief."), "Hi"],
    options: { responseFormat, seed: 1, topK: 3, temperature: 0.2 },
  });
  expect(sent["response_format"]).toEqual({ type: "json_object" });
  expect(sent.messages.map(({ content }) => content)).toEqual(["Be brief.", "Hi"]);
  expect(warned.toSorted()).toEqual(["responseFormat", "seed", "temperature", "topK"]);
});

test("DeepSeek cannot be made to call a tool while it thinks", async () => {
  const tools = [LOOK_UP];
  const thinking = await call(DeepSeekCredential, "deepseek-v4-pro", {
    tools,
    options: { toolChoice: "required" },
  });
  expect([thinking.sent["tool_choice"], thinking.warned]).toEqual(["auto", ["toolChoice"]]);
  const off = await call(DeepSeekCredential, "deepseek-v4-pro", {
    tools,
    options: { toolChoice: { name: "look_up" }, thinking: { enabled: false } },
  });
  expect([off.sent["tool_choice"], off.sent["reasoning_effort"], off.warned]).toEqual([
    { type: "function", function: { name: "look_up" } },
    "none",
    [],
  ]);
});

test("Q165 xAI: stop, penalties and topK are left out of a reasoning model's request; files go by id", async () => {
  const { sent, warned } = await call(XAICredential, "grok-4.3", {
    options: { stop: ["x"], frequencyPenalty: 1, presencePenalty: 1, topK: 3, temperature: 0.5 },
  });
  expect(warned.toSorted()).toEqual(["frequencyPenalty", "presencePenalty", "stop", "topK"]);
  expect(sent).toMatchObject({ temperature: 0.5 });
  const from = (data: object): MessageInput => ({
    role: "user",
    content: [{ type: "data", source: { mediaType: "application/pdf", ...data } as never }],
  });
  const bytes = await call(XAICredential, "grok-4.3", { messages: [from({ type: "base64", data: "AQID" })] });
  expect(bytes.error).toMatchObject({ kind: "unsupported" });
  const known = await call(XAICredential, "grok-4.3", { messages: [from({ type: "file", fileId: "f-1" })] });
  expect(known.sent.messages[0]?.["content"]).toEqual([{ type: "file", file: { file_id: "f-1" } }]);
});

test("Q166 Mistral: ids of nine letters and digits, any for required, a beginning marked as such, random_seed", async () => {
  const messages = [...toolRound({ provider: "openai", model: "gpt-4.1" }), new AssistantMessage("It is")];
  const { sent } = await call(MistralCredential, "mistral-large-latest", {
    messages,
    tools: [LOOK_UP],
    options: { toolChoice: "required", seed: 7, maxTokens: 9 },
  });
  const [, assistant, result, last] = sent.messages as unknown as [
    object,
    { tool_calls: [{ id: string }] },
    { tool_call_id: string },
    object,
  ];
  expect(assistant.tool_calls[0].id).toMatch(/^[a-zA-Z0-9]{9}$/);
  expect(result.tool_call_id).toBe(assistant.tool_calls[0].id);
  expect(last).toEqual({ role: "assistant", content: "It is", prefix: true });
  expect(sent).toMatchObject({ tool_choice: "any", random_seed: 7, max_tokens: 9 });
  expect(sent).not.toHaveProperty("stream_options");
});

test("Kimi and DeepSeek mark a beginning each in their own word", async () => {
  const messages = ["Hi", new AssistantMessage("It is")];
  const kimi = await call(KimiCredential, "moonshot-v1-8k", { messages });
  expect(kimi.sent.messages[1]).toMatchObject({ partial: true });
  const deepseek = await call(DeepSeekCredential, "deepseek-v4-pro", { messages });
  expect(deepseek.sent.messages[1]).toMatchObject({ prefix: true });
});

test("OpenRouter: reasoning details go back unchanged, a mid-stream error beside a finish reason is an error", async () => {
  const detail = { type: "reasoning.text", format: "anthropic-claude-v1", index: 0 };
  const deltas = [
    { reasoning: "Check ", reasoning_details: [{ ...detail, text: "Check " }] },
    { reasoning: "both", reasoning_details: [{ ...detail, text: "both" }] },
    { reasoning_details: [{ ...detail, signature: "EqQB" }] },
    { content: "Done." },
  ];
  const { response } = await call(OpenRouterCredential, "anthropic/claude-sonnet-4.5", { deltas });
  expect(response?.thinking).toBe("Check both");
  const { sent } = await call(OpenRouterCredential, "anthropic/claude-sonnet-4.5", {
    messages: [response?.toMessage() as MessageInput, "And?"],
  });
  expect(sent.messages[0]?.["reasoning_details"]).toEqual([
    { ...detail, text: "Check both", signature: "EqQB" },
  ]);
  const body = {
    choices: [{ error: { code: 429, message: "Rate limit exceeded" }, finish_reason: "error" }],
  };
  const { error } = await call(OpenRouterCredential, "x/y", { body });
  expect(error).toMatchObject({ kind: "rate_limit", status: 429 });
});

test("OpenRouter: reasoning that comes in two places goes back once", async () => {
  const summary = { type: "reasoning.summary", summary: "Look it up.", index: 0 };
  const encrypted = { type: "reasoning.encrypted", data: "c2VjcmV0", index: 1 };
  const tool_calls = [{ index: 0, id: "c1", function: { name: "search", arguments: "{}" } }];
  const deltas = [
    { reasoning: "Look it up.", reasoning_details: [summary] },
    { tool_calls },
    { reasoning_details: [encrypted] },
  ];
  const { response } = await call(OpenRouterCredential, "openai/gpt-5.5", { deltas });
  const { sent } = await call(OpenRouterCredential, "openai/gpt-5.5", {
    messages: [response?.toMessage() as MessageInput, "And?"],
  });
  expect(sent.messages[0]?.["reasoning_details"]).toEqual([summary, encrypted]);
});

test.each<[string, Vendor, GenerateOptions["thinking"], object]>([
  ["xAI's level", XAICredential, { effort: "low" }, { reasoning_effort: "low" }],
  ["Groq off", GroqCredential, { enabled: false }, { reasoning_effort: "none" }],
  ["OpenRouter's level", OpenRouterCredential, { effort: "high" }, { reasoning: { effort: "high" } }],
  ["OpenRouter's budget", OpenRouterCredential, { budgetTokens: 100 }, { reasoning: { max_tokens: 100 } }],
  ["OpenRouter on", OpenRouterCredential, { enabled: true }, { reasoning: { enabled: true } }],
  ["Together off", TogetherCredential, { enabled: false }, { reasoning: { enabled: false } }],
  [
    "vLLM with all",
    VLLMCredential,
    { enabled: true, effort: "low", budgetTokens: 100 },
    {
      chat_template_kwargs: { enable_thinking: true },
      reasoning_effort: "low",
      thinking_token_budget: 100,
    },
  ],
])("thinking is asked for in the vendor's own form: %s", async (_name, vendor, thinking, expected) => {
  const { sent, warned } = await call(vendor, "some-model", { options: { thinking: thinking ?? {} } });
  expect(sent).toMatchObject(expected);
  expect(warned).toEqual([]);
});

test("Kimi's models with levels get the level, the others the switch", async () => {
  const k3 = await call(KimiCredential, "kimi-k3", { options: { thinking: { effort: "high" } } });
  expect([k3.sent["reasoning_effort"], k3.sent["thinking"]]).toEqual(["high", undefined]);
  const k26 = await call(KimiCredential, "kimi-k2.6", { options: { thinking: { enabled: false } } });
  expect([k26.sent["reasoning_effort"], k26.sent["thinking"]]).toEqual([undefined, { type: "disabled" }]);
});

test("OpenRouter takes a budget or a level: of both the budget is sent, with a warning", async () => {
  const { sent, warned } = await call(OpenRouterCredential, "x/y", {
    options: { thinking: { effort: "high", budgetTokens: 100 } },
  });
  expect([sent["reasoning"], warned]).toEqual([{ max_tokens: 100 }, ["thinking.effort"]]);
});

test("Q77 Cerebras: a call beside a whole JSON answer is left out, any other is not", async () => {
  const repeated = { tool_calls: [{ index: 0, id: "c1", function: { name: "look_up", arguments: "{}" } }] };
  const json: Call = { tools: [LOOK_UP], options: { responseFormat: { type: "json" } } };
  const asked = (content: string, more: Call = json): Promise<Came> =>
    call(CerebrasCredential, "zai-glm-4.7", { ...more, deltas: [{ content }, repeated] });
  const whole = (await asked('{"a":1}')).response;
  expect([whole?.text, whole?.toolCalls, whole?.finishReason]).toEqual(['{"a":1}', [], "stop"]);
  for (const { response } of [await asked("Let me look."), await asked('{"a":1}', { tools: [LOOK_UP] })])
    expect(response).toMatchObject({ toolCalls: [{ name: "look_up" }], finishReason: "tool_calls" });
});

test("Q80 Groq: a schema does not go together with tools; JSON mode does, and a schema without tools", async () => {
  const responseFormat = { type: "json_schema", schema: { type: "object", properties: {} } } as const;
  const beside = await call(GroqCredential, "openai/gpt-oss-120b", {
    tools: [LOOK_UP],
    options: { responseFormat },
  });
  expect([beside.sent["response_format"], beside.warned]).toEqual([undefined, ["responseFormat"]]);
  const alone = await call(GroqCredential, "openai/gpt-oss-120b", { options: { responseFormat } });
  expect([alone.sent["response_format"], alone.warned]).toMatchObject([{ type: "json_schema" }, []]);
  const mode = await call(GroqCredential, "openai/gpt-oss-120b", {
    tools: [LOOK_UP],
    options: { responseFormat: { type: "json" } },
  });
  expect([mode.sent["response_format"], mode.warned]).toEqual([{ type: "json_object" }, []]);
});

test("Q166 Mistral: a tool is forced by offering it alone", async () => {
  const { sent } = await call(MistralCredential, "mistral-large-latest", {
    tools: [LOOK_UP, { name: "other" }],
    options: { toolChoice: { name: "look_up" } },
  });
  expect(sent["tool_choice"]).toBe("any");
  expect(sent["tools"]).toMatchObject([{ function: { name: "look_up" } }]);
});

test.each<[string, Vendor, string, string]>([
  ["Kimi", KimiCredential, "kimi-k2.7-code", "thinking"],
  ["xAI", XAICredential, "grok-4.20-0309-reasoning", "thinking"],
  ["DashScope", DashScopeCredential, "qwq-plus", "thinking.enabled"],
])("%s: a model that always thinks is not told to stop, with a warning", async (_, vendor, name, option) => {
  const off = await call(vendor, name, { options: { thinking: { enabled: false } } });
  expect(off.warned).toEqual([option]);
  for (const field of ["thinking", "reasoning_effort", "enable_thinking"])
    expect(off.sent).not.toHaveProperty(field);
});

test("Q165 xAI: a model of one mode is told no level", async () => {
  const { sent, warned } = await call(XAICredential, "grok-4.20-0309-reasoning", {
    options: { thinking: { effort: "low" } },
  });
  expect([sent["reasoning_effort"], warned]).toEqual([undefined, ["thinking"]]);
});

test("to ask for thinking without a level is a level where not thinking is the default", async () => {
  const { sent, warned } = await call(OpenAICredential, "gpt-5.1", {
    options: { thinking: { enabled: true } },
  });
  expect([sent["reasoning_effort"], warned]).toEqual(["medium", []]);
  const before = await call(OpenAICredential, "gpt-5", { options: { thinking: { enabled: true } } });
  expect(before.sent).not.toHaveProperty("reasoning_effort");
});
