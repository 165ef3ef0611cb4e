import type { DataBlock, TextBlock } from "../message/content-block.ts";
import type { Msg } from "../message/msg.ts";
import { cacheMarkerOf } from "./cache-marker.ts";
import type { FormatContext } from "./formatter-base.ts";
import { groupMessages } from "./group-messages.ts";
import { readableMessages } from "./media.ts";

/** What stands before the first history, word for word AgentScope's. */
export const HISTORY_PROMPT: string =
  "# Conversation History\nThe content between <history></history> tags contains your conversation history\n";

/** How a run of talk is written. */
interface TalkForm {
  /** Stands before the history. @default none */
  readonly prompt?: string;
  /** Whose cache breakpoints count. */
  readonly provider: string | undefined;
  /** Whether the media stand after all texts, and not where they were shown. */
  readonly apart: boolean;
}

/**
 * A run of talk: one line `name: text` for each text block, the tags around them, and the media. The lines are one text, but a
 * line with a cache breakpoint ends a text, which bears it on: so what is before it stays the same when the talk goes on. Where
 * nobody says a word and the media stand apart, whoever shows something is named all the same.
 */
function taggedHistory(
  messages: readonly Msg[],
  { prompt = "", provider, apart }: TalkForm,
): (TextBlock | DataBlock)[] {
  const parts: (TextBlock | DataBlock)[] = [];
  const media: DataBlock[] = [];
  let text = `${prompt}<history>\n`;
  let isInLine = false;
  const say = (line: string): void => {
    text += isInLine ? `\n${line}` : line;
    isInLine = true;
  };
  const isSilent = apart && !messages.some(({ content }) => content.some(({ type }) => type === "text"));
  for (const { name, content } of messages) {
    if (isSilent && content.some(({ type }) => type === "data")) say(`${name}:`);
    for (const block of content) {
      if (block.type === "text") {
        say(`${name}: ${block.text}`);
        if (cacheMarkerOf(block, provider).cache_control === undefined) continue;
        parts.push({ ...block, text });
        text = "";
      } else if (block.type === "data" && apart) {
        media.push(block);
      } else if (block.type === "data") {
        if (text !== "") parts.push({ type: "text", id: "", text });
        parts.push(block);
        text = "";
        isInLine = false;
      }
    }
  }
  if (parts.length === 0 && !isInLine) return [];
  say("</history>");
  return [...parts, { type: "text", id: "", text }, ...media];
}

/** How a wire writes the two kinds of groups that a conversation of several agents has. */
export interface ConversationForms<WireMessage> {
  /** Instructions, and tool calls with their results: message by message. */
  each(messages: readonly Msg[]): Promise<WireMessage[]>;
  /** A medium that an agent showed. */
  medium(block: DataBlock): Promise<unknown>;
  /** What the agents said and showed, as one message. The tags are in the texts. */
  talk(blocks: readonly (TextBlock | DataBlock)[]): Promise<WireMessage>;
  /** Whether the media stand where they were shown, and not after all texts. @default false */
  readonly mediaInPlace?: boolean;
}

/** Formats a conversation of several agents, group by group. The prompt stands before the first history. */
export async function formatConversation<WireMessage>(
  history: readonly Msg[],
  prompt: string,
  forms: ConversationForms<WireMessage>,
  { provider, warn }: Pick<FormatContext, "provider" | "warn">,
): Promise<WireMessage[]> {
  const formatted: WireMessage[] = [];
  let isFirst = true;
  for (const group of groupMessages(history)) {
    if (group.type !== "agent_message") {
      formatted.push(...(await forms.each(group.messages)));
      continue;
    }
    const talk = await readableMessages(group.messages, (block) => forms.medium(block), warn);
    const blocks = taggedHistory(talk, { ...(isFirst && { prompt }), provider, apart: !forms.mediaInPlace });
    if (blocks.length === 0) continue;
    formatted.push(await forms.talk(blocks));
    isFirst = false;
  }
  return formatted;
}
