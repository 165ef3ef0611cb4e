import { expect, test } from "vitest";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import { ResponseAccumulator } from "../../src/model/response-accumulator.ts";

function accumulator(): ResponseAccumulator {
  return new ResponseAccumulator({ provider: "openai", model: "gpt" });
}

test("a snapshot holds everything so far, and only what changed makes one", () => {
  const answer = accumulator();
  expect(answer.snapshot()).toBeUndefined();
  answer.content.text("Hel");
  const first = answer.snapshot();
  expect(answer.snapshot()).toBeUndefined();
  answer.content.text("lo");
  const second = answer.snapshot();
  expect([first?.text, first?.textDelta, second?.text, second?.textDelta]).toEqual([
    "Hel",
    "Hel",
    "Hello",
    "lo",
  ]);
  expect([first?.isLast, second?.isLast]).toEqual([false, false]);
  expect(first?.id).toBe(second?.id);
  expect(first?.createdAt).toBe(second?.createdAt);
});

test("the last snapshot has everything, with the reason to stop", () => {
  const answer = accumulator();
  answer.content.text("Hello");
  answer.finish("length", "max_tokens");
  const last = answer.end();
  expect(last).toMatchObject({
    isLast: true,
    finishReason: "length",
    rawFinishReason: "max_tokens",
    text: "Hello",
  });
});

test("an answer that never said why it stopped stopped for another reason", () => {
  const answer = accumulator();
  answer.content.text("Hello");
  expect(answer.isFinished).toBe(false);
  expect(answer.end().finishReason).toBe("other");
});

test("the provider's id and model name are the first that are not empty", () => {
  const answer = accumulator();
  answer.identify("", "");
  answer.identify(null, null);
  answer.identify("", "gpt-2026");
  answer.identify("resp_1", "gpt-2027");
  answer.identify("resp_2", "gpt-2028");
  expect(answer.end()).toMatchObject({ id: "resp_1", model: "gpt-2026" });
  const late = accumulator();
  late.identify("resp_1", "");
  late.identify("resp_1", "gpt-2026");
  expect(late.end().model).toBe("gpt-2026");
});

test("an answer without an id gets one, the same for all its snapshots", () => {
  const answer = accumulator();
  answer.content.text("a");
  const first = answer.snapshot();
  answer.identify("too-late");
  expect(answer.end().id).toBe(first?.id);
  expect(accumulator().end().id).not.toBe(first?.id);
});

test("of usage the newest value that is there wins, field by field, and nothing is added up", () => {
  const answer = accumulator();
  answer.usage({ inputTokens: 10, outputTokens: 1, raw: { a: 1 } });
  answer.usage({ outputTokens: 5, cacheReadTokens: 0 });
  answer.usage({ inputTokens: null, totalTokens: undefined } as unknown as { inputTokens: number });
  answer.usage({ outputTokens: 0 });
  expect(answer.end().usage).toEqual({ inputTokens: 10, outputTokens: 0, cacheReadTokens: 0, raw: { a: 1 } });
});

test("without any usage there is none, not zeros", () => {
  expect(accumulator().end().usage).toBeUndefined();
});

test("tool calls make stop into tool_calls, and no tool calls make tool_calls into stop", () => {
  const withCalls = accumulator();
  withCalls.content.toolCall({ index: 0, id: "a", name: "f", arguments: "{}" });
  withCalls.finish("stop", "stop");
  expect(withCalls.end()).toMatchObject({ finishReason: "tool_calls", rawFinishReason: "stop" });
  const without = accumulator();
  without.content.text("I would call a tool.");
  without.finish("tool_calls", "tool_calls");
  expect(without.end()).toMatchObject({ finishReason: "stop", rawFinishReason: "tool_calls" });
  const cut = accumulator();
  cut.content.toolCall({ index: 0, id: "a", name: "f", arguments: "{" });
  cut.finish("length", "length");
  expect(cut.end().finishReason).toBe("length");
});

test("a call without a name is no reason to say tool_calls", () => {
  const answer = accumulator();
  answer.content.toolCall({ index: 0, id: "a", arguments: "{}" });
  answer.finish("tool_calls");
  const last = answer.end();
  expect(last.finishReason).toBe("stop");
  expect(last.toolCalls[0]?.inputError).toBeDefined();
});

