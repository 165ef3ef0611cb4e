import { afterEach, expect, test, vi } from "vitest";
import { AzureOpenAICredential, type AzureOpenAICredentialOptions } from "../../src/credential/azure.ts";
import { type Answer, type Loopback, serve } from "../transport/loopback.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

const RESULTS = {
  hate: { filtered: false, severity: "safe" },
  violence: { filtered: false, severity: "low" },
};

/** An answer with the filter's chunks before, between and after, as Azure sends them. */
const filtered: Answer = (response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const events = [
    {
      choices: [],
      id: "",
      model: "",
      prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }],
    },
    {
      id: "chatcmpl-1",
      model: "gpt-4.1-2025-04-14",
      choices: [{ index: 0, delta: { content: "Hello" }, content_filter_results: RESULTS }],
    },
    { choices: [{ index: 0, delta: {}, finish_reason: "stop", content_filter_results: {} }] },
    {
      choices: [
        {
          index: 0,
          content_filter_offsets: { check_offset: 5 },
          content_filter_results: { violence: { filtered: false, severity: "safe" } },
        },
      ],
    },
  ];
  response.end(`${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")}data: [DONE]\n\n`);
};

async function account(
  options: AzureOpenAICredentialOptions = {},
  answer: Answer = filtered,
): Promise<{ server: Loopback; credential: AzureOpenAICredential }> {
  const server = await serve(answer);
  return {
    server,
    credential: new AzureOpenAICredential({
      baseUrl: server.url,
      apiKey: "azure-key-0123456789",
      ...options,
    }),
  };
}

test("Q168 the undated API is reached under /openai/v1, with the key in its own header", async () => {
  const { server, credential } = await account();
  await credential.createChatModel("prod").call("Hi");
  const [request] = server.requests;
  expect(request).toMatchObject({ method: "POST", url: "/openai/v1/chat/completions" });
  expect(request?.headers).toMatchObject({ "api-key": "azure-key-0123456789" });
  expect(request?.headers).not.toHaveProperty("authorization");
});

test("a dated API is reached under the deployment, with the version in the query", async () => {
  const { server, credential } = await account({ apiVersion: "2024-10-21" });
  await credential.createChatModel("my prod").call("Hi");
  expect(server.requests[0]?.url).toBe(
    "/openai/deployments/my%20prod/chat/completions?api-version=2024-10-21",
  );
});

test("an address with a path is used as it is", async () => {
  const server = await serve(filtered);
  const baseUrl = `${server.url}/api/projects/p/openai/v1`;
  const credential = new AzureOpenAICredential({ baseUrl, apiKey: "azure-key-0123456789" });
  await credential.createChatModel("prod").call("Hi");
  expect(server.requests[0]?.url).toBe("/api/projects/p/openai/v1/chat/completions");
});

test.each([
  ["v1", "/openai/v1/chat/completions?api-version=v1"],
  ["preview", "/openai/v1/chat/completions?api-version=preview"],
  [" ", "/openai/v1/chat/completions"],
])("the version %j is not a dated one", async (apiVersion, url) => {
  const { server, credential } = await account({ apiVersion });
  await credential.createChatModel("prod").call("Hi");
  expect(server.requests[0]?.url).toBe(url);
});

test.each([
  ["2024-06-01", false],
  ["2024-09-01-preview", true],
  ["v1", true],
  [undefined, true],
])("version %s is asked for the usage of a stream: %s", async (apiVersion, isAsked) => {
  const { server, credential } = await account({ apiVersion });
  await credential.createChatModel("prod").call("Hi");
  const body = JSON.parse(server.requests[0]?.body ?? "") as object;
  expect("stream_options" in body).toBe(isAsked);
});

test("a blank variable is no version", () => {
  vi.stubEnv("OPENAI_API_VERSION", "  ");
  const credential = new AzureOpenAICredential({ baseUrl: "https://r.example", apiKey: "k" });
  expect(credential.apiVersion).toBeUndefined();
});

test("a project of Foundry is reached under its v1 API, a query of the address stays", async () => {
  const server = await serve(filtered);
  const baseUrl = `${server.url}/api/projects/p/?tenant=t`;
  await new AzureOpenAICredential({ baseUrl, apiKey: "azure-key-0123456789" })
    .createChatModel("prod")
    .call("Hi");
  expect(server.requests[0]?.url).toBe("/api/projects/p/openai/v1/chat/completions?tenant=t");
});

