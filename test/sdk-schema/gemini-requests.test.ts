// Real request bodies, as our model sends them, held against a schema made from the official SDK's types.
import { expect } from "vitest";
import {
  AssistantMessage,
  audio,
  file,
  GeminiCredential,
  image,
  type MessageInput,
  SystemMessage,
  type ToolInput,
  ToolResultMessage,
  UserMessage,
  video,
} from "../../src/index.ts";
import { endEvent, framed, partsEvent, SSE_HEAD, textEvent } from "../model/gemini-server.ts";
import { serve } from "../transport/loopback.ts";
import { CALL, type RequestCase, typeCheck } from "./sdk-schema.ts";

/** The SDK has no name for the body: it makes it of its configuration. */
const BODY = `{
  contents: Named.Content[];
  systemInstruction?: Named.Content;
  tools?: Named.Tool[];
  toolConfig?: Named.ToolConfig;
  generationConfig?: Named.GenerationConfig & { imageConfig?: Named.ImageConfig };
  safetySettings?: Named.SafetySetting[];
  cachedContent?: string;
  labels?: Record<string, string>;
  serviceTier?: Named.ServiceTier;
  store?: boolean;
}`;

const { violations, it } = typeCheck({ sdk: "@google/genai", type: BODY });

const GOOD = { contents: [{ role: "user", parts: [{ text: "Hi" }] }] };

it.each([
  ["no contents", {}],
  ["an unknown field", { ...GOOD, top_k: 3 }],
  ["an unknown field in a part", { contents: [{ role: "user", parts: [{ text: "Hi", name: "ann" }] }] }],
  [
    "a response that is no object",
    { contents: [{ parts: [{ functionResponse: { name: "t", response: "x" } }] }] },
  ],
  ["a mode that there is not", { ...GOOD, toolConfig: { functionCallingConfig: { mode: "SOME" } } }],
])("the schema sees %s", (_what, body) => {
  expect(violations(body)).not.toEqual([]);
  expect(violations(GOOD)).toEqual([]);
});

const tools: ToolInput[] = [
  {
    name: "get_weather",
    description: "The weather.",
    strict: true,
    parameters: {
      type: "object",
      properties: {
        city: { type: "string", minLength: 1 },
        days: { type: ["integer", "null"], minimum: 1 },
        kind: { const: "full" },
      },
      required: ["city"],
    },
  },
  { name: "no_arguments" },
];
const bytes = new Uint8Array([1, 2, 3]);

