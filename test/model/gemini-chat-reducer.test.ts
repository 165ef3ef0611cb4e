import { expect, test } from "vitest";
import { modelError } from "../../src/error/errors-by-kind.ts";
import { ModelError } from "../../src/error/model-error.ts";
import type { ContentBlock } from "../../src/message/content-block.ts";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import { GeminiChatReducer } from "../../src/model/gemini-chat-reducer.ts";
import { ResponseAccumulator } from "../../src/model/response-accumulator.ts";
import { endEvent, partsEvent, textEvent } from "./gemini-server.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

interface Reduction {
  readonly last: ChatResponse;
  readonly snapshots: readonly ChatResponse[];
}

function reduction(events: readonly unknown[], isWhole = false): Reduction {
  const answer = new ResponseAccumulator({ provider: "gemini", model: "gemini-test" });
  const reducer = new GeminiChatReducer(answer, {
    provider: "gemini",
    failure: (body) => modelError("server", JSON.stringify(body)),
  });
  const snapshots: ChatResponse[] = [];
  for (const event of events) {
    if (isWhole) reducer.whole(event);
    else expect(reducer.event(event)).toBe(false);
    const snapshot = answer.snapshot();
    if (snapshot !== undefined) snapshots.push(snapshot);
  }
  reducer.end();
  return { last: answer.end(), snapshots };
}

/** The last snapshot of these events. */
const reduce = (...events: readonly unknown[]): ChatResponse => reduction(events).last;

function gist(content: readonly ContentBlock[]): unknown[] {
  return content.map((block) => {
    const own = block.providerMetadata?.["gemini"];
    const signature = own?.["thoughtSignature"];
    const mark = signature === undefined ? {} : { signature };
    if (block.type === "text") return { text: block.text, ...mark };
    if (block.type === "thinking") return { thinking: block.thinking, ...mark };
    if (block.type === "tool_use") return { call: block.name, input: block.input, ...mark };
    return { type: block.type, ...mark };
  });
}

const USAGE = {
  promptTokenCount: 129,
  candidatesTokenCount: 30,
  totalTokenCount: 963,
  cachedContentTokenCount: 64,
  thoughtsTokenCount: 804,
};

test("texts add up, thoughts stand apart, the answer knows who gave it", () => {
  const last = reduce(
    partsEvent([{ text: "Counting", thought: true }]),
    partsEvent([{ text: " letters", thought: true }, { text: "There" }]),
    textEvent(" are 3."),
    endEvent(),
  );
  expect(gist(last.content)).toEqual([{ thinking: "Counting letters" }, { text: "There are 3." }]);
  expect(last).toMatchObject({
    id: "resp-1",
    model: "gemini-test-001",
    finishReason: "stop",
    rawFinishReason: "STOP",
  });
});

test("the signature of an empty part at the end belongs to the text before it", () => {
  const last = reduce(
    textEvent("There are **3**"),
    textEvent(' "r"s.'),
    partsEvent([{ text: "", thoughtSignature: "sig" }], { finishReason: "STOP" }),
  );
  expect(gist(last.content)).toEqual([{ text: 'There are **3** "r"s.', signature: "sig" }]);
});

test("the signature of an empty part after anything else keeps its place", () => {
  const last = reduce(
    partsEvent([{ functionCall: { id: "f", name: "t", args: {} }, thoughtSignature: "one" }]),
    partsEvent([{ text: "", thoughtSignature: "two" }], { finishReason: "STOP" }),
  );
  expect(gist(last.content)).toEqual([
    { call: "t", input: {}, signature: "one" },
    { thinking: "", signature: "two" },
  ]);
  const afterThought = reduce(
    partsEvent([{ text: "Hm", thought: true }, { thoughtSignature: "three" }]),
    endEvent(),
  );
  expect(gist(afterThought.content)).toEqual([{ thinking: "Hm" }, { thinking: "", signature: "three" }]);
});

