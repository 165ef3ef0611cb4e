import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ContentBuilder } from "../../src/model/content-builder.ts";
import { ThinkTagSplitter } from "../../src/model/think-tags.ts";
import { cutAt } from "../transport/event-sink.ts";

/** The blocks that these pieces of text make, as pairs of type and text. */
function split(...pieces: readonly string[]): [string, string][] {
  const content = new ContentBuilder();
  const splitter = new ThinkTagSplitter();
  for (const piece of pieces) splitter.push(piece, content);
  splitter.flush(content);
  return content.content.map((block) => [
    block.type,
    block.type === "text" ? block.text : block.type === "thinking" ? block.thinking : "",
  ]);
}

test("what stands between the tags is reasoning", () => {
  expect(split("<think>hm</think>Hello")).toEqual([
    ["thinking", "hm"],
    ["text", "Hello"],
  ]);
});

test("blank text around the tags is layout", () => {
  expect(split("\n<think>\nhm\n</think>\n\nHello\n")).toEqual([
    ["thinking", "hm\n"],
    ["text", "Hello\n"],
  ]);
});

test("empty reasoning leaves no block", () => {
  expect(split("<think>\n\n</think>\n\nHello")).toEqual([["text", "Hello"]]);
});

test("text without tags is text, less-than signs and all", () => {
  expect(split("a < b <thinking about it> </thi")).toEqual([["text", "a < b <thinking about it> </thi"]]);
  expect(split("a <", "th", "in")).toEqual([["text", "a <thin"]]);
});

test("reasoning that the answer breaks off in stays reasoning", () => {
  expect(split("<think>hm </thi")).toEqual([["thinking", "hm </thi"]]);
});

test("a closing tag without an opening one is not shown, and what came before it stays text", () => {
  expect(split("reasoning of the prompt\n</think>\n\nHello")).toEqual([
    ["text", "reasoning of the prompt\nHello"],
  ]);
  expect(
    split("reasoning</th", "ink>Hello")
      .map(([, text]) => text)
      .join(""),
  ).toBe("reasoningHello");
});

test("reasoning may come again", () => {
  expect(split("<think>a</think>b<think>c</think>d")).toEqual([
    ["thinking", "a"],
    ["text", "b"],
    ["thinking", "c"],
    ["text", "d"],
  ]);
});

test("any cut gives the same blocks", () => {
  const word = fc.constantFrom("a", " ", "\n", "<", ">", "</", "<think>", "</think>", "think", "<th", "ä");
  fc.assert(
    fc.property(fc.array(word, { maxLength: 15 }), fc.array(fc.nat()), (words, cuts) => {
      const text = words.join("");
      expect(split(...cutAt(text, cuts))).toEqual(split(text));
    }),
    { numRuns: 500 },
  );
});
