import { connect } from "node:net";
import { inspect } from "node:util";
import { Agent } from "undici";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { CredentialFactory } from "../../src/credential/credential-factory.ts";
import type { HttpCredentialOptions } from "../../src/credential/http-credential.ts";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleVendor,
} from "../../src/credential/openai-compatible-credential.ts";
import { OpenAICredential } from "../../src/credential/openai.ts";
import { ConfigurationError } from "../../src/error/errors-by-kind.ts";
import { ModelError } from "../../src/error/model-error.ts";
import { OpenAIChatModel } from "../../src/model/openai-chat-model.ts";
import { type Answer, type Loopback, serve } from "../transport/loopback.ts";
import { SSE_HEAD, textEvent, textStream } from "../model/openai-server.ts";
import { failure, failureOf } from "../failures.ts";

const KEY = "sk-test-0123456789abcdef";

afterEach(() => {
  vi.unstubAllEnvs();
});

const VENDOR: OpenAICompatibleVendor = {
  provider: "myvendor",
  type: "myvendor_credential",
  displayName: "My Vendor",
  baseUrl: "https://api.myvendor.example/v1",
  keyVariables: ["MYVENDOR_FIRST_KEY", "MYVENDOR_SECOND_KEY"],
  baseUrlVariables: ["MYVENDOR_URL"],
};

/** A vendor of somebody else. */
class MyVendorCredential extends OpenAICompatibleCredential {
  static override readonly facts: OpenAICompatibleVendor = VENDOR;

  constructor(options: HttpCredentialOptions = {}) {
    super(VENDOR, options);
  }
}

class LocalCredential extends OpenAICompatibleCredential {
  constructor(options: HttpCredentialOptions = {}) {
    super({ ...VENDOR, keyOptional: true }, options);
  }
}

const say: Answer = (response) => void response.writeHead(200, SSE_HEAD).end(textStream("Hi"));

function keysOf({ requests }: Loopback): (string | undefined)[] {
  return requests.map(({ headers }) => headers.authorization);
}

test("an explicit key goes before the environment, and the first variable that is set before the others", async () => {
  const credential = (apiKey?: string): Promise<Record<string, string>> =>
    new MyVendorCredential({ apiKey }).headers();
  vi.stubEnv("MYVENDOR_SECOND_KEY", "second");
  expect(await credential()).toEqual({ authorization: "Bearer second" });
  vi.stubEnv("MYVENDOR_FIRST_KEY", "  ");
  expect(await credential()).toEqual({ authorization: "Bearer second" });
  vi.stubEnv("MYVENDOR_FIRST_KEY", " first\n");
  expect(await credential()).toEqual({ authorization: "Bearer first" });
  expect(await credential(" mine ")).toEqual({ authorization: "Bearer mine" });
});

test("a missing key fails at construction with the variables, the class and a way without a key", () => {
  const error = failure(() => new MyVendorCredential());
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(error.message).toBe(
    'There is no key for My Vendor. Set MYVENDOR_FIRST_KEY or MYVENDOR_SECOND_KEY, or pass new MyVendorCredential({ apiKey }). To try without any key: ModelRegistry.create("test:echo").',
  );
  expect(failure(() => new OpenAICredential()).message).toContain(
    "Set OPENAI_API_KEY, or pass new OpenAICredential({ apiKey })",
  );
});

test("an empty key is no key from the environment", () => {
  vi.stubEnv("MYVENDOR_FIRST_KEY", "from-the-environment");
  for (const apiKey of ["", "   "]) {
    expect(failure(() => new MyVendorCredential({ apiKey })).message).toMatch(
      /MyVendorCredential: apiKey is an empty string/,
    );
  }
});

test("a server that needs no key is asked without one, and with one that is given", async () => {
  expect(await new LocalCredential().headers()).toEqual({});
  expect(await new LocalCredential({ apiKey: "k-local" }).headers()).toEqual({
    authorization: "Bearer k-local",
  });
});

