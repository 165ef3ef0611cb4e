import type { ConformanceCase, ConformanceContext } from "./conformance-context.ts";
import { claim, countsOf, essence, same } from "./expectations.ts";
import { ENDING_USAGE, GREETING, textShape } from "./case-shapes.ts";
import type { AnswerPart, WireFixtures } from "./wire-fixtures.ts";

/** Section D of the table: how events become blocks. */
export const accumulationCases: readonly ConformanceCase[] = [
  {
    id: "D1",
    title: "no snapshot ever changes, though it is frozen on arrival",
    // What is promised of every stream is looked at in every call of the kit: here on one that has a bit of everything.
    run: async (context) => {
      const { snapshots } = await context.ask(context.streamed(context.fixtures.stream(mixed(context))));
      claim(
        snapshots.length > 5 && snapshots.every((snapshot) => Object.isFrozen(snapshot)),
        "there are too few snapshots to tell",
      );
    },
  },
  {
    id: "D2",
    title: "text only grows",
    run: async (context) => {
      const { snapshots, error } = await context.ask(
        context.streamed(textShape(context, "", GREETING).events),
      );
      claim(snapshots.length > 0, error?.message ?? "");
      const texts = snapshots.map(({ text }) => text);
      claim(
        texts.every((text, index) => text.startsWith(texts[index - 1] ?? "")),
        `the texts were ${JSON.stringify(texts)}`,
      );
      same(snapshots.map(({ textDelta }) => textDelta).join(""), GREETING.join(""), "the deltas together");
    },
  },
  {
    id: "D3",
    title: "the streamed and the whole answer end in the same snapshot",
    run: async (context) => {
      const parts = mixed(context);
      // A model that has only streams says so in a warning: without that it would differ.
      const { card } = context.model();
      const { streamOnly: _, ...capabilities } = card.capabilities;
      const model = context.model({ card: { ...card, capabilities } });
      const streamed = await context.ask(context.streamed(context.fixtures.stream(parts)), { model });
      const whole = await context.ask(context.whole(context.fixtures.whole(parts)), {
        model,
        options: { stream: false },
      });
      claim(
        streamed.last !== undefined && whole.last !== undefined,
        whole.error?.message ?? streamed.error?.message ?? "",
      );
      same(essence(whole.last), essence(streamed.last), "the whole answer, against the streamed one");
      same(whole.snapshots.length, 1, "snapshots of a whole answer");
      // A server that does not know how to stream answers in one piece, though it was asked for a stream.
      const unasked = await context.ask(context.whole(context.fixtures.whole(parts)), { model });
      claim(unasked.last !== undefined, unasked.error?.message ?? "");
      same(essence(unasked.last), essence(streamed.last), "the whole answer to a request for a stream");
    },
  },
  {
    id: "D4",
    title: "text, a tool call and text again stay three blocks in order",
    run: async (context) => {
      const { fixtures } = context;
      const tool = { index: 0, id: "call_1", name: "look_up", arguments: '{"word":"a"}' };
      const finish = fixtures.finishReasons.tool_calls ?? fixtures.finishReasons.stop;
      const events = fixtures.stream([{ text: "one" }, { tool }, { text: "two" }, ...context.ending(finish)]);
      const content = [{ text: "one" }, { tool: "look_up", input: { word: "a" } }, { text: "two" }];
      await context.hold({
        title: "three blocks",
        events,
        expect: { content, finishReason: "tool_calls", usage: ENDING_USAGE },
      });
    },
  },
  {
    id: "D5",
    title: "reasoning and then text are two blocks",
    run: async (context) => {
      const parts: AnswerPart[] = [
        { thinking: "Let me " },
        { thinking: "see." },
        { text: "It is" },
        { text: " 4." },
        ...context.ending(),
      ];
      await context.hold({
        title: "two blocks",
        events: context.fixtures.stream(parts),
        whole: context.fixtures.whole(parts),
        expect: {
          content: [{ thinking: "Let me see." }, { text: "It is 4." }],
          finishReason: "stop",
          usage: ENDING_USAGE,
        },
      });
    },
  },
  {
    id: "D6",
    title: "a block keeps its id, and no other block has it",
    run: async (context) => {
      const ids: string[] = [];
      for (let round = 0; round < 2; round++) {
        const { snapshots, last } = await context.ask(
          context.streamed(context.fixtures.stream(mixed(context))),
        );
        const [first] = new Set(snapshots.map(({ content }) => content[0]?.id));
        same(first, last?.content[0]?.id, "the id of the first block");
        // Ids of tool calls are the provider's own: its fixture says the same ones each time.
        ids.push(...(last?.content ?? []).filter(({ type }) => type !== "tool_use").map(({ id }) => id));
      }
      same(new Set(ids).size, ids.length, "different ids");
    },
  },
  {
    id: "D7",
    title: "exactly one snapshot is the last, and it comes last",
    run: async (context) => {
      const { snapshots } = await context.ask(context.streamed(textShape(context, "", GREETING).events));
      same(
        snapshots.map(({ isLast }) => isLast).indexOf(true),
        snapshots.length - 1,
        "the place of the last snapshot",
      );
    },
  },
  {
    id: "D8",
    title: "metadata hold what the provider said, and nothing else",
    run: async (context) => {
      const { fixtures, server } = context;
      const events = fixtures.stream([
        { text: "Hi." },
        { finish: fixtures.finishReasons.stop ?? "stop" },
        { end: true },
      ]);
      const silent = await context.ask(context.streamed(events));
      same(countsOf(silent.last?.usage), {}, "the usage");
      same(
        [silent.last?.metadata.requestId, silent.last?.metadata.rateLimits],
        [fixtures.requestIdInBody, undefined],
        "the metadata",
      );
      const { headers: told, limits } = fixtures.rateLimits ?? OPENAI_RATE_LIMITS;
      const id = fixtures.requestIdInBody ?? "req_1";
      const headers = { "content-type": fixtures.streamType, [fixtures.requestIdHeader]: id, ...told };
      const { last } = await context.ask(context.streamed(events, { headers }));
      same(last?.metadata.requestId, id, "the request's id");
      same(last?.metadata.rateLimits, limits, "the rate limits");
      same([last?.provider, server.requests.length], [context.model().provider, 2], "the provider");
      claim(last?.id !== "" && last?.model !== "", "an answer has an id and a model");
    },
  },
];

const OPENAI_RATE_LIMITS: NonNullable<WireFixtures["rateLimits"]> = {
  headers: {
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-remaining-requests": "59",
    "x-ratelimit-reset-requests": "6m0s",
  },
  limits: [{ name: "requests", limit: 60, remaining: 59, resetMs: 360_000 }],
};

/** A bit of everything: reasoning where the wire has it, text, two tool calls. */
function mixed(context: ConformanceContext): readonly AnswerPart[] {
  const { finishReasons, skips } = context.fixtures;
  return [
    ...(skips["D5"] === undefined ? [{ thinking: "Let me " }, { thinking: "see." }] : []),
    { text: "I will " },
    { text: "look it up." },
    // Without blanks, and not empty: a whole answer may hold the arguments as a value and not as their text.
    { tool: { index: 0, id: "call_1", name: "look_up", arguments: '{"word":{"letters":["a"' } },
    { tool: { index: 0, arguments: ',"b"],"n":12}' } },
    { tool: { index: 0, arguments: "}" } },
    { tool: { index: 1, id: "call_2", name: "get_time", arguments: '{"zone":"CET"}' } },
    ...context.ending(finishReasons.tool_calls ?? finishReasons.stop),
  ];
}
