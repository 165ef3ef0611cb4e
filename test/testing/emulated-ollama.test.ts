import { expect, test } from "vitest";
import { emulatorOfFile } from "../emulator-of-file.ts";
import { send } from "./raw-client.ts";

const emulator = await emulatorOfFile();

const ask = (body: unknown): ReturnType<typeof send> => send(`${emulator.baseUrl("ollama")}/api/chat`, body);

const chat = (fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  model: "qwen3:14b",
  messages: [{ role: "user", content: "Hi" }],
  ...fields,
});

const linesOf = (text: string): unknown[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);

test("a stream is what nobody asks against, in lines that are those of the server's source", async () => {
  emulator.script({
    thinking: "So:",
    text: "Hello there",
    toolCalls: [{ id: "call_k2j3h4g5", name: "get_weather", arguments: { city: "Paris" } }],
    usage: { inputTokens: 11, outputTokens: 18 },
  });
  const { text, headers } = await ask(chat());
  const { receivedAt } = await emulator.waitForRequest();
  const envelope = { model: "qwen3:14b", created_at: new Date(receivedAt).toISOString() };
  const part = (message: object): unknown => ({
    ...envelope,
    message: { role: "assistant", content: "", ...message },
    done: false,
  });
  expect(linesOf(text)).toEqual([
    part({ thinking: "So:" }),
    part({ content: "Hello " }),
    part({ content: "there" }),
    part({
      tool_calls: [
        { id: "call_k2j3h4g5", function: { index: 0, name: "get_weather", arguments: { city: "Paris" } } },
      ],
    }),
    {
      ...envelope,
      message: { role: "assistant", content: "" },
      done: true,
      done_reason: "stop",
      total_duration: 156_200_000,
      load_duration: 100_000_000,
      prompt_eval_count: 11,
      prompt_eval_duration: 2_200_000,
      eval_count: 18,
      eval_duration: 54_000_000,
    },
  ]);
  expect(headers["content-type"]).toBe("application/x-ndjson");
  expect(text.endsWith("}\n")).toBe(true);
});

test("a whole answer is one such line with everything in it", async () => {
  emulator.script({
    thinking: "So:",
    text: "Hello",
    toolCalls: [{ name: "f", arguments: "{}" }],
    usage: null,
  });
  const { json, headers } = await ask(chat({ stream: false }));
  expect(json).toMatchObject({
    message: {
      role: "assistant",
      content: "Hello",
      thinking: "So:",
      tool_calls: [{ id: expect.stringMatching(/^call_/), function: { index: 0, name: "f", arguments: {} } }],
    },
    done: true,
    done_reason: "stop",
  });
  expect(json).not.toHaveProperty("prompt_eval_count");
  expect(headers["content-type"]).toBe("application/json");
});

test("log probabilities come where they are asked for", async () => {
  emulator.script({ text: "Hello there", logprobs: [-0.5] });
  const lines = linesOf((await ask(chat({ logprobs: true, top_logprobs: 1 }))).text);
  expect(lines).toMatchObject([
    { logprobs: [{ token: "Hello ", logprob: -0.5, top_logprobs: [{ token: "Hello " }] }] },
    { logprobs: [{ token: "there" }] },
    { done: true },
  ]);
});

test("arguments that are no JSON are sent as they stand", async () => {
  emulator.script({ toolCalls: [{ name: "f", arguments: "{broken" }] });
  expect(linesOf((await ask(chat())).text)[0]).toMatchObject({
    message: { tool_calls: [{ function: { arguments: "{broken" } }] },
  });
});

test("a refusal is text, and a reason is the wire's own word", async () => {
  emulator.script({ refusal: "No.", finishReason: "length" });
  expect((await ask(chat({ stream: false }))).json).toMatchObject({
    message: { content: "No." },
    done_reason: "length",
  });
});

test("raw lines go out one by one", async () => {
  emulator.script({ raw: '{"a":1}\n{"b":2}\n', cut: { afterEvents: 1, how: "fin" } });
  expect((await ask(chat())).text).toBe('{"a":1}\n');
});

test.each([
  [undefined, "load"],
  ["5m", "load"],
  [0, "unload"],
])("without messages and with keep_alive %j a model is %sed", async (keepAlive, reason) => {
  emulator.script({ text: "not for this one" });
  const { json, status } = await ask({ model: "qwen3:14b", keep_alive: keepAlive });
  expect([status, json]).toMatchObject([200, { done: true, done_reason: reason, message: { content: "" } }]);
});

test.each<[what: string, fields: Readonly<Record<string, unknown>>, status: number, error: string | RegExp]>([
  ["no model", { model: "" }, 400, "model is required"],
  [
    "a list as content",
    { messages: [{ role: "user", content: [] }] },
    400,
    /cannot unmarshal array .*messages\.content of type string/,
  ],
  ["no role", { messages: [{ content: "Hi" }] }, 400, /messages\.role/],
  [
    "a data: URL as picture",
    { messages: [{ role: "user", content: "", images: ["data:image/png;base64,AQID"] }] },
    400,
    "illegal base64 data at input byte 4",
  ],
  [
    "arguments as text",
    {
      messages: [
        { role: "assistant", content: "", tool_calls: [{ function: { name: "f", arguments: "{}" } }] },
      ],
    },
    400,
    /cannot unmarshal string .*ToolCallFunctionArguments/,
  ],
  ["messages that are no list", { messages: "Hi" }, 400, /cannot unmarshal string/],
  ["tools that are no list", { tools: {} }, 400, /cannot unmarshal object/],
  ["options that are no object", { options: [] }, 400, /cannot unmarshal array/],
  [
    "an option of the wrong type",
    { options: { temperature: "hot" } },
    400,
    /option "temperature" must be of type/,
  ],
  ["a stop that is no list", { options: { stop: "END" } }, 400, /option "stop" must be of type array/],
  ["thinking in a word of its own", { think: "a lot" }, 400, /invalid think value/],
  [
    "too many alternatives",
    { logprobs: true, top_logprobs: 21 },
    400,
    "top_logprobs must be between 0 and 20",
  ],
  ["a format that is none", { format: "yaml" }, 500, /invalid format: "yaml"/],
])("%s is refused as the server does", async (_what, fields, status, error) => {
  emulator.script({ text: "not for this one" });
  const answer = await ask(chat(fields));
  expect(answer.status).toBe(status);
  const { error: said } = answer.json as { error: string };
  expect(Object.keys(answer.json as object)).toEqual(["error"]);
  if (typeof error === "string") expect(said).toBe(error);
  else expect(said).toMatch(error);
});

test("a body that is missing, or no JSON, is refused in the words of Go's reader", async () => {
  expect((await ask("")).json).toEqual({ error: "missing request body" });
  expect((await ask("<p>")).json).toEqual({ error: "invalid character '<' looking for beginning of value" });
});

test("unknown options are none of the server's business", async () => {
  const { status } = await ask(chat({ options: { temprature: 1 }, some_field: true, stream: false }));
  expect(status).toBe(200);
});

test("the wire is found under a prefix, and its errors are its own", async () => {
  const { status, json } = await send(`${emulator.url}/some/proxy/api/show`, {});
  expect([status, json]).toEqual([400, { error: "model is required" }]);
  expect(emulator.journal[0]?.wire).toBe("ollama");
  expect((await send(`${emulator.url}/api/version`, {})).text).toBe("404 page not found");
});
