// What the server sends: for each wire the events of an answer, as its provider frames them.

/**
 * @typedef {object} Wire
 * @property {string} type the content type of a stream
 * @property {(index: number) => string[]} begin what comes before the text
 * @property {(text: string, index: number) => string} text
 * @property {((name: string, index?: number, all?: string) => string) | undefined} [call] begins a tool call; perhaps it is all of it
 * @property {(piece: string, index: number) => string} [piece] a fragment of its arguments
 * @property {(count: number, isCall: boolean) => string[]} end
 */

const json = JSON.stringify;
const SSE = "text/event-stream";

/** @param {unknown[]} choices */
function openaiEvent(choices, more = {}) {
  const envelope = {
    id: "chatcmpl-D8Z5",
    object: "chat.completion.chunk",
    created: 1_770_933_892,
    model: "gpt-4.1-nano-2025-04-14",
    service_tier: "default",
    system_fingerprint: "fp_de604bd877",
  };
  return `data: ${json({ ...envelope, choices, usage: null, ...more })}\n\n`;
}

/** @param {object} delta @param {string | null} finish */
const openaiDelta = (delta, finish = null, more = {}) =>
  openaiEvent([{ index: 0, delta, logprobs: null, finish_reason: finish }], more);

/** @param {(index: number) => object} padding */
const openai = (padding) =>
  /** @type {Wire} */ ({
    type: SSE,
    begin: () => [openaiDelta({ role: "assistant", content: "", refusal: null }, null, padding(5))],
    text: (text, index) => openaiDelta({ content: text }, null, padding(index)),
    call: (name, index = 0, all = "") =>
      openaiDelta({
        tool_calls: [{ index, id: `call_${index}`, type: "function", function: { name, arguments: all } }],
      }),
    piece: (piece) => openaiDelta({ tool_calls: [{ index: 0, function: { arguments: piece } }] }),
    end: (count, isCall) => [
      openaiDelta({}, isCall ? "tool_calls" : "stop", padding(3)),
      openaiEvent([], {
        usage: { prompt_tokens: 16, completion_tokens: count, total_tokens: 16 + count },
      }),
      "data: [DONE]\n\n",
    ],
  });

/** @param {string} type @param {object} fields */
const anthropicEvent = (type, fields = {}) => `event: ${type}\ndata: ${json({ type, ...fields })}\n\n`;

/** @type {Wire} */
const anthropic = {
  type: `${SSE}; charset=utf-8`,
  begin: () => [
    anthropicEvent("message_start", {
      message: {
        model: "claude-sonnet-4-6",
        id: "msg_01QC",
        type: "message",
        role: "assistant",
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: {
          input_tokens: 12,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 0,
          output_tokens: 1,
        },
      },
    }),
    anthropicEvent("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
    anthropicEvent("ping"),
  ],
  text: (text) => anthropicEvent("content_block_delta", { index: 0, delta: { type: "text_delta", text } }),
  call: (name) =>
    anthropicEvent("content_block_stop", { index: 0 }) +
    anthropicEvent("content_block_start", {
      index: 1,
      content_block: { type: "tool_use", id: "toolu_01", name, input: {} },
    }),
  piece: (partial_json) =>
    anthropicEvent("content_block_delta", { index: 1, delta: { type: "input_json_delta", partial_json } }),
  end: (count, isCall) => [
    anthropicEvent("content_block_stop", { index: isCall ? 1 : 0 }),
    anthropicEvent("message_delta", {
      delta: { stop_reason: isCall ? "tool_use" : "end_turn", stop_sequence: null },
      usage: { input_tokens: 12, output_tokens: count },
    }),
    anthropicEvent("message_stop"),
  ],
};

/** @param {object[]} parts @param {number} tokens */
const geminiEvent = (parts, tokens, more = {}) =>
  `data: ${json({
    candidates: [{ content: { parts, role: "model" }, ...more, index: 0 }],
    usageMetadata: { promptTokenCount: 9, candidatesTokenCount: tokens, totalTokenCount: 9 + tokens },
    modelVersion: "gemini-2.5-flash",
    responseId: "bH6LaZW8Fp_3nsEPqtaSwQ4",
  })}\r\n\r\n`;

/** @type {Wire} */
const gemini = {
  type: SSE,
  begin: () => [],
  // Every event tells the tokens so far.
  text: (text, index) => geminiEvent([{ text }], index + 1),
  end: (count) => [geminiEvent([{ text: "" }], count, { finishReason: "STOP" })],
};

/** @param {object} fields @param {number} index */
const ollamaLine = (fields, index) => {
  const time = new Date(1_793_527_200_000 + index * 17)
    .toISOString()
    .replace("Z", `${100_000 + (index % 900_000)}Z`);
  return `${json({ model: "qwen3:8b", created_at: time, ...fields })}\n`;
};

/** @type {Wire} */
const ollama = {
  type: "application/x-ndjson",
  begin: () => [],
  // Every line tells when it was made.
  text: (text, index) => ollamaLine({ message: { role: "assistant", content: text }, done: false }, index),
  end: (count) => [
    ollamaLine(
      {
        message: { role: "assistant", content: "" },
        done: true,
        done_reason: "stop",
        total_duration: 5_191_566_416,
        load_duration: 2_154_458,
        prompt_eval_count: 26,
        prompt_eval_duration: 383_809_000,
        eval_count: count,
        eval_duration: 4_799_921_000,
      },
      count,
    ),
  ],
};

/** @param {object} message @param {number} tokens */
const dashscopeEvent = (message, tokens, finish = "null") =>
  `id:${tokens}\nevent:result\n:HTTP_STATUS/200\ndata:${json({
    output: { choices: [{ message: { ...message, role: "assistant" }, finish_reason: finish }] },
    usage: { total_tokens: 26 + tokens, input_tokens: 26, output_tokens: tokens },
    request_id: "23759246-cf04-9ed8-8d58-a32ad4a9a6bd",
  })}\n\n`;

/** @type {Wire} */
const dashscope = {
  type: `${SSE};charset=UTF-8`,
  begin: () => [],
  // Every event tells the tokens so far.
  text: (content, index) => dashscopeEvent({ content }, index + 1),
  call: (name) =>
    dashscopeEvent(
      {
        content: "",
        tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name, arguments: "" } }],
      },
      1,
    ),
  piece: (piece, index) =>
    dashscopeEvent(
      { content: "", tool_calls: [{ index: 0, type: "function", function: { arguments: piece } }] },
      index + 1,
    ),
  end: (count, isCall) => [dashscopeEvent({ content: "" }, count, isCall ? "tool_calls" : "stop")],
};

