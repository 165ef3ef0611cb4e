import type { FinishReason } from "../../model/chat-response.ts";
import { claim, type ConformanceCase, type ConformanceContext, same } from "./conformance-context.ts";
import { ending } from "./stream-cases.ts";
import type { AnswerPart } from "./wire-fixtures.ts";

type ToolPiece = Extract<AnswerPart, { tool: unknown }>["tool"];

const TOOLS = [{ name: "get_weather" }, { name: "get_time" }];

/** The calls that come of these pieces: name, input, and whether the ids are there and differ. */
async function callsOf(context: ConformanceContext, pieces: readonly ToolPiece[], finish?: string): Promise<unknown[]> {
  const { finishReasons } = context.fixtures;
  const parts = [...pieces.map((tool) => ({ tool })), ...ending(finish ?? finishReasons.tool_calls ?? "stop")];
  const { last, error } = await context.askInEveryDelivery(context.fixtures.stream(parts), { tools: TOOLS });
  claim(error === undefined, error?.message ?? "");
  same(last?.finishReason, "tool_calls", "the finish reason");
  const calls = last?.toolCalls ?? [];
  const ids = new Set(calls.map(({ id }) => id));
  claim(ids.size === calls.length && !ids.has(""), `ids are missing or doubled: ${[...ids].join(", ")}`);
  return calls.map(({ name, input, inputError }) => (inputError === undefined ? [name, input] : [name, input, "error"]));
}

const PARIS = ["get_weather", { city: "Paris" }];
const TIME = ["get_time", { tz: "CET" }];

