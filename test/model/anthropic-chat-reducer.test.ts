import { expect, test } from "vitest";
import { modelError } from "../../src/error/errors-by-kind.ts";
import type { ContentBlock } from "../../src/message/content-block.ts";
import { AnthropicChatReducer } from "../../src/model/anthropic-chat-reducer.ts";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import { ResponseAccumulator } from "../../src/model/response-accumulator.ts";
import { spoil } from "../spoiled-events.ts";
import { blockOf, endOf, startOf, textBlock } from "./anthropic-server.ts";

interface Read {
  readonly last: ChatResponse;
  readonly snapshots: readonly ChatResponse[];
  readonly ends: number;
}

function reducerOf(): { answer: ResponseAccumulator; reducer: AnthropicChatReducer } {
  const answer = new ResponseAccumulator({ provider: "anthropic", model: "claude-test" });
  const failure = (body: unknown) => modelError("server", JSON.stringify(body));
  return { answer, reducer: new AnthropicChatReducer(answer, { provider: "anthropic", failure }) };
}

/** What comes of these events. They are spoiled as soon as they were read: nothing may be kept of them. */
function read(events: readonly unknown[]): Read {
  const { answer, reducer } = reducerOf();
  const snapshots: ChatResponse[] = [];
  let ends = 0;
  for (const each of JSON.parse(JSON.stringify(events)) as unknown[]) {
    if (reducer.event(each)) ends += 1;
    spoil(each);
    const snapshot = answer.snapshot();
    if (snapshot !== undefined) snapshots.push(snapshot);
  }
  reducer.end();
  const last = answer.end();
  return { last, snapshots: [...snapshots, last], ends };
}

function whole(body: unknown): ChatResponse {
  const { answer, reducer } = reducerOf();
  reducer.whole(body);
  reducer.end();
  return answer.end();
}

function gist(content: readonly ContentBlock[]): unknown[] {
  return content.map((block) => {
    if (block.type === "text") return block.text;
    if (block.type === "thinking")
      return { thinking: block.thinking, ...block.providerMetadata?.["anthropic"] };
    return block.type === "tool_use" ? { call: block.name, id: block.id, input: block.input } : block.type;
  });
}

const TOOL = { type: "tool_use", id: "toolu_01A", name: "get_weather", input: {} };
const json = (partial: string): object => ({ type: "input_json_delta", partial_json: partial });

test("thinking, text and two parallel calls come apart, and the end mark is the end", () => {
  const { last, ends } = read([
    startOf({
      input_tokens: 412,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 2048,
      output_tokens: 3,
    }),
    ...blockOf(
      0,
      { type: "thinking", thinking: "", signature: "" },
      { type: "thinking_delta", thinking: "I need " },
      { type: "thinking_delta", thinking: "both." },
      { type: "signature_delta", signature: "EqQBCg" },
    ),
    { type: "ping" },
    ...textBlock(1, "Looking ", "that up."),
    ...blockOf(2, TOOL, json(""), json('{"city": "Pa'), json('ris"}')),
    ...blockOf(3, { ...TOOL, id: "toolu_01B", name: "get_time" }, json('{"tz": "Europe/Paris"}')),
    ...endOf("tool_use", {
      input_tokens: 412,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 2048,
      output_tokens: 131,
      output_tokens_details: { thinking_tokens: 48 },
    }),
  ]);
  expect(gist(last.content)).toEqual([
    { thinking: "I need both.", signature: "EqQBCg" },
    "Looking that up.",
    { call: "get_weather", id: "toolu_01A", input: { city: "Paris" } },
    { call: "get_time", id: "toolu_01B", input: { tz: "Europe/Paris" } },
  ]);
  expect(last).toMatchObject({
    id: "msg_1",
    model: "claude-test-1",
    finishReason: "tool_calls",
    rawFinishReason: "tool_use",
    usage: {
      inputTokens: 2460,
      outputTokens: 131,
      totalTokens: 2591,
      cacheReadTokens: 2048,
      cacheWriteTokens: 0,
      reasoningTokens: 48,
    },
  });
  expect(ends).toBe(1);
});

test("nothing is emitted before there is content, so a failure until then may be tried again", () => {
  const { answer, reducer } = reducerOf();
  for (const each of [startOf(), { type: "ping" }, ...blockOf(0, { type: "text", text: "" }).slice(0, 1)]) {
    reducer.event(each);
    expect(answer.snapshot()).toBeUndefined();
  }
  reducer.event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hi" } });
  expect(answer.snapshot()).toMatchObject({ text: "Hi", usage: { inputTokens: 12 } });
});

