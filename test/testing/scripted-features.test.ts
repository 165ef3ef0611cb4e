// Everything that can be scripted, on every wire, as a model of this library and as the official client reads it.
import { describe, expect, test } from "vitest";
import type { EmulatedAnswer } from "../../src/testing/emulator/emulated-answer.ts";
import { emulatorOfFile } from "../emulator-of-file.ts";
import { type Reading, WIRE_READERS, type WireReader } from "./wire-readers.ts";

const emulator = await emulatorOfFile();

const TEXT = "Zürich, 東京 and a few words more.";
const PARIS = { name: "get_weather", arguments: { city: "Paris" } };
const ROME = { name: "get_weather", arguments: { city: "Rome", days: [1, { deep: "é" }] } };

type Expected = Partial<Reading> & { readonly finish: string };

/** What is scripted, and what must come of it. */
const ANSWERS: readonly (readonly [
  what: string,
  answer: EmulatedAnswer,
  expected: (reader: WireReader) => Expected,
])[] = [
  ["text", { text: TEXT }, ({ words }) => ({ text: TEXT, finish: words.stop })],
  [
    "text in pieces of one letter",
    { text: TEXT, chunkSize: 1 },
    ({ words }) => ({ text: TEXT, finish: words.stop }),
  ],
  [
    "thinking before text",
    { thinking: "Let me see.", text: TEXT },
    ({ words }) => ({ text: TEXT, thinking: "Let me see.", finish: words.stop }),
  ],
  [
    "a tool call",
    { toolCalls: [PARIS] },
    ({ words }) => ({ text: "", calls: [["get_weather", PARIS.arguments]], finish: words.calls }),
  ],
  [
    "text and parallel calls",
    { text: TEXT, toolCalls: [PARIS, ROME] },
    ({ words }) => ({
      text: TEXT,
      calls: [PARIS, ROME].map((call) => [call.name, call.arguments]),
      finish: words.calls,
    }),
  ],
  [
    "usage",
    { text: TEXT, usage: { inputTokens: 1234, outputTokens: 56 } },
    ({ words }) => ({ usage: [1234, 56], finish: words.stop }),
  ],
];

const how = { text: TEXT } as const;

/** Ways to send one and the same answer. */
const PACES: Readonly<Record<string, EmulatedAnswer>> = {
  "a delay to the first event": { ...how, firstDelayMs: 20 },
  "a delay between events": { ...how, delayMs: 2 },
  "a slow drip": { ...how, drip: { bytes: 200, everyMs: 1 } },
  "a drip of few bytes, which cuts characters": { ...how, chunkSize: 12, drip: { bytes: 7, everyMs: 0 } },
  "keep-alives in the waits": { ...how, chunkSize: 12, delayMs: 6, keepAlive: { everyMs: 2 } },
  compression: { ...how, gzip: true },
  "headers of its own": { ...how, headers: { "x-request-id": "mine" } },
};

const boom = { type: "server_error", message: "boom", code: 500, status: "INTERNAL" };

/** What makes a client fail, on every wire. */
const FAILURES: Readonly<Record<string, EmulatedAnswer>> = {
  "status 429": { status: 429 },
  "status 500": { status: 500 },
  "a status and a body": { status: 400, body: { error: { message: "boom", type: "invalid_request_error" } } },
  "a proxy's page": { status: 502, body: "<html><title>502</title></html>", contentType: "text/html" },
  // In every shape that an error has on one of the wires.
  "an error event": {
    text: "half ",
    errorEvent: { ...boom, type: "error", error: boom, code: "server_error" },
  },
  "a reset before any event": { ...how, cut: { afterEvents: 0, how: "rst" } },
  "a reset after two events": { ...how, cut: { afterEvents: 2, how: "rst" } },
  "an end after two events": { ...how, cut: { afterEvents: 2, how: "fin" } },
  "a reset after so many bytes": { ...how, cut: { afterBytes: 100, how: "rst" } },
  "an end after so many bytes": { ...how, cut: { afterBytes: 100, how: "fin" } },
};

describe.each(WIRE_READERS.map((reader) => [reader.name, reader] as const))("%s", (_name, reader) => {
  const read = (): Promise<Reading> => reader.read(emulator.url + reader.basePath);

  test.each(ANSWERS)("reads %s", async (_what, answer, expected) => {
    emulator.script(answer);
    expect(await read()).toMatchObject(expected(reader));
  });

  test("reads a reason in the wire's own word", async () => {
    emulator.script({ text: TEXT, finishReason: reader.words.length });
    expect(await read()).toMatchObject({ text: TEXT, finish: reader.words.length });
  });

  test.each(Object.entries(PACES))("reads an answer with %s", async (_what, answer) => {
    emulator.script(answer);
    expect(await read()).toMatchObject({ text: TEXT, finish: reader.words.stop });
    await expect.poll(() => emulator.openStreams).toBe(0);
  });

  test.each(Object.entries(FAILURES))("fails on %s", async (_what, answer) => {
    emulator.script(answer);
    await expect(read()).rejects.toThrow(Error);
    await expect.poll(() => emulator.openStreams).toBe(0);
  });
});
