import Anthropic, {
  AuthenticationError,
  BadRequestError,
  ContentTooLargeError,
  InternalServerError,
  NotFoundError,
  OverloadedError,
  PermissionDeniedError,
  RateLimitError,
} from "@anthropic-ai/sdk";
import { expect, test } from "vitest";
import { DELIVERIES } from "../../src/testing/emulator/deliver.ts";
import { emulatorOfFile } from "../emulator-of-file.ts";

const emulator = await emulatorOfFile();

/** Nothing is taken from the environment. */
function clientWith(options: { readonly apiKey?: string; readonly maxRetries?: number } = {}): Anthropic {
  const { apiKey = "sk-ant-test", maxRetries = 0 } = options;
  return new Anthropic({ apiKey, authToken: null, baseURL: emulator.baseUrl("anthropic"), maxRetries });
}

const client = clientWith();

const model = "claude-sonnet-4-6";
const ask = (content: string): Anthropic.MessageCreateParamsNonStreaming => ({
  model,
  max_tokens: 1024,
  messages: [{ role: "user", content }],
});

const tool = (name: string): Anthropic.Tool => ({
  name,
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
});

test("create gives an answer, its usage and its request id", async () => {
  const message = await client.messages.create(ask("Hi"));
  expect(message).toMatchObject({
    type: "message",
    role: "assistant",
    model,
    content: [{ type: "text", text: "You said: Hi" }],
    stop_reason: "end_turn",
    usage: { input_tokens: 2, output_tokens: 3, cache_read_input_tokens: 0 },
  });
  expect(message._request_id).toMatch(/^req_emulated_\d+$/);
});

test("a stream gives its text piece by piece, and the same message in the end", async () => {
  const stream = client.messages.stream(ask("Count from 1 to 5."));
  const pieces: string[] = [];
  stream.on("text", (piece) => pieces.push(piece));
  const message = await stream.finalMessage();
  expect(pieces).toEqual(["1, ", "2, ", "3, ", "4, ", "5"]);
  const whole = await client.messages.create(ask("Count from 1 to 5."));
  expect(message).toMatchObject({ ...whole, id: message.id });
});

test.each(Object.entries(DELIVERIES))(
  "a stream in the delivery %j is accumulated to the same",
  async (_name, delivery) => {
    emulator.delivery = delivery;
    const text = "Zürich and 東京";
    emulator.script({ text, toolCalls: [{ name: "f", arguments: { where: text } }] });
    const { content } = await client.messages.stream(ask("Hi")).finalMessage();
    expect(content).toMatchObject([
      { type: "text", text },
      { type: "tool_use", name: "f", input: { where: text } },
    ]);
  },
);

test("a tool is called in a stream and its result reported", async () => {
  const tools = [tool("get_weather")];
  const messages: Anthropic.MessageParam[] = [{ role: "user", content: "How is it in Paris?" }];
  const asked = await client.messages.stream({ ...ask(""), messages, tools }).finalMessage();
  const [call] = asked.content;
  if (call?.type !== "tool_use") throw new Error("no call");
  expect([asked.stop_reason, call.name, call.input]).toEqual(["tool_use", "get_weather", { city: "Paris" }]);
  messages.push(
    { role: "assistant", content: asked.content },
    { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: "18 degrees" }] },
  );
  const told = await client.messages.create({ ...ask(""), messages, tools });
  expect(told.content).toEqual([{ type: "text", text: "Here is what I found: 18 degrees" }]);
});

test("parallel calls are streamed with ids of their own", async () => {
  const tools = [tool("get_weather"), tool("get_time")];
  const text = "Use get_weather for Paris and get_time for Tokyo.";
  const { content } = await client.messages.stream({ ...ask(text), tools }).finalMessage();
  expect(content).toMatchObject([
    { name: "get_weather", input: { city: "Paris" } },
    { name: "get_time", input: { city: "Tokyo" } },
  ]);
  expect(new Set(content.map((block) => block.type === "tool_use" && block.id)).size).toBe(2);
});

test("a tool without arguments is called with an empty object", async () => {
  emulator.script({ toolCalls: [{ name: "f", arguments: {} }] });
  const { content } = await client.messages.stream(ask("Hi")).finalMessage();
  expect(content).toMatchObject([{ name: "f", input: {} }]);
});

