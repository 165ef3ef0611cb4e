import { getEventListeners } from "node:events";
import { lastValueFrom } from "rxjs";
import { expect, test, vi } from "vitest";
import type { ModelError } from "../../src/error/model-error.ts";
import { serve, until, wait } from "../transport/loopback.ts";
import { deltaEvent, DONE, modelAt, SSE_HEAD, textEvent, textStream } from "./openai-server.ts";

// A process of its own: sockets and timers are counted.

const CALLS = 1000;

function active(): { sockets: number; timers: number; connecting: number } {
  const names = process.getActiveResourcesInfo();
  const count = (name: string): number => names.filter((each) => each === name).length;
  return { sockets: count("TCPSocketWrap"), timers: count("Timeout"), connecting: count("ConnectWrap") };
}

test("a thousand calls at once all complete, and leave no socket, timer or listener behind", async () => {
  const warned = vi.fn();
  process.on("warning", warned);
  const server = await serve(async (response) => {
    response.writeHead(200, SSE_HEAD);
    for (const word of ["a", "b", "c"]) {
      response.write(textEvent(word));
      await wait(1);
    }
    response.end(deltaEvent({}, "stop") + DONE);
  });
  const before = active();
  const { signal } = new AbortController();
  const model = modelAt(server.url, { options: { signal, timeout: { totalMs: 60_000 } } });
  const replies = await Promise.all(Array.from({ length: CALLS }, (_, index) => model.call(`${index}`)));
  expect(new Set(replies.map(({ text }) => text))).toEqual(new Set(["abc"]));
  expect(replies.every(({ isLast }) => isLast)).toBe(true);
  expect(server.requests).toHaveLength(CALLS);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
  expect(warned).not.toHaveBeenCalled();
  process.off("warning", warned);
  // What still stands is idle, kept for the next call: the server may close it all.
  await wait(150);
  await server.close();
  await until(() => active().sockets <= before.sockets);
  expect(active().timers).toBeLessThanOrEqual(before.timers + 1);
});

test("a thousand calls that are given up before, during and after their first event leave nothing behind", async () => {
  const server = await serve((response) => {
    if (server.requests.length % 2 === 0) response.writeHead(200, SSE_HEAD).write(textEvent("a"));
  });
  const before = active();
  const model = modelAt(server.url);
  const heard: unknown[] = [];
  const subscriptions = Array.from({ length: CALLS }, (_, index) => {
    const subscription = model.stream("Hi").subscribe({
      next: () => index % 4 === 2 && subscription.unsubscribe(),
      error: (error: unknown) => heard.push(error),
    });
    if (index % 4 === 0) subscription.unsubscribe();
    return subscription;
  });
  await until(() => server.requests.length > CALLS / 4);
  for (const subscription of subscriptions) subscription.unsubscribe();
  await until(() => server.open === 0 && active().sockets <= before.sockets);
  expect(active().connecting).toBe(0);
  // Given up means given up: undici would connect anew for every aborted request.
  await wait(50);
  expect(server.connections).toBeLessThanOrEqual((CALLS * 3) / 4);
  expect(active().timers).toBeLessThanOrEqual(before.timers + 1);
  expect(heard).toEqual([]);
});

test("calls after those find the pool in order", async () => {
  const server = await serve((response) => void response.writeHead(200, SSE_HEAD).end(textStream("ok")));
  const replies = await Promise.all(
    Array.from({ length: 20 }, () => lastValueFrom(modelAt(server.url).stream("Hi"))),
  );
  expect(replies.every(({ text }) => text === "ok")).toBe(true);
});

test("a thousand calls that one signal aborts all say so", async () => {
  const server = await serve((response) => void response.writeHead(200, SSE_HEAD).write(textEvent("a")));
  const controller = new AbortController();
  const model = modelAt(server.url, { options: { signal: controller.signal } });
  const failures = Array.from({ length: CALLS }, () =>
    model.call("Hi").then(
      () => undefined,
      (error: unknown) => error as ModelError,
    ),
  );
  await until(() => server.requests.length === CALLS);
  controller.abort();
  const kinds = new Set((await Promise.all(failures)).map((error) => error?.kind));
  expect(kinds).toEqual(new Set(["aborted"]));
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  await until(() => server.open === 0);
});
