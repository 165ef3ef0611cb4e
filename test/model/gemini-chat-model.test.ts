import { expect, test } from "vitest";
import {
  AssistantMessage,
  type ChatResponse,
  type GenerateOptions,
  type MessageInput,
  ModelError,
  SystemMessage,
  type ToolChoice,
  type ToolInput,
  ToolResultMessage,
} from "../../src/index.ts";
import type { GeminiChatModelInit } from "../../src/model/gemini-chat-model.ts";
import type { ModelCapabilities } from "../../src/model/model-card.ts";
import { serve } from "../transport/loopback.ts";
import { endEvent, framed, modelAt, partsEvent, SSE_HEAD, TEST_KEY, textEvent } from "./gemini-server.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

const TOOLS: readonly ToolInput[] = [
  {
    name: "get_weather",
    description: "The weather",
    parameters: {
      type: "object",
      properties: { city: { type: "string" }, unit: { const: "C" } },
      required: ["city"],
    },
  },
  { name: "get_time" },
];

interface Sent {
  readonly url: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly warned: readonly string[];
  readonly reply: ChatResponse;
}

type Setup = Partial<GeminiChatModelInit> & {
  readonly tools?: readonly ToolInput[];
  readonly messages?: readonly MessageInput[];
};

/** The request that a call makes, and its answer's warnings. */
async function request(
  options: GenerateOptions = {},
  { tools = [], messages = ["Hello"], ...init }: Setup = {},
): Promise<Sent> {
  const server = await serve((response) => {
    if (options.stream === false)
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(WHOLE));
    else response.writeHead(200, SSE_HEAD).end(framed(textEvent("Hi"), endEvent()));
  });
  const reply = await modelAt(`${server.url}/v1beta`, init).call(messages, tools, options);
  const [seen] = server.requests;
  const body = JSON.parse(seen?.body ?? "") as Record<string, unknown>;
  return { url: seen?.url ?? "", body, warned: reply.warnings.map(({ option }) => option), reply };
}

const WHOLE = partsEvent([{ text: "Hi" }], { finishReason: "STOP" });

function capabilities(change: ModelCapabilities): Pick<GeminiChatModelInit, "card"> {
  return { card: { ...modelAt("http://127.0.0.1:9").card, capabilities: change } };
}

const CONTENTS = [{ role: "user", parts: [{ text: "Hello" }] }];

test("a call without options asks for nothing but the answer", async () => {
  const { url, body, warned, reply } = await request();
  expect(url).toBe("/v1beta/models/gemini-test:streamGenerateContent?alt=sse");
  expect(body).toEqual({ contents: CONTENTS });
  expect(warned).toEqual([]);
  expect(reply).toMatchObject({ text: "Hi", isLast: true, finishReason: "stop" });
});

test("an answer in one piece is asked for elsewhere, and is the same", async () => {
  const streamed = await request();
  const { url, body, reply } = await request({ stream: false });
  expect(url).toBe("/v1beta/models/gemini-test:generateContent");
  expect(body).toEqual(streamed.body);
  expect(reply).toMatchObject({ text: "Hi", finishReason: "stop", model: "gemini-test-001" });
});

test("a tuned model has its own place", async () => {
  expect((await request({}, { modelName: "tunedModels/mine" })).url).toBe(
    "/v1beta/tunedModels/mine:streamGenerateContent?alt=sse",
  );
  expect((await request({}, { modelName: "models/x" })).url).toContain("/v1beta/models/x:");
});

test("every option is the field that it means", async () => {
  const { body, warned } = await request({
    temperature: 0,
    topP: 0.5,
    topK: 3,
    maxTokens: 7,
    stop: "a",
    seed: 0,
    frequencyPenalty: -1,
    presencePenalty: 1,
    logprobs: true,
    topLogprobs: 2,
  });
  expect(body["generationConfig"]).toEqual({
    temperature: 0,
    topP: 0.5,
    topK: 3,
    maxOutputTokens: 7,
    stopSequences: ["a"],
    seed: 0,
    frequencyPenalty: -1,
    presencePenalty: 1,
    responseLogprobs: true,
    logprobs: 2,
  });
  expect(warned).toEqual([]);
});