test("a loop of tools goes on with the thoughts that began it, signed", async () => {
  const params = {
    model: "claude-haiku-4-5",
    max_tokens: 4096,
    thinking: { type: "enabled" as const, budget_tokens: 1024 },
    tools: [tool("get_weather")],
  };
  const messages: Anthropic.MessageParam[] = [{ role: "user", content: "Think: how is it in Paris?" }];
  const { content } = await client.messages.stream({ ...params, messages }).finalMessage();
  const [thought, call] = content;
  if (call?.type !== "tool_use") throw new Error("no call");
  expect(thought).toMatchObject({ type: "thinking", thinking: expect.stringContaining("think") });
  const result = { type: "tool_result" as const, tool_use_id: call.id, content: "18 degrees" };
  const withReply = (reply: Anthropic.ContentBlock[]): Promise<Anthropic.Message> =>
    client.messages
      .stream({
        ...params,
        messages: [...messages, { role: "assistant", content: reply }, { role: "user", content: [result] }],
      })
      .finalMessage();
  expect((await withReply(content)).content.at(-1)).toMatchObject({
    text: "Here is what I found: 18 degrees",
  });
  await expect(withReply([call])).rejects.toThrow("Expected `thinking` or `redacted_thinking`");
  const changed = { ...thought, thinking: "another thought" } as Anthropic.ThinkingBlock;
  await expect(withReply([changed, call])).rejects.toThrow("Invalid `signature` in `thinking` block");
});

test("hidden thoughts come whole, and both kinds go back as they came", async () => {
  emulator.script({ thinking: "one two", redactedThinking: "c2VjcmV0", text: "three" });
  const message = await client.messages.stream(ask("Hi")).finalMessage();
  expect(message.content).toMatchObject([
    { type: "thinking", thinking: "one two", signature: expect.any(String) },
    { type: "redacted_thinking", data: "c2VjcmV0" },
    { type: "text", text: "three" },
  ]);
  expect(message.usage.output_tokens_details).toEqual({ thinking_tokens: 2 });
  const messages: Anthropic.MessageParam[] = [
    { role: "user", content: "Hi" },
    { role: "assistant", content: message.content },
    { role: "user", content: "And?" },
  ];
  await expect(client.messages.create({ ...ask(""), messages })).resolves.toBeDefined();
});

test("thoughts that nobody wants to see are signed all the same", async () => {
  const { content } = await client.messages.create({
    ...ask("Think!"),
    thinking: { type: "adaptive", display: "omitted" },
  });
  expect(content[0]).toMatchObject({ type: "thinking", thinking: "", signature: expect.stringMatching(/./) });
});

test("cached tokens stand beside the input", async () => {
  emulator.script({
    text: "x",
    usage: { inputTokens: 100, cacheReadTokens: 60, cacheWriteTokens: 30, outputTokens: 5 },
  });
  const { usage } = await client.messages.create(ask("Hi"));
  expect(usage).toMatchObject({
    input_tokens: 10,
    cache_read_input_tokens: 60,
    cache_creation_input_tokens: 30,
    output_tokens: 5,
  });
});

test("an answer to a JSON schema is parsed", async () => {
  const schema = {
    type: "object",
    properties: { city: { type: "string" }, celsius: { type: "integer" } },
    required: ["city", "celsius"],
    additionalProperties: false,
  } as const;
  const message = await client.messages.create({
    ...ask("The weather in Paris, 21 degrees."),
    output_config: { format: { type: "json_schema", schema } },
  });
  const [block] = message.content;
  expect(block?.type === "text" && JSON.parse(block.text)).toEqual({ city: "Paris", celsius: 21 });
});

test("a refusal has no content, but says why", async () => {
  emulator.script({ refusal: "Not that." }, { refusal: "Not that." });
  for (const message of [
    await client.messages.create(ask("Hi")),
    await client.messages.stream(ask("Hi")).finalMessage(),
  ]) {
    expect(message).toMatchObject({
      content: [],
      stop_reason: "refusal",
      stop_details: { type: "refusal", explanation: "Not that." },
    });
  }
});

