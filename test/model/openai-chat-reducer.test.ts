import { expect, test } from "vitest";
import { modelError } from "../../src/error/errors-by-kind.ts";
import type { ContentBlock } from "../../src/message/content-block.ts";
import type { ChatResponse, ChatUsage } from "../../src/model/chat-response.ts";
import { OpenAIChatReducer, type OpenAIReducerOptions } from "../../src/model/openai-chat-reducer.ts";
import { ResponseAccumulator } from "../../src/model/response-accumulator.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

const OPTIONS: OpenAIReducerOptions = {
  provider: "openai",
  failure: (body) => modelError("server", JSON.stringify(body)),
};

/** The last snapshot of these events. */
function reduce(events: readonly unknown[], options: Partial<OpenAIReducerOptions> = {}): ChatResponse {
  const answer = new ResponseAccumulator({ provider: "openai", model: "gpt-test" });
  const reducer = new OpenAIChatReducer(answer, { ...OPTIONS, ...options });
  for (const event of events) expect(reducer.event(event)).toBe(false);
  reducer.end();
  return answer.end();
}

function whole(body: unknown): ChatResponse {
  const answer = new ResponseAccumulator({ provider: "openai", model: "gpt-test" });
  const reducer = new OpenAIChatReducer(answer, OPTIONS);
  reducer.whole(body);
  reducer.end();
  return answer.end();
}

function delta(fields: unknown, finishReason: string | null = null, index = 0): unknown {
  return { id: "chatcmpl-1", choices: [{ index, delta: fields, finish_reason: finishReason }] };
}

const text = (content: string): unknown => delta({ content });
const STOP = delta({}, "stop");

function usageOf(usage: unknown, ...before: readonly unknown[]): ChatUsage | undefined {
  return reduce([text("Hi"), ...before, STOP, { choices: [], usage }]).usage;
}

function gist(content: readonly ContentBlock[]): unknown[] {
  return content.map((block) => {
    if (block.type === "text") return block.text;
    if (block.type === "thinking") return { thinking: block.thinking };
    return block.type === "tool_use" ? { call: block.name, input: block.input } : block.type;
  });
}

test("Q30 Q31 Q34 usage comes after the end, on the last chunk, or without any choices", () => {
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
  const expected = { inputTokens: 3, outputTokens: 2, totalTokens: 5 };
  expect(reduce([text("Hi"), STOP, { choices: [], usage }]).usage).toMatchObject(expected);
  expect(
    reduce([text("Hi"), { choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage }]).usage,
  ).toMatchObject(expected);
  expect(reduce([text("Hi"), STOP, { usage }]).usage).toMatchObject(expected);
});

test("Q32 usage on every chunk replaces what was before, and is never added up", () => {
  const events = [1, 2, 3].map((completion_tokens) => ({
    choices: [{ index: 0, delta: { content: "a" } }],
    usage: { prompt_tokens: 10, completion_tokens },
  }));
  expect(reduce([...events, STOP]).usage).toMatchObject({
    inputTokens: 10,
    outputTokens: 3,
    totalTokens: 13,
  });
});

test("Q33 Q36 usage is found where Groq and Moonshot put it", () => {
  const usage = { prompt_tokens: 3, completion_tokens: 2 };
  expect(reduce([text("Hi"), { ...(STOP as object), x_groq: { usage } }]).usage).toMatchObject({
    inputTokens: 3,
  });
  expect(reduce([{ choices: [{ index: 0, delta: {}, finish_reason: "stop", usage }] }]).usage).toMatchObject({
    inputTokens: 3,
  });
});

test("Q35 Q40 Q41 chunks without choices, deltas or content are passed over", () => {
  const empty = [
    { choices: null },
    { choices: [] },
    {},
    { choices: [null] },
    { choices: [{ index: 0, delta: null }] },
    { choices: [{ index: 0 }] },
  ];
  const blank = [
    delta({ content: "" }),
    delta({ content: null, role: "" }),
    delta({ role: null }),
    { usage: null, choices: [] },
  ];
  const last = reduce([...empty, ...blank, text("Hi"), ...empty, STOP]);
  expect(gist(last.content)).toEqual(["Hi"]);
  expect(last.usage).toBeUndefined();
});

