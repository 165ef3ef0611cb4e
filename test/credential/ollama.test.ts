import { afterEach, expect, test, vi } from "vitest";
import { OllamaCredential } from "../../src/credential/ollama.ts";
import { ModelRegistry } from "../../src/index.ts";
import type { ModelCard } from "../../src/model/model-card.ts";
import { OllamaChatModel } from "../../src/model/ollama-chat-model.ts";
import { NDJSON_HEAD, textLines } from "../model/ollama-server.ts";
import { type Answer, type Loopback, serve } from "../transport/loopback.ts";
import { failureOf } from "../failures.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

interface Described {
  readonly capabilities?: unknown;
  readonly model_info?: unknown;
}

/** A server with these models, each with what it says of itself, or a status with which it does not. */
function having(models: Readonly<Record<string, Described | number>>): Answer {
  return (response, { method, url, body }) => {
    if (method === "GET" && url === "/api/tags") {
      response.end(JSON.stringify({ models: Object.keys(models).map((name) => ({ name, model: name })) }));
      return;
    }
    expect([method, url]).toEqual(["POST", "/api/show"]);
    const said = models[(JSON.parse(body) as { model: string }).model];
    if (typeof said === "number") response.writeHead(said).end('{"error":"it does not work"}');
    else response.end(JSON.stringify(said));
  };
}

async function account(answer: Answer): Promise<{ server: Loopback; credential: OllamaCredential }> {
  const server = await serve(answer);
  return { server, credential: new OllamaCredential({ baseUrl: server.url }) };
}

function find(cards: readonly ModelCard[], name: string): ModelCard | undefined {
  return cards.find(({ modelName }) => modelName === name);
}

test("without key and host it is the server on this machine, and no key is sent", async () => {
  vi.stubEnv("OLLAMA_HOST", "");
  const credential = new OllamaCredential();
  expect(credential.baseUrl).toBe("http://127.0.0.1:11434");
  expect(await credential.headers()).toEqual({});
});

test.each([
  ["localhost", "http://localhost:11434"],
  ["10.0.0.7:8080", "http://10.0.0.7:8080"],
  ["0.0.0.0", "http://127.0.0.1:11434"],
  ["0.0.0.0:8080", "http://127.0.0.1:8080"],
  [":8080", "http://127.0.0.1:8080"],
  ["8080", "http://127.0.0.1:8080"],
  ["host:", "http://host:11434"],
  ["http://host", "http://host"],
  ["https://host", "https://host"],
  ["https://host:8443/ollama/", "https://host:8443/ollama"],
  ["http://0.0.0.0:11434/", "http://127.0.0.1:11434"],
  ["host/ollama", "http://host:11434/ollama"],
  ["::1", "http://[::1]:11434"],
  ["[::1]:8080", "http://[::1]:8080"],
  ["[::]", "http://[::1]:11434"],
  ["ollama.com", "https://ollama.com"],
  ["https://ollama.com/api", "https://ollama.com"],
  ["http://localhost:11434/api/", "http://localhost:11434"],
  ['"localhost"', "http://localhost:11434"],
  ["  localhost  ", "http://localhost:11434"],
])("OLLAMA_HOST %j means %s, and so does it as base URL", (host, expected) => {
  expect(new OllamaCredential({ baseUrl: host }).baseUrl).toBe(expected);
  vi.stubEnv("OLLAMA_HOST", host);
  expect(new OllamaCredential().baseUrl).toBe(expected);
});

test.each(["", "a b", "host:port", "ftp://host"])("%j is no address, and told as a mistake", (baseUrl) => {
  expect(() => new OllamaCredential({ baseUrl })).toThrow(/OllamaCredential: baseUrl/);
});

test("a password in an address is refused without being repeated", () => {
  for (const baseUrl of ["http://user:hunter2@host", "user:hunter2@host:1"]) {
    expect(() => new OllamaCredential({ baseUrl })).toThrow(/^(?!.*hunter2).*user name or password/s);
  }
});

test("a key in code leads to the cloud, unless an address is set; one in the environment goes along, and nowhere else", async () => {
  vi.stubEnv("OLLAMA_HOST", "");
  expect(new OllamaCredential({ apiKey: "key-1" }).baseUrl).toBe("https://ollama.com");
  vi.stubEnv("OLLAMA_API_KEY", "key-2");
  const credential = new OllamaCredential();
  expect(credential.baseUrl).toBe("http://127.0.0.1:11434");
  expect(await credential.headers()).toEqual({ authorization: "Bearer key-2" });
  vi.stubEnv("OLLAMA_HOST", "127.0.0.1");
  expect(new OllamaCredential({ apiKey: "key-1" }).baseUrl).toBe("http://127.0.0.1:11434");
  vi.stubEnv("OLLAMA_HOST", "https://ollama.com");
  expect(new OllamaCredential().baseUrl).toBe("https://ollama.com");
});

