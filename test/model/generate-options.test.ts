import { expect, test } from "vitest";
import { timeoutsOf } from "../../src/model/call-run.ts";
import { type GenerateOptions, layerOptions, mergeOptions } from "../../src/model/generate-options.ts";

test("a later layer wins, and undefined inherits", () => {
  const merged = mergeOptions(
    { temperature: 0.1, seed: 1 },
    undefined,
    { temperature: undefined, topP: 0.5 } as unknown as GenerateOptions,
    { temperature: 0.9 },
  );
  expect(merged).toEqual({ temperature: 0.9, seed: 1, topP: 0.5 });
});

test("zero, false and an empty text are values", () => {
  const merged = mergeOptions(
    { temperature: 1, logprobs: true, stop: "x" },
    { temperature: 0, logprobs: false, stop: "" },
  );
  expect(merged).toEqual({ temperature: 0, logprobs: false, stop: "" });
});

test("null unsets what was inherited, and a later layer may set it again", () => {
  expect(
    mergeOptions({ temperature: 1, thinking: { effort: "low" } }, { temperature: null, thinking: null }),
  ).toEqual({});
  expect(mergeOptions({ temperature: 1 }, { temperature: null }, { temperature: 0.5 })).toEqual({
    temperature: 0.5,
  });
  expect(mergeOptions({ temperature: null })).toEqual({});
});

test("arrays replace", () => {
  expect(mergeOptions({ stop: ["a", "b"] }, { stop: ["c"] })).toEqual({ stop: ["c"] });
  expect(mergeOptions({ extraBody: { list: [1, 2] } }, { extraBody: { list: [3] } })).toEqual({
    extraBody: { list: [3] },
  });
});

test("thinking, deadlines, retries and extras are merged field by field", () => {
  const merged = mergeOptions(
    {
      thinking: { enabled: true, effort: "low" },
      timeout: { idleMs: 1 },
      retry: { maxRetries: 1 },
      extraHeaders: { a: "1", b: "1" },
      extraQuery: { q: "1" },
      extraBody: { x: 1 },
    },
    {
      thinking: { effort: "high" },
      timeout: { totalMs: 2 },
      retry: { baseDelayMs: 5 },
      extraHeaders: { b: "2" },
      extraQuery: { r: "2" },
      extraBody: { y: 2 },
    },
  );
  expect(merged).toEqual({
    thinking: { enabled: true, effort: "high" },
    timeout: { idleMs: 1, totalMs: 2 },
    retry: { maxRetries: 1, baseDelayMs: 5 },
    extraHeaders: { a: "1", b: "2" },
    extraQuery: { q: "1", r: "2" },
    extraBody: { x: 1, y: 2 },
  });
});

test("a number of milliseconds or retries takes the place of fields, and fields that of a number", () => {
  expect(
    mergeOptions({ timeout: { idleMs: 1 }, retry: { maxRetries: 1 } }, { timeout: 5, retry: false }),
  ).toEqual({
    timeout: 5,
    retry: false,
  });
  expect(mergeOptions({ timeout: 5 }, { timeout: { idleMs: 1 } })).toEqual({ timeout: { idleMs: 1 } });
});

test("response format and tool choice are replaced whole", () => {
  const merged = mergeOptions(
    { responseFormat: { type: "json_schema", schema: {}, strict: true }, toolChoice: { name: "f" } },
    { responseFormat: { type: "json" }, toolChoice: { names: ["g"] } },
  );
  expect(merged).toEqual({ responseFormat: { type: "json" }, toolChoice: { names: ["g"] } });
});

test("providers' own options are merged by provider and field", () => {
  const merged = mergeOptions(
    { providerOptions: { openai: { user: "a", store: true }, other: { x: 1 } } },
    { providerOptions: { openai: { user: "b" } } },
  );
  expect(merged).toEqual({ providerOptions: { openai: { user: "b", store: true }, other: { x: 1 } } });
});

test("within a field null unsets and undefined inherits, in the first layer too", () => {
  const layer = (fields: object): GenerateOptions => fields;
  expect(
    mergeOptions(
      layer({
        thinking: { effort: "low", enabled: true },
        timeout: { idleMs: undefined, totalMs: null },
        retry: { maxRetries: undefined },
      }),
      layer({
        thinking: { effort: null, enabled: undefined },
        extraHeaders: { "x-one": null, "x-two": undefined },
      }),
    ),
  ).toEqual({ thinking: { enabled: true }, timeout: {}, retry: {}, extraHeaders: {} });
  expect(
    mergeOptions(
      layer({ providerOptions: { openai: { user: "a", store: true }, other: { x: 1 } } }),
      layer({ providerOptions: { openai: { user: null }, other: null } }),
    ),
  ).toEqual({ providerOptions: { openai: { store: true } } });
});

test("in the request's body null is a value", () => {
  expect(mergeOptions({ extraBody: { a: 1 } }, { extraBody: { a: null } })).toEqual({
    extraBody: { a: null },
  });
});

test("layers that are joined first unset the same as layers that are merged at once", () => {
  const card: GenerateOptions = { temperature: 0.7, thinking: { effort: "low", enabled: true }, seed: 1 };
  const credential = { temperature: null, thinking: { effort: null } } as unknown as GenerateOptions;
  const model: GenerateOptions = { topP: 0.5 };
  expect(mergeOptions(card, layerOptions(credential, model))).toEqual(mergeOptions(card, credential, model));
  expect(mergeOptions(card, layerOptions(credential, model))).toEqual({
    thinking: { enabled: true },
    seed: 1,
    topP: 0.5,
  });
});

test("no layer is changed", () => {
  const under: GenerateOptions = Object.freeze({
    extraBody: Object.freeze({ a: 1 }),
    stop: Object.freeze(["x"]) as string[],
  });
  const over: GenerateOptions = Object.freeze({ extraBody: Object.freeze({ b: 2 }) });
  const merged = mergeOptions(under, over);
  expect(merged).toEqual({ extraBody: { a: 1, b: 2 }, stop: ["x"] });
  expect(under).toEqual({ extraBody: { a: 1 }, stop: ["x"] });
});

test("deadlines have defaults, and a number is the total", () => {
  expect(timeoutsOf({})).toEqual({ connectMs: 10_000, firstEventMs: 600_000, idleMs: 300_000, totalMs: 0 });
  expect(timeoutsOf({ timeout: 5 })).toMatchObject({ connectMs: 10_000, totalMs: 5 });
  expect(timeoutsOf({ timeout: { idleMs: 0 } })).toMatchObject({ idleMs: 0, firstEventMs: 600_000 });
});

test("a deadline beyond what a timer can wait for is as far as it can", () => {
  expect(timeoutsOf({ timeout: Number.POSITIVE_INFINITY }).totalMs).toBe(2 ** 31 - 1);
  expect(timeoutsOf({ timeout: { idleMs: 1e15 } }).idleMs).toBe(2 ** 31 - 1);
});
