import { OPENAI_DONE, openaiDelta as delta, openaiEvent as event } from "./openai-chat-events.ts";
import { type ExpectedAnswer, SIGNATURE, type StreamShape, TAGGED_THINKING } from "./wire-fixtures.ts";

const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 } as const;
const COUNTS = { inputTokens: 7, outputTokens: 5, totalTokens: 12 } as const;

const ROLE = delta({ role: "assistant", content: "" });
const USAGE_EVENT = event({ choices: [], usage: USAGE });

/** A stream of these events, with the ordinary end after it. */
function ended(
  title: string,
  events: readonly string[],
  expect: Partial<ExpectedAnswer>,
  finish = "stop",
): StreamShape {
  return {
    title,
    events: [ROLE, ...events, delta({}, finish), USAGE_EVENT, OPENAI_DONE],
    expect: { content: [], finishReason: "stop", usage: COUNTS, ...expect },
  };
}

/** A stream with an end of its own. */
function bare(title: string, events: readonly string[], expect: Partial<ExpectedAnswer>): StreamShape {
  return {
    title,
    events: [...events, OPENAI_DONE],
    expect: { content: [{ text: "Hi." }], finishReason: "stop", ...expect },
  };
}

function toolDelta(...calls: readonly object[]): string {
  return delta({ tool_calls: calls });
}

const SIGNED = { google: { thought_signature: SIGNATURE } } as const;
const HIDDEN = {
  type: "reasoning.encrypted",
  data: SIGNATURE,
  format: "openai-responses-v1",
  index: 0,
} as const;

