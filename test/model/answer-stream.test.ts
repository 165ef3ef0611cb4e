import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { lastValueFrom, Observable, of, Subject, tap, throwError } from "rxjs";
import { expect, test } from "vitest";
import { modelError } from "../../src/error/errors-by-kind.ts";
import { AnswerStream } from "../../src/model/answer-stream.ts";
import { ChatResponse } from "../../src/model/chat-response.ts";

import type { FlowControl } from "../../src/model/flow-control.ts";
import { type Answer, serve, settled, until, wait } from "../transport/loopback.ts";
import { deltaEvent, DONE, modelAt, SSE_HEAD, textEvent, textStream } from "./openai-server.ts";

function snapshot(text: string, isLast = false): ChatResponse {
  return new ChatResponse({
    id: "r",
    provider: "test",
    model: "m",
    createdAt: "2026-11-21T00:00:00Z",
    content: [{ type: "text", id: "t", text }],
    delta: [],
    isLast,
  });
}

function streamOf(source: Observable<ChatResponse>): AnswerStream<ChatResponse> {
  return new AnswerStream(() => source);
}

/** Answers with as many events as told, as fast as the client takes them, and counts the bytes. */
function flood(
  count: number,
  word: (index: number) => string,
): { answer: Answer; written: () => number; total: () => number } {
  let written = 0;
  let total = 0;
  const answer: Answer = (response) => {
    response.writeHead(200, SSE_HEAD);
    let index = 0;
    const write = (): void => {
      while (index < count) {
        let block = "";
        for (let size = 0; size < 200 && index < count; size++) block += textEvent(word(index++));
        written += block.length;
        if (!response.write(block)) {
          response.once("drain", write);
          return;
        }
      }
      response.end(deltaEvent({}, "stop") + DONE);
      total = written;
    };
    write();
  };
  return { answer, written: () => written, total: () => total };
}

/** A source that can pause, and tells how often it was told to. */
function pausable(): { stream: AnswerStream<ChatResponse>; source: Subject<ChatResponse>; orders: string[] } {
  const source = new Subject<ChatResponse>();
  const orders: string[] = [];
  const open = (flow: FlowControl | undefined): Observable<ChatResponse> => {
    flow?.attach({ pause: () => orders.push("pause"), resume: () => orders.push("resume") });
    return source;
  };
  return { stream: new AnswerStream(open), source, orders };
}

test("while a reader sleeps the server cannot go on writing, and afterwards nothing is lost", async () => {
  const count = 60_000;
  const word = (index: number): string => `${index} ${"x".repeat(800)} `;
  const { answer, written, total } = flood(count, word);
  const server = await serve(answer);
  let produced = 0;
  const model = modelAt(server.url).with((call, next) => next(call).pipe(tap(() => (produced += 1))));
  let read = 0;
  let text = "";
  let last: ChatResponse | undefined;
  let stood = 0;
  for await (const response of model.stream("Go")) {
    read += 1;
    text += response.textDelta;
    last = response;
    if (read !== 10) continue;
    // Until the buffers of both sides are full.
    stood = await settled(written);
    const ahead = produced - read;
    // The queue, and what one read of the socket (64 KiB) holds beyond it.
    expect(ahead).toBeLessThan(64 + 100);
  }
  // What loopback's socket buffers take is the kernel's; of more than 50 MB most had to wait.
  expect(stood).toBeLessThan(16 * 1024 * 1024);
  expect(total()).toBeGreaterThan(50_000_000);
  expect(text.length).toBe(last?.text.length);
  expect(text === last?.text).toBe(true);
  expect(text.startsWith(word(0) + word(1))).toBe(true);
  expect(text.endsWith(word(count - 1))).toBe(true);
  expect(last).toMatchObject({ isLast: true, finishReason: "stop" });
  expect(read).toBe(produced);
});

