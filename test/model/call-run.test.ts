import { MessageChannel } from "node:worker_threads";
import { Observable, of, Subject, take, throwError } from "rxjs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { modelError } from "../../src/error/errors-by-kind.ts";
import type { ModelError, ModelErrorDetails, ModelErrorKind } from "../../src/error/model-error.ts";
import { runCall } from "../../src/model/call-run.ts";
import { ChatResponse, type ChatWarning } from "../../src/model/chat-response.ts";
import { FlowControl } from "../../src/model/flow-control.ts";
import type { ResolvedOptions } from "../../src/model/generate-options.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function snapshot(text: string, isLast = false): ChatResponse {
  return new ChatResponse({
    id: "r",
    provider: "test",
    model: "m",
    createdAt: "2026-11-21T00:00:00Z",
    content: [{ type: "text", id: "t", text }],
    delta: [],
    isLast,
    ...(isLast && {
      warnings: [{ option: "late", reason: "by the model" }],
      metadata: { requestId: "req_1" },
    }),
  });
}

/** The snapshots of a run. */
function runOf(
  attempt: () => Observable<ChatResponse>,
  options: ResolvedOptions = {},
  warnings: readonly ChatWarning[] = [],
): Observable<ChatResponse> {
  return new Observable((subscriber) => runCall({ attempt, options, who: "test/m", warnings }, subscriber));
}

/** A run over sources that the test answers for by hand. */
function run(
  options: ResolvedOptions = {},
  warnings: readonly ChatWarning[] = [],
): {
  sources: Subject<ChatResponse>[];
  readonly source: Subject<ChatResponse>;
  seen: string[];
  readonly error: ModelError;
  readonly isOver: boolean;
  last: ChatResponse | undefined;
  stop(): void;
} {
  const sources: Subject<ChatResponse>[] = [];
  const seen: string[] = [];
  let failure: unknown;
  let isOver = false;
  const attempt = (): Observable<ChatResponse> => {
    const source = new Subject<ChatResponse>();
    sources.push(source);
    return source;
  };
  const subscription = runOf(attempt, options, warnings).subscribe({
    next: (response) => {
      seen.push(response.text);
      if (response.isLast) state.last = response;
    },
    error: (error: unknown) => {
      failure = error;
      isOver = true;
    },
    complete: () => {
      isOver = true;
    },
  });
  const state = {
    sources,
    get source() {
      return sources.at(-1) as Subject<ChatResponse>;
    },
    seen,
    get error() {
      if (failure === undefined) throw new Error("There was no error.");
      return failure as ModelError;
    },
    get isOver() {
      return isOver;
    },
    last: undefined as ChatResponse | undefined,
    stop: () => subscription.unsubscribe(),
  };
  return state;
}

function failing(kind: ModelErrorKind, details?: ModelErrorDetails): ModelError {
  return modelError(kind, `It failed: ${kind}.`, details);
}

const RETRIED: readonly ModelErrorKind[] = [
  "rate_limit",
  "overloaded",
  "server",
  "network",
  "timeout",
  "truncated",
];
const FINAL: readonly ModelErrorKind[] = [
  "quota",
  "invalid_request",
  "authentication",
  "permission",
  "not_found",
  "context_length",
  "content_filter",
  "parse",
  "unsupported",
  "configuration",
  "aborted",
];

test.each(RETRIED)("a failure of kind %s is tried twice more, and then final", async (kind) => {
  const call = run();
  for (let attempt = 1; attempt <= 3; attempt++) {
    expect(call.sources).toHaveLength(attempt);
    call.source.error(failing(kind));
    await vi.advanceTimersByTimeAsync(60_000);
  }
  expect(call.sources).toHaveLength(3);
  expect(call.error).toMatchObject({ kind, attempts: 3 });
  expect(vi.getTimerCount()).toBe(0);
});

test.each(FINAL)("a failure of kind %s is final", (kind) => {
  const call = run();
  call.source.error(failing(kind));
  expect(call.error).toMatchObject({ kind, attempts: 1 });
  expect(vi.getTimerCount()).toBe(0);
});

test("what the error says of itself goes before its kind", async () => {
  const again = run();
  again.source.error(failing("invalid_request", { retryable: true }));
  await vi.advanceTimersByTimeAsync(500);
  expect(again.sources).toHaveLength(2);
  again.stop();
  const never = run();
  never.source.error(failing("server", { retryable: false }));
  expect(never.error.kind).toBe("server");
});

test("what is no ModelError is a mistake in the code, and final", () => {
  const call = run();
  call.source.error(new TypeError("undefined is not a function"));
  expect(call.error).toBeInstanceOf(TypeError);
  expect(call.sources).toHaveLength(1);
});

