import { expect, test } from "vitest";
import type { ModelError } from "../../src/error/model-error.ts";
import type { ContentBlock } from "../../src/message/content-block.ts";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import type { GenerateOptions } from "../../src/model/generate-options.ts";
import { type CallRecord, recordCall } from "../../src/testing/conformance/call-record.ts";
import { serve } from "../transport/loopback.ts";
import {
  framed,
  modelAt,
  output,
  REQUEST_ID,
  SSE_HEAD,
  stream,
  textStream,
  USAGE,
} from "./dashscope-server.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

/** What comes of these bytes, held to what is promised of every call. */
async function read(
  bytes: string,
  {
    status = 200,
    type = SSE_HEAD["content-type"],
    ...options
  }: GenerateOptions & { status?: number; type?: string } = {},
): Promise<CallRecord> {
  const server = await serve(
    (response) => void response.writeHead(status, { "content-type": type }).end(bytes),
  );
  return recordCall(modelAt(server.url).stream("Hi", { retry: false, ...options }));
}

async function last(bytes: string, options: GenerateOptions = {}): Promise<ChatResponse> {
  const record = await read(bytes, options);
  if (record.last === undefined) throw record.error ?? new Error("no answer");
  return record.last;
}

async function whole(body: unknown): Promise<ChatResponse> {
  const record = await read(JSON.stringify(body), { type: "application/json", stream: false });
  if (record.last === undefined) throw record.error ?? new Error("no answer");
  return record.last;
}

async function failure(bytes: string, how: { status?: number; type?: string } = {}): Promise<ModelError> {
  const { error } = await read(bytes, how);
  if (error === undefined) throw new Error("There is no error.");
  return error;
}

function gist(content: readonly ContentBlock[]): unknown[] {
  return content.map((block) => {
    if (block.type === "text") return block.text;
    if (block.type === "thinking") return { thinking: block.thinking };
    if (block.type === "tool_use")
      return { call: block.name, id: block.id, raw: block.rawInput, input: block.input };
    return block.type === "data" ? block.source : block.type;
  });
}

function call(index: number, id: string, fragment: string, name?: string): object {
  return {
    content: "",
    tool_calls: [
      { index, id, type: "function", function: { ...(name !== undefined && { name }), arguments: fragment } },
    ],
  };
}

test("text comes piece by piece; the word null is no finish reason; the connection ends the stream", async () => {
  const { snapshots, last: end } = await read(textStream("材料", "科学"));
  expect(snapshots.map(({ text, finishReason }) => [text, finishReason])).toEqual([
    ["材料", undefined],
    ["材料科学", undefined],
    ["材料科学", "stop"],
    ["材料科学", "stop"],
  ]);
  expect(end).toMatchObject({
    id: REQUEST_ID,
    provider: "dashscope",
    model: "qwen-test",
    rawFinishReason: "stop",
    usage: { inputTokens: 26, outputTokens: 2, totalTokens: 28, raw: USAGE },
    metadata: { requestId: REQUEST_ID },
  });
});

test("OpenAI's end mark, which some relays add, ends the stream too", async () => {
  expect((await last(`${textStream("Hi")}data:[DONE]\n\n`)).text).toBe("Hi");
});

test("a stream that ends before the finish reason is truncated, and carries what had come, usage too", async () => {
  const { error } = await read(stream(output({ content: "Hel" }), output({ content: "lo" })));
  expect(error).toMatchObject({ kind: "truncated", retryable: true });
  expect(error?.partial).toMatchObject({ text: "Hello", interrupted: true, usage: { outputTokens: 2 } });
});

test("reasoning comes before the text, in a block of its own", async () => {
  const answer = await last(
    stream(
      output({ content: "", reasoning_content: "首" }),
      output({ content: "", reasoning_content: "先" }),
      output({ content: "1.1", reasoning_content: "" }),
      output({ content: "", reasoning_content: "" }, "stop", {
        input_tokens: 28,
        output_tokens: 420,
        total_tokens: 448,
        output_tokens_details: { reasoning_tokens: 301 },
        prompt_tokens_details: { cached_tokens: 8, cache_creation_input_tokens: 4 },
      }),
    ),
  );
  expect(gist(answer.content)).toEqual([{ thinking: "首先" }, "1.1"]);
  expect(answer.usage).toMatchObject({
    inputTokens: 28,
    outputTokens: 420,
    reasoningTokens: 301,
    cacheReadTokens: 8,
    cacheWriteTokens: 4,
  });
});

test("calls grow piece by piece by their index; an empty id is no new call", async () => {
  const events = [
    output(call(0, "call_b9", '{"location":', "get_weather")),
    output(call(0, "", ' "Hangzhou"}')),
    output(call(1, "call_77", "{}", "get_time")),
    output({ content: "" }, "tool_calls"),
  ];
  const answer = await last(stream(...events));
  expect(answer.finishReason).toBe("tool_calls");
  const calls = [
    { call: "get_weather", id: "call_b9", raw: '{"location": "Hangzhou"}', input: { location: "Hangzhou" } },
    { call: "get_time", id: "call_77", raw: "{}", input: {} },
  ];
  expect(gist(answer.content)).toEqual(calls);
  const tools = calls.map(({ call: name, id, raw }) => ({
    id,
    type: "function",
    function: { name, arguments: raw },
  }));
  expect(gist((await whole(output({ content: "", tool_calls: tools }, "tool_calls"))).content)).toEqual(
    calls,
  );
});

