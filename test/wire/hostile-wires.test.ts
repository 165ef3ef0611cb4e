import { brotliCompressSync, deflateSync, gzipSync, type InputType } from "node:zlib";
import * as fc from "fast-check";
import { expect } from "vitest";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import { anyJson, placesOf, withAt } from "./mutated-json.ts";
import { jsonOf, type ServedWire, testWires } from "./wires-under-test.ts";

// What only OpenAI's wire has to endure stands in hostile-openai-chat.test.ts.

const MEGABYTE = 1024 * 1024;
const JSON_TYPE = { "content-type": "application/json" };

/** Events of all the shapes that a wire has. */
function eventsOf({ fixtures }: ServedWire): NonNullable<ReturnType<typeof jsonOf>>[] {
  return Object.values(fixtures.shapes)
    .flat()
    .flatMap(({ events }) => events.map(jsonOf))
    .filter((event) => event !== undefined);
}

testWires(
  "any field of any event may be anything: an answer or a clear error, never a mistake of ours",
  async (wire) => {
    const events = eventsOf(wire);
    expect(events.length).toBeGreaterThan(20);
    const beginning = wire.fixtures.stream([{ text: "a" }]);
    const ending = wire.whole([]);
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), anyJson, fc.boolean(), async (which, where, other, isWhole) => {
        const { value, around } = events[which % events.length] as (typeof events)[number];
        const places = placesOf(value);
        const json = JSON.stringify(withAt(value, places[where % places.length] as readonly string[], other));
        if (isWhole) await wire.survive({ headers: JSON_TYPE, pieces: [json] });
        else await wire.survive({ pieces: [...beginning, around(json), ...ending] });
      }),
      { numRuns: 500 },
    );
  },
);

testWires(
  "an event that is no object, and a body that is no answer, are never taken for one",
  async (wire) => {
    const { around } = eventsOf(wire)[0] as NonNullable<ReturnType<typeof jsonOf>>;
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (value) => {
        const json = JSON.stringify(value);
        expect(await wire.survive({ pieces: [around(json)] })).toBeInstanceOf(Error);
        expect(await wire.survive({ headers: JSON_TYPE, pieces: [json] })).toBeInstanceOf(Error);
      }),
      { numRuns: 100 },
    );
  },
);

testWires(
  "bytes that are flipped, lost or doubled break the answer or a part of its text, and nothing else",
  async (wire) => {
    const parts = [
      { text: "Hello, " },
      { text: "wörld." },
      { tool: { index: 0, id: "c", name: "f", arguments: "{}" } },
    ];
    const good = Buffer.from(wire.whole(parts).join(""));
    const change = fc.tuple(
      fc.nat({ max: good.length - 1 }),
      fc.nat({ max: 255 }),
      fc.constantFrom("flip", "lose", "double"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async (changes) => {
        const bytes = [...good];
        for (const [at, byte, how] of changes) {
          if (how === "flip") bytes[at] = byte;
          else if (how === "lose") bytes.splice(at, 1);
          else bytes.splice(at, 0, byte);
        }
        await wire.survive({ pieces: [Buffer.from(bytes)] });
      }),
      { numRuns: 200 },
    );
  },
);

testWires("bytes of any kind are no answer", async (wire) => {
  const types = [wire.fixtures.streamType, "application/json", "text/html", "application/octet-stream"];
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...types), async (bytes, type) => {
      const answer = { headers: { "content-type": type }, pieces: [bytes] };
      expect(await wire.survive(answer)).toBeInstanceOf(Error);
    }),
    { numRuns: 100 },
  );
});

const HOSTILE =
  '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1,"hasOwnProperty":null';