test.each([0, 0.5, 0.999])("with the lot at %d the waits are that share of 500 ms, 1 s, 2 s", async (lot) => {
  vi.spyOn(Math, "random").mockReturnValue(lot);
  const call = run({ retry: 3 });
  for (const [index, bound] of [500, 1000, 2000].entries()) {
    call.source.error(failing("server"));
    const wait = Math.floor(lot * bound);
    if (wait > 0) await vi.advanceTimersByTimeAsync(wait - 1);
    expect(call.sources).toHaveLength(index + 1);
    await vi.advanceTimersByTimeAsync(2);
    expect(call.sources).toHaveLength(index + 2);
  }
  call.stop();
});

test("no wait is longer than the cap", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.999);
  const call = run({ retry: { maxRetries: 5, baseDelayMs: 100, maxDelayMs: 150 } });
  for (let attempt = 1; attempt <= 5; attempt++) {
    call.source.error(failing("server"));
    await vi.advanceTimersByTimeAsync(150);
    expect(call.sources).toHaveLength(attempt + 1);
  }
  call.stop();
});

test("the provider's wish for a wait is obeyed to the millisecond", async () => {
  const call = run();
  call.source.error(failing("rate_limit", { retryAfterMs: 7000 }));
  await vi.advanceTimersByTimeAsync(6999);
  expect(call.sources).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(call.sources).toHaveLength(2);
  call.source.error(failing("rate_limit", { retryAfterMs: 0 }));
  await vi.advanceTimersByTimeAsync(0);
  expect(call.sources).toHaveLength(3);
  call.stop();
});

test("a wish for a longer wait than the cap fails at once", () => {
  const call = run();
  call.source.error(failing("rate_limit", { retryAfterMs: 60_001 }));
  expect(call.error).toMatchObject({ kind: "rate_limit", retryAfterMs: 60_001, attempts: 1 });
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  [false, 1],
  [0, 1],
  [1, 2],
  [{ maxRetries: 4 }, 5],
  [{ baseDelayMs: 1 }, 3],
] as const)("with retry %j there are %d attempts", async (retry, attempts) => {
  const call = run({ retry });
  while (!call.isOver) {
    call.source.error(failing("server"));
    await vi.advanceTimersByTimeAsync(60_000);
  }
  expect(call.error.attempts).toBe(attempts);
  expect(call.sources).toHaveLength(attempts);
});

