import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  mkdtempSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

// The package as its users get it: packed, installed into an empty project, and used from there. Nothing here sees src/.

declare module "vitest" {
  interface ProvidedContext {
    /** The proxy variables of whoever runs the tests. */
    proxies: NodeJS.ProcessEnv;
  }
}

const root = fileURLToPath(new URL("..", import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
let project: string;
let installed: string;

beforeAll(() => {
  run(process.execPath, [join(root, "scripts/build.js")], root);
  project = realpathSync(mkdtempSync(join(tmpdir(), "rxscope-package-")));
  installed = join(project, "node_modules", "rxscope");
  npm(["pack", "--ignore-scripts", "--pack-destination", project], root);
  const tarball = readdirSync(project).find((name) => name.endsWith(".tgz"));
  write("package.json", JSON.stringify({ name: "user", version: "1.0.0", private: true }));
  npm(["install", "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`], project);
}, 120_000);

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

test("import and require give the same instance", () => {
  write(
    "both.cjs",
    `const required = require("rxscope");
     const core = require("rxscope/core");
     import("rxscope").then((imported) => {
       console.log(typeof imported.ModelRegistry, imported.ModelRegistry === required.ModelRegistry,
         imported.ModelRegistry === core.ModelRegistry);
     });`,
  );
  expect(run(process.execPath, ["both.cjs"])).toBe("function true true\n");
});

test("the entries core and testing can be imported", () => {
  write(
    "entries.mjs",
    `for (const entry of ["rxscope/core", "rxscope/testing", "rxscope/package.json"]) {
       const loaded = entry.endsWith(".json") ? import.meta.resolve(entry) : await import(entry);
       console.log(entry, Object.keys(loaded).length > 0);
     }`,
  );
  expect(run(process.execPath, ["entries.mjs"])).toBe(
    "rxscope/core true\nrxscope/testing true\nrxscope/package.json true\n",
  );
});

test("the program says its version", () => {
  const program = join("node_modules", ".bin", process.platform === "win32" ? "rxscope.cmd" : "rxscope");
  expect(run(join(project, program), ["--version"])).toContain(version);
});

const USER_FILE = `
  import { ModelRegistry, UserMessage } from "rxscope";
  import { ModelRegistry as CoreRegistry } from "rxscope/core";
  import * as testing from "rxscope/testing";

  const model = ModelRegistry.create("openai:gpt-4.1", { apiKey: "none" });
  model.stream([new UserMessage("Count from 1 to 5.")]).subscribe({
    next: (response) => console.log(response.textDelta, response.content.length, response.isLast),
    error: (error: unknown) => console.error(error),
  });

  export async function ask(question: string): Promise<string> {
    for await (const response of model.stream(question, [], { temperature: 0 })) console.log(response.text);
    const reply = await model.call(question);
    return reply.text;
  }

  export const sameRegistry: typeof ModelRegistry = CoreRegistry;
  export const names: string[] = Object.keys(testing);
`;

test("TypeScript compiles a user's file under nodenext, our declarations included", () => {
  // @types/node as most projects on Node have it. Without skipLibCheck every declaration file is checked too.
  link("@types/node");
  link("undici-types");
  expect(compile({ module: "nodenext", types: ["node"] })).toBe("");
});

test("TypeScript compiles a user's file for a bundler, without the types of Node", () => {
  expect(
    compile({
      module: "esnext",
      moduleResolution: "bundler",
      lib: ["ES2022", "DOM"],
      types: [],
      skipLibCheck: true,
    }),
  ).toBe("");
});

test("a bundler keeps the built-in providers of the package", () => {
  write(
    "to-bundle.mjs",
    `import { ModelRegistry } from "rxscope";
     console.log(ModelRegistry.create("openai:gpt-4.1", { apiKey: "none" }).modelName);`,
  );
  const [from, to] = ["to-bundle.mjs", "bundled.mjs"].map((name) => join(project, name)) as [string, string];
  const { warnings } = buildSync({
    entryPoints: [from],
    outfile: to,
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "silent",
  });
  expect(warnings).toEqual([]);
  // It runs without the package it was made of.
  const alone = mkdtempSync(join(tmpdir(), "rxscope-bundled-"));
  try {
    renameSync(to, join(alone, "bundled.mjs"));
    expect(run(process.execPath, ["bundled.mjs"], alone)).toBe("gpt-4.1\n");
  } finally {
    rmSync(alone, { recursive: true, force: true });
  }
});

test("a plugin's own tests run the conformance kit out of the package", () => {
  for (const name of readdirSync(join(root, "examples/plugin")))
    write(name, readFileSync(join(root, "examples/plugin", name), "utf8"));
  link("vitest");
  const runner = join(root, "node_modules/vitest/vitest.mjs");
  const output = run(process.execPath, [runner, "run", "--reporter=json", "parley.test.ts"]);
  const { numPassedTests, numFailedTests } = JSON.parse(output) as Readonly<Record<string, number>>;
  expect(numFailedTests).toBe(0);
  expect(numPassedTests).toBeGreaterThan(110);
}, 60_000);

const CLIENTS = `
  import Anthropic from "@anthropic-ai/sdk";
  import OpenAI from "openai";
  import { ModelRegistry } from "rxscope";

  const messages = [{ role: "user", content: "Hi" }];
  const chat = await new OpenAI().chat.completions.create({ model: "gpt-4.1", messages });
  const message = await new Anthropic().messages.create({ model: "claude-sonnet-4-6", max_tokens: 99, messages });
  const reply = await ModelRegistry.create("gemini:gemini-2.5-flash").call("Hi");
  console.log([chat.choices[0].message.content, message.content[0].text, reply.text].join("\\n"));
`;

test("rxscope emulate prints an environment in which the providers' own clients need nothing else", async () => {
  for (const client of ["openai", "@anthropic-ai/sdk"]) link(client);
  write("clients.mjs", CLIENTS);
  const environment = join(project, "emulator.env");
  const program = [join(installed, "dist/cli/main.js"), "emulate"];
  const output = openSync(environment, "w");
  const emulator = spawn(process.execPath, program, { cwd: project, stdio: ["ignore", output, "pipe"] });
  // The program has its own; on Windows a file that is still open here could not be removed in the end.
  closeSync(output);
  const ended = once(emulator, "exit");
  let log = "";
  emulator.stderr?.on("data", (chunk: Buffer) => (log += chunk.toString()));
  try {
    await expect.poll(() => readFileSync(environment, "utf8"), { timeout: 10_000 }).toMatch(/\n$/);
    const said = run(process.execPath, [`--env-file=${environment}`, "clients.mjs"]);
    expect(said).toBe("You said: Hi\n".repeat(3));
    await expect.poll(() => log.match(/^POST .* 200$/gm)?.length).toBe(3);
  } finally {
    emulator.kill("SIGINT");
  }
  const [code] = (await ended) as [number | null];
  // Windows has no signals: there the program was just ended, and could not say by what code it would go.
  expect(code).toBe(process.platform === "win32" ? null : 0);
});

test("the package holds what it says and nothing of this repository's insides", () => {
  const files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(installed.length + 1)
        .replaceAll("\\", "/"),
    );
  expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "CHANGELOG.md", "package.json"]));
  const others = files.filter(
    (name) => !/^(?:LICENSE|README\.md|CHANGELOG\.md|package\.json|dist\/.+\.js|dist\/.+\.d\.ts)$/.test(name),
  );
  expect(others).toEqual([]);
  expect(files.filter((name) => /\.test\.|(?:^|\/)tests?\//.test(name))).toEqual([]);
  for (const name of files) {
    const text = readFileSync(join(installed, name), "utf8");
    expect(text, name).not.toContain(root.replace(/[/\\]$/, ""));
    expect(text, name).not.toContain("sourceMappingURL");
    if (name.startsWith("dist/")) expect(outsideImports(name, text), name).toEqual([]);
  }
});

/** Relative imports that leave dist/ or still name a source file. */
function outsideImports(name: string, text: string): string[] {
  const dist = join(installed, "dist");
  return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g)]
    .map((match) => match[1] ?? "")
    .filter(
      (path) =>
        !resolve(dirname(join(installed, name)), path).startsWith(dist) ||
        (path.endsWith(".ts") && !name.endsWith(".d.ts")),
    );
}

function compile(options: Record<string, unknown>): string {
  write("user.mts", USER_FILE);
  write(
    "tsconfig.json",
    JSON.stringify({
      compilerOptions: { strict: true, noEmit: true, target: "ES2022", ...options },
      files: ["user.mts"],
    }),
  );
  return run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "."]);
}

/** Makes a package that is installed here one of the project's. */
function link(name: string): void {
  const place = join(project, "node_modules", name);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(join(root, "node_modules", name), place, "junction");
}

function write(name: string, text: string): void {
  writeFileSync(join(project, name), text);
}

/** npm, told nothing of the npm that may have started the tests. */
function npm(args: readonly string[], cwd: string): void {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^npm_(?:package|lifecycle|config_local_prefix)|^INIT_CWD$/i.test(name),
  );
  run("npm", args, cwd, { ...Object.fromEntries(inherited), ...inject("proxies") });
}

/** What a command prints to stdout; throws with all of its output when it fails. */
function run(
  command: string,
  args: readonly string[],
  cwd = project,
  env: NodeJS.ProcessEnv = process.env,
): string {
  try {
    return execFileSync(command, args, {
      cwd,
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(" ")} failed:\n${stdout ?? ""}${stderr ?? ""}`, { cause: error });
  }
}
