import { expect, test } from "vitest";
import { ModelError } from "../../src/error/model-error.ts";
import { image } from "../../src/message/data-blocks.ts";
import { UserMessage } from "../../src/message/msg.ts";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import type { GenerateOptions, ResponseFormat, ThinkingOptions } from "../../src/model/generate-options.ts";
import type { ModelCapabilities } from "../../src/model/model-card.ts";
import type { OllamaChatModelInit } from "../../src/model/ollama-chat-model.ts";
import type { ToolChoice, ToolInput } from "../../src/tool/tool-schema.ts";
import { type Answer, serve, until } from "../transport/loopback.ts";
import { doneLine, line, messageLine, NDJSON_HEAD, ollamaAt, textLine, textLines } from "./ollama-server.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

const TOOLS: readonly ToolInput[] = [
  { name: "get_weather", description: "The weather", parameters: { type: "object", properties: {} } },
  { name: "get_time" },
];

const say =
  (...lines: readonly string[]): Answer =>
  (response) =>
    void response.writeHead(200, NDJSON_HEAD).end(lines.join(""));

/** The request's body that a call makes, and its answer's warnings. */
async function request(
  options: GenerateOptions = {},
  { tools = [], ...init }: Partial<OllamaChatModelInit> & { tools?: readonly ToolInput[] } = {},
): Promise<{ body: Record<string, unknown>; warned: string[]; reply: ChatResponse }> {
  const server = await serve(say(textLines("Hi")));
  const reply = await ollamaAt(server.url, init).call("Hello", tools, options);
  expect(server.requests[0]).toMatchObject({ method: "POST", url: "/api/chat" });
  const body = JSON.parse(server.requests[0]?.body ?? "") as Record<string, unknown>;
  return { body, warned: reply.warnings.map(({ option }) => option), reply };
}

function capabilities(change: ModelCapabilities): Pick<OllamaChatModelInit, "card"> {
  return { card: { ...ollamaAt("http://127.0.0.1:9").card, capabilities: change } };
}

async function failureOf(
  answer: Answer,
  options: GenerateOptions = {},
): Promise<{ error: ModelError; requests: number }> {
  const server = await serve(answer);
  const error: unknown = await ollamaAt(server.url)
    .call("Hello", { retry: false, ...options })
    .catch((reason: unknown) => reason);
  if (!ModelError.isInstance(error)) throw new Error(`No ModelError: ${String(error)}`);
  return { error, requests: server.requests.length };
}

test("a call without options asks for nothing but the answer", async () => {
  const { body, warned, reply } = await request();
  expect(body).toEqual({
    model: "qwen3:8b",
    messages: [{ role: "user", content: "Hello" }],
    stream: true,
  });
  expect(warned).toEqual([]);
  expect(reply).toMatchObject({ text: "Hi", finishReason: "stop", provider: "ollama", model: "qwen3:8b" });
});

test("every option is the field that it means: of the request, or among the runtime's options", async () => {
  const { body, warned } = await request({
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
    thinking: { enabled: true },
  });
  expect(body).toMatchObject({
    think: true,
    logprobs: true,
    top_logprobs: 2,
    options: {
      temperature: 0,
      top_p: 0.5,
      top_k: 3,
      num_predict: 7,
      stop: ["a", "b"],
      seed: 0,
      frequency_penalty: -1,
      presence_penalty: 1,
    },
  });
  expect(warned).toEqual([]);
});

test("a single stop text is a list of one: the server takes nothing else", async () => {
  expect((await request({ stop: "END" })).body["options"]).toEqual({ stop: ["END"] });
});

test("Ollama's own options go where they belong, those it does not have are a warning", async () => {
  const { body, warned } = await request({
    maxTokens: 5,
    providerOptions: {
      ollama: {
        numCtx: 16_384,
        numPredict: -1,
        keepAlive: "10m",
        truncate: false,
        shift: false,
        repeatPenalty: 1.1,
        repeatLastN: 64,
        mirostat: 2,
        mirostatTau: 5,
        mirostatEta: 0.1,
        minP: 0.05,
        numGpu: 0,
        useMmap: false,
        toString: 1,
        nope: 2,
      } as object,
      other: { numCtx: 1 },
    },
  });
  expect(body).toEqual({
    model: "qwen3:8b",
    messages: [{ role: "user", content: "Hello" }],
    keep_alive: "10m",
    truncate: false,
    shift: false,
    options: {
      num_ctx: 16_384,
      num_predict: -1,
      repeat_penalty: 1.1,
      repeat_last_n: 64,
      mirostat: 2,
      mirostat_tau: 5,
      mirostat_eta: 0.1,
      min_p: 0.05,
      num_gpu: 0,
      use_mmap: false,
    },
    stream: true,
  });
  expect(warned).toEqual(["providerOptions.toString", "providerOptions.nope"]);
});

