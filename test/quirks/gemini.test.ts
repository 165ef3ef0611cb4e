// What Gemini does otherwise than others, end to end over HTTP. Q numbers are the catalogue's.
import { expect, test } from "vitest";
import {
  AssistantMessage,
  type ChatResponse,
  GeminiCredential,
  type GeminiCredentialOptions,
  type GenerateOptions,
  type MessageInput,
  SystemMessage,
  type ToolInput,
  ToolResultMessage,
} from "../../src/index.ts";
import { endEvent, framed, partsEvent, SSE_HEAD, textEvent } from "../model/gemini-server.ts";
import { serve } from "../transport/loopback.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

interface Call {
  readonly model?: string;
  readonly messages?: readonly MessageInput[];
  readonly tools?: readonly ToolInput[];
  readonly options?: GenerateOptions;
  readonly account?: GeminiCredentialOptions;
  /** The body of the answer. */
  readonly answer?: string;
}

interface Exchange {
  readonly url: string;
  readonly body: {
    readonly contents: readonly {
      readonly role: string;
      readonly parts: readonly Record<string, unknown>[];
    }[];
    readonly [field: string]: unknown;
  };
  readonly reply: ChatResponse;
  readonly warned: readonly string[];
}

/** One call of a catalogue model, and what it was on the wire. */
async function exchange({
  model = "gemini-3.5-flash",
  messages = ["Hi"],
  tools = [],
  options = {},
  account = {},
  answer = framed(textEvent("Hi"), endEvent()),
}: Call = {}): Promise<Exchange> {
  const server = await serve((response) => void response.writeHead(200, SSE_HEAD).end(answer));
  const credential = new GeminiCredential({
    apiKey: "gemini-quirks-0123456789",
    baseUrl: `${server.url}/v1beta`,
    ...account,
  });
  const reply = await credential
    .createChatModel(model, { options: { retry: false } })
    .call(messages, tools, options);
  const [seen] = server.requests;
  return {
    url: seen?.url ?? "",
    body: JSON.parse(seen?.body ?? "") as Exchange["body"],
    reply,
    warned: reply.warnings.map(({ option }) => option),
  };
}

const CALL = { type: "tool_use", id: "call_1", name: "get_time", input: {} } as const;

test("Q1 Q3 there is no [DONE]: an answer is over when the connection is, whatever the line ends", async () => {
  for (const answer of [
    framed(textEvent("a"), endEvent()),
    framed(textEvent("a"), endEvent()).replaceAll("\r", ""),
  ])
    expect((await exchange({ answer })).reply).toMatchObject({
      text: "a",
      finishReason: "stop",
      isLast: true,
    });
});

test("Q18 the wait stands in the body", async () => {
  const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "0.01s" }];
  const busy = { error: { code: 429, message: "Slow down.", status: "RESOURCE_EXHAUSTED", details } };
  const server = await serve((response) => {
    if (server.requests.length === 1) response.writeHead(429).end(JSON.stringify(busy));
    else response.writeHead(200, SSE_HEAD).end(framed(textEvent("Hi"), endEvent()));
  });
  const credential = new GeminiCredential({ apiKey: "k", baseUrl: `${server.url}/v1beta` });
  const reply = await credential
    .createChatModel("gemini-3.5-flash")
    .call("Hi", { retry: { maxRetries: 1, baseDelayMs: 0, maxDelayMs: 1000 } });
  expect(reply).toMatchObject({ text: "Hi", metadata: { attempts: 2 } });
});

test("Q82 thoughts are parts that say so", async () => {
  const answer = framed(partsEvent([{ text: "Hm", thought: true }, { text: "Hi" }]), endEvent());
  expect((await exchange({ answer })).reply).toMatchObject({ thinking: "Hm", text: "Hi" });
});

