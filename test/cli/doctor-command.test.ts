import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { builtinCredentials } from "rxscope";
import { type Emulator, startEmulator } from "rxscope/testing";
import { runPiped } from "./fake-terminal.ts";

const SECRET = "sk-test-0123456789abcdef";

let emulator: Emulator;

beforeEach(async () => {
  emulator = await startEmulator();
});

afterEach(async () => {
  await emulator.close();
  vi.unstubAllEnvs();
});

test("each provider has a row: which variables are set, and where it is reached", async () => {
  const { code, stdout, stderr } = await runPiped(["doctor"]);
  expect(code).toBe(0);
  expect(stderr).toBe("");
  const lines = stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^PROVIDER +KEY +ENDPOINT$/);
  expect(lines).toHaveLength(1 + builtinCredentials.length);
  for (const { facts } of builtinCredentials) {
    const line = lines.find((each) => each.startsWith(`${facts.provider} `));
    const isElsewhere = facts.baseUrlVariables.some((name) => process.env[name]);
    if (!isElsewhere) expect(line).toContain(facts.baseUrl ?? "no address set");
    if (!facts.keyOptional) expect(line).toContain("not set");
  }
});

test("a variable that is set is named, its value is not", async () => {
  for (const { facts } of builtinCredentials) {
    const env = Object.fromEntries(facts.keyVariables.map((name) => [name, SECRET]));
    const { stdout, stderr } = await runPiped(["doctor"], { env });
    for (const name of facts.keyVariables) expect(stdout).toMatch(new RegExp(`${name}.* set`));
    expect(stdout + stderr).not.toContain(SECRET);
  }
});

test("an address from the environment is shown with its variable, without the secrets in it", async () => {
  const { stdout, stderr } = await runPiped(["doctor", "--check"], {
    env: {
      OPENAI_API_KEY: SECRET,
      OPENAI_BASE_URL: "https://user:hunter2@proxy.example/v1?key=hunter3#hunter4",
    },
  });
  expect(stdout).toContain("https://proxy.example/v1 (OPENAI_BASE_URL set)");
  expect(stdout + stderr).not.toMatch(/hunter|user:/);
});

test("an address that is none is said to be none", async () => {
  const { code, stdout } = await runPiped(["doctor"], { env: { OPENAI_BASE_URL: "hunter2" } });
  expect(code).toBe(0);
  expect(stdout).toContain("not a URL (OPENAI_BASE_URL set)");
  expect(stdout).not.toContain("hunter2");
});

test("--check tells whether a provider answers, with how many models and how soon", async () => {
  const { code, stdout } = await runPiped(["doctor", "--check"], {
    env: { OPENAI_API_KEY: SECRET, OPENAI_BASE_URL: emulator.baseUrl() },
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^PROVIDER +KEY +ENDPOINT +ANSWERS\n/);
  expect(stdout).toMatch(/^openai .* yes: 6 models in \d+ ms$/m);
  expect(stdout).not.toContain(SECRET);
});

test.each([
  ["a key that is refused", "sk-wrong-9876543210", undefined, /no: .*OPENAI_API_KEY/],
  ["a server that is not there", SECRET, "http://127.0.0.1:9", /no: it cannot be reached \(\d+ ms\)$/m],
  ["an address that is none", SECRET, "localhost", /no: .*baseUrl/],
  ["no key", "", undefined, /not asked: no key$/m],
])("--check tells of %s and ends with exit code 0", async (_name, key, baseUrl, expected) => {
  const { code, stdout, stderr } = await runPiped(["doctor", "--check"], {
    env: { OPENAI_API_KEY: key, OPENAI_BASE_URL: baseUrl ?? emulator.baseUrl() },
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(expected);
  expect(stdout + stderr).not.toMatch(/9876543210|0123456789/);
});

test("an address is shown as the provider reads it, and a key beside it leads to no other", async () => {
  const local = await runPiped(["doctor"], { env: { OLLAMA_HOST: "0.0.0.0" } });
  expect(local.stdout).toMatch(/^ollama +not needed +http:\/\/127\.0\.0\.1:11434\/ \(OLLAMA_HOST set\)$/m);
  const keyed = await runPiped(["doctor"], { env: { OLLAMA_HOST: "", OLLAMA_API_KEY: SECRET } });
  expect(keyed.stdout).toMatch(/^ollama +OLLAMA_API_KEY set +http:\/\/127\.0\.0\.1:11434$/m);
});

test("--check tells whether a server that needs no key answers, and how to start it", async () => {
  const server = createServer((_request, response) => void response.end('{"models":[]}'));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const running = await runPiped(["doctor", "--check"], { env: { OLLAMA_HOST: url } });
  expect(running.stdout).toMatch(/^ollama .* yes: 0 models in \d+ ms$/m);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  const gone = await runPiped(["doctor", "--check"], { env: { OLLAMA_HOST: url } });
  expect(gone.stdout).toMatch(/^ollama .* no: it cannot be reached \(\d+ ms\)\. .*`ollama serve`/m);
});

test("without --check nobody is asked", async () => {
  await runPiped(["doctor"], { env: { OPENAI_API_KEY: SECRET, OPENAI_BASE_URL: emulator.baseUrl() } });
  expect(emulator.journal).toHaveLength(0);
});

test("a surplus word is one line on standard error and exit code 2", async () => {
  const { code, stderr } = await runPiped(["doctor", "openai"]);
  expect(code).toBe(2);
  expect(stderr).toBe('rxscope: doctor looks at all providers; leave out "openai".\n');
});