test("runtime options that this library does not know are added to the others", async () => {
  const extraBody = { options: { use_mlock: true, seed: 2 }, brand_new: 1 };
  const { body } = await request({ seed: 1, maxTokens: 5, extraBody });
  expect(body).toMatchObject({ options: { num_predict: 5, seed: 2, use_mlock: true }, brand_new: 1 });
});

test("keep_alive may be 0, which unloads the model", async () => {
  expect((await request({ providerOptions: { ollama: { keepAlive: 0 } } })).body["keep_alive"]).toBe(0);
});

test.each<[ThinkingOptions, unknown]>([
  [{ enabled: true }, true],
  [{ enabled: false }, false],
  [{ effort: "none" }, false],
  [{ effort: "high" }, "high"],
  [{ enabled: true, effort: "low" }, "low"],
  [{}, undefined],
])("thinking %j is think %j", async (thinking, expected) => {
  expect((await request({ thinking })).body["think"]).toBe(expected);
});

test("a level that the card does not know can be sent all the same", async () => {
  const own = { providerOptions: { ollama: { think: "ultra" } } };
  expect((await request({ thinking: { enabled: true }, ...own })).body["think"]).toBe("ultra");
});

test("tools are functions, one without arguments takes an empty object", async () => {
  const { body, warned } = await request({ toolChoice: "auto" }, { tools: TOOLS });
  expect(body["tools"]).toEqual([
    {
      type: "function",
      function: {
        name: "get_weather",
        description: "The weather",
        parameters: { type: "object", properties: {} },
      },
    },
    { type: "function", function: { name: "get_time", parameters: { type: "object", properties: {} } } },
  ]);
  expect(Object.keys(body)).not.toContain("tool_choice");
  expect(warned).toEqual([]);
});

test("a tool that asks for strictness is sent, with a warning", async () => {
  const { body, warned } = await request({}, { tools: [{ name: "now", strict: true }] });
  expect(body["tools"]).toHaveLength(1);
  expect(warned).toEqual(["tools"]);
});

test.each<[ToolChoice, string[] | undefined, string[]]>([
  ["none", undefined, []],
  [{ names: ["get_time"] }, ["get_time"], []],
  ["required", ["get_weather", "get_time"], ["toolChoice"]],
  [{ name: "get_time" }, ["get_weather", "get_time"], ["toolChoice"]],
])("tool choice %j offers %j", async (toolChoice, offered, expected) => {
  const { body, warned } = await request({ toolChoice }, { tools: TOOLS });
  const tools = body["tools"] as { function: { name: string } }[] | undefined;
  expect(tools?.map((tool) => tool.function.name)).toEqual(offered);
  expect(warned).toEqual(expected);
});

const SCHEMA = { type: "object", properties: { city: { type: "string" } } };

test("a response format is the schema itself, or the word json", async () => {
  const asked = (responseFormat: ResponseFormat, init = {}) =>
    request({ responseFormat }, init).then(({ body, warned }) => [body["format"], warned]);
  expect(await asked({ type: "text" })).toEqual([undefined, []]);
  expect(await asked({ type: "json" })).toEqual(["json", []]);
  const schema = { type: "json_schema", schema: SCHEMA } as const;
  expect(await asked({ ...schema, name: "place", strict: true })).toEqual([SCHEMA, []]);
  expect(await asked({ ...schema, description: "Where" })).toEqual([SCHEMA, ["responseFormat"]]);
  expect(await asked(schema, capabilities({ structuredOutput: "json_object" }))).toEqual([
    "json",
    ["responseFormat"],
  ]);
  expect(await asked(schema, capabilities({ structuredOutput: "none" }))).toEqual([
    undefined,
    ["responseFormat"],
  ]);
});