/** @type {Readonly<Record<string, Wire>>} */
export const WIRES = {
  openai: openai(() => ({})),
  // As api.openai.com pads its events where it is not asked to leave that out.
  "openai-padded": openai((index) => ({
    obfuscation: "Qup1BsQ3dThzap0h9RiQLL".slice(0, 1 + ((index * 7) % 20)),
  })),
  anthropic,
  gemini,
  ollama,
  dashscope,
};

/** JSON text of about `characters` characters: records, as a model writes them. @param {number} characters */
export function records(characters) {
  const items = [];
  for (let length = 0, index = 0; length < characters; index++) {
    const item = {
      id: index,
      name: `record ${index}`,
      tags: ["alpha", "beta", index % 2 === 0],
      note: 'All work and no play, "quoted" and with a line\nbreak.',
      score: index / 8,
    };
    items.push(item);
    length += json(item).length + 1;
  }
  return json({ items });
}

/** The text in as many pieces. @param {string} text @param {number} count */
function pieces(text, count) {
  return Array.from({ length: count }, (_, index) =>
    text.slice(Math.floor((index * text.length) / count), Math.floor(((index + 1) * text.length) / count)),
  ).filter(Boolean);
}

/** A piece of text of a common length. @param {number} index */
export const word = (index) => ` word${index % 97}`;

/** What an answer holds, by scenario. @type {Readonly<Record<string, (wire: Wire, count: number) => string[]>>} */
const CONTENTS = {
  text: (wire, count) => Array.from({ length: count }, (_, index) => wire.text(word(index), index)),
  /** A kilobyte an event. */
  block: (wire, count) => Array.from({ length: count }, (_, index) => wire.text("block ".repeat(170), index)),
  /** The answer is JSON. */
  json: (wire, count) => pieces(records(count * 20), count).map((piece, index) => wire.text(piece, index)),
  /** A call with one long text, in fragments of eight characters. */
  tool(wire, count) {
    const { call, piece } = wire;
    if (call === undefined || piece === undefined)
      throw new Error("This wire has no fragments of arguments.");
    const body = "All work and no play makes a long text file. ".repeat(Math.ceil((count * 8) / 45));
    const whole = json({ path: "notes/plan.md", content: body.slice(0, count * 8), tags: ["a", "b"] });
    return [call("write_file"), ...pieces(whole, count).map((text, index) => piece(text, index))];
  },
  /** Many small calls, each in one event. */
  calls(wire, count) {
    const { call } = wire;
    if (call === undefined) throw new Error("This wire has no calls.");
    return Array.from({ length: count }, (_, index) => call("write_file", index, json({ n: index })));
  },
};

/** The events of an answer, one by one. @param {string} wireName @param {string} content @param {number} count */
export function eventsOf(wireName, content, count) {
  const wire = WIRES[wireName];
  if (wire === undefined) throw new Error(`There is no wire ${wireName}.`);
  return [
    ...wire.begin(0),
    ...CONTENTS[content](wire, count),
    ...wire.end(count, content === "tool" || content === "calls"),
  ];
}
