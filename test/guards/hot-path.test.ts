import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { getEventListeners } from "node:events";
import type { Socket } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { eventsOf, WIRES, word } from "../../bench/streams.js";
import { AnthropicCredential } from "../../src/credential/anthropic.ts";
import { DashScopeCredential } from "../../src/credential/dashscope.ts";
import { GeminiCredential } from "../../src/credential/gemini.ts";
import { OllamaCredential } from "../../src/credential/ollama.ts";
import { OpenAICredential } from "../../src/credential/openai.ts";
import type { ChatModelBase } from "../../src/model/chat-model-base.ts";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import { serve } from "../transport/loopback.ts";

// What an answer costs for each of its deltas, counted: nothing here depends on how fast the machine is. What it takes of the
// CPU is measured in bench/.

const made = vi.hoisted(() => ({ snapshots: 0 }));

vi.mock("../../src/model/chat-response.ts", async (importOriginal) => {
  const original = await importOriginal<typeof import("../../src/model/chat-response.ts")>();
  class CountedResponse extends original.ChatResponse {
    constructor(data: ConstructorParameters<typeof original.ChatResponse>[0]) {
      super(data);
      made.snapshots += 1;
    }
  }
  return { ...original, ChatResponse: CountedResponse };
});

afterEach(() => {
  vi.restoreAllMocks();
});

const apiKey = "sk-test-0000";

const MODELS: Readonly<Record<string, (baseUrl: string) => ChatModelBase>> = {
  openai: (baseUrl) => new OpenAICredential({ apiKey, baseUrl }).createChatModel("gpt-4.1-nano"),
  "openai-padded": (baseUrl) => new OpenAICredential({ apiKey, baseUrl }).createChatModel("gpt-4.1-nano"),
  anthropic: (baseUrl) => new AnthropicCredential({ apiKey, baseUrl }).createChatModel("claude-sonnet-4-6"),
  gemini: (baseUrl) => new GeminiCredential({ apiKey, baseUrl }).createChatModel("gemini-2.5-flash"),
  ollama: (baseUrl) => new OllamaCredential({ baseUrl }).createChatModel("qwen3:8b"),
  dashscope: (baseUrl) =>
    new DashScopeCredential({ apiKey, baseUrl, mode: "native" }).createChatModel("qwen-plus"),
};

const TOOLS = [{ name: "write_file", parameters: { type: "object", properties: {} } }];

/** What the beginning and the end of an answer may take of anything, connection included: few beside the deltas between. */
const OF_AN_ANSWER = 20;

const anyTimer = setTimeout(() => {}, 0);
clearTimeout(anyTimer);
const TIMEOUT = Object.getPrototypeOf(anyTimer) as NodeJS.Timeout;

/** What one answer made and called. */
interface Counts {
  /** Snapshots that were made. */
  readonly snapshots: number;
  /** Whole events that `JSON.parse` was given, and how many characters in all. */
  readonly parsedEvents: number;
  readonly parsedCharacters: number;
  /** Copies of bytes and of structures, and texts that were decoded the slow way. */
  readonly copies: number;
  /** Timers that were set, or set anew. */
  readonly timers: number;
  readonly last: ChatResponse;
}

/** Streams an answer of so many pieces, each read as a user does, and counts; after others that the same model gave. */
async function countsOf(wire: string, content: string, pieces: number, earlier = 0): Promise<Counts> {
  const body = eventsOf(wire, content, pieces).join("");
  const server = await serve((response) => {
    response.writeHead(200, { "content-type": WIRES[wire]?.type ?? "" });
    response.end(body);
  });
  const model = (MODELS[wire] as (baseUrl: string) => ChatModelBase)(server.url);
  for (let answer = 0; answer < earlier; answer++) await model.call("Hi", TOOLS);
  const spies = {
    parse: vi.spyOn(JSON, "parse"),
    concat: vi.spyOn(Buffer, "concat"),
    clone: vi.spyOn(globalThis, "structuredClone"),
    decode: vi.spyOn(TextDecoder.prototype, "decode"),
    setTimeout: vi.spyOn(globalThis, "setTimeout"),
    refresh: vi.spyOn(TIMEOUT, "refresh"),
  };
  made.snapshots = 0;
  const last = await new Promise<ChatResponse>((resolve, reject) => {
    let newest: ChatResponse | undefined;
    model.stream("Hi", TOOLS).subscribe({
      next: (response) => {
        // Looked at, as users do: it must not cost anything.
        if (response.textDelta === "?" || response.toolCalls[0]?.input["content"] === "?")
          reject(new Error());
        newest = response;
      },
      error: reject,
      complete: () => resolve(newest as ChatResponse),
    });
  });
  const parsed = spies.parse.mock.calls.map(([text]) => text);
  const counts = {
    snapshots: made.snapshots,
    parsedEvents: parsed.filter((text) => text.startsWith("{")).length,
    parsedCharacters: parsed.reduce((sum, text) => sum + text.length, 0),
    copies: spies.concat.mock.calls.length + spies.clone.mock.calls.length + spies.decode.mock.calls.length,
    timers: spies.setTimeout.mock.calls.length + spies.refresh.mock.calls.length,
    last,
  };
  vi.restoreAllMocks();
  await server.close();
  return counts;
}