test("a call without arguments has an empty input, whether or not a delta says so", () => {
  for (const deltas of [[], [json("")]]) {
    const { last } = read([startOf(), ...blockOf(0, TOOL, ...deltas), ...endOf("tool_use")]);
    expect(last.toolCalls).toMatchObject([{ name: "get_weather", input: {} }]);
    expect(last.toolCalls[0]).not.toHaveProperty("inputError");
  }
});

test("an input that stands whole in the first event counts, unless deltas follow", () => {
  const whole = { ...TOOL, input: { city: "Rome" } };
  expect(read([startOf(), ...blockOf(0, whole), ...endOf("tool_use")]).last.toolCalls).toMatchObject([
    { input: { city: "Rome" }, rawInput: '{"city":"Rome"}' },
  ]);
  const streamed = read([startOf(), ...blockOf(0, whole, json('{"city":"Oslo"}')), ...endOf("tool_use")]);
  expect(streamed.last.toolCalls).toMatchObject([{ input: { city: "Oslo" } }]);
});

test("a call of another tool's program keeps who called it", () => {
  const caller = { type: "code_execution_20260120", tool_id: "srvtoolu_1" };
  const { last } = read([
    startOf(),
    ...blockOf(0, { ...TOOL, caller }, json("{}")),
    ...blockOf(1, { ...TOOL, id: "toolu_2", caller: { type: "direct" } }, json("{}")),
    ...endOf("tool_use"),
  ]);
  expect(last.toolCalls.map(({ providerMetadata }) => providerMetadata)).toEqual([
    { anthropic: { caller } },
    undefined,
  ]);
});

test("thinking that is not shown is a block with its signature alone", () => {
  const { last } = read([
    startOf(),
    ...blockOf(
      0,
      { type: "thinking", thinking: "", signature: "" },
      { type: "signature_delta", signature: "s1" },
    ),
    ...blockOf(
      1,
      { type: "thinking", thinking: "", signature: "" },
      { type: "signature_delta", signature: "s2" },
    ),
    ...textBlock(2, "Hi"),
    ...endOf("end_turn"),
  ]);
  expect(gist(last.content)).toEqual([
    { thinking: "", signature: "s1" },
    { thinking: "", signature: "s2" },
    "Hi",
  ]);
});

test("redacted thinking keeps its place and its data", () => {
  const redacted = { type: "redacted_thinking", data: "b3BhcXVl" };
  const { last } = read([startOf(), ...blockOf(0, redacted), ...textBlock(1, "Hi"), ...endOf("end_turn")]);
  expect(gist(last.content)).toEqual([{ thinking: "", block: redacted }, "Hi"]);
  expect(last.thinking).toBe("");
  expect(last.metadata).not.toHaveProperty("providerBlocks");
});

test("the provider's own tools keep their place, with their input and results", () => {
  const search = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} };
  const result = { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [{ url: "u" }] };
  const { last } = read([
    startOf(),
    ...textBlock(0, "Searching."),
    ...blockOf(1, search, json(""), json('{"query": '), json('"x"}')),
    ...blockOf(2, result),
    ...textBlock(3, "Found."),
    ...endOf("pause_turn"),
  ]);
  const done = { ...search, input: { query: "x" } };
  expect(gist(last.content)).toEqual([
    "Searching.",
    { thinking: "", block: done },
    { thinking: "", block: result },
    "Found.",
  ]);
  expect(last).toMatchObject({ finishReason: "pause", metadata: { providerBlocks: [done, result] } });
  expect(last.toolCalls).toEqual([]);
});

test("a summary of the history comes after the beginning of its block, and is kept whole", () => {
  const begun = { type: "compaction", content: null, encrypted_content: null };
  const summary = { content: "They spoke of Paris.", encrypted_content: "b3BhcXVl" };
  const { last } = read([
    startOf(),
    ...blockOf(0, begun, { type: "compaction_delta", ...summary }),
    ...textBlock(1, "Go on."),
    ...endOf("end_turn"),
  ]);
  const done = { type: "compaction", ...summary };
  expect(gist(last.content)).toEqual([{ thinking: "", block: done }, "Go on."]);
  expect(last.metadata).toMatchObject({ providerBlocks: [done] });
  const stray = read([startOf(), ...blockOf(0, { type: "text", text: "Hi" }, { type: "compaction_delta" })]);
  expect(gist(stray.last.content)).toEqual(["Hi"]);
});

test("a model that stands in for the one that refused is the one that answers", () => {
  const block = {
    type: "fallback",
    from: { model: "claude-test-1" },
    to: { model: "claude-test-2" },
    trigger: { type: "refusal" },
  };
  const { last } = read([startOf(), ...blockOf(0, block), ...textBlock(1, "Hi"), ...endOf("end_turn")]);
  expect(last.model).toBe("claude-test-2");
  expect(gist(last.content)).toEqual([{ thinking: "", block }, "Hi"]);
  const odd = read([startOf(), ...blockOf(0, { type: "fallback", to: null }), ...endOf("end_turn")]);
  expect(odd.last.model).toBe("claude-test-1");
});

