import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  AssistantMessage,
  Msg,
  normalizeHistory,
  SystemMessage,
  ToolResultMessage,
  UserMessage,
} from "../../src/index.ts";

const RULES = { toolCallId: { pattern: /^[a-zA-Z0-9_-]+$/, maxLength: 40 } };

const call = (id: string, name = "get_weather") => ({ type: "tool_use", id, name, input: {} }) as const;

/** A history as role and blocks, without ids that are made. */
function shape(messages: readonly Msg[]): unknown[] {
  return messages.map(({ role, content }) => [
    role,
    ...content.map((block) => {
      if (block.type === "text") return block.text;
      if (block.type === "tool_use") return `call ${block.id}`;
      if (block.type === "tool_result") return `result ${block.id}: ${JSON.stringify(block.output)}`;
      return block.type;
    }),
  ]);
}

test("a normal history comes out as it went in, message by message", () => {
  const history = [new SystemMessage("s"), new UserMessage("hi"), new AssistantMessage("hello")];
  expect(normalizeHistory(history, RULES)).toEqual(history);
  expect(normalizeHistory(history, RULES)[1]).toBe(history[1]);
});

test("a call that the model forgot to name is named, and so is its result: an empty name is refused", () => {
  const nameless = call("a", "");
  const [answer, results] = normalizeHistory(
    [new AssistantMessage([nameless]), new ToolResultMessage(nameless, "There is no such tool.")],
    RULES,
  );
  expect(answer?.content).toMatchObject([{ id: "a", name: "unnamed" }]);
  expect(results?.content).toMatchObject([{ id: "a", name: "unnamed", output: "There is no such tool." }]);
});

test("a call whose arguments were mended keeps its result", () => {
  const torn = { ...call("a"), rawInput: '{"city":"\uD83D"}' };
  const history = normalizeHistory(
    [new AssistantMessage([torn]), new ToolResultMessage(torn, "sunny")],
    RULES,
  );
  expect(history[0]?.toolCalls[0]?.rawInput).toBe('{"city":"\uFFFD"}');
  expect(history[1]?.toolResults[0]?.output).toBe("sunny");
});

test("a call without a result is answered with an error, at the end of the history too", () => {
  const history = normalizeHistory(
    [new AssistantMessage([call("a")]), new UserMessage("and?"), new AssistantMessage([call("b")])],
    RULES,
  );
  expect(shape(history)).toEqual([
    ["assistant", "call a"],
    ["tool", 'result a: "No result was recorded for this call."'],
    ["user", "and?"],
    ["assistant", "call b"],
    ["tool", 'result b: "No result was recorded for this call."'],
  ]);
  expect(history[1]?.toolResults[0]?.isError).toBe(true);
});

test("results are moved directly behind their turn, in the order of the calls", () => {
  const history = [
    new AssistantMessage([call("a"), call("b")]),
    new UserMessage("wait"),
    new ToolResultMessage({ id: "b", name: "get_weather" }, "two"),
    new ToolResultMessage({ id: "a", name: "get_weather" }, "one"),
  ];
  expect(shape(normalizeHistory(history, RULES))).toEqual([
    ["assistant", "call a", "call b"],
    ["tool", 'result a: "one"', 'result b: "two"'],
    ["user", "wait"],
  ]);
});

test("a call, its result and more text in one assistant message become three turns", () => {
  const result = { type: "tool_result", id: "a", name: "get_weather", output: "sunny" } as const;
  const history = [new AssistantMessage(["Let me see.", call("a"), result, "It is sunny."])];
  expect(shape(normalizeHistory(history, RULES))).toEqual([
    ["assistant", "Let me see.", "call a"],
    ["tool", 'result a: "sunny"'],
    ["assistant", "It is sunny."],
  ]);
});

test("a result without a call becomes text of the user, a second result is left out, both with a warning", () => {
  const warnings: string[] = [];
  const history = [
    new ToolResultMessage({ id: "x", name: "lost" }, "found"),
    new AssistantMessage([call("a")]),
    new ToolResultMessage({ id: "a", name: "get_weather" }, "one"),
    new ToolResultMessage({ id: "a", name: "get_weather" }, "again"),
  ];
  const normalized = normalizeHistory(history, {
    ...RULES,
    warn: (_option, reason) => warnings.push(reason),
  });
  expect(shape(normalized)).toEqual([
    ["user", "Result of the tool lost: found"],
    ["assistant", "call a"],
    ["tool", 'result a: "one"'],
  ]);
  expect(warnings).toHaveLength(2);
});

test("the same id in two turns stays two calls", () => {
  const turn = (output: string) => [
    new AssistantMessage([call("call_0")]),
    new ToolResultMessage({ id: "call_0", name: "t" }, output),
  ];
  const [first, , second] = normalizeHistory([...turn("one"), ...turn("two")], RULES);
  expect(first?.toolCalls[0]?.id).toBe("call_0");
  expect(second?.toolCalls[0]?.id).not.toBe("call_0");
});

test("ids are fitted to the narrowest pattern, the same way every time", () => {
  const rules = { toolCallId: { pattern: /^[a-zA-Z0-9]{9}$/, maxLength: 9 } };
  const history = [new AssistantMessage([call("toolu_01|long-and-odd"), call("call_1")])];
  const ids = (): string[] => normalizeHistory(history, rules)[0]?.toolCalls.map(({ id }) => id) ?? [];
  expect(ids()).toEqual(ids());
  for (const id of ids()) expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
  expect(new Set(ids()).size).toBe(2);
});

test("empty turns go, half characters are mended, emoji stay", () => {
  const history = [
    new UserMessage(""),
    new UserMessage(" \n"),
    new AssistantMessage([]),
    new UserMessage("a\uD83D b 👋🏽"),
  ];
  expect(shape(normalizeHistory(history, RULES))).toEqual([["user", "a\uFFFD b 👋🏽"]]);
});

test("reasoning stays with its provider and model, a dated name is the same model", () => {
  const from = (provider: string, model: string) =>
    new AssistantMessage([{ type: "thinking", thinking: "hm" }, "42"], { provider, model });
  const rules = { ...RULES, provider: "deepseek", model: "v4" };
  const kept = (message: Msg): boolean =>
    normalizeHistory([message], rules)[0]?.content[0]?.type === "thinking";
  expect([
    kept(from("deepseek", "v4")),
    kept(from("deepseek", "v4-2026-10-01")),
    kept(from("deepseek", "v5")),
    kept(from("kimi", "v4")),
  ]).toEqual([true, true, false, false]);
});

test("whatever the history, every call has one result right behind it, and a second pass changes nothing", () => {
  const block = fc.oneof(
    fc.string().map((text) => ({ type: "text", text }) as const),
    fc.constantFrom("a", "b", "c|d").map((id) => call(id)),
    fc
      .constantFrom("a", "b", "c|d")
      .map((id) => ({ type: "tool_result", id, name: "t", output: "x" }) as const),
  );
  const message = fc.array(block, { maxLength: 4 }).map((content) => new AssistantMessage(content));
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          message,
          fc.string().map((text) => new UserMessage(text)),
        ),
        { maxLength: 8 },
      ),
      (history) => {
        const once = normalizeHistory(history, RULES);
        for (const [index, { toolCalls }] of once.entries()) {
          if (toolCalls.length === 0) continue;
          expect(once[index + 1]?.toolResults.map(({ id }) => id)).toEqual(toolCalls.map(({ id }) => id));
        }
        expect(shape(normalizeHistory(once, RULES))).toEqual(shape(once));
      },
    ),
  );
});
