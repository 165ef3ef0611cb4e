import OpenAI, {
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  UnprocessableEntityError,
} from "openai";
import { expect, test } from "vitest";
import { DELIVERIES } from "../../src/testing/emulator/deliver.ts";
import { emulatorOfFile } from "../emulator-of-file.ts";

const emulator = await emulatorOfFile();
const client = new OpenAI({ apiKey: "sk-test", baseURL: emulator.baseUrl(), maxRetries: 0 });

const messages = [{ role: "user" as const, content: "Hi" }];

const tool = (name: string): OpenAI.ChatCompletionFunctionTool => ({
  type: "function",
  function: {
    name,
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
});

test("create gives an answer, its usage and its request id", async () => {
  const completion = await client.chat.completions.create({ model: "gpt-4.1", messages });
  expect(completion.choices[0]?.message.content).toBe("You said: Hi");
  expect(completion.usage?.total_tokens).toBe(5);
  expect(completion._request_id).toMatch(/^req_emulated_\d+$/);
});

test("a stream gives its text piece by piece, and its usage at the end", async () => {
  const stream = await client.chat.completions.create({
    model: "gpt-4.1",
    messages: [{ role: "user", content: "Count from 1 to 5." }],
    stream: true,
    stream_options: { include_usage: true },
  });
  const pieces: string[] = [];
  let usage: OpenAI.CompletionUsage | null | undefined;
  for await (const chunk of stream) {
    pieces.push(chunk.choices[0]?.delta.content ?? "");
    usage = chunk.usage;
  }
  expect(pieces.filter((piece) => piece !== "")).toEqual(["1, ", "2, ", "3, ", "4, ", "5"]);
  expect(usage).toMatchObject({ completion_tokens: 5 });
});

test.each(Object.entries(DELIVERIES))(
  "a stream in the delivery %j is accumulated to the same",
  async (_name, delivery) => {
    emulator.delivery = delivery;
    const text = "Zürich and 東京";
    emulator.script({ text, toolCalls: [{ name: "f", arguments: { where: text } }] });
    const completion = await client.chat.completions
      .stream({ model: "gpt-4.1", messages })
      .finalChatCompletion();
    const { content, tool_calls: calls } = completion.choices[0]?.message ?? {};
    expect([content, calls?.[0]]).toMatchObject([
      text,
      { type: "function", function: { name: "f", arguments: JSON.stringify({ where: text }) } },
    ]);
  },
);

test("a tool is called and its result reported", async () => {
  const tools = [tool("get_weather")];
  const history: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "How is it in Paris?" }];
  const asked = (await client.chat.completions.create({ model: "gpt-4.1", messages: history, tools }))
    .choices[0];
  const call = asked?.message.tool_calls?.[0];
  if (asked === undefined || call?.type !== "function") throw new Error("no call");
  expect([asked.finish_reason, call.function]).toEqual([
    "tool_calls",
    { name: "get_weather", arguments: '{"city":"Paris"}' },
  ]);
  history.push(asked.message, { role: "tool", tool_call_id: call.id, content: "18 degrees" });
  const told = await client.chat.completions.create({ model: "gpt-4.1", messages: history, tools });
  expect(told.choices[0]?.message.content).toContain("18 degrees");
});

test("the SDK's own tool loop comes to its end", async () => {
  const runner = client.chat.completions.runTools({
    model: "gpt-4.1",
    messages: [{ role: "user", content: "How is it in Paris?" }],
    tools: [
      {
        type: "function",
        function: {
          name: "get_weather",
          description: "The weather of a city.",
          parameters: { type: "object", properties: { city: { type: "string" } } },
          parse: JSON.parse,
          function: ({ city }: { city: string }) => `${city} has 18 degrees`,
        },
      },
    ],
  });
  expect(await runner.finalContent()).toBe("Here is what I found: Paris has 18 degrees");
});

test("parallel calls are streamed with ids and indexes of their own", async () => {
  const stream = client.chat.completions.stream({
    model: "gpt-4.1",
    messages: [{ role: "user", content: "Use get_weather for Paris and get_time for Tokyo." }],
    tools: [tool("get_weather"), tool("get_time")],
  });
  const { choices } = await stream.finalChatCompletion();
  const calls = choices[0]?.message.tool_calls ?? [];
  expect(calls.map((call) => call.type === "function" && call.function)).toMatchObject([
    { name: "get_weather", arguments: '{"city":"Paris"}' },
    { name: "get_time", arguments: '{"city":"Tokyo"}' },
  ]);
  expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
});