test("instructions have a field of their own", async () => {
  const { body } = await request({}, { messages: [new SystemMessage("Be brief."), "Hello"] });
  expect(body).toEqual({ systemInstruction: { parts: [{ text: "Be brief." }] }, contents: CONTENTS });
});

test("instructions alone are said by the user, with a warning: the wire refuses a request without contents", async () => {
  const { body, warned } = await request({}, { messages: [new SystemMessage("Hello")] });
  expect(body).toEqual({ contents: CONTENTS });
  expect(warned).toEqual(["messages"]);
});

test("tools are declared with their schemas, those without arguments without any", async () => {
  const { body } = await request({}, { tools: TOOLS });
  expect(body["tools"]).toEqual([
    {
      functionDeclarations: [
        {
          name: "get_weather",
          description: "The weather",
          parametersJsonSchema: {
            type: "object",
            properties: { city: { type: "string" }, unit: { type: "string", enum: ["C"] } },
            required: ["city"],
          },
        },
        { name: "get_time" },
      ],
    },
  ]);
  expect(body).not.toHaveProperty("toolConfig");
});

test("a server of the older form gets schemas in it, and warns of what it cannot hold to", async () => {
  const schema = { type: "object", properties: { n: { type: "number", exclusiveMinimum: 0 } } };
  const { body, warned } = await request(
    { responseFormat: { type: "json_schema", schema } },
    { tools: [{ name: "t", parameters: schema }], switches: { schemaDialect: "gemini" } },
  );
  const converted = {
    type: "OBJECT",
    properties: { n: { type: "NUMBER", description: '(JSON Schema: {"exclusiveMinimum":0})' } },
  };
  expect(body).toMatchObject({
    tools: [{ functionDeclarations: [{ name: "t", parameters: converted }] }],
    generationConfig: { responseMimeType: "application/json", responseSchema: converted },
  });
  expect(warned.toSorted()).toEqual(["responseFormat/properties/n", "tools.t/properties/n"]);
});

test("a schema that the older form cannot express is a mistake told before sending", async () => {
  const schema = { type: "object", properties: { next: { $ref: "#" } } };
  const server = await serve((response) => void response.end());
  const error: unknown = await modelAt(server.url, { switches: { schemaDialect: "gemini" } })
    .call("Hi", [{ name: "t", parameters: schema }])
    .catch((reason: unknown) => reason);
  expect(ModelError.isInstance(error) && error.kind).toBe("unsupported");
  expect(server.requests).toEqual([]);
});

test.each<[ToolChoice, unknown]>([
  ["auto", { mode: "AUTO" }],
  ["none", { mode: "NONE" }],
  ["required", { mode: "ANY" }],
  [{ name: "get_time" }, { mode: "ANY", allowedFunctionNames: ["get_time"] }],
  [{ names: ["get_time"] }, { mode: "VALIDATED", allowedFunctionNames: ["get_time"] }],
])("the tool choice %j is %j", async (toolChoice, functionCallingConfig) => {
  const { body, warned } = await request({ toolChoice }, { tools: TOOLS });
  expect(body["toolConfig"]).toEqual({ functionCallingConfig });
  expect(warned).toEqual([]);
});

test("a strict tool is one that calls are held to", async () => {
  const tools = [{ ...(TOOLS[0] as ToolInput), strict: true }];
  for (const options of [{}, { toolChoice: "auto" }] as const)
    expect((await request(options, { tools })).body["toolConfig"]).toEqual({
      functionCallingConfig: { mode: "VALIDATED" },
    });
});

test("without tools nothing is said of them", async () => {
  const { body } = await request({ toolChoice: "auto" });
  expect(Object.keys(body)).toEqual(["contents"]);
});