test("citations belong to their text, and are all in the metadata", () => {
  const cited = { type: "char_location", cited_text: "a", document_index: 0 };
  const early = { type: "citations_delta", citation: cited };
  const { last } = read([
    startOf(),
    ...blockOf(0, { type: "text", text: "", citations: [] }, early, { type: "text_delta", text: "A." }),
    ...blockOf(1, { type: "text", text: "" }, { type: "text_delta", text: "B." }, early, early),
    ...textBlock(2, "C."),
    ...endOf("end_turn"),
  ]);
  expect(last.content.map((block) => block.providerMetadata?.["anthropic"]?.["citations"])).toEqual([
    [cited],
    [cited, cited],
    undefined,
  ]);
  expect(last.metadata.citations).toEqual([cited, cited, cited]);
  expect(last.text).toBe("A.B.C.");
});

test("neighbouring text blocks stay apart", () => {
  const { last } = read([startOf(), ...textBlock(0, "a"), ...textBlock(1, "b"), ...endOf("end_turn")]);
  expect(gist(last.content)).toEqual(["a", "b"]);
});

test.each([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["pause_turn", "pause"],
  ["compaction", "pause"],
  ["refusal", "content_filter"],
  ["something_new", "other"],
  ["constructor", "other"],
])("the stop reason %s is %s", (raw, reason) => {
  const { last } = read([startOf(), ...textBlock(0, "Hi"), ...endOf(raw)]);
  expect([last.finishReason, last.rawFinishReason]).toEqual([reason, raw]);
});

test("a refusal without any block is an answer, and says why", () => {
  const details = { type: "refusal", category: "cyber", explanation: "No." };
  const { last } = read([startOf(), { type: "ping" }, ...endOf("refusal", {}, { stop_details: details })]);
  expect(last).toMatchObject({
    content: [],
    finishReason: "content_filter",
    metadata: { stopDetails: details },
  });
});

test("the text that ended an answer, its tier and its container are in the metadata", () => {
  const container = { id: "container_1", expires_at: "2026-11-01T00:00:00Z" };
  const { last } = read([
    startOf({ input_tokens: 1, output_tokens: 1, service_tier: "priority" }),
    ...textBlock(0, "Hi"),
    ...endOf("stop_sequence", {}, { stop_sequence: "END", container }),
  ]);
  expect(last.metadata).toMatchObject({ stopSequence: "END", serviceTier: "priority", container });
});

test("what was done to the history, and why the cache was missed, is in the metadata", () => {
  const edits = { applied_edits: [{ type: "clear_tool_uses_20250919", cleared_tool_uses: 3 }] };
  const left = [{ type: "thinking_dropped", message_index: 1 }];
  const missed = { cache_miss_reason: { type: "tools_changed" } };
  const beginning = startOf();
  const [delta, stop] = endOf("end_turn");
  const { last } = read([
    { ...beginning, message: { ...beginning.message, diagnostics: missed } },
    ...textBlock(0, "Hi"),
    { ...delta, context_management: edits, input_transformations: left },
    stop,
  ]);
  const noted = { diagnostics: missed, contextManagement: edits, inputTransformations: left };
  expect(last.metadata).toMatchObject(noted);
  const body = { id: "m", content: [{ type: "text", text: "Hi" }], stop_reason: "end_turn" };
  expect(
    whole({ ...body, diagnostics: missed, context_management: edits, input_transformations: left }).metadata,
  ).toMatchObject(noted);
});

test("a later count corrects single fields, and the sums follow", () => {
  const { last } = read([
    startOf({
      input_tokens: 10,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 7,
      output_tokens: 1,
    }),
    ...textBlock(0, "Hi"),
    ...endOf("end_turn", { input_tokens: 20, cache_read_input_tokens: null, output_tokens: 9 }),
  ]);
  expect(last.usage).toMatchObject({
    inputTokens: 127,
    outputTokens: 9,
    totalTokens: 136,
    cacheReadTokens: 100,
    cacheWriteTokens: 7,
    raw: { input_tokens: 20, cache_read_input_tokens: 100, output_tokens: 9 },
  });
});

test("the passes of a compacted answer count, an adviser's do not", () => {
  const iterations = [
    { type: "compaction", input_tokens: 100, output_tokens: 10 },
    { type: "advisor_message", input_tokens: 999, output_tokens: 999 },
    { type: "message", input_tokens: 20, output_tokens: 5 },
    null,
  ];
  const usage = { input_tokens: 20, output_tokens: 5, iterations };
  expect(read([startOf(), ...textBlock(0, "Hi"), ...endOf("end_turn", usage)]).last.usage).toMatchObject({
    inputTokens: 120,
    outputTokens: 15,
    raw: { iterations },
  });
});

