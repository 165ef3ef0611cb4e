import { createServer, request as forward, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { builtinCredentials } from "rxscope";
import { type Emulator, startEmulator } from "rxscope/testing";
import { fakeTerminal, runPiped } from "./fake-terminal.ts";

const KEY = "sk-test-0123456789";

let emulator: Emulator;
let ollama: Server | undefined;

beforeEach(async () => {
  emulator = await startEmulator({ requireKey: false });
});

afterEach(async () => {
  await emulator.close();
  ollama?.closeAllConnections();
  await new Promise((resolve) => (ollama === undefined ? resolve(undefined) : ollama.close(resolve)));
  ollama = undefined;
  vi.unstubAllEnvs();
});

interface TaggedModel {
  readonly name: string;
  readonly details?: { readonly family: string };
}

/** What of Ollama is needed: its list of models, and the wire that it shares with OpenAI, which the emulator speaks. */
async function startOllama(models: readonly TaggedModel[] | "never"): Promise<string> {
  const server = createServer((request, response) => {
    const { method, headers, url = "/" } = request;
    if (url === "/api/tags") {
      if (models !== "never") response.end(JSON.stringify({ models }));
      return;
    }
    const onward = forward(emulator.url + url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  ollama = server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Those that can be sent elsewhere: nothing here talks to a provider. */
const vendors = builtinCredentials
  .map(({ facts }) => facts)
  .filter(({ keyVariables, baseUrlVariables }) => keyVariables.length > 0 && baseUrlVariables.length > 0);

test.each(vendors)(
  "with a key for $displayName in the environment it is used, and the key is not shown",
  async ({ provider, keyVariables: [variable = ""], baseUrlVariables: [address = ""] }) => {
    const { stdout, stderr } = await runPiped(["chat", "Count from 1 to 3"], {
      env: { [variable]: KEY, [address]: emulator.url },
    });
    expect(stderr).toContain(`Using ${provider}:`);
    expect(stderr).toContain(`, because ${variable} is set.\n`);
    expect(stdout + stderr).not.toContain(KEY);
  },
);

test("the model to begin with is one that is sold, takes tools and does not think first", async () => {
  const { code, stdout, stderr } = await runPiped(["chat", "Count from 1 to 3"], {
    env: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: emulator.baseUrl() },
  });
  expect(code).toBe(0);
  expect(stderr).toContain("Using openai:gpt-4.1-nano,");
  expect(stdout).toBe("1, 2, 3\n");
});

test("a variable that holds nothing but blanks is no key", async () => {
  const { stderr } = await runPiped(["chat", "Hi"], { env: { OPENAI_API_KEY: "  " } });
  expect(stderr).toContain("Using the built-in emulator");
});

test("without a key an Ollama that answers is used", async () => {
  const url = await startOllama([{ name: "qwen3:8b", details: { family: "qwen3" } }, { name: "other" }]);
  const { code, stdout, stderr } = await runPiped(["chat", "Count from 1 to 3"], {
    env: { OLLAMA_HOST: url },
  });
  expect(stderr).toContain(
    `Using ollama:qwen3:8b, because no provider's key is set and an Ollama answers at ${url}.`,
  );
  expect(code).toBe(0);
  expect(stdout).toBe("1, 2, 3\n");
});

test("OLLAMA_HOST may be a host and a port, and the address that a server listens on", async () => {
  const url = await startOllama([{ name: "llama" }]);
  for (const host of [url.replace("http://", ""), url.replace("127.0.0.1", "0.0.0.0"), `${url}/`]) {
    const { stderr } = await runPiped(["chat", "Hi"], { env: { OLLAMA_HOST: host } });
    expect(stderr).toContain(`an Ollama answers at ${url}.`);
  }
});

test("models of an Ollama that only make embeddings are passed over", async () => {
  const url = await startOllama([
    { name: "nomic-embed-text", details: { family: "nomic-bert" } },
    { name: "llama3.2", details: { family: "llama" } },
  ]);
  const { stderr } = await runPiped(["chat", "Hi"], { env: { OLLAMA_HOST: url } });
  expect(stderr).toContain("Using ollama:llama3.2,");
});

test.each([
  ["has no models", []],
  ["never answers", "never"],
] as const)("an Ollama that %s is not waited for: the emulator is used", async (_name, models) => {
  const url = await startOllama(models);
  const { code, stdout, stderr } = await runPiped(["chat", "Count from 1 to 3"], {
    env: { OLLAMA_HOST: url },
  });
  expect(code).toBe(0);
  expect(stderr).toContain(
    "Using the built-in emulator, because no provider's key is set and no Ollama answers.",
  );
  expect(stdout).toBe("1, 2, 3\n");
});

test("why this model is one line: on the terminal, or on standard error where standard output is for the answer", async () => {
  const terminal = fakeTerminal({ stdoutIsTTY: true });
  await terminal.run("chat", "Hi");
  expect(terminal.stdout).toMatch(/^Using the built-in emulator, [^\n]+\nYou said: Hi\n$/);
  const json = fakeTerminal({ stdoutIsTTY: true });
  await json.run("chat", "--json", "Hi");
  expect(json.stderr).toMatch(/^Using the built-in emulator, [^\n]+\n$/);
});

test("a model that was named is not explained", async () => {
  const { stderr } = await runPiped(["chat", "test:echo", "Hi"]);
  expect(stderr).not.toContain("Using");
});
