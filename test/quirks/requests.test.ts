// What must stand in a request, or must not, for the OpenAI family. Q numbers are the catalogue's.
import { expect, test } from "vitest";
import {
  AssistantMessage,
  type GenerateOptions,
  type MessageInput,
  type ModelError,
  OpenAICredential,
  type OpenAICredentialOptions,
  SystemMessage,
  type ToolInput,
  ToolResultMessage,
} from "../../src/index.ts";
import { emulatorOfFile } from "../emulator-of-file.ts";
import { sse, withServer } from "./answering-server.ts";

const emulator = await emulatorOfFile();

interface Sent {
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>> & {
    readonly messages: readonly Record<string, unknown>[];
  };
  readonly warnings: readonly string[];
}

/** What a call looks like on the wire; the emulator refuses what OpenAI refuses. */
async function send(
  model: string,
  messages: readonly MessageInput[] = ["Hi"],
  options: GenerateOptions = {},
  tools: readonly ToolInput[] = [],
  account: OpenAICredentialOptions = {},
): Promise<Sent> {
  const credential = new OpenAICredential({
    apiKey: "sk-quirks-0123456789",
    baseUrl: `${emulator.url}/v1`,
    ...account,
  });
  const { warnings } = await credential.createChatModel(model).call(messages, tools, options);
  const { path, headers, body } = emulator.journal.at(-1) as unknown as Sent;
  return { path, headers, body, warnings: warnings.map(({ option }) => option) };
}

test("Q26 the base URL may end in a slash; an empty one is a mistake", async () => {
  expect((await send("gpt-4.1", ["Hi"], {}, [], { baseUrl: `${emulator.url}/v1//` })).path).toBe(
    "/v1/chat/completions",
  );
  expect(() => new OpenAICredential({ apiKey: "sk-quirks-0123456789", baseUrl: "" })).toThrow(
    /not an absolute URL/,
  );
});

test("Q27 undefined headers are left out, names are merged without regard to case", async () => {
  const { headers } = await send("gpt-4.1", ["Hi"], { extraHeaders: { "X-Trace": "b" } }, [], {
    headers: { "x-trace": "a", "x-nothing": undefined },
  });
  expect(headers["x-trace"]).toBe("b");
  expect(headers).not.toHaveProperty("x-nothing");
});

test("Q37 usage is asked for, but not of a server that refuses the field", async () => {
  expect((await send("gpt-4.1")).body["stream_options"]).toEqual({ include_usage: true });
  const { body } = await send("gpt-4.1", ["Hi"], {}, [], { switches: { streamOptions: false } });
  expect(body).not.toHaveProperty("stream_options");
  expect((await send("gpt-4.1", ["Hi"], { stream: false })).body).not.toHaveProperty("stream_options");
});

test("Q74 a stream cut in the middle of arguments leaves a call that says so", async () => {
  const call = { index: 0, id: "c1", function: { name: "t", arguments: '{"city": "Par' } };
  const body = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [call] } }] })}\n\n`;
  const error = await withServer(sse(body), (model) =>
    model.call("Hi").catch((failure: unknown) => failure as ModelError),
  );
  expect(error).toMatchObject({
    kind: "truncated",
    partial: { toolCalls: [{ input: { city: "Par" }, inputError: expect.stringContaining("cut") }] },
  });
});

test("Q78 Q79 without tools neither tools, tool_choice nor parallel_tool_calls are sent", async () => {
  const { body } = await send("gpt-4.1", ["Hi"], { toolChoice: "auto", parallelToolCalls: true });
  for (const field of ["tools", "tool_choice", "parallel_tool_calls"]) expect(body).not.toHaveProperty(field);
});

test("Q80 strict is sent only when it is set", async () => {
  const { body } = await send("gpt-4.1", ["Hi"], {}, [{ name: "a" }, { name: "b", strict: true }]);
  expect(body["tools"]).toEqual([
    { type: "function", function: { name: "a" } },
    { type: "function", function: { name: "b", strict: true } },
  ]);
});

test("Q103 reasoning models get no sampling options, GPT-5.1 and later only with effort none", async () => {
  const sampling: GenerateOptions = {
    temperature: 0.5,
    topP: 0.5,
    presencePenalty: 0.1,
    frequencyPenalty: 0.1,
  };
  const names = Object.keys(sampling).toSorted();
  for (const model of ["o3", "gpt-5", "gpt-5.1"])
    expect((await send(model, ["Hi"], sampling)).warnings.toSorted()).toEqual(names);
  const free = await send("gpt-5.1", ["Hi"], { ...sampling, thinking: { effort: "none" } });
  expect(free.warnings).toEqual([]);
  expect(free.body).toMatchObject({ temperature: 0.5, reasoning_effort: "none" });
});

test("Q104 the token limit is max_completion_tokens, or max_tokens where a server knows only that", async () => {
  expect((await send("o3", ["Hi"], { maxTokens: 9 })).body).toMatchObject({ max_completion_tokens: 9 });
  const { body } = await send("gpt-4.1", ["Hi"], { maxTokens: 9 }, [], {
    switches: { maxTokensField: "max_tokens" },
  });
  expect(body).toMatchObject({ max_tokens: 9 });
  expect(body).not.toHaveProperty("max_completion_tokens");
});

test.each([
  ["gpt-4.1", "system"],
  ["o3", "developer"],
  ["gpt-5", "developer"],
  ["gpt-5-chat-latest", "system"],
  ["o9-future", "developer"],
  ["gpt-7-future", "developer"],
  ["my-own-model", "system"],
])("Q105 Q106 instructions of %s have the role %s", async (model, role) => {
  const { body } = await send(model, [new SystemMessage("Be brief."), "Hi"]);
  expect(body.messages[0]).toEqual({ role, content: "Be brief." });
});

test("Q171 a single text is a plain string", async () => {
  expect((await send("gpt-4.1", [{ role: "user", content: ["Hi"] }])).body.messages).toEqual([
    { role: "user", content: "Hi" },
  ]);
});

test.each([
  ["null", { content: null }],
  ["empty", { content: "" }],
] as const)("Q172 the content of a turn with calls only may be %s", async (emptyContent, expected) => {
  const call = { type: "tool_use", id: "c1", name: "t", input: {} } as const;
  const history = ["Hi", new AssistantMessage([call]), new ToolResultMessage(call, "done")];
  const { body } = await send("gpt-4.1", history, {}, [{ name: "t" }], { switches: { emptyContent } });
  expect(body.messages[1]).toMatchObject(expected);
});

test("Q173 an empty tool result is an empty string, never undefined", async () => {
  const call = { type: "tool_use", id: "c1", name: "t", input: {} } as const;
  const { body } = await send(
    "gpt-4.1",
    ["Hi", new AssistantMessage([call]), new ToolResultMessage(call, "")],
    {},
    [{ name: "t" }],
  );
  expect(body.messages[2]).toEqual({ role: "tool", tool_call_id: "c1", content: "" });
});
