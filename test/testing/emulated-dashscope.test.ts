import { expect, test } from "vitest";
import { emulatorOfFile } from "../emulator-of-file.ts";
import { type RawAnswer, send } from "./raw-client.ts";

const emulator = await emulatorOfFile();

const WEATHER = {
  type: "function",
  function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
};

interface Asked {
  readonly model?: string;
  readonly messages?: readonly unknown[];
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly stream?: boolean;
  readonly task?: "text" | "multimodal";
  readonly headers?: Readonly<Record<string, string>>;
}

const ask = ({
  model = "qwen-plus",
  messages = [{ role: "user", content: "Hi" }],
  parameters = {},
  stream = false,
  task = "text",
  headers = {},
}: Asked = {}): Promise<RawAnswer> =>
  send(
    `${emulator.baseUrl("dashscope")}/services/aigc/${task}-generation/generation`,
    { model, input: { messages }, parameters: { result_format: "message", ...parameters } },
    { headers: { ...headers, ...(stream && { "x-dashscope-sse": "enable" }) } },
  );

interface Event {
  readonly output: {
    readonly choices: readonly {
      readonly message: Readonly<Record<string, unknown>>;
      readonly finish_reason: string;
    }[];
  };
  readonly usage: { readonly output_tokens: number };
}

const eventsOf = (text: string): Event[] =>
  text
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => JSON.parse(event.slice(event.indexOf("data:") + "data:".length)) as Event);

const messagesOf = (text: string): unknown[] =>
  eventsOf(text).map(({ output }) => output.choices[0]?.message);

test("the events of a stream are those of a recorded one, byte for byte", async () => {
  emulator.script({ text: "材料 科学", usage: { inputTokens: 26, outputTokens: 2 } });
  const { text, headers } = await ask({ stream: true, parameters: { incremental_output: true } });
  const { number } = await emulator.waitForRequest();
  const event = (id: number, content: string, finish: string, made: number): string =>
    `id:${id}\nevent:result\n:HTTP_STATUS/200\ndata:{"output":{"choices":[{"message":{"role":"assistant","content":"${content}"},"finish_reason":"${finish}"}]},` +
    `"usage":{"input_tokens":26,"output_tokens":${made},"total_tokens":${26 + made},"prompt_tokens_details":{"cached_tokens":0}},"request_id":"emulated-${number}"}\n\n`;
  expect(text).toBe(event(1, "材料 ", "null", 1) + event(2, "科学", "null", 2) + event(3, "", "stop", 2));
  expect(headers).toMatchObject({
    "content-type": "text/event-stream;charset=UTF-8",
    "x-request-id": `emulated-${number}`,
  });
});

test("a stream that nobody wants in increments repeats all of the text, and all of the arguments", async () => {
  const toolCalls = [{ id: "call_1", name: "f", arguments: { a: 1 } }];
  emulator.script({ text: "one two", toolCalls, chunkSize: 4 });
  const messages = messagesOf((await ask({ stream: true })).text);
  expect(messages).toMatchObject([
    { content: "one " },
    { content: "one two" },
    { content: "one two", tool_calls: [{ index: 0, id: "call_1", function: { name: "f", arguments: "" } }] },
    { content: "one two", tool_calls: [{ id: "call_1", function: { name: "f", arguments: '{"a"' } }] },
    { content: "one two", tool_calls: [{ id: "call_1", function: { name: "f", arguments: '{"a":1}' } }] },
    { content: "one two", tool_calls: [{ id: "call_1", function: { name: "f", arguments: '{"a":1}' } }] },
  ]);
});

test.each([
  ["qwen-plus", { incremental_output: true }, true],
  ["qwen3-8b", { enable_thinking: false }, true],
  ["qwen-plus", { enable_thinking: true }, true],
  ["qwen-plus", {}, false],
  ["qwen3-8b", { incremental_output: false, enable_thinking: false }, false],
  // Whoever thinks, streams in increments.
  ["qwen-plus", { incremental_output: false, enable_thinking: true }, true],
])("%s with %j streams in increments: %j", async (model, parameters, isIncremental) => {
  emulator.script({ text: "one two" });
  const events = eventsOf((await ask({ model, parameters, stream: true })).text);
  expect(events.at(-1)?.output.choices[0]?.message["content"]).toBe(isIncremental ? "" : "one two");
});