test("Q38 id and model are the first that are not empty", () => {
  const last = reduce([
    { id: "", model: "", choices: [], prompt_filter_results: [] },
    { id: "chatcmpl-7", model: "gpt-4.1-2025", choices: [{ index: 0, delta: { content: "Hi" } }] },
    { id: "chatcmpl-8", model: "other", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
  ]);
  expect([last.id, last.model]).toEqual(["chatcmpl-7", "gpt-4.1-2025"]);
});

test("Q42 a list of parts may hold what is no part", () => {
  const thinking = [null, { text: "hm" }];
  const { content, warnings } = reduce([
    delta({ content: [null, 0, { type: "text", text: "Hi" }, { type: "thinking", thinking }] }),
    STOP,
  ]);
  expect(gist(content)).toEqual(["Hi", { thinking: "hm" }]);
  expect(warnings).toEqual([]);
});

test("Q42 content may be a list of parts, reasoning among them", () => {
  const last = reduce([
    delta({ content: [{ type: "thinking", thinking: [{ type: "text", text: "hm" }] }] }),
    delta({
      content: [
        { type: "thinking", thinking: " ok" },
        { type: "text", text: "Hi" },
      ],
    }),
    delta({ content: [{ type: "reference", reference_ids: [1] }] }),
    STOP,
  ]);
  expect(gist(last.content)).toEqual([{ thinking: "hm ok" }, "Hi"]);
  expect(last.warnings).toMatchObject([
    { option: "content", reason: expect.stringContaining("reference") as string },
  ]);
});

test.each([
  ["stop", "stop"],
  ["eos", "stop"],
  ["end_turn", "stop"],
  ["length", "length"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["content_filter", "content_filter"],
  ["error", "error"],
  ["brand_new_reason", "other"],
])("Q43 Q44 Q49 finish reason %s is %s, and its own word is kept", (raw, reason) => {
  const last = reduce([delta({ content: "Hi" }, ""), delta({}, raw), delta({}, ""), delta({})]);
  expect(last).toMatchObject({ finishReason: reason, rawFinishReason: raw, text: "Hi" });
});

test("Q45 Q46 Q47 what was called decides whether it stopped for tool calls", () => {
  const call = delta({ tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: "{}" } }] });
  expect(reduce([call, STOP])).toMatchObject({ finishReason: "tool_calls", rawFinishReason: "stop" });
  expect(reduce([call, delta({}, "function_call")]).finishReason).toBe("tool_calls");
  expect(reduce([text("Hi"), delta({}, "tool_calls")]).finishReason).toBe("stop");
});

test("Q48 a provider that gives up is an error and no way to finish", () => {
  expect(() => reduce([text("Hi"), delta({}, "insufficient_system_resource")])).toThrow(/gave up/);
});

test("Q50 a refusal is the text, and the reason is the filter", () => {
  const last = reduce([delta({ refusal: "I can" }), delta({ refusal: "not." }), STOP]);
  expect(last).toMatchObject({ text: "I cannot.", finishReason: "content_filter", rawFinishReason: "stop" });
  expect(last.content[0]?.providerMetadata).toEqual({ openai: { refusal: true } });
});

test("Q52 Q54 citations are collected, or taken once when they are repeated", () => {
  const note = { type: "url_citation", url_citation: { url: "https://a" } };
  expect(
    reduce([delta({ annotations: [note] }), text("Hi"), delta({ annotations: [note] }), STOP]).metadata
      .citations,
  ).toEqual([note, note]);
  const repeated = { choices: [{ index: 0, delta: { content: "a" } }], citations: ["https://a"] };
  expect(reduce([repeated, repeated, STOP]).metadata.citations).toEqual(["https://a"]);
});

const FOUND = [{ title: "A", url: "https://a.example", date: "2026-11-01" }];

test("search results are the citations where there are no others, and stand beside those that there are", () => {
  const found = { choices: [{ index: 0, delta: { content: "a" } }], search_results: FOUND };
  expect(reduce([found, found, STOP]).metadata).toMatchObject({ citations: FOUND, searchResults: FOUND });
  const cited = { ...found, citations: ["https://a.example"] };
  for (const events of [
    [cited, cited],
    [found, cited, found],
    [cited, found],
  ]) {
    const { metadata } = reduce([...events, STOP]);
    expect(metadata).toMatchObject({ citations: ["https://a.example"], searchResults: FOUND });
  }
});

test.each([[null], [[]], ["none"], [7], [{}]])("search results that are %j are none", (search_results) => {
  const { metadata } = reduce([{ ...(text("Hi") as object), search_results }, STOP]);
  expect(metadata).not.toHaveProperty("citations");
  expect(metadata).not.toHaveProperty("searchResults");
});