test("a key function is asked at every request, retries included", async () => {
  const server = await serve((response, request, socket) => {
    if (server.requests.length === 2) response.writeHead(503, { "retry-after-ms": "1" }).end("{}");
    else return say(response, request, socket);
    return undefined;
  });
  let asked = 0;
  const credential = new MyVendorCredential({
    baseUrl: server.url,
    apiKey: () => Promise.resolve(`key-${++asked}\n`),
  });
  const model = credential.createChatModel("m");
  await model.call("Hi");
  await model.call("Hi");
  await credential.listModels().catch(() => undefined);
  expect(keysOf(server)).toEqual(["Bearer key-1", "Bearer key-2", "Bearer key-3", "Bearer key-4"]);
});

test("a key function that gives no key, or fails, is an error of the call, and nothing is sent", async () => {
  const server = await serve(say);
  const ask = (apiKey: () => string): Promise<ModelError> =>
    failureOf(new MyVendorCredential({ baseUrl: server.url, apiKey }).createChatModel("m").call("Hi"));
  for (const value of ["", "  ", undefined, null, 7]) {
    const error = await ask(() => value as string);
    expect(error.kind).toBe("configuration");
    expect(error.message).toMatch(/apiKey function gave/);
  }
  const failing = await ask(() => {
    throw new Error("the vault is closed");
  });
  expect(failing.kind).toBe("configuration");
  expect(failing.message).toContain("the vault is closed");
  expect(server.connections).toBe(0);
});

test("the key is in nothing that is shown", async () => {
  const server = await serve((response) => {
    if (server.requests.length === 1)
      response.writeHead(401).end(`{"error":{"message":"Bad key ${KEY}, i.e. Bearer ${KEY}"}}`);
    else response.writeHead(200, SSE_HEAD).end(textEvent("Hel"));
  });
  const credential = new OpenAICredential({
    apiKey: KEY,
    baseUrl: server.url,
    headers: { "x-gateway-key": "gateway-secret" },
  });
  const model = credential.createChatModel("gpt-4.1");
  const refused = await failureOf(model.call("Hi"));
  const cut = await failureOf(model.call("Hi"));
  expect([refused.kind, cut.kind, cut.partial?.text]).toEqual(["authentication", "truncated", "Hel"]);
  const everything = [credential, model, refused, cut, cut.partial, [credential, { model }]];
  const shown = [
    credential.toString(),
    String(refused),
    refused.body,
    refused.stack,
    cut.stack,
    ...everything.map((each) => JSON.stringify(each)),
    ...everything.map((each) => inspect(each, { depth: 9, showHidden: true })),
  ].join("\n");
  expect(shown).not.toContain(KEY);
  expect(shown).not.toContain("gateway-secret");
  expect(String(credential)).toBe("OpenAICredential(OpenAI)");
  expect(refused.message).toContain("Check the key (apiKey of OpenAICredential)");
});

test("a refused key from the environment is told by its variable", async () => {
  vi.stubEnv("MYVENDOR_SECOND_KEY", KEY);
  const server = await serve((response) => void response.writeHead(401).end("{}"));
  const error = await failureOf(
    new MyVendorCredential({ baseUrl: server.url }).createChatModel("m").call("Hi"),
  );
  expect(error.message).toContain("Check the key (MYVENDOR_SECOND_KEY)");
  expect(error).toMatchObject({ provider: "myvendor", model: "m" });
});

test("the base URL is the explicit one, else the environment's, else the vendor's, in its normal form", () => {
  const baseUrl = (given?: string): string => new MyVendorCredential({ apiKey: "k", baseUrl: given }).baseUrl;
  expect(baseUrl()).toBe("https://api.myvendor.example/v1");
  vi.stubEnv("MYVENDOR_URL", "http://localhost:8080/v1/");
  expect(baseUrl()).toBe("http://localhost:8080/v1");
  expect(baseUrl("https://gateway.example/x//")).toBe("https://gateway.example/x");
  expect(failure(() => baseUrl("")).message).toMatch(
    /^MyVendorCredential: baseUrl "" is not an absolute URL/,
  );
  vi.stubEnv("MYVENDOR_URL", "");
  expect(baseUrl()).toBe("https://api.myvendor.example/v1");
});

