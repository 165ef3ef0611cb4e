import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import { Ollama } from "ollama";
import OpenAI from "openai";
import {
  AnthropicCredential,
  type ChatResponse,
  DashScopeCredential,
  GeminiCredential,
  type HttpCredential,
  OllamaCredential,
  OpenAICredential,
} from "../../src/index.ts";

/** What a client made of a streamed answer, whatever its wire. */
export interface Reading {
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly (readonly [name: string, input: unknown])[];
  /** In the wire's own word. */
  readonly finish: string | undefined;
  /** Tokens of prompt and answer. */
  readonly usage: readonly [input: number | undefined, output: number | undefined];
}

/** The words of a wire for why an answer ends. */
interface FinishWords {
  readonly stop: string;
  readonly length: string;
  readonly calls: string;
}

/** A client that asks a server for a stream, with a tool on offer and wishing to see thoughts, and reads it to its end. */
export interface WireReader {
  readonly name: string;
  /** What stands after the server's address. */
  readonly basePath: string;
  readonly words: FinishWords;
  /** @throws whatever the client throws */
  read(baseUrl: string): Promise<Reading>;
}

const QUESTION = "How is the weather?";
const SCHEMA = { type: "object" as const, properties: { city: { type: "string" } }, required: ["city"] };
const TOOL = { name: "get_weather", description: "The weather of a city.", parameters: SCHEMA };

/** One wire, the model that is asked on it, and the official client of it where there is one. */
interface Wire {
  readonly name: string;
  readonly basePath: string;
  readonly words: FinishWords;
  readonly model: string;
  account(baseUrl: string): HttpCredential;
  readonly sdk?: { readonly name: string; read(baseUrl: string, model: string): Promise<Reading> };
}

const OPENAI_WORDS: FinishWords = { stop: "stop", length: "length", calls: "tool_calls" };

const openaiSdk = { name: "openai", read: readByOpenAI };

const WIRES: readonly Wire[] = [
  {
    name: "openai-chat",
    basePath: "/v1",
    words: OPENAI_WORDS,
    model: "gpt-4.1",
    account: (baseUrl) => new OpenAICredential({ apiKey: "any", baseUrl }),
    sdk: openaiSdk,
  },
  {
    name: "dashscope, compatible",
    basePath: "/compatible-mode/v1",
    words: OPENAI_WORDS,
    model: "qwen3-max",
    account: (baseUrl) => new DashScopeCredential({ apiKey: "any", baseUrl }),
    sdk: openaiSdk,
  },
  {
    name: "anthropic",
    basePath: "",
    words: { stop: "end_turn", length: "max_tokens", calls: "tool_use" },
    model: "claude-sonnet-4-6",
    account: (baseUrl) => new AnthropicCredential({ apiKey: "any", baseUrl }),
    sdk: { name: "@anthropic-ai/sdk", read: readByAnthropic },
  },
  {
    name: "gemini",
    basePath: "/v1beta",
    words: { stop: "STOP", length: "MAX_TOKENS", calls: "STOP" },
    model: "gemini-3.5-flash",
    account: (baseUrl) => new GeminiCredential({ apiKey: "any", baseUrl }),
    sdk: { name: "@google/genai", read: readByGenAI },
  },
  {
    name: "dashscope",
    basePath: "/api/v1",
    words: OPENAI_WORDS,
    model: "qwen3-max",
    account: (baseUrl) => new DashScopeCredential({ apiKey: "any", baseUrl, mode: "native" }),
  },
  {
    name: "ollama",
    basePath: "",
    words: { stop: "stop", length: "length", calls: "stop" },
    model: "qwen3:14b",
    account: (baseUrl) => new OllamaCredential({ apiKey: "any", baseUrl }),
    sdk: { name: "ollama", read: readByOllama },
  },
];

/** Every wire of the emulator, read with a model of this library and with the official client, where there is one. */
export const WIRE_READERS: readonly WireReader[] = WIRES.flatMap(
  ({ name, basePath, words, model, account, sdk }) => {
    const own = (baseUrl: string): Promise<Reading> => readByModel(account(baseUrl), model);
    const readers: WireReader[] = [{ name: `${name}, rxscope`, basePath, words, read: own }];
    if (sdk !== undefined) {
      const read = (baseUrl: string): Promise<Reading> => sdk.read(baseUrl, model);
      readers.push({ name: `${name}, ${sdk.name}`, basePath, words, read });
    }
    return readers;
  },
);

async function readByModel(account: HttpCredential, model: string): Promise<Reading> {
  let last: ChatResponse | undefined;
  const options = { retry: false, thinking: { enabled: true } } as const;
  for await (const response of account.createChatModel(model).stream(QUESTION, [TOOL], options))
    last = response;
  const { text = "", thinking = "", toolCalls = [], rawFinishReason, usage } = last ?? {};
  return {
    text,
    thinking,
    calls: toolCalls.map(({ name, input }) => [name, input]),
    finish: rawFinishReason,
    usage: [usage?.inputTokens, usage?.outputTokens],
  };
}