/** Shapes that only the OpenAI chat wire has, in the field since 2024 and checked 2026-11, by their case. */
export const openaiChatShapes: Readonly<Record<string, readonly StreamShape[]>> = {
  C14: [
    ended(
      "unknown fields and events",
      [
        event({ object: "chat.completion.debug", note: { deep: [1] }, obfuscation: "xYz" }),
        event({ prompt_progress: { total: 9, cache: 0, processed: 3, time_ms: 1 } }),
        'event: novelty\ndata: {"type":"novelty","choices":[]}\n\n',
        delta({ content: "Hi", novelty: {}, obfuscation: "a" }, null, {
          content_filter_results: {},
          stop_reason: null,
        }),
        delta({ content: "." }, null, { native_finish_reason: "x" }),
      ],
      { content: [{ text: "Hi." }] },
    ),
  ],
  C15: [
    ended(
      "events without content",
      [
        event({ id: "", model: "", created: 0, choices: [], prompt_filter_results: [] }),
        event({ choices: null, usage: null }),
        event({ usage: null }),
        event({ choices: [null] }),
        event({ choices: [{ index: 0, delta: null, finish_reason: null }] }),
        event({ choices: [{ index: 0 }] }),
        delta({
          role: null,
          content: null,
          reasoning_content: null,
          tool_calls: null,
          refusal: null,
          audio: null,
        }),
        delta({ content: "Hi", tool_calls: [] }, ""),
        delta({ content: "", tool_calls: [null], annotations: [] }),
        delta({ content: "." }),
      ],
      { content: [{ text: "Hi." }] },
    ),
  ],
  E4: [
    ended(
      "two calls in one event, without index and id",
      [
        toolDelta(
          { function: { name: "get_weather", arguments: "{}" } },
          { function: { name: "get_time", arguments: "{}" } },
        ),
      ],
      {
        content: [
          { tool: "get_weather", input: {} },
          { tool: "get_time", input: {} },
        ],
        finishReason: "tool_calls",
      },
      "tool_calls",
    ),
    ended(
      "index 0 for every call",
      [
        toolDelta({ index: 0, id: "call_1", function: { name: "get_time", arguments: '{"a":1}' } }),
        toolDelta({ index: 0, id: "call_2", function: { name: "get_time", arguments: '{"a"' } }),
        toolDelta({ index: 0, function: { arguments: ":2}" } }),
      ],
      {
        content: [
          { tool: "get_time", id: "call_1", input: { a: 1 } },
          { tool: "get_time", id: "call_2", input: { a: 2 } },
        ],
        finishReason: "tool_calls",
      },
      "tool_calls",
    ),
  ],
  E8: [
    ended(
      "arguments as an object",
      [toolDelta({ index: 0, id: "call_1", function: { name: "get_time", arguments: { zone: "CET" } } })],
      { content: [{ tool: "get_time", id: "call_1", input: { zone: "CET" } }], finishReason: "tool_calls" },
      "tool_calls",
    ),
  ],
  E9: [
    ended(
      "arguments null, missing and the word null",
      [
        toolDelta({ index: 0, id: "call_1", function: { name: "get_time", arguments: null } }),
        toolDelta({ index: 1, id: "call_2", function: { name: "get_time" } }),
        toolDelta({ index: 2, id: "call_3", function: { name: "get_time", arguments: "null" } }),
      ],
      {
        content: ["call_1", "call_2", "call_3"].map((id) => ({ tool: "get_time", id, input: {} })),
        finishReason: "tool_calls",
      },
      "tool_calls",
    ),
  ],
  F1: [
    ended(
      "reasoning_content",
      [
        delta({ content: null, reasoning_content: "" }),
        delta({ content: null, reasoning_content: "Two and" }),
        delta({ reasoning_content: " two." }),
        delta({ content: "It is", reasoning_content: null }),
        delta({ content: " 4." }),
      ],
      { content: [{ thinking: "Two and two." }, { text: "It is 4." }] },
    ),
    ended(
      "reasoning again between two texts",
      [
        delta({ reasoning_content: "one" }),
        delta({ content: "two" }),
        delta({ reasoning_content: "three" }),
        delta({ content: "four" }),
      ],
      { content: [{ thinking: "one" }, { text: "two" }, { thinking: "three" }, { text: "four" }] },
    ),
    ended(
      "reasoning and text in one event",
      [delta({ content: "It is", reasoning_content: "So:" }), delta({ content: " 4." })],
      { content: [{ thinking: "So:" }, { text: "It is 4." }] },
    ),
  ],
  F2: [
    ended(
      "reasoning",
      [
        delta({ content: "", reasoning: "Two and" }),
        delta({ content: "", reasoning: " two." }),
        delta({ content: "4." }),
      ],
      { content: [{ thinking: "Two and two." }, { text: "4." }] },
    ),
    ended(
      "parts of thinking and of text",
      [
        delta({ content: [{ type: "thinking", thinking: [{ type: "text", text: "Two and two." }] }] }),
        delta({ content: [{ type: "text", text: "4" }] }),
        delta({ content: "." }),
      ],
      { content: [{ thinking: "Two and two." }, { text: "4." }] },
    ),
  ],
  F3: [
    ended(
      "reasoning_content and reasoning with the same text",
      [
        delta({ reasoning_content: "Two and", reasoning: "Two and" }),
        delta({ reasoning_content: " two.", reasoning: " two." }),
        delta({ content: "4." }),
      ],
      { content: [{ thinking: "Two and two." }, { text: "4." }] },
    ),
  ],
  F4: TAGGED_THINKING.map((texts) =>
    ended(
      `tags in ${texts.length} pieces`,
      texts.map((content) => delta({ content })),
      { content: [{ thinking: "Two and two." }, { text: "It is 4." }] },
    ),
  ),
  F5: [
    ended(
      "a signature beside a call",
      [
        toolDelta({
          index: 0,
          id: "call_1",
          extra_content: SIGNED,
          function: { name: "get_time", arguments: "{}" },
        }),
      ],
      {
        content: [{ tool: "get_time", id: "call_1", input: {}, metadata: { extraContent: SIGNED } }],
        finishReason: "tool_calls",
      },
      "tool_calls",
    ),
  ],
  F6: [
    ended(
      "encrypted reasoning details",
      [delta({ content: "", reasoning_details: [HIDDEN] }), delta({ content: "4." })],
      { content: [{ thinking: "", metadata: { reasoningDetails: [HIDDEN] } }, { text: "4." }] },
    ),
  ],
  F7: [
    ended(
      "reasoning in every field that it may go back in",
      [
        delta({
          reasoning: "Two and two.",
          reasoning_details: [
            { type: "reasoning.text", text: "Two and two.", format: "anthropic-claude-v1", index: 0 },
          ],
        }),
        delta({ content: "4." }),
      ],
      { content: [{ thinking: "Two and two." }, { text: "4." }] },
    ),
  ],
  F11: [
    ended("empty tags", [delta({ content: "<think>\n\n</think>\n\n" }), delta({ content: "\n4." })], {
      content: [{ text: "4." }],
    }),
  ],
  G1: [
    bare(
      "in an event of its own, after the finish reason",
      [delta({ content: "Hi." }), delta({}, "stop"), USAGE_EVENT],
      { usage: COUNTS },
    ),
    bare(
      "in an event without choices",
      [delta({ content: "Hi." }), delta({}, "stop"), event({ usage: USAGE })],
      { usage: COUNTS },
    ),
    bare(
      "in an event with a choice that has no reason",
      [
        delta({ content: "Hi." }, "stop"),
        event({ choices: [{ index: 0, delta: { content: "" }, finish_reason: null }], usage: USAGE }),
      ],
      { usage: COUNTS },
    ),
  ],
  G2: [
    bare(
      "beside the finish reason",
      [event({ choices: [{ index: 0, delta: { content: "Hi." }, finish_reason: "stop" }], usage: USAGE })],
      {
        usage: COUNTS,
      },
    ),
    bare("inside the choice", [delta({ content: "Hi." }), delta({}, "stop", { usage: USAGE })], {
      usage: COUNTS,
    }),
  ],
  G3: [
    bare(
      "in x_groq",
      [
        delta({ content: "Hi." }),
        event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }], x_groq: { usage: USAGE } }),
      ],
      {
        usage: COUNTS,
      },
    ),
  ],
  G4: [
    bare(
      "on every event",
      [
        event({
          choices: [{ index: 0, delta: { content: "Hi" } }],
          usage: { ...USAGE, completion_tokens: 1, total_tokens: 8 },
        }),
        event({
          choices: [{ index: 0, delta: { content: "." } }],
          usage: { ...USAGE, completion_tokens: 3, total_tokens: 10 },
        }),
        event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage: USAGE }),
        event({ choices: [], usage: { prompt_tokens: null, completion_tokens: null, total_tokens: null } }),
      ],
      { usage: COUNTS },
    ),
  ],
  G5: [
    ["prompt_cache_hit_tokens", { prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 3 }],
    ["cached_tokens", { cached_tokens: 4 }],
    ["num_cached_tokens", { num_cached_tokens: 4 }],
    ["prompt_token_details", { prompt_token_details: { cached_tokens: 4 } }],
  ]
    .map(([title, cached]) =>
      bare(
        title as string,
        [
          delta({ content: "Hi." }),
          event({
            choices: [{ index: 0, delta: {}, finish_reason: "stop" }],
            usage: { ...USAGE, ...(cached as object) },
          }),
        ],
        { usage: { ...COUNTS, cacheReadTokens: 4 } },
      ),
    )
    .concat(
      bare(
        "more cached than prompt: the prompt does not include it",
        [
          delta({ content: "Hi." }, "stop"),
          event({ choices: [], usage: { ...USAGE, prompt_tokens_details: { cached_tokens: 20 } } }),
        ],
        { usage: { inputTokens: 27, outputTokens: 5, totalTokens: 32, cacheReadTokens: 20 } },
      ),
    ),
  G6: [
    bare(
      "reasoning outside of the completion, as the total tells",
      [
        delta({ content: "Hi." }, "stop"),
        event({
          choices: [],
          usage: {
            prompt_tokens: 7,
            completion_tokens: 5,
            total_tokens: 52,
            completion_tokens_details: { reasoning_tokens: 40 },
          },
        }),
      ],
      { usage: { inputTokens: 7, outputTokens: 45, totalTokens: 52, reasoningTokens: 40 } },
    ),
    bare(
      "more reasoning than completion",
      [
        delta({ content: "Hi." }, "stop"),
        event({ choices: [], usage: { ...USAGE, completion_tokens_details: { reasoning_tokens: 9 } } }),
      ],
      { usage: { inputTokens: 7, outputTokens: 9, totalTokens: 16, reasoningTokens: 9 } },
    ),
  ],
};