test("a later reason wins, and its absence does not clear the raw one", () => {
  const answer = accumulator();
  answer.finish("stop", "stop");
  answer.finish("content_filter");
  expect(answer.end()).toMatchObject({ finishReason: "content_filter", rawFinishReason: "stop" });
});

test("several choices are kept apart, choice 0 being the content", () => {
  const answer = accumulator();
  answer.choice(1).text("b");
  const early = answer.snapshot();
  answer.choice(0).text("a");
  answer.choice(2).toolCall({ index: 0, id: "x", name: "f", arguments: "{}" });
  answer.choice(1).text("B");
  answer.finish("stop", "stop", 0);
  answer.finish("length", "length", 1);
  answer.finish("stop", "stop", 2);
  const last = answer.end();
  expect(early).toMatchObject({ text: "", content: [], choices: [{ index: 0 }, { index: 1 }] });
  expect(last.text).toBe("a");
  expect(last.choices).toMatchObject([
    { index: 0, content: [{ text: "a" }], finishReason: "stop" },
    { index: 1, content: [{ text: "bB" }], finishReason: "length" },
    { index: 2, content: [{ name: "f", input: {} }], finishReason: "tool_calls" },
  ]);
  expect(early?.choices?.[1]?.content).toMatchObject([{ text: "b" }]);
});

test("one choice needs no list of choices", () => {
  const answer = accumulator();
  answer.choice(0).text("a");
  expect(answer.end().choices).toBeUndefined();
});

test("notes are on every later snapshot, the later value winning, and earlier snapshots keep theirs", () => {
  const answer = new ResponseAccumulator({ provider: "p", model: "m", metadata: { requestId: "req_1" } });
  answer.content.text("a");
  answer.noteOnce("systemFingerprint", "fp");
  const first = answer.snapshot();
  answer.noteOnce("systemFingerprint", "fp");
  answer.note({ serviceTier: "flex" });
  answer.content.text("b");
  const second = answer.snapshot();
  expect(first?.metadata).toEqual({ requestId: "req_1", systemFingerprint: "fp" });
  expect(second?.metadata).toEqual({ requestId: "req_1", systemFingerprint: "fp", serviceTier: "flex" });
});

test("lists are collected for the last snapshot", () => {
  const answer = accumulator();
  answer.collect("logprobs", [1]);
  answer.content.text("a");
  expect(answer.snapshot()?.metadata).not.toHaveProperty("logprobs");
  answer.collect("logprobs", [2, 3]);
  expect(answer.end().metadata.logprobs).toEqual([1, 2, 3]);
});

test("a list of any length can be collected", () => {
  const answer = accumulator();
  const many = Array.from({ length: 300_000 }, (_, index) => index);
  answer.collect("logprobs", []);
  answer.collect("logprobs", many);
  expect(answer.end().metadata.logprobs).toHaveLength(300_000);
});

test("warnings are on the snapshots after them", () => {
  const answer = new ResponseAccumulator({
    provider: "p",
    model: "m",
    warnings: [{ option: "a", reason: "b" }],
  });
  answer.content.text("x");
  const first = answer.snapshot();
  answer.warn({ option: "c", reason: "d" });
  expect(first?.warnings).toEqual([{ option: "a", reason: "b" }]);
  expect(answer.end().warnings).toEqual([
    { option: "a", reason: "b" },
    { option: "c", reason: "d" },
  ]);
});

test("no snapshot ever changes", () => {
  const answer = accumulator();
  const seen: { snapshot: ChatResponse; text: string }[] = [];
  const look = (snapshot: ChatResponse | undefined): void => {
    if (snapshot !== undefined) seen.push({ snapshot, text: JSON.stringify(snapshot) });
  };
  for (const word of ["a", "b", "c"]) {
    answer.content.thinking(word);
    look(answer.snapshot());
    answer.content.text(word);
    answer.usage({ outputTokens: seen.length });
    look(answer.snapshot());
    answer.content.toolCall({ index: 0, name: "f", arguments: `"${word}` });
    answer.choice(1).text(word);
    look(answer.snapshot());
  }
  answer.finish("stop");
  look(answer.end());
  for (const { snapshot, text } of seen) expect(JSON.stringify(snapshot)).toBe(text);
});
