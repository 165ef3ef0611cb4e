import { expect, test } from "vitest";
import { nearest } from "../../src/model/nearest-name.ts";

const KNOWN = ["gpt-4.1", "gpt-4.1-mini", "gpt-4o", "o3", "o4-mini", "text-embedding-3-small"];

test.each([
  ["gpt-4.1", "gpt-4.1"],
  ["gpt4.1", "gpt-4.1"],
  ["GPT-4o", "gpt-4o"],
  ["gtp-4o", "gpt-4o"],
  ["text-embeding-3-small", "text-embedding-3-small"],
  ["text-emb", "text-embedding-3-small"],
])("%s probably means %s", (name, expected) => {
  expect(nearest(name, KNOWN)[0]).toBe(expected);
});

test("what no typing mistake explains has no suggestion", () => {
  expect(nearest("claude-sonnet-4-5", KNOWN)).toEqual([]);
  expect(nearest("", KNOWN)).toEqual([]);
  expect(nearest("x", [])).toEqual([]);
});

test("there are no more suggestions than asked for, the best first", () => {
  expect(nearest("gpt-4.1", KNOWN)).toEqual(["gpt-4.1", "gpt-4o", "gpt-4.1-mini"]);
  expect(nearest("gpt-4.1", KNOWN, 1)).toEqual(["gpt-4.1"]);
});
