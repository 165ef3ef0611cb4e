// @ts-check
// Writes docs/api.md, a line for every name that the package exports, from its doc comment: `npm run docs:api`.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * A name that users can import.
 * @typedef {{ name: string, kind: string, file: string, comment: string | undefined }} ExportedName
 */

const root = fileURLToPath(new URL("..", import.meta.url));

/** The entries of the package, by what is written behind `from`. */
const ENTRIES = [
  { specifier: "rxscope/core", file: "src/core.ts", intro: "Everything but the built-in providers." },
  {
    specifier: "rxscope",
    file: "src/index.ts",
    intro: "All of `rxscope/core`, and the built-in providers.",
  },
  {
    specifier: "rxscope/testing",
    file: "src/testing/index.ts",
    intro: "Test doubles and servers, for tests of your code and of plugins: [testing.md](testing.md).",
  },
];

const LIST = /^export (type )?\{([^}]*)\} from "([^"]+)";$/gm;
const STAR = /^export \* from "([^"]+)";$/gm;
const DECLARATION =
  /(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\n)?^export (?:abstract |async )*(class|function|const|interface|type) (\w+)/gm;

/** The names that an entry exports, with their doc comments.
 * @param {string} entry @returns {ExportedName[]} */
export function exportedNames(entry) {
  const source = readFileSync(join(root, entry), "utf8");
  /** @param {string} specifier */
  const fileOf = (specifier) => relative(root, join(root, dirname(entry), specifier)).replaceAll("\\", "/");
  const listed = [...source.matchAll(LIST)].flatMap(([, allTypes, list = "", specifier = ""]) => {
    const declared = declarationsIn(fileOf(specifier));
    return list
      .split(",")
      .map((each) => each.trim())
      .filter((each) => each !== "")
      .map((each) => {
        const name = each.replace(/^type /, "");
        const found = declared.find((declaration) => declaration.name === name);
        if (found === undefined)
          throw new Error(`${entry} exports ${name}, which ${specifier} does not declare.`);
        const isType = allTypes !== undefined || each !== name;
        return found.kind === "class" && isType ? { ...found, kind: "type" } : found;
      });
  });
  const all = [...source.matchAll(STAR)].flatMap(([, specifier = ""]) => exportedNames(fileOf(specifier)));
  return [...listed, ...declarationsIn(entry), ...all];
}

/** @param {string} file @returns {ExportedName[]} */
function declarationsIn(file) {
  const source = readFileSync(join(root, file), "utf8");
  return [...source.matchAll(DECLARATION)].map(([, comment, kind = "", name = ""]) => ({
    name,
    kind,
    file,
    comment,
  }));
}

/** The first sentence of a doc comment, as a cell of a table.
 * @param {string | undefined} comment */
export function firstSentence(comment = "") {
  const text = comment.replaceAll(/^\s*\* ?/gm, "").trim();
  const [paragraph = ""] = text.split(/\n\s*\n|\n(?=@|- )/);
  const [sentence = ""] = paragraph.replaceAll(/\s+/g, " ").split(/(?<=\.)\s+(?=[A-Z])|\s(?=@\w)/);
  return sentence.replaceAll(/\{@link (\w+)\}/g, "`$1`").replaceAll("|", "\\|");
}

/** @param {string} file */
function roomOf(file) {
  return file.split("/").slice(1, -1).join("/") || "src";
}

/** The whole page. */
export function apiPage() {
  const seen = new Set();
  const sections = ENTRIES.map(({ specifier, file, intro }) => {
    const names = exportedNames(file).filter(({ name }) => !seen.has(name));
    for (const { name } of names) seen.add(name);
    /** @type {Map<string, ExportedName[]>} */
    const rooms = new Map();
    for (const each of names) rooms.set(roomOf(each.file), [...(rooms.get(roomOf(each.file)) ?? []), each]);
    const tables = [...rooms].map(([room, members]) => {
      const rows = members
        .toSorted((a, b) => a.name.localeCompare(b.name, "en"))
        .map(({ name, kind, comment }) => `| \`${name}\` | ${kind} | ${firstSentence(comment)} |`);
      return [`### ${room}/`, "", "| name | is a | |", "| --- | --- | --- |", ...rows].join("\n");
    });
    return [`## ${specifier}`, intro, ...tables].join("\n\n");
  });
  return `${["# Every export", "One line each; the whole of it stands in the doc comment, which your editor shows. Renewed by `npm run docs:api`.", ...sections].join("\n\n")}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(root, "docs", "api.md"), apiPage());
  console.log("docs/api.md");
}
