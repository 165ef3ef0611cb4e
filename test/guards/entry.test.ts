import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";
import * as rxjs from "rxjs";
import { expect, test } from "vitest";
import * as taken from "../../src/rxjs.ts";

// What the entries bring with them, counted: nothing here depends on how fast the machine is.

/** The most bytes of the core entry with all it loads, packages included, minified and gzipped. */
const CORE_CEILING = 100_000;

/** What must wait until it is used, or never come at all. */
const NOT_IN_CORE: readonly RegExp[] = [
  /node_modules\/(?:tiktoken|zod|zod-to-json-schema|jsonrepair|undici|@huggingface)\//,
  /node_modules\/rxjs\/.*\/index\.js$/,
  /src\/(?:testing|cli|gateway|builtin|credential\/catalog)\b/,
];

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What is loaded with an entry: its own file and what that imports, but not what it loads later. */
function load(entry: string): {
  readonly modules: string[];
  readonly builtins: string[];
  readonly bytes: number;
} {
  const { metafile, outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: [`src/${entry}.ts`],
    outdir: "out",
    bundle: true,
    splitting: true,
    minify: true,
    // package.json's list of side effects names the files of dist/.
    ignoreAnnotations: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const files = new Set([`out/${entry}.js`]);
  const builtins = new Set<string>();
  for (const file of files) {
    for (const { path, kind, external } of metafile.outputs[file]?.imports ?? []) {
      if (kind === "dynamic-import") continue;
      if (external) builtins.add(path);
      else files.add(path);
    }
  }
  const code = [...files].map((name) => outputFiles.find(({ path }) => path.endsWith(`/${name}`))?.contents);
  return {
    modules: [...files].flatMap((file) => Object.keys(metafile.outputs[file]?.inputs ?? {})),
    builtins: [...builtins],
    bytes: gzipSync(Buffer.concat(code.map((bytes) => bytes ?? new Uint8Array())), { level: 9 }).length,
  };
}

const core = load("core");

test("the core entry is no larger than its ceiling", () => {
  const { bytes, modules } = core;
  expect(modules.length).toBeGreaterThan(50);
  expect(bytes).toBeGreaterThan(20_000);
  expect(bytes, "If what it brings is worth it, raise the ceiling and say so.").toBeLessThan(CORE_CEILING);
});

test("the core entry brings neither heavy packages, nor the catalogue, nor a module of Node", () => {
  const { modules, builtins } = core;
  expect(modules.filter((path) => NOT_IN_CORE.some((pattern) => pattern.test(path)))).toEqual([]);
  expect(builtins).toEqual([]);
});

test("the whole entry brings no more packages than the core", () => {
  const packagesOf = (paths: readonly string[]): string[] => [
    ...new Set(paths.flatMap((path) => /node_modules\/([^/]+)/.exec(path)?.[1] ?? [])),
  ];
  expect(packagesOf(core.modules).toSorted()).toEqual(["eventsource-parser", "rxjs"]);
  expect(packagesOf(load("index").modules).toSorted()).toEqual(["eventsource-parser", "rxjs"]);
});

test("what is taken of rxjs is what its index has, imported and required", () => {
  const required = createRequire(import.meta.url)("rxjs") as Record<string, unknown>;
  expect(Object.keys(taken)).toContain("Observable");
  for (const [name, value] of Object.entries(taken)) {
    expect(value, name).toBe((rxjs as Record<string, unknown>)[name]);
    expect(value, name).toBe(required[name]);
  }
});

test("rxjs gives its modules by the same conditions as its index, so that a bundler takes one copy", () => {
  const manifest = createRequire(import.meta.url).resolve("rxjs/package.json");
  const { exports } = JSON.parse(readFileSync(manifest, "utf8")) as {
    exports: Record<string, Record<string, string>>;
  };
  const folders = (entry: string, file: string): [string, string | undefined][] =>
    Object.entries(exports[entry] ?? {}).map(([condition, path]) => [condition, path.split(file)[0]]);
  expect(folders("./internal/*", "internal/*")).toEqual(folders(".", "index"));
});
