import * as fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_EVENT_LENGTH, sseDecoder } from "../../src/transport/sse.ts";
import { cutAt, found } from "./event-sink.ts";

function read(pieces: readonly string[]): ReturnType<typeof found> {
  const seen = found();
  const decoder = sseDecoder(seen.sink);
  for (const piece of pieces) decoder.feed(piece);
  decoder.end();
  return seen;
}

test("an event is its data, with its name where it has one", () => {
  const { events, names } = read(["data: {}\n\nevent: ping\ndata:x\n\n"]);
  expect(events).toEqual(["{}", "x"]);
  expect(names).toEqual([undefined, "ping"]);
});

test("comments, events without data, ids and retry fields are no events", () => {
  const { events, strays } = read([
    ": keep-alive\n\nevent: ping\n\nid: 1\nretry: 10\ndata: a\n\ndata\n\ndata:\n\n",
  ]);
  expect(events).toEqual(["a"]);
  expect(strays).toEqual([]);
});

test("data on several lines is one event", () => {
  expect(read(["data: {\ndata: }\n\n"]).events).toEqual(["{\n}"]);
});

test("a last event without a blank line after it counts", () => {
  for (const ending of ["", "\n", "\r", "\r\n", "\n\n"]) {
    expect(read([`data: a\n\ndata: [DONE]${ending}`]).events).toEqual(["a", "[DONE]"]);
  }
});

test("a line that is no field is a stray, in the stream and at its end", () => {
  expect(read(['{"error":"down"}\n']).strays).toEqual(['{"error":"down"}']);
  expect(read(["<html>", "<body>\n", "down\n"]).strays).toEqual(["<html><body>", "down"]);
  expect(read(['{"error":"down"}']).strays).toEqual(['{"error":"down"}']);
  const { events, strays } = read(["data: a\n\nBad Gateway\n\ndata: b\n\n"]);
  expect(events).toEqual(["a", "b"]);
  expect(strays).toEqual(["Bad Gateway"]);
});

test("any cut of the text, with any line ends, gives the same events", () => {
  const data = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 30 })
    .map((text) => JSON.stringify({ text }))
    .filter((text) => !text.includes("\u2028"));
  fc.assert(
    fc.property(
      fc.array(data, { maxLength: 8 }),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.array(fc.nat()),
      fc.boolean(),
      (texts, lineEnd, cuts, hasComments) => {
        const lines = texts.flatMap((text) => [...(hasComments ? [": ping", ""] : []), `data: ${text}`, ""]);
        const whole = lines.map((line) => line + lineEnd).join("");
        expect(read(cutAt(whole, cuts)).events).toEqual(texts);
      },
    ),
  );
});

test("one character at a time gives the same events", () => {
  const whole = 'event: a\r\ndata: {"x":"ä😀"}\r\n\r\n: c\r\ndata: b\r\n\r\n';
  const { events, names } = read(Array.from({ length: whole.length }, (_, at) => whole.charAt(at)));
  expect(events).toEqual(['{"x":"ä😀"}', "b"]);
  expect(names).toEqual(["a", undefined]);
});

test("an event that does not end is an overflow", () => {
  const { sink, events, ends } = found();
  const decoder = sseDecoder(sink);
  decoder.feed("data: a\n\ndata: ");
  const piece = "x".repeat(4 * 1024 * 1024);
  for (let size = 0; size <= MAX_EVENT_LENGTH && ends.length === 0; size += piece.length) decoder.feed(piece);
  expect(ends).toEqual(["overflow"]);
  expect(events).toEqual(["a"]);
});

test("many lines of data without an end are an overflow, too", () => {
  const { sink, events, ends } = found();
  const decoder = sseDecoder(sink);
  const line = `data: ${"x".repeat(1024 * 1024)}\n`;
  for (let size = 0; size <= 2 * MAX_EVENT_LENGTH && ends.length === 0; size += line.length)
    decoder.feed(line);
  expect(ends).toEqual(["overflow"]);
  expect(events).toEqual([]);
});
