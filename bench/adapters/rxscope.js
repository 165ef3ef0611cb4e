import {
  AnthropicCredential,
  DashScopeCredential,
  GeminiCredential,
  OllamaCredential,
  OpenAICredential,
  OpenAITokenCounter,
} from "rxscope";

const apiKey = "sk-bench-0000";

const MODELS = {
  openai: (baseUrl) => new OpenAICredential({ apiKey, baseUrl }).createChatModel("gpt-4.1-nano"),
  anthropic: (baseUrl) => new AnthropicCredential({ apiKey, baseUrl }).createChatModel("claude-sonnet-4-6"),
  gemini: (baseUrl) => new GeminiCredential({ apiKey, baseUrl }).createChatModel("gemini-2.5-flash"),
  ollama: (baseUrl) => new OllamaCredential({ baseUrl }).createChatModel("qwen3:8b"),
  dashscope: (baseUrl) =>
    new DashScopeCredential({ apiKey, baseUrl, mode: "native" }).createChatModel("qwen-plus"),
};

const TOOLS = [{ name: "write_file", parameters: { type: "object", properties: {} } }];

const RECORDS = {
  type: "object",
  properties: { items: { type: "array", items: { type: "object" } } },
  required: ["items"],
};

/** As a user does: the Observable is subscribed to, every snapshot is looked at. */
function each(source, next) {
  return new Promise((resolve, reject) => {
    source.subscribe({ next, error: reject, complete: () => resolve(undefined) });
  });
}

/** @param {string} wire @param {string} baseUrl @returns {import("./client.d.ts").Client} */
export function open(wire, baseUrl) {
  const model = MODELS[wire.split("-")[0]](baseUrl);
  const counter = wire === "openai" ? new OpenAITokenCounter("gpt-4.1-nano") : undefined;
  return {
    text: (next) => each(model.stream("Hi"), (response) => next(response.textDelta)),
    async *pull() {
      for await (const response of model.stream("Hi")) yield response.textDelta;
    },
    tool: (next) =>
      each(model.stream("Hi", TOOLS), (response) => {
        const [call] = response.toolCalls;
        if (call !== undefined) next(call.input);
      }),
    async kept() {
      // As toArray() does; to load all of rxjs for it would be measured too.
      const all = [];
      await each(model.stream("Hi"), (response) => all.push(response));
      return all.map((response) => response.text);
    },
    async calls() {
      let last;
      await each(model.stream("Hi", TOOLS), (response) => (last = response));
      return last.toolCalls.length;
    },
    json: (next) => each(model.streamStructured("Hi", RECORDS), ({ value }) => next(value ?? {})),
    countText: async (text) => (await counter.countText(text)).tokens,
    countMessages: async (messages) => (await counter.count(messages)).tokens,
  };
}
