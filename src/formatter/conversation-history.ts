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

/** A run of talk for a wire that mixes texts and media freely: lines and media in their order, the tags around them. */
export function interleavedHistory(messages: readonly Msg[], prompt = ""): (string | DataBlock)[] {
  const parts: (string | DataBlock)[] = [];
  let lines: string[] = [];
  const flush = (): void => {
    if (lines.length > 0) parts.push(lines.join("\n"));
    lines = [];
  };
  for (const message of messages) {
    for (const block of message.content) {
      if (block.type === "text") {
        lines.push(`${message.name}: ${block.text}`);
      } else if (block.type === "data") {
        flush();
        parts.push(block);
      }
    }
  }
  flush();
  if (parts.length === 0) return parts;
  const opening = `${prompt}<history>\n`;
  const [first] = parts;
  if (typeof first === "string") parts[0] = opening + first;
  else parts.unshift(opening);
  const last = parts.at(-1);
  if (typeof last === "string") parts[parts.length - 1] = `${last}\n</history>`;
  else parts.push("</history>");
  return parts;
}