test("several choices are kept apart", async () => {
  emulator.when({}, { choices: [{ text: "one two" }, { text: "three" }] });
  const whole = await client.chat.completions.create({ model: "gpt-4.1", messages, n: 2 });
  const streamed = await client.chat.completions
    .stream({ model: "gpt-4.1", messages, n: 2 })
    .finalChatCompletion();
  for (const { choices } of [whole, streamed]) {
    expect(choices.map(({ message }) => message.content)).toEqual(["one two", "three"]);
  }
});

test("an answer to a JSON schema is parsed", async () => {
  const completion = await client.chat.completions.parse({
    model: "gpt-4.1",
    messages: [{ role: "user", content: "The weather in Paris, 21 degrees." }],
    response_format: {
      type: "json_schema",
      json_schema: {
        name: "weather",
        strict: true,
        schema: {
          type: "object",
          properties: { city: { type: "string" }, celsius: { type: "integer" } },
          required: ["city", "celsius"],
          additionalProperties: false,
        },
      },
    },
  });
  expect(JSON.parse(completion.choices[0]?.message.content ?? "")).toEqual({ city: "Paris", celsius: 21 });
});

test("a refusal is surfaced", async () => {
  emulator.script({ refusal: "I'm sorry, I can't." });
  const completion = await client.chat.completions
    .stream({ model: "gpt-4.1", messages })
    .finalChatCompletion();
  expect(completion.choices[0]?.message.refusal).toBe("I'm sorry, I can't.");
});

test.each([
  [400, BadRequestError],
  [401, AuthenticationError],
  [403, PermissionDeniedError],
  [404, NotFoundError],
  [409, ConflictError],
  [422, UnprocessableEntityError],
  [429, RateLimitError],
  [500, InternalServerError],
  [503, InternalServerError],
])("status %i is thrown as the SDK's own error", async (status, ErrorClass) => {
  emulator.when({}, { status });
  const error = await client.chat.completions
    .create({ model: "gpt-4.1", messages })
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ErrorClass);
  expect(error).toMatchObject({
    status,
    requestID: expect.stringMatching(/^req_/),
    message: expect.stringContaining(String(status)),
  });
});

test("what the emulator refuses by itself is thrown with parameter and code", async () => {
  const wrongKey = new OpenAI({ apiKey: "sk-wrong-key-123456", baseURL: emulator.baseUrl(), maxRetries: 0 });
  await expect(wrongKey.models.list()).rejects.toMatchObject({ status: 401, code: "invalid_api_key" });
  await expect(client.chat.completions.create({ model: "no-such-model", messages })).rejects.toMatchObject({
    status: 404,
    code: "model_not_found",
  });
  await expect(
    client.chat.completions.create({ model: "o3", messages, temperature: 0 }),
  ).rejects.toMatchObject({ status: 400, code: "unsupported_parameter", param: "temperature" });
});

test("the SDK tries again after a 429, as long as it is told to wait", async () => {
  emulator.script({ status: 429, headers: { "retry-after-ms": "5" } });
  const patient = new OpenAI({ apiKey: "sk-test", baseURL: emulator.baseUrl(), maxRetries: 1 });
  const completion = await patient.chat.completions.create({ model: "gpt-4.1", messages });
  expect([completion.choices[0]?.message.content, emulator.journal.length]).toEqual(["You said: Hi", 2]);
});

test("an error event in a stream is thrown after what came before it", async () => {
  emulator.script({
    text: "half ",
    errorEvent: { error: { message: "Sorry about that!", type: "server_error" } },
  });
  const stream = await client.chat.completions.create({ model: "gpt-4.1", messages, stream: true });
  let text = "";
  const reading = (async () => {
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
  })();
  await expect(reading).rejects.toThrow("Sorry about that!");
  expect(text).toBe("half ");
});

test("models are listed and retrieved", async () => {
  const ids = [];
  for await (const model of client.models.list()) ids.push(model.id);
  expect(ids).toContain("gpt-4.1");
  expect((await client.models.retrieve("gpt-4.1")).owned_by).toBe("emulator");
});

test("an abort in the middle of a stream is seen by the emulator", async () => {
  emulator.script({ text: "word ".repeat(1000), delayMs: 5 });
  const stream = await client.chat.completions.create({ model: "gpt-4.1", messages, stream: true });
  let count = 0;
  for await (const _chunk of stream) {
    count += 1;
    if (count === 5) stream.controller.abort();
  }
  const entry = await emulator.waitForRequest();
  await entry.finished;
  expect([entry.closedByClient, count < 20, emulator.openStreams]).toEqual([true, true, 0]);
});

test("a reset in the middle of a stream is an error", async () => {
  emulator.script({ text: "a b c", cut: { afterEvents: 2, how: "rst" } });
  const stream = await client.chat.completions.create({ model: "gpt-4.1", messages, stream: true });
  const reading = (async () => {
    for await (const _chunk of stream);
  })();
  await expect(reading).rejects.toThrow();
});
