import type { Msg } from "../message/msg.ts";

/** Messages that are formatted together: the leading instructions, a run of tool calls and results, or a run of talk. */
export interface MessageGroup {
  readonly type: "system" | "tool_sequence" | "agent_message";
  readonly messages: readonly Msg[];
}

/**
 * Groups a history as AgentScope's multi-agent formatters do: a leading system message stands alone (a later one counts as
 * talk); messages with tool calls or results form tool sequences, all others agent messages; neighbours of one kind are one
 * group.
 */
export function groupMessages(messages: readonly Msg[]): MessageGroup[] {
  const groups: { type: MessageGroup["type"]; messages: Msg[] }[] = [];
  for (const [index, message] of messages.entries()) {
    const type = index === 0 && message.role === "system" ? "system" : kindOf(message);
    const last = groups.at(-1);
    if (last?.type === type) last.messages.push(message);
    else groups.push({ type, messages: [message] });
  }
  return groups;
}

function kindOf(message: Msg): "tool_sequence" | "agent_message" {
  const hasTools = message.content.some((block) => block.type === "tool_use" || block.type === "tool_result");
  return hasTools ? "tool_sequence" : "agent_message";
}
