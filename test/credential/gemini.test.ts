import { inspect } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import {
  CredentialFactory,
  GeminiCredential,
  type GeminiChatModel,
  type GeminiCredentialOptions,
  type ModelCard,
  ModelError,
  ModelRegistry,
  VERTEX_SWITCHES,
} from "../../src/index.ts";
import { type Answer, type Loopback, serve } from "../transport/loopback.ts";
import { endEvent, framed, SSE_HEAD, textEvent } from "../model/gemini-server.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

const KEY = "gemini-test-0123456789";
const TOKEN = "ya29.test-0123456789";

async function account(
  answer: Answer,
  options: GeminiCredentialOptions = {},
): Promise<{ server: Loopback; credential: GeminiCredential }> {
  const server = await serve(answer);
  const credential = new GeminiCredential({ apiKey: KEY, baseUrl: `${server.url}/v1beta`, ...options });
  return { server, credential };
}

function find(cards: readonly ModelCard[], name: string): ModelCard | undefined {
  return cards.find(({ modelName }) => modelName === name);
}

function mistake(make: () => unknown): ModelError {
  try {
    make();
  } catch (error) {
    if (ModelError.isInstance(error)) return error;
    throw error;
  }
  return expect.fail("nothing was thrown");
}

test("the key comes from either of Google's variables, and goes into a header of its own", async () => {
  vi.stubEnv("GEMINI_API_KEY", "");
  vi.stubEnv("GOOGLE_API_KEY", "g-2");
  expect(await new GeminiCredential().headers()).toEqual({ "x-goog-api-key": "g-2" });
  vi.stubEnv("GEMINI_API_KEY", "g-1");
  expect(await new GeminiCredential().headers()).toEqual({ "x-goog-api-key": "g-1" });
  expect(await new GeminiCredential({ apiKey: KEY }).headers()).toEqual({ "x-goog-api-key": KEY });
});

test.each([
  [undefined, "https://generativelanguage.googleapis.com/v1beta"],
  ["http://127.0.0.1:1", "http://127.0.0.1:1/v1beta"],
  ["http://127.0.0.1:1/", "http://127.0.0.1:1/v1beta"],
  ["http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1"],
  ["http://127.0.0.1:1/proxy/v1beta/", "http://127.0.0.1:1/proxy/v1beta"],
])("the address %s means %s: Google's own clients leave out the version", (baseUrl, expected) => {
  expect(new GeminiCredential({ apiKey: KEY, baseUrl }).baseUrl).toBe(expected);
  vi.stubEnv("GOOGLE_GEMINI_BASE_URL", baseUrl ?? "");
  expect(new GeminiCredential({ apiKey: KEY }).baseUrl).toBe(expected);
});

test("an empty address is a mistake", () => {
  expect(mistake(() => new GeminiCredential({ apiKey: KEY, baseUrl: "" })).kind).toBe("configuration");
});

test.each([
  ["us-central1", "https://us-central1-aiplatform.googleapis.com"],
  ["global", "https://aiplatform.googleapis.com"],
  ["eu", "https://aiplatform.eu.rep.googleapis.com"],
])("Vertex AI in %s is at %s, by a token in place of a key", async (location, host) => {
  vi.stubEnv("GEMINI_API_KEY", "not-for-vertex");
  const credential = new GeminiCredential({ vertex: { project: "p-1", location, accessToken: TOKEN } });
  expect(credential.baseUrl).toBe(`${host}/v1/projects/p-1/locations/${location}/publishers/google`);
  expect(await credential.headers()).toEqual({ authorization: `Bearer ${TOKEN}` });
});

test.each([
  ["https://psc.example/", "https://psc.example/v1/projects/p/locations/eu/publishers/google"],
  ["https://gateway.example/google", "https://gateway.example/google"],
])("behind %s Vertex AI is at %s", (baseUrl, expected) => {
  const vertex = { project: "p", location: "eu", accessToken: TOKEN };
  expect(new GeminiCredential({ baseUrl, vertex }).baseUrl).toBe(expected);
  vi.stubEnv("GOOGLE_GEMINI_BASE_URL", "https://not-for-vertex.example");
  vi.stubEnv("GOOGLE_VERTEX_BASE_URL", baseUrl);
  expect(new GeminiCredential({ vertex }).baseUrl).toBe(expected);
});

