import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { builtinCredentials, ModelRegistry } from "rxscope";
import { type Emulator, emulatorEnvironment, startEmulator } from "rxscope/testing";
import { NetworkError } from "../../src/error/errors-by-kind.ts";
import { fakeTerminal, runPiped } from "./fake-terminal.ts";
import { script } from "./scripted-model.ts";

const KEY = "sk-test-0123456789";

let emulator: Emulator;

beforeEach(async () => {
  emulator = await startEmulator();
});

afterEach(async () => {
  await emulator.close();
  ModelRegistry.reset();
  vi.unstubAllEnvs();
});

const withKey = (): { env: Record<string, string> } => ({
  env: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: emulator.baseUrl() },
});

test("a prompt after the model is answered on standard output, its cost told on standard error", async () => {
  emulator.script({ text: "Hello there.", usage: { inputTokens: 1000, outputTokens: 2000 } });
  const { code, stdout, stderr } = await runPiped(["chat", "openai:gpt-4.1", "Say", "hi"], withKey());
  expect(code).toBe(0);
  expect(stdout).toBe("Hello there.\n");
  expect(stderr).toMatch(
    /^1000 tokens in · 2000 out · \$0\.018 · first token after \d+ ms · \d+ ms in all · finished: stop\n$/,
  );
  expect(emulator.journal[0]?.lastUserText).toBe("Say hi");
});

test.each(builtinCredentials.map(({ facts }) => facts.provider))(
  "%s is asked by its prefix",
  async (provider) => {
    emulator.script({ text: "Hello there.", usage: { inputTokens: 10, outputTokens: 2 } });
    const { code, stdout, stderr } = await runPiped(["chat", `${provider}:any-model`, "Say", "hi"], {
      env: emulatorEnvironment(emulator),
    });
    expect([code, stdout]).toEqual([0, "Hello there.\n"]);
    expect(stderr).toMatch(/^10 tokens in · 2 out · .*finished: stop\n$/m);
    expect(emulator.journal).toHaveLength(1);
    expect(emulator.journal[0]?.path).toContain(`/${provider}/`);
    expect(emulator.journal[0]?.lastUserText).toBe("Say hi");
  },
);

test("cached and reasoning tokens are named beside the totals that they are part of", async () => {
  emulator.script({
    text: "4",
    usage: { inputTokens: 50, cacheReadTokens: 40, outputTokens: 9, reasoningTokens: 8 },
  });
  const { stderr } = await runPiped(["chat", "openai:o3", "2 + 2"], withKey());
  expect(stderr).toContain("50 tokens in (40 cached) · 9 out (8 reasoning)");
});

test("a prompt may come on standard input", async () => {
  const { code, stdout } = await runPiped(["chat", "test:echo"], { piped: "from a pipe\n" });
  expect(code).toBe(0);
  expect(stdout).toBe("from a pipe\n");
});

test("with a prompt on the command line nobody waits for standard input", async () => {
  const { code, stdout } = await runPiped(["chat", "test:echo", "hi"], { stdinStaysOpen: true });
  expect(code).toBe(0);
  expect(stdout).toBe("hi\n");
});

test("instructions go before the prompt", async () => {
  const model = script("Arr.");
  await runPiped(["chat", "test:scripted", "--system", "Talk like a pirate.", "Hi"]);
  expect(model.calls[0]?.messages.map(({ role, text }) => [role, text])).toEqual([
    ["system", "Talk like a pirate."],
    ["user", "Hi"],
  ]);
});

test("every option of the command reaches the model", async () => {
  const model = script("ok");
  const flags =
    "--temperature 0 --top-p 0.5 --max-tokens 64 --stop A --stop B --seed -7 --effort low --timeout 5000 --no-stream";
  // A negative number must be joined to its flag.
  await runPiped(["chat", "test:scripted", ...flags.replace("--seed -7", "--seed=-7").split(" "), "Hi"]);
  expect(model.calls[0]?.options).toMatchObject({
    temperature: 0,
    topP: 0.5,
    maxTokens: 64,
    stop: ["A", "B"],
    seed: -7,
    thinking: { effort: "low" },
    timeout: 5000,
    stream: false,
  });
});