test("the multimodal endpoint answers with lists of parts, the last of which may be empty", async () => {
  const answer = await last(
    stream(
      output({ content: [{ text: "这" }] }),
      output({ content: [{ text: "是" }] }),
      output({ content: [{ image: "https://a.b/1.png" }] }),
      output({ content: [] }, "stop"),
    ),
  );
  expect(gist(answer.content)).toEqual([
    "这是",
    { type: "url", url: "https://a.b/1.png", mediaType: "image/*" },
  ]);
});

test("what a part is that nobody knows is said in a warning; what was read of a page is kept", async () => {
  const answer = await last(
    stream(
      output({
        content: [{ text: "a", ocr_result: { words_info: [{ text: "a" }] } }, { smell: "roses" }, null, 7],
      }),
      output({ content: [] }, "stop"),
    ),
  );
  expect(gist(answer.content)).toEqual(["a"]);
  expect(answer.metadata["ocrResults"]).toEqual([{ words_info: [{ text: "a" }] }]);
  expect(answer.warnings).toMatchObject([
    { option: "content", reason: expect.stringContaining("smell") as string },
  ]);
});

test("what was found on the web stands in the metadata, however often it is repeated", async () => {
  const results = [{ index: 1, title: "News", url: "https://a.b", site_name: "A" }];
  const withSearch = (event: Readonly<Record<string, unknown>>): object => ({
    ...event,
    output: { ...(event["output"] as object), search_info: { search_results: results } },
  });
  const { snapshots, last: end } = await read(
    stream(
      withSearch(output({ content: "a" })),
      withSearch(output({ content: "b" })),
      output({ content: "" }, "stop"),
    ),
  );
  expect(snapshots[0]?.metadata.citations).toEqual(results);
  expect(end?.metadata.citations).toEqual(results);
});

test("sound comes in pieces; the address of all of it is for answers that had none", async () => {
  const sound = (data: string, url = ""): object => ({
    output: { audio: { data, url, id: "audio_1", expires_at: 1 }, finish_reason: "null" },
    request_id: REQUEST_ID,
  });
  const end = { output: { finish_reason: "stop" }, request_id: REQUEST_ID };
  const pieces = await last(stream(sound("AQID"), sound("BAUG"), sound("", "https://a.b/all.wav"), end));
  expect(gist(pieces.content)).toEqual([{ type: "base64", data: "AQIDBAUG", mediaType: "audio/pcm" }]);
  const address = await last(stream(sound("", "https://a.b/all.wav"), end));
  expect(gist(address.content)).toEqual([
    { type: "url", url: "https://a.b/all.wav", mediaType: "audio/wav" },
  ]);
});

test("the older form of an answer, without messages, is read too", async () => {
  const old = (text: string, finish_reason: string): object => ({
    output: { text, finish_reason },
    usage: USAGE,
  });
  expect(await last(stream(old("Hel", "null"), old("lo", "stop")))).toMatchObject({
    text: "Hello",
    finishReason: "stop",
  });
  expect(await whole(old("Hello", "length"))).toMatchObject({ text: "Hello", finishReason: "length" });
});

test("several answers are told apart by their index", async () => {
  const both = {
    output: {
      choices: [
        { index: 1, message: { content: "second" }, finish_reason: "length" },
        { index: 0, message: { content: "first" }, finish_reason: "stop" },
      ],
    },
  };
  const answer = await whole(both);
  expect([answer.text, answer.finishReason]).toEqual(["first", "stop"]);
  expect(answer.choices?.map(({ index, finishReason }) => [index, finishReason])).toEqual([
    [0, "stop"],
    [1, "length"],
  ]);
});

test("log probabilities are collected, and an unknown reason is kept as it was said", async () => {
  const token = { token: "Hi", logprob: -0.1 };
  const event = {
    output: {
      choices: [{ message: { content: "Hi" }, finish_reason: "bored", logprobs: { content: [token] } }],
    },
  };
  expect(await last(stream(event))).toMatchObject({
    finishReason: "other",
    rawFinishReason: "bored",
    metadata: { logprobs: [token] },
  });
});

const CUMULATIVE: GenerateOptions = { providerOptions: { dashscope: { incrementalOutput: false } } };

