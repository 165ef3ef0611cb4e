import { expect, test } from "vitest";
import { startEmulator } from "../../src/testing/emulator/emulator.ts";
import { emulatorOfFile } from "../emulator-of-file.ts";
import { chat, send } from "./raw-client.ts";

const emulator = await emulatorOfFile();
const url = `${emulator.baseUrl()}/chat/completions`;

const user = { role: "user", content: "Hi" };
const call = (id: string): object => ({ id, type: "function", function: { name: "f", arguments: "{}" } });
const asks = (...ids: string[]): object => ({ role: "assistant", content: null, tool_calls: ids.map(call) });
const answers = (id: string): object => ({ role: "tool", tool_call_id: id, content: "done" });
const tools = [{ type: "function", function: { name: "f" } }];
const messages = (...list: object[]): Record<string, unknown> => chat("", { messages: list });
const parts = (...list: object[]): Record<string, unknown> => messages({ role: "user", content: list });

test.each<
  [string, unknown, { message?: RegExp; param?: string | null; code?: string | null; status?: number }]
>([
  ["a body that is no JSON", "{", { message: /could not parse the JSON body/ }],
  ["a request without a model", { messages: [user] }, { message: /must provide a model/ }],
  [
    "a request without messages",
    { model: "gpt-4.1" },
    { param: "messages", code: "missing_required_parameter" },
  ],
  ["an empty list of messages", messages(), { param: "messages", code: "empty_array" }],
  [
    "a role that does not exist",
    messages({ role: "bot", content: "" }),
    { message: /'bot'.*'developer'/, param: "messages[0].role" },
  ],
  [
    "an assistant that says nothing at all",
    messages(user, { role: "assistant", content: null }),
    { message: /got null/, param: "messages.[1].content" },
  ],
  [
    "a tool's result that nobody asked for",
    messages(user, answers("x")),
    { message: /must be a response to a preceeding message/, param: "messages.[1].role" },
  ],
  ["a result of another call", messages(user, asks("a"), answers("b")), { message: /must be a response/ }],
  [
    "the same result twice",
    messages(user, asks("a"), answers("a"), answers("a")),
    { message: /must be a response/ },
  ],
  [
    "a call without its result",
    messages(user, asks("a", "b"), answers("a"), user),
    { message: /did not have response messages: b$/, param: "messages.[3].role" },
  ],
  ["a call at the end", messages(user, asks("a")), { message: /did not have response messages: a$/ }],
  [
    "a call id that is too long",
    messages(user, asks("x".repeat(41)), answers("x".repeat(41))),
    { param: "messages[1].tool_calls[0].id", code: "string_above_max_length" },
  ],
  [
    "an image that is neither http nor data",
    parts({ type: "image_url", image_url: { url: "file:///a.png" } }),
    { message: /Expected a valid URL/, param: "messages[0].content[0].image_url.url" },
  ],
  [
    "a part that does not exist",
    parts({ type: "video_url", video_url: {} }),
    { message: /'video_url'.*'input_audio'/, param: "messages[0].content[0].type" },
  ],
  [
    "an image in a tool's result",
    messages(user, asks("a"), { ...answers("a"), content: [{ type: "image_url" }] }),
    { param: "messages[2].content[0].type" },
  ],
  [
    "an unknown field",
    chat("Hi", { top_k: 1 }),
    { message: /^Unrecognized request argument supplied: top_k$/, param: null, code: null },
  ],
  [
    "unknown fields",
    chat("Hi", { top_k: 1, min_p: 0 }),
    { message: /^Unrecognized request arguments supplied: top_k, min_p$/ },
  ],
  [
    "a model that does not exist",
    chat("Hi", { model: "no-such-model" }),
    { status: 404, code: "model_not_found", message: /`no-such-model` does not exist/ },
  ],
  [
    "max_tokens on a reasoning model",
    chat("Hi", { model: "o3", max_tokens: 5 }),
    { param: "max_tokens", code: "unsupported_parameter", message: /Use 'max_completion_tokens' instead/ },
  ],
  [
    "a temperature on a reasoning model",
    chat("Hi", { model: "gpt-5.5", temperature: 0 }),
    { param: "temperature", code: "unsupported_parameter" },
  ],
  [
    "top_p on a reasoning model",
    chat("Hi", { model: "gpt-6-sol", top_p: 1, reasoning_effort: "none" }),
    { param: "top_p" },
  ],
  [
    "a penalty on a reasoning model",
    chat("Hi", { model: "o1", presence_penalty: 1 }),
    { param: "presence_penalty" },
  ],
  [
    "log probabilities on a reasoning model",
    chat("Hi", { model: "gpt-5", logprobs: true }),
    { param: "logprobs" },
  ],
  ["stop sequences on a reasoning model", chat("Hi", { model: "o4-mini", stop: "x" }), { param: "stop" }],
  [
    "tools while GPT-5.6 reasons",
    chat("Hi", { model: "gpt-5.6-terra", tools }),
    { message: /Please use \/v1\/responses/ },
  ],
  [
    "a temperature that is too high",
    chat("Hi", { temperature: 2.5 }),
    { param: "temperature", code: "decimal_above_max_value" },
  ],
  ["a negative top_p", chat("Hi", { top_p: -1 }), { param: "top_p", code: "integer_below_min_value" }],
  [
    "five stop sequences",
    chat("Hi", { stop: ["1", "2", "3", "4", "5"] }),
    { param: "stop", code: "array_above_max_length" },
  ],
  [
    "tool_choice without tools",
    chat("Hi", { tool_choice: "auto" }),
    { param: "tool_choice", message: /only allowed when 'tools' are specified/ },
  ],
  [
    "parallel_tool_calls without tools",
    chat("Hi", { parallel_tool_calls: false }),
    { param: "parallel_tool_calls" },
  ],
  ["an empty list of tools", chat("Hi", { tools: [] }), { param: "tools", code: "empty_array" }],
  [
    "a tool with a blank in its name",
    chat("Hi", { tools: [{ type: "function", function: { name: "a b" } }] }),
    { param: "tools[0].function.name", code: "invalid_value" },
  ],
  [
    "a tool with a long name",
    chat("Hi", { tools: [{ type: "function", function: { name: "a".repeat(65) } }] }),
    { code: "string_above_max_length" },
  ],
  [
    "the choice of a tool that is not there",
    chat("Hi", { tools, tool_choice: { type: "function", function: { name: "g" } } }),
    { param: "tool_choice", message: /no function named 'g'/ },
  ],
  [
    "stream_options without stream",
    chat("Hi", { stream_options: { include_usage: true } }),
    { param: "stream_options", message: /only allowed when 'stream' is enabled/ },
  ],
  ["top_logprobs without logprobs", chat("Hi", { top_logprobs: 2 }), { param: "top_logprobs" }],
  [
    "a JSON object that nobody speaks of",
    chat("Hi", { response_format: { type: "json_object" } }),
    { param: "messages", message: /must contain the word 'json'/ },
  ],
])("%s is refused", async (_what, body, { message = /./, status = 400, ...expected }) => {
  const answer = await send(url, body);
  expect(answer.status).toBe(status);
  const { error } = answer.json as { error: Record<string, unknown> };
  expect(Object.keys(error)).toEqual(["message", "type", "param", "code"]);
  expect(error).toMatchObject({ type: "invalid_request_error", ...expected });
  expect(error["message"]).toMatch(message);
});

