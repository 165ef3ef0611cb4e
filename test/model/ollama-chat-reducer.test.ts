import { expect, test } from "vitest";
import { modelError } from "../../src/error/errors-by-kind.ts";
import { ModelError } from "../../src/error/model-error.ts";
import type { ContentBlock } from "../../src/message/content-block.ts";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import { OllamaChatReducer } from "../../src/model/ollama-chat-reducer.ts";
import { ResponseAccumulator } from "../../src/model/response-accumulator.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

interface Reduced {
  readonly last: ChatResponse;
  /** What each event but the last added to what can be seen. */
  readonly texts: readonly string[];
}

function accumulating(): { answer: ResponseAccumulator; reducer: OllamaChatReducer } {
  const answer = new ResponseAccumulator({ provider: "ollama", model: "qwen3:8b" });
  return {
    answer,
    reducer: new OllamaChatReducer(answer, (body) => modelError("server", JSON.stringify(body))),
  };
}

/** The last snapshot of these events; only the last of them may be the end. */
function reduce(...events: readonly unknown[]): Reduced {
  const { answer, reducer } = accumulating();
  const texts: string[] = [];
  for (const [index, event] of events.entries()) {
    expect(reducer.event(event)).toBe(index === events.length - 1);
    if (index < events.length - 1) texts.push(answer.snapshot()?.textDelta ?? "");
  }
  return { last: answer.end(), texts };
}

const message = (fields: unknown): unknown => ({ model: "qwen3:8b", message: fields, done: false });
const text = (content: string): unknown => message({ role: "assistant", content });
const DONE = {
  model: "qwen3:8b",
  message: { role: "assistant", content: "" },
  done: true,
  done_reason: "stop",
};
const call = (name: string, args?: unknown, more: object = {}): unknown => ({
  function: { name, arguments: args },
  ...more,
});

function gist(content: readonly ContentBlock[]): unknown[] {
  return content.map((block) => {
    if (block.type === "text") return block.text;
    if (block.type === "thinking") return { thinking: block.thinking };
    return block.type === "tool_use" ? { call: block.name, input: block.input } : block.type;
  });
}

test("text grows line by line; the model that answers is the first that is named", () => {
  const { last, texts } = reduce(text("Hel"), text("lo"), { ...DONE, model: "other" });
  expect(texts).toEqual(["Hel", "lo"]);
  expect([last.text, last.model, last.finishReason, last.rawFinishReason]).toEqual([
    "Hello",
    "qwen3:8b",
    "stop",
    "stop",
  ]);
  expect(last.id).not.toBe("");
});

test("reasoning is a block of its own, before the text of the same line", () => {
  const { last } = reduce(
    message({ content: "", thinking: "The " }),
    message({ content: "Hi", thinking: "user" }),
    text("!"),
    DONE,
  );
  expect(gist(last.content)).toEqual([{ thinking: "The user" }, "Hi!"]);
});

test("calls in one line and in several are different calls, with and without ids, whatever their index", () => {
  const { last } = reduce(
    message({ content: "", tool_calls: [call("get_weather", { city: "Paris" }), call("get_weather", {})] }),
    message({ content: "", tool_calls: [call("get_weather", { city: "Rome" }, { id: "call_1" })] }),
    message({ content: "", tool_calls: [{ id: "call_2", function: { index: 0, name: "now" } }] }),
    message({ content: "", tool_calls: [{ id: "call_2", function: { index: 0, name: "now" } }] }),
    DONE,
  );
  expect(gist(last.content)).toEqual([
    { call: "get_weather", input: { city: "Paris" } },
    { call: "get_weather", input: {} },
    { call: "get_weather", input: { city: "Rome" } },
    { call: "now", input: {} },
    { call: "now", input: {} },
  ]);
  const ids = last.toolCalls.map(({ id }) => id);
  expect(new Set(ids).size).toBe(5);
  expect(ids.slice(2, 4)).toEqual(["call_1", "call_2"]);
  expect([last.finishReason, last.rawFinishReason]).toEqual(["tool_calls", "stop"]);
  expect(last.toolCalls.some(({ inputError }) => inputError !== undefined)).toBe(false);
});

test("an id that was made up stays the same over all snapshots", () => {
  const { answer, reducer } = accumulating();
  reducer.event(message({ tool_calls: [call("now", {})] }));
  const before = answer.snapshot()?.toolCalls[0]?.id;
  reducer.event(text("And:"));
  reducer.event(DONE);
  expect(answer.end().toolCalls[0]?.id).toBe(before);
});

test("arguments may be written as a string; what is no object is told so", () => {
  const { last } = reduce(
    message({ tool_calls: [call("a", '{"x":1}'), call("b", [1]), call("c", null)] }),
    DONE,
  );
  expect(last.toolCalls.map(({ input, inputError }) => [input, inputError])).toEqual([
    [{ x: 1 }, undefined],
    [{}, "The arguments are not a JSON object."],
    [{}, undefined],
  ]);
});

test("text, reasoning and calls may come with the end", () => {
  const { last } = reduce({
    ...DONE,
    message: { content: "Hi", thinking: "hm", tool_calls: [call("now", {})] },
    eval_count: 3,
  });
  expect(gist(last.content)).toEqual([{ thinking: "hm" }, "Hi", { call: "now", input: {} }]);
  expect(last.usage?.outputTokens).toBe(3);
});

