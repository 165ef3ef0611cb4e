import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test, vi } from "vitest";
import { NO_SERVERS } from "./fake-terminal.ts";

// The program as it is installed: a process of its own, from dist/.

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

beforeAll(() => {
  execFileSync(process.execPath, ["scripts/build.js"], { cwd: root, stdio: ["ignore", 2, 2] });
}, 120_000);

interface Run {
  readonly child: ChildProcess;
  readonly printed: { stdout: string; stderr: string };
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

function start(
  args: readonly string[],
  options: { stdin?: string; nodeFlags?: readonly string[] } = {},
): Run {
  const child = spawn(process.execPath, [...(options.nodeFlags ?? []), program, ...args], {
    env: { ...process.env, ...NO_SERVERS, FORCE_COLOR: "" },
    stdio: [options.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  child.stdin?.end(options.stdin);
  const printed = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => (printed.stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (printed.stderr += chunk.toString()));
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
  return { child, printed, ended };
}

test("the main job runs from a fresh build, without a key, and ends by itself", async () => {
  const { printed, ended } = start(["chat", "--demo"]);
  expect(await ended).toBe(0);
  expect(printed.stderr).toMatch(/^Using the built-in emulator, [^\n]+\n$/);
  expect(printed.stdout).toContain("1, 2, 3, 4, 5, 6, 7, 8, 9, 10\n");
  expect(printed.stdout).toContain("→ get_local_time(");
  expect(printed.stdout).toMatch(/first token after \d+ ms · \d+ ms in all · finished: stop\n$/);
});

test("a prompt is read from a pipe", async () => {
  const { printed, ended } = start(["chat", "test:echo"], { stdin: "hi\n" });
  expect(await ended).toBe(0);
  expect(printed.stdout).toBe("hi\n");
});

test("a mistake is exit code 2", async () => {
  const { printed, ended } = start(["chat", "test:echo", "--seed", "x", "hi"]);
  expect(await ended).toBe(2);
  expect(printed).toEqual({ stdout: "", stderr: 'rxscope: --seed must be a whole number, not "x".\n' });
});

test("a reader who has seen enough ends it quietly", async () => {
  const { child, printed, ended } = start(["chat", "--json", "Count from 1 to 500"]);
  await vi.waitFor(() => expect(printed.stdout).not.toBe(""), 10_000);
  child.stdout?.destroy();
  expect(await ended).toBe(0);
  expect(printed.stderr).toMatch(/^Using the built-in emulator, [^\n]+\n$/);
});

// There are no signals there: the program would just be ended.
test.skipIf(process.platform === "win32")("Ctrl-C stops an answer", async () => {
  const { child, printed, ended } = start(["chat", "Count from 1 to 500"]);
  await vi.waitFor(() => expect(printed.stdout).toContain("3, "), 10_000);
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(printed.stderr).toMatch(/\n\(stopped\)\n$/);
});

test.each([["--version"], ["--help"]])(
  "%s loads neither undici, zod, rxjs nor the emulator",
  async (flag) => {
    const { printed, ended } = start([flag], { nodeFlags: ["--import", SHOW_MODULES] });
    expect(await ended).toBe(0);
    expect(printed.stderr).toContain("/dist/cli/main.js");
    expect(printed.stderr).not.toMatch(/undici|zod|rxjs|\/testing\/|\/model-registry/);
  },
);

/** Writes the address of every module that is loaded to standard error. */
const SHOW_MODULES = dataUrl(`
  import { register } from "node:module";
  register(${JSON.stringify(
    dataUrl(`
      import { writeSync } from "node:fs";
      export async function load(url, context, next) {
        writeSync(2, url + "\\n");
        return next(url, context);
      }
    `),
  )});
`);

function dataUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}
