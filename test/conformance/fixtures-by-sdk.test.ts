import Anthropic from "@anthropic-ai/sdk";
import { ApiError, type GenerateContentResponse, GoogleGenAI, type Part } from "@google/genai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anthropicFixtures } from "../../src/testing/conformance/anthropic-fixtures.ts";
import { ByteServer } from "../../src/testing/conformance/byte-server.ts";
import { geminiFixtures } from "../../src/testing/conformance/gemini-fixtures.ts";
import type { AnswerPart, ExpectedBlock, WireFixtures } from "../../src/testing/conformance/wire-fixtures.ts";

// The bytes are held to what the providers' own clients read in them, so that they are not only what our models expect.

let server: ByteServer;

beforeAll(async () => {
  server = await ByteServer.start();
});

afterAll(async () => {
  await server.close();
});

/** Serves the events of a stream to whoever asks next. */
function serve({ streamType }: WireFixtures, pieces: readonly string[]): void {
  server.script({ headers: { "content-type": streamType }, pieces });
}

function serveWhole(body: string, status = 200): void {
  server.script({ status, headers: { "content-type": "application/json" }, pieces: [body] });
}

/** A bit of everything. */
const PARTS = (finish: string): readonly AnswerPart[] => [
  { thinking: "Let me " },
  { thinking: "see." },
  { text: "It is " },
  { text: "4." },
  { tool: { index: 0, id: "call_1", name: "look_up", arguments: '{"word":' } },
  { tool: { index: 0, arguments: '"four"}' } },
  { tool: { index: 1, id: "call_2", name: "get_time", arguments: "{}" } },
  { finish },
  { usage: { input: 100, output: 50, cacheRead: 60, cacheWrite: 30, reasoning: 20 } },
  { end: true },
];

const EXPECTED: readonly ExpectedBlock[] = [
  { thinking: "Let me see." },
  { text: "It is 4." },
  { tool: "look_up", input: { word: "four" } },
  { tool: "get_time", input: {} },
];

const anthropic = anthropicFixtures();

function anthropicClient(): Anthropic {
  return new Anthropic({ apiKey: "k", authToken: null, baseURL: server.url, maxRetries: 0 });
}

const ask: Anthropic.MessageCreateParamsNonStreaming = {
  model: "claude-x",
  max_tokens: 9,
  messages: [{ role: "user", content: "Hi" }],
};

function anthropicBlocks(content: readonly Anthropic.ContentBlock[]): unknown[] {
  return content.map((block) => {
    if (block.type === "thinking") return { thinking: block.thinking };
    if (block.type === "redacted_thinking") return { thinking: "" };
    if (block.type === "text") return { text: block.text };
    return block.type === "tool_use" ? { tool: block.name, input: block.input } : block;
  });
}

/** What is looked at in every client's reading of an expected block. */
function essential(block: ExpectedBlock): unknown {
  if ("tool" in block) return { tool: block.tool, input: block.input };
  return "text" in block ? { text: block.text } : { thinking: block.thinking };
}

/** Shapes that are made for readers who take more than the client does. */
const BEYOND_ANTHROPIC: ReadonlySet<string> = new Set([
  "unknown fields, events and deltas",
  "events without names",
  "events without content",
  "the same beginning twice",
  "a block that stays empty",
  "blocks with gaps between their indexes",
  "a call that nowhere has any",
  "beside the reason only",
  "work of the provider's own tools",
  "a block that nobody knows yet",
]);

test.each(
  Object.entries(anthropic.shapes)
    .flatMap(([id, shapes]) => shapes.map((shape) => [id, shape.title, shape] as const))
    .filter(([, title]) => !BEYOND_ANTHROPIC.has(title)),
)("Anthropic's client reads %s, %s", async (_id, _title, { events, expect: expected }) => {
  serve(anthropic, events);
  const message = await anthropicClient().messages.stream(ask).finalMessage();
  expect(anthropicBlocks(message.content)).toEqual(expected.content.map(essential));
  if (expected.rawFinishReason !== undefined) expect(message.stop_reason).toBe(expected.rawFinishReason);
  expect(message.usage.output_tokens).toBe(expected.usage?.outputTokens);
});

test("Anthropic's client reads the same in a stream and in one piece", async () => {
  serve(anthropic, anthropic.stream(PARTS("tool_use")));
  serveWhole(anthropic.whole(PARTS("tool_use")));
  for (const message of [
    await anthropicClient().messages.stream(ask).finalMessage(),
    await anthropicClient().messages.create(ask),
  ]) {
    expect(anthropicBlocks(message.content)).toEqual(EXPECTED);
    expect(message).toMatchObject({
      stop_reason: "tool_use",
      usage: {
        input_tokens: 10,
        output_tokens: 50,
        cache_read_input_tokens: 60,
        cache_creation_input_tokens: 30,
        output_tokens_details: { thinking_tokens: 20 },
      },
    });
  }
});