test("a reader that subscribes is not paused: it is pushed every snapshot", async () => {
  const { answer, total } = flood(5000, (index) => `${index} `);
  const server = await serve(answer);
  let seen = 0;
  const last = await lastValueFrom(
    modelAt(server.url)
      .stream("Go")
      .pipe(tap(() => (seen += 1))),
  );
  expect(seen).toBeGreaterThanOrEqual(5000);
  expect(last.text.endsWith("4999 ")).toBe(true);
  expect(total()).toBeGreaterThan(0);
});

test("leaving the loop closes the socket", async () => {
  const server = await serve(
    (response) => void response.writeHead(200, SSE_HEAD).write(textEvent("a") + textEvent("b")),
  );
  for await (const response of modelAt(server.url).stream("Go")) {
    expect(response.text).toBe("a");
    break;
  }
  await until(() => server.open === 0);
});

test("an error in the loop's body closes the socket", async () => {
  const server = await serve((response) => void response.writeHead(200, SSE_HEAD).write(textEvent("a")));
  const loop = async (): Promise<void> => {
    for await (const response of modelAt(server.url).stream("Go")) throw new Error(response.text);
  };
  await expect(loop()).rejects.toThrow("a");
  await until(() => server.open === 0);
});

test("leaving the loop while the socket is paused closes it", async () => {
  const { answer } = flood(50_000, (index) => `${index} ${"x".repeat(500)}`);
  const server = await serve(answer);
  for await (const _ of modelAt(server.url).stream("Go")) {
    await wait(50);
    break;
  }
  await until(() => server.open === 0);
});

test("nothing is sent before the first pull, and every loop is a request", async () => {
  const server = await serve((response) => void response.writeHead(200, SSE_HEAD).end(textStream("a")));
  const stream = modelAt(server.url).stream("Go");
  const iterator = stream[Symbol.asyncIterator]();
  await wait(20);
  expect(server.connections).toBe(0);
  await iterator.return?.();
  expect(await iterator.next()).toEqual({ value: undefined, done: true });
  expect(server.connections).toBe(0);
  for (let loops = 0; loops < 2; loops++) for await (const _ of stream);
  expect(server.requests).toHaveLength(2);
});

test("a reader that is slower than the idle deadline is not the provider's silence", async () => {
  const { answer } = flood(3000, (index) => `${index} ${"x".repeat(500)}`);
  const server = await serve(answer);
  let read = 0;
  for await (const _ of modelAt(server.url).stream("Go", { timeout: { idleMs: 200 } })) {
    if (++read % 1500 === 1) await wait(450);
  }
  expect(read).toBeGreaterThanOrEqual(3000);
});

test("a source that can pause is told to at 64 snapshots behind, and to go on when they are read", async () => {
  const { stream, source, orders } = pausable();
  const iterator = stream[Symbol.asyncIterator]();
  const first = iterator.next();
  source.next(snapshot("0"));
  expect((await first).value).toMatchObject({ content: [{ text: "0" }] });
  for (let index = 1; index <= 63; index++) source.next(snapshot(`${index}`));
  expect(orders).toEqual([]);
  for (let index = 64; index <= 100; index++) source.next(snapshot(`${index}`));
  expect(orders).toEqual(["pause"]);
  const texts: string[] = [];
  for (let index = 1; index <= 99; index++) texts.push(((await iterator.next()).value as ChatResponse).text);
  expect(orders).toEqual(["pause"]);
  texts.push(((await iterator.next()).value as ChatResponse).text);
  expect(orders).toEqual(["pause", "resume"]);
  expect(texts).toEqual(Array.from({ length: 100 }, (_, index) => `${index + 1}`));
});

test("a source that cannot pause is read latest-wins, and its last snapshot is never skipped", async () => {
  const source = new Subject<ChatResponse>();
  const iterator = streamOf(source)[Symbol.asyncIterator]();
  const first = iterator.next();
  for (let index = 0; index < 1000; index++) source.next(snapshot("x".repeat(index + 1)));
  source.next(snapshot("x".repeat(1001), true));
  source.complete();
  expect((await first).value).toMatchObject({ content: [{ text: "x" }] });
  const read: ChatResponse[] = [];
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
    read.push(next.value);
  expect(read.length).toBeLessThanOrEqual(64);
  expect(read.at(-1)).toMatchObject({ isLast: true });
  expect(read.at(-1)?.text).toHaveLength(1001);
  const lengths = read.map(({ text }) => text.length);
  expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
});

