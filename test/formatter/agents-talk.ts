import {
  AssistantMessage,
  type Msg,
  SystemMessage,
  ToolResultMessage,
  UserMessage,
} from "../../src/index.ts";

/** Stands before the first history, word for word AgentScope's. */
export const PROMPT =
  "# Conversation History\nThe content between <history></history> tags contains your conversation history\n";

export const CALL = { type: "tool_use", id: "c1", name: "search", input: {} } as const;

/** Two agents, one of whom uses a tool in between. */
export const TALK: readonly Msg[] = [
  new SystemMessage("Play fair."),
  new UserMessage("Hello all", { name: "ann" }),
  new AssistantMessage(["Hi", "there"], { name: "bob" }),
  new AssistantMessage([CALL], { name: "bob" }),
  new ToolResultMessage(CALL, "found"),
  new UserMessage("Thanks", { name: "ann" }),
];
