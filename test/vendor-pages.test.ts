import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { builtinCredentials, type OpenAICompatibleVendor } from "../src/index.ts";

const page = readFileSync(new URL("../docs/providers/compatible.md", import.meta.url), "utf8");
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** Cells without the blanks that align them. */
function rowsOf(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.replaceAll(/ *\| */g, "|"));
}

test("the page of compatible vendors tells of each its prefix, its class, its variables and its address", () => {
  const rows = rowsOf(page);
  for (const Credential of builtinCredentials) {
    const facts: OpenAICompatibleVendor = Credential.facts;
    if (facts.switches === undefined && facts.family === undefined) continue;
    const prefixes = [facts.provider, ...(facts.aliases ?? [])].map((prefix) => `\`${prefix}:\``).join(", ");
    const variables = [...facts.keyVariables, ...facts.baseUrlVariables]
      .map((name) => `\`${name}\``)
      .join(", ");
    const address = facts.baseUrl === undefined ? "none: pass it" : `\`${facts.baseUrl}\``;
    expect(rows).toContain(
      `|${facts.displayName}|${prefixes}|\`${Credential.name}\`|${variables}|${address}|`,
    );
  }
});

test("the README names every provider by its prefix", () => {
  for (const { facts } of builtinCredentials) expect(readme).toContain(`\`${facts.provider}:\``);
});