test("what follows a signed part is a part of its own, text and thought alike", () => {
  const last = reduce(
    partsEvent([
      { text: "a", thoughtSignature: "1" },
      { text: "b" },
      { text: "c", thought: true, thoughtSignature: "2" },
      { text: "d", thought: true },
    ]),
    textEvent("e"),
    textEvent("f"),
    endEvent(),
  );
  expect(gist(last.content)).toEqual([
    { text: "a", signature: "1" },
    { text: "b" },
    { thinking: "c", signature: "2" },
    { thinking: "d" },
    { text: "ef" },
  ]);
});

test("parallel calls come whole, keep their ids and signatures, and make the answer one that calls tools", () => {
  const last = reduce(
    partsEvent([
      { functionCall: { id: "fc_1", name: "get_weather", args: { city: "Paris" } }, thoughtSignature: "sig" },
      { functionCall: { id: "fc_2", name: "get_time", args: { tz: "Europe/Paris" } } },
    ]),
    partsEvent([{ text: "" }], { finishReason: "STOP", finishMessage: "Model generated function call(s)." }),
  );
  expect(last.toolCalls).toMatchObject([
    {
      id: "fc_1",
      rawInput: '{"city":"Paris"}',
      providerMetadata: { gemini: { callId: "fc_1", thoughtSignature: "sig" } },
    },
    { id: "fc_2", providerMetadata: { gemini: { callId: "fc_2" } } },
  ]);
  expect(last).toMatchObject({ finishReason: "tool_calls", rawFinishReason: "STOP" });
  expect(last.content).toHaveLength(2);
});

test("Q148 calls without ids get different ones, which are not Gemini's", () => {
  const call = { functionCall: { name: "t", args: { a: 1 } } };
  const { toolCalls } = reduce(partsEvent([call, call]), partsEvent([call]), endEvent());
  expect(new Set(toolCalls.map(({ id }) => id)).size).toBe(3);
  expect(toolCalls.every(({ providerMetadata }) => providerMetadata === undefined)).toBe(true);
});

test("Q153 a call without arguments has none", () => {
  const { toolCalls } = reduce(partsEvent([{ functionCall: { name: "now" } }]), endEvent());
  expect(toolCalls).toMatchObject([{ name: "now", input: {}, rawInput: "{}" }]);
});

const PIECES = [
  partsEvent([{ functionCall: { name: "getWeather", willContinue: true }, thoughtSignature: "sig" }]),
  partsEvent([
    {
      functionCall: {
        partialArgs: [{ jsonPath: "$.location", stringValue: "Bos", willContinue: true }],
        willContinue: true,
      },
    },
  ]),
  partsEvent([
    {
      functionCall: { partialArgs: [{ jsonPath: "$.location", stringValue: "ton" }], willContinue: true },
    },
  ]),
];

test.each([
  ["with its end", [partsEvent([{ functionCall: {} }], { finishReason: "STOP" })]],
  ["without it", [endEvent()]],
  ["cut off by a text", [textEvent("Well."), endEvent()]],
  ["cut off by another call", [partsEvent([{ functionCall: { name: "b", args: {} } }]), endEvent()]],
])("Q153 arguments that come in pieces are read as they come, %s", (_how, ending) => {
  const { last, snapshots } = reduction([...PIECES, ...ending]);
  expect(snapshots.map(({ toolCalls }) => toolCalls[0]?.input["location"])).toEqual(
    expect.arrayContaining([undefined, "Bos", "Boston"]),
  );
  expect(last.toolCalls[0]).toMatchObject({
    name: "getWeather",
    input: { location: "Boston" },
    rawInput: '{"location":"Boston"}',
    providerMetadata: { gemini: { thoughtSignature: "sig" } },
  });
  expect(last.toolCalls[0]).not.toHaveProperty("inputError");
});