test.each(["https://aiplatform.googleapis.com", "https://us-central1-aiplatform.googleapis.com/"])(
  "a key of the express mode asks %s in Vertex AI's ways, without a project",
  async (baseUrl) => {
    const express = new GeminiCredential({ apiKey: KEY, baseUrl });
    expect(express.baseUrl).toBe(`${baseUrl.replace(/\/$/, "")}/v1/publishers/google`);
    expect(await express.headers()).toEqual({ "x-goog-api-key": KEY });
    const model = express.createChatModel("gemini-2.5-flash") as GeminiChatModel;
    expect(model.switches).toEqual(VERTEX_SWITCHES);
    // No list, so nothing is asked.
    expect((await express.listModels("chat")).some((card) => "live" in card)).toBe(false);
  },
);

test("project and location come from Google's own variables", () => {
  vi.stubEnv("GOOGLE_CLOUD_PROJECT", "p-env");
  vi.stubEnv("GOOGLE_CLOUD_LOCATION", "europe-west4");
  const { vertex } = new GeminiCredential({ vertex: { accessToken: TOKEN } });
  expect(vertex).toEqual({ project: "p-env", location: "europe-west4" });
  vi.stubEnv("GOOGLE_CLOUD_LOCATION", "");
  expect(new GeminiCredential({ vertex: { accessToken: TOKEN } }).vertex?.location).toBe("global");
});

test.each<[string, GeminiCredentialOptions["vertex"], string]>([
  ["no project", { accessToken: TOKEN }, "GOOGLE_CLOUD_PROJECT"],
  ["no token", { project: "p" }, "accessToken"],
  ["a location that is none", { project: "p", location: "evil.example/", accessToken: TOKEN }, "location"],
])("Vertex AI with %s is a mistake told with what to do", (_what, vertex, said) => {
  vi.stubEnv("GOOGLE_CLOUD_PROJECT", "");
  vi.stubEnv("GEMINI_API_KEY", "not-for-vertex");
  const { kind, message } = mistake(() => new GeminiCredential({ vertex }));
  expect([kind, message.includes(said)]).toEqual(["configuration", true]);
});

test("a token is asked for anew at every request, and the call goes to the same place on the wire", async () => {
  let count = 0;
  const { server, credential } = await account(
    (response) => void response.writeHead(200, SSE_HEAD).end(framed(textEvent("Hi"), endEvent())),
    { apiKey: undefined, vertex: { project: "p", accessToken: () => `${TOKEN}-${(count += 1)}` } },
  );
  const model = credential.createChatModel("gemini-2.5-flash");
  await model.call("Hello");
  await model.call("Hello");
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
    `Bearer ${TOKEN}-1`,
    `Bearer ${TOKEN}-2`,
  ]);
  expect(server.requests[0]?.url).toBe("/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
});

const PROJECT = "/v1/projects/p/locations/eu";

test.each([
  ["endpoints/123", `${PROJECT}/endpoints/123`],
  ["projects/other/locations/eu/endpoints/123", "/v1/projects/other/locations/eu/endpoints/123"],
  [
    "projects/other/locations/eu/publishers/google/models/gemini-9",
    "/v1/projects/other/locations/eu/publishers/google/models/gemini-9",
  ],
  ["gemini-2.5-flash", `${PROJECT}/publishers/google/models/gemini-2.5-flash`],
])("on Vertex AI the model %s is at %s", async (name, path) => {
  const server = await serve((response, { url }) => {
    if (url.includes(":countTokens")) response.end('{"totalTokens":3}');
    else response.writeHead(200, SSE_HEAD).end(framed(textEvent("Hi"), endEvent()));
  });
  const vertex = { project: "p", location: "eu", accessToken: TOKEN };
  const model = new GeminiCredential({ baseUrl: server.url, vertex }).createChatModel(name);
  expect((await model.call("Hello")).text).toBe("Hi");
  expect((await model.countTokens("Hello")).tokens).toBe(3);
  expect(server.requests.map(({ url }) => url)).toEqual([
    `${path}:streamGenerateContent?alt=sse`,
    `${path}:countTokens`,
  ]);
});

