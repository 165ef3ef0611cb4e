import { Ollama, type Message, type Tool } from "ollama";
import { expect, test, vi } from "vitest";
import { DELIVERIES } from "../../src/testing/emulator/deliver.ts";
import { emulatorOfFile } from "../emulator-of-file.ts";

const MODEL = "qwen3:14b";

const emulator = await emulatorOfFile();
const client = new Ollama({ host: emulator.baseUrl("ollama") });

const messages: Message[] = [{ role: "user", content: "Hi" }];

const tool = (name: string): Tool => ({
  type: "function",
  function: {
    name,
    description: "Looks something up.",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
});

test("chat gives an answer with its reason and its figures", async () => {
  const answer = await client.chat({ model: MODEL, messages });
  expect(answer).toMatchObject({
    model: MODEL,
    message: { role: "assistant", content: "You said: Hi" },
    done: true,
    done_reason: "stop",
    prompt_eval_count: 2,
    eval_count: 3,
  });
  expect(answer.total_duration).toBeGreaterThan(answer.load_duration);
});

test("a stream gives its thinking and then its text, line by line", async () => {
  emulator.script({ thinking: "One two", text: "Three four" });
  const lines: string[][] = [];
  for await (const { message, done } of await client.chat({
    model: MODEL,
    messages,
    stream: true,
    think: true,
  })) {
    lines.push([message.thinking ?? "", message.content, String(done)]);
  }
  expect(lines).toEqual([
    ["One ", "", "false"],
    ["two", "", "false"],
    ["", "Three ", "false"],
    ["", "four", "false"],
    ["", "", "true"],
  ]);
});

test.each(Object.entries(DELIVERIES))(
  "a stream in the delivery %j is read to the same",
  async (_name, delivery) => {
    emulator.delivery = delivery;
    const text = "Zürich and 東京";
    emulator.script({ text, toolCalls: [{ name: "f", arguments: { where: text } }] });
    let said = "";
    const calls: unknown[] = [];
    for await (const { message } of await client.chat({ model: MODEL, messages, stream: true })) {
      said += message.content;
      calls.push(...(message.tool_calls ?? []));
    }
    expect([said, calls]).toMatchObject([text, [{ function: { name: "f", arguments: { where: text } } }]]);
  },
);

test("a tool is called in a stream with an object, and its result reported", async () => {
  const tools = [tool("get_weather"), tool("get_time")];
  const history: Message[] = [{ role: "user", content: "Use get_weather for Paris and get_time for Tokyo." }];
  const reasons: (string | undefined)[] = [];
  const calls: NonNullable<Message["tool_calls"]> = [];
  for await (const part of await client.chat({ model: MODEL, messages: history, tools, stream: true })) {
    calls.push(...(part.message.tool_calls ?? []));
    reasons.push(part.done_reason);
  }
  expect(calls.map((call) => call.function)).toMatchObject([
    { index: 0, name: "get_weather", arguments: { city: "Paris" } },
    { index: 1, name: "get_time", arguments: { city: "Tokyo" } },
  ]);
  // Calls are no reason of their own on this wire.
  expect(reasons.at(-1)).toBe("stop");
  history.push(
    { role: "assistant", content: "", tool_calls: calls },
    { role: "tool", tool_name: "get_weather", content: "18 degrees" },
    { role: "tool", tool_name: "get_time", content: "noon" },
  );
  const { message } = await client.chat({ model: MODEL, messages: history, tools });
  expect(message.content).toBe("Here is what I found: 18 degrees; noon");
});

test("a picture goes as the SDK encodes it", async () => {
  const picture = new Uint8Array([1, 2, 3]);
  await client.chat({
    model: "gemma3:4b",
    messages: [{ role: "user", content: "What?", images: [picture] }],
  });
  expect(emulator.journal[0]?.body).toMatchObject({ messages: [{ images: ["AQID"] }] });
});

test("an answer to a JSON schema is what the schema allows", async () => {
  const { message } = await client.chat({
    model: MODEL,
    messages: [{ role: "user", content: "The weather in Paris, 21 degrees." }],
    format: {
      type: "object",
      properties: { city: { type: "string" }, celsius: { type: "integer" } },
      required: ["city", "celsius"],
    },
  });
  expect(JSON.parse(message.content)).toEqual({ city: "Paris", celsius: 21 });
});

test("models are listed and shown", async () => {
  const { models } = await client.list();
  expect(models.map(({ name }) => name)).toContain(MODEL);
  expect(models[0]).toMatchObject({ details: { format: "gguf", parameter_size: "14B" } });
  const shown = await client.show({ model: MODEL });
  expect(shown.capabilities).toEqual(["completion", "tools", "thinking"]);
  expect(shown.model_info).toMatchObject({ "qwen3.context_length": 40_960 });
  expect((await client.ps()).models.length).toBe(models.length);
  expect((await client.version()).version).toMatch(/^\d+\.\d+\.\d+$/);
});

test.each([400, 401, 404, 429, 500, 503])("status %i is thrown with the server's words", async (status) => {
  emulator.script({ status });
  await expect(client.chat({ model: MODEL, messages })).rejects.toMatchObject({
    name: "ResponseError",
    status_code: status,
    message: expect.stringMatching(/^(?!Error)\w/),
  });
});

test("what the emulator refuses by itself is thrown in the server's words", async () => {
  const refusal = async (request: object): Promise<unknown> =>
    client.chat({ model: MODEL, messages, stream: false, ...request }).catch((error: unknown) => error);
  expect(await refusal({ model: "no-such-model" })).toMatchObject({
    status_code: 404,
    message: 'model "no-such-model" not found, try pulling it first',
  });
  expect(await refusal({ model: "llama3.2:3b", think: true })).toMatchObject({
    status_code: 400,
    message: '"llama3.2:3b" does not support thinking',
  });
  expect(await refusal({ model: "gemma2", tools: [tool("f")] })).toMatchObject({
    message: "registry.ollama.ai/library/gemma2:latest does not support tools",
  });
  await expect(client.show({ model: "no-such-model" })).rejects.toMatchObject({ status_code: 404 });
});

test("an error line in a stream is thrown after what came before it", async () => {
  const error = "an error was encountered while running the model";
  emulator.script({ text: "half ", errorEvent: { error } });
  let text = "";
  const reading = (async () => {
    for await (const { message } of await client.chat({ model: MODEL, messages, stream: true })) {
      text += message.content;
    }
  })();
  await expect(reading).rejects.toThrow(error);
  expect(text).toBe("half ");
});

test("a stream without its last line is none to the SDK either", async () => {
  emulator.script({ text: "half ", omitDone: true });
  const reading = (async () => {
    for await (const _part of await client.chat({ model: MODEL, messages, stream: true }));
  })();
  await expect(reading).rejects.toThrow("Did not receive done");
});

test("an abort in the middle of a stream is seen by the emulator", async () => {
  emulator.script({ text: "word ".repeat(1000), delayMs: 5 });
  const stream = await client.chat({ model: MODEL, messages, stream: true });
  let count = 0;
  const reading = (async () => {
    for await (const _part of stream) {
      count += 1;
      if (count === 5) stream.abort();
    }
  })();
  await expect(reading).rejects.toThrow("abort");
  const entry = await emulator.waitForRequest();
  await entry.finished;
  expect([entry.closedByClient, count < 20, emulator.openStreams]).toEqual([true, true, 0]);
});

test("the cloud refuses a wrong key, and a server on this machine asks for none", async () => {
  const wrong = new Ollama({
    host: emulator.baseUrl("ollama"),
    headers: { Authorization: "Bearer sk-wrong-1" },
  });
  await expect(wrong.chat({ model: MODEL, messages })).rejects.toMatchObject({
    status_code: 401,
    message: "unauthorized",
  });
  const warn = vi.spyOn(console, "log");
  expect((await client.chat({ model: MODEL, messages })).done).toBe(true);
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});
