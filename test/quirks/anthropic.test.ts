// What Anthropic really takes and sends, by the catalogue's numbers: whole calls over loopback HTTP.
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  AnthropicCredential,
  AssistantMessage,
  type ChatResponse,
  type GenerateOptions,
  type MessageInput,
  ModelError,
  SystemMessage,
  type ToolInput,
  ToolResultMessage,
  UserMessage,
} from "../../src/index.ts";
import { ByteServer } from "../../src/testing/conformance/byte-server.ts";
import { blockOf, endOf, event, startOf, textBlock } from "../model/anthropic-server.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

let server: ByteServer;

beforeAll(async () => {
  server = await ByteServer.start();
});

afterAll(() => server.close());

const OK = [startOf(), ...textBlock(0, "ok"), ...endOf("end_turn")];

interface Sent {
  readonly messages: readonly {
    readonly role: string;
    readonly content: readonly Record<string, unknown>[];
  }[];
  readonly [field: string]: unknown;
}

interface Call {
  readonly model?: string;
  readonly messages?: MessageInput | readonly MessageInput[];
  readonly tools?: readonly ToolInput[];
  readonly options?: GenerateOptions;
  readonly events?: readonly { readonly type: string }[];
}

/** One call: what was sent, what came, and what it warns of. */
async function ask({
  model = "claude-haiku-4-5",
  messages = "Hi",
  tools = [],
  options = {},
  events = OK,
}: Call = {}): Promise<{ body: Sent; reply: ChatResponse; warned: string[] }> {
  server.script({ headers: { "content-type": "text/event-stream" }, pieces: events.map(event) });
  const credential = new AnthropicCredential({ apiKey: "sk-ant-quirks-0123456789", baseUrl: server.url });
  const reply = await credential.createChatModel(model).call(messages, tools, { retry: false, ...options });
  return {
    body: server.requests.at(-1)?.body as Sent,
    reply,
    warned: reply.warnings.map(({ option }) => option),
  };
}

async function fail(events: readonly { readonly type: string }[]): Promise<ModelError> {
  const error: unknown = await ask({ events }).catch((reason: unknown) => reason);
  if (!ModelError.isInstance(error)) throw new Error("No ModelError.");
  return error;
}

const call = (id: string, input = {}) => ({ type: "tool_use", id, name: "look_up", input }) as const;
const types = (content: readonly Record<string, unknown>[] | undefined): unknown[] =>
  (content ?? []).map(({ type }) => type);

test("Q1 Q2 no [DONE] is needed, and what follows message_stop is not read", async () => {
  expect((await ask({ events: [...OK, ...textBlock(1, "more")] })).reply.text).toBe("ok");
});

test("Q6 Q7 pings and unknown events and deltas anywhere mean nothing", async () => {
  const noise = [
    { type: "ping" },
    { type: "message_note" },
    { type: "content_block_delta", index: 0, delta: { type: "new" } },
  ];
  const { reply } = await ask({ events: OK.flatMap((each) => [...noise, each]) });
  expect([reply.text, reply.content.length]).toEqual(["ok", 1]);
});

test("Q10 Q12 an overload inside a stream is an overload, with what had come", async () => {
  const overload = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
  const early = await fail([startOf(), overload]);
  expect(early).toMatchObject({ kind: "overloaded", retryable: true });
  expect(early.partial).toBeUndefined();
  expect(await fail([startOf(), ...textBlock(0, "Once"), overload])).toMatchObject({
    kind: "overloaded",
    partial: { text: "Once" },
  });
});

test("Q22 a stream without its end is no success", async () => {
  expect(await fail([startOf(), ...textBlock(0, "Once")])).toMatchObject({
    kind: "truncated",
    partial: { text: "Once" },
  });
});