test("Q53 log probabilities are collected from the chunks that have some", () => {
  const scored = (token: string): unknown => ({
    choices: [{ index: 0, delta: { content: token }, logprobs: { content: [{ token }] } }],
  });
  const last = reduce([
    scored("a"),
    text("b"),
    { choices: [{ index: 0, delta: {}, logprobs: { content: null } }] },
    scored("c"),
    STOP,
  ]);
  expect(last.metadata.logprobs).toEqual([{ token: "a" }, { token: "c" }]);
});

test("log probabilities of a refusal and of the reasoning are kept apart from those of the text", () => {
  const logprobs = {
    content: [{ token: "a" }],
    refusal: [{ token: "r" }],
    reasoning_content: [{ token: "t" }],
  };
  const events = [{ choices: [{ index: 0, delta: { content: "a" }, logprobs }] }, STOP];
  expect(reduce(events).metadata).toMatchObject({
    logprobs: [{ token: "a" }],
    refusalLogprobs: [{ token: "r" }],
    reasoningLogprobs: [{ token: "t" }],
  });
});

test("what is told beside the answer is noted: moderation, the provider behind, timings, what stopped it", () => {
  const moderation = { input: { type: "moderation_results", model: "m", results: [] } };
  const last = reduce([
    { provider: "Anthropic", prompt_progress: { total: 9, processed: 9 }, choices: [] },
    text("Hi"),
    {
      provider: "Anthropic",
      timings: { prompt_n: 9, predicted_per_second: 40.5 },
      choices: [
        { index: 0, delta: {}, finish_reason: "stop", native_finish_reason: "end_turn", stop_reason: "END" },
        { index: 1, delta: {}, finish_reason: "stop", native_finish_reason: "max", stop_reason: 7 },
      ],
    },
    { choices: [], moderation },
  ]);
  expect(last.metadata).toMatchObject({
    upstreamProvider: "Anthropic",
    promptProgress: { total: 9, processed: 9 },
    timings: { prompt_n: 9, predicted_per_second: 40.5 },
    nativeFinishReason: "end_turn",
    stopSequence: "END",
    moderation,
  });
  expect(last.rawFinishReason).toBe("stop");
});

test("a list of citations and annotations of the text are both kept", () => {
  const note = { type: "url_citation", url_citation: { url: "https://b" } };
  const listed = { choices: [{ index: 0, delta: { annotations: [note] } }], citations: ["https://a"] };
  expect(reduce([text("Hi"), listed, STOP]).metadata.citations).toEqual(["https://a", note]);
});

test("a call in the form of before there could be several is a call", () => {
  const streamed = reduce([
    delta({ function_call: { name: "search", arguments: "" } }),
    delta({ function_call: { arguments: '{"q":' } }),
    delta({ function_call: { arguments: '"x"}' } }),
    delta({ function_call: { name: "", arguments: "" } }, "function_call"),
  ]);
  expect(gist(streamed.content)).toEqual([{ call: "search", input: { q: "x" } }]);
  expect(streamed.finishReason).toBe("tool_calls");
  expect(reduce([delta({ content: "Hi", function_call: {} }), STOP]).toolCalls).toEqual([]);
});

test("reasoning details of several answers are not mixed", () => {
  const detail = (value: string, index: number): unknown =>
    delta({ reasoning_details: [{ type: "reasoning.text", text: value, index: 0 }] }, "stop", index);
  const { choices } = reduce([detail("a", 0), detail("b", 1)]);
  expect(choices?.map(({ content }) => content[0]?.providerMetadata)).toEqual([
    { openai: { reasoningDetails: [{ type: "reasoning.text", text: "a", index: 0 }] } },
    { openai: { reasoningDetails: [{ type: "reasoning.text", text: "b", index: 0 }] } },
  ]);
});

test("Q55 choices are told apart by their index, not by their place", () => {
  const last = reduce([
    {
      choices: [
        { index: 1, delta: { content: "b" } },
        { index: 0, delta: { content: "a" } },
      ],
    },
    { choices: [{ index: 1, delta: { content: "B" }, finish_reason: "length" }] },
    STOP,
  ]);
  expect(last.text).toBe("a");
  expect(last.choices?.map(({ content, finishReason }) => [gist(content), finishReason])).toEqual([
    [["a"], "stop"],
    [["bB"], "length"],
  ]);
});