test("reasoning comes piece by piece in a field of its own, even beside text that is repeated", async () => {
  emulator.when({}, { thinking: "a b", text: "c d" });
  const thinking = await ask({ stream: true, parameters: { enable_thinking: true } });
  expect(messagesOf(thinking.text)).toEqual([
    { role: "assistant", content: "", reasoning_content: "a " },
    { role: "assistant", content: "", reasoning_content: "b" },
    { role: "assistant", content: "c ", reasoning_content: "" },
    { role: "assistant", content: "d", reasoning_content: "" },
    { role: "assistant", content: "", reasoning_content: "" },
  ]);
  const repeated = await ask({ stream: true });
  expect(messagesOf(repeated.text)).toMatchObject([
    { reasoning_content: "a " },
    { reasoning_content: "b" },
    { content: "c " },
    { content: "c d" },
    { content: "c d" },
  ]);
  const { usage } = eventsOf(thinking.text).at(-1) ?? {};
  expect(usage).toMatchObject({ output_tokens: 4, output_tokens_details: { reasoning_tokens: 2 } });
});

test("calls come in pieces, with an id in the first and an empty one in the others", async () => {
  emulator.script({
    toolCalls: [
      { name: "get_weather", arguments: { city: "Paris" } },
      { name: "get_time", arguments: {} },
    ],
  });
  const { text } = await ask({ stream: true, parameters: { incremental_output: true } });
  const pieces = messagesOf(text).flatMap(
    (message) => (message as { tool_calls?: unknown[] }).tool_calls ?? [],
  );
  expect(pieces).toMatchObject([
    { index: 0, id: expect.stringMatching(/^call_/), function: { name: "get_weather", arguments: "" } },
    { index: 0, id: "", type: "function", function: { arguments: '{"city":' } },
    { index: 0, id: "", function: { arguments: '"Paris"}' } },
    { index: 1, id: expect.stringMatching(/^call_/), function: { name: "get_time", arguments: "" } },
    { index: 1, id: "", function: { arguments: "{}" } },
  ]);
  expect(eventsOf(text).map(({ output }) => output.choices[0]?.finish_reason)).toEqual([
    "null",
    "null",
    "null",
    "null",
    "null",
    "tool_calls",
  ]);
});

test("the multimodal endpoint speaks in lists of parts", async () => {
  const messages = [
    { role: "user", content: [{ image: "data:image/png;base64,AQID" }, { text: "这是什么" }] },
  ];
  const asked = { model: "qwen-vl-max", task: "multimodal", messages } as const;
  const whole = (await ask(asked)).json;
  expect(whole).toMatchObject({
    output: { choices: [{ message: { role: "assistant", content: [{ text: "You said: 这是什么" }] } }] },
  });
  emulator.script({ text: "a cat" });
  const { text } = await ask({ ...asked, stream: true });
  expect(messagesOf(text)).toEqual([
    { role: "assistant", content: [{ text: "a " }] },
    { role: "assistant", content: [{ text: "cat" }] },
    { role: "assistant", content: [] },
  ]);
});

test("a whole answer has one choice and its usage", async () => {
  emulator.script({ text: "Hello", toolCalls: [{ id: "call_1", name: "f", arguments: "{}" }] });
  const { json } = await ask({ parameters: { tools: [WEATHER] } });
  expect(json).toEqual({
    output: {
      choices: [
        {
          message: {
            role: "assistant",
            content: "Hello",
            tool_calls: [
              { index: 0, id: "call_1", type: "function", function: { name: "f", arguments: "{}" } },
            ],
          },
          finish_reason: "tool_calls",
        },
      ],
    },
    usage: {
      input_tokens: 3,
      output_tokens: 3,
      total_tokens: 6,
      prompt_tokens_details: { cached_tokens: 0 },
    },
    request_id: `emulated-${emulator.journal[0]?.number}`,
  });
});

test("older models answer with a bare text when no form is asked for, newer ones with messages", async () => {
  const bare = await ask({ parameters: { result_format: undefined } });
  expect((bare.json as Event).output).toEqual({ text: "You said: Hi", finish_reason: "stop" });
  const newer = await ask({ model: "qwen3-max", parameters: { result_format: undefined } });
  expect((newer.json as Event).output.choices).toHaveLength(1);
});

