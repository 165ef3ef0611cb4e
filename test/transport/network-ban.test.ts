import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { Agent, MockAgent } from "undici";
import { expect, onTestFinished, test } from "vitest";
import { builtinCredentials, ModelRegistry, OpenAIChatModel, OpenAICredential } from "../../src/index.ts";
import { forbidNetwork, startEmulator } from "../../src/testing/index.ts";
import { isThisMachine } from "../../src/transport/dispatcher.ts";

function forbidden(...options: Parameters<typeof forbidNetwork>): () => void {
  const allow = forbidNetwork(...options);
  onTestFinished(allow);
  return allow;
}

test("a request to another machine fails before a key is asked for, and the error says how to allow it", async () => {
  forbidden();
  let askedForKey = false;
  const credential = new OpenAICredential({
    baseUrl: "https://api.openai.example/v1",
    apiKey: () => {
      askedForKey = true;
      return "sk-any";
    },
  });
  const error: unknown = await credential
    .createChatModel("gpt-4.1")
    .call("Hi")
    .catch((failure: unknown) => failure);
  expect(error).toMatchObject({ kind: "configuration", retryable: false, provider: "openai" });
  const { message } = error as Error;
  expect(message).toContain("https://api.openai.example was not sent");
  expect(message).toContain("startEmulator()");
  expect(message).toContain('forbidNetwork({ except: ["api.openai.example"] })');
  expect(askedForKey).toBe(false);
});

test("no built-in provider gets through, and a list of models is the bundled one", async () => {
  forbidden();
  for (const Credential of builtinCredentials) {
    const credential = new Credential({ apiKey: "sk-any", baseUrl: "http://provider.example" });
    const { provider } = Credential.facts;
    await expect(credential.createChatModel("m").call("Hi"), provider).rejects.toThrow("forbidNetwork()");
    const cards = await credential.listModels().catch((error: Error) => error);
    if (cards instanceof Error) expect(cards.message, provider).toContain("forbidNetwork()");
    else expect(cards.filter(({ live }) => live !== undefined)).toEqual([]);
  }
});

test("this machine may be asked, and so may hosts that are named, whatever their letters' case", async () => {
  forbidden({ except: ["Models.Test"] });
  const emulator = await startEmulator();
  const { port } = emulator;
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
    const model = ModelRegistry.create("openai:m", { apiKey: "any", baseUrl: `http://${host}/v1` });
    expect((await model.call("Hi")).text).toBe("You said: Hi");
  }
  const dispatcher = new Agent({
    connect: { lookup: (_host, _options, done) => done(null, [{ address: "127.0.0.1", family: 4 }]) },
  });
  const model = new OpenAIChatModel({
    provider: "named",
    modelName: "m",
    endpoint: {
      baseUrl: `http://models.test:${port}/v1`,
      headers: () => ({ authorization: "Bearer any" }),
      dispatcher,
    },
  });
  expect((await model.call("Hi")).text).toBe("You said: Hi");
  await dispatcher.close();
  await emulator.close();
});

test("a dispatcher of one's own, a mock too, is no way around", async () => {
  forbidden();
  const dispatcher = new MockAgent();
  dispatcher.disableNetConnect();
  const endpoint = { baseUrl: "https://other.example", headers: () => ({}), dispatcher };
  const model = new OpenAIChatModel({ provider: "p", modelName: "m", endpoint });
  await expect(model.call("Hi")).rejects.toThrow("forbidNetwork()");
  await dispatcher.close();
});

test("each ban holds until it is lifted, and lifting it twice lifts no other", async () => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  // A name with a dot at its end is another name to us and this machine to whoever looks it up.
  const model = ModelRegistry.create("openai:m", {
    apiKey: "any",
    baseUrl: `http://localhost.:${port}`,
    options: { retry: false },
  });
  const allowFirst = forbidden();
  const allowSecond = forbidden({ except: ["localhost."] });
  await expect(model.call("Hi")).rejects.toMatchObject({ kind: "configuration" });
  allowFirst();
  allowFirst();
  await expect(model.call("Hi")).rejects.toMatchObject({ kind: "network" });
  allowSecond();
  const allowThird = forbidden();
  allowSecond();
  await expect(model.call("Hi")).rejects.toMatchObject({ kind: "configuration" });
  allowThird();
  await expect(model.call("Hi")).rejects.toMatchObject({ kind: "network" });
  server.close();
});

test.each(["127.0.0.1", "127.8.9.10", "localhost", "[::1]"])("%s is this machine", (host) => {
  expect(isThisMachine(host)).toBe(true);
});

test.each(["127.0.0.1.example.com", "localhost.example.com", "0.0.0.1", "[::2]", ""])(
  "%j is not this machine",
  (host) => {
    expect(isThisMachine(host)).toBe(false);
  },
);
