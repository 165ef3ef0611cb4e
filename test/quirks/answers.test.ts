// What servers of the OpenAI family really send, by the catalogue's numbers: the reducer and the accumulator, without a network.
import { expect, test } from "vitest";
import { type ChatResponse, modelError, ResponseAccumulator } from "../../src/index.ts";
import { OpenAIChatReducer } from "../../src/model/openai-chat-reducer.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

interface Read {
  readonly last: ChatResponse;
  readonly snapshots: readonly ChatResponse[];
}

/** The snapshots of a stream of these events. */
function read(
  events: readonly unknown[],
  options: { readonly thinkTags?: boolean; readonly provider?: string } = {},
): Read {
  const { provider = "openai", thinkTags } = options;
  const answer = new ResponseAccumulator({ provider, model: "m" });
  const reducer = new OpenAIChatReducer(answer, {
    provider,
    thinkTags,
    failure: (body) => modelError("server", JSON.stringify(body)),
  });
  const snapshots: ChatResponse[] = [];
  for (const event of events) {
    reducer.event(event);
    const snapshot = answer.snapshot();
    if (snapshot !== undefined) snapshots.push(snapshot);
  }
  const last = answer.end();
  return { last, snapshots: [...snapshots, last] };
}

/** The same for an answer in one piece. */
function readWhole(body: unknown): ChatResponse {
  const answer = new ResponseAccumulator({ provider: "openai", model: "m" });
  new OpenAIChatReducer(answer, { provider: "openai", failure: () => modelError("server", "failed") }).whole(
    body,
  );
  return answer.end();
}

const delta = (fields: object, more: object = {}): object => ({
  choices: [{ index: 0, delta: fields, ...more }],
});
const finish = (reason: string, more: object = {}): object => ({
  choices: [{ index: 0, delta: {}, finish_reason: reason, ...more }],
});
const tool = (call: object): object => delta({ tool_calls: [call] });
const calls = ({ last }: Read): unknown[] => last.toolCalls.map(({ name, input }) => [name, input]);
const USAGE = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

test("Q30 usage after the finish reason, in a chunk without choices", () => {
  expect(
    read([delta({ content: "a" }), finish("stop"), { choices: [], usage: USAGE }]).last.usage,
  ).toMatchObject({ inputTokens: 10, outputTokens: 5 });
});

test("Q31 usage beside the finish reason", () => {
  expect(read([delta({ content: "a" }), { ...finish("stop"), usage: USAGE }]).last.usage).toMatchObject({
    totalTokens: 15,
  });
});

test("Q32 usage on every chunk is replaced, not added", () => {
  const events = [1, 2, 3].map((count) => ({
    ...delta({ content: "x" }),
    usage: { prompt_tokens: 10, completion_tokens: count },
  }));
  expect(read([...events, finish("stop")]).last.usage).toMatchObject({ inputTokens: 10, outputTokens: 3 });
});

test("Q33 usage in x_groq", () => {
  expect(
    read([delta({ content: "a" }), { ...finish("stop"), x_groq: { usage: USAGE } }]).last.usage,
  ).toMatchObject({ inputTokens: 10 });
});

test("Q34 a usage chunk without any choices field", () => {
  expect(read([delta({ content: "a" }), finish("stop"), { usage: USAGE }]).last).toMatchObject({
    text: "a",
    usage: { inputTokens: 10 },
  });
});

test("Q35 choices null or empty, usage null: nothing happens", () => {
  const { last, snapshots } = read([
    { choices: null, usage: null },
    { choices: [] },
    { choices: [null] },
    delta({ content: "a" }),
    finish("stop"),
  ]);
  expect(last.text).toBe("a");
  expect(snapshots).toHaveLength(3);
});

test("Q36 usage inside the choice, unless it stands at the top", () => {
  expect(read([finish("stop", { usage: USAGE })]).last.usage).toMatchObject({ inputTokens: 10 });
  expect(
    read([{ ...finish("stop", { usage: USAGE }), usage: { ...USAGE, prompt_tokens: 99 } }]).last.usage,
  ).toMatchObject({ inputTokens: 99 });
});

test("Q38 an empty first chunk: id and model come from the first that has them", () => {
  const { last } = read([
    { id: "", model: "", created: 0, prompt_filter_results: [], choices: [] },
    { id: "c1", model: "gpt-4o", ...delta({ content: "a" }) },
    finish("stop"),
  ]);
  expect(last).toMatchObject({ id: "c1", model: "gpt-4o", text: "a" });
});