test("an option that is not given is not sent", async () => {
  await runPiped(["chat", "openai:gpt-4.1", "Hi"], withKey());
  const body = emulator.journal[0]?.body as Record<string, unknown>;
  expect(Object.keys(body).toSorted()).toEqual(["messages", "model", "stream", "stream_options"]);
});

test("--no-stream asks for the whole answer at once and shows the same", async () => {
  const { code, stdout } = await runPiped(
    ["chat", "openai:gpt-4.1", "--no-stream", "Count from 1 to 3"],
    withKey(),
  );
  expect(code).toBe(0);
  expect(stdout).toBe("1, 2, 3\n");
  expect(emulator.journal[0]?.body).not.toHaveProperty("stream", true);
});

test("--base-url takes the place of the provider's address", async () => {
  const { code } = await runPiped(["chat", "openai:gpt-4.1", "--base-url", emulator.baseUrl(), "Hi"], {
    env: { OPENAI_API_KEY: KEY },
  });
  expect(code).toBe(0);
  expect(emulator.journal).toHaveLength(1);
});

test("--json prints one snapshot a line and nothing else; only the last has isLast", async () => {
  emulator.script({ thinking: "Hm.", text: "One two three." });
  const { code, stdout, stderr } = await runPiped(["chat", "openai:gpt-4.1", "--json", "Hi"], withKey());
  expect(code).toBe(0);
  const snapshots = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { isLast: boolean; content: unknown; usage?: unknown });
  expect(snapshots.length).toBeGreaterThan(3);
  expect(snapshots.map(({ isLast }) => isLast)).toEqual(
    snapshots.map((_, index) => index === snapshots.length - 1),
  );
  expect(snapshots.at(-1)?.content).toMatchObject([
    { type: "thinking", thinking: "Hm." },
    { type: "text", text: "One two three." },
  ]);
  expect(snapshots.at(-1)?.usage).toBeDefined();
  expect(stderr).toBe("");
});

test("thinking is dimmed on a terminal and the answer is plain", async () => {
  script({ thinking: "Let me see.", text: "Done." });
  const terminal = fakeTerminal({ stdinIsTTY: true, stdoutIsTTY: true });
  await terminal.run("chat", "test:scripted", "Hi");
  const dimmed = ["Let ", "me ", "see."].map((word) => `\u001b[2m${word}\u001b[0m`).join("");
  expect(terminal.stdout).toBe(`${dimmed}\n\nDone.\n`);
});

test.each([
  ["a pipe", [], {}, false],
  ["NO_COLOR", [], { NO_COLOR: "1" }, true],
  ["--no-color", ["--no-color"], {}, true],
  ["--no-color against FORCE_COLOR", ["--no-color"], { FORCE_COLOR: "1" }, true],
  ["FORCE_COLOR=0", [], { FORCE_COLOR: "0" }, true],
  ["a terminal that knows no colour", [], { TERM: "dumb" }, true],
])("there is no colour with %s", async (_name, flags, env, stdoutIsTTY) => {
  script({ thinking: "Hm.", text: "Done.", toolCalls: [{ name: "f", arguments: {} }] });
  const terminal = fakeTerminal({ env, stdoutIsTTY, stderrIsTTY: stdoutIsTTY });
  expect(await terminal.run("chat", "test:scripted", "Hi", ...flags)).toBe(0);
  expect(terminal.stdout).toBe("Hm.\n\nDone.\n→ f({})\n");
  expect(terminal.stderr).not.toContain("\u001b");
});

