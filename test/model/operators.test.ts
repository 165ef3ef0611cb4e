import { lastValueFrom, Observable, of, Subject, throwError, toArray } from "rxjs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { accumulate, type ResponseDelta } from "../../src/model/accumulate.ts";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import { latest, textDeltas, thinkingDeltas, toolCalls } from "../../src/model/operators.ts";

const MODEL = { provider: "test", modelName: "m" };

const DELTAS: readonly ResponseDelta[] = [
  { thinking: "hm" },
  { text: "Hel" },
  { thinking: " ok" },
  { text: "lo" },
  { toolCall: { index: 0, id: "a", name: "f", arguments: '{"x":' } },
  { toolCall: { index: 0, arguments: "1}" } },
  { toolCall: { index: 1, id: "b", name: "g", arguments: "{}" } },
  { usage: { outputTokens: 3 } },
];

function answer(deltas: readonly ResponseDelta[] = DELTAS): Observable<ChatResponse> {
  return accumulate(of(...deltas), MODEL);
}

test("textDeltas gives what is new of the text, and nothing where there is none", async () => {
  expect(await lastValueFrom(answer().pipe(textDeltas(), toArray()))).toEqual(["Hel", "lo"]);
});

test("thinkingDeltas gives what is new of the reasoning", async () => {
  expect(await lastValueFrom(answer().pipe(thinkingDeltas(), toArray()))).toEqual(["hm", " ok"]);
});

test("toolCalls gives each call once, whole, at the end", async () => {
  const calls = await lastValueFrom(answer().pipe(toolCalls(), toArray()));
  expect(calls.map(({ id, name, input }) => ({ id, name, input }))).toEqual([
    { id: "a", name: "f", input: { x: 1 } },
    { id: "b", name: "g", input: {} },
  ]);
});

test("toolCalls of an answer that fails gives none, and the failure", async () => {
  const failing = new Observable<ChatResponse>((subscriber) =>
    accumulate(of(...DELTAS), MODEL).subscribe({
      next: (response) => void (response.isLast || subscriber.next(response)),
      complete: () => subscriber.error(new Error("cut")),
    }),
  );
  await expect(lastValueFrom(failing.pipe(toolCalls(), toArray()))).rejects.toThrow("cut");
});

let source: Subject<ChatResponse>;
let snapshots: ChatResponse[];
let seen: string[];

beforeEach(() => {
  vi.useFakeTimers();
  source = new Subject();
  seen = [];
  snapshots = [];
  answer([{ text: "a" }, { text: "b" }, { text: "c" }, { text: "d" }]).subscribe((each) =>
    snapshots.push(each),
  );
});

afterEach(() => {
  vi.useRealTimers();
});

function emit(...indexes: readonly number[]): void {
  for (const index of indexes) source.next(snapshots[index] as ChatResponse);
}

test("latest skips to the newest snapshot of a turn", () => {
  source.pipe(latest()).subscribe((response) => seen.push(response.text));
  emit(0, 1, 2);
  expect(seen).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(seen).toEqual(["abc"]);
  vi.advanceTimersByTime(1000);
  expect(seen).toEqual(["abc"]);
});

test("latest gives at most one snapshot in the time it is told", () => {
  source.pipe(latest(50)).subscribe((response) => seen.push(response.text));
  emit(0);
  vi.advanceTimersByTime(49);
  emit(1);
  expect(seen).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(seen).toEqual(["ab"]);
  emit(2);
  vi.advanceTimersByTime(49);
  expect(seen).toEqual(["ab"]);
  vi.advanceTimersByTime(1);
  expect(seen).toEqual(["ab", "abc"]);
});

test("latest ends with the last snapshot, at once, and leaves no timer", () => {
  let isComplete = false;
  source.pipe(latest(50)).subscribe({
    next: (response) => seen.push(`${response.text}${response.isLast ? "!" : ""}`),
    complete: () => {
      isComplete = true;
    },
  });
  emit(0, 4);
  source.complete();
  expect(seen).toEqual(["abcd!"]);
  expect(isComplete).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test("latest gives what was waiting before it fails", () => {
  let failure: unknown;
  source.pipe(latest(50)).subscribe({
    next: (response) => seen.push(response.text),
    error: (error: unknown) => {
      failure = error;
    },
  });
  emit(1);
  source.error("cut");
  expect([seen, failure]).toEqual([["ab"], "cut"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("unsubscribing from latest lets the source go, with what was waiting", () => {
  const subscription = source.pipe(latest(50)).subscribe((response) => seen.push(response.text));
  emit(0);
  subscription.unsubscribe();
  expect(source.observed).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(100);
  expect(seen).toEqual([]);
});

test("a failure before anything passes through every operator", () => {
  const failures: unknown[] = [];
  const failing = throwError(() => "cut");
  const error = (reason: unknown): void => void failures.push(reason);
  failing.pipe(textDeltas()).subscribe({ error });
  failing.pipe(thinkingDeltas()).subscribe({ error });
  failing.pipe(toolCalls()).subscribe({ error });
  failing.pipe(latest()).subscribe({ error });
  expect(failures).toEqual(["cut", "cut", "cut", "cut"]);
});