async function readByOpenAI(baseURL: string, model: string): Promise<Reading> {
  const client = new OpenAI({ apiKey: "any", baseURL, maxRetries: 0 });
  const stream = client.chat.completions.stream({
    model,
    messages: [{ role: "user", content: QUESTION }],
    tools: [{ type: "function", function: TOOL }],
    stream_options: { include_usage: true },
    ...(model.startsWith("qwen") && { enable_thinking: true }),
  });
  let thinking = "";
  stream.on("chunk", ({ choices }) => {
    const delta = choices[0]?.delta as { reasoning_content?: string | null } | undefined;
    thinking += delta?.reasoning_content ?? "";
  });
  const { choices, usage } = await stream.finalChatCompletion();
  const { message, finish_reason: finish } = choices[0] as OpenAI.ChatCompletion.Choice;
  const calls = (message.tool_calls ?? []).filter((call) => call.type === "function");
  return {
    text: message.content ?? "",
    thinking,
    calls: calls.map((call) => [call.function.name, JSON.parse(call.function.arguments) as unknown]),
    finish,
    usage: [usage?.prompt_tokens, usage?.completion_tokens],
  };
}

async function readByAnthropic(baseURL: string, model: string): Promise<Reading> {
  const client = new Anthropic({ apiKey: "any", authToken: null, baseURL, maxRetries: 0 });
  const { name, description, parameters } = TOOL;
  const stream = client.messages.stream({
    model,
    max_tokens: 4096,
    thinking: { type: "enabled", budget_tokens: 1024 },
    messages: [{ role: "user", content: QUESTION }],
    tools: [{ name, description, input_schema: parameters }],
  });
  const { content, stop_reason: finish, usage } = await stream.finalMessage();
  return {
    text: content.map((block) => (block.type === "text" ? block.text : "")).join(""),
    thinking: content.map((block) => (block.type === "thinking" ? block.thinking : "")).join(""),
    calls: content.flatMap((block) =>
      block.type === "tool_use" ? [[block.name, block.input] as const] : [],
    ),
    finish: finish ?? undefined,
    usage: [usage.input_tokens, usage.output_tokens],
  };
}

async function readByGenAI(baseUrl: string, model: string): Promise<Reading> {
  const { origin, pathname } = new URL(baseUrl);
  const apiVersion = pathname.slice(1);
  const client = new GoogleGenAI({
    apiKey: "any",
    vertexai: false,
    apiVersion,
    httpOptions: { baseUrl: origin },
  });
  const { name, description, parameters: parametersJsonSchema } = TOOL;
  const config = {
    thinkingConfig: { includeThoughts: true },
    tools: [{ functionDeclarations: [{ name, description, parametersJsonSchema }] }],
  };
  const reading = { text: "", thinking: "", calls: [] as [string, unknown][] };
  let finish: string | undefined;
  let usage: Reading["usage"] = [undefined, undefined];
  for await (const event of await client.models.generateContentStream({
    model,
    contents: QUESTION,
    config,
  })) {
    const [candidate] = event.candidates ?? [];
    for (const { text = "", thought, functionCall } of candidate?.content?.parts ?? []) {
      if (thought) reading.thinking += text;
      else reading.text += text;
      if (functionCall?.name !== undefined) reading.calls.push([functionCall.name, functionCall.args]);
    }
    finish = candidate?.finishReason ?? finish;
    const { promptTokenCount, candidatesTokenCount = 0, thoughtsTokenCount = 0 } = event.usageMetadata ?? {};
    if (promptTokenCount !== undefined) usage = [promptTokenCount, candidatesTokenCount + thoughtsTokenCount];
  }
  return { ...reading, finish, usage };
}

async function readByOllama(host: string, model: string): Promise<Reading> {
  const client = new Ollama({ host });
  const reading = { text: "", thinking: "", calls: [] as [string, unknown][] };
  let finish: string | undefined;
  let usage: Reading["usage"] = [undefined, undefined];
  const stream = await client.chat({
    model,
    messages: [{ role: "user", content: QUESTION }],
    tools: [{ type: "function", function: TOOL }],
    think: true,
    stream: true,
  });
  for await (const {
    message,
    done,
    done_reason: reason,
    prompt_eval_count: input,
    eval_count: output,
  } of stream) {
    reading.text += message.content;
    reading.thinking += message.thinking ?? "";
    for (const call of message.tool_calls ?? [])
      reading.calls.push([call.function.name, call.function.arguments]);
    if (done) [finish, usage] = [reason, [input, output]];
  }
  return { ...reading, finish, usage };
}
