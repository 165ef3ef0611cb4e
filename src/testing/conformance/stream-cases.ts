import type { ChatResponse } from "../../model/chat-response.ts";
import { claim, type ConformanceCase, deepFreeze, essence, same } from "./conformance-context.ts";
import type { AnswerPart } from "./wire-fixtures.ts";

const HELLO: readonly AnswerPart[] = [{ text: "Hel" }, { text: "lo, wörld 👋🏽 " }, { text: "日本" }, { text: "語." }];

/** An ordinary end: reason, usage, end mark. */
export function ending(finish: string): readonly AnswerPart[] {
  return [{ finish }, { usage: { input: 7, output: 5 } }, { end: true }];
}

/** Sections C (the stream) and D (accumulation) of the table. */
export const streamCases: readonly ConformanceCase[] = [
  {
    id: "C1",
    title: "an answer in one delta",
    run: async (context) => {
      const { fixtures } = context;
      const { last } = await context.askInEveryDelivery(fixtures.stream([{ text: "Hi." }, ...ending(stop(fixtures))]));
      same([last?.text, last?.isLast, last?.finishReason], ["Hi.", true, "stop"], "the answer");
    },
  },
  {
    id: "C2",
    title: "an answer in many deltas, in every delivery",
    run: async (context) => {
      const { fixtures } = context;
      const words = Array.from({ length: 50 }, (_, index) => ({ text: `word${index} ` }));
      const { last, snapshots } = await context.askInEveryDelivery(fixtures.stream([...words, ...ending(stop(fixtures))]));
      same(last?.text, words.map(({ text }) => text).join(""), "the text");
      claim(snapshots.length >= 50, "there must be a snapshot for every delta");
    },
  },
  {
    id: "C3",
    title: "characters of several bytes, cut at every offset",
    run: async (context) => {
      const { fixtures } = context;
      const bytes = Buffer.from(fixtures.stream([{ text: "é👩‍👩‍👧 語" }, ...ending(stop(fixtures))]));
      const from = bytes.indexOf(Buffer.from("é"));
      for (let cut = from; cut < from + 34; cut++) {
        const halves = [bytes.subarray(0, cut), bytes.subarray(cut)];
        const { last, error } = await context.ask({ raw: bytes, drip: { bytes: cut, everyMs: 0 } });
        claim(error === undefined, `cut at ${cut} of ${halves.length} parts: ${error?.message ?? ""}`);
        same(last?.text, "é👩‍👩‍👧 語", `cut at ${cut}`);
      }
    },
  },
  {
    id: "C4",
    title: "cuts inside the framing and inside line ends",
    run: async (context) => {
      const { fixtures } = context;
      const { last } = await context.askInEveryDelivery(fixtures.stream([...HELLO, ...ending(stop(fixtures))]));
      same(last?.text, "Hello, wörld 👋🏽 日本語.", "the text");
    },
  },
  {
    id: "C5",
    title: "comments and blank lines are ignored",
    run: async (context) => {
      const raw = context.fixtures.stream([...HELLO, ...ending(stop(context.fixtures))]);
      const { last } = await context.ask({ raw: `: hello\n\n\n\n${raw.replaceAll("\n\n", "\n\n: ping\n\n")}` });
      same(last?.text, "Hello, wörld 👋🏽 日本語.", "the text");
    },
  },
  {
    id: "C7",
    title: "a finish reason and the end of the body are an end without the end mark",
    run: async (context) => {
      const { last, error } = await context.ask({ raw: context.fixtures.stream([...HELLO, { finish: stop(context.fixtures) }]) });
      same([last?.isLast, error?.kind], [true, undefined], "the end");
    },
  },
  {
    id: "C8",
    title: "a stream that stops before the end is an error with what had arrived",
    run: async (context) => {
      const { error } = await context.ask({ raw: context.fixtures.stream(HELLO) });
      same([error?.kind, error?.partial?.text], ["truncated", "Hello, wörld 👋🏽 日本語."], "the error");
    },
  },
  {
    id: "C9",
    title: "an answer is over at its end mark, though the body stays open",
    run: async (context) => {
      const raw = context.fixtures.stream([...HELLO, ...ending(stop(context.fixtures))]);
      const { last, completed } = await context.ask({ raw, keepOpen: true });
      same([last?.isLast, completed], [true, true], "the end");
    },
  },
  {
    id: "C10",
    title: "an empty stream is an error",
    run: async (context) => {
      const { error, snapshots } = await context.ask({ raw: "" });
      same([error?.kind, snapshots.length], ["truncated", 0], "the error");
    },
  },
  {
    id: "C11",
    title: "an error as JSON with status 200 is an error",
    run: async (context) => {
      const body = context.fixtures.errorBody({ status: 429, code: "rate_limit_exceeded", message: "Too fast." });
      const { error, snapshots } = await context.ask({ raw: body, contentType: "application/json" });
      same([error?.kind, snapshots.length], ["rate_limit", 0], "the error");
    },
  },
  {
    id: "C12",
    title: "an error in the middle of a stream is an error with what had arrived",
    run: async (context) => {
      const event = context.fixtures.errorEvent({ code: "server_error", message: "The engine stopped." });
      const { error } = await context.ask({ raw: context.fixtures.stream([...HELLO, { event }]) });
      claim(error?.message.includes("The engine stopped") === true, `the provider's words are missing: ${error?.message ?? ""}`);
      same([error.kind, error.partial?.text], ["server", "Hello, wörld 👋🏽 日本語."], "the error");
    },
  },
  {
    id: "C13",
    title: "an event that cannot be read is an error, never lost text",
    run: async (context) => {
      const parts: AnswerPart[] = [{ text: "before" }, { event: 'data: {"broken": \n\n' }, { text: "after" }];
      const { error } = await context.ask({ raw: context.fixtures.stream([...parts, ...ending(stop(context.fixtures))]) });
      same([error?.kind, error?.partial?.text], ["parse", "before"], "the error");
    },
  },
  {
    id: "C14",
    title: "events of unknown types are ignored",
    run: async (context) => {
      const { fixtures } = context;
      const raw = fixtures.stream([{ text: "a" }, { event: fixtures.unknownEvent }, { text: "b" }, ...ending(stop(fixtures))]);
      const { last } = await context.ask({ raw });
      same(last?.text, "ab", "the text");
    },
  },
  {
    id: "C16",
    title: "a compressed answer from a slow server is read",
    run: async (context) => {
      const raw = context.fixtures.stream([...HELLO, ...ending(stop(context.fixtures))]);
      const { last, error } = await context.ask({ raw, gzip: true, drip: { bytes: 20, everyMs: 1 } });
      claim(error === undefined, error?.message ?? "");
      same(last?.text, "Hello, wörld 👋🏽 日本語.", "the text");
    },
  },
  {
    id: "C17",
    title: "a proxy's page is a readable error",
    run: async (context) => {
      const page = "<html><head><title>504 Gateway Time-out</title></head><body><h1>nginx</h1></body></html>";
      for (const status of [200, 502]) {
        const { error } = await context.ask({ raw: page, status, contentType: "text/html" });
        claim(error !== undefined && /504 Gateway Time-out|html/i.test(error.message), `status ${status}: ${error?.message ?? "no error"}`);
      }
    },
  },
  {
    id: "D1",
    title: "no snapshot ever changes",
    run: async (context) => {
      const { fixtures } = context;
      const tools: AnswerPart[] = [
        { tool: { index: 0, id: "call_1", name: "search", arguments: '{"query": {"words": ["a"' } },
        { tool: { index: 0, arguments: ', "b"], "n": 12' } },
        { tool: { index: 0, arguments: "}}" } },
      ];
      const raw = fixtures.stream([{ text: "Let me " }, { text: "see." }, ...tools, ...ending(toolCalls(fixtures))]);
      context.emulator.script({ raw, contentType: fixtures.streamType });
      const seen: { frozen: ChatResponse; then: string }[] = [];
      for await (const response of context.model().stream("Hi", [{ name: "search" }])) {
        seen.push({ frozen: deepFreeze(response), then: JSON.stringify(response) });
      }
      claim(seen.at(-1)?.frozen.isLast === true, "the stream must end");
      for (const { frozen, then } of seen) same(JSON.parse(JSON.stringify(frozen)), JSON.parse(then), "a snapshot");
    },
  },
  {
    id: "D2",
    title: "text only grows",
    run: async (context) => {
      const { snapshots } = await context.ask({ raw: context.fixtures.stream([...HELLO, ...ending(stop(context.fixtures))]) });
      let before = "";
      let joined = "";
      for (const { text, textDelta } of snapshots) {
        claim(text.startsWith(before), `"${text}" does not continue "${before}"`);
        before = text;
        joined += textDelta;
      }
      same(joined, before, "the deltas together");
    },
  },
  {
    id: "D3",
    title: "the streamed and the whole answer end in the same snapshot",
    run: async (context) => {
      const { fixtures } = context;
      const parts: AnswerPart[] = [
        { text: "Let me see." },
        { tool: { index: 0, id: "call_1", name: "a", arguments: '{"x":1}' } },
        { tool: { index: 1, id: "call_2", name: "b", arguments: "{}" } },
        ...ending(toolCalls(fixtures)),
      ];
      const tools = [{ name: "a" }, { name: "b" }];
      const streamed = await context.ask({ raw: fixtures.stream(parts) }, { tools });
      const whole = await context.ask(
        { raw: fixtures.whole(parts), contentType: "application/json" },
        { tools, options: { stream: false } },
      );
      claim(whole.error === undefined, whole.error?.message ?? "");
      same(essence(whole), essence(streamed), "the whole answer");
      same(whole.snapshots.length, 1, "snapshots of a whole answer");
    },
  },
  {
    id: "D4",
    title: "text, a tool call and text again stay three blocks in order",
    run: async (context) => {
      const { fixtures } = context;
      const call: AnswerPart = { tool: { index: 0, id: "call_1", name: "a", arguments: "{}" } };
      const raw = fixtures.stream([{ text: "one" }, call, { text: "two" }, ...ending(toolCalls(fixtures))]);
      const { last } = await context.ask({ raw }, { tools: [{ name: "a" }] });
      same(last?.content.map(({ type }) => type), ["text", "tool_use", "text"], "the blocks");
    },
  },
  {
    id: "D6",
    title: "a block keeps its id, and no two have the same",
    run: async (context) => {
      const raw = context.fixtures.stream([...HELLO, ...ending(stop(context.fixtures))]);
      const first = await context.ask({ raw });
      const second = await context.ask({ raw });
      const ids = first.snapshots.map(({ content }) => content[0]?.id);
      claim(new Set(ids).size === 1, `the id changed: ${ids.join(", ")}`);
      claim(ids[0] !== second.last?.content[0]?.id, "blocks of two answers have the same id");
    },
  },
  {
    id: "D7",
    title: "exactly one snapshot is the last, and it comes last",
    run: async (context) => {
      const { snapshots } = await context.ask({ raw: context.fixtures.stream([...HELLO, ...ending(stop(context.fixtures))]) });
      same(snapshots.filter(({ isLast }) => isLast).length, 1, "last snapshots");
      claim(snapshots.at(-1)?.isLast === true, "the last snapshot must say so");
    },
  },
];

function stop({ finishReasons }: { finishReasons: { readonly stop?: string } }): string {
  return finishReasons.stop ?? "stop";
}

function toolCalls({ finishReasons }: { finishReasons: { readonly tool_calls?: string } }): string {
  return finishReasons.tool_calls ?? "tool_calls";
}