/** JSON with hostile keys in each of its objects. */
function hostile(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(hostile).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${hostile(inner)}`);
  return `{${[HOSTILE, ...fields].join(",")}}`;
}

testWires("hostile keys change nothing but the value that they stand in", async (wire) => {
  const parts = [
    { text: "before " },
    { text: "after" },
    { tool: { index: 0, id: "call_1", name: "look_up", arguments: `{${HOSTILE},"word":"a"}` } },
  ];
  const events = wire.whole(parts).map((event) => {
    const found = jsonOf(event);
    return found === undefined ? event : found.around(hostile(found.value));
  });
  const answer = (await wire.survive({ pieces: events })) as ChatResponse;
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(answer.text).toBe("before after");
  const [call] = answer.toolCalls;
  expect(call?.input).toMatchObject({ word: "a" });
  expect(Object.keys(call?.input ?? {})).toEqual(expect.arrayContaining(["__proto__", "constructor"]));
  expect(Object.getPrototypeOf(call?.input)).toBe(Object.prototype);
  // As a name and an id they are names like any other.
  const named = { tool: { index: 0, id: "__proto__", name: "constructor", arguments: "{}" } };
  const { toolCalls } = (await wire.survive({ pieces: wire.whole([named]) })) as ChatResponse;
  expect(toolCalls).toMatchObject([{ name: "constructor", input: {} }]);
});

testWires("a finish reason that is a name of every object's is one that nobody knows", async (wire) => {
  for (const finish of ["__proto__", "constructor", "toString"]) {
    const events = wire.fixtures.stream([{ text: "a" }, { finish }, { end: true }]);
    const answer = await wire.survive({ pieces: events });
    expect(answer).toMatchObject({ text: "a", finishReason: "other", rawFinishReason: finish });
  }
});

testWires("invalid UTF-8 is shown as such and loses nothing around it", async (wire) => {
  const bytes = Buffer.from(wire.whole([{ text: "before#after" }]).join(""));
  const at = bytes.indexOf("#");
  for (const broken of [[0xff], [0xc3], [0xe6, 0x97], [0xf0, 0x9f, 0x91], [0xed, 0xa0, 0x80], [0xc0, 0xaf]]) {
    const pieces = [
      bytes.subarray(0, at),
      ...broken.map((byte) => Buffer.from([byte])),
      bytes.subarray(at + 1),
    ];
    const answer = (await wire.survive({ pieces })) as ChatResponse;
    expect(answer.text).toMatch(/^before\uFFFD+after$/);
  }
});

testWires("a delta of 10 MB comes through whole", async (wire) => {
  const text = "0123456789abcdef".repeat((10 * MEGABYTE) / 16);
  const { last, error } = await wire.outcome({ pieces: wire.whole([{ text }]) });
  expect(error).toBeUndefined();
  expect(last?.text === text).toBe(true);
});

testWires("arguments of 10 MB come through whole, in one delta and in many", async (wire) => {
  const value = "x".repeat(10 * MEGABYTE);
  const json = JSON.stringify({ value });
  const size = 16 * 1024;
  const pieces = Array.from({ length: Math.ceil(json.length / size) }, (_, index) =>
    json.slice(index * size, index * size + size),
  );
  for (const list of [[json], pieces]) {
    const parts = list.map((piece, index) => ({
      tool: { index: 0, arguments: piece, ...(index === 0 && { id: "c1", name: "t" }) },
    }));
    const { last, error } = await wire.outcome({ pieces: wire.whole(parts) });
    expect(error).toBeUndefined();
    expect(last?.toolCalls[0]?.input["value"] === value).toBe(true);
  }
});

testWires("100,000 tiny deltas are 100,000 snapshots and one text", async (wire) => {
  const parts = Array.from({ length: 100_000 }, (_, index) => ({ text: String(index % 10) }));
  const { last, error, count } = await wire.outcome({ pieces: [wire.whole(parts).join("")] });
  expect(error).toBeUndefined();
  expect(last?.text.length).toBe(100_000);
  expect(count).toBeGreaterThanOrEqual(100_000);
});

testWires("arguments nested 5,000 deep are read, or told to be unreadable", async (wire) => {
  const depth = 5000;
  const deep = `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  const tool = { index: 0, id: "c1", name: "t", arguments: '{"a":1}' };
  // In the event they stand as an object, or as a text.
  const events = wire
    .whole([{ tool }])
    .map((event) => event.replace('{"a":1}', deep).replace('{\\"a\\":1}', JSON.stringify(deep).slice(1, -1)));
  expect(events.join("").length).toBeGreaterThan(deep.length);
  const { last, error } = await wire.outcome({ pieces: events });
  if (error === undefined) expect(last?.toolCalls[0]?.rawInput.length).toBe(deep.length);
  else expect(error.kind).toBe("parse");
});

testWires("events and bodies nested beyond reason are an error, not a crash", async (wire) => {
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  const { around } = eventsOf(wire)[0] as NonNullable<ReturnType<typeof jsonOf>>;
  for (const json of [deep, `{"novelty":${deep}}`, `{"error":${deep}}`]) {
    for (const answer of [
      { pieces: [around(json)] },
      { headers: JSON_TYPE, pieces: [json] },
      { headers: JSON_TYPE, pieces: [json.slice(0, 60_000)], status: 500 },
      { headers: JSON_TYPE, pieces: [`{"error":${"[".repeat(25_000)}${"]".repeat(25_000)}}`], status: 500 },
    ]) {
      const { error } = await wire.outcome(answer);
      expect(["parse", "truncated", "server"]).toContain(error?.kind);
      expect(error?.message.length).toBeLessThan(5000);
    }
  }
});

