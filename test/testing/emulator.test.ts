import { Agent } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Emulator, startEmulator } from "../../src/testing/emulator/emulator.ts";
import { chat, send, textOf } from "./raw-client.ts";

let emulator: Emulator;
let url: string;

beforeEach(async () => {
  emulator = await startEmulator();
  url = `${emulator.baseUrl()}/chat/completions`;
});

afterEach(async () => {
  await emulator.close();
});

const contentOf = (json: unknown): unknown =>
  (json as { choices: { message: { content: unknown } }[] }).choices[0]?.message.content;

test("it listens on a free port of 127.0.0.1, and on the one it is told to", async () => {
  expect(emulator.url).toBe(`http://127.0.0.1:${emulator.port}`);
  expect(emulator.baseUrl()).toBe(`${emulator.url}/v1`);
  const { port } = emulator;
  await emulator.close();
  emulator = await startEmulator({ port });
  expect(emulator.port).toBe(port);
});

test("a port that is taken is an error", async () => {
  await expect(startEmulator({ port: emulator.port })).rejects.toThrow("EADDRINUSE");
});

test("a wire it does not speak is an error that names those it does", () => {
  expect(() => emulator.baseUrl("morse")).toThrow('does not speak "morse", only openai-chat');
});

test.each(["/v1", "", "/openai/deployments/x", "/compatible-mode/v1"])(
  "the chat path is found under the prefix %j",
  async (prefix) => {
    const { status, json } = await send(
      `${emulator.url}${prefix}/chat/completions?api-version=1`,
      chat("Hi"),
    );
    expect([status, contentOf(json)]).toEqual([200, "You said: Hi"]);
    expect(emulator.journal[0]?.query).toEqual({ "api-version": "1" });
  },
);

test("a deployment in the path stands for the model, and a key may come as Azure sends it", async () => {
  const { status } = await send(
    `${emulator.url}/openai/deployments/my-gpt/chat/completions`,
    { messages: [{ role: "user", content: "Hi" }] },
    { headers: { authorization: "", "api-key": "secret" } },
  );
  expect([status, emulator.journal[0]?.model]).toEqual([200, "my-gpt"]);
});

test("scripted answers are used in order, then the default answers again", async () => {
  emulator.script({ text: "one" }, { text: "two" });
  const said = [];
  for (let turn = 0; turn < 3; turn += 1) said.push(contentOf((await send(url, chat("Hi"))).json));
  expect(said).toEqual(["one", "two", "You said: Hi"]);
});

test("a scripted answer can be a function of the request", async () => {
  emulator.script(async ({ lastUserText, model }) => ({ text: `${model}: ${lastUserText}` }));
  expect(contentOf((await send(url, chat("Hi"))).json)).toBe("gpt-4.1: Hi");
});

test("a script that throws shows in the client as a 500", async () => {
  emulator.script(() => {
    throw new Error("no idea");
  });
  const { status, text } = await send(url, chat("Hi"));
  expect([status, text]).toEqual([500, "The emulator could not answer: Error: no idea"]);
});

test("a refused request takes no scripted answer, nor does a list of models", async () => {
  emulator.script({ text: "mine" });
  await send(url, chat("Hi", { temprature: 1 }));
  await send(`${emulator.baseUrl()}/models`);
  expect(contentOf((await send(url, chat("Hi"))).json)).toBe("mine");
});

test.each([
  ["a path", { path: "/v1/chat/completions" }],
  ["a path by pattern", { path: /v1.chat/g }],
  ["a model", { model: /^gpt-4/ }],
  ["words of the user", { lastUserText: "weather" }],
  ["a header", { headers: { "X-Tenant": "seven" } }],
  ["all of them", { model: "gpt-4.1", lastUserText: /Paris/, headers: { "x-tenant": /^s/ } }],
])("a rule finds requests by %s", async (_what, match) => {
  emulator.when(match, { text: "ruled" });
  for (let turn = 0; turn < 2; turn += 1) {
    const { json } = await send(url, chat("The weather in Paris?"), { headers: { "x-tenant": "seven" } });
    expect(contentOf(json)).toBe("ruled");
  }
  const { json } = await send(`${emulator.url}/chat/completions`, chat("Other", { model: "o3" }));
  expect(contentOf(json)).toBe("You said: Other");
});

test("a rule can be a predicate, the newest rule wins, and a rule can be taken away", async () => {
  emulator.when(() => true, { text: "old" });
  const remove = emulator.when(({ body }) => (body as { user?: string }).user === "me", { text: "new" });
  const ask = async (): Promise<unknown> => contentOf((await send(url, chat("Hi", { user: "me" }))).json);
  expect(await ask()).toBe("new");
  remove();
  expect(await ask()).toBe("old");
});

test("a scripted answer goes before a rule", async () => {
  emulator.when({}, { text: "rule" });
  emulator.script({ text: "script" });
  expect(contentOf((await send(url, chat("Hi"))).json)).toBe("script");
  expect(contentOf((await send(url, chat("Hi"))).json)).toBe("rule");
});

