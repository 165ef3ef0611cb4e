import { afterEach, beforeEach, expect, test } from "vitest";
import {
  AnthropicCredential,
  AnthropicTokenCounter,
  AnthropicChatFormatter,
  AssistantMessage,
  AzureOpenAICredential,
  CharTokenCounter,
  GeminiCredential,
  GeminiTokenCounter,
  image,
  ModelRegistry,
  type Msg,
  OpenAIChatModel,
  OpenAICredential,
  OpenAIMultiAgentFormatter,
  OpenAITokenCounter,
  SystemMessage,
  ToolResultMessage,
  UserMessage,
} from "rxscope";
import { type Emulator, type JournalEntry, ScriptedChatModel, startEmulator } from "rxscope/testing";
import { DONE, modelAt, SSE_HEAD, textEvent } from "./openai-server.ts";
import { serve } from "../transport/loopback.ts";

let emulator: Emulator;

beforeEach(async () => {
  emulator = await startEmulator();
});

afterEach(async () => {
  await emulator.close();
});

const claude = (options: ConstructorParameters<typeof AnthropicCredential>[0] = {}): AnthropicCredential =>
  new AnthropicCredential({ apiKey: "sk-ant-test", baseUrl: emulator.baseUrl("anthropic"), ...options });

const weather = { name: "get_weather", description: "The weather of a city, now." };
const call = { type: "tool_use", id: "toolu_1", name: "get_weather", input: { city: "Paris" } } as const;
const history = [
  new SystemMessage("Be brief."),
  new UserMessage(["How is the weather?", image(new Uint8Array([1]), { mediaType: "image/png" })]),
  new AssistantMessage([call]),
  new ToolResultMessage(call, "21 degrees"),
];

test("a model counts what its formatter makes of the messages, and asks nobody", async () => {
  const credential = new OpenAICredential({ apiKey: "sk-test", baseUrl: emulator.baseUrl() });
  const talk = [
    new UserMessage("Hi Bob.", { name: "Ann" }),
    new AssistantMessage("Hi Ann.", { name: "Bob" }),
  ];
  const plain = await credential.createChatModel("gpt-4o").countTokens(talk);
  const several = await credential
    .createChatModel("gpt-4o", { formatter: new OpenAIMultiAgentFormatter() })
    .countTokens(talk);
  const counter = new OpenAITokenCounter("gpt-4o");
  expect(plain).toEqual(await counter.count(talk));
  expect(several.tokens).toBeGreaterThan(plain.tokens + 15);
  expect(emulator.journal).toEqual([]);
});

test("the card decides what counts: tiktoken for OpenAI's models wherever they are, characters for the others", async () => {
  const methodOf = async (provider: string, modelName: string): Promise<string> =>
    (
      await new OpenAIChatModel({
        provider,
        modelName,
        endpoint: { baseUrl: "http://127.0.0.1:9", headers: () => ({}) },
      }).countTokens("Hi")
    ).method;
  expect(await methodOf("openai", "gpt-4-turbo")).toBe("tiktoken cl100k_base");
  expect(await methodOf("openai", "a-model-of-tomorrow")).toBe("tiktoken o200k_base");
  expect(await methodOf("openrouter", "openai/gpt-4o")).toBe("tiktoken o200k_base");
  expect(await methodOf("groq", "openai/gpt-oss-20b")).toBe("tiktoken o200k_harmony");
  expect(await methodOf("deepseek", "deepseek-chat")).toBe("estimate by characters");
  const azure = new AzureOpenAICredential({
    apiKey: "test",
    baseUrl: "https://example.openai.azure.com",
    deployments: { mine: "gpt-4" },
  });
  expect((await azure.createChatModel("mine").countTokens("Hi")).method).toBe("tiktoken cl100k_base");
});

test("a counter of one's own takes the place of the card's, from the registry too", async () => {
  const tokenCounter = new CharTokenCounter({ charsPerToken: 1 });
  const model = ModelRegistry.create("openai:gpt-4o", { apiKey: "sk-test", tokenCounter });
  expect(model.tokenCounter).toBe(tokenCounter);
  expect((await model.countTokens("Hi")).method).toBe("estimate by characters");
});

