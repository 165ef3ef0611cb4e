import { expect, test } from "vitest";
import { startEmulator } from "../../src/testing/emulator/emulator.ts";
import { emulatorOfFile } from "../emulator-of-file.ts";
import { chat, eventsOf, send } from "./raw-client.ts";

const emulator = await emulatorOfFile();

const ask = (body: unknown): ReturnType<typeof send> => send(`${emulator.baseUrl()}/chat/completions`, body);

const stream = async (fields: Record<string, unknown> = {}): Promise<Record<string, unknown>[]> =>
  eventsOf((await ask(chat("Hi", { stream: true, ...fields }))).text);

const deltas = async (fields: Record<string, unknown> = {}): Promise<unknown[]> =>
  (await stream(fields))
    .flatMap((event) => event["choices"] as { delta: unknown }[])
    .map(({ delta }) => delta);

test("the events of a stream are those of a recorded one, field by field", async () => {
  emulator.script({ text: "Hello there" });
  const { text, headers } = await ask(chat("Hi", { stream: true, stream_options: { include_usage: true } }));
  const { number, receivedAt } = await emulator.waitForRequest();
  const envelope = `"id":"chatcmpl-emulated${number}","object":"chat.completion.chunk","created":${Math.floor(receivedAt / 1000)},"model":"gpt-4.1","service_tier":"default","system_fingerprint":"fp_emulator"`;
  const choice = (delta: string, finish: string): string =>
    `{${envelope},"choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}],"usage":null`;
  const lines = text.split("\n\n");
  expect(lines.map((line) => line.replace(/,"obfuscation":"[a-z0-9]+"}$/, ""))).toEqual([
    `data: ${choice('{"role":"assistant","content":"","refusal":null}', "null")}`,
    `data: ${choice('{"content":"Hello "}', "null")}`,
    `data: ${choice('{"content":"there"}', "null")}`,
    `data: ${choice("{}", '"stop"')}`,
    `data: {${envelope},"choices":[],"usage":{"prompt_tokens":2,"completion_tokens":2,"total_tokens":4,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`,
    "data: [DONE]",
    "",
  ]);
  expect(headers["content-type"]).toBe("text/event-stream; charset=utf-8");
});

test("without include_usage no event has a usage field", async () => {
  expect((await stream()).filter((event) => "usage" in event)).toEqual([]);
});

test("padding can be turned off", async () => {
  const padded = (events: object[]): number => events.filter((event) => "obfuscation" in event).length;
  expect(padded(await stream())).toBeGreaterThan(0);
  expect(padded(await stream({ stream_options: { include_obfuscation: false } }))).toBe(0);
});

