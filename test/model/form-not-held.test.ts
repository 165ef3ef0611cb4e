import { expect, test } from "vitest";
import {
  type ChatModelBase,
  type GenerateOptions,
  type JsonSchema,
  type ModelCard,
  UnsupportedError,
} from "rxscope";
import { serve } from "../transport/loopback.ts";
import { modelAt as anthropicAt } from "./anthropic-server.ts";
import { modelAt as dashscopeAt } from "./dashscope-server.ts";
import { modelAt as geminiAt } from "./gemini-server.ts";
import { ollamaAt } from "./ollama-server.ts";
import { modelAt as openaiAt } from "./openai-server.ts";

type Make = (baseUrl: string, init?: { readonly card: ModelCard }) => ChatModelBase;

function lacking(make: Make, capabilities: ModelCard["capabilities"]): Make {
  return (baseUrl) => make(baseUrl, { card: { ...make(baseUrl).card, capabilities } });
}

const CITY = { type: "object", properties: { city: { type: "string" } } };
const WORDS = { type: "object", additionalProperties: { type: "string" } };
const none = { structuredOutput: "none" } as const;
const jsonOnly = { structuredOutput: "json_object" } as const;

test.each<[says: string, make: Make, schema?: JsonSchema]>([
  ["OpenAI, by its card", lacking(openaiAt, jsonOnly)],
  ["OpenAI, without a JSON mode", lacking(openaiAt, none)],
  ["OpenAI's wire, by its switches", (url) => openaiAt(url, { switches: jsonOnly })],
  ["Gemini", lacking(geminiAt, jsonOnly)],
  ["Gemini, without a JSON mode", lacking(geminiAt, none)],
  ["Ollama", lacking(ollamaAt, jsonOnly)],
  ["Ollama, without a JSON mode", lacking(ollamaAt, none)],
  ["DashScope", lacking(dashscopeAt, jsonOnly)],
  ["Anthropic", lacking(anthropicAt, none)],
  ["Anthropic, for a schema that it cannot say", anthropicAt, WORDS],
  ["a card without the option", (url) => withoutFormats(openaiAt, url)],
])(
  "a schema that cannot go along is a warning, or with orFail an error before the request: %s",
  async (...row) => {
    const [, make, schema = CITY] = row;
    const server = await serve((response) => void response.writeHead(418).end());
    const model = make(server.url);
    const asked = (orFail: boolean): GenerateOptions => ({
      responseFormat: { type: "json_schema", schema, orFail },
      retry: false,
    });
    await expect(model.call("Hi", asked(true))).rejects.toBeInstanceOf(UnsupportedError);
    expect(server.requests).toEqual([]);
    await expect(model.call("Hi", asked(false))).rejects.toMatchObject({ status: 418 });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.body).not.toContain("properties");
  },
);

function withoutFormats(make: Make, baseUrl: string): ChatModelBase {
  const { card } = make(baseUrl);
  const { responseFormat: _format, ...properties } = card.parameterSchema["properties"] as Record<
    string,
    unknown
  >;
  return make(baseUrl, { card: { ...card, parameterSchema: { type: "object", properties } } });
}

test("a structured answer goes on to the next way where the schema cannot go along", async () => {
  const server = await serve((response) => void response.writeHead(418).end());
  const model = openaiAt(server.url, { switches: jsonOnly, options: { retry: false } });
  await expect(model.structured("Hi", CITY)).rejects.toMatchObject({ status: 418 });
  // The first that was sent is the second way: a tool.
  expect(JSON.parse(server.requests[0]?.body ?? "")).toMatchObject({
    tools: [{ function: { name: "answer" } }],
  });
});
