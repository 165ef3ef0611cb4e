import * as fc from "fast-check";
import { AssistantMessage, type Msg, SystemMessage, ToolResultMessage, UserMessage } from "rxscope";

/** One step of a conversation. */
type Step =
  | { readonly type: "system" | "user" | "assistant"; readonly words: number }
  | {
      readonly type: "exchange";
      readonly calls: number;
      readonly words: number;
      readonly isInterrupted: boolean;
    }
  | { readonly type: "open"; readonly words: number };

const words = fc.nat(40);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("user" as const), words }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("assistant" as const), words }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("exchange" as const),
      calls: fc.integer({ min: 1, max: 3 }),
      words,
      isInterrupted: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("system" as const), words }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("open" as const), words }) },
);

/** Conversations as agents have them: talk, tool exchanges whose results may be apart or interrupted, calls that nobody answered. */
export const histories: fc.Arbitrary<readonly Msg[]> = fc
  .tuple(fc.boolean(), fc.array(step, { minLength: 1, maxLength: 14 }))
  .map(([hasSystem, steps]) => {
    const messages: Msg[] = hasSystem ? [new SystemMessage("Be brief.", { id: "system" })] : [];
    for (const [index, each] of steps.entries()) messages.push(...messagesOf(each, index));
    return messages;
  });

function messagesOf(each: Step, index: number): Msg[] {
  const text = `${index} ${"word ".repeat(each.words)}end`;
  const id = `m${index}`;
  switch (each.type) {
    case "system":
      return [new SystemMessage(text, { id })];
    case "user":
      return [new UserMessage(text, { id, name: "Ann" })];
    case "assistant":
      return [new AssistantMessage(text, { id, name: "Bob" })];
    case "open":
      return [new AssistantMessage([callOf(index, 0)], { id })];
    default: {
      const calls = Array.from({ length: each.calls }, (_, call) => callOf(index, call));
      const results = calls.map((call, part) => new ToolResultMessage(call, text, { id: `${id}r${part}` }));
      const aside = each.isInterrupted ? [new UserMessage("Go on.", { id: `${id}aside` })] : [];
      return [new AssistantMessage(["Let me look.", ...calls], { id }), ...aside, ...results];
    }
  }
}

function callOf(
  index: number,
  call: number,
): { type: "tool_use"; id: string; name: string; input: { index: number } } {
  return { type: "tool_use", id: `call_${index}_${call}`, name: "look_up", input: { index } };
}

/** The ids of calls, and of results, in some messages. */
export function callIds(messages: readonly Msg[]): { calls: Set<string>; results: Set<string> } {
  return {
    calls: new Set(messages.flatMap(({ toolCalls }) => toolCalls.map(({ id }) => id))),
    results: new Set(messages.flatMap(({ toolResults }) => toolResults.map(({ id }) => id))),
  };
}

/** The newest message in which the user says something. */
export function newestOfUser(messages: readonly Msg[]): Msg | undefined {
  return messages.findLast(({ role, text }) => role === "user" && text !== "");
}