test("what a search found comes first, where it is asked for", async () => {
  emulator.script({ text: "one two" });
  const parameters = {
    enable_search: true,
    search_options: { enable_source: true },
    incremental_output: true,
  };
  const [first, second] = eventsOf((await ask({ stream: true, parameters })).text);
  expect(first).toMatchObject({
    output: { search_info: { search_results: [{ index: 1, url: "https://example.com/" }] } },
  });
  expect(second?.output).not.toHaveProperty("search_info");
});

test("a tool is called, and its result told", async () => {
  const parameters = { tools: [WEATHER] };
  const question = { role: "user", content: "How is it in Paris?" };
  const { json } = await ask({ messages: [question], parameters });
  const [choice] = (json as Event).output.choices;
  const [call] = (choice?.message["tool_calls"] ?? []) as { id: string; function: { arguments: string } }[];
  expect(call?.function.arguments).toBe('{"city":"Paris"}');
  const result = { role: "tool", tool_call_id: call?.id, name: "get_weather", content: "18 degrees" };
  const told = await ask({ messages: [question, choice?.message, result], parameters });
  expect(told.text).toContain("Here is what I found: 18 degrees");
});

test("calls are parallel only where that is allowed", async () => {
  const time = { type: "function", function: { name: "get_time", parameters: {} } };
  const messages = [{ role: "user", content: "Use get_weather for Paris and get_time for Tokyo." }];
  const count = async (parameters: object): Promise<number> => {
    const { json } = await ask({ messages, parameters: { tools: [WEATHER, time], ...parameters } });
    return ((json as Event).output.choices[0]?.message["tool_calls"] as unknown[] | undefined)?.length ?? 0;
  };
  expect([await count({}), await count({ parallel_tool_calls: true })]).toEqual([1, 2]);
});

test("JSON and schemas are answered in", async () => {
  const messages = [{ role: "user", content: "As json, the weather in Paris." }];
  const format = async (value: object): Promise<unknown> => {
    const { json } = await ask({ messages, parameters: { response_format: value } });
    return JSON.parse(String((json as Event).output.choices[0]?.message["content"]));
  };
  expect(await format({ type: "json_object" })).toHaveProperty("answer");
  const schema = { type: "object", properties: { city: { type: "string" } } };
  expect(await format({ type: "json_schema", json_schema: { schema } })).toEqual({ city: "Paris" });
});

test.each([400, 401, 403, 404, 408, 429, 500, 503, 418])(
  "status %i has a code, a message and a request id; in a stream it is an event",
  async (status) => {
    emulator.when({}, { status });
    const whole = await ask();
    expect(Object.keys(whole.json as object)).toEqual(["code", "message", "request_id"]);
    const streamed = await ask({ stream: true });
    expect(streamed.text).toBe(
      `id:1\nevent:error\n:HTTP_STATUS/${status}\ndata:${JSON.stringify(whole.json)}\n\n`,
    );
    expect([whole.status, streamed.status]).toEqual([status, status]);
    expect(streamed.headers["content-type"]).toContain("text/event-stream");
  },
);

test("a failure in mid stream is an error event in place of the end", async () => {
  const failure = { code: "DataInspectionFailed", message: "Output data may contain inappropriate content." };
  emulator.script({ text: "half", errorEvent: failure });
  const { text } = await ask({ stream: true, parameters: { incremental_output: true } });
  expect(text.split("\n\n")[1]).toBe(`id:2\nevent:error\n:HTTP_STATUS/500\ndata:${JSON.stringify(failure)}`);
});

