import { afterAll, beforeAll, vi } from "vitest";
import { RepeatedJson } from "../src/transport/repeated-json.ts";

/**
 * Spoils every event of the tests in this file as soon as it was read. An event is lent: the next one of its kind, of this
 * answer or of another one of the model, is read into the same object, so whoever kept a part of it would show one caller what
 * was said to another.
 */
export function spoilEvents(): void {
  beforeAll(() => {
    const { parse } = RepeatedJson.prototype;
    let lent: unknown;
    vi.spyOn(RepeatedJson.prototype, "parse").mockImplementation(function (this: RepeatedJson, data) {
      spoil(lent);
      const event = structuredClone(parse.call(this, data));
      lent = event;
      queueMicrotask(() => spoil(event));
      return event;
    });
  });
  afterAll(() => {
    vi.restoreAllMocks();
  });
}

/** Puts nonsense in the place of every value. */
export function spoil(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, each] of Object.entries(value)) {
    spoil(each);
    (value as Record<string, unknown>)[name] = "spoiled";
  }
}
