import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const pages = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", ...filesIn("docs", ".md")];
const sources = filesIn("src", ".ts");

interface Fence {
  readonly page: string;
  /** Of the opening line, from 1. */
  readonly line: number;
  /** What stands after the back-ticks. */
  readonly info: string;
  readonly code: string;
}

test("README, CHANGELOG and CONTRIBUTING are there", () => {
  expect(pages.slice(0, 3).filter((page) => !existsSync(join(root, page)))).toEqual([]);
});

test("README opens with the two commands", () => {
  const opening = read("README.md").split("\n").slice(0, 30).join("\n");
  expect(opening).toContain("npm install && npm start");
  expect(opening).toContain("npm install && npm test");
});

// The compiler finds what a merge left in sources.
test("no page holds what a merge left in it", () => {
  // The formatter of pages takes the closing mark for quotes within quotes.
  const marks = /^(?:<{7} |={7}$|>{7} |(?:> ){7})/m;
  expect([...pages, "bench/README.md"].filter((page) => marks.test(read(page)))).toEqual([]);
});

test("every npm script that a page names exists", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const unknown = pages.flatMap((page) =>
    [...read(page).matchAll(/\bnpm (?:run(?:-script)? (?:--silent )?([\w:-]+)|(start|test)\b)/g)]
      .map((match) => match[1] ?? match[2] ?? "")
      .filter((name) => scripts[name] === undefined)
      .map((name) => `${page}: npm run ${name}`),
  );
  expect(unknown).toEqual([]);
});

test("every relative link leads to a file of the repository, and to a heading that is there", () => {
  expect(pages.flatMap((page) => brokenLinks(page, read(page)))).toEqual([]);
});

test("a broken link is found: no such file, no such heading; links in code are text", () => {
  const text = [
    "# One `two` Three!",
    "[a](gone.md) [b](README.md#no-such-heading) [c](#one-two-three) [d](https://example.com/x) ![e](gone.png)",
    '`[f](gone.md)` [g](package.json "title")',
    "```md",
    "[h](gone.md)",
    "```",
    "[i]: gone-too.md",
  ].join("\n");
  expect(brokenLinks("fixture.md", text)).toEqual([
    "fixture.md: gone.md",
    "fixture.md: README.md#no-such-heading",
    "fixture.md: gone.png",
    "fixture.md: gone-too.md",
  ]);
});

test("every ```ts fence, and every @example of a doc comment, compiles as it stands", () => {
  const all = [
    ...pages.flatMap((page) => fencesOf(page, read(page))),
    ...sources.flatMap((file) => examplesOf(file, read(file))),
  ].filter(({ info }) => /^(?:ts|typescript)\b/.test(info));
  const whole = all.filter(({ info }) => !isFragment(info));
  // A fragment shows a few lines out of context; everything else must be code that a reader can paste.
  console.info(`${whole.length} fences compiled, ${all.length - whole.length} fragments skipped`);
  expect(compile(whole)).toBe("");
}, 60_000);

test("an example in a doc comment is found with its line", () => {
  const source =
    "const a = 1;\n/**\n * Adds.\n *\n * @example\n * ```ts\n * add(1, 2);\n *\n * ```\n */\n/** ```ts\n * no\n * ```\n */\n";
  expect(examplesOf("src/a.ts", source)).toEqual([
    { page: "src/a.ts", line: 6, info: "ts", code: "add(1, 2);\n\n" },
  ]);
});

test("a fence that does not compile is reported with its page and line", () => {
  const [fence] = fencesOf("fixture.md", "text\n\n```ts\nexport const a = 1;\nconst b: string = 1;\n```\n");
  expect(fence).toMatchObject({ page: "fixture.md", line: 3, info: "ts" });
  expect(compile(fence === undefined ? [] : [fence], "broken-fence")).toMatch(
    /fixture\.md\.3\.ts\(5,7\): error TS2322/,
  );
}, 60_000);

function filesIn(folder: string, extension: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(extension))
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .toSorted();
}

/** The text of a file of the repository; empty when it is missing, which has its own test. */
function read(page: string): string {
  return existsSync(join(root, page)) ? readFileSync(join(root, page), "utf8") : "";
}

function isFragment(info: string): boolean {
  return info.split(/\s+/).includes("fragment");
}

function fencesOf(page: string, text: string): Fence[] {
  return [...text.matchAll(/^( *)(`{3,})(.*)\n([\s\S]*?)^\1\2`*\s*$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split("\n").length,
    info: (match[3] ?? "").trim(),
    code: match[4] ?? "",
  }));
}

/** The fences under `@example` in the doc comments of a source file. */
function examplesOf(file: string, text: string): Fence[] {
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((comment) => {
    const start = comment[0].indexOf("@example");
    if (start === -1) return [];
    // Blank lines stand for what is before the example, so that line numbers stay those of the file.
    const before = text.slice(0, comment.index + start).replaceAll(/[^\n]/g, "");
    return fencesOf(file, before + comment[0].slice(start).replaceAll(/^ *\* ?/gm, ""));
  });
}

function withoutCode(text: string): string {
  return text.replaceAll(/^( *)(`{3,}).*\n[\s\S]*?^\1\2`*\s*$/gm, "");
}

function brokenLinks(page: string, text: string): string[] {
  const prose = withoutCode(text).replaceAll(/(`+)[^`]+\1/g, "");
  const links = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)[^)]*\)|^\[[^\]]+\]:\s+(\S+)/gm)].map(
    (match) => match[1] ?? match[2] ?? "",
  );
  return links
    .filter((link) => !/^[a-z][a-z+.-]*:/i.test(link))
    .filter((link) => {
      const [path = "", heading] = link.split("#");
      const target = path === "" ? page : relative(root, join(root, dirname(page), decodeURI(path)));
      if (path !== "" && (target.startsWith("..") || !existsSync(join(root, target)))) return true;
      return (
        heading !== undefined &&
        target.endsWith(".md") &&
        !headingsOf(path === "" ? text : read(target)).has(heading)
      );
    })
    .map((link) => `${page}: ${link}`);
}

/** The anchors that GitHub gives to headings. */
function headingsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, title = ""] of withoutCode(text).matchAll(/^#{1,6}\s+(.+?)\s*$/gm)) {
    const plain = title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-");
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count++) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}

/** What tsc says of the fences; every one is a module whose line numbers are those of its page. */
function compile(fences: readonly Fence[], folder = "doc-fences"): string {
  if (fences.length === 0) return "";
  const out = join(root, ".cache", folder);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  for (const { page, line, code } of fences) {
    writeFileSync(
      join(out, `${page.replaceAll("/", "-")}.${line}.ts`),
      `${"\n".repeat(line)}${code}\nexport {};\n`,
    );
  }
  writeFileSync(
    join(out, "tsconfig.json"),
    JSON.stringify({ extends: "../../tsconfig.json", include: ["*.ts"] }),
  );
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  return spawnSync(process.execPath, [tsc, "-p", "."], { cwd: out, encoding: "utf8" }).stdout;
}