test("the list is what the server has, each model with what it says of itself", async () => {
  const { credential, server } = await account(
    having({
      "llama3.2-vision:11b": {
        capabilities: ["completion", "vision"],
        model_info: { "general.architecture": "mllama", "mllama.context_length": 131_072 },
      },
      "mine:latest": {
        capabilities: ["completion", "tools", "thinking", "audio"],
        model_info: { "own.context_length": 8192 },
      },
      "nomic-embed-text:latest": { capabilities: ["embedding"], model_info: {} },
    }),
  );
  const cards = await credential.listModels();
  expect(server.requests).toHaveLength(4);
  expect(cards.map(({ modelName, live }) => [modelName, live])).toEqual([
    ["llama3.2-vision:11b", true],
    ["mine:latest", true],
    ["nomic-embed-text:latest", true],
  ]);
  expect(find(cards, "llama3.2-vision:11b")).toMatchObject({
    kind: "chat",
    contextSize: 131_072,
    inputTypes: ["text/plain", "image/png", "image/jpeg", "image/webp"],
    capabilities: { tools: false, reasoning: false },
    source: "Ollama model list, just now",
  });
  expect(find(cards, "llama3.2-vision:11b")?.parameterSchema["properties"]).not.toHaveProperty("thinking");
  expect(find(cards, "mine:latest")).toMatchObject({
    contextSize: 8192,
    inputTypes: ["text/plain", "audio/wav"],
    outputTypes: ["text/plain", "application/x-thinking"],
    capabilities: { tools: true, reasoning: true },
  });
  expect((await credential.listModels("embedding")).map(({ modelName }) => modelName)).toEqual([
    "nomic-embed-text:latest",
  ]);
});

test("the questions about each model bear the headers and the query of the account's calls too", async () => {
  const server = await serve((response, { method }) => {
    response.end(method === "GET" ? '{"models":[{"name":"m"}]}' : '{"capabilities":["completion"]}');
  });
  const options = { extraHeaders: { "x-gateway": "g" }, extraQuery: { route: "eu" } };
  await new OllamaCredential({ baseUrl: server.url, options }).listModels();
  expect(server.requests.map(({ url, headers }) => [url, headers["x-gateway"]])).toEqual([
    ["/api/tags?route=eu", "g"],
    ["/api/show?route=eu", "g"],
  ]);
});

test("what the server says goes before the catalogue, what it does not say stays", async () => {
  const { credential } = await account(
    having({
      "gpt-oss:20b": {
        capabilities: ["completion", "tools", "thinking"],
        model_info: { "x.context_length": 9 },
      },
    }),
  );
  const [card] = await credential.listModels("chat");
  expect(card).toMatchObject({ modelName: "gpt-oss:20b", contextSize: 9, live: true });
  expect(card?.parameterSchema["properties"]).toMatchObject({
    thinking: { properties: { effort: { enum: ["low", "medium", "high"] } } },
  });
});

test("how a model may be told to think is what the server says of it", async () => {
  const told = (thinking: unknown): object => ({ capabilities: ["completion", "thinking"], thinking });
  const { credential } = await account(
    having({
      "levels:latest": told({ values: [false, "low", "max"], default: "low" }),
      "gpt-oss:20b": told({ values: ["low", "high"], default: "low" }),
      "switch:latest": told({ values: [true, false], default: false }),
      "always:latest": told({ values: [true], default: true }),
      "never:latest": told({ values: [false], default: false }),
      "odd:latest": told({ values: "all" }),
    }),
  );
  const cards = await credential.listModels("chat");
  const known = (name: string): unknown[] => {
    const { parameterSchema, capabilities } = find(cards, name) as ModelCard;
    const { thinking } = parameterSchema["properties"] as {
      thinking?: { properties: { effort?: { enum: unknown }; enabled?: object } };
    };
    const { effort, enabled } = thinking?.properties ?? {};
    const { reasoning, alwaysThinks = false, thinksUnasked = reasoning } = capabilities;
    return [effort?.enum, enabled !== undefined, { reasoning, alwaysThinks, thinksUnasked }];
  };
  const steered = { reasoning: true, alwaysThinks: false, thinksUnasked: true };
  expect(known("levels:latest")).toEqual([["none", "low", "max"], true, steered]);
  expect(known("gpt-oss:20b")).toEqual([["low", "high"], false, { ...steered, alwaysThinks: true }]);
  expect(known("switch:latest")).toEqual([undefined, true, { ...steered, thinksUnasked: false }]);
  expect(known("always:latest")).toEqual([undefined, false, { ...steered, alwaysThinks: true }]);
  expect(known("never:latest")).toEqual([
    undefined,
    false,
    { reasoning: false, alwaysThinks: false, thinksUnasked: false },
  ]);
  expect(known("odd:latest")).toEqual([undefined, true, steered]);
});

test("a model that does not say what it is does not lose the list", async () => {
  const { credential } = await account(
    having({
      "broken:latest": 500,
      "gone:latest": 404,
      "old:latest": { model_info: { "llama.context_length": 4096 } },
      "odd:latest": { capabilities: "all", model_info: 7 },
    }),
  );
  const cards = await credential.listModels("chat");
  expect(cards.map(({ modelName, contextSize }) => [modelName, contextSize])).toEqual([
    ["broken:latest", undefined],
    ["gone:latest", undefined],
    ["old:latest", 4096],
    ["odd:latest", undefined],
  ]);
});