test("a failure that passes gives the answer, with how many requests it took", async () => {
  const call = run({}, [{ option: "temperature", reason: "left out" }]);
  call.source.error(failing("overloaded"));
  await vi.advanceTimersByTimeAsync(500);
  call.source.next(snapshot("Hel"));
  call.source.next(snapshot("Hello", true));
  expect(call.seen).toEqual(["Hel", "Hello"]);
  expect(call.isOver).toBe(true);
  expect(call.last?.metadata).toEqual({ requestId: "req_1", attempts: 2 });
  expect(call.last?.warnings.map(({ option }) => option)).toEqual(["temperature", "late"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("after the first snapshot no failure is tried again", async () => {
  const call = run();
  call.source.next(snapshot("Hel"));
  call.source.error(failing("overloaded", { retryAfterMs: 1 }));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(call.sources).toHaveLength(1);
  expect(call.error).toMatchObject({ kind: "overloaded", attempts: 1 });
});

test("unsubscribing cuts the wait", async () => {
  const call = run();
  call.source.error(failing("server"));
  expect(vi.getTimerCount()).toBe(1);
  call.stop();
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(call.sources).toHaveLength(1);
});

test("unsubscribing lets the source go, with every timer", () => {
  const call = run({ timeout: { totalMs: 1000 } });
  call.source.next(snapshot("a"));
  expect(call.source.observed).toBe(true);
  call.stop();
  expect(call.source.observed).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

test("a reader that has enough after the first snapshot lets the source go", () => {
  const source = new Subject<ChatResponse>();
  const seen: string[] = [];
  runOf(() => source)
    .pipe(take(1))
    .subscribe((response) => seen.push(response.text));
  source.next(snapshot("a"));
  expect(source.observed).toBe(false);
  expect(seen).toEqual(["a"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a first snapshot that does not come is a timeout, tried again, each try with its own deadline", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const call = run({ timeout: { firstEventMs: 1000 } });
  await vi.advanceTimersByTimeAsync(999);
  expect(call.sources).toHaveLength(1);
  expect(call.sources[0]?.observed).toBe(true);
  await vi.advanceTimersByTimeAsync(2);
  expect(call.sources[0]?.observed).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(call.sources).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(2004);
  expect(call.error).toMatchObject({ kind: "timeout", attempts: 3 });
  expect(call.error.message).toContain("test/m");
  expect(call.error.message).toContain("1000 ms");
  expect(call.error.message).toContain("timeout.firstEventMs");
  expect(vi.getTimerCount()).toBe(0);
});

test("silence after a snapshot is a timeout and final", async () => {
  const call = run({ timeout: { idleMs: 1000 } });
  await vi.advanceTimersByTimeAsync(5000);
  call.source.next(snapshot("a"));
  await vi.advanceTimersByTimeAsync(999);
  call.source.next(snapshot("ab"));
  await vi.advanceTimersByTimeAsync(999);
  expect(call.isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(2);
  expect(call.error).toMatchObject({ kind: "timeout", attempts: 1 });
  expect(call.error.message).toContain("timeout.idleMs");
  expect(call.source.observed).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

test("what comes while the program holds the event loop up is read before its silence is judged", async () => {
  vi.useRealTimers();
  const call = run({ timeout: { firstEventMs: 20, idleMs: 20 }, retry: false });
  const { port1, port2 } = new MessageChannel();
  for (const text of ["a", "ab", "abc"]) {
    // After this the next timers come before what is to be read.
    await new Promise((resolve) => setImmediate(resolve));
    const isRead = new Promise((resolve) => port1.once("message", resolve));
    void isRead.then(() => call.source.next(snapshot(text, text === "abc")));
    port2.postMessage(text);
    const until = performance.now() + 60;
    while (performance.now() < until);
    await isRead;
  }
  port1.close();
  expect(call.seen).toEqual(["a", "ab", "abc"]);
  expect(call.last?.isLast).toBe(true);
});

test("the total deadline counts waits and tries, and is final", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.9);
  const call = run({ timeout: 1000, retry: 10 });
  call.source.error(failing("server"));
  await vi.advanceTimersByTimeAsync(500);
  expect(call.sources).toHaveLength(2);
  call.source.error(failing("server"));
  await vi.advanceTimersByTimeAsync(499);
  expect(call.isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(call.error).toMatchObject({ kind: "timeout", attempts: 2 });
  expect(call.error.message).toContain("timeout.totalMs");
  expect(vi.getTimerCount()).toBe(0);
});

test("the total deadline ends an answer that is still coming", async () => {
  const call = run({ timeout: { totalMs: 1000 } });
  for (let text = "a"; text.length <= 3; text += "a") {
    call.source.next(snapshot(text));
    await vi.advanceTimersByTimeAsync(300);
  }
  await vi.advanceTimersByTimeAsync(100);
  expect(call.error.kind).toBe("timeout");
  expect(call.seen).toEqual(["a", "aa", "aaa"]);
});

test("deadlines of 0 are none", async () => {
  const call = run({ timeout: { firstEventMs: 0, idleMs: 0, totalMs: 0 } });
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(3_600_000);
  call.source.next(snapshot("a"));
  call.source.next(snapshot("ab"));
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(call.isOver).toBe(false);
  call.stop();
});

test("deadlines without end do not pass at once", async () => {
  const call = run({ timeout: { firstEventMs: Number.POSITIVE_INFINITY, totalMs: 1e15 } });
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(call.isOver).toBe(false);
  call.stop();
});

test("while a slow reader is behind, silence does not count", async () => {
  const flow = new FlowControl();
  const call = run({ timeout: { idleMs: 1000 }, flow });
  call.source.next(snapshot("a"));
  flow.pause();
  await vi.advanceTimersByTimeAsync(10_500);
  expect(call.isOver).toBe(false);
  flow.resume();
  // The provider has the whole time again: its next event could not come before.
  await vi.advanceTimersByTimeAsync(999);
  expect(call.isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1001);
  expect(call.error.message).toContain("timeout.idleMs");
});

test("an answer that is asked for while the reader is behind has the whole time for its first event once he is not", async () => {
  const flow = new FlowControl();
  flow.pause();
  const call = run({ timeout: { firstEventMs: 1000 }, retry: false, flow });
  await vi.advanceTimersByTimeAsync(10_500);
  expect(call.isOver).toBe(false);
  flow.resume();
  await vi.advanceTimersByTimeAsync(999);
  expect(call.isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1001);
  expect(call.error.message).toContain("timeout.firstEventMs");
});

test("what comes after the last snapshot is not part of the answer", () => {
  const call = run();
  call.source.next(snapshot("a", true));
  call.sources[0]?.next(snapshot("b"));
  expect(call.seen).toEqual(["a"]);
  expect(call.source.observed).toBe(false);
});

test("a source may answer, end or fail before it was subscribed to for good", async () => {
  const seen: string[] = [];
  runOf(() => of(snapshot("a"), snapshot("b", true), snapshot("c"))).subscribe((each) =>
    seen.push(each.text),
  );
  expect(seen).toEqual(["a", "b"]);
  let attempts = 0;
  let failure: unknown;
  const failed = (): Observable<ChatResponse> => {
    attempts += 1;
    return throwError(() => failing("server"));
  };
  runOf(failed).subscribe({ error: (error: unknown) => (failure = error) });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(attempts).toBe(3);
  expect(failure).toMatchObject({ kind: "server", attempts: 3 });
  expect(vi.getTimerCount()).toBe(0);
});

test("a source that completes without a last snapshot is complete, and nothing is tried again", () => {
  const call = run();
  call.source.next(snapshot("a"));
  call.source.complete();
  expect(call.isOver).toBe(true);
  expect(call.last).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});
