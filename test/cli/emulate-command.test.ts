import { afterEach, expect, test, vi } from "vitest";
import { builtinCredentials, ModelRegistry } from "rxscope";
import { startEmulator } from "rxscope/testing";
import { WIRES } from "../../src/testing/emulator/wires.ts";
import { type FakeTerminal, fakeTerminal, runPiped } from "./fake-terminal.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The command under way, from the moment at which it says where it listens. */
async function start(...flags: string[]): Promise<{
  readonly terminal: FakeTerminal;
  readonly ended: Promise<number>;
  readonly environment: Readonly<Record<string, string>>;
  readonly url: string;
}> {
  const terminal = fakeTerminal();
  const ended = terminal.run("emulate", ...flags);
  await vi.waitFor(() => expect(terminal.stdout).toMatch(/\n$/));
  const lines = terminal.stdout.trimEnd().split("\n");
  const environment = Object.fromEntries(lines.map((line) => line.split(/=(.*)/, 2) as [string, string]));
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(terminal.stderr)?.[0] ?? "";
  return { terminal, ended, environment, url };
}

test("it prints the environment in which every provider answers, and each wire's base URL; Ctrl-C ends it with 0", async () => {
  const { terminal, ended, environment, url } = await start();
  for (const { facts } of builtinCredentials) {
    const [keyVariable, addressVariable] = [facts.keyVariables[0], facts.baseUrlVariables[0]];
    if (keyVariable !== undefined) expect(environment[keyVariable]).toBe("sk-emulator");
    if (addressVariable !== undefined)
      expect(environment[addressVariable]).toContain(`${url}/${facts.provider}`);
  }
  for (const { name, basePath } of WIRES)
    expect(terminal.stderr).toMatch(new RegExp(`^ +${name} +${url}${basePath}$`, "m"));
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  expect((await ModelRegistry.create("mistral:any").call("Hi")).text).toBe("You said: Hi");
  terminal.interrupt();
  expect(await ended).toBe(0);
  expect(terminal.interruptListeners).toBe(0);
  await expect(fetch(url)).rejects.toThrow("fetch failed");
});

test("each request is a line: method, path, model and status", async () => {
  const { terminal, ended, url } = await start();
  const model = ModelRegistry.create("openai:gpt-4.1", { apiKey: "any", baseUrl: `${url}/v1` });
  await model.call("Hi");
  await model.call("Hi", { extraBody: { nonsense: true }, retry: false }).catch(() => {});
  await (await fetch(`${url}/v1/models`)).text();
  await vi.waitFor(() => expect(terminal.stderr).toContain("/v1/models"));
  terminal.interrupt();
  await ended;
  expect(
    terminal.stderr
      .trimEnd()
      .split("\n")
      .slice(1 + WIRES.length),
  ).toEqual([
    "POST /v1/chat/completions gpt-4.1 200",
    "POST /v1/chat/completions gpt-4.1 400",
    "GET /v1/models - 200",
  ]);
});

test("a client that leaves, and letters that would move the cursor, are seen in its line", async () => {
  const { terminal, ended, url } = await start("--delay", "20");
  const model = ModelRegistry.create("openai:a\u001b[2Jb", { apiKey: "any", baseUrl: `${url}/v1` });
  for await (const _ of model.stream("Count from 1 to 500")) break;
  await vi.waitFor(() => expect(terminal.stderr).toContain("the client left"));
  terminal.interrupt();
  await ended;
  expect(terminal.stderr).toMatch(/ 200 \(the client left\)\n$/);
  expect(terminal.stderr).not.toContain("\u001b");
});

test("--quiet says where it listens and nothing of the requests", async () => {
  const { terminal, ended, url } = await start("--quiet");
  await (await fetch(`${url}/v1/models`)).text();
  terminal.interrupt();
  await ended;
  expect(terminal.stderr).not.toContain("GET");
});

test.each([
  [[], 200],
  [["--require-key"], 401],
])("%j: a request without a key gets %i", async (flags, status) => {
  const { terminal, ended, url } = await start(...flags);
  const answer = await fetch(`${url}/v1/models`);
  expect(answer.status).toBe(status);
  await answer.text();
  terminal.interrupt();
  await ended;
});

test.each([
  [[], 400],
  [["--lenient"], 200],
])("%j: a request that the provider would refuse gets %i", async (flags, status) => {
  const { terminal, ended, url } = await start(...flags);
  const answer = await fetch(`${url}/v1/chat/completions`, { method: "POST", body: '{"messages":[]}' });
  expect(answer.status).toBe(status);
  await answer.text();
  terminal.interrupt();
  await ended;
});

test("a port that is taken, or none, is one line on standard error and exit code 2", async () => {
  const other = await startEmulator();
  const { port } = other;
  const taken = await runPiped(["emulate", "--port", String(port)]);
  await other.close();
  expect(taken).toMatchObject({ code: 2, stdout: "" });
  expect(taken.stderr).toMatch(new RegExp(`^rxscope: Port ${port} cannot be used: .*EADDRINUSE.*\n$`));
  const none = await runPiped(["emulate", "--port", "70000"]);
  expect(none).toMatchObject({
    code: 2,
    stderr: 'rxscope: --port must be a whole number from 0 to 65535, not "70000".\n',
  });
  expect((await runPiped(["emulate", "--delay", "-1"])).code).toBe(2);
  expect((await runPiped(["emulate", "openai"])).stderr).toContain('leave out "openai"');
});

test("--help tells what there is", async () => {
  const { code, stdout } = await runPiped(["emulate", "--help"]);
  expect(code).toBe(0);
  for (const flag of ["--port", "--require-key", "--lenient", "--delay", "--quiet"])
    expect(stdout).toContain(flag);
});