test("many models are described a few at a time", async () => {
  let open = 0;
  let most = 0;
  const names = Array.from({ length: 40 }, (_, index) => `m${index}:latest`);
  const { credential } = await account((response, { url }) => {
    if (url === "/api/tags") {
      response.end(JSON.stringify({ models: names.map((name) => ({ name })) }));
      return;
    }
    open += 1;
    most = Math.max(most, open);
    setTimeout(() => {
      open -= 1;
      response.end('{"capabilities":["completion"]}');
    }, 5);
  });
  expect((await credential.listModels()).map(({ modelName }) => modelName)).toEqual(names);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(8);
});

test("a server without models gives an empty list", async () => {
  const { credential } = await account(having({}));
  expect(await credential.listModels()).toEqual([]);
});

test("entries of a list that have no name are passed over", async () => {
  const { credential } = await account((response, { url }) => {
    if (url === "/api/tags") response.end('{"models":[{"name":"a:latest"},{"name":7},{},null,"x"]}');
    else response.end("{}");
  });
  expect((await credential.listModels()).map(({ modelName }) => modelName)).toEqual(["a:latest"]);
});

test("where no server answers, the catalogue is listed, and no card says that it is live or not", async () => {
  const { server, credential } = await account(having({}));
  await server.close();
  const cards = await credential.listModels("chat");
  expect(cards.length).toBeGreaterThan(10);
  expect(cards.every((card) => !("live" in card))).toBe(true);
});

test("how long a list may take can be said", async () => {
  const { credential } = await account(() => undefined);
  const cards = await credential.listModels("chat", { timeoutMs: 20 });
  expect(cards.every((card) => !("live" in card))).toBe(true);
});

test("a server that does not run is told with the way to start it", async () => {
  const { server, credential } = await account(having({}));
  await server.close();
  const model = credential.createChatModel("qwen3:8b", { options: { retry: false } });
  const error = await failureOf(model.call("Hi"));
  expect(error.kind).toBe("network");
  expect(error.message).toContain("ECONNREFUSED");
  expect(error.message).toContain("`ollama serve`");
});

test("a model that is not there is told with the way to get it", async () => {
  const { credential } = await account(
    (response) => void response.writeHead(404).end('{"error":"model \'qwen3:8b\' not found"}'),
  );
  const error = await failureOf(credential.createChatModel("qwen3:8b").call("Hi"));
  expect(error.kind).toBe("not_found");
  expect(error.message).toContain("`ollama pull qwen3:8b`");
});

test("a cloud model without an account is told with the way to sign in", async () => {
  const { credential } = await account(
    (response) => void response.writeHead(401).end('{"error":"unauthorized","signin_url":"https://a.b"}'),
  );
  const error = await failureOf(credential.createChatModel("gpt-oss:120b-cloud").call("Hi"));
  expect(error.kind).toBe("authentication");
  expect(error.message).toContain("`ollama signin`");
});

test("ids keep what follows the first colon; the model speaks Ollama's own wire under the server's address", async () => {
  const server = await serve((response) => void response.writeHead(200, NDJSON_HEAD).end(textLines("Hi")));
  vi.stubEnv("OLLAMA_HOST", `${server.url}/some/proxy`);
  const model = ModelRegistry.create("ollama:gpt-oss:20b");
  expect(model).toBeInstanceOf(OllamaChatModel);
  expect((await model.call("Hello")).text).toBe("Hi");
  expect(server.requests[0]?.url).toBe("/some/proxy/api/chat");
  expect(JSON.parse(server.requests[0]?.body ?? "")).toMatchObject({ model: "gpt-oss:20b" });
});

test.each([
  ["qwen3.5:latest", { contextSize: 262_144 }],
  ["gpt-oss:120b-cloud", { contextSize: 131_072 }],
  ["glm-5:cloud", { contextSize: 202_752 }],
])("%s is the model that it stands for", (name, expected) => {
  expect(new OllamaCredential().catalog.card(name)).toMatchObject({ modelName: name, ...expected });
});

test("cards of unknown models are what their names tell", () => {
  const card = (name: string): ModelCard => new OllamaCredential().catalog.card(name);
  expect(card("qwen3:4b").capabilities).toMatchObject({ reasoning: true, tools: true });
  expect(card("qwen3:4b-instruct").capabilities.reasoning).toBe(false);
  expect(card("deepseek-r1:7b").inputTypes).toEqual(["text/plain"]);
  expect(card("llama3.2-vision").inputTypes).toContain("image/png");
  expect(card("llama3.2").inputTypes).toEqual(["text/plain"]);
  expect(card("someone/their-model:7b").inputTypes).toContain("image/png");
  expect(card("mxbai-embed-large").kind).toBe("embedding");
});

test("no card of the catalogue carries media that the wire does not", () => {
  const types = new OllamaCredential().catalog.cards("chat").flatMap(({ inputTypes }) => inputTypes);
  expect([...new Set(types)].toSorted()).toEqual(["image/jpeg", "image/png", "image/webp", "text/plain"]);
});