test("a model with middleware counts as the model inside, and one without a wire by its messages", async () => {
  const model = modelAt("http://127.0.0.1:9");
  const around = model.with((call, next) => next(call));
  expect(around.tokenCounter).toBe(model.tokenCounter);
  expect(await around.countTokens(history)).toEqual(await model.countTokens(history));
  const scripted = new ScriptedChatModel("Hi");
  expect(await scripted.countTokens("Hello there.")).toMatchObject({ exact: false });
});

test("Anthropic is asked about the request that a call would send, and about nothing that only a call has", async () => {
  const model = claude().createChatModel("claude-sonnet-4-5", {
    options: { temperature: 0.5, maxTokens: 500, stop: "END" },
  });
  expect(await model.countTokens(history, [weather])).toEqual({
    tokens: expect.any(Number),
    exact: false,
    method: "Anthropic count_tokens",
  });
  await model.call(history, [weather]);
  const [asked, called] = emulator.journal as [JournalEntry, JournalEntry];
  expect(asked.path).toMatch(/\/v1\/messages\/count_tokens$/);
  expect(asked?.headers).toMatchObject({
    "x-api-key": expect.any(String),
    "anthropic-version": expect.any(String),
  });
  const { max_tokens, temperature, stop_sequences, stream, ...rest } = called.body as Record<string, unknown>;
  expect([max_tokens, temperature, stop_sequences, stream]).toEqual([500, 0.5, ["END"], true]);
  expect(asked.body).toEqual(rest);
});

test("thinking, betas and fields of one's own are part of the question", async () => {
  const model = claude().createChatModel("claude-sonnet-4-5", {
    options: {
      thinking: { enabled: true, budgetTokens: 2048 },
      extraHeaders: { "x-own": "1" },
      providerOptions: { anthropic: { betas: ["context-1m-2025-08-07"] } },
    },
  });
  await model.countTokens("Hi");
  expect(emulator.journal[0]).toMatchObject({
    body: { thinking: { type: "enabled", budget_tokens: 2048 } },
    headers: { "x-own": "1", "anthropic-beta": "context-1m-2025-08-07" },
  });
});

test("Anthropic's counter serves its formatter: a long history is asked about a few times", async () => {
  const model = claude().createChatModel("claude-sonnet-4-5");
  const tokenCounter = model.tokenCounter;
  expect(tokenCounter).toBeInstanceOf(AnthropicTokenCounter);
  const messages: Msg[] = Array.from({ length: 60 }, (_, index) =>
    index % 2 === 0
      ? new UserMessage(`${index} ${"word ".repeat(30)}`)
      : new AssistantMessage(`${index} ${"word ".repeat(30)}`),
  );
  const { tokens } = await tokenCounter.count(messages);
  emulator.reset();
  const formatter = new AnthropicChatFormatter({ tokenCounter, maxTokens: Math.floor(tokens / 3) });
  const reply = await claude().createChatModel("claude-sonnet-4-5", { formatter }).call(messages);
  expect(reply.warnings[0]?.reason).toContain("messages were left out");
  const questions = emulator.journal.filter(({ path }) => path.endsWith("/count_tokens"));
  expect(questions.length).toBeGreaterThan(1);
  expect(questions.length).toBeLessThanOrEqual(8);
});

test("a question that is refused is the error that a call would give", async () => {
  const model = claude({ apiKey: "sk-ant-wrong" }).createChatModel("claude-sonnet-4-5");
  const server = await serve(
    (response) =>
      void response
        .writeHead(429, { "content-type": "application/json", "retry-after": "3" })
        .end(JSON.stringify({ type: "error", error: { type: "rate_limit_error", message: "Too many." } })),
  );
  const limited = claude({ baseUrl: server.url }).createChatModel("claude-sonnet-4-5");
  await expect(limited.countTokens("Hi")).rejects.toMatchObject({
    kind: "rate_limit",
    retryAfterMs: 3000,
    status: 429,
  });
  const odd = await serve((response) => void response.end("[]"));
  await expect(
    claude({ baseUrl: odd.url }).createChatModel("claude-sonnet-4-5").countTokens("Hi"),
  ).rejects.toMatchObject({
    kind: "parse",
    message: expect.stringContaining("without a count"),
  });
  expect(model.provider).toBe("anthropic");
});