test.each<[string, unknown]>([
  ["calls with their results", messages(user, asks("a", "b"), answers("b"), answers("a"), user)],
  [
    "an assistant without content whose calls are answered",
    messages(user, { role: "assistant", tool_calls: [call("a")] }, answers("a")),
  ],
  [
    "images by URL and as data",
    parts(
      { type: "image_url", image_url: { url: "https://a.b/c.png" } },
      { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
    ),
  ],
  [
    "audio and files",
    parts(
      { type: "input_audio", input_audio: { data: "AA", format: "wav" } },
      { type: "file", file: { file_id: "f" } },
    ),
  ],
  [
    "null for what is not given",
    chat("Hi", { model: "o3", temperature: null, tools: null, stop: null, max_tokens: null }),
  ],
  [
    "sampling where GPT-5.x does not reason",
    chat("Hi", { model: "gpt-5.4", temperature: 0, reasoning_effort: "none" }),
  ],
  [
    "sampling on the chat variant of GPT-5",
    chat("Hi", { model: "gpt-5-chat-latest", temperature: 0, max_tokens: 9 }),
  ],
  [
    "tools on GPT-5.6 without reasoning",
    chat("Hi", { model: "gpt-5.6-sol", tools, reasoning_effort: "none" }),
  ],
  ["a JSON object that is spoken of", chat("As json", { response_format: { type: "json_object" } })],
])("%s are accepted", async (_what, body) => {
  const { status, text } = await send(url, body);
  expect(status, text).toBe(200);
});

test("a path that no wire has is refused in the provider's words", async () => {
  const { status, json } = await send(`${emulator.url}/v1/chat/complete`, chat("Hi"));
  expect(status).toBe(404);
  expect(json).toEqual({
    error: {
      message: "Invalid URL (POST /v1/chat/complete)",
      type: "invalid_request_error",
      param: null,
      code: null,
    },
  });
});

test.each([
  ["no key", "", /^You didn't provide an API key/, null],
  ["an empty key", "Bearer ", /^You didn't provide an API key/, null],
  [
    "a wrong key",
    "Bearer sk-wrong-0123456789",
    /^Incorrect API key provided: sk-wrong\*+6789\. /,
    "invalid_api_key",
  ],
])("%s is refused", async (_what, authorization, message, code) => {
  for (const answer of [
    await send(url, chat("Hi"), { headers: { authorization } }),
    await send(`${emulator.baseUrl()}/models`, undefined, { headers: { authorization } }),
  ]) {
    expect(answer.status).toBe(401);
    expect(answer.json).toMatchObject({ error: { message: expect.stringMatching(message), code } });
  }
});

test("a key need not be there where none is required, but must not be wrong", async () => {
  const open = await startEmulator({ requireKey: false });
  const ask = async (authorization: string): Promise<number> =>
    (await send(`${open.baseUrl()}/chat/completions`, chat("Hi"), { headers: { authorization } })).status;
  expect([await ask(""), await ask("Bearer sk-wrong")]).toEqual([200, 401]);
  await open.close();
});

test("a lenient emulator refuses nothing but paths", async () => {
  const lenient = await startEmulator({ lenient: true });
  const ask = async (path: string, body: unknown): Promise<number> =>
    (await send(lenient.baseUrl() + path, body, { headers: { authorization: "" } })).status;
  expect(await ask("/chat/completions", { tools: [], top_k: 1, messages: "none" })).toBe(200);
  expect(await ask("/chat/completions", "{")).toBe(200);
  expect(await ask("/nowhere", {})).toBe(404);
  await lenient.close();
});
