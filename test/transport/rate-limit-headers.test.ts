import { expect, test } from "vitest";
import { header, rateLimits, retryAfterMs } from "../../src/transport/rate-limit-headers.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");

test("a header that came several times is one text", () => {
  expect(header({ a: ["1", "2"], b: "3" }, "a")).toBe("1, 2");
  expect(header({ b: "3" }, "b")).toBe("3");
  expect(header({}, "c")).toBeUndefined();
});

test.each([
  [{ "retry-after": "2" }, 2000],
  [{ "retry-after": "0" }, 0],
  [{ "retry-after": "1.5" }, 1500],
  [{ "retry-after": " 3 " }, 3000],
  [{ "retry-after": "Sat, 21 Nov 2026 12:00:10 GMT" }, 10_000],
  [{ "retry-after": "Sat, 21 Nov 2026 11:00:00 GMT" }, 0],
  [{ "retry-after-ms": "250" }, 250],
  [{ "retry-after-ms": "250.5", "retry-after": "9" }, 250.5],
  [{ "retry-after-ms": "soon", "retry-after": "9" }, 9000],
  [{ "retry-after-ms": "-5", "retry-after": "9" }, 9000],
  [{ "retry-after": "soon" }, undefined],
  [{ "retry-after": "-3" }, undefined],
  [{ "retry-after": "" }, undefined],
  [{}, undefined],
])("%j asks to wait %s ms", (headers: Record<string, string>, expected) => {
  expect(retryAfterMs(headers, NOW)).toBe(expected);
});

test("OpenAI's headers give limits with Go durations", () => {
  const headers = {
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-remaining-requests": "59",
    "x-ratelimit-reset-requests": "6m0s",
    "x-ratelimit-limit-tokens": "150000",
    "x-ratelimit-remaining-tokens": "0",
    "x-ratelimit-reset-tokens": "17ms",
  };
  expect(rateLimits(headers, NOW)).toEqual([
    { name: "requests", limit: 60, remaining: 59, resetMs: 360_000 },
    { name: "tokens", limit: 150_000, remaining: 0, resetMs: 17 },
  ]);
});

test.each([
  ["1s", 1000],
  ["1m26.4s", 86_400],
  ["2h3m4.5s", 7_384_500],
  ["1d", 86_400_000],
  ["864µs", 0.864],
  ["500us", 0.5],
  ["0s", 0],
  ["12", 12_000],
  ["0.5", 500],
  ["2026-11-21T12:00:30Z", 30_000],
  ["2026-11-21T11:00:00Z", 0],
])("a reset of %s is %s ms away", (value, expected) => {
  expect(rateLimits({ "x-ratelimit-reset-requests": value }, NOW)?.[0]?.resetMs).toBeCloseTo(expected, 6);
});

test("Anthropic's headers name the part last and give dates", () => {
  const headers = {
    "anthropic-ratelimit-input-tokens-limit": "1000",
    "anthropic-ratelimit-input-tokens-remaining": "900",
    "anthropic-ratelimit-input-tokens-reset": "2026-11-21T12:01:00Z",
    "anthropic-ratelimit-requests-limit": "5",
  };
  expect(rateLimits(headers, NOW)).toEqual([
    { name: "input-tokens", limit: 1000, remaining: 900, resetMs: 60_000 },
    { name: "requests", limit: 5 },
  ]);
});

test("what makes no sense is left out, and without any limit there is no list", () => {
  expect(
    rateLimits({ "x-ratelimit-limit-requests": "many", "x-ratelimit-remaining-tokens": "" }, NOW),
  ).toBeUndefined();
  expect(
    rateLimits({ "x-ratelimit-reset-requests": "soon", "x-ratelimit-limit-requests": "3" }, NOW),
  ).toEqual([{ name: "requests", limit: 3 }]);
  expect(rateLimits({ "content-type": "text/plain", "x-ratelimit": "1" }, NOW)).toBeUndefined();
});