test("Q95 Q97 thinking goes back unchanged and in order, redacted thinking too", async () => {
  const thinking = { type: "thinking", thinking: "", signature: "" };
  const redacted = { type: "redacted_thinking", data: "b3BhcXVl" };
  const asked = await ask({
    tools: [{ name: "look_up" }],
    options: { thinking: { enabled: true } },
    events: [
      startOf(),
      ...blockOf(
        0,
        thinking,
        { type: "thinking_delta", thinking: "  I see. \n" },
        { type: "signature_delta", signature: "sig" },
      ),
      ...blockOf(1, redacted),
      ...blockOf(2, call("toolu_1")),
      ...endOf("tool_use"),
    ],
  });
  // Through JSON, as a conversation that was stored.
  const stored = JSON.parse(JSON.stringify(asked.reply.toMessage())) as AssistantMessage;
  const { body } = await ask({
    messages: ["Hi", stored, new ToolResultMessage(call("toolu_1"), "x")],
    tools: [{ name: "look_up" }],
    options: { thinking: { enabled: true } },
  });
  expect(body.messages[1]?.content).toEqual([
    { type: "thinking", thinking: "  I see. \n", signature: "sig" },
    redacted,
    call("toolu_1"),
  ]);
  expect(body["thinking"]).toMatchObject({ type: "enabled" });
});

test("Q96 a signature comes after the text of its block", async () => {
  const block = (index: number, text: string, signature: string): { type: string }[] =>
    blockOf(
      index,
      { type: "thinking", thinking: "", signature: "" },
      { type: "thinking_delta", thinking: text },
      { type: "signature_delta", signature },
    );
  const { reply } = await ask({
    events: [startOf(), ...block(0, "one", "s1"), ...block(1, "two", "s2"), ...endOf("end_turn")],
  });
  expect(reply.content).toMatchObject([
    { thinking: "one", providerMetadata: { anthropic: { signature: "s1" } } },
    { thinking: "two", providerMetadata: { anthropic: { signature: "s2" } } },
  ]);
});

test("Q107 with thinking on nothing samples, and the limit exceeds the budget", async () => {
  const { body, warned } = await ask({
    options: { thinking: { budgetTokens: 5000 }, maxTokens: 4000, temperature: 0.5, topP: 0.5, topK: 5 },
  });
  for (const field of ["temperature", "top_p", "top_k"]) expect(body).not.toHaveProperty(field);
  const { budget_tokens: budget } = body["thinking"] as { budget_tokens: number };
  expect(body["max_tokens"]).toBe(4000);
  expect(budget).toBeLessThan(4000);
  expect(warned.toSorted()).toEqual(["temperature", "thinking.budgetTokens", "topK", "topP"]);
});

test("Q108 the newest models decide themselves how much to think, and must be told not to", async () => {
  const model = "claude-sonnet-5";
  const on = await ask({ model, options: { thinking: { effort: "high" }, temperature: 0.5 } });
  expect(on.body).toMatchObject({ thinking: { type: "adaptive" }, output_config: { effort: "high" } });
  expect(on.body).not.toHaveProperty("temperature");
  expect(on.warned).toEqual(["temperature"]);
  const off = await ask({ model, options: { thinking: { enabled: false } } });
  expect(off.body["thinking"]).toEqual({ type: "disabled" });
  // Switched off together with a high effort it would be refused.
  expect(off.body).not.toHaveProperty("output_config");
});

test("Q109 temperature is at most 1, and excludes top_p", async () => {
  const { body, warned } = await ask({ options: { temperature: 1.7, topP: 0.5 } });
  expect(body["temperature"]).toBe(1);
  expect(body).not.toHaveProperty("top_p");
  expect(warned).toEqual(["temperature", "topP"]);
});

test("Q114 Q117 cached tokens stand beside the input; later counts replace, and may correct", async () => {
  const { reply } = await ask({
    events: [
      startOf({
        input_tokens: 5,
        cache_read_input_tokens: 100,
        cache_creation_input_tokens: 20,
        output_tokens: 1,
      }),
      ...textBlock(0, "ok"),
      ...endOf("end_turn", { input_tokens: 7, output_tokens: 30 }),
    ],
  });
  expect(reply.usage).toMatchObject({
    inputTokens: 127,
    cacheReadTokens: 100,
    cacheWriteTokens: 20,
    outputTokens: 30,
    totalTokens: 157,
  });
});

test("Q118 the passes of a compacted answer are all paid", async () => {
  const iterations = [
    { type: "compaction", input_tokens: 1000, output_tokens: 100 },
    { type: "message", input_tokens: 50, output_tokens: 10 },
  ];
  const usage = { input_tokens: 50, output_tokens: 10, iterations };
  const { reply } = await ask({ events: [startOf(), ...textBlock(0, "ok"), ...endOf("end_turn", usage)] });
  expect(reply.usage).toMatchObject({ inputTokens: 1050, outputTokens: 110 });
});

