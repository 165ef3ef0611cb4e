import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import { RepeatedJson } from "../../src/transport/repeated-json.ts";

/** An event of the OpenAI chat wire with one thing in each place that a provider changes. */
function chunk(fields: {
  content?: unknown;
  finish?: unknown;
  usage?: unknown;
  model?: unknown;
  obfuscation?: unknown;
}): string {
  return JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: fields.model ?? "gpt-4.1",
    choices: [
      {
        index: 0,
        delta: { content: fields.content ?? "" },
        logprobs: null,
        finish_reason: fields.finish ?? null,
      },
    ],
    usage: fields.usage ?? null,
    ...(fields.obfuscation !== undefined && { obfuscation: fields.obfuscation }),
  });
}

/** Holds every event against `JSON.parse`, errors included. */
function expectSameAsParse(events: readonly string[]): void {
  const reader = new RepeatedJson();
  for (const data of events) {
    let expected: unknown;
    let isBroken = false;
    try {
      expected = JSON.parse(data);
    } catch {
      isBroken = true;
    }
    if (isBroken) expect(() => reader.parse(data), data).toThrow(SyntaxError);
    else expect(reader.parse(data), data).toEqual(expected);
  }
}

/** Strings that are short, long, escaped, beyond ASCII, or look like pieces of JSON. */
const content = fc.oneof(
  fc.string({ maxLength: 5 }),
  fc.string({ minLength: 10, maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.constantFrom(
    "",
    '"',
    "\\",
    '\\"',
    '","x":"',
    '"}',
    "\n",
    "\u0000",
    "\u2028",
    "\ud83d",
    "😀",
    "\u0001rxscope\u0001",
  ),
);

test("a stream in which one text changes reads as JSON.parse would", () => {
  fc.assert(
    fc.property(fc.array(content, { maxLength: 30 }), (texts) => {
      expectSameAsParse(texts.map((text) => chunk({ content: text })));
    }),
  );
});

test("a stream in which any field changes at any event reads as JSON.parse would", () => {
  const event = fc.record(
    {
      content: fc.oneof(content, fc.constant(null), fc.array(content, { maxLength: 2 }), fc.integer()),
      finish: fc.constantFrom(null, "stop", "length", ""),
      usage: fc.constantFrom(null, { prompt_tokens: 1 }, { prompt_tokens: 12, note: "a" }),
      model: fc.constantFrom("gpt-4.1", "gpt-4.1-mini", ""),
      obfuscation: content,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      expectSameAsParse(events.map(chunk));
    }),
    { numRuns: 300 },
  );
});

test("any JSON texts in any order read as JSON.parse would", () => {
  fc.assert(
    fc.property(fc.array(fc.json({ maxDepth: 3 }), { maxLength: 20 }), (events) => {
      // Repeated, so that every neighbour has a chance to be taken for a pattern.
      expectSameAsParse([...events, ...events, ...events.toReversed()]);
    }),
  );
});

test("objects that differ in one text, wherever it stands, read as JSON.parse would", () => {
  const place = fc.constantFrom(
    (text: string) => ({ [text]: 1, b: "x" }),
    (text: string) => ({ a: { b: ["x", text] } }),
    (text: string) => [[text]],
    (text: string) => ({ ["__proto__"]: text, a: 1 }),
    (text: string) => ({ a: text, b: text }),
    (text: string) => text,
  );
  fc.assert(
    fc.property(place, fc.array(content, { maxLength: 12 }), (make, texts) => {
      expectSameAsParse(texts.map((text) => JSON.stringify(make(text))));
    }),
    { numRuns: 300 },
  );
});

test("broken JSON is refused like JSON.parse refuses it, even where it looks like the events before", () => {
  const whole = ["a", "b", "c", "d"].map((text) => chunk({ content: text }));
  const [before = "", after = ""] = chunk({ content: "#" }).split("#");
  const inside = fc.constantFrom(
    "\t",
    "a\nb",
    "\\",
    "\\x",
    "\\u12",
    '"',
    'a"b',
    "ok",
    '","b":1,"c":"',
    "long enough to be copied\t",
  );
  fc.assert(
    fc.property(fc.array(inside, { maxLength: 6 }), (pieces) => {
      expectSameAsParse([...whole, ...pieces.map((piece) => before + piece + after)]);
    }),
  );
  expectSameAsParse([...whole, before, after, "", "{", `${chunk({})}x`, chunk({ content: "e" })]);
});

test("a key that stands there twice is read as JSON.parse reads it", () => {
  const event = (text: string): string => `{"a":"${text}","b":1,"a":"last"}`;
  expectSameAsParse(["x", "y", "z", "w"].map(event));
  const second = (text: string): string => `{"a":"first","b":1,"a":"${text}"}`;
  expectSameAsParse(["x", "y", "z", "w"].map(second));
});

/** How many of these events were parsed whole. */
function wholeParses(events: readonly string[]): number {
  const reader = new RepeatedJson();
  const parse = vi.spyOn(JSON, "parse");
  for (const data of events) reader.parse(data);
  const whole = parse.mock.calls.filter(([data]) => data.length > 100).length;
  parse.mockRestore();
  return whole;
}

test("control characters and words of our own that stay the same in the events are values like any other", () => {
  const marked = (text: string): string => JSON.stringify({ text, "0": "\u0001rxscope 0\u0001" });
  expectSameAsParse(["first", "second", "third"].map((text) => marked(text)));
});

/** Letters of a string as servers write them: plain, or as escapes in small or in large digits. */
function written(text: string, way: number): string {
  if (way === 0) return JSON.stringify(text);
  const letters = Array.from({ length: text.length }, (_, at) => {
    const digits = text.charCodeAt(at).toString(16).padStart(4, "0");
    return `\\u${way === 1 ? digits : digits.toUpperCase()}`;
  });
  return `"${letters.join("")}"`;
}

test("events of several answers, their keys, escapes and spaces as odd as may be, read as JSON.parse would", () => {
  const text = fc.tuple(content, fc.nat(2)).map(([letters, way]) => written(letters, way));
  const scalar = fc.constantFrom(
    "0",
    "-0",
    "7",
    "15",
    "-5",
    "1.5",
    "1e5",
    "1E+5",
    "true",
    "null",
    "{}",
    "[1]",
  );
  const key = fc.constantFrom('"a"', '"\\u0061"', '"__proto__"', '"0"', '"constructor"', '"a\\":"', '""');
  const space = fc.constantFrom("", "", " ", "\n\t");
  const fields = fc.array(fc.tuple(key, space, space), { minLength: 1, maxLength: 5 });
  const streams = fc.tuple(
    fields,
    fc.array(fc.array(fc.oneof(text, text, scalar), { minLength: 5, maxLength: 5 }), {
      minLength: 2,
      maxLength: 20,
    }),
  );
  fc.assert(
    fc.property(streams, ([keys, events]) => {
      const reader = new RepeatedJson();
      for (const values of events) {
        const data = `{${keys.map(([name, before, after], at) => `${name}${before}:${after}${values[at]}`).join(",")}}`;
        const expected: unknown = JSON.parse(data);
        const read = reader.parse(data);
        expect(read, data).toEqual(expected);
        // `toEqual` does not look at `__proto__`.
        expect(JSON.stringify(read), data).toBe(JSON.stringify(expected));
      }
    }),
    { numRuns: 500 },
  );
});

test("a typical stream is parsed whole a handful of times, however long it is", () => {
  const words = Array.from({ length: 1000 }, (_, index) =>
    chunk({ content: ` word${index % 7}${index % 3 ? "" : '"\n'}` }),
  );
  const stream = [
    chunk({ content: "" }),
    ...words,
    chunk({ finish: "stop" }),
    chunk({ usage: { prompt_tokens: 1 } }),
  ];
  expect(wholeParses(stream)).toBeLessThanOrEqual(8);
});

test("a second string may change as well: padding, or the time of a line", () => {
  const padded = Array.from({ length: 500 }, (_, index) =>
    chunk({ content: `w${index}${index % 5 ? "" : '"\n\\'}`, obfuscation: "x".repeat(index % 20) }),
  );
  const timed = Array.from({ length: 500 }, (_, index) =>
    JSON.stringify({
      model: "qwen3:8b",
      created_at: `2026-11-01T10:00:00.${index}Z`,
      message: { role: "assistant", content: ` word${index}` },
      pad: "x".repeat(60),
      done: false,
    }),
  );
  for (const events of [padded, timed]) {
    expectSameAsParse(events);
    expect(wholeParses(events)).toBeLessThanOrEqual(16);
  }
});

test("two strings that change read as JSON.parse would, whatever is in them and wherever they stand", () => {
  const place = fc.constantFrom(
    (a: string, b: string) => ({ a, x: [1], b }),
    (a: string, b: string) => ({ x: { a }, b: [b, "end"] }),
    (a: string, b: string) => [a, b],
    (a: string, b: string) => ({ [a]: 1, b }),
    (a: string, b: string) => ({ ["__proto__"]: a, b: { ["__proto__"]: b } }),
    (a: string, b: string) => ({ a, ab: a + b, b }),
  );
  fc.assert(
    fc.property(place, fc.array(fc.tuple(content, content), { maxLength: 12 }), (make, texts) => {
      expectSameAsParse(texts.map(([a, b]) => JSON.stringify(make(a, b))));
    }),
    { numRuns: 500 },
  );
});

test("broken JSON is refused in either of two strings, and between them", () => {
  const event = (a: string, between: string, b: string): string => `{"a":"${a}"${between}"b":"${b}","c":1}`;
  const whole = ["k", "l", "m", "n"].map((text) => event(text, ",", text + text));
  const piece = fc.constantFrom(
    "",
    "\t",
    "\\",
    "\\\\",
    '\\"',
    '"',
    'x","y":"z',
    "ok",
    "long enough to be copied\t",
  );
  fc.assert(
    fc.property(piece, fc.constantFrom(",", ",,", ":", ', "x": 1,', ""), piece, (a, between, b) => {
      expectSameAsParse([...whole, event(a, between, b), ...whole]);
    }),
  );
});

/** An event of DashScope's wire: the tokens so far are counted in each of them. */
function counted(content: string, usage: object): string {
  return JSON.stringify({
    output: { choices: [{ message: { content, role: "assistant" }, finish_reason: "null" }] },
    usage,
    request_id: "23759246-cf04-9ed8-8d58-a32ad4a9a6bd",
  });
}

test("counts may change beside the text", () => {
  const events = Array.from({ length: 500 }, (_, index) =>
    counted(` word${index}`, { total_tokens: 27 + index, input_tokens: 26, output_tokens: index + 1 }),
  );
  expectSameAsParse(events);
  expect(wholeParses(events)).toBeLessThanOrEqual(4);
});

test("numbers of any kind, and anything in their place, read as JSON.parse would", () => {
  const number = fc.oneof(
    fc.nat(),
    fc.integer(),
    fc.double(),
    fc.bigInt({ min: 0n }).map(String),
    fc.constantFrom(
      "0",
      "00",
      "01",
      "-",
      "-0",
      "1.",
      ".5",
      "1e",
      "1e5",
      "1E-2",
      "9".repeat(16),
      "",
      "null",
      '"1"',
      "1 ",
    ),
  );
  const event = (a: unknown, b: unknown): string => `{"a":${String(a)},"text":"x","b":[${String(b)}],"c":1}`;
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number), { maxLength: 12 }), (pairs) => {
      const learned = [1, 2, 3].map((count) => event(count, count * 10));
      expectSameAsParse([...learned, ...pairs.flatMap(([a, b]) => [event(a, b), ...learned])]);
    }),
    { numRuns: 500 },
  );
});