test.each([
  ["stop", "stop"],
  ["length", "length"],
  ["load", "other"],
  ["unload", "other"],
  ["", "other"],
  ["constructor", "other"],
])("done_reason %j is the finish reason %s", (reason, expected) => {
  const { last } = reduce(text("Hi"), { ...DONE, done_reason: reason });
  expect([last.finishReason, last.rawFinishReason]).toEqual([expected, reason]);
});

test("an end without a reason, as older servers give it, is an ordinary one", () => {
  for (const done_reason of [undefined, null, 7]) {
    const { last } = reduce(text("Hi"), { ...DONE, done_reason });
    expect([last.finishReason, last.rawFinishReason]).toEqual(["stop", undefined]);
  }
});

test("counts are the usage, durations stand beside them in milliseconds, both verbatim in the raw record", () => {
  const figures = {
    total_duration: 174_560_334,
    load_duration: 101_397_084,
    prompt_eval_count: 11,
    prompt_eval_duration: 13_074_791,
    eval_count: 18,
    eval_duration: 52_479_709,
  };
  const { last } = reduce(text("Hi"), { ...DONE, ...figures });
  expect(last.usage).toEqual({ inputTokens: 11, outputTokens: 18, totalTokens: 29, raw: figures });
  expect(last.metadata["timings"]).toEqual({
    totalMs: 174.560334,
    loadMs: 101.397084,
    promptEvalMs: 13.074791,
    evalMs: 52.479709,
  });
});

test("a prompt out of the cache is not counted, and then there is no total", () => {
  const { last } = reduce(text("Hi"), { ...DONE, eval_count: 18, prompt_eval_count: undefined });
  expect(last.usage).toEqual({ outputTokens: 18, raw: { eval_count: 18 } });
  expect(reduce(text("Hi"), DONE).last.usage).toBeUndefined();
  expect(reduce(text("Hi"), { ...DONE, eval_count: "18", prompt_eval_count: -1 }).last.usage).toBeUndefined();
});

test("a model that runs elsewhere is named", () => {
  const remote = { remote_model: "gpt-oss:120b", remote_host: "https://ollama.com:443" };
  expect(reduce(text("Hi"), { ...DONE, ...remote }).last.metadata).toMatchObject({
    remoteModel: "gpt-oss:120b",
    remoteHost: "https://ollama.com:443",
  });
});

test("log probabilities are collected, as copies", () => {
  const event = { ...(text("Hi") as object), logprobs: [{ token: "Hi", logprob: -0.1 }] };
  const { answer, reducer } = accumulating();
  reducer.event(event);
  (event.logprobs[0] as { token: string }).token = "changed";
  reducer.event({ ...DONE, logprobs: [{ token: "!", logprob: -1 }] });
  expect(answer.end().metadata.logprobs).toEqual([
    { token: "Hi", logprob: -0.1 },
    { token: "!", logprob: -1 },
  ]);
});

test("a line with an error is the failure, and what had come stays", () => {
  const { answer, reducer } = accumulating();
  reducer.event(text("Hel"));
  expect(() => reducer.event({ error: "an error was encountered while running the model" })).toThrow(
    ModelError,
  );
  expect(answer.snapshot()?.text).toBe("Hel");
});

test("a whole answer is one big line", () => {
  const { answer, reducer } = accumulating();
  reducer.whole({ ...DONE, message: { content: "Hi", thinking: "hm" }, prompt_eval_count: 1, eval_count: 2 });
  expect(answer.isFinished).toBe(true);
  const last = answer.end();
  expect(gist(last.content)).toEqual([{ thinking: "hm" }, "Hi"]);
  expect(last.usage?.totalTokens).toBe(3);
});

test.each([
  ["in one piece", ["<think>hm</think>Hi"]],
  ["tag by tag", ["<think>", "hm", "</think>", "Hi"]],
  ["cut anywhere", ["\n<th", "ink>h", "m</thi", "nk>\n\nH", "i"]],
])("an answer that opens with a tag is reasoning to the closing one: %s", (_name, pieces) => {
  const { last } = reduce(...pieces.map(text), DONE);
  expect(gist(last.content)).toEqual([{ thinking: "hm" }, "Hi"]);
});

test("a tag anywhere else is text, and so is what only looks like the beginning of one", () => {
  for (const pieces of [
    ["The tag <think> opens", " reasoning</think>."],
    ["<", "/think> is the end"],
    ["<thin"],
    ["  ", "<thinking>"],
    [" ".repeat(80), "<think>x"],
  ]) {
    expect(gist(reduce(...pieces.map(text), DONE).last.content)).toEqual([pieces.join("")]);
  }
});

test("where reasoning has its own field, tags in the text are text", () => {
  const { last } = reduce(message({ content: "", thinking: "hm" }), text("<think>x</think>"), DONE);
  expect(gist(last.content)).toEqual([{ thinking: "hm" }, "<think>x</think>"]);
});

test("text that is held back comes out before a call that follows it", () => {
  const { last } = reduce(text("<th"), message({ tool_calls: [call("now", {})] }), DONE);
  expect(gist(last.content)).toEqual(["<th", { call: "now", input: {} }]);
});

test("what is not of the type that it should be is as good as absent", () => {
  const { last } = reduce(
    null,
    5,
    "text",
    [],
    {},
    { message: null, done: "true" },
    { message: "Hi" },
    { message: { content: { a: 1 }, thinking: ["x"], tool_calls: "none" } },
    { message: { tool_calls: [null, 7] }, logprobs: {}, model: 3 },
    text("Hi"),
    DONE,
  );
  expect(gist(last.content)).toEqual(["Hi"]);
  expect(last.metadata.logprobs).toBeUndefined();
});