test.each([
  [400, BadRequestError, "invalid_request_error"],
  [401, AuthenticationError, "authentication_error"],
  [403, PermissionDeniedError, "permission_error"],
  [404, NotFoundError, "not_found_error"],
  [413, ContentTooLargeError, "request_too_large"],
  [429, RateLimitError, "rate_limit_error"],
  [500, InternalServerError, "api_error"],
  [529, OverloadedError, "overloaded_error"],
])("status %i is thrown as the SDK's own error", async (status, ErrorClass, type) => {
  emulator.when({}, { status });
  const error = await client.messages.create(ask("Hi")).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ErrorClass);
  expect(error).toMatchObject({ status, type, requestID: expect.stringMatching(/^req_emulated_/) });
});

test("what the emulator refuses by itself is thrown in the provider's words", async () => {
  const wrongKey = clientWith({ apiKey: "sk-wrong-key-123456" });
  await expect(wrongKey.models.list()).rejects.toBeInstanceOf(AuthenticationError);
  await expect(client.messages.create({ ...ask("Hi"), model: "no-such-model" })).rejects.toMatchObject({
    status: 404,
    apiMessage: "model: no-such-model",
  });
  await expect(client.messages.create({ ...ask("Hi"), max_tokens: -1 })).rejects.toMatchObject({
    status: 400,
    apiMessage: "max_tokens: Input should be greater than or equal to 0",
  });
});

test("the SDK tries again after a 429, as long as it is told to wait", async () => {
  emulator.script({ status: 429, headers: { "retry-after-ms": "5" } });
  await clientWith({ maxRetries: 1 }).messages.create(ask("Hi"));
  expect(emulator.journal.map(({ status }) => status)).toEqual([429, 200]);
});

test("an error event in a stream is thrown after what came before it", async () => {
  const errorEvent = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
  emulator.script({ text: "half ", errorEvent });
  let text = "";
  const stream = client.messages.stream(ask("Hi")).on("text", (piece) => (text += piece));
  await expect(stream.finalMessage()).rejects.toThrow("Overloaded");
  expect(text).toBe("half ");
});

test("pings keep a slow stream alive, and nobody sees them", async () => {
  emulator.script({ text: "a b", delayMs: 30, keepAlive: { everyMs: 10 } });
  const { content } = await client.messages.stream(ask("Hi")).finalMessage();
  expect(content).toMatchObject([{ text: "a b" }]);
});

test("tokens are counted without saying anything", async () => {
  const { messages } = ask("one two three");
  expect(await client.messages.countTokens({ model, messages, system: "Be brief." })).toEqual({
    input_tokens: 7,
  });
  expect(emulator.journal[0]).toMatchObject({ wire: "anthropic", model, lastUserText: "one two three" });
});

test("models are listed page by page, and retrieved", async () => {
  const ids = [];
  for await (const { id } of client.models.list({ limit: 4 })) ids.push(id);
  expect(ids).toContain(model);
  expect([ids.length, emulator.journal.length]).toEqual([6, 2]);
  expect(await client.models.retrieve(model)).toMatchObject({
    id: model,
    lifecycle: "active",
    capabilities: { thinking: { types: { adaptive: { supported: true }, enabled: { supported: true } } } },
  });
  await expect(client.models.retrieve("claude-0")).rejects.toBeInstanceOf(NotFoundError);
});

test("an abort in the middle of a stream is seen by the emulator", async () => {
  emulator.script({ text: "word ".repeat(1000), delayMs: 5 });
  const stream = client.messages.stream(ask("Hi"));
  let count = 0;
  stream.on("text", () => {
    count += 1;
    if (count === 5) stream.abort();
  });
  await expect(stream.done()).rejects.toThrow("aborted");
  const entry = await emulator.waitForRequest();
  await entry.finished;
  expect([entry.closedByClient, count < 20, emulator.openStreams]).toEqual([true, true, 0]);
});

test("a reset in the middle of a stream is an error", async () => {
  emulator.script({ text: "a b c", cut: { afterEvents: 4, how: "rst" } });
  await expect(client.messages.stream(ask("Hi")).finalMessage()).rejects.toThrow();
});