test("texts and counts that change in many places read as JSON.parse would", () => {
  const usage = fc.record({
    input: fc.nat(),
    output: fc.nat(),
    details: fc.record({ cached: fc.nat(3), type: content }),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(content, usage), { maxLength: 20 }), (events) => {
      expectSameAsParse(events.map(([text, counts]) => counted(text, counts)));
    }),
    { numRuns: 300 },
  );
});

test("a stream whose events are all different is parsed whole, and looking for a pattern stops soon", () => {
  const different = Array.from({ length: 200 }, (_, index) =>
    chunk({ content: `w${index}`, usage: Array.from({ length: index }, () => true) }),
  );
  const tooMuch = Array.from({ length: 200 }, (_, index) =>
    chunk({ content: `w${index}`, usage: Array.from({ length: 13 }, (_each, at) => index + at) }),
  );
  for (const events of [different, tooMuch]) {
    // An event is copied to be learned from.
    const copy = vi.spyOn(Buffer, "from");
    expect(wholeParses(events)).toBeGreaterThanOrEqual(200);
    expect(copy.mock.calls.length).toBeLessThanOrEqual(16 + 200 / 64);
    copy.mockRestore();
  }
});

test("what one answer taught serves the next: of a third one nothing is parsed", () => {
  const answer = (id: string, text: string, tokens: number): string[] =>
    [
      { id, delta: { role: "assistant", content: "" } },
      ...text.split(" ").map((content) => ({ id, delta: { content } })),
      { id, delta: {}, finish: "stop" },
      { id, usage: { prompt: 12, completion: tokens } },
    ].map((event) => JSON.stringify(event));
  const reader = new RepeatedJson();
  const parsesOf = (events: readonly string[]): number => {
    const parse = vi.spyOn(JSON, "parse");
    const read = events.map((data) => JSON.stringify(reader.parse(data)));
    const parses = parse.mock.calls.filter(([data]) => events.includes(data)).length;
    parse.mockRestore();
    expect(read).toEqual(events);
    return parses;
  };
  parsesOf(answer("chatcmpl-Bq1XhzGdTn", "an answer of five words", 5));
  parsesOf(answer("chatcmpl-Bq2WPrKvDy", "and another of more than five", 6));
  expect(parsesOf(answer("chatcmpl-Bq3MdLsYfA", "the third", 2))).toBe(0);
  // Two answers at the same time, event by event.
  const [left, right] = [
    answer("chatcmpl-Bq4JwNcXeR", "one of two", 3),
    answer("chatcmpl-Bq5TbHkZuV", "two of two", 4),
  ];
  expect(parsesOf(left.flatMap((event, at) => [event, right[at] as string]))).toBe(0);
});

