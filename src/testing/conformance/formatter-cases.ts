import {
  AssistantMessage,
  type MessageInput,
  SystemMessage,
  ToolResultMessage,
  UserMessage,
} from "../../message/msg.ts";
import type { ChatModelBase } from "../../model/chat-model-base.ts";
import type { ConformanceCase, ConformanceContext } from "./conformance-context.ts";
import { claim, deepFreeze, same } from "./expectations.ts";
import type { RecordedMessage } from "./wire-fixtures.ts";

const CALL = { type: "tool_use", id: "call12345", name: "get_weather", input: { city: "Paris" } } as const;
const WEATHER = {
  name: CALL.name,
  parameters: { type: "object", properties: { city: { type: "string" } } },
};

/** The talk of two agents around a call of a tool. */
const TALK: readonly MessageInput[] = deepFreeze([
  new SystemMessage("Play fair."),
  new UserMessage("Hello all", { name: "ann" }),
  new AssistantMessage("Hi ann", { name: "bob" }),
  new AssistantMessage([CALL], { name: "bob" }),
  new ToolResultMessage(CALL, "It rains."),
  new AssistantMessage("It rains there", { name: "bob" }),
  new UserMessage("Then we stay", { name: "ann" }),
]);

/** Section L of the table: what the formatters write, read back from the request. */
export const formatterCases: readonly ConformanceCase[] = [
  {
    id: "L1",
    title: "the Chat formatter writes message for message: roles, texts, calls and results in their order",
    run: async (context) => {
      const written = [
        "system: Play fair.",
        "user: Hello all",
        "assistant: Hi ann",
        'calls get_weather {"city":"Paris"}',
        "result It rains.",
        "assistant: It rains there",
        "user: Then we stay",
      ];
      same(linesOf(await format(context, context.model())), written, "what was written");
      same(linesOf(await format(context, context.model())), written, "what was written at the second time");
    },
  },
  {
    id: "L2",
    title: "the MultiAgent formatter writes what agents say as lines with their names, between history tags",
    needs: ["multiAgentFormatter"],
    run: async (context) => {
      const messages = await format(context, severalAgents(context), TALK.slice(0, 3));
      same(
        messages.map(({ role }) => role),
        ["system", "user"],
        "the roles",
      );
      same(messages[0]?.text, "Play fair.", "the instructions");
      const [before, lines] = historyIn(messages[1]?.text);
      same(lines, ["ann: Hello all", "bob: Hi ann"], "the history");
      claim(before.trim() !== "", "nothing stands before the first history that says what it is");
    },
  },
  {
    id: "L3",
    title: "tool messages never become history",
    needs: ["multiAgentFormatter"],
    run: async (context) => {
      const messages = await format(context, severalAgents(context));
      // A result and the history after it may be one message of the user's.
      same(
        linesOf(messages).filter((line) => !isHistory(line)),
        ["system: Play fair.", 'calls get_weather {"city":"Paris"}', "result It rains."],
        "what is no history",
      );
      const [first, second, ...more] = messages.filter(({ text }) => isHistory(text));
      same(
        [first, second].map((message) => historyIn(message?.text)[1]),
        [
          ["ann: Hello all", "bob: Hi ann"],
          ["bob: It rains there", "ann: Then we stay"],
        ],
        "the histories",
      );
      same(more.length, 0, "further histories");
      same(historyIn(second?.text)[0], "", "what stands before the second history");
    },
  },
];

function severalAgents(context: ConformanceContext): ChatModelBase {
  const formatter = context.fixtures.multiAgentFormatter?.();
  claim(formatter !== undefined, "the fixtures have no formatter for several agents");
  return context.model({ formatter });
}

/** The messages as they were sent. */
async function format(
  context: ConformanceContext,
  model: ChatModelBase,
  messages: readonly MessageInput[] = TALK,
): Promise<readonly RecordedMessage[]> {
  const { sent } = await context.send({ model, messages, tools: [WEATHER] });
  const ids = sent.messages.flatMap(({ toolCalls, toolResults }) => [...toolCalls, ...toolResults]);
  same(new Set(ids.map(({ id }) => id)).size, Math.min(1, ids.length), "ids of a call and its result");
  return sent.messages;
}

function isHistory(text: string): boolean {
  return text.includes("<history>");
}

function linesOf(messages: readonly RecordedMessage[]): string[] {
  return messages.flatMap(({ role, text, toolCalls, toolResults }) => [
    ...(text === "" ? [] : [`${role}: ${text}`]),
    ...toolCalls.map(({ name, input }) => `calls ${name} ${JSON.stringify(input)}`),
    ...toolResults.map((result) => `result ${result.text}`),
  ]);
}

/** What stands before a history, and its lines. */
function historyIn(text: string | undefined): [before: string, lines: string[]] {
  const [, before, lines] = /^(.*)<history>\n(.*)\n<\/history>$/s.exec(text ?? "") ?? [];
  claim(before !== undefined && lines !== undefined, `there are no lines between history tags in ${text}`);
  return [before, lines.split("\n")];
}
