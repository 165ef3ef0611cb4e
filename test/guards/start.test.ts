import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Emulator, startEmulator } from "../../src/testing/emulator/emulator.ts";

// What a process loads to import the built package, and to send its first request, counted: it decides how soon a program
// starts.

const root = fileURLToPath(new URL("../..", import.meta.url));
const index = join(root, "dist", "index.js");

/** Modules of Node that are dear to load, and that only a request or less than that needs. */
const DEAR =
  /^NativeModule (?:https?|http2|zlib|crypto|tls|dns|worker_threads|internal\/deps\/undici\/undici)$/;

interface Loaded {
  /** Files of CommonJS packages. */
  readonly files: readonly string[];
  /** Modules of Node itself that came on top of what a process has. */
  readonly builtins: readonly string[];
}

let emulator: Emulator;

beforeAll(async () => {
  execFileSync(process.execPath, ["scripts/build.js"], { cwd: root, stdio: "ignore" });
  emulator = await startEmulator();
}, 120_000);

afterAll(() => emulator.close());

/** What a fresh process has loaded when it has run the code. */
async function loadedBy(code: string): Promise<Loaded> {
  const program = `
    import { Module } from "node:module";
    const before = new Set(process.moduleLoadList);
    ${code}
    const builtins = process.moduleLoadList.filter((name) => !before.has(name));
    console.log(JSON.stringify({ files: Object.keys(Module._cache), builtins }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
  return JSON.parse(stdout) as Loaded;
}

const importAll = `const rxscope = await import(${JSON.stringify(pathToFileURL(index).href)});`;

function ofPackage(name: string, { files }: Loaded): string[] {
  return files
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.includes(`/node_modules/${name}/`));
}

test("to import the package few files are opened: its modules are joined", () => {
  const files = new Set([index]);
  for (const file of files) {
    for (const [, path] of readFileSync(file, "utf8").matchAll(/^(?:\} from|import) "(\.[^"]+)";$/gm))
      files.add(join(dirname(file), path ?? ""));
  }
  expect(files.size).toBeGreaterThan(1);
  expect(files.size).toBeLessThanOrEqual(20);
});

test("to import the package loads a part of rxjs, no undici, and no dear module of Node", async () => {
  const loaded = await loadedBy(importAll);
  expect(ofPackage("rxjs", loaded).length).toBeGreaterThan(5);
  expect(ofPackage("rxjs", loaded).length).toBeLessThanOrEqual(24);
  expect(loaded.files.length).toBeLessThanOrEqual(24);
  expect(loaded.builtins.filter((name) => DEAR.test(name))).toEqual([]);
});

test("a first request loads undici without its index, and not Node's own copy of it", async () => {
  const loaded = await loadedBy(`
    ${importAll}
    const credential = new rxscope.OpenAICredential({ apiKey: "sk-test", baseUrl: ${JSON.stringify(emulator.baseUrl())} });
    const answer = await credential.createChatModel("gpt-4.1").call("Hi");
    if (!answer.isLast) throw new Error("There was no answer.");
  `);
  const undici = ofPackage("undici", loaded);
  expect(undici.length).toBeGreaterThan(5);
  expect(undici.length).toBeLessThanOrEqual(32);
  expect(undici.filter((file) => /undici\/index\.js$|\/web\//.test(file))).toEqual([]);
  expect(loaded.files.length).toBeLessThanOrEqual(56);
  expect(loaded.builtins).not.toContain("NativeModule internal/deps/undici/undici");
});