test("a failure comes after what stands before it, once, and then the end", async () => {
  const failing = new Observable<ChatResponse>((subscriber) => {
    subscriber.next(snapshot("a"));
    subscriber.next(snapshot("b"));
    subscriber.error(modelError("truncated", "cut"));
  });
  const iterator = streamOf(failing)[Symbol.asyncIterator]();
  expect((await iterator.next()).value).toMatchObject({ content: [{ text: "a" }] });
  expect((await iterator.next()).value).toMatchObject({ content: [{ text: "b" }] });
  await expect(iterator.next()).rejects.toMatchObject({ kind: "truncated" });
  expect(await iterator.next()).toEqual({ value: undefined, done: true });
});

test("an abort does not wait for what is still to be read", async () => {
  const { answer } = flood(50_000, (index) => `${index} ${"x".repeat(500)}`);
  const server = await serve(answer);
  const controller = new AbortController();
  let read = 0;
  const loop = async (): Promise<void> => {
    for await (const _ of modelAt(server.url).stream("Go", { signal: controller.signal })) {
      if (++read < 5) continue;
      await wait(50);
      controller.abort();
    }
  };
  await expect(loop()).rejects.toMatchObject({ kind: "aborted" });
  expect(read).toBe(5);
  await until(() => server.open === 0);
});

test("a failure before anything is the loop's own", async () => {
  const loop = async (): Promise<void> => {
    for await (const _ of streamOf(throwError(() => modelError("quota", "empty"))));
  };
  await expect(loop()).rejects.toMatchObject({ kind: "quota" });
});

test("several pulls at once are answered in their order, and all end", async () => {
  const source = new Subject<ChatResponse>();
  const iterator = streamOf(source)[Symbol.asyncIterator]();
  const pulls = [iterator.next(), iterator.next(), iterator.next(), iterator.next()];
  source.next(snapshot("a"));
  source.next(snapshot("b", true));
  source.complete();
  const results = await Promise.all(pulls);
  expect(results.map(({ value, done }) => [(value as ChatResponse | undefined)?.text, done])).toEqual([
    ["a", false],
    ["b", false],
    [undefined, true],
    [undefined, true],
  ]);
});

test("a pull that waits ends when the loop is left", async () => {
  const source = new Subject<ChatResponse>();
  const iterator = streamOf(source)[Symbol.asyncIterator]();
  const waiting = iterator.next();
  await iterator.return?.();
  expect(await waiting).toEqual({ value: undefined, done: true });
  expect(source.observed).toBe(false);
});

test("an iterator can be iterated", async () => {
  const iterator = streamOf(of(snapshot("a"), snapshot("b", true)))[Symbol.asyncIterator]();
  await iterator.next();
  const rest: string[] = [];
  for await (const { text } of iterator) rest.push(text);
  expect(rest).toEqual(["b"]);
});

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

test("memory does not grow with the number of snapshots read", async () => {
  const count = 100_000;
  const { answer } = flood(count, (index) => `w${index % 10} `);
  const server = await serve(answer);
  let read = 0;
  const heap: number[] = [];
  for await (const _ of modelAt(server.url).stream("Go")) {
    if (++read % 30_000 !== 0) continue;
    collectGarbage();
    heap.push(process.memoryUsage().heapUsed);
  }
  expect(read).toBeGreaterThanOrEqual(count);
  const [first = 0, , last = 0] = heap;
  // 60,000 snapshots between the two; kept, each would take some 300 bytes. The text itself is 3 bytes a word, in a rope.
  expect((last - first) / 60_000).toBeLessThan(100);
});