const CASES: readonly (RequestCase & { readonly schemaDialect?: "gemini" })[] = [
  { what: "a plain question" },
  { what: "a whole answer", options: { stream: false } },
  {
    what: "every portable option",
    messages: [new SystemMessage("s"), "Hi"],
    options: {
      temperature: 0.5,
      topP: 0.9,
      topK: 3,
      maxTokens: 10,
      stop: ["a", "b"],
      seed: 1,
      logprobs: true,
      topLogprobs: 2,
      thinking: { effort: "low" },
    },
  },
  { what: "a budget to think", model: "gemini-2.5-flash", options: { thinking: { budgetTokens: 512 } } },
  {
    what: "every option of the provider",
    options: {
      providerOptions: {
        gemini: {
          safetySettings: [
            { category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE", method: "SEVERITY" },
          ],
          tools: [
            { googleSearch: {} },
            { codeExecution: {} },
            { urlContext: {} },
            { googleMaps: {} },
            { fileSearch: { fileSearchStoreNames: ["a"], topK: 3 } },
          ],
          retrievalConfig: { latLng: { latitude: 1, longitude: 2 }, languageCode: "en" },
          candidateCount: 2,
          responseModalities: ["TEXT", "IMAGE"],
          speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } },
          imageConfig: { aspectRatio: "1:1" },
          mediaResolution: "MEDIA_RESOLUTION_LOW",
          audioTimestamp: true,
          labels: { a: "b" },
          serviceTier: "flex",
          store: true,
        },
      },
    },
  },
  { what: "a cache", options: { providerOptions: { gemini: { cachedContent: "cachedContents/1" } } } },
  { what: "tools left to choose", tools, options: { toolChoice: "auto" } },
  { what: "tools required", tools, options: { toolChoice: "required" } },
  { what: "one tool forced", tools, options: { toolChoice: { name: "get_weather" } } },
  { what: "some tools allowed", tools, options: { toolChoice: { names: ["get_weather"] } } },
  { what: "tools in the older form", tools, schemaDialect: "gemini" },
  {
    what: "tools beside Google's own",
    tools,
    options: { providerOptions: { gemini: { tools: [{ googleSearch: {} }] } } },
  },
  {
    what: "a JSON schema",
    options: { responseFormat: { type: "json_schema", schema: { type: "object" } } },
  },
  {
    what: "a JSON schema in the older form",
    options: { responseFormat: { type: "json_schema", schema: tools[0]?.parameters ?? {} } },
    schemaDialect: "gemini",
  },
  {
    what: "calls and results of others",
    tools,
    messages: [
      new UserMessage("Hi", { name: "ann" }),
      new AssistantMessage(["Let me see.", CALL]),
      new ToolResultMessage(CALL, "sunny", { isError: true }),
    ],
  },
  {
    what: "media",
    messages: [
      new UserMessage([
        "Look",
        image("https://example.com/a.png"),
        image(bytes, { mediaType: "image/png" }),
        file(bytes, { mediaType: "application/pdf", name: "a.pdf" }),
        file({ fileId: "files/1" }),
        audio(bytes, { mediaType: "audio/wav" }),
        video("https://www.youtube.com/watch?v=1", {
          providerMetadata: {
            gemini: {
              videoMetadata: { startOffset: "1s", endOffset: "2s", fps: 1 },
              mediaResolution: { level: "MEDIA_RESOLUTION_LOW" },
            },
          },
        }),
      ]),
    ],
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

const ANSWER = framed(textEvent("Hi"), endEvent());

async function bodyOf(
  {
    model = "gemini-3.5-flash",
    messages = ["Hi"],
    tools: offered = [],
    options = {},
    schemaDialect,
  }: Partial<(typeof CASES)[number]>,
  answer = ANSWER,
): Promise<{ body: unknown; reply: MessageInput }> {
  const server = await serve((response) => {
    if (options.stream === false)
      response.end(JSON.stringify(partsEvent([{ text: "a" }], { finishReason: "STOP" })));
    else response.writeHead(200, SSE_HEAD).end(answer);
  });
  const credential = new GeminiCredential({
    apiKey: "schema-0123",
    baseUrl: `${server.url}/v1beta`,
    switches: schemaDialect && { schemaDialect },
  });
  const reply = await credential.createChatModel(model).call(messages, offered, options);
  return { body: JSON.parse(server.requests[0]?.body ?? ""), reply: reply.toMessage() };
}

it.each(CASES)("the SDK's types allow what we send: $what", async (each) => {
  expect(violations((await bodyOf(each)).body)).toEqual([]);
});

it("the SDK's types allow what we send: an answer of Gemini's own", async () => {
  const parts = [
    { text: "Hm", thought: true, thoughtSignature: "c2ln" },
    { executableCode: { language: "PYTHON", code: "print(1)" } },
    { codeExecutionResult: { outcome: "OUTCOME_OK", output: "1\n" } },
    { text: "Well", thoughtSignature: "c2ln" },
    { functionCall: { id: "fc_1", name: "get_weather", args: { city: "Paris" } }, thoughtSignature: "c2ln" },
  ];
  const { reply } = await bodyOf({}, framed(partsEvent(parts), endEvent()));
  const result = new ToolResultMessage({ id: "fc_1", name: "get_weather" }, "sunny");
  const { body } = await bodyOf({ messages: ["Hi", reply, result], tools });
  expect(violations(body)).toEqual([]);
  expect((body as { contents: { parts: unknown[] }[] }).contents[1]?.parts).toEqual(parts);
});
