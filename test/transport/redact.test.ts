import { expect, test } from "vitest";
import { redact, secretsIn } from "../../src/transport/redact.ts";

test("the secrets of a request are the values of its key headers, without the scheme", () => {
  const headers = {
    authorization: "Bearer sk-abcdef123456",
    "x-api-key": "anthropic-key-1",
    "api-key": "azure-key-1",
    "x-goog-api-key": "google-key-1",
    "proxy-authorization": "Basic dXNlcjpwYXNz",
    "x-auth-token": "token-value-1",
    "ocp-apim-subscription-key": "subscription-1",
    cookie: "session=abcdef",
    "content-type": "application/json",
    "openai-organization": "org-123456",
  };
  expect(secretsIn(headers)).toEqual([
    "sk-abcdef123456",
    "anthropic-key-1",
    "azure-key-1",
    "google-key-1",
    "dXNlcjpwYXNz",
    "token-value-1",
    "subscription-1",
    "session=abcdef",
    "session%3Dabcdef",
  ]);
});

test("what a query calls a key is a secret too, as it is and as it stands in a URL", () => {
  const { searchParams } = new URL(
    "https://h/v1?api-version=2024-10-21&key=abc%2Bdef%3D&deployment=gpt-4.1-mini",
  );
  expect(secretsIn({ "x-author": "somebody", "x-auth": "me-myself" }, searchParams)).toEqual([
    "me-myself",
    "abc+def=",
    "abc%2Bdef%3D",
  ]);
});

test("a key that is a common word does not blank out a text", () => {
  expect(secretsIn({ authorization: "Bearer test", "x-api-key": "x" })).toEqual([]);
});

test("every place of a secret is hidden", () => {
  expect(redact("key my-own-key, again my-own-key.", ["my-own-key"])).toBe(
    "key [redacted], again [redacted].",
  );
  expect(redact("a.c abc", ["a.c"])).toBe("[redacted] abc");
});

test.each([
  ["Incorrect API key provided: sk-proj-abc***wxyz.", "sk-proj-abc***wxyz"],
  ["bad token Bearer abcdef.ghi-jkl", "abcdef.ghi-jkl"],
  ["AIzaSyA0123456789abcdef is not valid", "AIzaSyA0123456789abcdef"],
  ["xai-0123456789abcdef is not valid", "xai-0123456789abcdef"],
  ["gsk_0123456789abcdef is not valid", "gsk_0123456789abcdef"],
])("what looks like a key is hidden: %s", (text, key) => {
  expect(redact(text)).not.toContain(key);
  expect(redact(text)).toContain("[redacted]");
});

test("ordinary words stay", () => {
  for (const text of [
    "The model gpt-4.1 takes no key-value list.",
    "prompt_cache_key is unknown",
    "a risk-free task",
  ]) {
    expect(redact(text)).toBe(text);
  }
});
