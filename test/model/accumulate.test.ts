import { Observable, of, Subject, throwError } from "rxjs";
import { expect, test } from "vitest";
import { accumulate, type ResponseDelta } from "../../src/model/accumulate.ts";
import type { ChatResponse } from "../../src/model/chat-response.ts";

const MODEL = { provider: "test", modelName: "m1" };

function snapshotsOf(source: Observable<ResponseDelta>): { seen: ChatResponse[]; end: unknown } {
  const result: { seen: ChatResponse[]; end: unknown } = { seen: [], end: undefined };
  accumulate(source, MODEL).subscribe({
    next: (each) => result.seen.push(each),
    error: (error: unknown) => (result.end = error),
    complete: () => (result.end = "complete"),
  });
  return result;
}

test("deltas become snapshots, and the end of the source is the end of the answer", () => {
  const { seen, end } = snapshotsOf(
    of({ thinking: "hm" }, { text: "Hel" }, {}, { text: "" }, { text: "lo" }),
  );
  expect(seen.map(({ text, isLast }) => [text, isLast])).toEqual([
    ["", false],
    ["Hel", false],
    ["Hello", false],
    ["Hello", true],
  ]);
  expect(seen.at(-1)).toMatchObject({ provider: "test", model: "m1", finishReason: "stop", thinking: "hm" });
  expect(end).toBe("complete");
});

test("reasoning and text in one delta are two blocks, reasoning first", () => {
  const { seen } = snapshotsOf(of({ text: "b", thinking: "a" }));
  expect(seen.at(-1)?.content.map(({ type }) => type)).toEqual(["thinking", "text"]);
});

test("tool calls, usage and the reason to stop are taken over", () => {
  const { seen } = snapshotsOf(
    of<ResponseDelta[]>(
      { toolCall: { index: 0, id: "a", name: "f", arguments: '{"x":' } },
      { toolCall: { index: 0, arguments: "1}" } },
      { usage: { inputTokens: 1 } },
      { usage: { outputTokens: 2 }, finishReason: "length" },
    ),
  );
  expect(seen.at(-1)).toMatchObject({
    finishReason: "length",
    usage: { inputTokens: 1, outputTokens: 2 },
    toolCalls: [{ id: "a", name: "f", input: { x: 1 } }],
  });
});

test("an answer of tool calls that does not say why it stopped stopped for them", () => {
  const { seen } = snapshotsOf(of({ toolCall: { name: "f", arguments: "{}" } }));
  expect(seen.at(-1)?.finishReason).toBe("tool_calls");
});

test("a source that fails is an answer that fails, without a last snapshot", () => {
  const failure = new Error("cut");
  const source = new Observable<ResponseDelta>((subscriber) => {
    subscriber.next({ text: "Hel" });
    subscriber.error(failure);
  });
  const { seen, end } = snapshotsOf(source);
  expect([seen.map(({ isLast }) => isLast), end]).toEqual([[false], failure]);
  expect(snapshotsOf(throwError(() => failure))).toEqual({ seen: [], end: failure });
});

test("every subscription is an answer of its own, and unsubscribing lets the source go", () => {
  const source = new Subject<ResponseDelta>();
  const answer = accumulate(source, MODEL);
  const texts: [string, string][] = [];
  const first = answer.subscribe(({ text }) => texts.push(["first", text]));
  source.next({ text: "a" });
  const second = answer.subscribe(({ text }) => texts.push(["second", text]));
  source.next({ text: "b" });
  expect(texts).toEqual([
    ["first", "a"],
    ["first", "ab"],
    ["second", "b"],
  ]);
  first.unsubscribe();
  second.unsubscribe();
  expect(source.observed).toBe(false);
});