test("a tuned model of the Gemini API keeps its name, and an address of Vertex AI with a path is taken as it is", async () => {
  const { server, credential } = await account(
    (response) => void response.writeHead(200, SSE_HEAD).end(framed(textEvent("Hi"), endEvent())),
  );
  await credential.createChatModel("tunedModels/mine").call("Hello");
  const vertex = { project: "p", location: "eu", accessToken: TOKEN };
  const gateway = new GeminiCredential({ baseUrl: `${server.url}/google?tenant=a`, vertex });
  await gateway.createChatModel("endpoints/123").call("Hello");
  expect(server.requests.map(({ url }) => url)).toEqual([
    "/v1beta/tunedModels/mine:streamGenerateContent?alt=sse",
    "/google/endpoints/123:streamGenerateContent?tenant=a&alt=sse",
  ]);
});

test("a stored account comes back whole, on either side; its key only when it is asked for", async () => {
  const vertex = new GeminiCredential({ vertex: { project: "p", location: "eu", accessToken: TOKEN } });
  for (const credential of [
    new GeminiCredential({ apiKey: KEY, baseUrl: "http://127.0.0.1:1/v1" }),
    vertex,
  ]) {
    for (const shown of [JSON.stringify(credential), String(credential), inspect(credential)])
      expect(shown).not.toMatch(/0123456789/);
    const stored = JSON.parse(JSON.stringify(credential.serialize({ secrets: true }))) as { type: string };
    const restored = CredentialFactory.from(stored) as GeminiCredential;
    expect(restored.baseUrl).toBe(credential.baseUrl);
    expect(restored.vertex).toEqual(credential.vertex);
    expect(await restored.headers()).toEqual(await credential.headers());
  }
});

const entry = (name: string, more: object = {}): object => ({
  name: `models/${name}`,
  supportedGenerationMethods: ["generateContent", "countTokens"],
  ...more,
});

test("the live list is read page by page, with what it tells of limits", async () => {
  const pages = [
    {
      models: [
        entry("gemini-2.5-pro", { inputTokenLimit: 2_000_000, outputTokenLimit: 65_536 }),
        entry("gemini-9-flash", {
          displayName: "Gemini 9 Flash",
          inputTokenLimit: 1000,
          outputTokenLimit: 10,
        }),
      ],
      nextPageToken: "a/b=?",
    },
    {
      models: [
        entry("gemini-embedding-9", { supportedGenerationMethods: ["embedContent"] }),
        entry("imagen-9", { supportedGenerationMethods: ["predict"] }),
        entry("aqa", { supportedGenerationMethods: ["generateAnswer"] }),
        entry("gemini-9-live", { supportedGenerationMethods: ["bidiGenerateContent"] }),
        { name: 7 },
        null,
      ],
    },
  ];
  const { server, credential } = await account(
    (response, { url }) => void response.end(JSON.stringify(pages[url.includes("pageToken=") ? 1 : 0])),
  );
  const cards = await credential.listModels();
  expect(server.requests.map(({ url }) => url)).toEqual([
    "/v1beta/models",
    `/v1beta/models?pageToken=${encodeURIComponent("a/b=?")}`,
  ]);
  expect(server.requests[0]?.headers["x-goog-api-key"]).toBe(KEY);
  expect(find(cards, "gemini-2.5-pro")).toMatchObject({
    live: true,
    contextSize: 2_000_000,
    outputSize: 65_536,
  });
  expect(find(cards, "gemini-2.5-flash")).toMatchObject({ live: false });
  expect(find(cards, "gemini-9-flash")).toMatchObject({
    live: true,
    kind: "chat",
    displayName: "Gemini 9 Flash",
    contextSize: 1000,
    outputSize: 10,
    capabilities: { reasoning: true, signedToolCalls: true },
  });
  expect(find(cards, "gemini-embedding-9")?.kind).toBe("embedding");
  expect(find(cards, "imagen-9")?.kind).toBe("image");
  expect(find(cards, "gemini-9-live")?.kind).toBe("realtime");
  expect(find(cards, "aqa")).toBeUndefined();
  expect((await credential.listModels("embedding")).every(({ kind }) => kind === "embedding")).toBe(true);
});

