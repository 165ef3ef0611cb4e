// What Ollama's own wire really does, by the catalogue's numbers, over HTTP.
import { expect, test } from "vitest";
import {
  AssistantMessage,
  type ChatResponse,
  type GenerateOptions,
  image,
  type MessageInput,
  type ToolInput,
  ToolResultMessage,
  UserMessage,
} from "../../src/index.ts";
import { doneLine, line, messageLine, NDJSON_HEAD, ollamaAt, textLine } from "../model/ollama-server.ts";
import { serve } from "../transport/loopback.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

/** The last snapshot of an answer in these lines. */
async function read(...lines: readonly string[]): Promise<ChatResponse> {
  const server = await serve((response) => void response.writeHead(200, NDJSON_HEAD).end(lines.join("")));
  return ollamaAt(server.url).call("Hi");
}

/** The body of a request. */
async function send(
  messages: readonly MessageInput[] = ["Hi"],
  options: GenerateOptions = {},
  tools: readonly ToolInput[] = [],
): Promise<Record<string, unknown>> {
  const server = await serve((response) => void response.writeHead(200, NDJSON_HEAD).end(doneLine()));
  await ollamaAt(server.url).call(messages, tools, options);
  return JSON.parse(server.requests[0]?.body ?? "") as Record<string, unknown>;
}

const toolLine = (...calls: readonly object[]): string =>
  messageLine({ tool_calls: calls.map((call) => ({ function: call })) });
const calls = ({ toolCalls }: ChatResponse): unknown[] => toolCalls.map(({ name, input }) => [name, input]);

test("Q57 calls without an index are calls of their own", async () => {
  const last = await read(
    toolLine({ name: "a", arguments: { x: 1 } }, { name: "b", arguments: {} }),
    doneLine(),
  );
  expect(calls(last)).toEqual([
    ["a", { x: 1 }],
    ["b", {}],
  ]);
});

test("Q58 index 0 for every call: each is a call of its own", async () => {
  const last = await read(
    toolLine({ index: 0, name: "a", arguments: { x: 1 } }),
    toolLine({ index: 0, name: "a", arguments: { x: 2 } }),
    doneLine(),
  );
  expect(calls(last)).toEqual([
    ["a", { x: 1 }],
    ["a", { x: 2 }],
  ]);
});

test("Q82 Q83 reasoning is in the field thinking, and comes before the text of its line", async () => {
  const last = await read(messageLine({ content: "Hi", thinking: "hm" }), doneLine());
  expect(last.content.map(({ type }) => type)).toEqual(["thinking", "text"]);
});

test("Q84 reasoning, text, reasoning and text are four blocks", async () => {
  const last = await read(
    messageLine({ thinking: "a" }),
    textLine("b"),
    messageLine({ thinking: "c" }),
    textLine("d"),
    doneLine(),
  );
  expect(last.content.map(({ type }) => type)).toEqual(["thinking", "text", "thinking", "text"]);
  expect(new Set(last.content.map(({ id }) => id)).size).toBe(4);
});

test("Q86 tags that an old server leaves in the text are reasoning, however they are cut, and may be empty", async () => {
  const cut = await read(...["<th", "ink>h", "m</", "think>", "Hi"].map(textLine), doneLine());
  expect([cut.thinking, cut.text]).toEqual(["hm", "Hi"]);
  const empty = await read(textLine("<think>\n\n</think>\n\nHi"), doneLine());
  expect([empty.thinking, empty.text, empty.content.length]).toEqual(["", "Hi", 1]);
});

test("Q169 lines of JSON, not events: a line may span packets, a packet lines", async () => {
  const bytes = Buffer.from(textLine("Grüße") + textLine(" 👋") + doneLine());
  const server = await serve(async (response) => {
    response.writeHead(200, NDJSON_HEAD);
    for (let at = 0; at < bytes.length; at += 37) {
      response.write(bytes.subarray(at, at + 37));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  });
  expect((await ollamaAt(server.url).call("Hi")).text).toBe("Grüße 👋");
});

test("Q169 arguments are objects, on the way there too", async () => {
  expect(calls(await read(toolLine({ name: "a", arguments: { x: [1] } }), doneLine()))).toEqual([
    ["a", { x: [1] }],
  ]);
  const call = { type: "tool_use", id: "c", name: "a", input: { x: 1 }, rawInput: '{"x": 1}' } as const;
  expect(await send(["Hi", new AssistantMessage([call])])).toMatchObject({
    messages: [{}, { tool_calls: [{ function: { name: "a", arguments: { x: 1 } } }] }, { role: "tool" }],
  });
});

test("Q169 calls may lack ids: each gets one of its own, over several answers too", async () => {
  const answers = await Promise.all(
    [1, 2].map(() => read(toolLine({ name: "a" }, { name: "a" }), doneLine())),
  );
  const ids = answers.flatMap(({ toolCalls }) => toolCalls.map(({ id }) => id));
  expect(new Set(ids).size).toBe(4);
});

test("Q169 done_reason: stop, length, load, and stop beside calls", async () => {
  const finish = async (reason: string, ...lines: readonly string[]): Promise<string | undefined> =>
    (await read(...lines, doneLine({ done_reason: reason }))).finishReason;
  expect(await finish("stop", textLine("Hi"))).toBe("stop");
  expect(await finish("length", textLine("Hi"))).toBe("length");
  expect(await finish("load")).toBe("other");
  expect(await finish("stop", toolLine({ name: "a" }))).toBe("tool_calls");
});

test("Q169 text and calls may come with the end", async () => {
  const message = {
    role: "assistant",
    content: "Hi",
    tool_calls: [{ function: { name: "a", arguments: {} } }],
  };
  const last = await read(line({ message, done: true, done_reason: "stop", eval_count: 2 }));
  expect([last.text, calls(last), last.finishReason]).toEqual(["Hi", [["a", {}]], "tool_calls"]);
});

test("Q169 num_predict and num_ctx stand under options", async () => {
  const { options } = await send(["Hi"], {
    maxTokens: 5,
    providerOptions: { ollama: { numCtx: 8192 } },
  });
  expect(options).toEqual({ num_predict: 5, num_ctx: 8192 });
});

test("Q169 images are bare base64", async () => {
  const picture = image("data:image/png;base64,AQID");
  expect(await send([new UserMessage(["Look", picture])])).toMatchObject({
    messages: [{ content: "Look", images: ["AQID"] }],
  });
});

test("Q169 tool messages bear the name of the tool", async () => {
  const call = { type: "tool_use", id: "c", name: "get_time", input: {} } as const;
  const { messages } = await send(["Hi", new AssistantMessage([call]), new ToolResultMessage(call, "12:00")]);
  expect(messages).toMatchObject([
    {},
    {},
    { role: "tool", tool_name: "get_time", tool_call_id: "c", content: "12:00" },
  ]);
});

test("Q171 Q172 Q173 content is always a string: of one text, of none, of a result that is empty", async () => {
  const call = { type: "tool_use", id: "c", name: "a", input: {} } as const;
  const { messages } = await send(["Hi", new AssistantMessage([call]), new ToolResultMessage(call, "")]);
  expect((messages as { content: unknown }[]).map(({ content }) => content)).toEqual(["Hi", "", ""]);
});
