import { afterEach, expect, test, vi } from "vitest";
import { OpenAICredential } from "../../src/credential/openai.ts";
import { ModelError } from "../../src/error/model-error.ts";
import type { ModelCard } from "../../src/model/model-card.ts";
import { type Answer, type Loopback, serve, until } from "../transport/loopback.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

function listing(...ids: readonly string[]): Answer {
  return (response) =>
    void response.end(JSON.stringify({ object: "list", data: ids.map((id) => ({ id, object: "model" })) }));
}

async function account(answer: Answer): Promise<{ server: Loopback; credential: OpenAICredential }> {
  const server = await serve(answer);
  return {
    server,
    credential: new OpenAICredential({ apiKey: "sk-test-0123456789", baseUrl: `${server.url}/v1` }),
  };
}

function find(cards: readonly ModelCard[], name: string): ModelCard | undefined {
  return cards.find(({ modelName }) => modelName === name);
}

test("organisation and project are headers, from the options or the environment", async () => {
  expect(await new OpenAICredential({ apiKey: "k-1" }).headers()).toEqual({ authorization: "Bearer k-1" });
  vi.stubEnv("OPENAI_ORG_ID", "org-env");
  vi.stubEnv("OPENAI_PROJECT_ID", "proj-env");
  expect(await new OpenAICredential({ apiKey: "k-1", project: "proj-1" }).headers()).toEqual({
    authorization: "Bearer k-1",
    "openai-organization": "org-env",
    "openai-project": "proj-1",
  });
});

test("blank variables name no organization and no project", async () => {
  vi.stubEnv("OPENAI_ORG_ID", " ");
  vi.stubEnv("OPENAI_PROJECT_ID", "");
  expect(await new OpenAICredential({ apiKey: "k-1" }).headers()).toEqual({ authorization: "Bearer k-1" });
});

test("models that see pictures read PDF documents, also where the sources do not tell", () => {
  const { catalog } = new OpenAICredential({ apiKey: "k-1" });
  for (const name of ["gpt-4.1-nano", "gpt-5", "gpt-5.4-mini", "o4-mini"])
    expect(catalog.card(name).inputTypes).toContain("application/pdf");
  for (const name of ["gpt-4-turbo", "o3-mini", "gpt-audio-mini", "gpt-4o-audio-preview"])
    expect(catalog.card(name).inputTypes).not.toContain("application/pdf");
});

test("key and address come from OpenAI's own variables", async () => {
  vi.stubEnv("OPENAI_API_KEY", "sk-env");
  vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1/");
  const credential = new OpenAICredential();
  expect(await credential.headers()).toEqual({ authorization: "Bearer sk-env" });
  expect(credential.baseUrl).toBe("http://127.0.0.1:1/v1");
});

test("the live list is merged over the catalogue, each card with a flag", async () => {
  const { server, credential } = await account(listing("gpt-4.1", "gpt-99-new", "text-embedding-3-small"));
  const cards = await credential.listModels();
  expect(server.requests[0]).toMatchObject({ method: "GET", url: "/v1/models" });
  expect(find(cards, "gpt-4.1")).toMatchObject({ live: true, kind: "chat" });
  expect(find(cards, "gpt-4o")).toMatchObject({ live: false });
  expect(find(cards, "gpt-99-new")).toMatchObject({ live: true, source: "OpenAI model list, just now" });
  expect(find(cards, "text-embedding-3-small")).toMatchObject({ live: true, kind: "embedding" });
  const names = cards.map(({ modelName }) => modelName);
  expect(new Set(names).size).toBe(names.length);
});

test("a kind is all that is listed when it is asked for", async () => {
  const { credential } = await account(listing("gpt-4.1", "text-embedding-3-small"));
  const cards = await credential.listModels("embedding");
  expect(cards.length).toBeGreaterThan(0);
  expect(new Set(cards.map(({ kind }) => kind))).toEqual(new Set(["embedding"]));
});

test("the bundled cards are not changed by a live list", async () => {
  const { credential } = await account(listing("gpt-4.1"));
  await credential.listModels();
  expect(credential.catalog.card("gpt-4.1")).not.toHaveProperty("live");
});

test("offline the catalogue is listed, and no card says that it is live or not", async () => {
  const { server, credential } = await account(listing());
  await server.close();
  const cards = await credential.listModels("chat");
  expect(cards.length).toBeGreaterThan(10);
  expect(cards.every((card) => !("live" in card))).toBe(true);
});

test.each<[string, Answer]>([
  ["a server error", (response) => void response.writeHead(500).end("oops")],
  ["no such page", (response) => void response.writeHead(404).end('{"detail":"Not Found"}')],
  ["a page of a proxy", (response) => void response.end("<html>Sign in</html>")],
  ["JSON that is no list", (response) => void response.end('{"models":[]}')],
])("%s in place of a list is as good as being offline", async (_name, answer) => {
  const { credential } = await account(answer);
  const cards = await credential.listModels("chat");
  expect(cards.length).toBeGreaterThan(10);
  expect(cards.every((card) => !("live" in card))).toBe(true);
});

test("entries of a list that have no name are passed over", async () => {
  const { credential } = await account(
    (response) => void response.end('{"data":[{"id":"gpt-4.1"},{"id":7},{},null]}'),
  );
  const cards = await credential.listModels("chat");
  expect(cards.filter(({ live }) => live).map(({ modelName }) => modelName)).toEqual(["gpt-4.1"]);
});

test.each([
  [401, "authentication"],
  [403, "permission"],
])("a key that is refused with %i is an error of the list, without the key", async (status, kind) => {
  const { credential } = await account(
    (response) => void response.writeHead(status).end('{"error":{"message":"Bad key sk-test-0123456789"}}'),
  );
  const error: unknown = await credential.listModels().catch((reason: unknown) => reason);
  if (!ModelError.isInstance(error)) throw new Error("No ModelError.");
  expect(error).toMatchObject({ kind, status, provider: "openai" });
  expect(error.message).toContain("(model list)");
  expect(error.message + error.body).not.toContain("sk-test-0123456789");
});

test("a list that is asked for leaves no connection that is not idle", async () => {
  const { server, credential } = await account(listing("gpt-4.1"));
  await credential.listModels();
  await server.close();
  await until(() => server.open === 0);
});

test("a listed model can be made, known or not", async () => {
  const { credential } = await account(listing("gpt-99-new"));
  const card = (await credential.listModels("chat")).find(({ live }) => live);
  const model = credential.createChatModel(card?.modelName ?? "");
  expect(model).toMatchObject({ provider: "openai", modelName: "gpt-99-new" });
});
