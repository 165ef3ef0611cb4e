import { expect, test } from "vitest";
import { startEmulator } from "../../src/testing/emulator/emulator.ts";
import { emulatorOfFile } from "../emulator-of-file.ts";
import { type RawAnswer, send } from "./raw-client.ts";

const emulator = await emulatorOfFile();

type Fields = Readonly<Record<string, unknown>>;

const HEADERS = { authorization: "", "x-api-key": "k", "anthropic-version": "2023-06-01" };

const post = (body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> =>
  send(`${emulator.url}/v1/messages`, body, { headers: { ...HEADERS, ...headers } });

const user = { role: "user", content: "Hi" };
const ask = (fields: Fields = {}): Fields => ({
  model: "claude-sonnet-4-5",
  max_tokens: 4096,
  messages: [user],
  ...fields,
});
const say = (...messages: Fields[]): Fields => ask({ messages });
const saying = (...content: Fields[]): Fields => say({ role: "user", content });
const answering = (...content: Fields[]): Fields => say(user, { role: "assistant", content }, user);
const call = (id: string): Fields => ({ type: "tool_use", id, name: "f", input: {} });
const calls = (...ids: string[]): Fields => ({ role: "assistant", content: ids.map(call) });
const result = (id: string): Fields => ({ type: "tool_result", tool_use_id: id, content: "done" });
const results = (...ids: string[]): Fields => ({ role: "user", content: ids.map(result) });
const text = (words: string): Fields => ({ type: "text", text: words });
const tools = [{ name: "f", input_schema: { type: "object" } }];
const budget = { type: "enabled", budget_tokens: 2048 };
const schema = (fields: Fields): Fields =>
  ask({ output_config: { format: { type: "json_schema", schema: fields } } });

test.each<[string, unknown, RegExp]>([
  ["a body that is no JSON", "{", /not valid JSON/],
  ["a request without a model", { max_tokens: 1, messages: [user] }, /^model: Field required$/],
  ["a request without max_tokens", ask({ max_tokens: undefined }), /^max_tokens: Field required$/],
  ["a request without messages", ask({ messages: undefined }), /^messages: Field required$/],
  ["an empty list of messages", say(), /at least one message is required/],
  ["an unknown field", ask({ seed: 1 }), /^seed: Extra inputs are not permitted$/],
  ["instructions among the messages", say({ role: "system", content: "x" }), /Unexpected role "system"/],
  ["a role that does not exist", say({ role: "tool", content: "x" }), /'user' or 'assistant'/],
  ["an assistant at the beginning", say({ role: "assistant", content: "x" }, user), /first message must use/],
  ["an empty text", saying(text("")), /text content blocks must be non-empty/],
  ["a blank text", saying(text(" \n")), /non-whitespace text/],
  ["an empty message", say(user, { role: "assistant", content: "" }, user), /^messages.1: all messages/],
  [
    "blanks at the end of a prefill",
    say(user, { role: "assistant", content: "So: " }),
    /trailing whitespace/,
  ],
  ["empty instructions", ask({ system: [text("")] }), /^system: text content blocks/],
  ["a block that does not exist", saying({ type: "video" }), /Input tag 'video'.*'document'/],
  ["a call by the user", saying(call("a")), /`tool_use` blocks can only be in `assistant`/],
  ["a result by the assistant", answering(result("a")), /`tool_result` blocks can only be in `user`/],
  [
    "a picture of another type",
    saying({ type: "image", source: { type: "base64", media_type: "image/tiff", data: "AA==" } }),
    /^messages.0.content.0.image.source.base64.media_type: /,
  ],
  [
    "thoughts without a signature",
    answering({ type: "thinking", thinking: "x" }),
    /signature: Field required/,
  ],
  [
    "thoughts that somebody else had",
    answering({ type: "thinking", thinking: "x", signature: "EqQB" }, text("y")),
    /Invalid `signature` in `thinking` block/,
  ],
  ["a call id with a dot", say(user, calls("a.b"), results("a.b")), /String should match pattern/],
  [
    "arguments as text",
    answering({ ...call("a"), input: "{}" }),
    /tool_use.input: Input should be a valid dictionary/,
  ],
  [
    "a call without its result",
    say(user, calls("a", "b"), results("a")),
    /^messages.1: .*immediately after: b\./,
  ],
  ["a call at the end", say(user, calls("a")), /immediately after: a\./],
  [
    "a result after a text",
    say(user, calls("a"), { role: "user", content: [text("So"), result("a")] }),
    /immediately after: a\./,
  ],
  [
    "a result that nobody asked for",
    say(results("a")),
    /^messages.0.content.0: unexpected `tool_use_id`.*: a\./,
  ],
  ["the same result twice", say(user, calls("a"), results("a", "a")), /must have a single result/],
  [
    "the same call twice",
    say(user, calls("a"), results("a"), calls("a"), results("a")),
    /`tool_use` ids must be unique/,
  ],
  ["a temperature that is too high", ask({ temperature: 1.5 }), /^temperature: range: 0..1$/],
  ["temperature and top_p together", ask({ temperature: 1, top_p: 0.5 }), /cannot both be specified/],
  [
    "a temperature on a model without",
    ask({ model: "claude-opus-4-8", temperature: 0 }),
    /^`temperature` is deprecated for this model\.$/,
  ],
  ["top_k on a model without", ask({ model: "claude-sonnet-5", top_k: 5 }), /^`top_k` is deprecated/],
  ["a blank stop sequence", ask({ stop_sequences: ["\n"] }), /must contain non-whitespace/],
  [
    "a temperature while thinking",
    ask({ thinking: budget, temperature: 0 }),
    /only be set to 1 when thinking/,
  ],
  ["top_k while thinking", ask({ thinking: budget, top_k: 5 }), /`top_k` must be unset/],
  ["top_p while thinking", ask({ thinking: budget, top_p: 0.5 }), /`top_p` must be greater/],
  [
    "a budget that is too small",
    ask({ thinking: { ...budget, budget_tokens: 100 } }),
    /greater than or equal to 1024/,
  ],
  [
    "a budget that leaves nothing",
    ask({ thinking: budget, max_tokens: 2048 }),
    /`max_tokens` must be greater than `thinking.budget_tokens`/,
  ],
  [
    "a budget on a model without",
    ask({ model: "claude-opus-4-7", thinking: budget }),
    /Use "thinking.type.adaptive"/,
  ],
  [
    "adaptive thinking on an old model",
    ask({ thinking: { type: "adaptive" } }),
    /adaptive thinking is not supported/,
  ],
  [
    "an effort on an old model",
    ask({ output_config: { effort: "low" } }),
    /not support the effort parameter/,
  ],
  [
    "a model that always thinks, told not to",
    ask({ model: "claude-sonnet-5-5", thinking: { type: "disabled" } }),
    /"thinking.type.disabled" is not supported/,
  ],
  [
    "thinking and a tool that must be called",
    ask({ thinking: budget, tools, tool_choice: { type: "any" } }),
    /Thinking may not be enabled when tool_choice forces/,
  ],
  [
    "a loop of tools without its thoughts",
    ask({ thinking: budget, tools, messages: [user, calls("a"), results("a")] }),
    /^messages.1.content.0.type: Expected `thinking`.*found `tool_use`/,
  ],
  [
    "a prefill on a newer model",
    ask({ model: "claude-opus-4-6", messages: [user, { role: "assistant", content: "So" }] }),
    /does not support assistant message prefill/,
  ],
  [
    "a choice without tools",
    ask({ tool_choice: { type: "auto" } }),
    /only be specified while providing tools/,
  ],
  [
    "the choice of a tool that is not there",
    ask({ tools, tool_choice: { type: "tool", name: "g" } }),
    /Tool 'g' not found/,
  ],
  [
    "a tool with a blank in its name",
    ask({ tools: [{ name: "a b", input_schema: { type: "object" } }] }),
    /^tools.0.custom.name: String should match/,
  ],
  [
    "a tool without a schema",
    ask({ tools: [{ name: "f" }] }),
    /^tools.0.custom.input_schema: Field required$/,
  ],
  [
    "a tool whose arguments are no object",
    ask({ tools: [{ name: "f", input_schema: { type: "string" } }] }),
    /input_schema.type: Input should be 'object'/,
  ],
  ["two tools of one name", ask({ tools: [...tools, ...tools] }), /Tool names must be unique/],
  [
    "five cache markers",
    saying(
      ...["1", "2", "3", "4", "5"].map((words) => ({ ...text(words), cache_control: { type: "ephemeral" } })),
    ),
    /maximum of 4 blocks with cache_control may be provided. Found 5/,
  ],
  [
    "a schema with bounds",
    schema({
      type: "object",
      properties: { age: { type: "integer", minimum: 0, maximum: 150 } },
      additionalProperties: false,
    }),
    /^output_config.format.schema: For 'integer' type, properties minimum, maximum are not supported$/,
  ],
  [
    "a schema that is open",
    schema({ type: "object" }),
    /'additionalProperties' must be explicitly set to false/,
  ],
])("%s is refused", async (_what, body, message) => {
  const { status, json, headers } = await post(body);
  expect(json).toEqual({
    type: "error",
    error: { type: "invalid_request_error", message: expect.stringMatching(message), details: null },
    request_id: headers["request-id"],
  });
  expect(status).toBe(400);
});

test.each<[string, Fields]>([
  ["calls with their results", say(user, calls("a", "b"), results("b", "a"), user)],
  ["results in messages of their own", say(user, calls("a", "b"), results("a"), results("b"))],
  [
    "several messages of one role",
    say(user, user, { role: "assistant", content: "x" }, calls("a"), results("a")),
  ],
  ["a prefill on an old model", say(user, { role: "assistant", content: "So" })],
  ["thinking with a budget", ask({ thinking: budget })],
  ["an effort where the model takes it", ask({ model: "claude-opus-4-5", output_config: { effort: "low" } })],
  ["null for what is not given", ask({ cache_control: null, output_config: { effort: null } })],
  ["a model that nobody knows", ask({ model: "my-own", temperature: 0, top_k: 1 })],
])("%s are accepted", async (_what, body) => {
  const { status, text: answer } = await post(body);
  expect(status, answer).toBe(200);
});

test("a model that does not exist is not found, nor is a path", async () => {
  const model = await post(ask({ model: "no-such-model" }));
  expect([model.status, model.json]).toMatchObject([
    404,
    { error: { type: "not_found_error", message: "model: no-such-model" } },
  ]);
  const path = await send(`${emulator.url}/v1/message`, ask(), { headers: HEADERS });
  expect([path.status, path.json]).toMatchObject([404, { error: { type: "not_found_error" } }]);
});

test("the version must be there, and one that exists; the newest has no sampling", async () => {
  const messageFor = async (version: string, body = ask()): Promise<unknown> => {
    const { json } = await post(body, { "anthropic-version": version });
    return (json as { error?: { message: string } }).error?.message;
  };
  expect(await messageFor("")).toBe("anthropic-version: header is required");
  expect(await messageFor("tomorrow")).toContain("is not a valid version");
  expect(await messageFor("2026-10-21")).toBeUndefined();
  expect(await messageFor("2026-10-21", ask({ temperature: 1 }))).toContain("temperature: Extra inputs");
});

test.each([
  ["no key", {}, "x-api-key header is required"],
  ["a wrong key", { "x-api-key": "sk-wrong" }, "invalid x-api-key"],
  ["a wrong token", { authorization: "Bearer sk-wrong" }, "Invalid bearer token"],
])("%s is refused", async (_what, headers, message) => {
  const { status, json } = await post(ask(), { "x-api-key": "", ...headers });
  expect([status, json]).toMatchObject([401, { error: { type: "authentication_error", message } }]);
});

test("a key may come as a token", async () => {
  expect((await post(ask(), { "x-api-key": "", authorization: "Bearer k" })).status).toBe(200);
});

test("what a count of tokens would not need is refused there", async () => {
  const count = (body: Fields): Promise<RawAnswer> =>
    send(`${emulator.url}/v1/messages/count_tokens`, body, { headers: HEADERS });
  expect((await count(ask())).json).toMatchObject({
    error: { message: "max_tokens: Extra inputs are not permitted" },
  });
  expect((await count({ model: "claude-opus-4-8" })).json).toMatchObject({
    error: { message: "messages: Field required" },
  });
});

test("a lenient emulator refuses nothing", async () => {
  const lenient = await startEmulator({ lenient: true });
  const { status } = await send(
    `${lenient.url}/v1/messages`,
    { seed: 1 },
    { headers: { authorization: "" } },
  );
  expect(status).toBe(200);
  await lenient.close();
});

test("limits are in the head of every answer, and how long to wait in that of a 429", async () => {
  const { headers } = await post(ask());
  expect(headers).toMatchObject({
    "anthropic-ratelimit-requests-limit": "4000",
    "anthropic-ratelimit-input-tokens-remaining": "1999999",
    "anthropic-ratelimit-output-tokens-reset": expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  });
  expect(headers["retry-after"]).toBeUndefined();
  emulator.script({ status: 429 });
  expect((await post(ask())).headers["retry-after"]).toBe("1");
});

test("lists of models are each provider's own, by what the request shows", async () => {
  const url = `${emulator.url}/v1/models`;
  const anthropic = await send(url, undefined, { headers: HEADERS });
  const openai = await send(url);
  expect([anthropic.json, openai.json]).toMatchObject([
    {
      data: [
        { type: "model", id: "claude-opus-5-5" },
        ...Array.from({ length: 5 }, () => ({ type: "model" })),
      ],
    },
    { object: "list" },
  ]);
});
