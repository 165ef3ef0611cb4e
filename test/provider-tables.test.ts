import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PARTS, renewed } from "../scripts/provider-tables.js";
import { builtinCredentials } from "../src/index.ts";

/** Without the blanks and lines that the formatter aligns tables with. */
function content(text: string): string {
  return text.replaceAll(/ *\| */g, "|").replaceAll(/-{3,}/g, "---");
}

test.each(PARTS)(
  "what $page says of the providers ($mark) is what the list says: npm run docs:providers",
  (part) => {
    const page = readFileSync(new URL(`../${part.page}`, import.meta.url), "utf8");
    expect(content(page)).toBe(content(renewed(page, part.mark, part.text(builtinCredentials))));
  },
);

test("the README names every provider by its prefix", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  for (const { facts } of builtinCredentials) expect(readme).toContain(`\`${facts.provider}:\``);
});

test("a page without its marks is an error", () => {
  expect(() => renewed("nothing here", "vendors", "")).toThrow(/<!-- vendors -->/);
});