const SEARCH: GenerateOptions = { providerOptions: { gemini: { tools: [{ googleSearch: {} }] } } };

test("Google's own tools stand beside functions, and show what they did where the server can", async () => {
  expect((await request(SEARCH)).body).toEqual({ contents: CONTENTS, tools: [{ googleSearch: {} }] });
  const { body } = await request(SEARCH, { tools: TOOLS });
  expect(body["tools"]).toMatchObject([{ functionDeclarations: [{}, {}] }, { googleSearch: {} }]);
  expect(body["toolConfig"]).toEqual({ includeServerSideToolInvocations: true });
  const vertex = await request(SEARCH, { tools: TOOLS, switches: { serverSideToolInvocations: false } });
  expect(vertex.body).not.toHaveProperty("toolConfig");
  expect(
    (await request({ ...SEARCH, toolChoice: "auto" }, { tools: TOOLS })).body["toolConfig"],
  ).toMatchObject({
    functionCallingConfig: { mode: "VALIDATED" },
  });
});

test("Q160 a model whose tools stand alone gets neither a JSON mode nor Google's tools beside them", async () => {
  const options: GenerateOptions = { ...SEARCH, responseFormat: { type: "json" } };
  const card = capabilities({ toolsStandAlone: true });
  const { body, warned } = await request(options, { ...card, tools: TOOLS });
  expect(warned.toSorted()).toEqual(["providerOptions.tools", "responseFormat"]);
  expect(body["tools"]).toHaveLength(1);
  expect(body).not.toHaveProperty("generationConfig");
  const alone = await request(options, card);
  expect(alone.warned).toEqual([]);
  expect(alone.body).toMatchObject({
    tools: [{ googleSearch: {} }],
    generationConfig: { responseMimeType: "application/json" },
  });
});

test("a JSON answer is asked for by mode or by schema, as far as the model can", async () => {
  const schema = { type: "object", properties: { a: { type: "string" } } };
  const bySchema: GenerateOptions = { responseFormat: { type: "json_schema", schema } };
  const json = { responseMimeType: "application/json" };
  const configOf = async (options: GenerateOptions, can?: ModelCapabilities): Promise<unknown[]> => {
    const { body, warned } = await request(options, can === undefined ? {} : capabilities(can));
    return [body["generationConfig"], ...warned];
  };
  expect(await configOf({ responseFormat: { type: "json" } })).toEqual([json]);
  expect(await configOf({ responseFormat: { type: "text" } })).toEqual([undefined]);
  expect(await configOf(bySchema)).toEqual([{ ...json, responseJsonSchema: schema }]);
  expect(await configOf(bySchema, { structuredOutput: "json_object" })).toEqual([json, "responseFormat"]);
  expect(await configOf(bySchema, { structuredOutput: "none" })).toEqual([undefined, "responseFormat"]);
});

