import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ndjsonDecoder } from "../../src/transport/ndjson.ts";
import { MAX_EVENT_LENGTH } from "../../src/transport/sse.ts";
import { cutAt, found } from "./event-sink.ts";

test("every line is an event, blank ones are none, and the last needs no line end", () => {
  const { sink, events, ends } = found();
  const decoder = ndjsonDecoder(sink);
  decoder.feed('{"a":1}\n\n  \r\n{"b":2}\r\n{"c":');
  expect(events).toEqual(['{"a":1}', '{"b":2}']);
  decoder.feed("3}");
  decoder.end();
  expect(events).toEqual(['{"a":1}', '{"b":2}', '{"c":3}']);
  expect(ends).toEqual([]);
});

test("what stands before the first object is no event, what stands after it is one", () => {
  const { sink, events, ends, strays } = found();
  const decoder = ndjsonDecoder(sink);
  decoder.feed("<html>\nnull\n<title>Bad ");
  decoder.feed('Gateway</title>\n{"a":1}\nnull\n');
  decoder.end();
  expect(strays).toEqual(["<html>", "null", "<title>Bad Gateway</title>"]);
  expect(events).toEqual(['{"a":1}', "null"]);
  expect(ends).toEqual([]);
});

test("an empty body has no events", () => {
  const { sink, events } = found();
  const decoder = ndjsonDecoder(sink);
  decoder.end();
  expect(events).toEqual([]);
});

test("any cut of the text gives the same events", () => {
  const line = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify({ value }));
  const lineEnd = fc.constantFrom("\n", "\r\n", "\n\n");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(line, lineEnd), { maxLength: 10 }),
      fc.array(fc.nat()),
      fc.boolean(),
      (lines, cuts, hasLastEnd) => {
        const whole = lines.map(([json, end]) => json + end).join("");
        const text = hasLastEnd ? whole : whole.trimEnd();
        const { sink, events } = found();
        const decoder = ndjsonDecoder(sink);
        for (const piece of cutAt(text, cuts)) decoder.feed(piece);
        decoder.end();
        expect(events).toEqual(lines.map(([json]) => json.trim()));
      },
    ),
  );
});

test("a line that does not end is an overflow, not memory without bound", () => {
  const { sink, events, ends } = found();
  const decoder = ndjsonDecoder(sink);
  const piece = "x".repeat(1024 * 1024);
  for (let size = 0; size <= MAX_EVENT_LENGTH; size += piece.length) {
    expect(ends).toEqual([]);
    decoder.feed(piece);
  }
  expect(ends).toEqual(["overflow"]);
  decoder.feed("\n{}\n");
  decoder.end();
  expect(events).toEqual([]);
  expect(ends).toEqual(["overflow"]);
});
