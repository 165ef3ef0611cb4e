import { GEMINI_ENVELOPE, geminiEnd, geminiEvent, geminiParts as parts } from "./gemini-events.ts";
import { type ExpectedAnswer, SIGNATURE, type StreamShape } from "./wire-fixtures.ts";

type Fields = Readonly<Record<string, unknown>>;

const USAGE = { promptTokenCount: 7, candidatesTokenCount: 5, totalTokenCount: 12 } as const;
const COUNTS = { inputTokens: 7, outputTokens: 5, totalTokens: 12 } as const;

/** A stream of these events, with the ordinary end after it. */
function ended(
  title: string,
  events: readonly string[],
  expect: Partial<ExpectedAnswer>,
  finish = "STOP",
): StreamShape {
  return {
    title,
    events: [...events, geminiEnd(finish, USAGE)],
    expect: { content: [], finishReason: "stop", usage: COUNTS, ...expect },
  };
}

/** A stream of one text and these reports of usage, the last of them beside the reason. */
function counted(title: string, usages: readonly Fields[], usage: ExpectedAnswer["usage"]): StreamShape {
  const texts = ["Hi", ...usages.slice(2).map(() => ""), "."];
  return {
    title,
    events: usages.map((each, at) =>
      parts([{ text: texts[at] ?? "" }], at === usages.length - 1 ? { finishReason: "STOP" } : {}, each),
    ),
    expect: {
      content: [{ text: usages.length === 1 ? "Hi" : "Hi." }],
      finishReason: "stop",
      ...(usage && { usage }),
    },
  };
}

/** A stream that ends in its only event. */
function blocked(title: string, fields: Fields, rawFinishReason: string): StreamShape {
  return {
    title,
    events: [geminiEvent({ ...fields, usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 } })],
    whole: JSON.stringify({
      ...fields,
      usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 },
      ...GEMINI_ENVELOPE,
    }),
    expect: {
      content: [],
      finishReason: "content_filter",
      rawFinishReason,
      usage: { inputTokens: 7, totalTokens: 7 },
    },
  };
}

const call = (name: string, args?: Fields, id?: string): Fields => ({
  functionCall: { ...(id && { id }), name, ...(args && { args }) },
});

const thought = (text: string, more: Fields = {}): Fields => ({ text, thought: true, ...more });

const SIGNED = { thoughtSignature: SIGNATURE } as const;