test("Q154 parts of one event keep their order", () => {
  const call = { functionCall: { name: "t", args: {} } };
  const last = reduce(partsEvent([{ text: "a" }, call, { text: "b" }, call]), endEvent());
  expect(last.content.map(({ type }) => type)).toEqual(["text", "tool_use", "text", "tool_use"]);
});

test("pictures are whole, speech is joined, addresses stay addresses", () => {
  const last = reduce(
    partsEvent([
      { inlineData: { mimeType: "image/png", data: "AQID" }, thoughtSignature: "sig" },
      { inlineData: { mimeType: "image/png", data: "BAUG" } },
    ]),
    partsEvent([{ inlineData: { mimeType: "audio/L16;rate=24000", data: "AQ==" } }]),
    partsEvent([{ inlineData: { mimeType: "audio/L16;rate=24000", data: "AgM=" } }]),
    partsEvent([{ fileData: { mimeType: "video/mp4", fileUri: "gs://b/v.mp4" } }]),
    endEvent(),
  );
  expect(last.content).toMatchObject([
    { source: { data: "AQID" }, providerMetadata: { gemini: { thoughtSignature: "sig" } } },
    { source: { data: "BAUG" } },
    { source: { type: "base64", data: "AQID", mediaType: "audio/L16;rate=24000" } },
    { source: { type: "url", url: "gs://b/v.mp4", mediaType: "video/mp4" } },
  ]);
});

test("what Google's tools did is kept as files, each with the part that it was", () => {
  const code = { executableCode: { language: "PYTHON", code: "print(1)" } };
  const output = { codeExecutionResult: { outcome: "OUTCOME_OK", output: "1\n" } };
  const search = { toolCall: { id: "t1", toolType: "GOOGLE_SEARCH", args: { queries: ["x"] } } };
  const { last, snapshots } = reduction([
    partsEvent([{ text: "Let me run it." }, code]),
    partsEvent([output, { ...search, thoughtSignature: "sig" }]),
    endEvent(),
  ]);
  const file = (text: string): string => Buffer.from(text).toString("base64");
  expect(last.content.slice(1)).toMatchObject([
    {
      type: "data",
      name: "code.py",
      source: { data: file("print(1)"), mediaType: "text/x-python" },
      providerMetadata: { gemini: { part: code } },
    },
    {
      name: "output.txt",
      source: { data: file("1\n"), mediaType: "text/plain" },
      providerMetadata: { gemini: { part: output } },
    },
    {
      name: "toolCall.json",
      source: { data: file(JSON.stringify(search)), mediaType: "application/json" },
      providerMetadata: { gemini: { part: search, thoughtSignature: "sig" } },
    },
  ]);
  expect(last).toMatchObject({ text: "Let me run it.", finishReason: "stop" });
  expect(snapshots[0]?.delta.map(({ type }) => type)).toEqual(["text", "data"]);
});

test("usage is inclusive, the newest counts, and the record is the last one", () => {
  const { last, snapshots } = reduction([
    { ...textEvent("a"), usageMetadata: { promptTokenCount: 129, thoughtsTokenCount: 804 } },
    { ...textEvent("b"), usageMetadata: { ...USAGE, candidatesTokenCount: 7 } },
    endEvent("STOP", { ...USAGE, toolUsePromptTokenCount: 10, trafficType: "ON_DEMAND" }),
  ]);
  expect(snapshots[0]?.usage).toEqual({ inputTokens: 129, outputTokens: 804, reasoningTokens: 804 });
  expect(last.usage).toEqual({
    inputTokens: 139,
    outputTokens: 834,
    totalTokens: 963,
    cacheReadTokens: 64,
    reasoningTokens: 804,
    raw: { ...USAGE, toolUsePromptTokenCount: 10, trafficType: "ON_DEMAND" },
  });
  expect(reduce(textEvent("a"), endEvent("STOP", {})).usage).toBeUndefined();
});