test("a signal ends the question and closes its connection", async () => {
  const server = await serve(() => undefined);
  const stop = new AbortController();
  const counting = claude({ baseUrl: server.url })
    .createChatModel("claude-sonnet-4-5")
    .countTokens("Hi", [], { signal: stop.signal });
  setTimeout(() => stop.abort(), 20);
  await expect(counting).rejects.toMatchObject({ kind: "aborted" });
  await expect(
    claude().createChatModel("claude-sonnet-4-5").countTokens("Hi", [], { signal: AbortSignal.abort() }),
  ).rejects.toMatchObject({ kind: "aborted" });
});

test("a history that its formatter cut says so on the response, and counts as it is sent", async () => {
  const server = await serve(
    (response) => void response.writeHead(200, SSE_HEAD).end(textEvent("Hi") + DONE),
  );
  const formatter = new OpenAIMultiAgentFormatter({
    tokenCounter: new OpenAITokenCounter("gpt-4o"),
    maxTokens: 100,
  });
  const model = modelAt(server.url, { formatter });
  const messages = [new UserMessage("word ".repeat(200)), new UserMessage("And now?")];
  expect((await model.countTokens(messages)).tokens).toBeLessThanOrEqual(100);
  const reply = await model
    .call(messages)
    .catch((error: { partial?: { warnings: unknown } }) => error.partial);
  const { warnings } = reply as { warnings: readonly { reason: string }[] };
  expect(warnings[0]?.reason).toContain("its oldest 1 messages were left out");
  expect(server.requests[0]?.body).not.toContain("word word");
});

test("Gemini is asked about the whole request of a call, instructions and tools included", async () => {
  const model = new GeminiCredential({
    apiKey: "test-key",
    baseUrl: emulator.baseUrl("gemini"),
  }).createChatModel("gemini-2.5-flash", { options: { temperature: 0.5 } });
  expect(model.tokenCounter).toBeInstanceOf(GeminiTokenCounter);
  expect(await model.countTokens(history, [weather])).toEqual({
    tokens: expect.any(Number),
    exact: true,
    method: "Gemini countTokens",
  });
  await model.call(history, [weather]);
  const [asked, called] = emulator.journal as [JournalEntry, JournalEntry];
  expect(asked.path).toMatch(/\/v1beta\/models\/gemini-2\.5-flash:countTokens$/);
  expect(asked.body).toEqual({
    generateContentRequest: { model: "models/gemini-2.5-flash", ...(called.body as object) },
  });
});

test("Vertex AI is asked about the fields that stand for the prompt", async () => {
  const server = await serve(
    (response) => void response.end('{"totalTokens":31,"totalBillableCharacters":90}'),
  );
  const credential = new GeminiCredential({
    baseUrl: `${server.url}/v1/projects/p/locations/global/publishers/google`,
    vertex: { project: "p", location: "global", accessToken: "ya29.test" },
  });
  const model = credential.createChatModel("gemini-2.5-flash", {
    options: { extraBody: { safetySettings: [] } },
  });
  expect(
    (await model.countTokens([new SystemMessage("Be brief."), new UserMessage("Hi")], [weather])).tokens,
  ).toBe(31);
  const [{ url, body } = { url: "", body: "{}" }] = server.requests;
  expect(url).toMatch(/publishers\/google\/models\/gemini-2\.5-flash:countTokens$/);
  expect(JSON.parse(body)).toMatchObject({
    contents: [{ role: "user", parts: [{ text: "Hi" }] }],
    systemInstruction: { parts: [{ text: "Be brief." }] },
    tools: [{ functionDeclarations: [{ name: "get_weather" }] }],
  });
  expect(body).not.toContain("safetySettings");
});