test("offline, and on Vertex AI, the catalogue is listed, and no card says that it is live or not", async () => {
  const { server, credential } = await account((response) => void response.writeHead(500).end());
  const vertex = new GeminiCredential({ baseUrl: server.url, vertex: { project: "p", accessToken: TOKEN } });
  for (const cards of [await credential.listModels("chat"), await vertex.listModels("chat")]) {
    expect(cards.length).toBeGreaterThan(10);
    expect(cards.some((card) => "live" in card)).toBe(false);
  }
  expect(server.requests).toHaveLength(1);
});

test("a key that is refused is an error of the list, without the key", async () => {
  const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }];
  const body = {
    error: { code: 400, message: `API key ${KEY} not valid.`, status: "INVALID_ARGUMENT", details },
  };
  const { credential } = await account((response) => void response.writeHead(400).end(JSON.stringify(body)));
  const error: unknown = await credential.listModels().catch((reason: unknown) => reason);
  if (!ModelError.isInstance(error)) throw new Error("No ModelError.");
  expect(error).toMatchObject({ kind: "authentication", code: "API_KEY_INVALID", provider: "gemini" });
  expect(error.message + (error.body ?? "")).not.toContain(KEY);
});

test.each([
  ["gemini-2.5-flash", "budgetTokens", { toolsStandAlone: true, structuredOutput: "json_schema" }],
  ["gemini-2.5-pro", "budgetTokens", { alwaysThinks: true, toolsStandAlone: true }],
  ["gemini-3.1-pro-preview", "effort", { signedToolCalls: true }],
  ["gemini-3.6-flash", "effort", { signedToolCalls: true, structuredOutput: "json_schema" }],
  ["gemini-7-pro-from-tomorrow", "effort", { signedToolCalls: true }],
  ["gemini-2.5-flash-from-tomorrow", "budgetTokens", { toolsStandAlone: true }],
])("the card of %s says that it thinks by %s, and what it can", (name, field, capabilities) => {
  const card = new GeminiCredential({ apiKey: KEY }).catalog.card(name);
  const { thinking } = card.parameterSchema["properties"] as { thinking: { properties: object } };
  const fields = Object.keys(thinking.properties).filter((each) => each !== "enabled");
  expect(fields).toEqual([field]);
  expect(card.capabilities).toMatchObject({ reasoning: true, ...capabilities });
  expect(card.outputTypes).toContain("application/x-thinking");
  expect(card.parameterSchema["properties"]).not.toHaveProperty("frequencyPenalty");
});

test("a Gemma of before knows no instructions of its own", () => {
  const { catalog } = new GeminiCredential({ apiKey: KEY });
  expect(catalog.card("gemma-3-27b-it").capabilities).toMatchObject({ systemRole: "user", reasoning: false });
  expect(catalog.card("gemma-4-31b-it").capabilities).toMatchObject({ systemRole: "system" });
});

test("the registry knows both names of the provider", () => {
  for (const id of ["gemini:gemini-2.5-flash", "google:gemini-2.5-flash"])
    expect(ModelRegistry.create(id, { apiKey: KEY })).toMatchObject({
      provider: "gemini",
      modelName: "gemini-2.5-flash",
    });
});