test.each<[string, GenerateOptions, ModelCapabilities, unknown, string[]]>([
  ["a model that thinks shows it", {}, { reasoning: true }, { includeThoughts: true }, []],
  ["a model that does not is not asked", {}, { reasoning: false }, undefined, []],
  [
    "a level",
    { thinking: { effort: "low" } },
    { reasoning: true },
    { includeThoughts: true, thinkingLevel: "LOW" },
    [],
  ],
  [
    "a level that there is not",
    { thinking: { effort: "max" } },
    {},
    { includeThoughts: true, thinkingLevel: "HIGH" },
    ["thinking.effort"],
  ],
  ["a budget", { thinking: { budgetTokens: 512 } }, {}, { includeThoughts: true, thinkingBudget: 512 }, []],
  [
    "both: a level goes before a budget",
    { thinking: { budgetTokens: 512, effort: "high" } },
    {},
    { includeThoughts: true, thinkingLevel: "HIGH" },
    ["thinking.budgetTokens"],
  ],
  ["on", { thinking: { enabled: true } }, {}, { includeThoughts: true, thinkingBudget: -1 }, []],
  ["off", { thinking: { enabled: false } }, { reasoning: true }, { thinkingBudget: 0 }, []],
  [
    "off, of a model that always thinks",
    { thinking: { enabled: false } },
    { reasoning: true, alwaysThinks: true },
    { includeThoughts: true },
    ["thinking.enabled"],
  ],
  [
    "thoughts that are not to be shown",
    { providerOptions: { gemini: { includeThoughts: false } } },
    { reasoning: true },
    { includeThoughts: false },
    [],
  ],
])("thinking: %s", async (_what, options, can, thinkingConfig, warnings) => {
  const card = capabilities(can).card as NonNullable<GeminiChatModelInit["card"]>;
  const properties = card.parameterSchema["properties"] as Record<string, Record<string, unknown>>;
  const fields = {
    enabled: { type: "boolean" },
    budgetTokens: { type: "integer" },
    effort: { type: "string" },
  };
  const thinking = { type: "object", properties: fields };
  const parameterSchema = { type: "object", properties: { ...properties, thinking } };
  const { body, warned } = await request(options, { card: { ...card, parameterSchema } });
  expect((body["generationConfig"] as Record<string, unknown> | undefined)?.["thinkingConfig"]).toEqual(
    thinkingConfig,
  );
  expect(warned).toEqual(warnings);
});

test("Google's own options are the fields that they are named after; others are warned of", async () => {
  const { body, warned } = await request({
    providerOptions: {
      gemini: {
        safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
        labels: { team: "a" },
        serviceTier: "flex",
        store: false,
        responseModalities: ["TEXT", "IMAGE"],
        imageConfig: { aspectRatio: "16:9" },
        mediaResolution: "MEDIA_RESOLUTION_LOW",
        candidateCount: 2,
        retrievalConfig: { languageCode: "en" },
        continuationToken: "on",
        modelArmorConfig: { promptTemplateName: "t" },
        routingConfig: { autoMode: {} },
        enableEnhancedCivicAnswers: true,
        audioTranscriptionConfig: { diarization: true },
        nonsense: 1,
      } as object,
    },
  });
  expect(body).toEqual({
    contents: CONTENTS,
    safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
    labels: { team: "a" },
    serviceTier: "flex",
    store: false,
    continuationToken: "on",
    modelArmorConfig: { promptTemplateName: "t" },
    toolConfig: { retrievalConfig: { languageCode: "en" } },
    generationConfig: {
      responseModalities: ["TEXT", "IMAGE"],
      imageConfig: { aspectRatio: "16:9" },
      mediaResolution: "MEDIA_RESOLUTION_LOW",
      candidateCount: 2,
      routingConfig: { autoMode: {} },
      enableEnhancedCivicAnswers: true,
      audioTranscriptionConfig: { diarization: true },
    },
  });
  expect(warned).toEqual(["providerOptions.nonsense"]);
});

test("fields that this library does not know are added to the generation's others", async () => {
  const { body } = await request({
    seed: 7,
    maxTokens: 5,
    extraBody: { generationConfig: { responseFormat: [{ text: {} }], seed: 8 }, contents: [] },
  });
  expect(body).toEqual({
    contents: [],
    generationConfig: { maxOutputTokens: 5, seed: 8, responseFormat: [{ text: {} }] },
  });
});

test("a cache has its own instructions and tools: those of the call are left out with a warning", async () => {
  const { body, warned } = await request(
    { toolChoice: "required", providerOptions: { gemini: { cachedContent: "cachedContents/1" } } },
    { messages: [new SystemMessage("s"), "Hello"], tools: TOOLS },
  );
  expect(body).toEqual({ contents: CONTENTS, cachedContent: "cachedContents/1" });
  expect(new Set(warned)).toEqual(new Set(["providerOptions.cachedContent"]));
  expect(warned).toHaveLength(3);
});