test("a rule can be for a document", async () => {
  emulator.when({ path: /models$/ }, { status: 503 });
  expect((await send(`${emulator.baseUrl()}/models`)).status).toBe(503);
});

test("the journal holds what was asked and what was answered", async () => {
  emulator.script({ text: "Yes." });
  const body = chat("Well?");
  const { text } = await send(`${url}?a=b`, body, { headers: { "x-trace": "7" } });
  const [entry] = emulator.journal;
  await entry?.finished;
  expect(entry).toMatchObject({
    number: 1,
    method: "POST",
    path: "/v1/chat/completions",
    query: { a: "b" },
    headers: { "x-trace": "7" },
    body,
    rawBody: JSON.stringify(body),
    wire: "openai-chat",
    model: "gpt-4.1",
    lastUserText: "Well?",
    answer: { text: "Yes." },
    status: 200,
    bytesSent: Buffer.byteLength(text),
    closedByClient: false,
  });
  expect(entry?.finishedAt).toBeGreaterThanOrEqual(entry?.receivedAt ?? Number.NaN);
});

test("the journal keeps an unreadable body, and requests for no wire", async () => {
  await send(`${emulator.url}/nowhere`, "{not json");
  expect(emulator.journal[0]).toMatchObject({
    body: undefined,
    rawBody: "{not json",
    wire: undefined,
    status: 404,
  });
});

test("waitForRequest resolves with the request, whether it has come already or not", async () => {
  const second = emulator.waitForRequest(2);
  await send(url, chat("one"));
  await send(url, chat("two"));
  expect((await second).lastUserText).toBe("two");
  expect((await emulator.waitForRequest()).lastUserText).toBe("one");
});

test("connections that are kept alive are counted until the client closes them", async () => {
  const agent = new Agent({ keepAlive: true });
  await send(url, chat("one"), { agent });
  await send(url, chat("two"), { agent });
  expect([emulator.openConnections, emulator.openStreams]).toEqual([1, 0]);
  agent.destroy();
  await expect.poll(() => emulator.openConnections).toBe(0);
});

test("a stream under way is counted until it ends", async () => {
  emulator.script({ text: "and so on", keepOpen: true });
  const controller = new AbortController();
  const answer = send(url, chat("Hi", { stream: true }), {
    signal: controller.signal,
    onData: (text) => text.includes("[DONE]") && controller.abort(),
  });
  const entry = await emulator.waitForRequest();
  expect(emulator.openStreams).toBe(1);
  await answer;
  await entry.finished;
  expect([emulator.openStreams, entry.closedByClient]).toEqual([0, true]);
});

test("a client that leaves in the middle of a stream is seen at once", async () => {
  emulator.script({ text: "a b c", delayMs: 30_000 });
  const controller = new AbortController();
  const answer = send(url, chat("Hi", { stream: true }), {
    signal: controller.signal,
    onData: () => controller.abort(),
  });
  const entry = await emulator.waitForRequest();
  await answer;
  await entry.finished;
  expect(entry.closedByClient).toBe(true);
});

test("a client that leaves before the head is seen at once", async () => {
  emulator.script(() => new Promise(() => {}));
  const controller = new AbortController();
  const answer = send(url, chat("Hi"), { signal: controller.signal });
  const entry = await emulator.waitForRequest();
  controller.abort();
  await expect(answer).rejects.toThrow("aborted");
  await entry.finished;
  expect([entry.closedByClient, entry.status]).toEqual([true, undefined]);
});

test("reset forgets journal, scripts and rules", async () => {
  emulator.script({ text: "script" });
  emulator.when({}, { text: "rule" });
  await send(url, chat("Hi"));
  emulator.reset();
  expect(emulator.journal).toEqual([]);
  expect(contentOf((await send(url, chat("Hi"))).json)).toBe("You said: Hi");
});

test("close ends streams under way, and no client is to blame", async () => {
  emulator.script({ text: "a b", delayMs: 30_000 });
  const answer = send(url, chat("Hi", { stream: true }), { onData: () => void emulator.close() });
  const entry = await emulator.waitForRequest();
  expect((await answer).error?.code).toBe("ECONNRESET");
  expect([entry.closedByClient, emulator.openConnections, emulator.openStreams]).toEqual([false, 0, 0]);
});

test("two thousand streams at once all come to their end", async () => {
  const text = "word ".repeat(20).trim();
  emulator.when({}, { text, delayMs: 2 });
  const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });
  const answers = await Promise.all(
    Array.from({ length: 2000 }, () => send(url, chat("Hi", { stream: true }), { agent })),
  );
  expect(answers.filter((answer) => textOf(answer.text) !== text)).toEqual([]);
  await expect.poll(() => [emulator.openConnections, emulator.openStreams]).toEqual([0, 0]);
}, 60_000);