test("an answer in one piece ends in the same snapshot as a stream", async () => {
  const figures = { prompt_eval_count: 11, eval_count: 18, total_duration: 2_000_000 };
  const message = { role: "assistant", content: "Hello", thinking: "The user" };
  const server = await serve((response, { body }) => {
    if ((JSON.parse(body) as { stream: boolean }).stream) {
      response
        .writeHead(200, NDJSON_HEAD)
        .end(
          messageLine({ thinking: "The " }) +
            messageLine({ thinking: "user" }) +
            textLine("Hello") +
            doneLine(figures),
        );
    } else {
      response
        .writeHead(200, { "content-type": "application/json; charset=utf-8" })
        .end(line({ message, done: true, done_reason: "stop", ...figures }));
    }
  });
  const model = ollamaAt(server.url);
  const essence = ({ content, finishReason, usage, metadata }: ChatResponse): unknown => [
    content.map(({ id: _id, ...block }) => block),
    finishReason,
    [usage?.inputTokens, usage?.outputTokens, usage?.raw],
    metadata["timings"],
  ];
  const streamed = await model.call("Hello");
  const whole = await model.call("Hello", { stream: false });
  expect(essence(whole)).toEqual(essence(streamed));
  expect(whole.thinking).toBe("The user");
  expect(whole.usage?.totalTokens).toBe(29);
});

test("a server that streams whatever it was asked for is read all the same", async () => {
  const server = await serve(say(textLines("Hel", "lo")));
  expect((await ollamaAt(server.url).call("Hello", { stream: false })).text).toBe("Hello");
});

test("a stream without its last line is cut, and what had come is in the error", async () => {
  const { error } = await failureOf(say(textLine("Hel"), textLine("lo")));
  expect([error.kind, error.retryable, error.partial?.text]).toEqual(["truncated", true, "Hello"]);
});

test("a line that breaks off is a cut, one that is no JSON a broken answer", async () => {
  const half = await failureOf(say(textLine("Hi"), '{"model":"qwen3:8b","mess'));
  expect([half.error.kind, half.error.partial?.text]).toEqual(["truncated", "Hi"]);
  const broken = await failureOf(say(textLine("Hi"), "<html>\n", doneLine()));
  expect(broken.error.kind).toBe("parse");
});

test("what follows the last line is not read", async () => {
  const server = await serve(say(textLines("Hi"), textLine(" there"), "no JSON\n"));
  expect((await ollamaAt(server.url).call("Hello")).text).toBe("Hi");
});

test("a failure after the first line is the error of the call, with what had come", async () => {
  const { error } = await failureOf(
    say(textLine("Hel"), '{"error":"an error was encountered while running the model"}\n'),
  );
  expect(error).toMatchObject({ kind: "server", provider: "ollama", model: "qwen3:8b" });
  expect(error.message).toContain("an error was encountered while running the model");
  expect(error.partial?.text).toBe("Hel");
});

test.each([
  [400, `registry.ollama.ai/library/x:latest does not support tools`, "invalid_request"],
  [400, "the input length exceeds the context length", "context_length"],
  [401, "unauthorized", "authentication"],
  [404, "model 'qwen3:8b' not found", "not_found"],
  [500, "llama runner process has terminated: exit status 2", "server"],
  [503, "server busy, please try again. maximum pending requests exceeded", "overloaded"],
])("%i %s is the kind %s", async (status, message, kind) => {
  const { error } = await failureOf(
    (response) =>
      void response
        .writeHead(status, { "content-type": "application/json" })
        .end(JSON.stringify({ error: message })),
  );
  expect(error).toMatchObject({ kind, status });
  expect(error.message).toContain(message);
});

test("a server that is busy is asked again", async () => {
  const server = await serve((response, ...rest) => {
    if (server.requests.length === 1) response.writeHead(503).end('{"error":"server busy"}');
    else return say(textLines("Hi"))(response, ...rest);
    return undefined;
  });
  const reply = await ollamaAt(server.url).call("Hello", { retry: { baseDelayMs: 1 } });
  expect([reply.text, server.requests.length]).toEqual(["Hi", 2]);
});

test("unsubscribing closes the connection", async () => {
  const server = await serve((response) => void response.writeHead(200, NDJSON_HEAD).write(textLine("Hi")));
  for await (const response of ollamaAt(server.url).stream("Hello")) {
    expect(response.text).toBe("Hi");
    break;
  }
  await until(() => server.open === 0);
});

test("pictures are in the request as bare base64", async () => {
  const server = await serve(say(textLines("A cat.")));
  const message = new UserMessage([
    "What is it?",
    image(new Uint8Array([1, 2, 3]), { mediaType: "image/png" }),
  ]);
  await ollamaAt(server.url).call([message]);
  expect(JSON.parse(server.requests[0]?.body ?? "")).toMatchObject({
    messages: [{ role: "user", content: "What is it?", images: ["AQID"] }],
  });
});
