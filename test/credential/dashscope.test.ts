import { afterEach, expect, test, vi } from "vitest";
import {
  CredentialFactory,
  DashScopeChatModel,
  DashScopeCredential,
  type DashScopeCredentialOptions,
  ModelRegistry,
  OpenAIChatModel,
  UserMessage,
  audio,
  video,
} from "../../src/index.ts";
import { textStream as openaiStream } from "../model/openai-server.ts";
import { SSE_HEAD, textStream } from "../model/dashscope-server.ts";
import { serve } from "../transport/loopback.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

const KEY = "sk-test-0123456789";

function account(options: DashScopeCredentialOptions = {}): DashScopeCredential {
  return new DashScopeCredential({ apiKey: KEY, ...options });
}

test.each<[DashScopeCredentialOptions, string]>([
  [{}, "https://dashscope.aliyuncs.com/compatible-mode/v1"],
  [{ mode: "native" }, "https://dashscope.aliyuncs.com/api/v1"],
  [{ region: "singapore" }, "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"],
  [{ region: "us", mode: "native" }, "https://dashscope-us.aliyuncs.com/api/v1"],
  [{ mode: "native", baseUrl: "https://gateway.example/qwen/" }, "https://gateway.example/qwen"],
])("with %j requests go to %s", (options, baseUrl) => {
  expect(account(options).baseUrl).toBe(baseUrl);
});

test("key and address come from the environment; an address of one mode tells that of the other", () => {
  vi.stubEnv("DASHSCOPE_API_KEY", KEY);
  vi.stubEnv("DASHSCOPE_HTTP_BASE_URL", "https://dashscope-intl.aliyuncs.com/api/v1/");
  expect(new DashScopeCredential().baseUrl).toBe("https://dashscope-intl.aliyuncs.com/compatible-mode/v1");
  expect(new DashScopeCredential({ mode: "native" }).baseUrl).toBe(
    "https://dashscope-intl.aliyuncs.com/api/v1",
  );
  expect(new DashScopeCredential({ region: "us" }).baseUrl).toBe(
    "https://dashscope-us.aliyuncs.com/compatible-mode/v1",
  );
  vi.stubEnv("DASHSCOPE_HTTP_BASE_URL", "http://127.0.0.1:1/v1");
  expect(new DashScopeCredential({ mode: "native" }).baseUrl).toBe("http://127.0.0.1:1/v1");
});

test("a mode or region that does not exist is a mistake that names those that do", () => {
  expect(() => account({ mode: "fast" as "native" })).toThrow(/mode must be one of compatible, native/);
  expect(() => account({ region: "mars" as "us" })).toThrow(/region must be one of beijing, singapore, us/);
  expect(() => account({ region: "toString" as "us" })).toThrow(/region must be one of/);
});

test("the workspace is a header of every request, in both modes", async () => {
  expect(await account().headers()).toEqual({ authorization: `Bearer ${KEY}` });
  for (const mode of ["compatible", "native"] as const) {
    expect(await account({ mode, workspace: "ws-1" }).headers()).toEqual({
      authorization: `Bearer ${KEY}`,
      "x-dashscope-workspace": "ws-1",
    });
  }
});

test("the mode decides the class of the models", () => {
  expect(account().getChatModelClass()).toBe(OpenAIChatModel);
  expect(account().createChatModel("qwen-plus")).toBeInstanceOf(OpenAIChatModel);
  const native = account({ mode: "native", options: { temperature: 1 } });
  expect(native.getChatModelClass()).toBe(DashScopeChatModel);
  const model = native.createChatModel("qwen-plus", { options: { topP: 0.5 } });
  expect(model).toBeInstanceOf(DashScopeChatModel);
  expect(model).toMatchObject({ provider: "dashscope", options: { temperature: 1, topP: 0.5 } });
});

test("what is stored makes the same account again", () => {
  const stored = account({ mode: "native", region: "us", workspace: "ws-1" }).serialize({ secrets: true });
  const restored = CredentialFactory.from(JSON.parse(JSON.stringify(stored)) as typeof stored);
  expect(restored).toBeInstanceOf(DashScopeCredential);
  expect(restored).toMatchObject({
    mode: "native",
    workspace: "ws-1",
    baseUrl: "https://dashscope-us.aliyuncs.com/api/v1",
  });
});

test("a call of each mode goes the whole way", async () => {
  const server = await serve((response, { url }) => {
    response.writeHead(200, SSE_HEAD);
    response.end(url.startsWith("/api/v1") ? textStream("native") : openaiStream("compatible"));
  });
  for (const [mode, path] of [
    ["native", "/api/v1"],
    ["compatible", "/compatible-mode/v1"],
  ] as const) {
    const { text } = await account({ mode, baseUrl: server.url + path })
      .createChatModel("qwen-plus")
      .call("Hi");
    expect(text).toBe(mode);
  }
  expect(server.requests.map(({ url }) => url)).toEqual([
    "/api/v1/services/aigc/text-generation/generation",
    "/compatible-mode/v1/chat/completions",
  ]);
});

