import { expect, test } from "vitest";
import { type GenerateOptions, type ModelError, runTools, type ToolInput } from "rxscope";
import { serve } from "../transport/loopback.ts";
import { modelAt, SSE_HEAD, textStream } from "./openai-server.ts";

// What a caller without TypeScript, a form or a database may hand over. It is told as the caller's mistake, before anything is sent.

const cyclic: Record<string, unknown> = {};
cyclic["itself"] = cyclic;

const block = (content: object): unknown => ({ role: "user", content: [content] });
const odd = (value: unknown): never => value as never;

const MESSAGES: readonly (readonly [string, unknown, RegExp])[] = [
  ["null", null, /not null/],
  ["a number", 5, /not number/],
  ["a role nobody has", { role: "bot", content: "x" }, /"bot" is not a role/],
  ["no content", { role: "user" }, /cannot hold/],
  ["a block nobody knows", block({ type: "poem" }), /"poem"/],
  ["a text without text", block({ type: "text" }), /"text" block has no text/],
  ["media without a source", block({ type: "data" }), /"data" block has no source/],
  ["a result without output", block({ type: "tool_result", id: "a", name: "f" }), /no output/],
  ["a result without its call", block({ type: "tool_result", name: "f", output: "x" }), /no id/],
  ["thinking without thoughts", { role: "assistant", content: [{ type: "thinking" }] }, /no thinking/],
  ["a call without a name", { role: "assistant", content: [{ type: "tool_use", id: "a" }] }, /no name/],
  [
    "arguments that JSON cannot hold",
    { role: "assistant", content: [{ type: "tool_use", id: "a", name: "f", input: { n: 1n } }] },
    /openai\/gpt-test cannot be asked this: .*BigInt/,
  ],
];

const OPTIONS: readonly (readonly [GenerateOptions, RegExp])[] = [
  [{ temperature: Number.NaN }, /temperature must be a number, not NaN/],
  [{ temperature: odd("warm") }, /temperature must be a number, not "warm"/],
  [{ maxTokens: 1.5 }, /maxTokens must be a whole number, not 1.5/],
  [{ stop: odd(5) }, /stop must be a string or a list of strings, not 5/],
  [{ stop: odd([5]) }, /stop must be a string or a list of strings/],
  [{ responseFormat: odd({ type: "xml" }) }, /responseFormat must be .* not {"type":"xml"}/],
  [{ responseFormat: odd("json") }, /responseFormat must be/],
  [{ toolChoice: odd({}) }, /toolChoice must be .* not {}/],
  [{ toolChoice: odd(5) }, /toolChoice must be .* not 5/],
  [{ toolChoice: odd({ names: "a" }) }, /toolChoice must be/],
  [{ stream: odd("no") }, /stream must be true or false, not "no"/],
  [{ parallelToolCalls: odd(cyclic) }, /parallelToolCalls must be true or false, not object/],
  [{ timeout: Number.NaN }, /timeout must be a number of at least 0, not NaN/],
  [{ signal: odd({}) }, /signal must be an AbortSignal/],
  [{ signal: odd(5) }, /signal must be an AbortSignal/],
  [{ extraBody: cyclic }, /the request cannot be made: .*circular/],
];

const TOOLS: readonly (readonly [string, unknown, RegExp])[] = [
  ["null", null, /A tool must be an object/],
  ["a name", "get_weather", /A tool must be an object/],
  ["no name", {}, /cannot be a tool's name/],
];

/** What a call says of its caller's mistake; the server must not hear of it. */
async function mistake(
  messages: unknown,
  tools: readonly unknown[] = [],
  options: GenerateOptions = {},
): Promise<ModelError> {
  const server = await serve((response) => void response.writeHead(200, SSE_HEAD).end(textStream("a")));
  const error = await modelAt(server.url)
    .call(odd(messages), tools as readonly ToolInput[], options)
    .then(
      () => expect.fail("it did not fail"),
      (failure: unknown) => failure as ModelError,
    );
  expect(server.requests).toHaveLength(0);
  return error;
}

test.each(MESSAGES)("a message that is %s is the caller's mistake", async (_, message, says) => {
  for (const messages of [[message], ["Hi", message]])
    expect(await mistake(messages)).toMatchObject({
      kind: "configuration",
      retryable: false,
      message: expect.stringMatching(says) as string,
    });
});

test.each(OPTIONS)("%o is the caller's mistake", async (options, says) => {
  expect(await mistake("Hi", [{ name: "a" }], options)).toMatchObject({
    kind: "configuration",
    retryable: false,
    message: expect.stringMatching(says) as string,
  });
});

test.each(TOOLS)("a tool that is %s is the caller's mistake", async (_, tool, says) => {
  expect(await mistake("Hi", [tool])).toMatchObject({
    kind: "configuration",
    message: expect.stringMatching(says) as string,
  });
});

test("an empty list of stops is none: providers refuse it", async () => {
  const server = await serve((response) => void response.writeHead(200, SSE_HEAD).end(textStream("a")));
  const { warnings } = await modelAt(server.url).call("Hi", { stop: [] });
  expect(warnings).toEqual([]);
  expect(JSON.parse(server.requests[0]?.body ?? "")).not.toHaveProperty("stop");
});

test("a run says what its caller did wrong", async () => {
  const run = runTools(modelAt("http://127.0.0.1:1"), odd(5), []);
  await expect(run.forEach(() => undefined)).rejects.toMatchObject({ kind: "configuration" });
});
