import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fakeTerminal, runPiped } from "./fake-terminal.ts";

test.each([[[]], [["--help"]], [["-h"]], [["help"]]])("%j tells what there is", async (args) => {
  const { code, stdout, stderr } = await runPiped(args);
  expect(code).toBe(0);
  expect(stderr).toBe("");
  const commands = ["chat", "models", "tokens", "doctor", "emulate"].map((name) => `rxscope ${name}`);
  for (const command of [...commands, "--version"]) {
    expect(stdout).toContain(command);
  }
});

test("--version is the version of the package", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  for (const flag of ["--version", "-v"]) {
    expect(await runPiped([flag])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  }
});

test.each([
  [
    ["chta"],
    'There is no command "chta". Did you mean "chat"? Commands: chat, models, tokens, doctor, emulate.',
  ],
  [["--verbose"], 'There is no option "--verbose". Commands: chat, models, tokens, doctor, emulate.'],
  [["constructor"], 'There is no command "constructor". Commands: chat, models, tokens, doctor, emulate.'],
])("%j is one line on standard error and exit code 2", async (args, message) => {
  expect(await runPiped(args)).toEqual({ code: 2, stdout: "", stderr: `rxscope: ${message}\n` });
});

test("--no-color is taken before and after the command, but not after --", async () => {
  expect((await runPiped(["--no-color", "chat", "test:echo", "Hi"])).stdout).toBe("Hi\n");
  expect((await runPiped(["chat", "test:echo", "Hi", "--no-color"])).stdout).toBe("Hi\n");
  expect((await runPiped(["chat", "test:echo", "--", "--no-color"])).stdout).toBe("--no-color\n");
});

test("a mistake of ours shows where it was", async () => {
  const terminal = fakeTerminal({ stdinStaysOpen: true });
  const ended = terminal.run("chat", "test:echo");
  setImmediate(() => terminal.stdin.destroy(new Error("unforeseen")));
  expect(await ended).toBe(1);
  expect(terminal.stderr).toMatch(/^rxscope: Error: unforeseen\n +at /);
});
