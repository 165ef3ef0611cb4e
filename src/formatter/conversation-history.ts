import type { DataBlock } from "../message/content-block.ts";
import type { Msg } from "../message/msg.ts";
import type { FormatWarning } from "./formatter-base.ts";
import { groupMessages } from "./group-messages.ts";
import { readableMessages } from "./media.ts";

/** What stands before the first history, word for word AgentScope's. */
export const HISTORY_PROMPT: string =
  "# Conversation History\nThe content between <history></history> tags contains your conversation history\n";

/**
 * A run of talk: one line `name: text` for each text block, and the media in their order. Where nobody says a word, whoever shows
 * something is named all the same.
 */
function historyOf(messages: readonly Msg[]): { lines: string[]; media: DataBlock[] } {
  const lines: string[] = [];
  const media: DataBlock[] = [];
  for (const message of messages) {
    for (const block of message.content) {
      if (block.type === "text") lines.push(`${message.name}: ${block.text}`);
      else if (block.type === "data") media.push(block);
    }
  }
  if (lines.length > 0) return { lines, media };
  return { lines: messages.filter(showsMedia).map(({ name }) => `${name}:`), media };
}

function showsMedia({ content }: Msg): boolean {
  return content.some(({ type }) => type === "data");
}

/** The lines within their tags, after the prompt where there is one. */
function taggedHistory(lines: readonly string[], prompt = ""): string {
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

/** How a wire writes the two kinds of groups that a conversation of several agents has. */
export interface ConversationForms<WireMessage> {
  /** Instructions, and tool calls with their results: message by message. */
  each(messages: readonly Msg[]): Promise<WireMessage[]>;
  /** A medium that an agent showed. */
  medium(block: DataBlock): Promise<unknown>;
  /** What the agents said and showed, as one message. */
  talk(text: string, media: readonly DataBlock[]): Promise<WireMessage>;
}

/** Formats a conversation of several agents, group by group. The prompt stands before the first history. */
export async function formatConversation<WireMessage>(
  history: readonly Msg[],
  prompt: string,
  forms: ConversationForms<WireMessage>,
  warn: FormatWarning | undefined,
): Promise<WireMessage[]> {
  const formatted: WireMessage[] = [];
  let isFirst = true;
  for (const group of groupMessages(history)) {
    if (group.type !== "agent_message") {
      formatted.push(...(await forms.each(group.messages)));
      continue;
    }
    const { lines, media } = historyOf(
      await readableMessages(group.messages, (block) => forms.medium(block), warn),
    );
    if (lines.length === 0) continue;
    formatted.push(await forms.talk(taggedHistory(lines, isFirst ? prompt : ""), media));
    isFirst = false;
  }
  return formatted;
}
