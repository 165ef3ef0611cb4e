import { afterEach, expect, test, vi } from "vitest";
import { builtinCredentials } from "../../src/credential/builtin-credentials.ts";
import {
  audio,
  CompatibleCredential,
  KimiCredential,
  LlamaCppCredential,
  ModelRegistry,
  OpenAIChatFormatter,
  OpenAICompatibleCredential,
  OpenAIMultiAgentFormatter,
  OpenRouterCredential,
  UserMessage,
  VLLMCredential,
  XAICredential,
} from "../../src/index.ts";
import { serve } from "../transport/loopback.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

const compatible = builtinCredentials.filter(
  (Credential) => Credential.prototype instanceof OpenAICompatibleCredential,
);

test("every vendor is reached by its prefix and by its other names, with a name that nobody knows", () => {
  for (const { facts } of compatible) {
    for (const prefix of [facts.provider, ...(facts.aliases ?? [])]) {
      const model = ModelRegistry.create(`${prefix}:some/new-model:7b`, {
        apiKey: "key-0123456789",
        baseUrl: "http://127.0.0.1:1/v1",
      });
      expect([model.provider, model.modelName]).toEqual([facts.provider, "some/new-model:7b"]);
    }
  }
});

test("every vendor's key and address come from its own variables", async () => {
  for (const Credential of compatible) {
    const [keyVariable = ""] = Credential.facts.keyVariables;
    const [urlVariable = ""] = Credential.facts.baseUrlVariables;
    vi.stubEnv(keyVariable, "key-from-environment");
    vi.stubEnv(urlVariable, "http://127.0.0.1:1/elsewhere/");
    const credential = new Credential();
    expect(credential.baseUrl).toBe("http://127.0.0.1:1/elsewhere");
    expect(JSON.stringify(await credential.headers())).toContain("key-from-environment");
    vi.unstubAllEnvs();
  }
});

test("a server that nothing is known of must be told where it is", () => {
  expect(() => new CompatibleCredential()).toThrow(/baseUrl/);
  expect(new CompatibleCredential({ baseUrl: "http://127.0.0.1:9/v1" }).baseUrl).toBe(
    "http://127.0.0.1:9/v1",
  );
});

