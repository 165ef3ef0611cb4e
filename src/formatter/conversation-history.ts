import type { DataBlock } from "../message/content-block.ts";
import type { Msg } from "../message/msg.ts";

/** What stands before the first history, word for word AgentScope's. */
export const HISTORY_PROMPT: string =
  "# Conversation History\nThe content between <history></history> tags contains your conversation history\n";

/** A run of talk: one line `name: text` for each text block, and the media in their order. */
export function historyOf(messages: readonly Msg[]): { lines: string[]; media: DataBlock[] } {
  const lines: string[] = [];
  const media: DataBlock[] = [];
  for (const message of messages) {
    for (const block of message.content) {
      if (block.type === "text") lines.push(`${message.name}: ${block.text}`);
      else if (block.type === "data") media.push(block);
    }
  }
  return { lines, media };
}

/** The lines within their tags, after the prompt where there is one. */
export function taggedHistory(lines: readonly string[], prompt = ""): string {
  return `${prompt}<history>\n${lines.join("\n")}\n</history>`;
}