test("a whole answer is that of a recorded one, field by field", async () => {
  emulator.script({
    text: "Hello",
    usage: { inputTokens: 9, outputTokens: 7, reasoningTokens: 4, cacheReadTokens: 8 },
  });
  const { json, headers } = await ask(chat("Hi", { service_tier: "flex" }));
  const { number, receivedAt } = await emulator.waitForRequest();
  expect(json).toEqual({
    id: `chatcmpl-emulated${number}`,
    object: "chat.completion",
    created: Math.floor(receivedAt / 1000),
    model: "gpt-4.1",
    service_tier: "flex",
    system_fingerprint: "fp_emulator",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: "Hello", refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: {
      prompt_tokens: 9,
      completion_tokens: 7,
      total_tokens: 16,
      prompt_tokens_details: { cached_tokens: 8, audio_tokens: 0 },
      completion_tokens_details: {
        reasoning_tokens: 4,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    },
  });
  expect(headers).toMatchObject({
    "content-type": "application/json",
    "x-request-id": `req_emulated_${number}`,
    "openai-processing-ms": "1",
    "x-ratelimit-limit-requests": "10000",
    "x-ratelimit-remaining-tokens": "199990",
    "x-ratelimit-reset-requests": "6ms",
  });
});

test("usage can be kept back, in a stream and in a whole answer", async () => {
  emulator.when({}, { text: "a", usage: null });
  expect(
    (await stream({ stream_options: { include_usage: true } })).filter((event) => event["usage"]),
  ).toEqual([]);
  expect((await ask(chat("Hi"))).json).not.toHaveProperty("usage");
});

test("calls are streamed one after the other, in fragments, with the id in the first alone", async () => {
  emulator.script({
    toolCalls: [
      { id: "call_a1", name: "get_weather", arguments: { city: "Paris" } },
      { id: "call_b2", name: "get_time", arguments: "{broken" },
    ],
    chunkSize: 9,
  });
  expect(await deltas()).toEqual([
    { role: "assistant", content: null, refusal: null },
    {
      tool_calls: [
        { index: 0, id: "call_a1", type: "function", function: { name: "get_weather", arguments: "" } },
      ],
    },
    { tool_calls: [{ index: 0, function: { arguments: '{"city":"' } }] },
    { tool_calls: [{ index: 0, function: { arguments: 'Paris"}' } }] },
    {
      tool_calls: [
        { index: 1, id: "call_b2", type: "function", function: { name: "get_time", arguments: "" } },
      ],
    },
    { tool_calls: [{ index: 1, function: { arguments: "{broken" } }] },
    {},
  ]);
});

test("calls without ids get ids of their own, short enough to be sent back", async () => {
  const call = { name: "f", arguments: {} };
  const choice = { toolCalls: [call, call] };
  emulator.when({}, { choices: [choice, choice] });
  const idsOf = async (): Promise<string[]> =>
    [...(await ask(chat("Hi"))).text.matchAll(/"id":"(call_[^"]+)"/g)].map(([, id]) => id ?? "");
  const ids = [...(await idsOf()), ...(await idsOf())];
  expect(new Set(ids).size).toBe(8);
  expect(Math.max(...ids.map((id) => id.length))).toBeLessThanOrEqual(40);
});

test.each([
  [{ text: "a" }, {}, "stop"],
  [{ toolCalls: [{ name: "f", arguments: {} }] }, {}, "tool_calls"],
  [
    { toolCalls: [{ name: "f", arguments: {} }] },
    { tool_choice: { type: "function", function: { name: "f" } } },
    "stop",
  ],
  [{ text: "a", finishReason: "length" }, {}, "length"],
])("the finish reason of %j with %j is %s", async (answer, fields, reason) => {
  emulator.when({}, answer);
  const tools = [{ type: "function", function: { name: "f" } }];
  const events = await stream({ tools, ...fields });
  expect(JSON.stringify(events.at(-1))).toContain(`"finish_reason":"${reason}"`);
  const { text } = await ask(chat("Hi", { tools, ...fields }));
  expect(text).toContain(`"finish_reason":"${reason}"`);
});

test("a refusal has fields of its own", async () => {
  emulator.when({}, { refusal: "I cannot." });
  expect(await deltas()).toEqual([
    { role: "assistant", content: null, refusal: "" },
    { refusal: "I " },
    { refusal: "cannot." },
    {},
  ]);
  expect((await ask(chat("Hi"))).json).toMatchObject({
    choices: [{ message: { content: null, refusal: "I cannot." } }],
  });
});

test("a spoken answer comes in pieces, its data cut at whole groups of base64", async () => {
  const audio = { id: "audio_1", data: "AAECAwQFBgcICQ==", transcript: "Good morning" };
  emulator.when({}, { audio });
  const pieces = (await deltas())
    .map((delta) => (delta as { audio?: Record<string, unknown> }).audio)
    .filter((piece) => piece !== undefined);
  expect(pieces).toEqual([
    { id: "audio_1", transcript: "" },
    { transcript: "Good " },
    { transcript: "morning" },
    { data: "AAECAwQF" },
    { data: "BgcICQ==" },
    { expires_at: expect.any(Number) },
  ]);
  expect((await ask(chat("Hi"))).json).toMatchObject({ choices: [{ message: { content: null, audio } }] });
});

test("log probabilities come with each delta where they are asked for", async () => {
  emulator.when({}, { text: "Hé you", logprobs: [-0.5] });
  const token = (text: string, logprob: number): object => ({
    token: text,
    logprob,
    bytes: [...Buffer.from(text)],
  });
  const expected = [
    { ...token("Hé ", -0.5), top_logprobs: [token("Hé ", -0.5), token("Hé ~1", -1.5)] },
    { ...token("you", -0.1), top_logprobs: [token("you", -0.1), token("you~1", -1.1)] },
  ];
  const fields = { logprobs: true, top_logprobs: 2 };
  const streamed = (await stream(fields))
    .flatMap((event) => event["choices"] as { logprobs: { content: unknown[] } | null }[])
    .flatMap(({ logprobs }) => logprobs?.content ?? []);
  expect(streamed).toEqual(expected);
  expect((await ask(chat("Hi", fields))).json).toMatchObject({
    choices: [{ logprobs: { content: expected, refusal: null } }],
  });
});

test("several choices are streamed in turns, each with its own end", async () => {
  emulator.script({ choices: [{ text: "a b" }, { text: "c", finishReason: "length" }] });
  const choices = (await stream({ n: 2 })).flatMap(
    (event) =>
      event["choices"] as { index: number; delta: { content?: string }; finish_reason: string | null }[],
  );
  expect(choices.map(({ index, delta, finish_reason: reason }) => [index, reason ?? delta.content])).toEqual([
    [0, ""],
    [1, ""],
    [0, "a "],
    [1, "c"],
    [0, "b"],
    [0, "stop"],
    [1, "length"],
  ]);
});

test("an error event stands in place of the end", async () => {
  emulator.script({ text: "half", errorEvent: { error: { message: "Sorry.", type: "server_error" } } });
  const { text } = await ask(chat("Hi", { stream: true }));
  expect(eventsOf(text).at(-1)).toEqual({ error: { message: "Sorry.", type: "server_error" } });
  expect(text).not.toMatch(/\[DONE\]|"stop"/);
});

test("no delta cuts a character in two", async () => {
  const text = "👩‍👩‍👧👍 ok";
  emulator.when({}, { text, chunkSize: 1 });
  const pieces = (await deltas()).map((delta) => (delta as { content?: string }).content ?? "");
  expect(pieces.join("")).toBe(text);
  expect(pieces.filter((piece) => /\p{Surrogate}/u.test(piece))).toEqual([]);
});

test("the list of models and each model of it can be read", async () => {
  const url = `${emulator.baseUrl()}/models`;
  const { json } = await send(url);
  expect(json).toMatchObject({
    object: "list",
    data: [{ id: "gpt-4.1", object: "model", owned_by: "emulator" }, {}, {}, {}, {}, {}],
  });
  expect((await send(`${url}/o3`)).json).toMatchObject({ id: "o3", object: "model" });
  expect((await send(`${url}/o99`)).json).toMatchObject({ error: { code: "model_not_found" } });
});

test("the models that are listed can be chosen", async () => {
  const own = await startEmulator({ models: ["mine"] });
  expect((await send(`${own.baseUrl()}/models`)).json).toMatchObject({ data: [{ id: "mine" }] });
  await own.close();
});