test("Q168 an Entra token is fetched for each request and sent as a bearer token", async () => {
  let count = 0;
  const { server, credential } = await account({
    apiKey: undefined,
    accessToken: () => Promise.resolve(`token-${(count += 1)}-0123456789`),
  });
  const model = credential.createChatModel("prod");
  await model.call("Hi");
  await model.call("Hi");
  expect(server.requests.map(({ headers }) => headers["authorization"])).toEqual([
    "Bearer token-1-0123456789",
    "Bearer token-2-0123456789",
  ]);
  expect(server.requests[0]?.headers).not.toHaveProperty("api-key");
});

test("key, token, endpoint and version come from Azure's own variables; a key goes before a token", async () => {
  vi.stubEnv("AZURE_OPENAI_ENDPOINT", "https://res.openai.azure.com/");
  vi.stubEnv("AZURE_OPENAI_AD_TOKEN", "token-env");
  vi.stubEnv("OPENAI_API_VERSION", "2024-10-21");
  const byToken = new AzureOpenAICredential();
  expect(await byToken.headers()).toEqual({ authorization: "Bearer token-env" });
  expect([byToken.baseUrl, byToken.apiVersion]).toEqual(["https://res.openai.azure.com", "2024-10-21"]);
  vi.stubEnv("AZURE_OPENAI_API_KEY", " ");
  expect(await new AzureOpenAICredential().headers()).toEqual({ authorization: "Bearer token-env" });
  vi.stubEnv("AZURE_OPENAI_API_KEY", "key-env");
  expect(await new AzureOpenAICredential().headers()).toEqual({ "api-key": "key-env" });
});

test("without an endpoint, or with two ways to prove who one is, it is a mistake told at construction", () => {
  expect(() => new AzureOpenAICredential({ apiKey: "k" })).toThrow(/AZURE_OPENAI_ENDPOINT/);
  expect(
    () => new AzureOpenAICredential({ baseUrl: "https://r.example", apiKey: "k", accessToken: "t" }),
  ).toThrow(/not both/);
});

test("Q168 the card is that of the model behind the deployment", async () => {
  const { credential } = await account({ deployments: { prod: "o3" } });
  const { card } = credential.createChatModel("prod");
  expect(card).toMatchObject({ provider: "azure", modelName: "prod", displayName: "o3" });
  expect(card.capabilities).toMatchObject({ reasoning: true, systemRole: "developer" });
  expect(credential.createChatModel("gpt-4.1").card).toMatchObject({ contextSize: 1_047_576 });
});

test("what the content filter said is kept, the worst of each category", async () => {
  const { credential } = await account();
  const { text, finishReason, metadata, model } = await credential.createChatModel("prod").call("Hi");
  expect([text, finishReason, model]).toEqual(["Hello", "stop", "gpt-4.1-2025-04-14"]);
  expect(metadata).toMatchObject({
    promptFilterResults: [{ prompt_index: 0, content_filter_results: {} }],
    contentFilterResults: RESULTS,
  });
});

test("a blocked prompt is a content_filter error that keeps what the filter said", async () => {
  const error = {
    message: "The response was filtered due to the prompt triggering the content management policy.",
    type: null,
    param: "prompt",
    code: "content_filter",
    status: 400,
    innererror: { code: "ResponsibleAIPolicyViolation", content_filter_result: RESULTS },
  };
  const { credential } = await account({}, (response) => {
    response.writeHead(400, { "content-type": "application/json" });
    response.end(JSON.stringify({ error }));
  });
  const failure: unknown = await credential
    .createChatModel("prod")
    .call("Hi")
    .catch((reason: unknown) => reason);
  expect(failure).toMatchObject({ kind: "content_filter", status: 400, code: "content_filter" });
  expect((failure as { body?: string }).body).toContain("ResponsibleAIPolicyViolation");
});

test("a stored token comes back as a token", async () => {
  const account = { baseUrl: "https://r.example", accessToken: "token-0123456789" };
  const stored = new AzureOpenAICredential(account).serialize({ secrets: true });
  expect(stored).toMatchObject({ accessToken: "token-0123456789" });
  expect(stored).not.toHaveProperty("apiKey");
  const restored = new AzureOpenAICredential(stored);
  expect(await restored.headers()).toEqual({ authorization: "Bearer token-0123456789" });
});

test("it is stored with its version and deployments", async () => {
  const { credential } = await account({ apiVersion: "2024-10-21", deployments: { prod: "gpt-4.1" } });
  expect(credential.serialize()).toMatchObject({
    type: "azure_openai_credential",
    apiVersion: "2024-10-21",
    deployments: { prod: "gpt-4.1" },
  });
});
