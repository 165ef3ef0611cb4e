// Real request bodies, as our model sends them, held against a schema made from the official SDK's types.
import { expect } from "vitest";
import {
  AssistantMessage,
  audio,
  file,
  image,
  OpenAICredential,
  SystemMessage,
  type ToolInput,
  ToolResultMessage,
  UserMessage,
} from "../../src/index.ts";
import { startEmulator } from "../../src/testing/index.ts";
import { CALL, type RequestCase, typeCheck } from "./sdk-schema.ts";

const { violations, it } = typeCheck({
  sdk: "openai",
  type: "Sdk.Chat.Completions.ChatCompletionCreateParams",
});

const GOOD = { model: "gpt-4.1", messages: [{ role: "user", content: "Hi" }] };

it.each([
  ["a bad role", { ...GOOD, messages: [{ role: "banana", content: "Hi" }] }],
  ["an unknown field", { ...GOOD, top_k: 3 }],
  [
    "an unknown field in a message",
    { ...GOOD, messages: [{ role: "user", content: "Hi", reasoning_content: "x" }] },
  ],
  [
    "arguments as an object",
    {
      ...GOOD,
      messages: [
        {
          role: "assistant",
          tool_calls: [{ id: "a", type: "function", function: { name: "t", arguments: {} } }],
        },
      ],
    },
  ],
  ["no messages", { model: "gpt-4.1" }],
])("the schema sees %s", (_what, body) => {
  expect(violations(body)).not.toEqual([]);
  expect(violations(GOOD)).toEqual([]);
});

const tools: ToolInput[] = [
  {
    name: "get_weather",
    description: "The weather.",
    strict: true,
    parameters: { type: "object", properties: { city: { type: "string" } } },
  },
  { name: "no_arguments" },
];
const bytes = new Uint8Array([1, 2, 3]);

const CASES: readonly RequestCase[] = [
  { what: "a plain question" },
  { what: "a whole answer", options: { stream: false } },
  {
    what: "every portable option",
    options: {
      temperature: 0.5,
      topP: 0.9,
      maxTokens: 10,
      stop: ["a", "b"],
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
        openai: {
          n: 2,
          logitBias: { "50256": -100 },
          verbosity: "low",
          prediction: "text",
          metadata: { a: "b" },
          store: true,
          serviceTier: "flex",
          promptCacheKey: "k",
          promptCacheOptions: { mode: "implicit" },
          safetyIdentifier: "s",
          moderation: { model: "omni-moderation-latest" },
          includeObfuscation: false,
        },
      },
    },
  },
  {
    what: "audio out",
    model: "gpt-4o-audio-preview",
    options: {
      providerOptions: {
        openai: { modalities: ["text", "audio"], audio: { format: "wav", voice: "alloy" } },
      },
    },
  },
  { what: "tools left to choose", tools, options: { toolChoice: "auto", parallelToolCalls: false } },
  { what: "tools required", tools, options: { toolChoice: "required" } },
  { what: "one tool forced", tools, options: { toolChoice: { name: "get_weather" } } },
  { what: "some tools allowed", tools, options: { toolChoice: { names: ["get_weather"] } } },
  {
    what: "a JSON schema",
    options: { responseFormat: { type: "json_schema", schema: { type: "object" }, strict: true } },
  },
  { what: "JSON mode", messages: ["Answer in JSON"], options: { responseFormat: { type: "json" } } },
  {
    what: "a reasoning model",
    model: "gpt-5.1",
    messages: [new SystemMessage("s"), "Hi"],
    options: { thinking: { effort: "low" }, maxTokens: 100, temperature: 1 },
  },
  {
    what: "names, calls and results",
    tools,
    messages: [
      new UserMessage("Hi", { name: "ann" }),
      new AssistantMessage(["Let me see.", CALL]),
      new ToolResultMessage(CALL, "sunny", { isError: true }),
    ],
  },
  {
    what: "images and files",
    messages: [
      new UserMessage([
        "Look",
        image("https://example.com/a.png", { providerMetadata: { openai: { detail: "low" } } }),
        image(bytes, { mediaType: "image/png" }),
        file(bytes, { mediaType: "application/pdf", name: "a.pdf" }),
        file({ fileId: "file-1" }),
      ]),
    ],
  },
  {
    what: "audio in",
    model: "gpt-4o-audio-preview",
    messages: [new UserMessage([audio(bytes, { mediaType: "audio/wav" })])],
  },
  {
    what: "a picture from a tool",
    tools,
    messages: [
      "Hi",
      new AssistantMessage([CALL]),
      new ToolResultMessage(CALL, [image(bytes, { mediaType: "image/png" })]),
    ],
  },
];

it.each(CASES)(
  "the SDK's types allow what we send: $what",
  async ({ model = "gpt-4.1", messages = ["Hi"], tools: offered = [], options = {} }) => {
    const emulator = await startEmulator({ lenient: true });
    try {
      const credential = new OpenAICredential({ apiKey: "sk-schema-0123", baseUrl: `${emulator.url}/v1` });
      await credential.createChatModel(model).call(messages, offered, options);
      expect(violations(emulator.journal.at(-1)?.body)).toEqual([]);
    } finally {
      await emulator.close();
    }
  },
);