test.each([
  ["STOP", "stop"],
  ["MAX_TOKENS", "length"],
  ["SAFETY", "content_filter"],
  ["RECITATION", "content_filter"],
  ["BLOCKLIST", "content_filter"],
  ["PROHIBITED_CONTENT", "content_filter"],
  ["SPII", "content_filter"],
  ["IMAGE_SAFETY", "content_filter"],
  ["MALFORMED_FUNCTION_CALL", "error"],
  ["UNEXPECTED_TOOL_CALL", "error"],
  ["OTHER", "other"],
  ["LANGUAGE", "other"],
  ["SOMETHING_NEW", "other"],
  ["__proto__", "other"],
])("Q151 %s after some text means %s", (raw, meant) => {
  expect(reduce(textEvent("Some text"), endEvent(raw))).toMatchObject({
    text: "Some text",
    finishReason: meant,
    rawFinishReason: raw,
  });
});

test("Q150 an answer that failed without content is an error with Google's words", () => {
  const event = {
    candidates: [{ finishReason: "MALFORMED_FUNCTION_CALL", finishMessage: "Malformed function call: f(" }],
  };
  const thought = partsEvent([{ text: "hm", thought: true }]);
  for (const events of [[event], [thought, event]]) {
    try {
      reduce(...events);
      expect.fail("nothing was thrown");
    } catch (error) {
      if (!ModelError.isInstance(error)) throw error;
      expect(error.message).toContain("Malformed function call: f(");
      expect(error.message).toContain("MALFORMED_FUNCTION_CALL");
    }
  }
});

test("Q151 a blocked prompt is filtered, with what Google says of it", () => {
  const promptFeedback = { blockReason: "PROHIBITED_CONTENT", safetyRatings: [{ blocked: true }] };
  expect(
    reduce({ promptFeedback, usageMetadata: { promptTokenCount: 12, totalTokenCount: 12 } }),
  ).toMatchObject({
    content: [],
    finishReason: "content_filter",
    rawFinishReason: "PROHIBITED_CONTENT",
    metadata: { promptFeedback },
    usage: { inputTokens: 12, totalTokens: 12 },
  });
});

test("Q152 events without candidates, content, parts or usage are nothing", () => {
  const last = reduce(
    {},
    null,
    { candidates: null },
    { candidates: [] },
    { candidates: [null] },
    { candidates: [{ content: null }] },
    { candidates: [{ content: {} }] },
    { candidates: [{ content: { parts: null } }] },
    { candidates: [{ content: { parts: [null, {}, { text: "" }, { functionCall: null }] } }] },
    { usageMetadata: null },
    textEvent("Hi"),
    endEvent(),
  );
  expect(gist(last.content)).toEqual([{ text: "Hi" }]);
  expect(last.choices).toBeUndefined();
});

test("Q155 what stands beside the content is kept, whenever it comes", () => {
  const groundingMetadata = { webSearchQueries: ["x"], groundingChunks: [{ web: { uri: "https://a.b" } }] };
  const citationMetadata = { citationSources: [{ startIndex: 0, uri: "https://a.b" }] };
  const last = reduce(
    partsEvent([{ text: "a" }], { groundingMetadata }),
    partsEvent([{ text: "b" }], { citationMetadata, urlContextMetadata: { urlMetadata: [] } }),
    {
      candidates: [
        {
          finishReason: "STOP",
          finishMessage: "done",
          safetyRatings: [{ category: "X", probability: "LOW" }],
          avgLogprobs: 0,
        },
      ],
      promptFeedback: { safetyRatings: [{ category: "X", probability: "NEGLIGIBLE" }] },
      modelStatus: { modelStage: "LEGACY", retirementTime: "2027-01-01T00:00:00Z" },
    },
  );
  expect(last.metadata).toEqual({
    grounding: groundingMetadata,
    citations: citationMetadata.citationSources,
    urlContext: { urlMetadata: [] },
    finishMessage: "done",
    safetyRatings: [{ category: "X", probability: "LOW" }],
    avgLogprobs: 0,
    promptFeedback: { safetyRatings: [{ category: "X", probability: "NEGLIGIBLE" }] },
    modelStatus: { modelStage: "LEGACY", retirementTime: "2027-01-01T00:00:00Z" },
  });
  expect(last.finishReason).toBe("stop");
});

