// Every provider against a server that is not ours, for breadth: @copilotkit/aimock speaks all of their wires and breaks off in
// many ways. It validates next to nothing, so what a request says is judged elsewhere.
import { LLMock } from "@copilotkit/aimock";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  AzureOpenAICredential,
  type ChatResponse,
  GeminiCredential,
  type ModelError,
  ToolResultMessage,
} from "../../src/index.ts";
import type { ChatModelBase } from "../../src/model/chat-model-base.ts";
import { type Account, accountOf, accounts } from "../accounts.ts";
import { fixturesOf } from "../conformance/wire-fixtures-of.ts";

/** Other addresses of the same providers, which aimock serves apart. */
const OTHER_ADDRESSES: readonly Account[] = [
  {
    ...accountOf({
      credential: AzureOpenAICredential,
      fixtures: fixturesOf(AzureOpenAICredential),
      own: { apiVersion: "2025-04-01-preview" },
    }),
    name: "AzureOpenAICredential (deployment addresses)",
  },
  {
    ...accountOf({
      credential: GeminiCredential,
      fixtures: fixturesOf(GeminiCredential),
      own: { vertex: { project: "p", location: "global", accessToken: "token" } },
      basePath: "/v1/projects/p/locations/global/publishers/google",
    }),
    name: "GeminiCredential (Vertex AI)",
  },
];

let mock: LLMock;

beforeAll(async () => {
  mock = new LLMock({ port: 0, logLevel: "silent" });
  mock.on(
    { userMessage: "say" },
    { content: "The quick brown fox jumps over the lazy dog." },
    { chunkSize: 8 },
  );
  mock.on({ userMessage: "think" }, { content: "It is four.", reasoning: "Two and two." });
  mock.on({ userMessage: "call", hasToolResult: false }, { toolCalls: [...CALLS] });
  mock.on({ userMessage: "call", toolResultContains: "rain" }, { content: "Take an umbrella." });
  mock.on(
    { userMessage: "limit" },
    { error: { message: "Slow down.", type: "rate_limit_error" }, status: 429, retryAfter: 7 },
  );
  // Without a latency aimock sends nothing before it breaks off.
  mock.on(
    { userMessage: "cut" },
    { content: "x".repeat(400) },
    { chunkSize: 10, latency: 5, truncateAfterChunks: 8 },
  );
  mock.on(
    { userMessage: "leave" },
    { content: "x".repeat(4000) },
    { chunkSize: 10, latency: 5, disconnectAfterMs: 60 },
  );
  await mock.start();
});

afterAll(() => mock.stop());