test.each(Object.keys(WIRES))("%s: a delta of text makes a snapshot, and nothing else", async (wire) => {
  const few = await countsOf(wire, "text", 100);
  const many = await countsOf(wire, "text", 2000);
  expect(many.last.text).toBe(Array.from({ length: 2000 }, (_, index) => word(index)).join(""));
  expect(many.snapshots - few.snapshots).toBe(1900);
  expect(many.snapshots).toBeLessThan(2000 + OF_AN_ANSWER);
  expect(many.parsedEvents).toBeLessThan(OF_AN_ANSWER);
  expect(many.copies).toBeLessThan(OF_AN_ANSWER);
  expect(many.timers).toBeLessThan(OF_AN_ANSWER);
});

test.each(Object.keys(WIRES).filter((wire) => WIRES[wire]?.piece !== undefined))(
  "%s: tool arguments are parsed once, however many fragments they come in",
  async (wire) => {
    const few = await countsOf(wire, "tool", 100);
    const many = await countsOf(wire, "tool", 2000);
    const [call] = many.last.toolCalls;
    expect(call?.input["content"]).toHaveLength(2000 * 8);
    expect(many.snapshots - few.snapshots).toBe(1900);
    expect(many.parsedEvents).toBeLessThan(OF_AN_ANSWER);
    // The whole of them at the end. The fragments themselves are short strings, and only those with escapes are parsed.
    const all = call?.rawInput.length ?? 0;
    expect(many.parsedCharacters).toBeLessThan(2 * all + few.parsedCharacters);
    expect(many.copies).toBeLessThan(OF_AN_ANSWER);
    expect(many.timers).toBeLessThan(OF_AN_ANSWER);
  },
);

test.each(Object.keys(WIRES))(
  "%s: of a short answer nothing is parsed once the model has given two",
  async (wire) => {
    const counts = await countsOf(wire, "text", 20, 2);
    expect(counts.last.text).toHaveLength(
      Array.from({ length: 20 }, (_, index) => word(index)).join("").length,
    );
    expect(counts.parsedEvents).toBe(0);
  },
);

test.each(Object.keys(WIRES).filter((wire) => WIRES[wire]?.piece !== undefined))(
  "%s: of a short answer with a tool call only its arguments are parsed once the model has given two",
  async (wire) => {
    const counts = await countsOf(wire, "tool", 20, 2);
    expect(counts.last.toolCalls[0]?.input["content"]).toHaveLength(20 * 8);
    expect(counts.parsedEvents).toBe(1);
  },
);

test("many calls in one answer: what is copied for each does not grow with those before it", async () => {
  let copied = 0;
  const slice = Array.prototype.slice;
  vi.spyOn(Array.prototype, "slice").mockImplementation(function (this: unknown[], ...range) {
    const copy = slice.apply(this, range);
    copied += copy.length;
    return copy;
  });
  const perCall = async (calls: number): Promise<number> => {
    const body = eventsOf("openai", "calls", calls).join("");
    const server = await serve((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(body);
    });
    const model = new OpenAICredential({ apiKey, baseUrl: server.url }).createChatModel("gpt-4.1-nano");
    copied = 0;
    await model.call("Hi", TOOLS);
    const all = copied;
    await server.close();
    return all / calls;
  };
  expect(await perCall(4000)).toBeLessThan(1.5 * (await perCall(1000)));
});

test("a hundred calls one after the other leave no listener behind, on signal or socket", async () => {
  const body = eventsOf("openai", "text", 5).join("");
  const server = await serve((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(body);
  });
  const model = new OpenAICredential({ apiKey, baseUrl: server.url }).createChatModel("gpt-4.1-nano");
  const sockets: Socket[] = [];
  const onSocket = (message: unknown): void => void sockets.push((message as { socket: Socket }).socket);
  subscribe("net.client.socket", onSocket);
  const { signal } = new AbortController();
  const mostListeners = (): number =>
    Math.max(...sockets.flatMap((socket) => socket.eventNames().map((name) => socket.listenerCount(name))));
  await model.call("Hi", { signal });
  const afterOne = mostListeners();
  for (let call = 0; call < 100; call++) await model.call("Hi", { signal });
  unsubscribe("net.client.socket", onSocket);
  // A call may find the connection of the one before it still busy with the end of its answer.
  expect(sockets.length).toBeLessThan(10);
  expect(afterOne).toBeGreaterThan(0);
  expect(mostListeners()).toBeLessThanOrEqual(afterOne);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});