test.each([{ FORCE_COLOR: "1" }, { FORCE_COLOR: "1", NO_COLOR: "1" }])(
  "%o gives colour to a pipe",
  async (env) => {
    script({ thinking: "Hm." });
    const { stdout } = await runPiped(["chat", "test:scripted", "Hi"], { env });
    expect(stdout).toBe("\u001b[2mHm.\u001b[0m\n");
  },
);

test("tool calls are shown whole, each on its line, after the text", async () => {
  script({
    text: "Let me look.",
    toolCalls: [
      { name: "get_weather", arguments: { city: "Paris" } },
      { name: "get_weather", arguments: { city: "Oslo" } },
    ],
  });
  const { stdout } = await runPiped(["chat", "test:scripted", "Hi"]);
  expect(stdout).toBe('Let me look.\n→ get_weather({"city":"Paris"})\n→ get_weather({"city":"Oslo"})\n');
});

test("control characters of an answer do not reach the terminal", async () => {
  script({ text: "a\u001b[2Jb\u0007\tc\r\nd\u009b31m" });
  const { stdout } = await runPiped(["chat", "test:scripted", "Hi"]);
  expect(stdout).toBe("a[2Jb\tc\nd31m\n");
});

test("what could not be honoured is said on standard error, in JSON too", async () => {
  for (const flags of [[], ["--json"]]) {
    const { code, stderr } = await runPiped(
      ["chat", "openai:o3", "--temperature", "1", "Hi", ...flags],
      withKey(),
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: temperature: .+\n/);
  }
});

test("an answer that breaks off stays printed, with one line on what happened and exit code 1", async () => {
  script({ text: "As far as", error: new NetworkError("The connection\nbroke.") });
  const { code, stdout, stderr } = await runPiped(["chat", "test:scripted", "Hi"]);
  expect(code).toBe(1);
  expect(stdout).toBe("As far as\n");
  expect(stderr).toBe("rxscope: The connection broke.\n");
});

test("a refused key is one line without the key, exit code 1", async () => {
  const { code, stdout, stderr } = await runPiped(["chat", "openai:gpt-4.1", "Hi"], {
    env: { OPENAI_API_KEY: "sk-wrong-9876543210", OPENAI_BASE_URL: emulator.baseUrl() },
  });
  expect(code).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^rxscope: .*OPENAI_API_KEY.*\n$/);
  expect(stderr).not.toContain("9876543210");
});