test.each<[what: string, asked: Asked, code: string, message: string | RegExp]>([
  [
    "a model on the wrong endpoint",
    { model: "qwen-vl-max" },
    "InvalidParameter",
    "url error, please check url！",
  ],
  [
    "a text model on the other one",
    { task: "multimodal" },
    "InvalidParameter",
    "url error, please check url！",
  ],
  ["no model", { model: "" }, "InvalidParameter", "Model can not be empty."],
  ["no messages", { messages: [] }, "InvalidParameter", /is too short - 'messages'/],
  [
    "a role of another wire",
    { messages: [{ role: "developer", content: "x" }] },
    "InvalidParameter",
    /is not one of/,
  ],
  [
    "content that is null",
    {
      messages: [
        { role: "user", content: "x" },
        { role: "assistant", content: null, tool_calls: [] },
      ],
    },
    "InvalidParameter",
    /content field is a required field/,
  ],
  [
    "a picture on the text endpoint",
    { messages: [{ role: "user", content: [{ image: "https://a.b" }] }] },
    "InvalidParameter",
    /valid string/,
  ],
  [
    "a part of another wire",
    { task: "multimodal", model: "qwen-vl-max", messages: [{ role: "user", content: [{ image_url: "x" }] }] },
    "InvalidParameter",
    /must hold text, image/,
  ],
  [
    "arguments as an object",
    {
      messages: [
        { role: "assistant", content: "", tool_calls: [{ id: "a", function: { name: "f", arguments: {} } }] },
      ],
    },
    "InvalidParameter",
    /must be in JSON format/,
  ],
  [
    "a call without a result",
    {
      messages: [
        {
          role: "assistant",
          content: "",
          tool_calls: [{ id: "a", function: { name: "f", arguments: "{}" } }],
        },
        { role: "user", content: "And?" },
      ],
    },
    "InvalidParameter",
    /must be followed by tool messages/,
  ],
  [
    "a result without a call",
    { messages: [{ role: "tool", tool_call_id: "a", content: "x" }] },
    "InvalidParameter",
    /must be a response to/,
  ],
  [
    "too much temperature",
    { parameters: { temperature: 2 } },
    "InvalidParameter",
    "Temperature should be in [0.0, 2.0)",
  ],
  ["top_p of nothing", { parameters: { top_p: 0 } }, "InvalidParameter", /Range of top_p/],
  [
    "no room for an answer",
    { parameters: { max_tokens: 0 } },
    "InvalidParameter",
    /Range of max_tokens should be \[1, /,
  ],
  [
    "a forced call",
    { parameters: { tools: [WEATHER], tool_choice: "required" } },
    "InvalidParameter",
    /should be \["none", "auto"\]/,
  ],
  [
    "a named call while thinking",
    {
      stream: true,
      parameters: {
        enable_thinking: true,
        tools: [WEATHER],
        tool_choice: { type: "function", function: { name: "f" } },
      },
    },
    "InvalidParameter",
    /in thinking mode/,
  ],
  [
    "tools with a bare text",
    { parameters: { tools: [WEATHER], result_format: "text" } },
    "InvalidParameter",
    /result_format/,
  ],
  ["empty tools", { parameters: { tools: [] } }, "InvalidParameter", /is too short - 'tools'/],
  [
    "JSON that nobody speaks of",
    { parameters: { response_format: { type: "json_object" } } },
    "InvalidParameter",
    /must contain the word 'json'/,
  ],
  [
    "thinking in one piece",
    { parameters: { enable_thinking: true } },
    "InvalidParameter",
    /must be set to false for non-streaming calls/,
  ],
  [
    "a model that thinks unless told otherwise, in one piece",
    { model: "qwen3-8b" },
    "InvalidParameter",
    /must be set to false/,
  ],
  [
    "a model that does nothing but think, in one piece",
    { model: "qwq-plus", parameters: { enable_thinking: false } },
    "InvalidParameter",
    /only support stream mode/,
  ],
])("%s is refused in the service's words", async (_what, asked, code, message) => {
  emulator.script({ text: "not for this one" });
  const answer = await ask(asked);
  const body = asked.stream ? eventsOf(answer.text)[0] : answer.json;
  expect(answer.status).toBe(400);
  expect(body).toMatchObject({
    code,
    message: typeof message === "string" ? message : expect.stringMatching(message),
    request_id: expect.any(String),
  });
});

test("keys, models and bodies that are wrong have codes of their own", async () => {
  const codes = [
    await ask({ headers: { authorization: "" } }),
    await ask({ headers: { authorization: "Bearer sk-wrong-1" } }),
    await ask({ model: "no-such-model" }),
    await send(`${emulator.baseUrl("dashscope")}/services/aigc/text-generation/generation`, "{not json"),
    await send(`${emulator.baseUrl("dashscope")}/services/aigc/no-such-task`, {}),
  ].map(({ status, json }) => [status, (json as { code: string }).code]);
  expect(codes).toEqual([
    [401, "InvalidApiKey"],
    [401, "InvalidApiKey"],
    [404, "ModelNotFound"],
    [400, "InvalidParameter"],
    [404, "InvalidParameter"],
  ]);
});