test("reasoning is read from any of its fields, once where it is in two", () => {
  for (const field of ["reasoning_content", "reasoning", "reasoning_text"]) {
    expect(
      gist(
        reduce([delta({ [field]: "hm", content: null }), delta({ [field]: " ok" }), text("Hi"), STOP])
          .content,
      ),
    ).toEqual([{ thinking: "hm ok" }, "Hi"]);
  }
  expect(reduce([delta({ reasoning_content: "hm", reasoning: "hm" }), STOP]).thinking).toBe("hm");
  expect(gist(reduce([delta({ content: "Hi", reasoning_content: "hm" }), STOP]).content)).toEqual([
    { thinking: "hm" },
    "Hi",
  ]);
});

test("reasoning details are kept whole for the way back, their pieces joined", () => {
  const last = reduce([
    delta({ reasoning_details: [{ type: "reasoning.text", index: 0, text: "h" }] }),
    delta({
      reasoning: "hm",
      reasoning_details: [{ type: "reasoning.text", index: 0, text: "m", signature: "s" }],
    }),
    delta({ reasoning_details: [{ type: "reasoning.encrypted", index: 1, data: "xx" }] }),
    text("Hi"),
    STOP,
  ]);
  expect(last.content[0]?.providerMetadata).toEqual({
    openai: {
      reasoningDetails: [
        { type: "reasoning.text", index: 0, text: "hm", signature: "s" },
        { type: "reasoning.encrypted", index: 1, data: "xx" },
      ],
    },
  });
});

test("think tags are read as reasoning only where the server leaves them in", () => {
  const events = [text("<thi"), text("nk>hm</think>\n\nHi"), STOP];
  expect(gist(reduce(events).content)).toEqual(["<think>hm</think>\n\nHi"]);
  expect(gist(reduce(events, { thinkTags: true }).content)).toEqual([{ thinking: "hm" }, "Hi"]);
});

test("calls of a whole answer are told apart by their place, whatever their ids", () => {
  const last = whole({
    id: "x",
    choices: [
      {
        message: {
          content: null,
          tool_calls: [
            { id: "", function: { name: "f", arguments: '{"x":1}' } },
            { id: "", function: { name: "f", arguments: { x: 2 } } },
            null,
            { id: "c", function: { name: "g", arguments: "" } },
          ],
        },
        finish_reason: "stop",
      },
    ],
  });
  expect(last.toolCalls.map(({ name, input }) => [name, input])).toEqual([
    ["f", { x: 1 }],
    ["f", { x: 2 }],
    ["g", {}],
  ]);
  expect(new Set(last.toolCalls.map(({ id }) => id)).size).toBe(3);
  expect(last.finishReason).toBe("tool_calls");
});

test("of a last event that repeats the whole message only the delta counts", () => {
  const last = reduce([
    text("Hi"),
    { choices: [{ index: 0, delta: {}, message: { content: "Hi" }, finish_reason: "stop" }] },
  ]);
  expect(last.text).toBe("Hi");
});

test("what a call needs back is kept with it", () => {
  const signature = { google: { thought_signature: "sig" } };
  const call = { index: 0, id: "a", function: { name: "f", arguments: "{}" }, extra_content: signature };
  expect(reduce([delta({ tool_calls: [call] }), STOP]).toolCalls[0]?.providerMetadata).toEqual({
    openai: { extraContent: signature },
  });
});

test("sound comes in pieces, its id before the first of them, its transcript as text that does not go back", () => {
  const last = reduce(
    [
      delta({ audio: { id: "audio_1", transcript: "Hel" } }),
      delta({ audio: { data: Buffer.from("abcd").toString("base64") } }),
      delta({ audio: { data: Buffer.from("ef").toString("base64"), transcript: "lo" } }),
      delta({ audio: { expires_at: 99 } }, "stop"),
    ],
    { audioType: "audio/wav" },
  );
  expect(last.content).toMatchObject([
    { type: "text", text: "Hello", providerMetadata: { openai: { isTranscript: true } } },
    {
      type: "data",
      source: { type: "base64", mediaType: "audio/wav", data: Buffer.from("abcdef").toString("base64") },
      providerMetadata: { openai: { audioId: "audio_1", expiresAt: 99 } },
    },
  ]);
});

