import { createServer, type Server } from "node:http";
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

interface LocalModel {
  readonly name: string;
  readonly capabilities: readonly string[];
}

/** What of Ollama is needed: its models, what they can do, and an answer that names the model. */
async function startOllama(models: readonly LocalModel[] | "never"): Promise<string> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      if (models === "never") return;
      if (request.url === "/api/tags") {
        response.end(JSON.stringify({ models }));
        return;
      }
      const { model } = JSON.parse(body) as { model: string };
      if (request.url === "/api/show") {
        response.end(JSON.stringify(models.find(({ name }) => name === model)));
        return;
      }
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      response.end(
        `${JSON.stringify({ model, message: { content: `I am ${model}.` }, done: true, done_reason: "stop" })}\n`,
      );
    });
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

test("without a key a server that needs none is used, if it answers", async () => {
  const url = await startOllama([
    { name: "deepseek-r1:8b", capabilities: ["completion", "tools", "thinking"] },
    { name: "gemma3:4b", capabilities: ["completion", "vision"] },
    { name: "llama3.2:3b", capabilities: ["completion", "tools"] },
  ]);
  const { code, stdout, stderr } = await runPiped(["chat", "Who are you?"], { env: { OLLAMA_HOST: url } });
  expect(stderr).toContain(
    `Using ollama:llama3.2:3b, because no provider's key is set and Ollama answers at ${url}.`,
  );
  expect(code).toBe(0);
  expect(stdout).toBe("I am llama3.2:3b.\n");
});

test("a model that takes no tools is better than none", async () => {
  const url = await startOllama([{ name: "gemma3:4b", capabilities: ["completion"] }]);
  const { stdout } = await runPiped(["chat", "Who are you?"], { env: { OLLAMA_HOST: url } });
  expect(stdout).toBe("I am gemma3:4b.\n");
});

test("OLLAMA_HOST may be a host and a port, and the address that a server listens on", async () => {
  const url = await startOllama([{ name: "llama", capabilities: ["completion"] }]);
  for (const host of [url.replace("http://", ""), url.replace("127.0.0.1", "0.0.0.0"), `${url}/`]) {
    const { stderr } = await runPiped(["chat", "Hi"], { env: { OLLAMA_HOST: host } });
    expect(stderr).toContain(`Ollama answers at ${url}.`);
  }
});

test("models that only make embeddings are passed over", async () => {
  const url = await startOllama([
    { name: "nomic-embed-text", capabilities: ["embedding"] },
    { name: "llama3.2", capabilities: ["completion"] },
  ]);
  const { stderr } = await runPiped(["chat", "Hi"], { env: { OLLAMA_HOST: url } });
  expect(stderr).toContain("Using ollama:llama3.2,");
});

test.each([
  ["has no models", []],
  ["never answers", "never"],
] as const)("a server that %s is not waited for: the emulator is used", async (_name, models) => {
  const url = await startOllama(models);
  const { code, stdout, stderr } = await runPiped(["chat", "Count from 1 to 3"], {
    env: { OLLAMA_HOST: url },
  });
  expect(code).toBe(0);
  expect(stderr).toContain(
    "Using the built-in emulator, because no provider's key is set and no server answers on this machine.",
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