test("a server that is not there is one line, exit code 1", async () => {
  const { code, stderr } = await runPiped(
    ["chat", "openai:gpt-4.1", "--base-url", "http://127.0.0.1:9", "Hi"],
    {
      env: { OPENAI_API_KEY: KEY },
    },
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(/^rxscope: .*ECONNREFUSED.*\n$/);
});

test("a provider that takes longer than --timeout is one line, exit code 1", async () => {
  emulator.script({ firstDelayMs: 10_000 });
  const { code, stderr } = await runPiped(["chat", "openai:gpt-4.1", "--timeout", "50", "Hi"], withKey());
  expect(code).toBe(1);
  expect(stderr).toMatch(/^rxscope: .*50 ms.*\n$/);
});

test.each([
  [
    ["chat", "test:echo", "--temperature", "warm", "Hi"],
    '--temperature must be a number, at least 0, not "warm".',
  ],
  [["chat", "test:echo", "--temperature=-1", "Hi"], '--temperature must be a number, at least 0, not "-1".'],
  [["chat", "test:echo", "--temperature", "", "Hi"], '--temperature must be a number, at least 0, not "".'],
  [["chat", "test:echo", "--top-p", "2", "Hi"], '--top-p must be a number from 0 to 1, not "2".'],
  [
    ["chat", "test:echo", "--max-tokens", "1.5", "Hi"],
    '--max-tokens must be a whole number, at least 1, not "1.5".',
  ],
  [["chat", "test:echo", "--seed", "x", "Hi"], '--seed must be a whole number, not "x".'],
  [["chat", "test:echo", "--timeout", "0", "Hi"], '--timeout must be a number, at least 1, not "0".'],
  [["chat", "test:echo", "--effort", "huge", "Hi"], "--effort must be one of none, minimal, low,"],
  [
    ["chat", "test:echo", "--tempature", "1", "Hi"],
    "There is no option --tempature. Did you mean --temperature?",
  ],
  [["chat", "test:echo", "--api-key", "sk-secret", "Hi"], "There is no option --api-key."],
  [["chat", "test:echo", "Hi", "--system"], "--system"],
  [["chat", "test:echo", "Hi", "--json=1"], "--json"],
  [["chat", "test:echo"], "There is no prompt"],
  [["chat", "test:echo", "  "], "There is no prompt"],
  [["chat", "--base-url", "http://127.0.0.1:9", "Hi"], "--base-url needs a model"],
  [["chat", "--demo", "Hi"], 'leave out "Hi"'],
  [["chat", "opnai:gpt-4.1", "Hi"], 'Did you mean "openai:gpt-4.1"'],
  [["chat", "gpt-4.1", "Hi"], "write openai:gpt-4.1, not gpt-4.1"],
  [["chat", "openai:gpt-4.1", "Hi"], "OPENAI_API_KEY"],
  [["chat", "openai:gpt-4.1", "Hi"], "rxscope doctor shows what is set"],
  [["chat", "compatible:any", "Hi"], "--base-url leads elsewhere"],
  [["chat", "openai:gpt-4.1", "--base-url", "localhost", "Hi"], "baseUrl"],
])("%j is one line on standard error and exit code 2", async (args, message) => {
  const isAboutUrl = message === "baseUrl";
  const { code, stdout, stderr } = await runPiped(args, isAboutUrl ? { env: { OPENAI_API_KEY: KEY } } : {});
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^rxscope: [^\n]+\n$/);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain("sk-secret");
  expect(stderr).not.toMatch(/\bat .+:\d+/);
});

test("--json on a terminal without a prompt is a mistake: a conversation is for people", async () => {
  const terminal = fakeTerminal({ stdinIsTTY: true, stdoutIsTTY: true });
  expect(await terminal.run("chat", "test:echo", "--json")).toBe(2);
  expect(terminal.stderr).toContain("--json needs a prompt");
});

test.each(["Write a haiku: about rain", "Hello", "10:30 is when?", "--"])(
  "a first word that is no model id is the prompt: %s",
  async (prompt) => {
    const { stdout } = await runPiped(["chat", "--", prompt], withKey());
    expect(stdout).toBe(`You said: ${prompt}\n`);
  },
);

test("Ctrl-C stops the answer, closes the connection, and ends with exit code 130", async () => {
  const terminal = fakeTerminal({ ...withKey(), stdinIsTTY: true });
  emulator.delivery = { delayMs: 5 };
  const ended = terminal.run("chat", "openai:gpt-4.1", "Count from 1 to 1000");
  await vi.waitFor(() => expect(terminal.stdout).toContain("3, "));
  terminal.interrupt();
  expect(terminal.interruptListeners).toBe(0);
  expect(await ended).toBe(130);
  expect(terminal.stdout).toMatch(/^1, 2, 3, .*\n$/);
  expect(terminal.stderr).toBe("(stopped)\n");
  await vi.waitFor(() => expect(emulator.openStreams).toBe(0));
});

test("nobody listens for Ctrl-C after an answer", async () => {
  const terminal = fakeTerminal();
  await terminal.run("chat", "test:echo", "Hi");
  expect(terminal.interruptListeners).toBe(0);
});

test("chat --help tells every option, on standard output", async () => {
  const { code, stdout, stderr } = await runPiped(["chat", "--help"]);
  expect(code).toBe(0);
  expect(stderr).toBe("");
  for (const flag of [
    "--demo",
    "--system",
    "--json",
    "--no-stream",
    "--effort",
    "--base-url",
    "--no-tools",
  ]) {
    expect(stdout).toContain(flag);
  }
});
