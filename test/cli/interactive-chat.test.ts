import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ModelRegistry } from "rxscope";
import { ScriptedChatModel } from "rxscope/testing";
import { InvalidRequestError } from "../../src/error/errors-by-kind.ts";
import { type FakeTerminal, fakeTerminal } from "./fake-terminal.ts";
import { script } from "./scripted-model.ts";

const ENTER = "\r";
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";

/** Long enough to be stopped. */
const ENDLESS = { text: "on and ".repeat(1000), delayMs: 2 };

let terminal: FakeTerminal;

beforeEach(() => {
  terminal = fakeTerminal({ stdinIsTTY: true, stdoutIsTTY: true, stderrIsTTY: true });
});

afterEach(() => {
  ModelRegistry.reset();
  vi.unstubAllEnvs();
});

async function shows(text: string): Promise<void> {
  await vi.waitFor(() => expect(terminal.stdout + terminal.stderr).toContain(text));
}

/** What each message of a call was, without its details. */
function said(model: ScriptedChatModel, call: number): string[] {
  return (model.calls[call]?.messages ?? []).map(({ role, text }) => `${role}: ${text}`);
}

test("the history is kept over turns, and /exit leaves", async () => {
  const model = script(["Hello Ada.", "Ada."]);
  const ended = terminal.run("chat", "test:scripted", "--system", "Be brief.");
  await shows("/exit leaves");
  terminal.type(`I am Ada.${ENTER}`);
  await shows("Hello Ada.");
  terminal.type(`Who am I?${ENTER}`);
  await shows("\nAda.");
  terminal.type(`/exit${ENTER}`);
  expect(await ended).toBe(0);
  expect(said(model, 1)).toEqual([
    "system: Be brief.",
    "user: I am Ada.",
    "assistant: Hello Ada.",
    "user: Who am I?",
  ]);
  expect(terminal.stderr.match(/finished: stop/g)).toHaveLength(2);
  expect(terminal.interruptListeners).toBe(0);
});

test("Ctrl-C stops the answer and not the program; what had been said stays in the history", async () => {
  const model = script([ENDLESS, "Fine."]);
  const ended = terminal.run("chat", "test:scripted");
  await shows("/exit leaves");
  terminal.type(`Go on.${ENTER}`);
  await shows("on and on and");
  terminal.type(CTRL_C);
  await shows("(stopped)");
  terminal.type(`Thanks.${ENTER}`);
  await shows("Fine.");
  terminal.type(`/exit${ENTER}`);
  expect(await ended).toBe(0);
  expect(said(model, 1)).toEqual([
    "user: Go on.",
    expect.stringMatching(/^assistant: on and on and /),
    "user: Thanks.",
  ]);
});

test("Ctrl-C as a signal stops the answer too", async () => {
  script([ENDLESS]);
  const ended = terminal.run("chat", "test:scripted");
  await shows("/exit leaves");
  terminal.type(`Go on.${ENTER}`);
  await shows("on and on and");
  terminal.interrupt();
  await shows("(stopped)");
  terminal.interrupt();
  expect(await ended).toBe(0);
});

test("two Ctrl-C at once stop the answer and leave", async () => {
  script([ENDLESS]);
  const ended = terminal.run("chat", "test:scripted");
  await shows("/exit leaves");
  terminal.type(`Go on.${ENTER}`);
  await shows("on and on and");
  terminal.interrupt();
  terminal.interrupt();
  expect(await ended).toBe(0);
  expect(terminal.stderr).toContain("(stopped)");
});

test.each([
  ["Ctrl-C", CTRL_C],
  ["Ctrl-D", CTRL_D],
])("%s at the prompt leaves", async (_name, key) => {
  const ended = terminal.run("chat", "test:echo");
  await shows("> ");
  terminal.type(key);
  expect(await ended).toBe(0);
  expect(terminal.stdout.endsWith("\n")).toBe(true);
});

test("an input that ends during an answer lets the answer end", async () => {
  script([{ text: "one two three", delayMs: 20 }]);
  const ended = terminal.run("chat", "test:scripted");
  await shows("/exit leaves");
  terminal.type(`Go on.${ENTER}`);
  await shows("one");
  terminal.stdin.end();
  expect(await ended).toBe(0);
  expect(terminal.stdout).toContain("one two three\n");
});

test("a turn that fails is one line, is forgotten, and the conversation goes on", async () => {
  const model = script([{ error: new InvalidRequestError("That is\nnot allowed.") }, "Hello."]);
  const ended = terminal.run("chat", "test:scripted");
  await shows("/exit leaves");
  terminal.type(`First.${ENTER}`);
  await shows("That is not allowed.\n");
  terminal.type(`Second.${ENTER}`);
  await shows("Hello.");
  terminal.type(`/exit${ENTER}`);
  expect(await ended).toBe(0);
  expect(said(model, 1)).toEqual(["user: Second."]);
});

test("an empty line asks nothing, and lines that came together are answered in turn", async () => {
  const model = script(["A.", "B."]);
  const ended = terminal.run("chat", "test:scripted");
  await shows("/exit leaves");
  terminal.type(`${ENTER}  ${ENTER}one${ENTER}two${ENTER}/exit${ENTER}`);
  expect(await ended).toBe(0);
  expect(said(model, 1)).toEqual(["user: one", "assistant: A.", "user: two"]);
});

test("where standard output is no terminal, no control characters are written to it", async () => {
  terminal = fakeTerminal({ stdinIsTTY: true });
  const ended = terminal.run("chat", "test:echo");
  await shows("/exit leaves");
  terminal.type("Hi\n/exit\n");
  expect(await ended).toBe(0);
  expect(terminal.stdout).not.toContain("\u001b");
  expect(terminal.stdout).toContain("Hi\n");
});
