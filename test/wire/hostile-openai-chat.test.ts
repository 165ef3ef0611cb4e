import { expect } from "vitest";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import { survivesAnyField } from "./any-cut-properties.ts";
import { testWires } from "./wires-under-test.ts";

// What every wire has to endure stands in hostile-wires.test.ts.

const WIRE = "openai-chat";

/** What no shape of the fixtures has. */
const RICH: readonly object[] = [
  { choices: [{ index: 0, delta: { audio: { id: "a", data: "AQID", transcript: "hi", expires_at: 1 } } }] },
  { choices: [{ index: 0, delta: { images: [{ image_url: { url: "data:image/png;base64,AQID" } }] } }] },
  { choices: [{ index: 0, delta: { content: "x" }, logprobs: { content: [{ token: "x", logprob: -1 }] } }] },
  { choices: [{ index: 0, delta: { annotations: [{ type: "url_citation" }] } }], citations: ["https://a.b"] },
  { choices: [{ index: 1, delta: { content: "another" }, finish_reason: "stop" }] },
  { error: { message: "boom", type: "server_error", code: 500 } },
];

testWires(
  "any field of what only some servers send may be anything",
  (wire) => {
    const beginning = wire.fixtures.stream([{ text: "a" }]);
    const ending = wire.whole([]);
    return survivesAnyField(wire, RICH, (json) => [...beginning, `data: ${json}\n\n`, ...ending].join(""));
  },
  WIRE,
);

testWires(
  "hostile keys of what is kept and joined change nothing but the value that they stand in",
  async (wire) => {
    const hostile =
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1,"hasOwnProperty":null}';
    const details = `{"type":"reasoning.text","index":0,"text":"a",${hostile.slice(1)}`;
    const events = [
      `{"choices":[{"index":0,"delta":{"content":"a",${hostile.slice(1, -1)}},${hostile.slice(1, -1)}}],${hostile.slice(1)}`,
      `{"choices":[{"index":0,"delta":{"reasoning_details":[${details},${details}]}}]}`,
      `{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"__proto__","function":{"name":"t","arguments":${JSON.stringify(hostile)}},"extra_content":${hostile}}]}}]}`,
      `{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,${hostile.slice(1)}}`,
      `{"choices":[{"index":0,"delta":{},"finish_reason":"__proto__"}]}`,
    ];
    const answer = await wire.survive({
      pieces: [...events.map((event) => `data: ${event}\n\n`), "data: [DONE]\n\n"],
    });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(answer).toMatchObject({ text: "a", finishReason: "other", usage: { inputTokens: 1 } });
    const [call] = (answer as ChatResponse).toolCalls;
    expect(call).toMatchObject({ id: "__proto__", rawInput: hostile });
    expect(Object.keys(call?.input ?? {})).toEqual([
      "__proto__",
      "constructor",
      "toString",
      "hasOwnProperty",
    ]);
    expect(Object.getPrototypeOf(call?.input)).toBe(Object.prototype);
  },
  WIRE,
);

testWires(
  "arguments nested 20,000 deep are read as they come",
  async (wire) => {
    const depth = 20_000;
    const parts = [
      { tool: { index: 0, id: "c1", name: "t", arguments: "" } },
      ...Array.from({ length: depth }, () => ({ tool: { index: 0, arguments: '{"a":' } })),
      { tool: { index: 0, arguments: `1${"}".repeat(depth)}` } },
    ];
    const { last, error } = await wire.outcome({ pieces: [wire.whole(parts).join("")] });
    expect(error).toBeUndefined();
    expect(last?.toolCalls[0]?.rawInput.length).toBe(depth * 6 + 1);
  },
  WIRE,
);
