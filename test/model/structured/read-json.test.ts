import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readJson } from "../../../src/model/structured/read-json.ts";

test.each<[what: string, text: string, value: unknown]>([
  ["JSON", ' {"a":1} ', { a: 1 }],
  ["a single value", "42", 42],
  ["a code fence", '```json\n{"a":1}\n```', { a: 1 }],
  ["a fence that is not closed", '```\n{"a":1}', { a: 1 }],
  ["a fence between words", 'Here:\n```json\n{"a":1}\n```\nDone.', { a: 1 }],
  ["a fence of another language before it", "```sh\nls\n```\n```json\n[1]\n```", [1]],
  ["reasoning before it", '<think>{"no":1}</think>\n{"a":1}', { a: 1 }],
  ["reasoning that the template opened", 'so {"no":1}</think>{"a":1}', { a: 1 }],
  ["words around it", 'Sure {here}: {"a":{"b":"}"}} as you asked.', { a: { b: "}" } }],
  ["a small one before the whole one", '[1] says {"a":[1,2,3]}', { a: [1, 2, 3] }],
  ["tags and fences inside a string", '{"a":"</think>```json\\n{}```"}', { a: "</think>```json\n{}```" }],
])("JSON is found in %s", async (_what, text, value) => {
  expect(await readJson(text, false)).toEqual({ value, isRepaired: false });
});

test.each([
  ["a trailing comma", '{"a":1,}', { a: 1 }],
  ["single quotes", "{'a': 'b'}", { a: "b" }],
  ["a comment", '{"a":1 // one\n}', { a: 1 }],
  ["Python's words", '```json\n{"a": True, "b": None}\n```', { a: true, b: null }],
  ["an end that is missing", '{"a":[1,2', { a: [1, 2] }],
])("JSON with %s is repaired, but only where that is allowed", async (_what, text, value) => {
  expect(await readJson(text, true)).toEqual({ value, isRepaired: true });
  expect((await readJson(text, false))?.isRepaired).not.toBe(true);
});

test("what holds no JSON gives none, and nothing is thrown", async () => {
  expect(await readJson("I would rather not.", true)).toBeUndefined();
  expect(await readJson("", true)).toBeUndefined();
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.boolean(), async (text, mayRepair) => {
      await readJson(text, mayRepair);
    }),
  );
});

test("any JSON is found between words and in a fence", async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), async (value) => {
      const json = JSON.stringify(value);
      const meant = JSON.parse(json) as unknown;
      expect((await readJson(json, false))?.value).toEqual(meant);
      if (!json.includes("```") && !json.includes("</think>")) {
        expect((await readJson(`Here you are: ${json} Enjoy.`, false))?.value).toEqual(meant);
        expect((await readJson(`Words\n\`\`\`json\n${json}\n\`\`\``, false))?.value).toEqual(meant);
      }
    }),
  );
});