test("where every event repeats all so far, only what is new is added; reasoning comes in pieces all the same", async () => {
  const { snapshots } = await read(
    stream(
      output({ content: "", reasoning_content: "I " }),
      output({ content: "", reasoning_content: "see" }),
      output({ content: "ha" }),
      output({ content: "haha" }),
      output({ content: "haha" }),
      output({ content: "haha!" }, "stop"),
    ),
    CUMULATIVE,
  );
  expect(
    snapshots
      .map(({ textDelta }) => textDelta)
      .join("|")
      .replaceAll(/\|+/g, "|"),
  ).toBe("|ha|ha|!|");
  expect(gist(snapshots.at(-1)?.content ?? [])).toEqual([{ thinking: "I see" }, "haha!"]);
});

test("arguments that are repeated in every event are not doubled, call by call", async () => {
  const answer = await last(
    stream(
      output(call(0, "call_1", '{"a"', "f")),
      output(call(0, "call_1", '{"a":1}', "f")),
      output({
        content: "",
        tool_calls: [
          { index: 0, id: "call_1", function: { name: "f", arguments: '{"a":1}' } },
          { index: 1, id: "call_2", function: { name: "g", arguments: '{"b":2}' } },
        ],
      }),
      output({ content: "" }, "tool_calls"),
    ),
    CUMULATIVE,
  );
  expect(gist(answer.content)).toMatchObject([
    { call: "f", raw: '{"a":1}' },
    { call: "g", raw: '{"b":2}' },
  ]);
});

test("a server that sends pieces though it was asked to repeat loses nothing", async () => {
  const answer = await last(
    stream(output({ content: "Hel" }), output({ content: "lo, " }), output({ content: "world" }, "stop")),
    CUMULATIVE,
  );
  expect(answer.text).toBe("Hello, world");
});

test.each<[string, number, string, string, string]>([
  [
    "Throttling.AllocationQuota",
    429,
    "rate_limit",
    "Allocated quota exceeded, please increase your quota limit.",
    "result",
  ],
  ["DataInspectionFailed", 400, "content_filter", "Output data may contain inappropriate content.", "error"],
  ["InvalidApiKey", 401, "authentication", "Invalid API-key provided.", "error"],
  ["Arrearage", 400, "quota", "Access denied, please make sure your account is in good standing.", "error"],
  ["AccessDenied.Unpurchased", 403, "permission", "Access denied.", "error"],
  ["ModelNotFound", 404, "not_found", "Model can not be found.", "error"],
  ["RequestTimeOut", 408, "timeout", "Request timed out, please try again later.", "error"],
  ["InternalError.Algo", 500, "server", "An internal error has occured.", "error"],
  ["ModelUnavailable", 503, "overloaded", "Model is unavailable.", "error"],
  ["InvalidParameter", 400, "context_length", "Range of input length should be [1, 983616]", "error"],
  ["SomethingNew", 429, "rate_limit", "No.", "error"],
])(
  "the error %s with %i is of kind %s, with its code, its request and what had come",
  async (code, status, kind, message, name) => {
    const error = await failure(
      framed(output({ content: "Hel" })) + framed({ code, message, request_id: "c0ffee" }, 2, name, status),
    );
    expect(error).toMatchObject({ kind, code, status, requestId: "c0ffee", provider: "dashscope" });
    expect(error.message).toContain(message.slice(0, -1));
    expect(error.partial?.content).toMatchObject([{ text: "Hel" }]);
  },
);

test("an error's status may be its answer's own, and its body an event all the same", async () => {
  const event = framed(
    { code: "Throttling", message: "Requests rate limit exceeded", request_id: "c0ffee" },
    1,
    "error",
    429,
  );
  expect(await failure(event, { status: 429 })).toMatchObject({
    kind: "rate_limit",
    status: 429,
    code: "Throttling",
    requestId: "c0ffee",
  });
  const plain = JSON.stringify({
    code: "InvalidParameter",
    message: "url error, please check url！",
    request_id: "c0ffee",
  });
  expect(await failure(plain, { status: 400, type: "application/json" })).toMatchObject({
    kind: "invalid_request",
    code: "InvalidParameter",
    requestId: "c0ffee",
  });
});

test("an error in place of a whole answer is an error, an empty code beside an answer is none", async () => {
  const error = await failure(
    JSON.stringify({ code: "InternalError", message: "Oops", request_id: "c0ffee" }),
    {
      type: "application/json",
    },
  );
  expect(error).toMatchObject({ kind: "server", code: "InternalError" });
  const good = { ...output({ content: "Hi" }, "stop"), code: "", message: "" };
  expect((await last(stream(good))).text).toBe("Hi");
});

test("the usage of every event replaces the one before, field by field", async () => {
  const answer = await last(
    stream(
      output({ content: "a" }, "null", { input_tokens: 5, output_tokens: 1, total_tokens: 6 }),
      output({ content: "b" }, "null", { input_tokens: 5, output_tokens: 2 }),
      output({ content: "" }, "stop", { input_tokens: 5, output_tokens: 3, image_tokens: 9 }),
    ),
  );
  expect(answer.usage).toMatchObject({
    inputTokens: 5,
    outputTokens: 3,
    totalTokens: 8,
    raw: { input_tokens: 5, output_tokens: 3, image_tokens: 9 },
  });
});
