import { Ollama, type ChatResponse } from "ollama";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ByteServer } from "../../src/testing/conformance/byte-server.ts";
import { ollamaFixtures } from "../../src/testing/conformance/ollama-fixtures.ts";
import type { AnswerPart, ExpectedBlock, StreamShape } from "../../src/testing/conformance/wire-fixtures.ts";

// The bytes are held to what Ollama's own client reads in them, so that they are not only what our model expects.

const fixtures = ollamaFixtures();

let server: ByteServer;
let client: Ollama;

beforeAll(async () => {
  server = await ByteServer.start();
  client = new Ollama({ host: server.url });
});

afterAll(async () => {
  await server.close();
});

const request = { model: "m", messages: [{ role: "user", content: "Hi" }] };

/** What the client reads of a stream, all together, and its last line. */
async function readStream(
  pieces: readonly string[],
): Promise<[said: object, last: ChatResponse | undefined]> {
  server.script({ headers: { "content-type": fixtures.streamType }, pieces });
  const said = { thinking: "", text: "", tools: [] as unknown[] };
  let last: ChatResponse | undefined;
  for await (const line of await client.chat({ ...request, stream: true })) {
    last = line;
    said.thinking += line.message.thinking ?? "";
    said.text += line.message.content;
    said.tools.push(...(line.message.tool_calls ?? []).map((call) => call.function));
  }
  return [said, last];
}

/** The same of the blocks that are expected. */
function sayingOf(blocks: readonly ExpectedBlock[]): object {
  return {
    thinking: blocks.map((block) => ("thinking" in block ? block.thinking : "")).join(""),
    text: blocks.map((block) => ("text" in block ? block.text : "")).join(""),
    tools: blocks.flatMap((block) =>
      "tool" in block ? [expect.objectContaining({ name: block.tool, arguments: block.input })] : [],
    ),
  };
}

/** Cases whose shapes are made for readers who take more than the client does. */
const BEYOND = new Set(["C14", "C15", "C18", "E9", "F4", "F11"]);

test.each(
  Object.entries(fixtures.shapes)
    .filter(([id]) => !BEYOND.has(id))
    .flatMap(([id, shapes]) =>
      shapes.map((shape): [string, string, StreamShape] => [id, shape.title, shape]),
    ),
)("Ollama's client reads %s, %s", async (_id, _title, { events, expect: expected }) => {
  const [said, last] = await readStream(events);
  expect(said).toEqual(sayingOf(expected.content));
  expect(last?.eval_count).toBe(expected.usage?.outputTokens);
});

test("Ollama's client reads the same in a stream and in one piece", async () => {
  const parts: readonly AnswerPart[] = [
    { thinking: "Let me " },
    { thinking: "see." },
    { text: "It is " },
    { text: "4." },
    { tool: { index: 0, id: "call_1", name: "look_up", arguments: '{"word":' } },
    { tool: { index: 0, arguments: '"four"}' } },
    { tool: { index: 1, id: "call_2", name: "get_time", arguments: "" } },
    { finish: "length" },
    { usage: { input: 7, output: 5 } },
    { end: true },
  ];
  const end = { done: true, done_reason: "length", prompt_eval_count: 7, eval_count: 5 };
  const tools = [
    { index: 0, name: "look_up", arguments: { word: "four" } },
    { index: 1, name: "get_time", arguments: {} },
  ];
  const [said, last] = await readStream(fixtures.stream(parts));
  expect([said, last]).toMatchObject([{ thinking: "Let me see.", text: "It is 4.", tools }, end]);
  server.script({ headers: { "content-type": "application/json" }, pieces: [fixtures.whole(parts)] });
  const whole = await client.chat({ ...request, stream: false });
  expect(whole).toMatchObject({
    ...end,
    message: {
      thinking: "Let me see.",
      content: "It is 4.",
      tool_calls: tools.map((call) => ({ function: call })),
    },
  });
});

test("Ollama's client knows the errors", async () => {
  const failing = [
    ...fixtures.stream([{ text: "so far" }]),
    fixtures.errorEvent({ code: "server_error", message: "It broke." }),
  ];
  await expect(readStream(failing)).rejects.toThrow("It broke.");
  for (const { status, body } of [fixtures.modelNotFound, ...fixtures.quota, ...fixtures.contextOverflow]) {
    server.script({ status, headers: { "content-type": "application/json" }, pieces: [body] });
    const { error } = JSON.parse(body) as { error: string };
    await expect(client.chat(request)).rejects.toMatchObject({ status_code: status, message: error });
  }
});