/** Pieces without end, of which no more than 256 MB are ever asked for. */
function* endless(piece: string, first: string): Generator<string> {
  yield first;
  for (let count = 0; count < (256 * MEGABYTE) / piece.length; count++) yield piece;
}

const TOO_LONG = { kind: "parse", message: expect.stringContaining("more than 67108864") };

testWires(
  "lines, events and bodies without end are a clear error, and the socket is closed",
  async (wire) => {
    const block = "x".repeat(MEGABYTE);
    const streams =
      wire.fixtures.framing === "sse"
        ? [endless(block, "data: "), endless(`data: ${block}\n`, "data: a\n"), endless(block, "x")]
        : [endless(block, '{"a":"'), endless(block, "x")];
    for (const pieces of streams) {
      const { error } = await wire.outcome({ pieces });
      expect(error).toMatchObject(TOO_LONG);
      await expect.poll(() => wire.isClosed).toBe(true);
    }
    const { error } = await wire.outcome({ headers: JSON_TYPE, pieces: endless(block, "{") });
    expect(error).toMatchObject(TOO_LONG);
    await expect.poll(() => wire.isClosed).toBe(true);
  },
);

testWires("an answer that is small until it is decompressed is bounded too", async (wire) => {
  const line = wire.fixtures.framing === "sse" ? "data: " : '{"a":"';
  const bomb = gzipSync(Buffer.concat([Buffer.from(line), Buffer.alloc(128 * MEGABYTE, "x")]));
  const headers = { "content-type": wire.fixtures.streamType, "content-encoding": "gzip" };
  const { error } = await wire.outcome({ headers, pieces: [bomb] });
  expect(error).toMatchObject(TOO_LONG);
});

testWires("lines outside of any event without end are cut to a bound", async (wire) => {
  const lines = Array.from({ length: 2000 }, () => `oops ${"x".repeat(1000)}\n`);
  const { error } = await wire.outcome({ pieces: lines });
  expect(error?.message).toContain("oops");
  expect((error?.message.length ?? 0) + (error?.body?.length ?? 0)).toBeLessThan(10_000);
});

testWires("compressed in a way that nobody asked for is told, with what was chosen", async (wire) => {
  const body = wire.whole([{ text: "Hi." }]).join("");
  const encodings: readonly (readonly [string, (data: InputType) => Buffer])[] = [
    ["br", brotliCompressSync],
    ["deflate", deflateSync],
  ];
  for (const [encoding, compress] of encodings) {
    const headers = { "content-type": wire.fixtures.streamType, "content-encoding": encoding };
    const { error } = await wire.ask({ headers, pieces: [compress(body)] });
    expect(error).toMatchObject({
      kind: "parse",
      message: expect.stringContaining(`content-encoding ${encoding}`),
    });
  }
  const headers = { "content-type": wire.fixtures.streamType, "content-encoding": "GZIP" };
  const { last } = await wire.ask({ headers, pieces: [gzipSync(body)] });
  expect(last?.text).toBe("Hi.");
});

const PAGE = `<!DOCTYPE html>
<html>
<head><title>413 Request Entity Too Large</title></head>
<body>
<center><h1>413 Request Entity Too Large</h1></center>
<hr><center>nginx/1.25.3</center>
</body>
</html>
`;

testWires(
  "a proxy's page is a readable error, whatever it says that it is, and never an answer",
  async (wire) => {
    for (const status of [200, 403, 413, 502]) {
      for (const type of ["text/html", "text/plain", wire.fixtures.streamType, ""]) {
        const headers: Record<string, string> = type === "" ? {} : { "content-type": type };
        for (const pieces of [[PAGE], PAGE.split(/(?<=\n)/), [PAGE.replaceAll("\n", "")]]) {
          const { error, snapshots } = await wire.ask({ status, headers, pieces });
          expect(snapshots).toEqual([]);
          expect(error?.message, `${status} ${type}`).toContain("413 Request Entity Too Large");
          if (status !== 200) expect(error?.status).toBe(status);
        }
      }
    }
  },
);

testWires("a page in the middle of an answer is an error with what had arrived", async (wire) => {
  const begun = wire.fixtures.stream([{ text: "so far" }]);
  const { error } = await wire.ask({ pieces: [...begun, PAGE] });
  expect(error?.partial?.text).toBe("so far");
});
