import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { FlowControl } from "../../src/model/flow-control.ts";

function source(name: string, orders: string[]): { pause(): void; resume(): void } {
  return { pause: () => orders.push(`${name} pause`), resume: () => orders.push(`${name} resume`) };
}

test("a source follows the reader, each order once", () => {
  const flow = new FlowControl();
  const orders: string[] = [];
  flow.attach(source("a", orders));
  flow.resume();
  flow.pause();
  flow.pause();
  flow.resume();
  flow.resume();
  expect(orders).toEqual(["a pause", "a resume"]);
});

test("a source that attaches to a reader who has enough pauses at once", () => {
  const flow = new FlowControl();
  const orders: string[] = [];
  flow.pause();
  expect([flow.attached, flow.paused]).toEqual([false, true]);
  flow.attach(source("a", orders));
  expect(orders).toEqual(["a pause"]);
});

test("a second source takes the place of the first, and the first's leaving does not touch it", () => {
  const flow = new FlowControl();
  const orders: string[] = [];
  const leaveFirst = flow.attach(source("a", orders));
  flow.attach(source("b", orders));
  leaveFirst();
  flow.pause();
  expect(orders).toEqual(["b pause"]);
});

test("a source that left hears nothing, and the reader still knows that there was one", () => {
  const flow = new FlowControl();
  const orders: string[] = [];
  flow.attach(source("a", orders))();
  flow.pause();
  flow.resume();
  expect(orders).toEqual([]);
  expect(flow.attached).toBe(true);
});

test("it is known when the reader last asked for more", () => {
  const flow = new FlowControl();
  flow.resume();
  expect(flow.resumedAt).toBeUndefined();
  flow.pause();
  const before = performance.now();
  flow.resume();
  expect(flow.resumedAt).toBeGreaterThanOrEqual(before);
});

test("who gives values one by one waits until more are wanted, or until nobody wants any", async () => {
  const flow = new FlowControl();
  const { signal } = new AbortController();
  await flow.wanted(signal);
  flow.pause();
  const orders: string[] = [];
  const stop = new AbortController();
  const waiting = [
    flow.wanted(signal).then(() => orders.push("resumed")),
    flow.wanted(stop.signal).then(() => orders.push("aborted")),
  ];
  stop.abort();
  await waiting[1];
  expect(orders).toEqual(["aborted"]);
  // A signal that has fired does not fire again.
  await flow.wanted(stop.signal);
  flow.resume();
  await Promise.all(waiting);
  expect(orders).toEqual(["aborted", "resumed"]);
  expect(getEventListeners(signal, "abort")).toEqual([]);
  expect(getEventListeners(stop.signal, "abort")).toEqual([]);
});
