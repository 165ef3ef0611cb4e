import {
  ANTHROPIC_ENVELOPE,
  anthropicEvent as event,
  blockDelta,
  blockStart,
  blockStop,
  MESSAGE_STOP,
  messageDelta,
  messageStart,
} from "./anthropic-events.ts";
import { type ExpectedAnswer, SIGNATURE, type StreamShape } from "./wire-fixtures.ts";

type Fields = Readonly<Record<string, unknown>>;

const USAGE = { input_tokens: 7, output_tokens: 5 } as const;
const COUNTS = { inputTokens: 7, outputTokens: 5, totalTokens: 12 } as const;
const PING = event("ping");

/** A stream of these events, with the ordinary beginning and end around it. */
function ended(
  title: string,
  events: readonly string[],
  expect: Partial<ExpectedAnswer>,
  ending: Fields = { stop_reason: "end_turn", stop_sequence: null },
): StreamShape {
  return {
    title,
    events: [
      messageStart({ ...USAGE, output_tokens: 1 }),
      ...events,
      messageDelta(ending, USAGE),
      MESSAGE_STOP,
    ],
    expect: { content: [], finishReason: "stop", usage: COUNTS, ...expect },
  };
}

/** A stream of one text that tells its usage at its beginning and end, if at all. */
function counted(
  title: string,
  usages: readonly [atStart: Fields | undefined, ...atEnd: Fields[]],
  usage: ExpectedAnswer["usage"],
): StreamShape {
  const [atStart, ...atEnd] = usages;
  const ending = { stop_reason: "end_turn", stop_sequence: null };
  return {
    title,
    events: [
      messageStart(atStart),
      ...text(0, "Hi."),
      ...atEnd.map((each, at) => messageDelta(at === 0 ? ending : {}, each)),
      MESSAGE_STOP,
    ],
    expect: { content: [{ text: "Hi." }], finishReason: "stop", ...(usage && { usage }) },
  };
}

function block(index: number, start: Fields, ...deltas: readonly Fields[]): string[] {
  return [blockStart(index, start), ...deltas.map((delta) => blockDelta(index, delta)), blockStop(index)];
}

function text(index: number, ...texts: readonly string[]): string[] {
  return block(
    index,
    { type: "text", text: "" },
    ...texts.map((each) => ({ type: "text_delta", text: each })),
  );
}

function thinking(index: number, ...texts: readonly string[]): string[] {
  return block(
    index,
    { type: "thinking", thinking: "", signature: "" },
    ...texts.map((each) => ({ type: "thinking_delta", thinking: each })),
    { type: "signature_delta", signature: SIGNATURE },
  );
}

function tool(index: number, id: string, ...pieces: readonly string[]): string[] {
  const start = { type: "tool_use", id, name: "get_time", input: {} };
  return block(index, start, ...pieces.map((piece) => ({ type: "input_json_delta", partial_json: piece })));
}

const TOOL_USE = { stop_reason: "tool_use", stop_sequence: null } as const;