test("images of the answer are media blocks", () => {
  const last = reduce([
    delta({
      images: [
        { image_url: { url: "data:image/png;base64,AAAA" } },
        { image_url: { url: "https://x/y.png" } },
        null,
        {},
      ],
    }),
    STOP,
  ]);
  expect(last.content).toMatchObject([
    { type: "data", source: { type: "base64", mediaType: "image/png", data: "AAAA" } },
    { type: "data", source: { type: "url", url: "https://x/y.png" } },
  ]);
});

test.each([
  { error: { message: "Overloaded", type: "overloaded_error" } },
  { error: "just a text" },
  { object: "error", message: "Overloaded", code: 503 },
  { type: "error", error: { message: "Overloaded" } },
  { code: "service_unavailable", message: "Overloaded" },
  { choices: [{ index: 0, error: { message: "Overloaded" }, finish_reason: "error" }] },
  { x_groq: { error: "over capacity" }, choices: [] },
  [{ error: { message: "Overloaded" } }],
])("Q13 %j is an error", (event) => {
  expect(() => reduce([text("Hi"), event])).toThrow(/Overloaded|just a text|over capacity/);
});

test("Q51 what is not known is passed over", () => {
  const odd = {
    id: "x",
    choices: [{ index: 0, delta: { content: "Hi", note: {} }, seed: 1 }],
    obfuscation: "zz",
    code: null,
    nested: [1],
  };
  expect(reduce([odd, { object: "chat.completion", anything: true }, STOP]).text).toBe("Hi");
});

test("fingerprint and service tier are noted", () => {
  const last = reduce([
    { ...(text("Hi") as object), system_fingerprint: "fp_1", service_tier: "default" },
    STOP,
  ]);
  expect(last.metadata).toMatchObject({ systemFingerprint: "fp_1", serviceTier: "default" });
});

test.each<[string, unknown, ChatUsage]>([
  [
    "OpenAI",
    {
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 64, cache_write_tokens: 8 },
      completion_tokens_details: { reasoning_tokens: 20 },
    },
    {
      inputTokens: 100,
      outputTokens: 50,
      totalTokens: 150,
      cacheReadTokens: 64,
      cacheWriteTokens: 8,
      reasoningTokens: 20,
    },
  ],
  [
    "DeepSeek",
    { prompt_tokens: 10, completion_tokens: 2, prompt_cache_hit_tokens: 4 },
    { inputTokens: 10, outputTokens: 2, totalTokens: 12, cacheReadTokens: 4 },
  ],
  [
    "Moonshot",
    { prompt_tokens: 10, completion_tokens: 2, cached_tokens: 3 },
    { inputTokens: 10, outputTokens: 2, totalTokens: 12, cacheReadTokens: 3 },
  ],
  [
    "xAI, which counts reasoning beside the completion (Q111)",
    {
      prompt_tokens: 12,
      completion_tokens: 2,
      total_tokens: 354,
      completion_tokens_details: { reasoning_tokens: 340 },
    },
    { inputTokens: 12, outputTokens: 342, totalTokens: 354, reasoningTokens: 340 },
  ],
  [
    "xAI, which counts the cache beside the prompt (Q115)",
    { prompt_tokens: 10, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 30 } },
    { inputTokens: 40, outputTokens: 2, totalTokens: 42, cacheReadTokens: 30 },
  ],
  [
    "a server whose reasoning is more than the completion (Q112)",
    { prompt_tokens: 10, completion_tokens: 5, completion_tokens_details: { reasoning_tokens: 9 } },
    { inputTokens: 10, outputTokens: 9, totalTokens: 19, reasoningTokens: 9 },
  ],
  [
    "OpenRouter",
    { prompt_tokens: 10, completion_tokens: 5, cost: 0.02 },
    { inputTokens: 10, outputTokens: 5, totalTokens: 15, cost: 0.02 },
  ],
  [
    "xAI, which tells the cost in small coins",
    { prompt_tokens: 291, completion_tokens: 26, total_tokens: 317, cost_in_usd_ticks: 1_330_500 },
    { inputTokens: 291, outputTokens: 26, totalTokens: 317, cost: 0.000_133_05 },
  ],
  [
    "a server that says little (Q119)",
    { completion_tokens: 5, prompt_tokens_details: null },
    { outputTokens: 5 },
  ],
])("usage of %s is in the common form", (_name, usage, expected) => {
  expect(usageOf(usage)).toEqual({ ...expected, raw: usage });
});