/** Shapes that only the Gemini wire has, seen in answers of the Gemini API and of Vertex AI until 2026-11, by their case. */
export const geminiShapes: Readonly<Record<string, readonly StreamShape[]>> = {
  C14: [
    ended(
      "unknown fields and events",
      [
        geminiEvent({ novelty: { deep: [1] } }),
        parts([{ text: "Hi", novelty: {} }], { novelty: 1, avgLogprobs: -0.1, tokenCount: 1 }),
        'event: novelty\ndata: {"novelty":{}}\n\n',
        parts([{ text: "." }], {
          safetyRatings: [{ category: "HARM_CATEGORY_HARASSMENT", probability: "LOW" }],
        }),
      ],
      { content: [{ text: "Hi." }] },
    ),
  ],
  C15: [
    ended(
      "events without content",
      [
        geminiEvent({}),
        geminiEvent({ candidates: null, usageMetadata: null, promptFeedback: null }),
        geminiEvent({ candidates: [] }),
        geminiEvent({ candidates: [null] }),
        geminiEvent({ candidates: [{ index: 0 }] }),
        geminiEvent({ candidates: [{ index: 0, content: null, finishReason: null }] }),
        geminiEvent({ candidates: [{ index: 0, content: { role: "model" } }], usageMetadata: {} }),
        parts([]),
        parts([{}]),
        parts([{ text: "" }, { text: "Hi" }]),
        parts([{ text: ".", thought: false }]),
      ],
      { content: [{ text: "Hi." }] },
    ),
    ended("an end without any part", [parts([{ text: "Hi." }])], { content: [{ text: "Hi." }] }),
    {
      title: "an end that is nothing but a reason",
      events: [
        parts([{ text: "Hi." }]),
        geminiEvent({ candidates: [{ finishReason: "STOP" }], usageMetadata: USAGE }),
      ],
      expect: { content: [{ text: "Hi." }], finishReason: "stop", usage: COUNTS },
    },
  ],
  E4: [
    ended(
      "two calls of one name in one event, without ids",
      [parts([call("get_time", { a: 1 }), call("get_time", { a: 2 })])],
      {
        content: [
          { tool: "get_time", input: { a: 1 } },
          { tool: "get_time", input: { a: 2 } },
        ],
        finishReason: "tool_calls",
      },
    ),
    ended(
      "a call and a text in one event",
      [parts([call("get_time", { a: 1 }, "call_1"), { text: "One moment." }])],
      {
        content: [{ tool: "get_time", id: "call_1", input: { a: 1 } }, { text: "One moment." }],
        finishReason: "tool_calls",
      },
    ),
  ],
  E8: [
    ended(
      "arguments that come piece by piece",
      [
        parts([{ functionCall: { name: "get_time", willContinue: true } }]),
        parts([
          {
            functionCall: {
              partialArgs: [{ jsonPath: "$.zone", stringValue: "Europe/", willContinue: true }],
              willContinue: true,
            },
          },
        ]),
        parts([
          {
            functionCall: {
              partialArgs: [
                { jsonPath: "$.zone", stringValue: "Paris" },
                { jsonPath: "$.seconds", boolValue: true },
                { jsonPath: "$.places[0].x", numberValue: 2.5 },
                { jsonPath: "$.places[1]", nullValue: "NULL_VALUE" },
              ],
              willContinue: true,
            },
          },
        ]),
        parts([{ functionCall: {} }]),
      ],
      {
        content: [
          { tool: "get_time", input: { zone: "Europe/Paris", seconds: true, places: [{ x: 2.5 }, null] } },
        ],
        finishReason: "tool_calls",
      },
    ),
    ended(
      "such a call without its end, and another after it",
      [
        parts([{ functionCall: { name: "get_time", willContinue: true } }]),
        parts([
          { functionCall: { partialArgs: [{ jsonPath: "$.zone", stringValue: "CET" }], willContinue: true } },
        ]),
        parts([call("get_weather", { city: "Paris" })]),
      ],
      {
        content: [
          { tool: "get_time", input: { zone: "CET" } },
          { tool: "get_weather", input: { city: "Paris" } },
        ],
        finishReason: "tool_calls",
      },
    ),
  ],
  E9: [
    ended(
      "calls without arguments",
      [parts([call("get_time"), { functionCall: { name: "get_time", args: null } }])],
      {
        content: [
          { tool: "get_time", input: {} },
          { tool: "get_time", input: {} },
        ],
        finishReason: "tool_calls",
      },
    ),
  ],
  F1: [
    ended(
      "thoughts and then a text",
      [
        parts([thought("Two and")]),
        parts([thought(" two.")]),
        parts([{ text: "It is" }]),
        parts([{ text: " 4." }]),
      ],
      { content: [{ thinking: "Two and two." }, { text: "It is 4." }] },
    ),
    ended(
      "thoughts again between two texts",
      [parts([thought("one"), { text: "two" }]), parts([thought("three"), { text: "four" }])],
      { content: [{ thinking: "one" }, { text: "two" }, { thinking: "three" }, { text: "four" }] },
    ),
  ],
  F5: [
    ended(
      "a signature on the first of two calls",
      [parts([{ ...call("get_time", { a: 1 }, "call_1"), ...SIGNED }, call("get_time", { a: 2 }, "call_2")])],
      {
        content: [
          { tool: "get_time", id: "call_1", input: { a: 1 } },
          { tool: "get_time", id: "call_2", input: { a: 2 } },
        ],
        finishReason: "tool_calls",
      },
    ),
    ended("a signature on a text", [parts([{ text: "It is 4.", ...SIGNED }])], {
      content: [{ text: "It is 4." }],
    }),
    {
      title: "a signature on an empty text at the end",
      events: [
        parts([{ text: "It is" }]),
        parts([{ text: " 4." }]),
        parts([{ text: "", ...SIGNED }], { finishReason: "STOP" }, USAGE),
      ],
      expect: { content: [{ text: "It is 4." }], finishReason: "stop", usage: COUNTS },
    },
  ],
  F6: [
    ended(
      "a signature on an empty text before anything else",
      [parts([{ text: "", ...SIGNED }]), parts([{ text: "4." }])],
      {
        content: [{ thinking: "" }, { text: "4." }],
      },
    ),
    ended(
      "a signature on an empty text after a call",
      [parts([call("get_time", { a: 1 }, "call_1")]), parts([{ text: "", ...SIGNED }])],
      {
        content: [{ tool: "get_time", id: "call_1", input: { a: 1 } }, { thinking: "" }],
        finishReason: "tool_calls",
      },
    ),
  ],
  F7: [
    ended("signed thoughts", [parts([thought("Two and two.", SIGNED)]), parts([{ text: "4." }])], {
      content: [{ thinking: "Two and two." }, { text: "4." }],
    }),
  ],
  G1: [
    counted(
      "on every event",
      [
        { promptTokenCount: 7, totalTokenCount: 7 },
        { promptTokenCount: 7, candidatesTokenCount: 2, totalTokenCount: 9 },
        USAGE,
      ],
      COUNTS,
    ),
  ],
  G2: [counted("beside the reason only", [USAGE], COUNTS)],
  G4: [
    counted(
      "more and more of it, and then some fields of it",
      [
        { promptTokenCount: 7, candidatesTokenCount: 1, totalTokenCount: 8 },
        { ...USAGE, thoughtsTokenCount: 2, totalTokenCount: 14 },
        { promptTokenCount: 7, candidatesTokenCount: 5, thoughtsTokenCount: 4, totalTokenCount: 16 },
      ],
      { inputTokens: 7, outputTokens: 9, totalTokens: 16, reasoningTokens: 4 },
    ),
  ],
  G6: [
    counted(
      "thoughts and no answer yet",
      [{ promptTokenCount: 7, thoughtsTokenCount: 40, totalTokenCount: 47 }],
      { inputTokens: 7, outputTokens: 40, totalTokens: 47, reasoningTokens: 40 },
    ),
    counted(
      "what tools of the provider read is input",
      [{ ...USAGE, toolUsePromptTokenCount: 20, totalTokenCount: 32 }],
      { inputTokens: 27, outputTokens: 5, totalTokens: 32 },
    ),
  ],
  H2: [
    ended(
      "an answer to be continued",
      [parts([{ text: "Hi." }])],
      { content: [{ text: "Hi." }], finishReason: "length", rawFinishReason: "CONTINUATION" },
      "CONTINUATION",
    ),
  ],
  H4: [
    blocked(
      "a prompt that was blocked",
      { promptFeedback: { blockReason: "PROHIBITED_CONTENT" } },
      "PROHIBITED_CONTENT",
    ),
    blocked(
      "an answer that was blocked",
      {
        candidates: [
          {
            finishReason: "SAFETY",
            index: 0,
            safetyRatings: [
              { category: "HARM_CATEGORY_DANGEROUS_CONTENT", probability: "HIGH", blocked: true },
            ],
          },
        ],
      },
      "SAFETY",
    ),
    ...["RECITATION", "BLOCKLIST", "SPII", "IMAGE_SAFETY"].map((reason) =>
      ended(
        reason,
        [parts([{ text: "Hi." }])],
        { content: [{ text: "Hi." }], finishReason: "content_filter", rawFinishReason: reason },
        reason,
      ),
    ),
  ],
  H6: [
    ended(
      "a call that was not expected",
      [parts([{ text: "Hi." }])],
      { content: [{ text: "Hi." }], finishReason: "error", rawFinishReason: "UNEXPECTED_TOOL_CALL" },
      "UNEXPECTED_TOOL_CALL",
    ),
  ],
};
