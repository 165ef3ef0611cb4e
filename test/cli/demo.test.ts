import { afterEach, expect, test, vi } from "vitest";
import { ModelRegistry } from "rxscope";
import { type Script, startEmulator } from "rxscope/testing";
import { fakeTerminal, runPiped } from "./fake-terminal.ts";
import { script } from "./scripted-model.ts";

afterEach(() => {
  ModelRegistry.reset();
  vi.unstubAllEnvs();
});

const clockCall = (timeZone: unknown): Script => ({
  toolCalls: [{ id: "call_1", name: "get_local_time", arguments: { timeZone } }],
});

test("without model, prompt and terminal the demo runs: an answer, a tool that really runs, what it cost", async () => {
  const { code, stdout, stderr } = await runPiped(["chat"]);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^Using the built-in emulator, [^\n]+\n$/);
  expect(stdout).toContain("\nThe user wants me to think.");
  expect(stdout).toContain("\n\n1, 2, 3, 4, 5, 6, 7, 8, 9, 10\n");
  expect(stdout).toContain('\n→ get_local_time({"timeZone":"Europe/Paris"})\n');
  const time = /\n← (It is \d\d:\d\d in Europe\/Paris\.)\n/.exec(stdout)?.[1];
  expect(time).toBeDefined();
  expect(stdout).toContain(`Here is what I found: ${time}`);
  expect(stdout).toMatch(
    /\n\d+ tokens in · \d+ out · first token after \d+ ms · \d+ ms in all · finished: stop\n$/,
  );
});

test("--demo runs the demo on a terminal too, and it ends by itself", async () => {
  const terminal = fakeTerminal({ stdinIsTTY: true, stdoutIsTTY: true });
  expect(await terminal.run("chat", "--demo")).toBe(0);
  expect(terminal.stdout).toMatch(/^Using the built-in emulator, /);
  expect(terminal.stdout).toContain("\u001b[1m> What time is it in Paris?");
});

test("the demo sends the conversation back with the tool's result", async () => {
  const model = script(["1, 2, 3", clockCall("Asia/Shanghai"), "Late."]);
  const { code } = await runPiped(["chat", "test:scripted", "--demo", "--system", "Be brief."]);
  expect(code).toBe(0);
  const { messages, tools } = model.calls[2] ?? { messages: [], tools: [] };
  expect(messages.map(({ role }) => role)).toEqual([
    "system",
    "user",
    "assistant",
    "user",
    "assistant",
    "tool",
  ]);
  expect(messages.at(-1)?.toolResults[0]).toMatchObject({
    id: "call_1",
    name: "get_local_time",
    output: expect.stringMatching(/^It is \d\d:\d\d in Asia\/Shanghai\.$/) as string,
    isError: false,
  });
  expect(tools.map(({ name }) => name)).toEqual(["get_local_time"]);
});

test("a call that the tool cannot answer is answered with an error", async () => {
  const model = script(["1", clockCall("Mars/Base"), "Oh."]);
  expect((await runPiped(["chat", "test:scripted", "--demo"])).code).toBe(0);
  expect(model.calls[2]?.messages.at(-1)?.toolResults[0]).toMatchObject({
    output: "There is no time zone Mars/Base.",
    isError: true,
  });
});

test("a call of a tool that was not offered is answered with an error", async () => {
  const model = script(["1", { toolCalls: [{ name: "rm", arguments: {} }] }, "Oh."]);
  expect((await runPiped(["chat", "test:scripted", "--demo"])).code).toBe(0);
  expect(model.calls[2]?.messages.at(-1)?.toolResults[0]).toMatchObject({
    output: "There is no tool rm.",
    isError: true,
  });
});

test("a model that answers without the tool ends the demo", async () => {
  const model = script(["1", "I have no watch."]);
  const { code, stdout } = await runPiped(["chat", "test:scripted", "--demo"]);
  expect(code).toBe(0);
  expect(model.calls).toHaveLength(2);
  expect(stdout).toContain("I have no watch.");
});

test("--no-tools leaves the tool out of the demo", async () => {
  const model = script(["1, 2, 3"]);
  expect((await runPiped(["chat", "test:scripted", "--demo", "--no-tools"])).code).toBe(0);
  expect(model.calls).toHaveLength(1);
});

test("a model that refuses tools has still done its part", async () => {
  const emulator = await startEmulator();
  emulator.when(({ body }) => "tools" in (body as object), { status: 400 });
  const { code, stderr } = await runPiped(["chat", "openai:gpt-4.1", "--demo"], {
    env: { OPENAI_API_KEY: "sk-test-0123456789", OPENAI_BASE_URL: emulator.baseUrl() },
  });
  await emulator.close();
  expect(code).toBe(0);
  expect(stderr).toMatch(/^No tool round, the model refuses it: [^\n]+\n$/);
});

test("a demo that fails for another reason is one line, exit code 1", async () => {
  const emulator = await startEmulator();
  emulator.when(({ body }) => "tools" in (body as object), { status: 401 });
  const { code, stderr } = await runPiped(["chat", "openai:gpt-4.1", "--demo"], {
    env: { OPENAI_API_KEY: "sk-test-0123456789", OPENAI_BASE_URL: emulator.baseUrl() },
  });
  await emulator.close();
  expect(code).toBe(1);
  expect(stderr).toMatch(/^rxscope: [^\n]+\n$/);
});

test("--json prints the snapshots of all answers of the demo, and nothing else", async () => {
  const { code, stdout } = await runPiped(["chat", "--demo", "--json"]);
  expect(code).toBe(0);
  const snapshots = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { isLast: boolean; finishReason?: string });
  expect(snapshots.at(-1)?.isLast).toBe(true);
  expect(snapshots.filter(({ isLast }) => isLast).map(({ finishReason }) => finishReason)).toEqual([
    "stop",
    "tool_calls",
    "stop",
  ]);
});
