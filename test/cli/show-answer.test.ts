import { setImmediate as turn } from "node:timers/promises";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { audio, ChatResponse, type ContentDelta } from "rxscope";
import { showAnswer } from "../../src/cli/show-answer.ts";
import { fakeTerminal } from "./fake-terminal.ts";

function snapshot(isLast: boolean, ...delta: ContentDelta[]): ChatResponse {
  return new ChatResponse({
    id: "a",
    provider: "test",
    model: "m",
    createdAt: "2026-01-01T00:00:00.000Z",
    content: [],
    delta,
    isLast,
  });
}

/** An answer of so many words; `read` counts those that were asked for. */
function words(count: number): { answer: AsyncIterable<ChatResponse>; read: () => number } {
  let read = 0;
  async function* answer(): AsyncGenerator<ChatResponse> {
    for (let index = 0; index < count; index++) {
      read += 1;
      yield snapshot(index === count - 1, { type: "text", id: "t", text: "word " });
    }
  }
  return { answer: answer(), read: () => read };
}

test("a reader of standard output who is slow slows down the answer", async () => {
  const stdout = new PassThrough({ highWaterMark: 1 });
  const { answer, read } = words(50);
  const shown = showAnswer(answer, "text", { ...fakeTerminal().io, stdout });
  for (let turns = 0; turns < 100; turns++) await turn();
  expect(read()).toBeLessThan(5);
  let text = "";
  stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await shown;
  expect(read()).toBe(50);
  expect(text).toBe(`${"word ".repeat(50)}\n`);
});

test("thinking, text and media are kept apart; a medium that comes in pieces is named once", async () => {
  const terminal = fakeTerminal();
  const sound = { ...audio(new Uint8Array(3), { mediaType: "audio/wav" }), id: "d" };
  async function* answer(): AsyncGenerator<ChatResponse> {
    yield snapshot(false, { type: "text", id: "1", text: "first" });
    yield snapshot(false, { type: "thinking", id: "2", thinking: "hm" });
    yield snapshot(false, { type: "text", id: "3", text: "second" });
    yield snapshot(false, { type: "text", id: "4", text: "third" }, sound);
    yield snapshot(true, sound);
  }
  await showAnswer(answer(), "text", terminal.io);
  expect(terminal.stdout).toBe("first\n\nhm\n\nsecond\nthird\n[audio/wav]\n");
});

test("an answer without content prints nothing", async () => {
  const terminal = fakeTerminal();
  async function* answer(): AsyncGenerator<ChatResponse> {
    yield snapshot(true);
  }
  expect((await showAnswer(answer(), "text", terminal.io)).isLast).toBe(true);
  expect(terminal.stdout).toBe("");
});