test("an answer that is to be continued says from where", () => {
  const last = reduce(
    textEvent("So far"),
    partsEvent([], { finishReason: "CONTINUATION", continuationToken: "on" }),
  );
  expect(last).toMatchObject({
    finishReason: "length",
    rawFinishReason: "CONTINUATION",
    metadata: { continuationToken: "on" },
  });
});

test("log probabilities stand token by token, with the alternatives", () => {
  const logprobsResult = (token: string): object => ({
    logprobsResult: {
      chosenCandidates: [{ token, logProbability: -0.1 }],
      topCandidates: [{ candidates: [{ token: "x", logProbability: -2 }] }],
    },
  });
  const last = reduce(
    partsEvent([{ text: "a" }], logprobsResult("a")),
    partsEvent([{ text: "b" }], logprobsResult("b")),
    endEvent(),
  );
  expect(last.metadata.logprobs).toEqual(
    ["a", "b"].map((token) => ({
      token,
      logProbability: -0.1,
      topCandidates: [{ token: "x", logProbability: -2 }],
    })),
  );
});

test("several candidates are choices, told apart by their index", () => {
  const candidate = (index: number, text: string, finishReason?: string): object => ({
    index,
    content: { parts: [{ text }] },
    finishReason,
  });
  const last = reduce(
    { candidates: [candidate(1, "x"), candidate(0, "a")] },
    { candidates: [candidate(0, "b", "STOP"), candidate(1, "y", "MAX_TOKENS")] },
  );
  expect(last.text).toBe("ab");
  expect(last.choices).toMatchObject([
    { index: 0, content: [{ text: "ab" }], finishReason: "stop" },
    { index: 1, content: [{ text: "xy" }], finishReason: "length" },
  ]);
});

test("an answer in one piece, or as the list that a stream is without its framing, is the same answer", () => {
  const events = [
    partsEvent([{ text: "Hm", thought: true }]),
    textEvent("a"),
    partsEvent([{ functionCall: { name: "t", args: { a: 1 } } }], { finishReason: "STOP" }),
  ];
  const whole = partsEvent(
    [{ text: "Hm", thought: true }, { text: "a" }, { functionCall: { name: "t", args: { a: 1 } } }],
    { finishReason: "STOP" },
  );
  const streamed = reduce(...events);
  for (const body of [whole, events]) {
    const { last } = reduction([body], true);
    expect(gist(last.content)).toEqual(gist(streamed.content));
    expect(last).toMatchObject({ finishReason: "tool_calls", rawFinishReason: "STOP" });
  }
});

test("Q156 an error event is thrown, in a list or not", () => {
  const error = { error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } };
  expect(() => reduce(textEvent("a"), error)).toThrow(/overloaded/);
  expect(() => reduce([error])).toThrow(/overloaded/);
});

test("what is kept of an event does not change with it", () => {
  const groundingMetadata = { webSearchQueries: ["before"] };
  const part = { toolCall: { id: "before" } };
  const usageMetadata = { promptTokenCount: 1, promptTokensDetails: [{ modality: "TEXT" }] };
  const event = { ...partsEvent([part], { groundingMetadata, finishReason: "STOP" }), usageMetadata };
  const last = reduce(event);
  groundingMetadata.webSearchQueries[0] = "after";
  part.toolCall.id = "after";
  (usageMetadata.promptTokensDetails[0] as { modality: string }).modality = "after";
  expect(JSON.stringify([last.metadata, last.content, last.usage])).not.toContain("after");
});
