import type { FinishReason } from "../../model/chat-response.ts";
import type { ConformanceCase, ConformanceContext } from "./conformance-context.ts";
import { claim, countsOf, same } from "./expectations.ts";
import { ENDING_USAGE, holdWireShapes, textShape } from "./case-shapes.ts";
import type { AnswerPart, FixtureUsage } from "./wire-fixtures.ts";

/** Section G of the table: what an answer cost. */
export const usageCases: readonly ConformanceCase[] = [
  wireCase("G1", "usage where the wire usually has it"),
  wireCase("G2", "usage beside the finish reason, or inside the choice"),
  wireCase("G3", "usage in a field of the vendor's"),
  wireCase("G4", "usage that is told again and again is replaced, never added up"),
  usageCase("G5", "cached tokens are a part of the input", {
    input: 100,
    output: 5,
    cacheRead: 60,
    cacheWrite: 30,
  }),
  usageCase("G6", "reasoning tokens are a part of the output", { input: 10, output: 50, reasoning: 40 }),
  {
    id: "G7",
    title: "usage that is not told is not known, and not zero",
    run: async (context) => {
      const { fixtures } = context;
      const events = fixtures.stream([
        { text: "Hi." },
        { finish: fixtures.finishReasons.stop ?? "stop" },
        { end: true },
      ]);
      await context.hold({
        title: "no usage",
        events,
        expect: { content: [{ text: "Hi." }], finishReason: "stop" },
      });
    },
  },
  {
    id: "G8",
    title: "no part of the usage is more than its whole",
    run: async (context) => {
      const shapes = Object.values(context.fixtures.shapes).flat();
      for (const { title, events } of shapes.filter(({ expect }) => expect.usage !== undefined)) {
        const { last, error } = await context.ask(context.streamed(events));
        claim(last !== undefined, `${title}: ${error?.message ?? "no answer"}`);
        const { inputTokens = 0, outputTokens = 0, totalTokens = Infinity, ...parts } = countsOf(last.usage);
        claim(
          (parts.cacheReadTokens ?? 0) + (parts.cacheWriteTokens ?? 0) <= inputTokens,
          `${title}: more cached than input`,
        );
        claim((parts.reasoningTokens ?? 0) <= outputTokens, `${title}: more reasoning than output`);
        claim(inputTokens + outputTokens <= totalTokens, `${title}: more input and output than in total`);
      }
    },
  },
  {
    id: "G9",
    title: "usage that was told before an answer broke off is kept",
    run: async (context) => {
      const { fixtures } = context;
      const parts: AnswerPart[] = [
        { text: "so far" },
        { usage: { input: 7, output: 5 } },
        { text: " so good" },
      ];
      const { error } = await context.ask(context.streamed(fixtures.stream(parts), { bodyEnd: "reset" }));
      same(error?.partial?.text, "so far so good", "the partial answer");
      same(countsOf(error?.partial?.usage), ENDING_USAGE, "its usage");
    },
  },
];

