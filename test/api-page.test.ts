import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { apiPage, exportedNames, firstSentence } from "../scripts/api-page.js";
import * as rxscope from "../src/index.ts";
import * as testing from "../src/testing/index.ts";

/** Without the blanks that the formatter aligns tables with. */
function content(text: string): string {
  return text.replaceAll(/ *\| */g, "|").replaceAll(/-{3,}/g, "---");
}

test("docs/api.md has every export and what its doc comment says: npm run docs:api", () => {
  const page = readFileSync(new URL("../docs/api.md", import.meta.url), "utf8");
  expect(content(page)).toBe(content(apiPage()));
});

test.each([
  ["src/index.ts", rxscope],
  ["src/testing/index.ts", testing],
] as const)("the names that are read out of %s are those that it has", (entry, loaded) => {
  const values = exportedNames(entry).filter(({ kind }) => !["interface", "type"].includes(kind));
  expect([...new Set(values.map(({ name }) => name))].toSorted()).toEqual(Object.keys(loaded).toSorted());
});

test("every export has a doc comment", () => {
  const bare = ["src/index.ts", "src/testing/index.ts"].flatMap((entry) =>
    exportedNames(entry).filter(({ comment }) => firstSentence(comment) === ""),
  );
  expect(bare.map(({ name, file }) => `${file}: ${name}`)).toEqual([]);
});

test("the first sentence of a comment is told, links and all", () => {
  expect(firstSentence("* Reads {@link Msg}s, e.g. all.\n * Then more.\n *\n * @throws never ")).toBe(
    "Reads `Msg`s, e.g. all.",
  );
  expect(firstSentence("\n * One thing\n * over two lines | so.\n *\n * More. ")).toBe(
    "One thing over two lines \\| so.",
  );
  expect(firstSentence()).toBe("");
});