test("both modes list what the compatible one lists, merged over the catalogue", async () => {
  const server = await serve(
    (response) => void response.end('{"data":[{"id":"qwen-plus"},{"id":"qwen9-max"}]}'),
  );
  for (const baseUrl of ["/api/v1", "/compatible-mode/v1"].map((path) => server.url + path)) {
    const cards = await account({ baseUrl }).listModels("chat");
    expect(cards.filter(({ live }) => live).map(({ modelName }) => modelName)).toEqual([
      "qwen-plus",
      "qwen9-max",
    ]);
  }
  expect(server.requests.map(({ url }) => url)).toEqual([
    "/compatible-mode/v1/models",
    "/compatible-mode/v1/models",
  ]);
});

test.each([
  "qwen-plus",
  "qwen3-max",
  "qwen3.5-plus-2026-02-15",
  "qwq-plus",
  "qvq-max",
  "qwen2.5-72b-instruct",
])("%s is a model of DashScope without any prefix", (name) => {
  const model = ModelRegistry.create(name, { apiKey: KEY });
  expect(model).toMatchObject({ provider: "dashscope", modelName: name });
  expect(ModelRegistry.create(`dashscope:${name}`, { apiKey: KEY })).toMatchObject({ modelName: name });
});

test.each([
  "qwen",
  "qwen3:8b",
  "qwen/qwen3-32b",
  "qwenish",
  "my-qwen-plus",
  "qwq",
  "qwen-plus and more",
  "gpt-4.1",
])("%s without a prefix is nobody's", (name) => {
  expect(ModelRegistry.canCreate(name)).toBe(false);
});

test("what is asked for in the compatible mode stands in fields beside OpenAI's", async () => {
  const server = await serve((response) => void response.writeHead(200, SSE_HEAD).end(openaiStream("Hi")));
  const model = account({ baseUrl: server.url }).createChatModel("qwen3.5-omni-plus");
  const bytes = new Uint8Array([1, 2, 3]);
  const question = new UserMessage(
    ["Hi", audio(bytes, { mediaType: "audio/wav" }), audio("https://a.b/1.mp3"), video("https://a.b/1.mp4")],
    { name: "ann" },
  );
  const { warnings } = await model.call(question, {
    topK: 3,
    maxTokens: 7,
    thinking: { enabled: true },
    providerOptions: {
      dashscope: { enableSearch: true, repetitionPenalty: 1.1, modalities: ["text"], maxCompletionTokens: 9 },
    },
  });
  expect(warnings).toEqual([]);
  expect(JSON.parse(server.requests[0]?.body ?? "")).toEqual({
    model: "qwen3.5-omni-plus",
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "Hi" },
          { type: "input_audio", input_audio: { data: "data:;base64,AQID", format: "wav" } },
          { type: "input_audio", input_audio: { data: "https://a.b/1.mp3", format: "mp3" } },
          { type: "video_url", video_url: { url: "https://a.b/1.mp4" } },
        ],
      },
    ],
    top_k: 3,
    max_tokens: 7,
    enable_thinking: true,
    enable_search: true,
    repetition_penalty: 1.1,
    modalities: ["text"],
    max_completion_tokens: 9,
    stream: true,
    stream_options: { include_usage: true },
  });
});

test("the catalogue knows which models see, which think unasked, and which only stream", () => {
  const { catalog } = account();
  const reads = (name: string): boolean =>
    catalog.card(name).inputTypes.some((type) => type.startsWith("image/"));
  expect(
    ["qwen-plus", "qwen3-max", "qwen3.7-max", "qwen3.6-max-preview", "qwq-32b", "glm-9"].filter(reads),
  ).toEqual([]);
  const seeing = [
    "qwen-vl-max",
    "qvq-max",
    "qwen3.5-plus",
    "qwen3.8-max",
    "qwen5-max",
    "qwen4-vl-plus",
    "kimi-k2.6",
  ];
  expect(seeing.filter(reads)).toEqual(seeing);
  expect(catalog.card("qwen-plus").capabilities).toMatchObject({ reasoning: true, thinksUnasked: false });
  expect(catalog.card("qwen3-8b").capabilities).not.toHaveProperty("thinksUnasked");
  expect(catalog.card("qwq-plus").capabilities.streamOnly).toBe("always");
  expect(catalog.card("qwen-plus").capabilities.streamOnly).toBe("while_thinking");
  expect(catalog.card("qwen3.7-plus").capabilities.structuredOutput).toBe("json_schema");
  expect(catalog.card("qwen-plus").capabilities.structuredOutput).toBe("json_object");
});

test("a snapshot of a model is what the model is", () => {
  const { catalog } = account();
  const plus = catalog.card("qwen-plus");
  for (const name of ["qwen-plus-latest", "qwen-plus-2025-07-28"]) {
    expect(catalog.card(name)).toEqual({ ...plus, modelName: name, displayName: name });
  }
});

test("the models that see read videos, but for those that only read what is written on a page", () => {
  const { catalog } = new DashScopeCredential({ apiKey: "k-1" });
  for (const name of ["qwen3-vl-plus", "qwen-vl-max", "qwen2-5-vl-72b-instruct", "qvq-max", "qwen9-vl-plus"])
    expect(catalog.card(name).inputTypes).toContain("video/*");
  for (const name of ["qwen-vl-ocr", "qwen-ocr-next"]) {
    expect(catalog.card(name).inputTypes).toContain("image/png");
    expect(catalog.card(name).inputTypes).not.toContain("video/*");
  }
});