test("an answer goes back as Gemini made it: ids, signatures, and each part in its place", async () => {
  const parts = [
    { text: "Hm", thought: true },
    { functionCall: { id: "fc_1", name: "get_weather", args: { city: "Paris" } }, thoughtSignature: "one" },
    { functionCall: { id: "fc_2", name: "get_time", args: {} } },
    { text: "", thoughtSignature: "two" },
  ];
  const server = await serve(
    (response) => void response.writeHead(200, SSE_HEAD).end(framed(partsEvent(parts), endEvent())),
  );
  const model = modelAt(server.url);
  const reply = await model.call("Hello", TOOLS);
  const results = reply.toolCalls.map((call) => new ToolResultMessage(call, call.name));
  const stored = JSON.parse(JSON.stringify(reply.toMessage())) as MessageInput;
  await model.call(["Hello", stored, ...results], TOOLS);
  const { contents } = JSON.parse(server.requests[1]?.body ?? "") as { contents: unknown[] };
  expect(contents).toEqual([
    ...CONTENTS,
    { role: "model", parts: parts.slice(1) },
    {
      role: "user",
      parts: [
        { functionResponse: { id: "fc_1", name: "get_weather", response: { output: "get_weather" } } },
        { functionResponse: { id: "fc_2", name: "get_time", response: { output: "get_time" } } },
      ],
    },
  ]);
});

test("calls of another model are signed with Google's mark where the card asks for it", async () => {
  const call = { type: "tool_use", id: "call_1", name: "get_time", input: {} } as const;
  const messages = [
    "Hi",
    new AssistantMessage([call], { provider: "openai" }),
    new ToolResultMessage(call, "x"),
  ];
  const { body, warned } = await request({}, { ...capabilities({ signedToolCalls: true }), messages });
  expect(JSON.stringify(body)).toContain('"thoughtSignature":"skip_thought_signature_validator"');
  expect(JSON.stringify(body)).not.toContain("call_1");
  expect(warned).toEqual(["messages"]);
});

interface Failure {
  readonly status?: number;
  readonly type?: string;
  readonly body: string;
}

async function failure({
  status = 200,
  type = SSE_HEAD["content-type"],
  body,
}: Failure): Promise<ModelError> {
  const server = await serve(
    (response) => void response.writeHead(status, { "content-type": type }).end(body),
  );
  const error: unknown = await modelAt(server.url, { options: { retry: false } })
    .call("Hi")
    .catch((reason: unknown) => reason);
  if (!ModelError.isInstance(error)) throw new Error("No ModelError.");
  expect(error.message + (error.body ?? "")).not.toContain(TEST_KEY);
  return error;
}

const google = (code: number, status: string, message: string, details: readonly object[] = []): object => ({
  error: { code, message, status, ...(details.length > 0 && { details }) },
});
const quota = (quotaId: string, more: object = {}): object => ({
  "@type": "type.googleapis.com/google.rpc.QuotaFailure",
  violations: [{ quotaId, ...more }],
});
const QUOTA = "You exceeded your current quota, please check your plan and billing details.";
const RETRY = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.4s" };
const BAD_KEY = {
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason: "API_KEY_INVALID",
  domain: "googleapis.com",
};

