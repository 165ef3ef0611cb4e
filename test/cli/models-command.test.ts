import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { builtinCredentials, type ModelCard } from "rxscope";
import { type Emulator, emulatorEnvironment, startEmulator } from "rxscope/testing";
import { catalogOf } from "../../src/credential/catalog/catalog.ts";
import { runPiped } from "./fake-terminal.ts";

let emulator: Emulator;

beforeEach(async () => {
  emulator = await startEmulator({ models: ["gpt-4.1", "brand-new-model"] });
});

afterEach(async () => {
  await emulator.close();
  vi.unstubAllEnvs();
});

const withKey = (): { env: Record<string, string> } => ({
  env: { OPENAI_API_KEY: "sk-test-0123456789", OPENAI_BASE_URL: emulator.baseUrl() },
});

test("the models of a provider are an aligned table", async () => {
  const { code, stdout, stderr } = await runPiped(["models", "openai"]);
  expect(code).toBe(0);
  expect(stderr).toBe("");
  const lines = stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^MODEL +CONTEXT +OUTPUT +READS +CAN +STATUS +\$ IN +\$ OUT$/);
  expect(lines.find((line) => line.startsWith("openai:gpt-4.1-mini "))).toMatch(
    /^openai:gpt-4\.1-mini +1,047,576 +32,768 +text,image,pdf +tools,schema +active +0\.4 +1\.6$/,
  );
  expect(lines.find((line) => line.startsWith("openai:gpt-5-mini "))).toContain("reasoning");
  const column = lines[0]?.indexOf("READS");
  for (const line of lines) expect(line.slice(0, column)).toMatch(/ {2}$/);
});

test("every provider is listed where none is named: those without a catalogue by their names", async () => {
  const { stdout, stderr } = await runPiped(["models", "--kind", "all"]);
  for (const { facts } of builtinCredentials) {
    if (catalogOf(facts).cards().length > 0) expect(stdout).toContain(`\n${facts.provider}:`);
    else expect(stderr).toMatch(new RegExp(`models of .*\\b${facts.provider}\\b.*--live`));
  }
  const { stderr: one } = await runPiped(["models", "groq"]);
  expect(one).toBe(
    "No chat models are known.\nOnly the servers themselves tell the models of groq: ask them with --live.\n",
  );
});

test("--live lists the models of every provider, here from the emulator", async () => {
  const { code, stdout, stderr } = await runPiped(["models", "--live"], {
    env: emulatorEnvironment(emulator),
  });
  expect([code, stderr]).toEqual([0, ""]);
  for (const { facts } of builtinCredentials)
    expect(stdout).toMatch(new RegExp(`^${facts.provider}:\\S+ .* live `, "m"));
});

test("--kind lists another kind of models", async () => {
  const { stdout } = await runPiped(["models", "openai", "--kind", "embedding"]);
  expect(stdout).toContain("openai:text-embedding-3-small");
  expect(stdout).not.toContain("gpt-4.1");
});

test("a kind of which nothing is known is said on standard error", async () => {
  const { code, stdout, stderr } = await runPiped(["models", "openai", "--kind", "realtime-tts"]);
  expect(code).toBe(0);
  expect(stdout).toBe("");
  expect(stderr).toBe("No realtime-tts models are known.\n");
});

test("--json prints the cards", async () => {
  const { code, stdout } = await runPiped(["models", "openai", "--json"]);
  expect(code).toBe(0);
  const cards = JSON.parse(stdout) as ModelCard[];
  expect(cards.length).toBeGreaterThan(10);
  expect(
    cards.every(({ kind, parameterSchema }) => kind === "chat" && typeof parameterSchema === "object"),
  ).toBe(true);
});

test("--live asks the provider, and tells its models from those it did not name", async () => {
  const { code, stdout } = await runPiped(["models", "openai", "--live"], withKey());
  expect(code).toBe(0);
  expect(stdout).toMatch(/^openai:gpt-4\.1 .* deprecated, live /m);
  expect(stdout).toMatch(/^openai:gpt-4o .* not listed /m);
  expect(stdout).toMatch(/^openai:brand-new-model .* live /m);
});

test("--live falls back to the catalogue, aloud, when the provider cannot be reached", async () => {
  const { code, stdout, stderr } = await runPiped(["models", "openai", "--live"], {
    env: { OPENAI_API_KEY: "sk-test-0123456789", OPENAI_BASE_URL: "http://127.0.0.1:9" },
  });
  expect(code).toBe(0);
  expect(stdout).toContain("openai:gpt-4.1 ");
  expect(stderr).toBe("OpenAI cannot be reached: these are the models of the bundled catalogue.\n");
});

test("--live lists what a server of one's own has, and nothing where it has nothing", async () => {
  let models = [{ name: "qwen3:8b" }];
  const server = createServer((request, response) => {
    response.end(
      request.url === "/api/tags"
        ? JSON.stringify({ models })
        : '{"capabilities":["completion"],"model_info":{"qwen3.context_length":40960}}',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const env = { OLLAMA_HOST: `127.0.0.1:${(server.address() as AddressInfo).port}` };
  const { stdout, stderr } = await runPiped(["models", "ollama", "--live"], { env });
  expect(stderr).toBe("");
  expect(stdout.trimEnd().split("\n").slice(1)).toEqual([
    expect.stringMatching(/^ollama:qwen3:8b +40,960 .* active, live /),
  ]);
  models = [];
  const empty = await runPiped(["models", "ollama", "--live"], { env });
  expect([empty.code, empty.stdout, empty.stderr]).toEqual([0, "", "No chat models are known.\n"]);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test("--live with a key that is refused is one line, exit code 1", async () => {
  const { code, stdout, stderr } = await runPiped(["models", "openai", "--live"], {
    env: { OPENAI_API_KEY: "sk-wrong-9876543210", OPENAI_BASE_URL: emulator.baseUrl() },
  });
  expect(code).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^rxscope: [^\n]+\n$/);
  expect(stderr).not.toContain("9876543210");
});

test.each([
  [["models", "openia"], 'There is no provider "openia". Did you mean "openai"?'],
  [["models", "openai", "anthropic"], "One provider at a time"],
  [["models", "--kind", "chats"], "--kind must be one of chat, embedding"],
  [["models", "--lives"], "There is no option --lives. Did you mean --live?"],
  [["models", "openai", "--live"], "OPENAI_API_KEY"],
])("%j is one line on standard error and exit code 2", async (args, message) => {
  const { code, stdout, stderr } = await runPiped(args);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^rxscope: [^\n]+\n$/);
  expect(stderr).toContain(message);
});

test("models --help tells every option", async () => {
  const { code, stdout } = await runPiped(["models", "-h"]);
  expect(code).toBe(0);
  for (const flag of ["--kind", "--live", "--json"]) expect(stdout).toContain(flag);
});