test("Q132 turns alternate, the user first; results come first in their turn", async () => {
  const { body } = await ask({
    messages: [
      new AssistantMessage("Welcome."),
      new UserMessage("a"),
      new UserMessage("b"),
      new AssistantMessage([call("toolu_1"), call("toolu_2")]),
      new UserMessage("wait"),
      new ToolResultMessage(call("toolu_2"), "2"),
      new ToolResultMessage(call("toolu_1"), "1"),
    ],
    tools: [{ name: "look_up" }],
  });
  expect(body.messages.map(({ role }) => role)).toEqual(["user", "assistant", "user", "assistant", "user"]);
  expect(types(body.messages.at(-1)?.content)).toEqual(["tool_result", "tool_result", "text"]);
});

test("Q133 neighbouring answers are one turn, and one that is begun has no white space at its end", async () => {
  const { body } = await ask({ messages: ["Hi", new AssistantMessage("a "), new AssistantMessage("b \n")] });
  expect(body.messages[1]?.content).toEqual([
    { type: "text", text: "a " },
    { type: "text", text: "b" },
  ]);
});

test("Q134 empty texts are not sent", async () => {
  const { body } = await ask({
    messages: [
      new SystemMessage(["", "s"]),
      new UserMessage(["", "Hi", " \n"]),
      new AssistantMessage(["", call("t")]),
    ],
  });
  expect(body["system"]).toEqual([{ type: "text", text: "s" }]);
  expect(body.messages[0]?.content).toEqual([{ type: "text", text: "Hi" }]);
  expect(types(body.messages[1]?.content)).toEqual(["tool_use"]);
});

test("Q135 an input is an object, whatever the model wrote", async () => {
  const broken = { ...call("toolu_1"), rawInput: "[1, 2", inputError: "no JSON" };
  const { body } = await ask({ messages: ["Hi", new AssistantMessage([broken])] });
  expect(body.messages[1]?.content[0]).toMatchObject({ input: { invalid_arguments: "[1, 2" } });
});

test("Q136 choosing no tool keeps the tools, and a history with calls is never without them", async () => {
  const messages = ["Hi", new AssistantMessage([call("t")]), new ToolResultMessage(call("t"), "x")];
  const none = await ask({ messages, tools: [{ name: "look_up" }], options: { toolChoice: "none" } });
  expect(none.body).toMatchObject({ tools: [{ name: "look_up" }], tool_choice: { type: "none" } });
  const bare = await ask({ messages });
  expect(bare.body).toMatchObject({ tools: [{ name: "look_up" }], tool_choice: { type: "none" } });
});

test("Q137 the limit that the wire wants is the model's own, or one with a warning", async () => {
  const known = await ask({ model: "claude-opus-4-8" });
  expect([known.body["max_tokens"], known.warned]).toEqual([128_000, []]);
  const unknown = await ask({ model: "my-deployment" });
  expect([unknown.body["max_tokens"], unknown.warned]).toEqual([32_000, ["maxTokens"]]);
});

test("Q138 a tool without arguments sends no delta; `{}` at the start only holds the place", async () => {
  const piece = { type: "input_json_delta", partial_json: '{"a":1}' };
  const { reply } = await ask({
    events: [startOf(), ...blockOf(0, call("t1")), ...blockOf(1, call("t2"), piece), ...endOf("tool_use")],
  });
  expect(reply.toolCalls.map(({ input }) => input)).toEqual([{}, { a: 1 }]);
});

test("Q139 the input of the provider's own tool is not that of a client's", async () => {
  const json = (partial: string): object => ({ type: "input_json_delta", partial_json: partial });
  const server_tool = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} };
  const { reply } = await ask({
    events: [
      startOf(),
      ...blockOf(0, server_tool, json('{"query":"x"}')),
      ...blockOf(1, call("t"), json('{"a":1}')),
      ...endOf("tool_use"),
    ],
  });
  expect(reply.toolCalls).toMatchObject([{ id: "t", input: { a: 1 } }]);
  expect(reply.metadata["providerBlocks"]).toEqual([{ ...server_tool, input: { query: "x" } }]);
});

