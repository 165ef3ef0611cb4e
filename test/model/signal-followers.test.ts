import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { followSignal } from "../../src/model/signal-followers.ts";

function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, "abort").length;
}

test("however many follow a signal, it has one listener, and none when all have left", () => {
  const { signal } = new AbortController();
  const leave = Array.from({ length: 50 }, () => followSignal(signal, () => undefined));
  expect(listeners(signal)).toBe(1);
  for (const each of leave.slice(1)) each();
  expect(listeners(signal)).toBe(1);
  leave[0]?.();
  expect(listeners(signal)).toBe(0);
});

test("a signal tells all who follow it, those who leave while it does included", () => {
  const controller = new AbortController();
  const told: string[] = [];
  const leaveFirst = followSignal(controller.signal, () => {
    told.push("first");
    leaveFirst();
  });
  const leaveSecond = followSignal(controller.signal, () => {
    told.push("second");
    leaveSecond();
  });
  followSignal(controller.signal, () => told.push("gone"))();
  controller.abort();
  expect(told).toEqual(["first", "second"]);
  expect(listeners(controller.signal)).toBe(0);
});

test("leaving twice ends nobody else's following", () => {
  const controller = new AbortController();
  const told: string[] = [];
  const leave = followSignal(controller.signal, () => told.push("first"));
  leave();
  followSignal(controller.signal, () => told.push("second"));
  leave();
  controller.abort();
  expect(told).toEqual(["second"]);
});

test("signals are followed apart", () => {
  const [one, two] = [new AbortController(), new AbortController()];
  const told: string[] = [];
  followSignal(one.signal, () => told.push("one"));
  followSignal(two.signal, () => told.push("two"));
  one.abort();
  expect(told).toEqual(["one"]);
});