test("events in any order, some of earlier answers, read as JSON.parse would with what these taught", () => {
  const event = fc.oneof(
    fc.record({ id: content, text: content }),
    fc.record({ id: content, count: fc.nat(), text: content }),
    fc.record({ id: content, usage: fc.record({ in: fc.nat(30), out: fc.double() }) }),
    fc.constantFrom({ ping: true }, { id: "x", text: null }),
  );
  fc.assert(
    fc.property(fc.array(fc.array(event, { maxLength: 12 }), { maxLength: 6 }), (answers) => {
      const reader = new RepeatedJson();
      for (const events of answers) {
        for (const each of events) {
          const data = JSON.stringify(each);
          expect(reader.parse(data)).toEqual(JSON.parse(data));
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("a long event is not kept for the answers after it", () => {
  const image = JSON.stringify({ image: "A".repeat(20_000) });
  const reader = new RepeatedJson();
  reader.parse(image);
  const parse = vi.spyOn(JSON, "parse");
  reader.parse(image);
  expect(parse).toHaveBeenCalledTimes(1);
  parse.mockRestore();
});

/** An event whose values tell nothing of the next one's. */
const unlike = (index: number): string =>
  JSON.stringify({
    id: "x",
    text: `w${index}`,
    list: Array.from({ length: 20 + (index % 300) }, () => index),
  });

/** An event as the one before it. */
const alike = (index: number): string => JSON.stringify({ id: "y", delta: { text: `w${index}` } });

test("what has served is not forgotten for what has not", () => {
  const reader = new RepeatedJson();
  for (let index = 0; index < 3; index++) reader.parse(alike(index));
  for (let index = 0; index < 1000; index++) reader.parse(unlike(index));
  const parse = vi.spyOn(JSON, "parse");
  expect(reader.parse(alike(3))).toEqual({ id: "y", delta: { text: "w3" } });
  expect(parse).not.toHaveBeenCalled();
  parse.mockRestore();
});

test("after events that taught nothing others are still learned, though not at once", () => {
  const reader = new RepeatedJson();
  for (let index = 0; index < 1000; index++) reader.parse(unlike(index));
  for (let index = 0; index < 200; index++) reader.parse(alike(index));
  const parse = vi.spyOn(JSON, "parse");
  for (let index = 200; index < 300; index++) reader.parse(alike(index));
  expect(parse).not.toHaveBeenCalled();
  parse.mockRestore();
});

test("a model whose events teach nothing is not studied anew with each answer", () => {
  const reader = new RepeatedJson();
  const copy = vi.spyOn(Buffer, "from");
  for (let index = 0; index < 6400; index++) reader.parse(unlike(index));
  // Each lesson copies its event: a few at first, then one in 64.
  expect(copy.mock.calls.length).toBeLessThanOrEqual(16 + 100);
  copy.mockRestore();
});

test("log probabilities are learned: numbers of any form may change", () => {
  const event = (token: string, logprob: number): string =>
    JSON.stringify({
      id: "chatcmpl-1",
      choices: [
        { index: 0, delta: { content: token }, logprobs: { content: [{ token, logprob, bytes: [32, 97] }] } },
      ],
    });
  const events = Array.from({ length: 300 }, (_, index) =>
    event(` w${index}`, -Math.sin(index) / 10 ** (index % 9)),
  );
  expectSameAsParse(events);
  expect(wholeParses(events)).toBeLessThanOrEqual(6);
});

test("reasoning after which an answer follows learns both patterns", () => {
  const reasoning = (text: string): string =>
    JSON.stringify({
      id: "chatcmpl-1",
      choices: [{ index: 0, delta: { reasoning_content: text, content: null } }],
      usage: null,
      pad: "x".repeat(60),
    });
  const answer = (text: string): string =>
    JSON.stringify({
      id: "chatcmpl-1",
      choices: [{ index: 0, delta: { content: text } }],
      usage: null,
      pad: "x".repeat(60),
    });
  const events = [
    ...Array.from({ length: 300 }, (_, index) => reasoning(` think${index}`)),
    ...Array.from({ length: 300 }, (_, index) => answer(` say${index}`)),
  ];
  expect(wholeParses(events)).toBeLessThanOrEqual(12);
});