test.each(["", "/", "/v1", "/v1/", "/v1?tenant=a"])(
  "requests go under a base URL that ends in %j",
  async (path) => {
    const server = await serve(say);
    await new MyVendorCredential({ apiKey: "k", baseUrl: server.url + path }).createChatModel("m").call("Hi");
    const [before = "", query = ""] = path.split("?");
    expect(server.requests[0]?.url).toBe(
      `${before.replace(/\/$/, "")}/chat/completions${query && `?${query}`}`,
    );
  },
);

test("headers of one's own win over the credential's, and a call's over those", async () => {
  const server = await serve(say);
  const headers = { Authorization: "Bearer mine", "X-Gateway": "a", "x-gone": undefined };
  const model = new MyVendorCredential({ apiKey: "k", baseUrl: server.url, headers }).createChatModel("m");
  await model.call("Hi");
  await model.call("Hi", { extraHeaders: { "x-gateway": "b" } });
  expect(
    server.requests.map(({ headers: seen }) => [seen.authorization, seen["x-gateway"], seen["x-gone"]]),
  ).toEqual([
    ["Bearer mine", "a", undefined],
    ["Bearer mine", "b", undefined],
  ]);
});

test("a dispatcher of one's own is used for calls and lists", async () => {
  const server = await serve((response, request, socket) =>
    request.method === "GET" ? void response.end('{"data":[]}') : say(response, request, socket),
  );
  const origins: string[] = [];
  const dispatcher = new Agent({
    connect: (options, callback) => {
      origins.push(`${options.hostname}:${options.port}`);
      // Wherever it was to go, it goes to the server of this test.
      const socket = connect(server.port, "127.0.0.1", () => callback(null, socket));
    },
  });
  onTestFinished(() => dispatcher.destroy());
  const credential = new MyVendorCredential({
    apiKey: "k",
    baseUrl: "http://nowhere.invalid:81",
    dispatcher,
  });
  expect((await credential.createChatModel("m").call("Hi")).text).toBe("Hi");
  await credential.listModels();
  expect(new Set(origins)).toEqual(new Set(["nowhere.invalid:81"]));
  expect(server.requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
});

test("options of the account stand under the model's, the model's under the call's, and null unsets the card's", async () => {
  const server = await serve(say);
  const credential = new MyVendorCredential({
    apiKey: "k",
    baseUrl: server.url,
    options: { temperature: null, topP: 0.1, seed: 1, extraBody: { a: 1 } },
  });
  const card = { ...credential.catalog.card("m"), defaults: { temperature: 0.7, maxTokens: 5 } };
  const model = credential.createChatModel("m", { card, options: { topP: 0.2, extraBody: { b: 2 } } });
  await model.call("Hi", { seed: 2 });
  const body = JSON.parse(server.requests[0]?.body ?? "") as Record<string, unknown>;
  expect(body).toMatchObject({ top_p: 0.2, seed: 2, a: 1, b: 2 });
  expect(body).not.toHaveProperty("temperature");
  expect(Object.values(body)).toContain(5);
});

test("a list is asked for with the headers and the query that the account's calls bear", async () => {
  const server = await serve((response, request, socket) =>
    request.method === "GET" ? void response.end('{"data":[{"id":"m"}]}') : say(response, request, socket),
  );
  const credential = new MyVendorCredential({
    apiKey: "k",
    baseUrl: `${server.url}/v1?tenant=a`,
    headers: { "x-gateway": "credential", "x-team": "t" },
    options: { extraHeaders: { "X-Gateway": "options" }, extraQuery: { route: "eu", tenant: "b" } },
  });
  await credential.createChatModel("m").call("Hi");
  const cards = await credential.listModels();
  expect(cards.map(({ modelName, live }) => [modelName, live])).toEqual([["m", true]]);
  expect(server.requests.map(({ url }) => url)).toEqual([
    "/v1/chat/completions?tenant=b&route=eu",
    "/v1/models?tenant=b&route=eu",
  ]);
  for (const { headers } of server.requests) {
    expect(headers).toMatchObject({ authorization: "Bearer k", "x-gateway": "options", "x-team": "t" });
  }
});

test("what the account's options add to a list is as secret as its key", async () => {
  const server = await serve(
    (response) =>
      void response.writeHead(401).end('{"error":{"message":"gate-0123456789, door-0123456789"}}'),
  );
  const credential = new MyVendorCredential({
    apiKey: "k",
    baseUrl: server.url,
    options: {
      extraHeaders: { "x-gateway-token": "gate-0123456789" },
      extraQuery: { secret: "door-0123456789" },
    },
  });
  const error = await failureOf(credential.listModels());
  expect(error.kind).toBe("authentication");
  expect(inspect(error) + JSON.stringify(error)).not.toMatch(/(?:gate|door)-0123456789/);
});

test("models are made without any request, and share address and key", async () => {
  const server = await serve(say);
  const credential = new MyVendorCredential({ apiKey: "k", baseUrl: server.url });
  const model = credential.createChatModel("no-such-model");
  expect(model).toBeInstanceOf(credential.getChatModelClass());
  expect(credential.getChatModelClass()).toBe(OpenAIChatModel);
  expect(model).toMatchObject({ provider: "myvendor", modelName: "no-such-model" });
  expect(model.card.source).toContain("does not know");
  expect(server.connections).toBe(0);
});

test("what is stored has no key unless that is asked for, and makes the same account again", async () => {
  const credential = new OpenAICredential({
    apiKey: KEY,
    baseUrl: "https://gateway.example/v1",
    organization: "org-1",
    project: "proj-1",
    name: "Work",
    id: "cred_1",
    headers: { "x-gateway-key": "gateway-secret" },
  });
  const open = {
    type: "openai_credential",
    id: "cred_1",
    name: "Work",
    baseUrl: "https://gateway.example/v1",
    organization: "org-1",
    project: "proj-1",
  };
  expect(credential.serialize()).toEqual(open);
  expect(credential.toJSON()).toEqual(open);
  expect(credential.serialize({ secrets: false })).toEqual(open);
  const stored: unknown = JSON.parse(JSON.stringify(credential.serialize({ secrets: true })));
  expect(stored).toEqual({ ...open, apiKey: KEY, headers: { "x-gateway-key": "gateway-secret" } });
  const drop = CredentialFactory.register(OpenAICredential);
  const restored = CredentialFactory.from(stored as { type: string });
  drop();
  expect(restored).toBeInstanceOf(OpenAICredential);
  expect(restored).not.toBe(credential);
  expect(restored.serialize({ secrets: true })).toEqual(stored);
  expect(await restored.headers()).toEqual(await credential.headers());
});

test("a key that was not stored comes from the environment again", async () => {
  const stored = new MyVendorCredential({ apiKey: "mine" }).serialize();
  onTestFinished(CredentialFactory.register(MyVendorCredential));
  expect(failure(() => CredentialFactory.from(stored)).message).toContain("MYVENDOR_FIRST_KEY");
  vi.stubEnv("MYVENDOR_FIRST_KEY", "from-the-environment");
  expect(await CredentialFactory.from(stored).headers()).toEqual({
    authorization: "Bearer from-the-environment",
  });
});

test("a key function cannot be stored", () => {
  const credential = new MyVendorCredential({ apiKey: () => KEY });
  expect(credential.serialize()).not.toHaveProperty("apiKey");
  expect(failure(() => credential.serialize({ secrets: true })).message).toContain(
    "is a function and cannot be stored",
  );
});

test("every credential has an id of its own", () => {
  const [one, two] = [new MyVendorCredential({ apiKey: "k" }), new MyVendorCredential({ apiKey: "k" })];
  expect(one.id).not.toBe(two.id);
  expect(one.name).toBe("My Vendor");
});