test("the cache of every pass counts, and so does a model that stood in", () => {
  const iterations = [
    { type: "message", input_tokens: 5, output_tokens: 1 },
    { type: "compaction", input_tokens: 10, cache_read_input_tokens: 300, output_tokens: 20 },
    { type: "fallback_message", input_tokens: 50, cache_read_input_tokens: 7, output_tokens: 30 },
  ];
  const usage = { input_tokens: 50, cache_read_input_tokens: 7, output_tokens: 30, iterations };
  expect(read([startOf(), ...textBlock(0, "Hi"), ...endOf("end_turn", usage)]).last.usage).toMatchObject({
    inputTokens: 65 + 307,
    outputTokens: 51,
    cacheReadTokens: 307,
  });
});

test("without counts there is no usage", () => {
  const { last } = read([
    { type: "message_start", message: { id: "m" } },
    ...textBlock(0, "Hi"),
    { type: "message_delta", delta: { stop_reason: "end_turn" } },
    { type: "message_stop" },
  ]);
  expect(last.usage).toBeUndefined();
});

test("unknown events, deltas and blocks do no harm; a block is kept", () => {
  const compaction = { type: "compaction", content: "what was said" };
  const { last } = read([
    null,
    7,
    "text",
    [],
    {},
    { type: "ping" },
    { type: "message_note", note: 1 },
    startOf(),
    { type: "content_block_start", index: 0, content_block: null },
    { type: "content_block_delta", index: 0, delta: null },
    { type: "content_block_delta", index: 0, delta: { type: "new_delta", x: 1 } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: 7 } },
    { type: "content_block_start", index: 0, content_block: { type: 5 } },
    ...blockOf(1, compaction),
    ...textBlock(2, "Hi"),
    { type: "message_delta", delta: "x", usage: 3 },
    ...endOf("end_turn"),
  ]);
  expect(gist(last.content)).toEqual([{ thinking: "", block: compaction }, "Hi"]);
});

test("an error event is an error, in every form", () => {
  for (const event of [
    { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
    { error: { message: "proxy" } },
  ]) {
    const { reducer } = reducerOf();
    expect(() => reducer.event(event)).toThrow(/Overloaded|proxy/);
  }
  const { reducer } = reducerOf();
  expect(() => reducer.event({ message: "named" }, "error")).toThrow("named");
});

test("a beginning that is repeated means nothing, another one is another answer", () => {
  const { last } = read([startOf(), startOf(), ...textBlock(0, "Hi"), ...endOf("end_turn")]);
  expect(last.text).toBe("Hi");
  const { reducer } = reducerOf();
  reducer.event(startOf());
  expect(() => reducer.event({ type: "message_start", message: { id: "msg_2" } })).toThrow(/[Tt]wo answers/);
});

test("an answer in one piece says the same as its stream", () => {
  const search = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "x" } };
  const cited = { type: "page_location", cited_text: "a" };
  const content = [
    { type: "thinking", thinking: "hm", signature: "sig" },
    { type: "redacted_thinking", data: "opaque" },
    search,
    { type: "text", text: "Hello", citations: [cited] },
    { ...TOOL, input: { city: "Paris" } },
  ];
  const usage = { input_tokens: 12, output_tokens: 5 };
  const piece = whole({
    id: "msg_1",
    type: "message",
    model: "claude-test-1",
    content,
    stop_reason: "tool_use",
    stop_sequence: null,
    usage,
  });
  const { last } = read([
    startOf(),
    ...blockOf(
      0,
      { type: "thinking", thinking: "", signature: "" },
      { type: "thinking_delta", thinking: "hm" },
      { type: "signature_delta", signature: "sig" },
    ),
    ...blockOf(1, { type: "redacted_thinking", data: "opaque" }),
    ...blockOf(2, { ...search, input: {} }, json('{"query":"x"}')),
    ...blockOf(
      3,
      { type: "text", text: "", citations: [] },
      { type: "text_delta", text: "Hello" },
      { type: "citations_delta", citation: cited },
    ),
    ...blockOf(4, TOOL, json('{"city":"Paris"}')),
    ...endOf("tool_use", usage),
  ]);
  const essence = ({
    id,
    model,
    content: blocks,
    finishReason,
    usage: tokens,
    metadata,
  }: ChatResponse): unknown => ({
    id,
    model,
    blocks: gist(blocks),
    finishReason,
    tokens,
    metadata,
  });
  expect(essence(piece)).toEqual(essence(last));
});

test("a whole answer that is none is an error, or nothing", () => {
  expect(() => whole({ type: "error", error: { message: "no" } })).toThrow("no");
  expect(whole({ choices: [] })).toMatchObject({ content: [], rawFinishReason: undefined });
});
