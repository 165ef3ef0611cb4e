import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const examples = readdirSync(new URL("../examples", import.meta.url))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -".ts".length));

/** What each example must say when the emulator answers it. */
const SAYS: Readonly<Record<string, RegExp>> = {
  "anthropic-thinking": /thinking: .*answer: \S.*\d+ tokens/s,
  "count-tokens":
    /\d+ tokens with a tool \(tiktoken o200k_base, exact\).*counts 2\d .*its oldest \d\d messages were left out/s,
  cancel: /unsubscribed after \[.*left the loop.*aborted, and still have: \S/s,
  "custom-provider": /HELLO THERE/,
  "gemini-grounding": /\S.*\nsources: \S/s,
  images: /\S/,
  middleware: /1 request/,
  "node-handler": /the call is over\n1, 2, 3, 4, 5\n.*left after 1, .*\n.*the call is over\n$/s,
  "ollama-local": /is here\n.*1.*2.*3.*4.*5.*stop/s,
  "qwen-search": /answer: \S.*stop, \d+ tokens/s,
  "run-tools": /calls get_weather .*gave .*21.*C7-1.*answer after 2 rounds, \d+ tokens/s,
  stream: /1.*2.*3.*4.*5.*stop, \d+ tokens/s,
  structured: /PARIS town\nasked native: ok\nread back Paris\n1 colours by tool_forced/,
  "structured-stream": /so far: .*so far: .*so far: .*whole: Rain \[/s,
  "testing-app":
    /Rain at last\nAt the second try\n\(untitled\)\n5 calls, the last with 50 tokens\nA request to https.*A Wet Day \/v1\/chat\/completions\nYou said: A title for: Snow\. over 2 connections/s,
  tools: /the model calls get_weather .*\n.*\S/,
  "web-handler":
    /1, 2, 3, 4, 5\nhandler: the call is over\n.*left after \[ '1, ', '2, ', '3, ' \].*the call is over\n$/s,
};

function run(command: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, command, { cwd: root });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("close", (code) => resolve({ code, output }));
  });
}

beforeAll(async () => {
  const { code, output } = await run(["scripts/build.js"]);
  expect(code, output).toBe(0);
}, 60_000);

test("every example has an expectation", () => {
  expect(Object.keys(SAYS).toSorted()).toEqual(examples.toSorted());
});

test.each(examples)("the example %s runs against the emulator and says what it should", async (name) => {
  const { code, output } = await run(["scripts/example.js", name]);
  expect(output).toMatch(SAYS[name] as RegExp);
  expect(code, output).toBe(0);
});