test("Anthropic's client knows the errors, and waits through what says nothing", async () => {
  serve(anthropic, [
    ...anthropic.idleEvents,
    ...anthropic.stream([{ text: "so far" }]),
    anthropic.errorEvent({ code: "server_error", message: "It broke." }),
  ]);
  await expect(anthropicClient().messages.stream(ask).finalMessage()).rejects.toMatchObject({
    type: "api_error",
    apiMessage: "It broke.",
  });
  for (const { status, body } of [
    anthropic.modelNotFound,
    ...anthropic.quota,
    ...anthropic.contextOverflow,
    { status: 529, body: anthropic.errorBody({ status: 529, code: "x", message: "Overloaded" }) },
  ]) {
    serveWhole(body, status);
    await expect(anthropicClient().messages.create(ask)).rejects.toMatchObject({
      status,
      type: expect.stringMatching(/^[a-z_]+$/),
      apiMessage: expect.stringMatching(/./),
    });
  }
});

const gemini = geminiFixtures();

function geminiClient(): GoogleGenAI {
  return new GoogleGenAI({ apiKey: "k", vertexai: false, httpOptions: { baseUrl: server.url } });
}

const question = { model: "gemini-x", contents: "Hi" };

/** The parts of an answer; the client joins none of them. */
function geminiBlocks(answers: readonly GenerateContentResponse[]): unknown[] {
  const blocks: { text?: string; thinking?: string }[] = [];
  for (const part of answers.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? [])) {
    const block = geminiBlock(part);
    if (block === undefined) continue;
    const last = blocks.at(-1);
    if (last?.text !== undefined && block.text !== undefined) last.text += block.text;
    else if (last?.thinking !== undefined && block.thinking !== undefined) last.thinking += block.thinking;
    else blocks.push(block);
  }
  return blocks;
}

function geminiBlock({
  text,
  thought,
  functionCall,
}: Part): { text?: string; thinking?: string } | undefined {
  if (functionCall) return { tool: functionCall.name, input: functionCall.args ?? {} } as object;
  if (!text) return undefined;
  return thought ? { thinking: text } : { text };
}

async function readGeminiStream(): Promise<GenerateContentResponse[]> {
  const answers: GenerateContentResponse[] = [];
  for await (const answer of await geminiClient().models.generateContentStream(question))
    answers.push(answer);
  return answers;
}

/** Shapes that are made for readers who take more than the client does, or hand on more of what it reads. */
const BEYOND_GEMINI: ReadonlySet<string> = new Set([
  "events without content",
  "arguments that come piece by piece",
  "such a call without its end, and another after it",
]);

test.each(
  Object.entries(gemini.shapes)
    .flatMap(([id, shapes]) => shapes.map((shape) => [id, shape.title, shape] as const))
    .filter(([, title]) => !BEYOND_GEMINI.has(title)),
)("Google's client reads %s, %s", async (_id, _title, { events, expect: expected }) => {
  serve(gemini, events);
  const answers = await readGeminiStream();
  const visible = expected.content.filter((block) => !("thinking" in block) || block.thinking !== "");
  expect(geminiBlocks(answers)).toEqual(visible.map(essential));
  const last = answers.at(-1);
  const reason = last?.candidates?.[0]?.finishReason ?? last?.promptFeedback?.blockReason;
  expect(reason).toBe(expected.rawFinishReason ?? "STOP");
  expect(last?.usageMetadata?.totalTokenCount).toBe(expected.usage?.totalTokens);
});

test("Google's client reads the same in a stream and in one piece", async () => {
  serve(gemini, gemini.stream(PARTS("STOP")));
  serveWhole(gemini.whole(PARTS("STOP")));
  for (const answers of [await readGeminiStream(), [await geminiClient().models.generateContent(question)]]) {
    expect(geminiBlocks(answers)).toEqual(EXPECTED);
    expect(answers.at(-1)?.usageMetadata).toEqual({
      promptTokenCount: 100,
      candidatesTokenCount: 30,
      thoughtsTokenCount: 20,
      cachedContentTokenCount: 60,
      totalTokenCount: 150,
    });
  }
});

test("Google's client knows the errors", async () => {
  serve(gemini, [
    ...gemini.stream([{ text: "so far" }]),
    gemini.errorEvent({ code: "server_error", message: "It broke." }),
  ]);
  await expect(readGeminiStream()).rejects.toThrow(/INTERNAL.*It broke\./s);
  for (const { status, body } of [
    gemini.modelNotFound,
    ...gemini.quota,
    ...(gemini.waits ?? []),
    ...gemini.contextOverflow,
    { status: 503, body: gemini.errorBody({ status: 503, code: "x", message: "Overloaded" }) },
  ]) {
    serveWhole(body, status);
    const error: unknown = await geminiClient()
      .models.generateContent(question)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status, message: expect.stringMatching(/"status":"[A-Z_]+"/) });
  }
});