test.each<[object, Partial<ModelError>]>([
  [
    google(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [BAD_KEY]),
    { kind: "authentication", code: "API_KEY_INVALID", status: 400 },
  ],
  [google(400, "INVALID_ARGUMENT", "API key expired.", [BAD_KEY]), { kind: "authentication" }],
  [google(401, "UNAUTHENTICATED", "Invalid token."), { kind: "authentication" }],
  [google(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers"), { kind: "permission" }],
  [
    google(404, "NOT_FOUND", "models/x is not found for API version v1beta"),
    { kind: "not_found", code: "NOT_FOUND" },
  ],
  [
    google(
      400,
      "INVALID_ARGUMENT",
      "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575)",
    ),
    { kind: "context_length" },
  ],
  [google(400, "INVALID_ARGUMENT", 'Unknown name "x"'), { kind: "invalid_request", retryable: false }],
  [
    google(429, "RESOURCE_EXHAUSTED", QUOTA, [quota("GenerateRequestsPerMinutePerProject"), RETRY]),
    { kind: "rate_limit", code: "RESOURCE_EXHAUSTED", retryable: true, retryAfterMs: 34_400 },
  ],
  [
    google(429, "RESOURCE_EXHAUSTED", QUOTA, [quota("GenerateRequestsPerDayPerProject"), RETRY]),
    { kind: "quota", retryable: false },
  ],
  [
    google(429, "RESOURCE_EXHAUSTED", QUOTA, [quota("InputTokensPerMinute", { quotaValue: "0" }), RETRY]),
    { kind: "quota" },
  ],
  [google(429, "RESOURCE_EXHAUSTED", QUOTA), { kind: "quota" }],
  [
    google(429, "RESOURCE_EXHAUSTED", "Resource exhausted. Please retry in 2.5s."),
    { kind: "rate_limit", retryAfterMs: 2500 },
  ],
  [google(500, "INTERNAL", "An internal error has occurred."), { kind: "server", retryable: true }],
  [google(503, "UNAVAILABLE", "The model is overloaded."), { kind: "overloaded", retryable: true }],
  [google(504, "DEADLINE_EXCEEDED", "Deadline expired."), { kind: "timeout", retryable: true }],
])("%j is known, as an answer, in a list, and within a stream", async (body, expected) => {
  const { code } = (body as { error: { code: number } }).error;
  const text = JSON.stringify(body);
  expect(await failure({ status: code, type: "application/json", body: text })).toMatchObject(expected);
  expect(await failure({ status: code, type: "application/json", body: `[${text}]` })).toMatchObject(
    expected,
  );
  expect(await failure({ body: framed(body) })).toMatchObject(expected);
});

test("an error in the midst of an answer carries what had arrived, framed or not", async () => {
  const error = google(503, "UNAVAILABLE", "The model is overloaded.");
  for (const tail of [framed(error), JSON.stringify(error), JSON.stringify(error, null, 2)]) {
    expect(await failure({ body: framed(textEvent("So far")) + tail })).toMatchObject({
      kind: "overloaded",
      partial: { text: "So far" },
    });
  }
});

test("an answer that ends without a reason was cut", async () => {
  expect(await failure({ body: framed(textEvent("So far")) })).toMatchObject({
    kind: "truncated",
    partial: { text: "So far" },
  });
});

test("a failure of the model before any content is asked again", async () => {
  const broken = { candidates: [{ finishReason: "MALFORMED_FUNCTION_CALL", finishMessage: "Malformed" }] };
  const server = await serve((response) => {
    const events = server.requests.length === 1 ? [broken] : [textEvent("Hi"), endEvent()];
    response.writeHead(200, SSE_HEAD).end(framed(...events));
  });
  const reply = await modelAt(server.url).call("Hi", { retry: { maxRetries: 1, baseDelayMs: 0 } });
  expect(reply.text).toBe("Hi");
  expect(server.requests).toHaveLength(2);
});

test("a history that lacks a signature is not asked again", async () => {
  const event = { candidates: [{ finishReason: "MISSING_THOUGHT_SIGNATURE", finishMessage: "Not signed" }] };
  expect(await failure({ body: framed(event) })).toMatchObject({
    kind: "invalid_request",
    code: "MISSING_THOUGHT_SIGNATURE",
    retryable: false,
  });
});

test("a stream that the server sends as a list in JSON is read all the same", async () => {
  const list = JSON.stringify([textEvent("Hi"), textEvent(" there"), endEvent()]);
  const server = await serve(
    (response) => void response.writeHead(200, { "content-type": "application/json" }).end(list),
  );
  expect(await modelAt(server.url).call("Hi")).toMatchObject({ text: "Hi there", finishReason: "stop" });
});
