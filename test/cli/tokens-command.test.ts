import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { startEmulator } from "rxscope/testing";
import { runPiped } from "./fake-terminal.ts";

const folder = mkdtempSync(join(tmpdir(), "rxscope-tokens-"));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

afterEach(() => {
  vi.unstubAllEnvs();
});

test("a text on standard input is counted, without any key and without asking anybody", async () => {
  for (const args of [["tokens"], ["tokens", "-"]]) {
    expect(await runPiped(args, { piped: "hello world" })).toEqual({
      code: 0,
      stdout: "2 tokens of text, 9 as a message to openai:gpt-4o (tiktoken o200k_base, exact)\n",
      stderr: "",
    });
  }
});

test("a file is counted for the model that is named", async () => {
  const file = join(folder, "text.txt");
  writeFileSync(file, "你好，世界");
  const { stdout } = await runPiped(["tokens", "--model", "openai:gpt-4", file]);
  expect(stdout).toBe("6 tokens of text, 13 as a message to openai:gpt-4 (tiktoken cl100k_base, exact)\n");
});

test("--json prints one object", async () => {
  const { stdout } = await runPiped(["tokens", "--json", "--model", "openai:gpt-9"], {
    piped: "hello world",
  });
  expect(JSON.parse(stdout)).toEqual({
    model: "openai:gpt-9",
    textTokens: 2,
    tokens: 9,
    exact: false,
    method: "tiktoken o200k_base",
  });
});

test("a provider that counts itself is asked where its key is set, else its tokens are estimated", async () => {
  const args = ["tokens", "--model", "anthropic:claude-sonnet-4-5"];
  const offline = await runPiped(args, { piped: "hello world" });
  expect(offline.stdout).toMatch(
    /^\d+ tokens of text, \d+ as a message to .* \(estimate by characters, about\)\n$/,
  );
  const emulator = await startEmulator();
  const asked = await runPiped(args, {
    piped: "hello world",
    env: { ANTHROPIC_API_KEY: "sk-ant-test", ANTHROPIC_BASE_URL: emulator.baseUrl("anthropic") },
  });
  await emulator.close();
  expect(asked.stdout).toMatch(/^\d+ as a message to anthropic:\S+ \(Anthropic count_tokens, about\)\n$/);
  expect(emulator.journal).toHaveLength(1);
});

test.each([
  [["tokens", "a", "b"], "One file at a time"],
  [["tokens", join(folder, "gone.txt")], "cannot be read"],
  [["tokens", "--model", "opneai:gpt-4o"], "openai"],
  [["tokens", "--modle", "x"], "Did you mean --model?"],
])("%j is one line on standard error and exit code 2", async (args, message) => {
  const { code, stdout, stderr } = await runPiped(args, { piped: "x" });
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(message);
  expect(stderr.trim()).not.toContain("\n");
});

test("on a terminal a text must be named", async () => {
  const { code, stderr } = await runPiped(["tokens"], { stdinIsTTY: true });
  expect(code).toBe(2);
  expect(stderr).toContain("There is no text");
});

test("--help tells what there is", async () => {
  const { code, stdout } = await runPiped(["tokens", "--help"]);
  expect(code).toBe(0);
  expect(stdout).toContain("rxscope tokens [file|-]");
});