const CALLS = [
  { id: "call_1", name: "get_weather", arguments: '{"city":"Paris"}' },
  { id: "call_2", name: "get_weather", arguments: '{"city":"Oslo"}' },
] as const;
const TOOLS = [
  { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
];

type Behaviour =
  | "text"
  | "thinking"
  | "tools"
  | "finish reason of tools"
  | "429"
  | "cut"
  | "leave"
  | "drop"
  | "malformed"
  | "disconnect";

/** What aimock 1.43 does otherwise than the provider, by the name of the wire. */
const INFIDELITIES: Readonly<Record<string, Readonly<Partial<Record<Behaviour, string>>>>> = {
  gemini: { "finish reason of tools": "it ends with FUNCTION_CALL, which Google does not have" },
  ollama: { thinking: "it sends thinking as reasoning_content, where Ollama has thinking" },
};

/** Wires that it does not speak. */
const UNSERVED: ReadonlySet<string> = new Set(["dashscope"]);

for (const account of [...accounts, ...OTHER_ADDRESSES]) {
  const wire = account.subject.fixtures.name;
  const infidelities = INFIDELITIES[wire] ?? {};
  const modelOf = (): ChatModelBase =>
    account.createModel(mock.url + account.basePath, account.modelNames[0], { options: { retry: false } });
  const about = (behaviour: Behaviour, title: string, act: () => Promise<void>): void => {
    const reason = infidelities[behaviour];
    const name = `${account.name}: ${title}`;
    test.skipIf(reason !== undefined)(reason === undefined ? name : `${name} (left out: ${reason})`, act);
  };

  if (UNSERVED.has(wire)) {
    test(`${account.name}: aimock says that it does not speak this wire`, async () => {
      expect(await failureOf(modelOf(), "say")).toMatchObject({ kind: "not_found", status: 404 });
    });
    continue;
  }

  about("text", "a text streams, and comes the same in one piece", async () => {
    const snapshots: ChatResponse[] = [];
    for await (const snapshot of modelOf().stream("say")) snapshots.push(snapshot);
    expect(snapshots.length).toBeGreaterThan(3);
    expect(snapshots.at(-1)).toMatchObject({
      text: "The quick brown fox jumps over the lazy dog.",
      finishReason: "stop",
      isLast: true,
    });
    expect((await modelOf().call("say", { stream: false })).content).toMatchObject([
      { type: "text", text: "The quick brown fox jumps over the lazy dog." },
    ]);
  });

  about("thinking", "thinking comes apart from the text", async () => {
    const { thinking, text } = await modelOf().call("think");
    expect([thinking, text]).toEqual(["Two and two.", "It is four."]);
  });

  about("tools", "parallel tool calls, and their results in the next request", async () => {
    const answer = await modelOf().call("call", TOOLS);
    if (infidelities["finish reason of tools"] === undefined) expect(answer.finishReason).toBe("tool_calls");
    expect(answer.toolCalls).toMatchObject([
      { name: "get_weather", input: { city: "Paris" } },
      { name: "get_weather", input: { city: "Oslo" } },
    ]);
    const results = answer.toolCalls.map((call) => new ToolResultMessage(call, "rain"));
    const next = await modelOf().call(["call", answer.toMessage(), ...results], TOOLS);
    expect(next.text).toBe("Take an umbrella.");
  });

  about("429", "a rate limit says how long to wait", async () => {
    expect(await failureOf(modelOf(), "limit")).toMatchObject({
      kind: "rate_limit",
      status: 429,
      retryable: true,
      retryAfterMs: 7000,
    });
  });

  about("cut", "an answer that is cut is an error with what had come", async () => {
    const error = await failureOf(modelOf(), "cut");
    expect(["truncated", "network"]).toContain(error.kind);
    expect((error.partial as ChatResponse).text).toMatch(/^x+$/);
  });

  about("leave", "a server that leaves in the middle is an error with what had come", async () => {
    const error = await failureOf(modelOf(), "leave");
    expect(["truncated", "network"]).toContain(error.kind);
    expect((error.partial as ChatResponse).text).toMatch(/^x+$/);
  });

  about("drop", "a failing server is an error that may pass", async () => {
    expect(await failureOf(modelOf(), "say", "drop")).toMatchObject({
      kind: "server",
      status: 500,
      retryable: true,
    });
  });

  about("malformed", "an answer that is no JSON is an error that says so", async () => {
    const error = await failureOf(modelOf(), "say", "malformed");
    expect(error).toMatchObject({ kind: "parse" });
  });

  about("disconnect", "a connection that is closed without an answer is an error that may pass", async () => {
    expect(await failureOf(modelOf(), "say", "disconnect")).toMatchObject({
      kind: "network",
      retryable: true,
    });
  });
}

/** The error of a call, with a fault that aimock makes on demand. */
async function failureOf(
  model: ChatModelBase,
  question: string,
  fault?: "drop" | "malformed" | "disconnect",
): Promise<ModelError> {
  const extraHeaders = fault === undefined ? {} : { [`x-aimock-chaos-${fault}`]: "1" };
  const answer = await model.call(question, { extraHeaders }).catch((error: unknown) => error as ModelError);
  if (!(answer instanceof Error)) throw new Error(`It answered ${JSON.stringify(answer.content)}.`);
  return answer;
}