/** Section H of the table: why an answer ends. */
export const finishCases: readonly ConformanceCase[] = [
  finishCase("H1", "stop"),
  finishCase("H2", "length"),
  {
    id: "H3",
    title: "the answer ends with tool_calls, but not when there is none",
    run: async (context) => {
      const { finishReasons } = context.fixtures;
      const finish = finishReasons.tool_calls ?? finishReasons.stop;
      const tool = { index: 0, id: "call_1", name: "look_up", arguments: "{}" };
      const called = context.fixtures.stream([{ tool }, ...context.ending(finish)]);
      const { last } = await context.ask(context.streamed(called));
      same([last?.finishReason, last?.rawFinishReason], ["tool_calls", finish], "the finish reason");
      const uncalled = context.fixtures.stream([{ text: "no call" }, ...context.ending(finish)]);
      const { last: other } = await context.ask(context.streamed(uncalled));
      same(
        [other?.finishReason, other?.rawFinishReason],
        ["stop", finish],
        "the finish reason without a call",
      );
    },
  },
  finishCase("H4", "content_filter"),
  finishCase("H5", "pause"),
  finishCase("H6", "error"),
  {
    id: "H7",
    title: "a reason that nobody knows is other, and kept in the provider's word",
    run: async (context) => {
      const events = context.fixtures.stream([{ text: "Hi." }, ...context.ending("moon_phase")]);
      const expect = {
        content: [{ text: "Hi." }],
        finishReason: "other",
        rawFinishReason: "moon_phase",
        usage: ENDING_USAGE,
      } as const;
      await context.hold({ title: "an unknown reason", events, expect });
    },
  },
  {
    id: "H8",
    title: "a refusal is shown, and ends with content_filter",
    run: async (context) => {
      const parts: AnswerPart[] = [
        { refusal: "I cannot " },
        { refusal: "help with that." },
        ...context.ending(),
      ];
      await context.hold({
        title: "a refusal",
        events: context.fixtures.stream(parts),
        whole: context.fixtures.whole(parts),
        expect: {
          content: [{ text: "I cannot help with that." }],
          finishReason: "content_filter",
          usage: ENDING_USAGE,
        },
      });
    },
  },
  {
    id: "H9",
    title: "an answer that was filtered keeps what there was",
    run: async (context) => {
      const { finishReasons } = context.fixtures;
      const { events, expect } = textShape(context, "", ["The first half"]);
      const filtered = context.fixtures.stream([
        { text: "The first half" },
        ...context.ending(finishReasons.content_filter),
      ]);
      claim(events.length === filtered.length, "the two streams differ only in their reason");
      await context.hold({
        title: "filtered",
        events: filtered,
        expect: { ...expect, finishReason: "content_filter" },
      });
    },
  },
];

function wireCase(id: string, title: string): ConformanceCase {
  return { id, title, run: (context) => holdWireShapes(context, id) };
}

/** A case of usage that every wire can tell, and of the shapes that only this wire has. */
function usageCase(id: string, title: string, full: FixtureUsage): ConformanceCase {
  return {
    id,
    title,
    run: async (context) => {
      const { fixtures } = context;
      const { cacheWrite: _written, ...told } = full;
      const usage: FixtureUsage = fixtures.hasCacheWrites === false ? told : full;
      const parts: AnswerPart[] = [
        { text: "Hi." },
        { finish: fixtures.finishReasons.stop ?? "stop" },
        { usage },
        { end: true },
      ];
      const { input, output, cacheRead, reasoning } = usage;
      await context.hold({
        title,
        events: fixtures.stream(parts),
        whole: fixtures.whole(parts),
        expect: {
          content: [{ text: "Hi." }],
          finishReason: "stop",
          usage: {
            inputTokens: input,
            outputTokens: output,
            totalTokens: input + output,
            ...(cacheRead !== undefined && { cacheReadTokens: cacheRead }),
            ...(usage.cacheWrite !== undefined && { cacheWriteTokens: usage.cacheWrite }),
            ...(reasoning !== undefined && { reasoningTokens: reasoning }),
          },
        },
      });
      if (fixtures.shapes[id] !== undefined) await holdWireShapes(context, id);
    },
  };
}

function finishCase(id: string, reason: FinishReason): ConformanceCase {
  return {
    id,
    title: `the answer ends with ${reason}`,
    run: async (context: ConformanceContext) => {
      const word = context.fixtures.finishReasons[reason];
      claim(word !== undefined, `the wire has no word for ${reason}: skip this case with that as the reason`);
      const events = context.fixtures.stream([{ text: "Hi." }, ...context.ending(word)]);
      const expect = {
        content: [{ text: "Hi." }],
        finishReason: reason,
        rawFinishReason: word,
        usage: ENDING_USAGE,
      };
      await context.hold({ title: reason, events, expect });
      if (context.fixtures.shapes[id] !== undefined) await holdWireShapes(context, id);
    },
  };
}
