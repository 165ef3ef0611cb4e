// @ts-check
// Writes what pages say of every provider from the list of credentials: `npm run docs:providers`, after a vendor was added.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * What is read of a credential's class.
 * @typedef {{ name: string, facts: {
 *   provider: string, aliases?: readonly string[], displayName: string, baseUrl?: string, family?: string, switches?: object,
 *   keyVariables: readonly string[], baseUrlVariables: readonly string[] } }} Credential
 */

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * The generated parts, by page and by the name of their marks.
 * @type {readonly { page: string, mark: string, text: (credentials: readonly Credential[]) => string }[]}
 */
export const PARTS = [
  {
    page: "docs/providers/compatible.md",
    mark: "vendors",
    text: (credentials) =>
      [
        "| provider | prefix | credential | environment: key, base URL | base URL |",
        "| --- | --- | --- | --- | --- |",
        ...credentials.filter(isCompatible).map(rowOf),
      ].join("\n"),
  },
  {
    page: "README.md",
    mark: "prefixes",
    text: (credentials) =>
      `These servers speak OpenAI's wire: [${credentials.filter(isCompatible).map(prefixesOf).join(", ")}](docs/providers/compatible.md).`,
  },
];

/** A page with its generated part renewed.
 * @param {string} page @param {string} mark @param {string} text */
export function renewed(page, mark, text) {
  const [open, close] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const [from, to] = [page.indexOf(open), page.indexOf(close)];
  if (from === -1 || to === -1) throw new Error(`There are no marks ${open} and ${close}.`);
  return `${page.slice(0, from + open.length)}\n\n${text}\n\n${page.slice(to)}`;
}

/** Servers on OpenAI's wire that are not OpenAI.
 * @param {Credential} credential */
function isCompatible({ facts }) {
  return facts.provider !== "openai" && (facts.switches !== undefined || facts.family !== undefined);
}

/** @param {Credential} credential */
function prefixesOf({ facts }) {
  return [facts.provider, ...(facts.aliases ?? [])].map((prefix) => `\`${prefix}:\``).join(", ");
}

/** @param {Credential} credential */
function rowOf(credential) {
  const { name, facts } = credential;
  const variables = [...facts.keyVariables, ...facts.baseUrlVariables]
    .map((each) => `\`${each}\``)
    .join(", ");
  const address = facts.baseUrl === undefined ? "none: pass it" : `\`${facts.baseUrl}\``;
  return `| ${facts.displayName} | ${prefixesOf(credential)} | \`${name}\` | ${variables} | ${address} |`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { builtinCredentials } = await import("rxscope");
  for (const { page, mark, text } of PARTS) {
    const file = join(root, page);
    writeFileSync(file, renewed(readFileSync(file, "utf8"), mark, text(builtinCredentials)));
    console.log(page);
  }
}
