import { ollamaEnd as end, ollamaLine as line, ollamaPart as part } from "./ollama-events.ts";
import { type ExpectedAnswer, type StreamShape, TAGGED_THINKING } from "./wire-fixtures.ts";

const USAGE = { prompt_eval_count: 7, eval_count: 5 } as const;
const COUNTS = { inputTokens: 7, outputTokens: 5, totalTokens: 12 } as const;
const DURATIONS = {
  total_duration: 174_560_334,
  load_duration: 101_397_084,
  prompt_eval_duration: 13_074_791,
  eval_duration: 52_479_709,
} as const;

/** A stream of these lines, with the ordinary end after them. */
function ended(title: string, lines: readonly string[], expect: Partial<ExpectedAnswer>): StreamShape {
  return {
    title,
    events: [...lines, end("stop", { ...USAGE, ...DURATIONS })],
    expect: { content: [{ text: "Hi." }], finishReason: "stop", usage: COUNTS, ...expect },
  };
}

function call(name: string, input: unknown, more: object = {}): object {
  return { function: { name, arguments: input }, ...more };
}

/** Shapes that only Ollama's wire has, in the field since 2024 and checked 2026-11, by their case. */
export const ollamaShapes: Readonly<Record<string, readonly StreamShape[]>> = {
  C14: [
    ended(
      "unknown fields and lines, and a model that runs elsewhere",
      [
        line({ status: "loading model", done: false }),
        line({ novelty: { deep: [1] } }),
        part(
          { content: "Hi", novelty: {} },
          { remote_model: "served-model:8b", remote_host: "https://ollama.com" },
        ),
        part({ content: "." }, { context: [1, 2, 3] }),
      ],
      {},
    ),
  ],
  C15: [
    ended(
      "lines without content",
      [
        line({ done: false }),
        line({ message: null, done: false }),
        line({ message: {}, done: false }),
        part({ content: null, thinking: null, tool_calls: null, images: null }),
        part({ content: "Hi", tool_calls: [] }, { done: null, logprobs: null }),
        part({ content: "", thinking: "", tool_calls: [null] }),
        part({ content: "." }),
      ],
      {},
    ),
  ],
  C18: [
    {
      title: "the last line without a line end",
      events: [part({ content: "Hi" }), part({ content: "." }), end("stop", USAGE).trimEnd()],
      expect: { content: [{ text: "Hi." }], finishReason: "stop", usage: COUNTS },
    },
    ended(
      "line ends inside of strings, blank lines and blanks around lines",
      ["\n\r\n", ` ${part({ content: "Hi\n" })}`, "\n", part({ content: "\u2028." })],
      { content: [{ text: "Hi\n\u2028." }] },
    ),
  ],
  E4: [
    ended(
      "two calls in one line, without index and id",
      [part({ tool_calls: [call("get_weather", {}), call("get_time", {})] })],
      {
        content: [
          { tool: "get_weather", input: {} },
          { tool: "get_time", input: {} },
        ],
        finishReason: "tool_calls",
      },
    ),
    ended(
      "index 0 for every call",
      [
        part({
          tool_calls: [{ id: "call_1", function: { index: 0, name: "get_time", arguments: { a: 1 } } }],
        }),
        part({
          tool_calls: [{ id: "call_2", function: { index: 0, name: "get_time", arguments: { a: 2 } } }],
        }),
      ],
      {
        content: [
          { tool: "get_time", id: "call_1", input: { a: 1 } },
          { tool: "get_time", id: "call_2", input: { a: 2 } },
        ],
        finishReason: "tool_calls",
      },
    ),
  ],
  E5: [
    ended(
      "the same call twice, without index and id",
      [
        part({ tool_calls: [call("get_time", { a: 1 })] }),
        part({ tool_calls: [call("get_time", { a: 1 })] }),
      ],
      {
        content: [
          { tool: "get_time", input: { a: 1 } },
          { tool: "get_time", input: { a: 1 } },
        ],
        finishReason: "tool_calls",
      },
    ),
  ],
  E8: [
    {
      title: "text and a call in the last line",
      events: [
        line({
          message: { role: "assistant", content: "Hi.", tool_calls: [call("get_time", { zone: "CET" })] },
          done: true,
          done_reason: "stop",
          ...USAGE,
        }),
      ],
      expect: {
        content: [{ text: "Hi." }, { tool: "get_time", input: { zone: "CET" } }],
        finishReason: "tool_calls",
        usage: COUNTS,
      },
    },
  ],
  E9: [
    ended(
      "arguments null, missing and empty",
      [
        part({
          tool_calls: [call("get_time", null), { function: { name: "get_time" } }, call("get_time", {})],
        }),
      ],
      {
        content: [1, 2, 3].map(() => ({ tool: "get_time", input: {} })),
        finishReason: "tool_calls",
      },
    ),
  ],
  F1: [
    ended("thinking", [part({ thinking: "Two and" }), part({ thinking: " two." }), part({ content: "4." })], {
      content: [{ thinking: "Two and two." }, { text: "4." }],
    }),
    ended(
      "thinking and text in one line, and thinking again",
      [part({ thinking: "one", content: "two" }), part({ thinking: "three" }), part({ content: "four" })],
      { content: [{ thinking: "one" }, { text: "two" }, { thinking: "three" }, { text: "four" }] },
    ),
  ],
  // Of servers, and templates, that do not know of thinking.
  F4: TAGGED_THINKING.map((texts) =>
    ended(
      `tags in ${texts.length} pieces`,
      texts.map((content) => part({ content })),
      { content: [{ thinking: "Two and two." }, { text: "It is 4." }] },
    ),
  ),
  F7: [
    ended("thinking that may go back", [part({ thinking: "Two and two." }), part({ content: "4." })], {
      content: [{ thinking: "Two and two." }, { text: "4." }],
    }),
  ],
  F11: [
    ended("empty tags", [part({ content: "<think>\n\n</think>\n\n" }), part({ content: "4." })], {
      content: [{ text: "4." }],
    }),
  ],
  G1: [
    ended("in the last line", [part({ content: "Hi." })], {}),
    {
      title: "a prompt that was still in the cache is not counted",
      events: [part({ content: "Hi." }), end("stop", { eval_count: 5, ...DURATIONS })],
      expect: { content: [{ text: "Hi." }], finishReason: "stop", usage: { outputTokens: 5 } },
    },
  ],
  H1: [
    {
      title: "no reason at all",
      events: [
        part({ content: "Hi." }),
        line({ message: { role: "assistant", content: "" }, done: true, ...USAGE }),
      ],
      expect: { content: [{ text: "Hi." }], finishReason: "stop", usage: COUNTS },
    },
  ],
};