test("Q140 blocks of two answers have different ids, though their numbers are the same", async () => {
  const [first, second] = [await ask(), await ask()];
  expect(first.reply.content[0]?.id).not.toBe(second.reply.content[0]?.id);
});

test("Q141 a repeated beginning means nothing, another beginning spoils the stream", async () => {
  expect((await ask({ events: [startOf(), ...OK] })).reply.text).toBe("ok");
  const other = { type: "message_start", message: { id: "msg_2" } };
  expect(await fail([startOf(), ...textBlock(0, "Once"), other, ...OK.slice(1)])).toMatchObject({
    kind: "parse",
    partial: { text: "Once" },
  });
});

test.each([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["pause_turn", "pause"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["refusal", "content_filter"],
])("Q142 %s is %s, and its usage is there", async (raw, reason) => {
  const { reply } = await ask({ events: [startOf(), ...textBlock(0, "ok"), ...endOf(raw)] });
  expect(reply).toMatchObject({ finishReason: reason, rawFinishReason: raw, usage: { outputTokens: 5 } });
});

test("Q143 instructions are a field of their own; later ones join them, with a warning", async () => {
  const { body, warned } = await ask({ messages: [new SystemMessage("a"), "Hi", new SystemMessage("b")] });
  expect(body["system"]).toMatchObject([{ text: "a" }, { text: "b" }]);
  expect(body.messages.map(({ role }) => role)).toEqual(["user"]);
  expect(warned).toEqual(["messages"]);
});

test("Q144 at most four cache breakpoints, none on thinking", async () => {
  const marked = { providerMetadata: { anthropic: { cacheControl: true, signature: "s" } } };
  const texts = Array.from(
    { length: 6 },
    (_, index) => ({ type: "text", text: `t${index}`, ...marked }) as const,
  );
  const thought = { type: "thinking", thinking: "hm", ...marked } as const;
  const from = { provider: "anthropic", model: "claude-haiku-4-5" };
  const { body, warned } = await ask({
    messages: [new UserMessage(texts), new AssistantMessage([thought, "yes"], from), "Go"],
    options: { cacheControl: true },
  });
  expect(JSON.stringify(body).match(/cache_control/g)).toHaveLength(4);
  expect(body.messages[1]?.content[0]).toEqual({ type: "thinking", thinking: "hm", signature: "s" });
  expect(warned).toEqual(["cacheControl"]);
});

test("Q145 a schema is native from 4.5 on; before it there is no more than a beginning and a warning", async () => {
  const schema = { type: "object", properties: { n: { type: "integer" } } };
  const options = { responseFormat: { type: "json_schema", schema } } as const;
  for (const model of ["claude-haiku-4-5", "claude-opus-4-8", "claude-sonnet-5"]) {
    const { body, warned } = await ask({ model, options });
    expect(body["output_config"]).toMatchObject({ format: { type: "json_schema" } });
    expect(warned).toEqual([]);
  }
  const { body, warned } = await ask({ model: "claude-opus-4-1", options });
  expect(body).not.toHaveProperty("output_config");
  expect(warned).toEqual(["responseFormat"]);
});

test("Q146 what a schema cannot enforce is told in its description", async () => {
  const schema = { type: "object", properties: { n: { type: "integer", minimum: 1 } } };
  const { body } = await ask({ options: { responseFormat: { type: "json_schema", schema } } });
  const { format } = body["output_config"] as { format: { schema: { properties: { n: object } } } };
  expect(format.schema.properties.n).toEqual({
    type: "integer",
    description: expect.stringContaining('"minimum":1'),
  });
});

test("Q147 a key or a token, always the version, betas joined by commas", async () => {
  await ask({ options: { providerOptions: { anthropic: { betas: ["a-1", "b-2"] } } } });
  expect(server.requests.at(-1)?.headers).toMatchObject({
    "x-api-key": "sk-ant-quirks-0123456789",
    "anthropic-version": "2023-06-01",
    "anthropic-beta": "a-1,b-2",
  });
  const token = { apiKey: "token-0123456789", auth: "bearer" } as const;
  expect(await new AnthropicCredential(token).headers()).toMatchObject({
    authorization: "Bearer token-0123456789",
  });
});