test("switches of the account win over the vendor's, and any formatter goes by them", async () => {
  const server = await serve((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(
      'data: {"choices":[{"index":0,"delta":{"content":"<think>a</think>b"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    );
  });
  const credential = new VLLMCredential({
    baseUrl: server.url,
    switches: { thinkTags: false, plainText: false, maxTokensField: "max_tokens" },
  });
  const model = credential.createChatModel("m", { formatter: new OpenAIMultiAgentFormatter() });
  const answer = await model.call([new UserMessage("Hi", { name: "Ann" })], { maxTokens: 5 });
  expect([answer.text, answer.thinking]).toEqual(["<think>a</think>b", ""]);
  const body = JSON.parse(server.requests[0]?.body ?? "") as Record<string, unknown>;
  expect(body).toMatchObject({ max_tokens: 5, messages: [{ role: "user", content: [{ type: "text" }] }] });
});

test("what only one vendor takes is passed by its name; a name that it does not know is a warning", async () => {
  const server = await serve((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end('data: {"choices":[{"index":0,"delta":{"content":"ok"},"finish_reason":"stop"}]}\n\n');
  });
  const credential = new OpenRouterCredential({
    apiKey: "key-0123456789",
    baseUrl: server.url,
    appUrl: "https://app.example",
    appTitle: "App",
  });
  const openrouter = { models: ["a/b", "c/d"], provider: { sort: "price" }, nonsense: 1 };
  const { warnings } = await credential
    .createChatModel("a/b")
    .call("Hi", { providerOptions: { openrouter } });
  const [request] = server.requests;
  expect(JSON.parse(request?.body ?? "")).toMatchObject({
    models: ["a/b", "c/d"],
    provider: { sort: "price" },
  });
  expect(request?.headers).toMatchObject({
    "http-referer": "https://app.example",
    "x-openrouter-title": "App",
  });
  expect(warnings.map(({ option }) => option)).toEqual(["providerOptions.nonsense"]);
});

test("Kimi has two platforms", () => {
  const account = { apiKey: "key-0123456789" };
  expect(new KimiCredential(account).baseUrl).toBe("https://api.moonshot.ai/v1");
  const china = { ...account, region: "china", baseUrl: undefined } as const;
  expect(new KimiCredential(china).baseUrl).toBe("https://api.moonshot.cn/v1");
  expect(() => new KimiCredential({ ...account, region: "cn" as "china" })).toThrow(/international, china/);
});

test("xAI reads PNG and JPEG pictures alone", () => {
  const { inputTypes } = new XAICredential({ apiKey: "key-0123456789" }).catalog.card("grok-4.3");
  expect(inputTypes).toEqual(["text/plain", "image/png", "image/jpeg", "application/pdf"]);
});

test("what a list of models tells beside names is in the cards", async () => {
  const data = [
    {
      id: "a/b",
      name: "A: B",
      context_length: 32_000,
      architecture: { input_modalities: ["text", "image", "file"], output_modalities: ["text"] },
      top_provider: { max_completion_tokens: 4_000 },
    },
    { id: "q", max_model_len: 8_192 },
    { id: "gguf", meta: { n_ctx_train: 4_096 } },
    null,
    { name: "nameless" },
  ];
  const server = await serve((response) => void response.end(JSON.stringify({ object: "list", data })));
  const cards = await new VLLMCredential({ baseUrl: server.url }).listModels();
  expect(cards).toMatchObject([
    { modelName: "a/b", displayName: "A: B", contextSize: 32_000, outputSize: 4_000, live: true },
    { modelName: "q", displayName: "q", contextSize: 8_192 },
    { modelName: "gguf", contextSize: 4_096 },
  ]);
  expect(cards[0]?.inputTypes).toEqual(
    expect.arrayContaining(["text/plain", "image/png", "application/pdf"]),
  );
});

test("a server without a catalogue that cannot be reached is an error, an empty list is none", async () => {
  const gone = new VLLMCredential({ baseUrl: "http://127.0.0.1:1/v1" });
  await expect(gone.listModels()).rejects.toMatchObject({ kind: "network" });
  const server = await serve((response) => void response.end('{"object":"list","data":[]}'));
  expect(await new VLLMCredential({ baseUrl: server.url }).listModels()).toEqual([]);
  const other = await serve((response) => void response.end('{"hello":"world"}'));
  await expect(new VLLMCredential({ baseUrl: other.url }).listModels()).rejects.toMatchObject({
    kind: "parse",
  });
});

test("vLLM fetches sounds from an address, in a part of their own; in bytes they are as everywhere", async () => {
  const parts = await new OpenAIChatFormatter({ switches: { audios: "audio_url" } }).format([
    new UserMessage([audio("https://a.b/c.flac"), audio(new Uint8Array([1]), { mediaType: "audio/wav" })]),
  ]);
  expect(parts[0]?.content).toEqual([
    { type: "audio_url", audio_url: { url: "https://a.b/c.flac" } },
    { type: "input_audio", input_audio: { data: "AQ==", format: "wav" } },
  ]);
  expect(VLLMCredential.facts.switches?.audios).toBe("audio_url");
});

test.each([
  [
    "older llama.cpp, in a field of its own",
    LlamaCppCredential,
    200,
    'error: {"code":400,"message":"too long","type":"exceed_context_size_error"}\n\n',
    { kind: "context_length", status: 400 },
  ],
  [
    "OpenRouter's moderation, by its reasons alone",
    OpenRouterCredential,
    403,
    '{"error":{"code":403,"message":"Not allowed","metadata":{"reasons":["violence"]}}}',
    { kind: "content_filter", status: 403 },
  ],
])("an error of %s", async (_, Credential, status, body, expected) => {
  const server = await serve((response) => {
    response.writeHead(status, { "content-type": status === 200 ? "text/event-stream" : "application/json" });
    response.end(body);
  });
  const model = new Credential({ apiKey: "key-0123456789", baseUrl: server.url }).createChatModel("m");
  await expect(model.call("Hi")).rejects.toMatchObject(expected);
});