/** Shapes that only Anthropic's wire has, seen in its answers and in its proxies' until 2026-11, by their case. */
export const anthropicShapes: Readonly<Record<string, readonly StreamShape[]>> = {
  C14: [
    ended(
      "unknown fields, events and deltas",
      [
        event("novelty", { index: 0, delta: { type: "text_delta", text: "no" } }),
        blockStart(0, { type: "text", text: "", citations: null, novelty: {} }),
        PING,
        blockDelta(0, { type: "text_delta", text: "Hi", novelty: 1 }),
        blockDelta(0, { type: "novelty_delta", novelty: "no" }),
        blockDelta(0, { type: "text_delta", text: "." }),
        blockStop(0),
      ],
      { content: [{ text: "Hi." }] },
    ),
    {
      title: "events without names",
      events: [
        messageStart(USAGE),
        ...text(0, "Hi", "."),
        messageDelta({ stop_reason: "end_turn" }),
        MESSAGE_STOP,
      ].map((each) => each.slice(each.indexOf("\n") + 1)),
      expect: { content: [{ text: "Hi." }], finishReason: "stop", usage: COUNTS },
    },
  ],
  C15: [
    ended(
      "events without content",
      [
        event("content_block_start", { index: 0, content_block: { type: "text", text: null } }),
        event("content_block_delta", { index: 0 }),
        event("content_block_delta", { index: 0, delta: null }),
        blockDelta(0, { type: "text_delta", text: null }),
        blockDelta(0, { type: "text_delta", text: "" }),
        blockDelta(0, { type: "text_delta", text: "Hi." }),
        blockStop(0),
        event("message_delta", { delta: null, usage: null }),
        messageDelta({ stop_reason: null }, { input_tokens: null, output_tokens: null }),
      ],
      { content: [{ text: "Hi." }] },
    ),
    ended("the same beginning twice", [messageStart({ ...USAGE, output_tokens: 1 }), ...text(0, "Hi.")], {
      content: [{ text: "Hi." }],
    }),
    ended("a block that stays empty", [...text(0), ...text(1, "Hi.")], { content: [{ text: "Hi." }] }),
  ],
  E4: [
    ended(
      "blocks with gaps between their indexes",
      [...tool(3, "call_1", '{"a":1}'), ...tool(7, "call_2", '{"a":2}')],
      {
        content: [
          { tool: "get_time", id: "call_1", input: { a: 1 } },
          { tool: "get_time", id: "call_2", input: { a: 2 } },
        ],
        finishReason: "tool_calls",
      },
      TOOL_USE,
    ),
  ],
  E8: [
    ended(
      "arguments that stand at the beginning of the block",
      block(0, { type: "tool_use", id: "call_1", name: "get_time", input: { zone: "CET" } }),
      { content: [{ tool: "get_time", id: "call_1", input: { zone: "CET" } }], finishReason: "tool_calls" },
      TOOL_USE,
    ),
  ],
  E9: [
    ended(
      "arguments without any piece, and with an empty one",
      [...tool(0, "call_1"), ...tool(1, "call_2", "")],
      {
        content: [
          { tool: "get_time", id: "call_1", input: {} },
          { tool: "get_time", id: "call_2", input: {} },
        ],
        finishReason: "tool_calls",
      },
      TOOL_USE,
    ),
    ended(
      "a call that nowhere has any",
      block(0, { type: "tool_use", id: "call_1", name: "get_time" }),
      { content: [{ tool: "get_time", id: "call_1", input: {} }], finishReason: "tool_calls" },
      TOOL_USE,
    ),
  ],
  F1: [
    ended("thoughts and then a text", [...thinking(0, "Two and", " two."), ...text(1, "It is", " 4.")], {
      content: [{ thinking: "Two and two." }, { text: "It is 4." }],
    }),
    ended(
      "thoughts again between two texts",
      [...thinking(0, "one"), ...text(1, "two"), ...thinking(2, "three"), ...text(3, "four")],
      { content: [{ thinking: "one" }, { text: "two" }, { thinking: "three" }, { text: "four" }] },
    ),
    ended(
      "two thoughts in a row stay two",
      [...thinking(0, "one"), ...thinking(1, "two"), ...text(2, "three")],
      {
        content: [{ thinking: "one" }, { thinking: "two" }, { text: "three" }],
      },
    ),
  ],
  F5: [
    ended("a signature at the end of the thoughts", [...thinking(0, "Two and two."), ...text(1, "4.")], {
      content: [{ thinking: "Two and two." }, { text: "4." }],
    }),
    ended("a signature without thoughts to see", [...thinking(0), ...text(1, "4.")], {
      content: [{ thinking: "" }, { text: "4." }],
    }),
    ended(
      "a signature before a call",
      [...thinking(0, "I need the time."), ...tool(1, "call_1", "{}")],
      {
        content: [{ thinking: "I need the time." }, { tool: "get_time", id: "call_1", input: {} }],
        finishReason: "tool_calls",
      },
      TOOL_USE,
    ),
  ],
  F6: [
    ended(
      "thoughts that were hidden",
      [...block(0, { type: "redacted_thinking", data: SIGNATURE }), ...text(1, "4.")],
      { content: [{ thinking: "" }, { text: "4." }] },
    ),
    ended(
      "work of the provider's own tools",
      [
        ...block(
          0,
          { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} },
          { type: "input_json_delta", partial_json: '{"query":"two and' },
          { type: "input_json_delta", partial_json: ' two"}' },
        ),
        ...block(1, {
          type: "web_search_tool_result",
          tool_use_id: "srvtoolu_1",
          content: [{ type: "web_search_result", url: "https://example.com", encrypted_content: SIGNATURE }],
        }),
        ...text(2, "4."),
      ],
      { content: [{ thinking: "" }, { thinking: "" }, { text: "4." }] },
    ),
    ended(
      "a block that nobody knows yet",
      [
        ...block(0, { type: "novelty", data: SIGNATURE }, { type: "novelty_delta", data: "no" }),
        ...text(1, "4."),
      ],
      { content: [{ thinking: "" }, { text: "4." }] },
    ),
  ],
  F7: [
    ended("signed thoughts", [...thinking(0, "Two and two."), ...text(1, "4.")], {
      content: [{ thinking: "Two and two." }, { text: "4." }],
    }),
  ],
  G1: [
    counted(
      "at the beginning and at the end",
      [{ ...USAGE, output_tokens: 1 }, { output_tokens: 5 }],
      COUNTS,
    ),
    counted("the same input again at the end", [{ ...USAGE, output_tokens: 1 }, USAGE], COUNTS),
  ],
  G2: [counted("beside the reason only", [undefined, USAGE], COUNTS)],
  G4: [
    counted(
      "more and more of it",
      [{ ...USAGE, output_tokens: 1 }, { output_tokens: 3 }, USAGE, { input_tokens: null, output_tokens: 5 }],
      COUNTS,
    ),
    counted(
      "an input that tools of the server made longer",
      [
        { input_tokens: 3, output_tokens: 1, cache_read_input_tokens: 0 },
        { ...USAGE, cache_read_input_tokens: 4 },
      ],
      { inputTokens: 11, outputTokens: 5, totalTokens: 16, cacheReadTokens: 4 },
    ),
  ],
  G5: [
    counted(
      "cached tokens told at the beginning only",
      [
        {
          input_tokens: 10,
          output_tokens: 1,
          cache_read_input_tokens: 60,
          cache_creation_input_tokens: 30,
          cache_creation: { ephemeral_5m_input_tokens: 30, ephemeral_1h_input_tokens: 0 },
        },
        { output_tokens: 5 },
      ],
      { inputTokens: 100, outputTokens: 5, totalTokens: 105, cacheReadTokens: 60, cacheWriteTokens: 30 },
    ),
  ],
  H1: [
    ended(
      "a stop sequence",
      text(0, "Hi."),
      { content: [{ text: "Hi." }], rawFinishReason: "stop_sequence" },
      {
        stop_reason: "stop_sequence",
        stop_sequence: "END",
      },
    ),
    // Seen after tool results.
    {
      ...ended("nothing to say", [], {}),
      whole: JSON.stringify({ ...ANTHROPIC_ENVELOPE, content: [], stop_reason: "end_turn", usage: USAGE }),
    },
  ],
  H2: [
    ended(
      "a context window that is full",
      text(0, "Hi."),
      {
        content: [{ text: "Hi." }],
        finishReason: "length",
        rawFinishReason: "model_context_window_exceeded",
      },
      { stop_reason: "model_context_window_exceeded", stop_sequence: null },
    ),
  ],
  H4: [
    ended(
      "a refusal without any content",
      [PING],
      { finishReason: "content_filter", rawFinishReason: "refusal" },
      {
        stop_reason: "refusal",
        stop_sequence: null,
        stop_details: {
          type: "refusal",
          category: "cyber",
          explanation: "This request triggered restrictions.",
          recommended_model: "another-model",
        },
      },
    ),
  ],
  H5: [
    ended(
      "a history that was compacted",
      text(0, "Hi."),
      { content: [{ text: "Hi." }], finishReason: "pause", rawFinishReason: "compaction" },
      { stop_reason: "compaction", stop_sequence: null },
    ),
  ],
};
