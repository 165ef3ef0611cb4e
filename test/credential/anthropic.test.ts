import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AnthropicCredential } from "../../src/credential/anthropic.ts";
import { CredentialFactory } from "../../src/index.ts";
import { ModelError } from "../../src/error/model-error.ts";
import type { ModelCard } from "../../src/model/model-card.ts";
import { ModelRegistry } from "../../src/model/model-registry.ts";
import { type Answer, type Loopback, serve } from "../transport/loopback.ts";

const KEY = "sk-ant-test-0123456789";
const VERSION = { "anthropic-version": "2023-06-01" };

beforeEach(() => {
  for (const name of ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"])
    vi.stubEnv(name, "");
});

afterEach(() => {
  vi.unstubAllEnvs();
});

async function account(
  answer: Answer,
  path = "",
): Promise<{ server: Loopback; credential: AnthropicCredential }> {
  const server = await serve(answer);
  return { server, credential: new AnthropicCredential({ apiKey: KEY, baseUrl: server.url + path }) };
}

const supported = (value: boolean): object => ({ supported: value });

function find(cards: readonly ModelCard[], name: string): ModelCard | undefined {
  return cards.find(({ modelName }) => modelName === name);
}

test("a key has a header of its own, a token is a bearer's", async () => {
  expect(await new AnthropicCredential({ apiKey: KEY }).headers()).toEqual({ ...VERSION, "x-api-key": KEY });
  expect(await new AnthropicCredential({ apiKey: KEY, auth: "bearer" }).headers()).toEqual({
    ...VERSION,
    authorization: `Bearer ${KEY}`,
  });
});

test("key, token and address come from Anthropic's own variables, the key first", async () => {
  vi.stubEnv("ANTHROPIC_BASE_URL", "http://127.0.0.1:1/v1/");
  vi.stubEnv("ANTHROPIC_AUTH_TOKEN", "token-env");
  expect(await new AnthropicCredential().headers()).toEqual({
    ...VERSION,
    authorization: "Bearer token-env",
  });
  vi.stubEnv("ANTHROPIC_API_KEY", "key-env");
  const credential = new AnthropicCredential();
  expect(await credential.headers()).toEqual({ ...VERSION, "x-api-key": "key-env" });
  expect(credential.baseUrl).toBe("http://127.0.0.1:1/v1");
  expect(await new AnthropicCredential({ apiKey: KEY }).headers()).toMatchObject({ "x-api-key": KEY });
});

test("another version of the API may be asked for", async () => {
  const headers = { "Anthropic-Version": "2026-10-21" };
  expect(await new AnthropicCredential({ apiKey: KEY, headers }).headers()).toEqual({
    "anthropic-version": "2026-10-21",
    "x-api-key": KEY,
  });
});

test.each(["", "/", "/v1", "/v1/"])("the address may end with %j", async (path) => {
  const { server, credential } = await account(
    (response) => void response.end('{"type":"message","content":[],"stop_reason":"end_turn"}'),
    path,
  );
  await credential.createChatModel("claude-opus-4-8").call("Hi", { stream: false });
  await credential.listModels();
  expect(server.requests.map(({ url }) => url)).toEqual(["/v1/messages", "/v1/models?limit=1000"]);
});

test("stored and restored it sends its key the same way", async () => {
  const credential = new AnthropicCredential({ apiKey: KEY, auth: "bearer" });
  const stored = credential.serialize({ secrets: true });
  expect(await (CredentialFactory.from(stored) as AnthropicCredential).headers()).toEqual(
    await credential.headers(),
  );
  expect(JSON.stringify(credential)).not.toContain(KEY);
});

test("the live list is read page by page, and tells what models can do", async () => {
  const pages = [
    {
      data: [
        { type: "model", id: "claude-opus-4-8", display_name: "Opus", max_tokens: 200_000 },
        {
          type: "model",
          id: "claude-opus-9",
          display_name: "Claude Opus 9",
          lifecycle: "active",
          max_input_tokens: 2_000_000,
          max_tokens: 256_000,
          capabilities: {
            structured_outputs: supported(true),
            image_input: supported(true),
            pdf_input: supported(false),
            effort: { supported: true, low: supported(true), high: supported(true), xhigh: null },
            thinking: {
              supported: true,
              types: { adaptive: supported(true), enabled: supported(false), disabled: supported(false) },
            },
          },
        },
      ],
      has_more: true,
      last_id: "claude-opus-9",
    },
    {
      data: [
        {
          id: "claude-haiku-9",
          lifecycle: "deprecated",
          capabilities: {
            thinking: { supported: true, types: { enabled: supported(true), disabled: supported(true) } },
            effort: { low: supported(true) },
          },
        },
        { id: 7 },
        null,
      ],
      has_more: false,
      last_id: "claude-haiku-9",
    },
  ];
  let page = 0;
  const { server, credential } = await account(
    (response) => void response.end(JSON.stringify(pages[page++])),
  );
  const cards = await credential.listModels("chat");
  expect(server.requests.map(({ url }) => url)).toEqual([
    "/v1/models?limit=1000",
    "/v1/models?limit=1000&after_id=claude-opus-9",
  ]);
  expect(server.requests[1]?.headers).toMatchObject({ ...VERSION, "x-api-key": KEY });
  expect(find(cards, "claude-opus-4-8")).toMatchObject({ live: true, outputSize: 200_000 });
  expect(find(cards, "claude-haiku-4-5")).toMatchObject({ live: false });
  expect(find(cards, "claude-opus-9")).toMatchObject({
    live: true,
    displayName: "Claude Opus 9",
    contextSize: 2_000_000,
    outputSize: 256_000,
    inputTypes: ["text/plain", "image/png", "image/jpeg", "image/gif", "image/webp"],
    capabilities: { structuredOutput: "json_schema", adaptiveThinking: true, alwaysThinks: true },
    parameterSchema: { properties: { thinking: { properties: { effort: { enum: ["low", "high"] } } } } },
  });
  expect(find(cards, "claude-haiku-9")).toMatchObject({
    status: "deprecated",
    parameterSchema: {
      properties: {
        thinking: { properties: { effort: { enum: ["none", "low"] }, budgetTokens: { minimum: 1024 } } },
      },
    },
  });
});

test.each([
  '{"data":"x"}',
  '{"data":[{"id":"m","capabilities":7}],"has_more":true,"last_id":""}',
  '{"data":[{"id":"m","capabilities":{"effort":7,"thinking":{"types":5}}}],"has_more":1}',
  "[]",
  "null",
])("a list that reads %s does no harm", async (body) => {
  const { credential } = await account((response) => void response.end(body));
  expect((await credential.listModels("chat")).length).toBeGreaterThan(10);
});

test("a key that is refused is an error of the list, without the key", async () => {
  const body = {
    type: "error",
    error: { type: "authentication_error", message: `invalid x-api-key ${KEY}` },
  };
  const { credential } = await account((response) => void response.writeHead(401).end(JSON.stringify(body)));
  const error: unknown = await credential.listModels().catch((reason: unknown) => reason);
  if (!ModelError.isInstance(error)) throw new Error("No ModelError.");
  expect(error).toMatchObject({ kind: "authentication", status: 401, provider: "anthropic" });
  expect(error.message + error.body).not.toContain(KEY);
});

const thinkingOf = (name: string): unknown => {
  const { parameterSchema } = ModelRegistry.create(`anthropic:${name}`, { apiKey: KEY }).card;
  return (parameterSchema["properties"] as { thinking?: { properties: Record<string, unknown> } }).thinking
    ?.properties;
};

test("the cards know how each generation thinks, samples and is held to a form", () => {
  const card = (name: string): ModelCard => ModelRegistry.create(`anthropic:${name}`, { apiKey: KEY }).card;
  const off = { enabled: { type: "boolean" } };
  const budget = { budgetTokens: { type: "integer", minimum: 1024 } };
  const levels = (...names: string[]): object => ({ effort: { type: "string", enum: names } });
  expect(thinkingOf("claude-3-haiku-20240307")).toBeUndefined();
  expect(thinkingOf("claude-sonnet-4-0")).toEqual({ ...off, ...budget });
  expect(thinkingOf("claude-haiku-4-5")).toEqual({ ...off, ...budget });
  expect(thinkingOf("claude-opus-4-5")).toEqual({
    ...off,
    ...budget,
    ...levels("none", "low", "medium", "high"),
  });
  expect(thinkingOf("claude-opus-4-6-20260205")).toMatchObject(
    levels("none", "low", "medium", "high", "max"),
  );
  const all = ["low", "medium", "high", "xhigh", "max"];
  for (const name of [
    "claude-opus-4-8",
    "claude-opus-5",
    "claude-sonnet-5",
    "claude-haiku-5-5",
    "claude-new-7",
  ]) {
    expect(thinkingOf(name)).toEqual({ ...off, ...levels("none", ...all) });
    expect(card(name).capabilities).toMatchObject({
      adaptiveThinking: true,
      prefill: false,
      sampling: "never",
      structuredOutput: "json_schema",
    });
    expect(card(name).capabilities).not.toHaveProperty("alwaysThinks");
  }
  for (const name of ["claude-fable-5", "claude-fable-5-2", "claude-opus-5-5", "claude-mythos-5"]) {
    expect(thinkingOf(name)).toEqual(levels(...all));
    expect(card(name).capabilities).toMatchObject({ alwaysThinks: true, sampling: "never" });
  }
  expect(card("claude-haiku-4-5").capabilities).toMatchObject({
    prefill: true,
    sampling: "always",
    structuredOutput: "json_schema",
  });
  expect(card("claude-sonnet-4-20250514").capabilities).toMatchObject({
    prefill: true,
    structuredOutput: "json_object",
  });
  expect(card("claude-haiku-4-5").outputTypes).toContain("application/x-thinking");
});
