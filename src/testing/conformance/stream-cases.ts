import type { ConformanceCase, ConformanceContext } from "./conformance-context.ts";
import { assertAnswer, claim, same } from "./expectations.ts";
import { GREETING, holdWireShapes, textShape } from "./case-shapes.ts";
import type { AnswerPart, ExpectedAnswer } from "./wire-fixtures.ts";

/** Section C of the table: how a stream arrives, goes wrong and ends. */
export const streamCases: readonly ConformanceCase[] = [
  {
    id: "C1",
    title: "an answer in one event",
    run: async (context) => void (await context.hold(textShape(context, "one event", [GREETING.join("")]))),
  },
  {
    id: "C2",
    title: "an answer in many events",
    run: async (context) => {
      const words = Array.from({ length: 40 }, (_, index) => `word${index} `);
      await context.hold(textShape(context, "40 events", words));
      const { snapshots } = await context.ask(context.streamed(textShape(context, "", words).events));
      claim(snapshots.length >= words.length, `${words.length} deltas gave ${snapshots.length} snapshots`);
    },
  },
  {
    id: "C3",
    title: "a cut at every byte of characters of several bytes changes nothing",
    run: async (context) => {
      const { events, expect } = textShape(context, "", ["é👩‍👩‍👧 語"]);
      const bytes = Buffer.from(events.join(""));
      // Where the wire escapes its text there is nothing to cut, and nothing that could break.
      const from = Math.max(0, bytes.indexOf(Buffer.from("é")));
      await cutEverywhere(context, bytes, from, from + Buffer.byteLength("é👩‍👩‍👧 語"), expect);
    },
  },
  {
    id: "C4",
    title: "a cut at every byte of the framing, and inside CRLF, changes nothing",
    run: async (context) => {
      const { events, expect } = textShape(context, "", ["Hi."]);
      const bytes = Buffer.from(events.join("").replaceAll("\n", "\r\n"));
      const first = bytes.indexOf("\r\n") + 6;
      await cutEverywhere(context, bytes, 0, 8, expect);
      await cutEverywhere(context, bytes, first - 8, first + 8, expect);
      await cutEverywhere(context, bytes, bytes.length - 20, bytes.length, expect);
    },
  },
  {
    id: "C5",
    title: "keep-alives and blank lines are ignored",
    run: async (context) => {
      const { events, expect } = textShape(context, "", GREETING);
      const { idleEvents, framing } = context.fixtures;
      const idle = [framing === "sse" ? ": ping\n\n\n" : "\n\n", ...idleEvents];
      await context.hold({
        title: "keep-alives",
        events: [...idle, ...events.flatMap((event) => [event, ...idle])],
        expect,
      });
    },
  },
  {
    id: "C6",
    title: "what follows the end mark is ignored",
    run: async (context) => {
      const { events, expect } = textShape(context, "", GREETING);
      claim(
        context.fixtures.endsInLastEvent === true || events.at(-1) === context.fixtures.endMark,
        "the wire has no end mark: skip this case with that as the reason",
      );
      const late = context.fixtures.stream([{ text: "more" }, ...context.ending()]);
      const { last, error } = await context.ask(context.streamed([...events, ...late]));
      claim(last !== undefined, error?.message ?? "");
      assertAnswer(last, expect, "with events after the end mark");
    },
  },
  {
    id: "C7",
    title: "a finish reason and the end of the body are an end without the end mark",
    run: async (context) => {
      const { events, expect } = textShape(context, "", GREETING);
      const unmarked = events.filter((event) => event !== context.fixtures.endMark);
      for (const framing of ["chunked", "close"] as const) {
        const { last, error } = await context.ask(context.streamed(unmarked, { framing }));
        claim(last !== undefined, error?.message ?? "");
        assertAnswer(last, expect, `without the end mark (${framing})`);
      }
    },
  },
  {
    id: "C8",
    title: "a body that ends before the answer is an error with what had arrived",
    run: async (context) => {
      const events = context.fixtures.stream(GREETING.map((text) => ({ text })));
      for (const framing of ["chunked", "close"] as const) {
        const { error } = await context.ask(context.streamed(events, { framing }));
        same([error?.kind, error?.partial?.text], ["truncated", GREETING.join("")], `the error (${framing})`);
      }
    },
  },
  {
    id: "C9",
    title: "an answer is over at its end mark though the body stays open, and the socket is let go",
    run: async (context) => {
      const { events, expect } = textShape(context, "", GREETING);
      const { last, error } = await context.ask(context.streamed(events, { bodyEnd: "hang" }), {
        // Who waits for the end of the body is found without waiting for it.
        options: { timeout: { idleMs: 1000 } },
      });
      claim(last !== undefined, error?.message ?? "");
      assertAnswer(last, expect, "with an open body");
    },
  },
  {
    id: "C10",
    title: "an empty stream is an error",
    run: async (context) => {
      const { idleEvents, endMark } = context.fixtures;
      const empty = [[], ["\n\n"], idleEvents, ...(endMark === undefined ? [] : [[endMark]])];
      for (const events of empty) {
        const { error } = await context.ask(context.streamed(events));
        claim(
          error?.kind === "truncated" && error.retryable,
          `${JSON.stringify(events)} gave ${error?.kind ?? "no error"}`,
        );
      }
    },
  },
  {
    id: "C11",
    title: "an error as JSON with status 200 is that error",
    run: async (context) => {
      const body = context.fixtures.errorBody({
        status: 429,
        code: "rate_limit_exceeded",
        message: "Too fast.",
      });
      const { error } = await context.ask(context.whole(body));
      same([error?.kind, error?.retryable, error?.partial], ["rate_limit", true, undefined], "the error");
    },
  },
  {
    id: "C12",
    title: "an error event is that error, with what had arrived",
    run: async (context) => {
      const event = context.fixtures.errorEvent({
        code: "rate_limit_exceeded",
        message: "The engine is busy.",
      });
      const texts = GREETING.map((text) => ({ text }));
      for (const [parts, partial] of [
        [[{ event }], undefined],
        [[...texts, { event }], GREETING.join("")],
      ] as const) {
        // The role event of some wires comes first, and says nothing.
        const { error } = await context.ask(
          context.streamed(context.fixtures.stream(parts), { bodyEnd: "hang" }),
        );
        claim(
          error?.message.includes("The engine is busy.") === true,
          `the provider's words are missing: ${error?.message ?? ""}`,
        );
        same([error.kind, error.partial?.text], ["rate_limit", partial], "the error");
      }
    },
  },
  {
    id: "C13",
    title: "an event that cannot be read is an error, never lost text",
    run: async (context) => {
      const broken = context.fixtures.framing === "sse" ? 'data: {"broken": \n\n' : '{"broken": \n';
      const parts: AnswerPart[] = [
        { text: "before" },
        { event: broken },
        { text: "after" },
        ...context.ending(),
      ];
      const { error } = await context.ask(context.streamed(context.fixtures.stream(parts)));
      same([error?.kind, error?.partial?.text], ["parse", "before"], "the error");
    },
  },
  {
    id: "C14",
    title: "events of unknown types and unknown fields are ignored",
    run: (context) => holdWireShapes(context, "C14"),
  },
  {
    id: "C15",
    title: "events without content are ignored: empty, null and missing fields",
    run: (context) => holdWireShapes(context, "C15"),
  },
  {
    id: "C16",
    title: "a compressed answer from a slow server is read as it comes",
    run: async (context) => {
      const { gzipSync } = await import("node:zlib");
      const { events, expect } = textShape(context, "", GREETING);
      const bytes = gzipSync(events.join(""));
      const pieces = Array.from({ length: Math.ceil(bytes.length / 20) }, (_, index) =>
        bytes.subarray(index * 20, index * 20 + 20),
      );
      const headers = { "content-type": context.fixtures.streamType, "content-encoding": "gzip" };
      const { last, error } = await context.ask({ headers, pieces, pauseMs: 1 });
      claim(last !== undefined, error?.message ?? "");
      assertAnswer(last, expect, "compressed");
      const cut = await context.ask({ headers, pieces: pieces.slice(0, 3), bodyEnd: "cut" });
      claim(cut.error !== undefined, "a compressed answer that was cut gave no error");
      const broken = await context.ask({ headers, pieces: ["this is not gzip"] });
      same(broken.error?.kind, "parse", "what came of bytes that are not gzip");
    },
  },
  {
    id: "C17",
    title: "a proxy's page is a readable error",
    run: async (context) => {
      const page =
        "<!doctype html><html><head><title>504 Gateway Time-out</title></head><body><h1>nginx</h1></body></html>";
      for (const [status, type] of [
        [200, "text/html"],
        [200, context.fixtures.streamType],
        [502, "text/html; charset=utf-8"],
        [502, "text/plain"],
      ] as const) {
        const { error } = await context.ask({ status, headers: { "content-type": type }, pieces: [page] });
        claim(
          error !== undefined && error.message.includes("504 Gateway Time-out"),
          `${status} ${type}: ${error?.message ?? "no error"}`,
        );
      }
    },
  },
  {
    id: "C18",
    title: "one JSON text a line, the last without a line end",
    run: (context) => holdWireShapes(context, "C18"),
  },
];

/** Asks for the same bytes, cut in two at every place of a range. */
async function cutEverywhere(
  context: ConformanceContext,
  bytes: Buffer,
  from: number,
  to: number,
  expect: ExpectedAnswer,
): Promise<void> {
  for (let at = Math.max(0, from); at < Math.min(to, bytes.length); at++) {
    const { last, error } = await context.ask(
      context.streamed([], { pieces: [bytes.subarray(0, at), bytes.subarray(at)] }),
    );
    claim(last !== undefined, `cut at byte ${at}: ${error?.message ?? "no answer"}`);
    assertAnswer(last, expect, `cut at byte ${at}`);
  }
}
