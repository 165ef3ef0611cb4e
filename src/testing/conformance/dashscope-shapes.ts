import { dashscopeChoice, dashscopeEvent as event } from "./dashscope-events.ts";
import type { ExpectedAnswer, StreamShape } from "./wire-fixtures.ts";

type Fields = Readonly<Record<string, unknown>>;

const USAGE = { input_tokens: 7, output_tokens: 5, total_tokens: 12 } as const;
const COUNTS = { inputTokens: 7, outputTokens: 5, totalTokens: 12 } as const;

/** An event with a piece of the message. */
function delta(message: Fields, more: Fields = {}): string {
  return dashscopeChoice({ role: "assistant", content: "", ...message }, more);
}

function end(finish = "stop", more: Fields = { usage: USAGE }): string {
  return delta({}, { finish, ...more });
}

/** A stream of these events, with the ordinary end after them. */
function ended(
  title: string,
  events: readonly string[],
  expect: Partial<ExpectedAnswer>,
  finish = "stop",
): StreamShape {
  return {
    title,
    events: [...events, end(finish)],
    expect: { content: [{ text: "Hi." }], finishReason: "stop", usage: COUNTS, ...expect },
  };
}

function call(more: Fields, name: string | undefined, input: unknown): Fields {
  return { type: "function", ...more, function: { ...(name !== undefined && { name }), arguments: input } };
}

/** Shapes that only DashScope's own wire has, in the field since 2024 and checked 2026-11, by their case. */
export const dashscopeShapes: Readonly<Record<string, readonly StreamShape[]>> = {
  C14: [
    ended(
      "unknown fields, parts and events",
      [
        event({ novelty: { deep: [1] } }, "novelty"),
        event({ output: { novelty: 1 } }, "data"),
        delta(
          { content: "Hi", novelty: {} },
          { choice: { novelty: null }, status_code: 200, code: "", message: "" },
        ),
        delta({ content: [{ text: "." }] }),
      ],
      {},
    ),
    ended(
      "an event that says that it is done",
      [delta({ content: "Hi." }), end(), "event:done\ndata:[DONE]\n\n"],
      {},
    ),
  ],
  C15: [
    ended(
      "events without content",
      [
        event({}),
        event({ output: null, usage: null }),
        event({ output: { choices: null, text: null, finish_reason: null } }),
        event({ output: { choices: [] } }),
        event({ output: { choices: [null] } }),
        event({ output: { choices: [{ finish_reason: null }] } }),
        dashscopeChoice(null),
        dashscopeChoice({}, { finish: null }),
        delta({ content: null, reasoning_content: null, tool_calls: null, annotations: null }),
        delta({ content: [] }),
        delta({ content: "Hi", tool_calls: [] }, { finish: "" }),
        delta({ reasoning_content: "", tool_calls: [null] }),
        delta({ content: "." }),
      ],
      {},
    ),
  ],
  E4: [
    ended(
      "two calls in one event, without index",
      [
        delta({
          tool_calls: [call({ id: "call_1" }, "get_weather", "{}"), call({ id: "call_2" }, "get_time", "{}")],
        }),
      ],
      {
        content: [
          { tool: "get_weather", id: "call_1", input: {} },
          { tool: "get_time", id: "call_2", input: {} },
        ],
        finishReason: "tool_calls",
      },
      "tool_calls",
    ),
  ],
  E6: [
    ended(
      "a last piece with nothing in it, beside the reason",
      [
        delta({ tool_calls: [call({ index: 0, id: "call_1" }, "get_time", "")] }),
        delta({ tool_calls: [call({ index: 0, id: "" }, undefined, '{"zone":"CET"}')] }),
        delta({ tool_calls: [call({ index: 0, id: "" }, "", "")] }),
      ],
      {
        content: [{ tool: "get_time", id: "call_1", input: { zone: "CET" } }],
        finishReason: "tool_calls",
      },
      "tool_calls",
    ),
  ],
  E9: [
    ended(
      "arguments null, missing and the word null",
      [
        delta({
          tool_calls: [
            call({ index: 0, id: "call_1" }, "get_time", null),
            { index: 1, id: "call_2", type: "function", function: { name: "get_time" } },
            call({ index: 2, id: "call_3" }, "get_time", "null"),
          ],
        }),
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
        delta({ reasoning_content: "Two and" }),
        delta({ reasoning_content: " two." }),
        delta({ content: "It is", reasoning_content: "" }),
        delta({ content: " 4.", reasoning_content: "" }),
      ],
      { content: [{ thinking: "Two and two." }, { text: "It is 4." }] },
    ),
    ended(
      "reasoning and text in one event",
      [delta({ content: "It is", reasoning_content: "So:" }), delta({ content: " 4." })],
      { content: [{ thinking: "So:" }, { text: "It is 4." }] },
    ),
  ],
  F7: [
    ended(
      "reasoning that may go back",
      [delta({ reasoning_content: "Two and two." }), delta({ content: "4." })],
      { content: [{ thinking: "Two and two." }, { text: "4." }] },
    ),
  ],
  G1: [ended("with the reason", [delta({ content: "Hi." })], {})],
  G2: [
    {
      title: "in an event after the one with the reason",
      events: [delta({ content: "Hi." }), end("stop", {}), event({ output: { choices: [] }, usage: USAGE })],
      expect: { content: [{ text: "Hi." }], finishReason: "stop", usage: COUNTS },
    },
    {
      title: "without a total",
      events: [delta({ content: "Hi." }), end("stop", { usage: { input_tokens: 7, output_tokens: 5 } })],
      expect: { content: [{ text: "Hi." }], finishReason: "stop", usage: COUNTS },
    },
  ],
  G4: [
    ended(
      "on every event",
      [
        delta({ content: "Hi" }, { usage: { ...USAGE, output_tokens: 1, total_tokens: 8 } }),
        delta({ content: "." }, { usage: { ...USAGE, output_tokens: 3, total_tokens: 10 } }),
        delta({}, { usage: null }),
      ],
      {},
    ),
  ],
  H1: [
    {
      title: "the older form, a bare text",
      events: [
        event({ output: { text: "Hi", finish_reason: "null" } }),
        event({ output: { text: ".", finish_reason: "stop" }, usage: USAGE }),
      ],
      expect: { content: [{ text: "Hi." }], finishReason: "stop", usage: COUNTS },
      whole: JSON.stringify({ output: { text: "Hi.", finish_reason: "stop" }, usage: USAGE }),
    },
  ],
};