/** Sections E (tools), F (reasoning), G (usage) and H (finish reasons) of the table. */
export const contentCases: readonly ConformanceCase[] = [
  toolCase("E1", "one call", [PARIS], [
    { index: 0, id: "c1", name: "get_weather", arguments: "" },
    { index: 0, arguments: '{"city"' },
    { index: 0, arguments: ':"Paris"}' },
  ]),
  toolCase("E2", "arguments cut at every character", [PARIS], [
    { index: 0, id: "c1", name: "get_weather" },
    ...[...'{"city":"Paris"}'].map((char) => ({ index: 0, arguments: char })),
  ]),
  toolCase("E3", "two calls interleaved by index", [PARIS, TIME], [
    { index: 0, id: "c1", name: "get_weather", arguments: '{"city":' },
    { index: 1, id: "c2", name: "get_time", arguments: '{"tz":' },
    { index: 0, arguments: '"Paris"}' },
    { index: 1, arguments: '"CET"}' },
  ]),
  toolCase("E4", "calls without an index", [PARIS, TIME], [
    { id: "c1", name: "get_weather", arguments: '{"city":"Paris"}' },
    { id: "c2", name: "get_time", arguments: '{"tz":"CET"}' },
  ]),
  toolCase("E5", "calls without an id get different ones", [PARIS, PARIS], [
    { index: 0, name: "get_weather", arguments: '{"city":"Paris"}' },
    { index: 1, name: "get_weather", arguments: '{"city":"Paris"}' },
  ]),
  toolCase("E6", "the id stands only in the first piece", [PARIS], [
    { index: 0, id: "c1", name: "get_weather", arguments: '{"city":' },
    { index: 0, id: "", arguments: '"Paris"}' },
  ]),
  toolCase("E7", "the name is repeated in every piece", [PARIS], [
    { index: 0, id: "c1", name: "get_weather", arguments: '{"city":' },
    { index: 0, id: "c1", name: "get_weather", arguments: '"Paris"}' },
  ]),
  toolCase("E8", "a whole call in one piece", [PARIS], [{ index: 0, id: "c1", name: "get_weather", arguments: '{"city":"Paris"}' }]),
  toolCase("E9", "empty arguments mean none", [["get_time", {}]], [{ index: 0, id: "c1", name: "get_time", arguments: "" }]),
  {
    id: "E10",
    title: "arguments that are no JSON are kept as they are, and the answer goes on",
    run: async (context) => {
      const parts = [{ tool: { index: 0, id: "c1", name: "get_weather", arguments: '{"city": Paris' } }];
      const finish = context.fixtures.finishReasons.tool_calls ?? "stop";
      const { last } = await context.ask({ raw: context.fixtures.stream([...parts, ...ending(finish)]) }, { tools: TOOLS });
      const [call] = last?.toolCalls ?? [];
      same([call?.rawInput, call?.inputError !== undefined], ['{"city": Paris', true], "the call");
    },
  },
  {
    id: "E12",
    title: "a call that nobody answered gets an error as its result",
    run: async (context) => {
      const call = { type: "tool_use", id: "c1", name: "get_weather", input: {} } as const;
      const { request } = await context.ask(undefined, { messages: [{ role: "assistant", content: [call] }, "And now?"], tools: TOOLS });
      const { toolResults } = context.fixtures.readRequest(request?.body);
      same([toolResults.length, /no result/i.test(toolResults[0]?.text ?? "")], [1, true], "the results");
    },
  },
  {
    id: "E13",
    title: "an id of another provider is fitted to this one, with its result",
    run: async (context) => {
      const id = `call|${"x".repeat(90)}`;
      const call = { type: "tool_use", id, name: "get_weather", input: {} } as const;
      const result = { type: "tool_result", id, name: "get_weather", output: "sunny" } as const;
      const { request, error } = await context.ask(undefined, {
        messages: ["Hi", { role: "assistant", content: [call] }, { role: "tool", content: [result] }],
        tools: TOOLS,
      });
      claim(error === undefined, error?.message ?? "");
      const { toolResults, toolCallIds } = context.fixtures.readRequest(request?.body);
      same(toolResults.map((each) => each.id), toolCallIds, "the ids");
      claim((toolCallIds[0]?.length ?? 99) <= 64, `the id is too long: ${toolCallIds[0] ?? ""}`);
    },
  },
  {
    id: "E16",
    title: "calls under the finish reason stop are tool calls, tool calls without one are not",
    run: async (context) => {
      const { stop, tool_calls: calls } = context.fixtures.finishReasons;
      await callsOf(context, [{ index: 0, id: "c1", name: "get_time", arguments: "{}" }], stop ?? "stop");
      if (calls === undefined) return;
      const { last } = await context.ask({ raw: context.fixtures.stream([{ text: "none" }, ...ending(calls)]) }, { tools: TOOLS });
      same(last?.finishReason, "stop", "the finish reason without calls");
    },
  },
  {
    id: "F1",
    title: "reasoning and text are two blocks, reasoning first",
    run: async (context) => {
      const parts = [{ thinking: "Hm, " }, { thinking: "yes." }, { text: "42" }];
      const { last } = await context.askInEveryDelivery(context.fixtures.stream([...parts, ...ending(context.fixtures.finishReasons.stop ?? "stop")]));
      same([last?.content.map(({ type }) => type), last?.thinking, last?.text], [["thinking", "text"], "Hm, yes.", "42"], "the answer");
    },
  },
  {
    id: "F7",
    title: "reasoning of another provider does not go back",
    run: async (context) => {
      const message = { role: "assistant", provider: "elsewhere", model: "other", content: [{ type: "thinking", thinking: "secret plan" }, "42"] } as const;
      const { request } = await context.ask(undefined, { messages: ["Hi", message, "More"] });
      claim(!JSON.stringify(request?.body).includes("secret plan"), "foreign reasoning was sent");
    },
  },
  {
    id: "G1",
    title: "usage is inclusive, with its parts, and stands on the last snapshot",
    run: async (context) => {
      const usage = { input: 100, output: 50, cacheRead: 80, reasoning: 30 };
      const parts: AnswerPart[] = [{ text: "x" }, { finish: context.fixtures.finishReasons.stop ?? "stop" }, { usage }, { end: true }];
      const { last } = await context.askInEveryDelivery(context.fixtures.stream(parts));
      const { inputTokens, outputTokens, cacheReadTokens, reasoningTokens, totalTokens } = last?.usage ?? {};
      same([inputTokens, outputTokens, cacheReadTokens, reasoningTokens, totalTokens], [100, 50, 80, 30, 150], "the usage");
    },
  },
  {
    id: "G4",
    title: "usage that is repeated replaces, it does not add up",
    run: async (context) => {
      const parts: AnswerPart[] = [
        { text: "a" },
        { usage: { input: 10, output: 1 } },
        { text: "b" },
        { usage: { input: 10, output: 2 } },
        { finish: context.fixtures.finishReasons.stop ?? "stop" },
        { end: true },
      ];
      const { last } = await context.ask({ raw: context.fixtures.stream(parts) });
      same([last?.usage?.inputTokens, last?.usage?.outputTokens], [10, 2], "the usage");
    },
  },
  {
    id: "G7",
    title: "usage that the provider does not tell is undefined, not zero",
    run: async (context) => {
      const parts: AnswerPart[] = [{ text: "a" }, { finish: context.fixtures.finishReasons.stop ?? "stop" }, { end: true }];
      const { last } = await context.ask({ raw: context.fixtures.stream(parts) });
      same([last?.usage?.inputTokens, last?.usage?.outputTokens], [undefined, undefined], "the usage");
    },
  },
  {
    id: "G9",
    title: "usage that came before a cut is on the partial answer",
    run: async (context) => {
      const { error } = await context.ask({ raw: context.fixtures.stream([{ text: "a" }, { usage: { input: 10, output: 1 } }]) });
      same([error?.kind, error?.partial?.usage?.inputTokens], ["truncated", 10], "the error");
    },
  },
  {
    id: "H1",
    title: "every finish reason of the wire, with its own word kept",
    run: async (context) => {
      for (const [reason, raw] of Object.entries(context.fixtures.finishReasons) as [FinishReason, string][]) {
        if (reason === "tool_calls") continue; // E16
        const { last } = await context.ask({ raw: context.fixtures.stream([{ text: "some" }, ...ending(raw)]) });
        same([last?.finishReason, last?.rawFinishReason, last?.text], [reason, raw, "some"], `the reason ${raw}`);
      }
    },
  },
  {
    id: "H7",
    title: "an unknown finish reason is kept in its own word",
    run: async (context) => {
      const { last } = await context.ask({ raw: context.fixtures.stream([{ text: "some" }, ...ending("full_moon")]) });
      same([last?.finishReason, last?.rawFinishReason], ["other", "full_moon"], "the reason");
    },
  },
  {
    id: "H8",
    title: "a refusal is text that was filtered",
    run: async (context) => {
      const parts: AnswerPart[] = [{ refusal: "I can't " }, { refusal: "do that." }, ...ending(context.fixtures.finishReasons.stop ?? "stop")];
      const { last } = await context.ask({ raw: context.fixtures.stream(parts) });
      same([last?.text, last?.finishReason], ["I can't do that.", "content_filter"], "the answer");
    },
  },
];

function toolCase(id: string, title: string, expected: readonly unknown[], pieces: readonly ToolPiece[]): ConformanceCase {
  return { id, title, run: async (context) => same(await callsOf(context, pieces), expected, "the calls") };
}