test("Q39 the object field may be missing or wrong", () => {
  expect(read([{ object: "chat.completion", ...delta({ content: "a" }) }, finish("stop")]).last.text).toBe(
    "a",
  );
});

test("Q40 delta null or missing, role null, empty or repeated", () => {
  const events = [
    { choices: [{ index: 0, delta: null }] },
    { choices: [{ index: 0 }] },
    delta({ role: null, content: "a" }),
    delta({ role: "", content: "b" }),
    delta({ role: "assistant", content: "c" }),
    finish("stop"),
  ];
  expect(read(events).last.text).toBe("abc");
});

test("Q41 content null or empty opens no text block", () => {
  const { last } = read([
    delta({ content: "" }),
    delta({ content: null, reasoning_content: "hm" }),
    delta({ content: "", tool_calls: [{ index: 0, id: "c", function: { name: "t", arguments: "{}" } }] }),
    finish("tool_calls"),
  ]);
  expect(last.content.map(({ type }) => type)).toEqual(["thinking", "tool_use"]);
});

test("Q42 content as a list of parts", () => {
  const parts = [
    { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
    { type: "text", text: "42" },
  ];
  expect(read([delta({ content: parts }), finish("stop")]).last).toMatchObject({
    thinking: "hm",
    text: "42",
  });
});

test("Q43 an empty finish reason is none, and a later null does not clear one", () => {
  const { last } = read([
    delta({ content: "a" }, { finish_reason: "" }),
    finish("length"),
    delta({}, { finish_reason: null }),
  ]);
  expect(last).toMatchObject({ finishReason: "length", rawFinishReason: "length" });
});

test("Q44 unknown reasons are other, in their own word", () => {
  expect(read([delta({ content: "a" }), finish("eclipse")]).last).toMatchObject({
    finishReason: "other",
    rawFinishReason: "eclipse",
  });
});

test("Q45 stop after tool calls is tool_calls", () => {
  expect(
    read([tool({ index: 0, id: "c", function: { name: "t", arguments: "{}" } }), finish("stop")]).last
      .finishReason,
  ).toBe("tool_calls");
});

test("Q46 tool_calls without a call is stop", () => {
  expect(read([delta({ content: "a" }), finish("tool_calls")]).last.finishReason).toBe("stop");
});

test("Q47 function_call is tool_calls", () => {
  expect(
    read([tool({ index: 0, id: "c", function: { name: "t", arguments: "{}" } }), finish("function_call")])
      .last.finishReason,
  ).toBe("tool_calls");
});

test("Q48 insufficient_system_resource is a failure that may pass", () => {
  expect(() => read([delta({ content: "a" }), finish("insufficient_system_resource")])).toThrow(
    /overloaded_error/,
  );
});

test("Q49 content_filter keeps the text so far", () => {
  expect(read([delta({ content: "some" }), finish("content_filter")]).last).toMatchObject({
    text: "some",
    finishReason: "content_filter",
  });
});

test("Q50 a refusal is text, and filtered", () => {
  expect(read([delta({ refusal: "I " }), delta({ refusal: "won't." }), finish("stop")]).last).toMatchObject({
    text: "I won't.",
    finishReason: "content_filter",
  });
});

test("Q51 unknown fields anywhere are ignored", () => {
  expect(
    read([
      { note: 1, obfuscation: "xx", ...delta({ content: "a", novelty: {} }, { extra: [] }) },
      finish("stop"),
    ]).last.text,
  ).toBe("a");
});

test("Q52 annotations are kept as citations", () => {
  const note = { type: "url_citation", url_citation: { url: "https://a.b" } };
  expect(
    read([delta({ content: "a", annotations: [note] }), finish("stop")]).last.metadata.citations,
  ).toEqual([note]);
});

test("Q53 log probabilities on some chunks only", () => {
  const logprobs = { content: [{ token: "a", logprob: -1 }] };
  expect(
    read([
      delta({ content: "a" }, { logprobs }),
      delta({ content: "b" }, { logprobs: null }),
      delta({ content: "c" }, { logprobs }),
      finish("stop"),
    ]).last.metadata.logprobs,
  ).toHaveLength(2);
});

test("Q54 citations repeated on every chunk stand once", () => {
  const citations = ["https://a.b"];
  expect(
    read([
      { ...delta({ content: "a" }), citations },
      { ...delta({ content: "b" }), citations },
      finish("stop"),
    ]).last.metadata.citations,
  ).toEqual(citations);
});

test("Q55 choices are told apart by index, not by position", () => {
  const { last } = read([
    { choices: [{ index: 1, delta: { content: "two" } }] },
    { choices: [{ index: 0, delta: { content: "one" } }] },
    { choices: [{ index: 1, delta: {}, finish_reason: "length" }] },
    finish("stop"),
  ]);
  expect(last.text).toBe("one");
  expect(last.choices).toMatchObject([
    { index: 0, finishReason: "stop" },
    { index: 1, finishReason: "length", content: [{ text: "two" }] },
  ]);
});

test("Q57 index missing: use id, else the latest call", () => {
  const events = [
    tool({ id: "a", function: { name: "t", arguments: '{"x":' } }),
    tool({ function: { arguments: "1}" } }),
    tool({ id: "b", function: { name: "u", arguments: "{}" } }),
    finish("tool_calls"),
  ];
  expect(calls(read(events))).toEqual([
    ["t", { x: 1 }],
    ["u", {}],
  ]);
});

test("Q57 calls side by side without index and id are calls of their own, even of one tool and without arguments", () => {
  const bare = { function: { name: "t" } };
  expect(calls(read([delta({ tool_calls: [bare, bare] }), finish("tool_calls")]))).toEqual([
    ["t", {}],
    ["t", {}],
  ]);
  // One after the other they may be one call whose name is repeated.
  expect(calls(read([tool(bare), tool(bare), finish("tool_calls")]))).toEqual([["t", {}]]);
});

test("Q58 index 0 for every call: a new id is a new call", () => {
  const events = ["a", "b"].map((id) =>
    tool({ index: 0, id, function: { name: "t", arguments: `{"id":"${id}"}` } }),
  );
  expect(calls(read([...events, finish("stop")]))).toEqual([
    ["t", { id: "a" }],
    ["t", { id: "b" }],
  ]);
});

test("Q59 indexes that begin at 1 or have gaps", () => {
  const events = [1, 5].map((index) =>
    tool({ index, id: `c${index}`, function: { name: "t", arguments: `{"i":${index}}` } }),
  );
  expect(calls(read([...events, finish("tool_calls")]))).toEqual([
    ["t", { i: 1 }],
    ["t", { i: 5 }],
  ]);
});

test("Q60 no id on the first piece: one is made, and it stays", () => {
  const { snapshots, last } = read([
    tool({ index: 0, function: { name: "t", arguments: "{" } }),
    tool({ index: 0, id: "late", function: { arguments: "}" } }),
    finish("tool_calls"),
  ]);
  const ids = snapshots.flatMap((snapshot) => snapshot.toolCalls.map(({ id }) => id));
  expect(new Set(ids).size).toBe(1);
  expect(last.toolCalls).toHaveLength(1);
});

test("Q61 an empty id on later pieces is no id", () => {
  const { last } = read([
    tool({ index: 0, id: "a", function: { name: "t", arguments: '{"x":' } }),
    tool({ index: 0, id: "", function: { arguments: "1}" } }),
    finish("tool_calls"),
  ]);
  expect(last.toolCalls).toMatchObject([{ id: "a", input: { x: 1 } }]);
});

test("Q62 empty ids of parallel calls become different ones, streamed or whole", () => {
  const two = ["t", "t"].map((name) => ({ id: "", type: "function", function: { name, arguments: "{}" } }));
  const whole = readWhole({
    choices: [{ index: 0, message: { tool_calls: two }, finish_reason: "tool_calls" }],
  });
  const streamed = read([
    delta({ tool_calls: two.map((call, index) => ({ ...call, index })) }),
    finish("tool_calls"),
  ]).last;
  for (const { toolCalls } of [whole, streamed]) expect(new Set(toolCalls.map(({ id }) => id)).size).toBe(2);
});

test("Q63 id and name repeated on every piece", () => {
  const piece = (text: string): object =>
    tool({ index: 0, id: "a", function: { name: "t", arguments: text } });
  expect(calls(read([piece('{"x"'), piece(":1"), piece("}"), finish("tool_calls")]))).toEqual([
    ["t", { x: 1 }],
  ]);
});

test("Q64 a name that comes after the first arguments loses none of them", () => {
  const { last, snapshots } = read([
    tool({ index: 0, id: "a", function: { arguments: '{"x"' } }),
    tool({ index: 0, function: { name: "t", arguments: ":1}" } }),
    finish("tool_calls"),
  ]);
  expect(last.toolCalls).toMatchObject([{ name: "t", input: { x: 1 }, rawInput: '{"x":1}' }]);
  const added = snapshots
    .flatMap((snapshot) => snapshot.delta)
    .flatMap((part) => (part.type === "tool_use" ? [part.rawInput] : []));
  expect(added.join("")).toBe('{"x":1}');
});

test("Q65 a name that never comes is an error of that call", () => {
  expect(
    read([tool({ index: 0, id: "a", function: { arguments: "{}" } }), finish("tool_calls")]).last.toolCalls,
  ).toMatchObject([{ inputError: expect.stringContaining("without a tool name") }]);
});

test("Q66 the type of a call may be missing or null", () => {
  expect(
    calls(
      read([
        tool({ index: 0, id: "a", type: null, function: { name: "t", arguments: "{}" } }),
        finish("tool_calls"),
      ]),
    ),
  ).toEqual([["t", {}]]);
});

test.each([[null], [undefined], [""], ["null"]])("Q67 Q68 Q69 arguments %j mean none", (text) => {
  expect(
    calls(
      read([tool({ index: 0, id: "a", function: { name: "t", arguments: text } }), finish("tool_calls")]),
    ),
  ).toEqual([["t", {}]]);
});

test("Q67 arguments as an object", () => {
  expect(
    calls(
      read([tool({ index: 0, id: "a", function: { name: "t", arguments: { x: 1 } } }), finish("tool_calls")]),
    ),
  ).toEqual([["t", { x: 1 }]]);
});

test("Q70 Q71 a whole call in one piece, and an empty piece after it", () => {
  expect(
    calls(
      read([
        tool({ index: 0, id: "a", function: { name: "t", arguments: '{"x":1}' } }),
        tool({ index: 0, function: { arguments: "" } }),
        finish("tool_calls"),
      ]),
    ),
  ).toEqual([["t", { x: 1 }]]);
});

test("Q72 a beginning that parses is not the end", () => {
  const { last } = read([
    tool({ index: 0, id: "a", function: { name: "t", arguments: "{}" } }),
    tool({ index: 0, function: { arguments: " trailing" } }),
    finish("tool_calls"),
  ]);
  expect(last.toolCalls[0]).toMatchObject({ rawInput: "{} trailing", inputError: expect.any(String) });
});

test("Q73 text between two pieces of a call does not close it", () => {
  const { last } = read([
    tool({ index: 0, id: "a", function: { name: "t", arguments: '{"x":' } }),
    delta({ content: "so" }),
    tool({ index: 0, function: { arguments: "1}" } }),
    finish("tool_calls"),
  ]);
  expect(last.content).toMatchObject([
    { type: "tool_use", input: { x: 1 } },
    { type: "text", text: "so" },
  ]);
});

test("Q75 bad JSON is kept as it is, with the reason", () => {
  expect(
    read([tool({ index: 0, id: "a", function: { name: "t", arguments: "{'x': 1,}" } }), finish("tool_calls")])
      .last.toolCalls[0],
  ).toMatchObject({ rawInput: "{'x': 1,}", inputError: expect.stringContaining("not JSON") });
});

test("Q81 a signature beside a call is kept for its provider", () => {
  const extra = { google: { thought_signature: "abc" } };
  const { last } = read(
    [
      tool({ index: 0, id: "a", extra_content: extra, function: { name: "t", arguments: "{}" } }),
      finish("tool_calls"),
    ],
    { provider: "gemini-compatible" },
  );
  expect(last.toolCalls[0]?.providerMetadata).toEqual({ "gemini-compatible": { extraContent: extra } });
});

test("Q82 reasoning under any of its names, once when two say the same", () => {
  for (const name of ["reasoning_content", "reasoning", "reasoning_text"]) {
    expect(read([delta({ [name]: "hm" }), delta({ content: "a" }), finish("stop")]).last.thinking).toBe("hm");
  }
  expect(read([delta({ reasoning_content: "hm", reasoning: "hm" }), finish("stop")]).last.thinking).toBe(
    "hm",
  );
});

test("Q83 reasoning and text in one delta: reasoning first", () => {
  expect(
    read([delta({ content: "a", reasoning: "hm" }), finish("stop")]).last.content.map(({ type }) => type),
  ).toEqual(["thinking", "text"]);
});

test("Q84 reasoning, text, reasoning, text are four blocks with ids of their own", () => {
  const { last } = read([
    delta({ reasoning: "1" }),
    delta({ content: "2" }),
    delta({ reasoning: "3" }),
    delta({ content: "4" }),
    finish("stop"),
  ]);
  expect(last.content.map(({ type }) => type)).toEqual(["thinking", "text", "thinking", "text"]);
  expect(new Set(last.content.map(({ id }) => id)).size).toBe(4);
});

test("Q85 the whole answer has its blocks in the order of the stream", () => {
  const message = {
    content: "a",
    reasoning_content: "hm",
    tool_calls: [{ id: "c", function: { name: "t", arguments: "{}" } }],
  };
  expect(
    readWhole({ choices: [{ index: 0, message, finish_reason: "tool_calls" }] }).content.map(
      ({ type }) => type,
    ),
  ).toEqual(["thinking", "text", "tool_use"]);
});

test.each([
  [["<think>hm</think>a"], "hm", "a"],
  [["<th", "ink>h", "m</thi", "nk>\n\na"], "hm", "a"],
  [["<think></think>a"], "", "a"],
  [["<think>x</think>a<think>y</think>b"], "xy", "ab"],
  [["a < b, a <thin line"], "", "a < b, a <thin line"],
])("Q86 think tags in %j", (pieces, thinking, text) => {
  const { last } = read([...pieces.map((content) => delta({ content })), finish("stop")], {
    thinkTags: true,
  });
  expect([last.thinking, last.text]).toEqual([thinking, text]);
});

test("Q111 reasoning outside of the completion is added, the total tells", () => {
  const details = { completion_tokens_details: { reasoning_tokens: 196 } };
  expect(
    read([
      { choices: [], usage: { prompt_tokens: 291, completion_tokens: 26, total_tokens: 513, ...details } },
    ]).last.usage,
  ).toMatchObject({ outputTokens: 222, reasoningTokens: 196 });
  expect(
    read([
      { choices: [], usage: { prompt_tokens: 291, completion_tokens: 226, total_tokens: 517, ...details } },
    ]).last.usage,
  ).toMatchObject({ outputTokens: 226 });
});

test("Q112 more reasoning than completion: the output is never less than its part", () => {
  expect(
    read([
      {
        choices: [],
        usage: { prompt_tokens: 1, completion_tokens: 5, completion_tokens_details: { reasoning_tokens: 9 } },
      },
    ]).last.usage,
  ).toMatchObject({ outputTokens: 9, reasoningTokens: 9 });
});

test("Q115 more cached than prompt: the prompt does not include it", () => {
  expect(
    read([
      {
        choices: [],
        usage: { prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 20 } },
      },
    ]).last.usage,
  ).toMatchObject({ inputTokens: 25, cacheReadTokens: 20 });
});

test.each([
  [{ prompt_tokens_details: { cached_tokens: 4 } }],
  [{ prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 6 }],
  [{ cached_tokens: 4 }],
  [{ num_cached_tokens: 4 }],
])("Q116 cached tokens in %j", (more) => {
  expect(read([{ choices: [], usage: { ...USAGE, ...more } }]).last.usage).toMatchObject({
    inputTokens: 10,
    cacheReadTokens: 4,
  });
});

test("Q119 what is not told is undefined, never zero or NaN", () => {
  const { last } = read([delta({ content: "a" }), finish("stop"), { choices: [], usage: {} }]);
  expect([last.usage?.inputTokens, last.usage?.outputTokens, last.usage?.totalTokens]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("Q120 a cost that the provider tells is taken", () => {
  expect(read([{ choices: [], usage: { ...USAGE, cost: 0.0014 } }]).last.usage?.cost).toBe(0.0014);
});

test("Q121 what has no place of its own stays in raw", () => {
  const details = { accepted_prediction_tokens: 3, rejected_prediction_tokens: 2 };
  expect(
    read([{ choices: [], usage: { ...USAGE, completion_tokens_details: details } }]).last.usage?.raw,
  ).toMatchObject({ completion_tokens_details: details });
});