test.each<[string, readonly Record<string, unknown>[]]>([
  ["a call", [{ functionCall: { id: "f", name: "get_time", args: {} }, thoughtSignature: "s" }]],
  ["a text", [{ text: "Hi", thoughtSignature: "s" }]],
  ["an empty text after a text", [{ text: "Hi" }, { text: "", thoughtSignature: "s" }]],
  [
    "an empty text after a call",
    [{ functionCall: { id: "f", name: "get_time", args: {} } }, { text: "", thoughtSignature: "s" }],
  ],
  ["a picture", [{ inlineData: { mimeType: "image/png", data: "AQID" }, thoughtSignature: "s" }]],
])("Q99 the signature of %s goes back beside it, never inside", async (_what, parts) => {
  const answer = framed(partsEvent(parts), endEvent());
  const { reply } = await exchange({ model: "gemini-2.5-flash", answer });
  const results = reply.toolCalls.map((call) => new ToolResultMessage(call, "noon"));
  const { body } = await exchange({
    model: "gemini-2.5-flash",
    messages: ["Hi", reply.toMessage(), ...results],
  });
  const sent = body.contents[1]?.parts ?? [];
  expect(sent.filter(({ thoughtSignature }) => thoughtSignature === "s")).toHaveLength(1);
  // The tail of a streamed text is one with it.
  const isTail = parts.length === 2 && "text" in (parts[0] as object);
  expect(sent).toEqual(isTail ? [{ text: "Hi", thoughtSignature: "s" }] : parts);
});

test("Q100 calls of others bear Google's mark on models that look for a signature, and a warning tells", async () => {
  const messages = [
    "Hi",
    new AssistantMessage([CALL, { ...CALL, id: "call_2" }]),
    new ToolResultMessage(CALL, "noon"),
    new ToolResultMessage({ ...CALL, id: "call_2" }, "noon"),
  ];
  const { body, warned } = await exchange({ messages });
  expect(body.contents[1]?.parts).toEqual([
    { functionCall: { name: "get_time", args: {} }, thoughtSignature: "skip_thought_signature_validator" },
    { functionCall: { name: "get_time", args: {} } },
  ]);
  expect(warned).toEqual(["messages"]);
  const older = await exchange({ model: "gemini-2.5-flash", messages });
  expect(JSON.stringify(older.body)).not.toContain("thoughtSignature");
  expect(older.warned).toEqual([]);
});

test.each<[string, GenerateOptions["thinking"], unknown, string[]]>([
  ["gemini-2.5-flash", { budgetTokens: 1000 }, { includeThoughts: true, thinkingBudget: 1000 }, []],
  ["gemini-2.5-flash", { enabled: false }, { thinkingBudget: 0 }, []],
  ["gemini-2.5-pro", { enabled: false }, { includeThoughts: true }, ["thinking.enabled"]],
  [
    "gemini-2.5-flash",
    { effort: "low" },
    { includeThoughts: true, thinkingBudget: 1024 },
    ["thinking.effort"],
  ],
  ["gemini-3.5-flash", { effort: "low" }, { includeThoughts: true, thinkingLevel: "LOW" }, []],
  ["gemini-3.5-flash", { enabled: false }, { thinkingLevel: "MINIMAL" }, ["thinking.effort"]],
  ["gemini-3.5-flash", { budgetTokens: 1000 }, { includeThoughts: true }, ["thinking.budgetTokens"]],
])("Q110 %s asked to think %j", async (model, thinking, thinkingConfig, warnings) => {
  const { body, warned } = await exchange({ model, options: { thinking: thinking ?? null } });
  expect(body["generationConfig"]).toEqual({ thinkingConfig });
  expect(warned).toEqual(warnings);
});

test("Q113 thoughts are counted beside the answer, and either may be missing", async () => {
  const usage = async (usageMetadata: object): Promise<unknown> =>
    (await exchange({ answer: framed(textEvent("a"), endEvent("STOP", usageMetadata)) })).reply.usage;
  expect(
    await usage({ promptTokenCount: 9, candidatesTokenCount: 23, thoughtsTokenCount: 185 }),
  ).toMatchObject({
    outputTokens: 208,
    reasoningTokens: 185,
  });
  expect(await usage({ promptTokenCount: 9, thoughtsTokenCount: 185 })).toMatchObject({ outputTokens: 185 });
  expect(await usage({ promptTokenCount: 9 })).not.toHaveProperty("outputTokens");
});

test("Q148 an id that Gemini gave goes back, but not to Vertex AI, which refuses it", async () => {
  const answer = framed(partsEvent([{ functionCall: { id: "fc_1", name: "get_time" } }]), endEvent());
  const { reply } = await exchange({ answer });
  const [call] = reply.toolCalls;
  expect(call?.id).toBe("fc_1");
  const messages = ["Hi", reply.toMessage(), new ToolResultMessage({ id: "fc_1", name: "get_time" }, "noon")];
  expect(JSON.stringify((await exchange({ messages })).body).match(/"id":"fc_1"/g)).toHaveLength(2);
  const account = { vertex: { project: "p", accessToken: "ya29.x" } };
  expect(JSON.stringify((await exchange({ messages, account })).body)).not.toContain("fc_1");
});

test("Q149 a result bears the name of the function, whatever the message says, and no words beside it", async () => {
  const { body } = await exchange({
    messages: [
      "Hi",
      new AssistantMessage([CALL]),
      new ToolResultMessage({ id: "call_1", name: "call_1" }, "noon"),
      "So?",
    ],
  });
  expect(body.contents.slice(2)).toEqual([
    { role: "user", parts: [{ functionResponse: { name: "get_time", response: { output: "noon" } } }] },
    { role: "user", parts: [{ text: "So?" }] },
  ]);
});

test("Q156 a stream is asked for by the address, framed", async () => {
  expect((await exchange()).url).toMatch(/:streamGenerateContent\?alt=sse$/);
});

test("Q157 what takes no arguments is declared without any", async () => {
  const tools = [{ name: "a" }, { name: "b", parameters: { type: "object", properties: {} } }];
  const { body } = await exchange({ tools });
  expect(body["tools"]).toEqual([{ functionDeclarations: [{ name: "a" }, { name: "b" }] }]);
});

test("Q158 instructions are no message; to a Gemma that knows none the user says them", async () => {
  const messages = [new SystemMessage("Be brief."), "Hi"];
  expect((await exchange({ messages })).body).toMatchObject({
    systemInstruction: { parts: [{ text: "Be brief." }] },
    contents: [{ role: "user", parts: [{ text: "Hi" }] }],
  });
  const { body } = await exchange({ model: "gemma-3-27b-it", messages });
  expect(body).toEqual({ contents: [{ role: "user", parts: [{ text: "Be brief." }, { text: "Hi" }] }] });
});

test("Q159 roles alternate: user and model, results are the user's", async () => {
  const { body } = await exchange({
    messages: [
      "a",
      "b",
      new AssistantMessage("c"),
      new AssistantMessage([CALL]),
      new ToolResultMessage(CALL, "d"),
    ],
  });
  expect(body.contents.map(({ role }) => role)).toEqual(["user", "model", "user"]);
});

test("Q160 before Gemini 3 tools go neither with a JSON answer nor with Google's own; since then with both", async () => {
  const tools = [{ name: "a" }];
  const options: GenerateOptions = {
    responseFormat: { type: "json" },
    providerOptions: { gemini: { tools: [{ googleSearch: {} }] } },
  };
  const before = await exchange({ model: "gemini-2.5-flash", tools, options });
  expect(before.warned.toSorted()).toEqual(["providerOptions.tools", "responseFormat"]);
  expect(JSON.stringify(before.body)).not.toMatch(/googleSearch|application\/json/);
  const since = await exchange({ tools, options });
  expect(since.warned).toEqual([]);
  expect(since.body).toMatchObject({
    tools: [{ functionDeclarations: [{ name: "a" }] }, { googleSearch: {} }],
    toolConfig: { includeServerSideToolInvocations: true },
    generationConfig: { responseMimeType: "application/json" },
  });
});
