import type { Msg } from "../message/msg.ts";
import type { GeminiMessage } from "../wire/gemini.ts";
import { HISTORY_PROMPT, taggedHistory } from "./conversation-history.ts";
import type { FormatterOptions } from "./formatter-base.ts";
import { GeminiChatFormatter, type GeminiFormatContext } from "./gemini-chat-formatter.ts";
import { groupMessages } from "./group-messages.ts";

/** Options of a {@link GeminiMultiAgentFormatter}. */
export interface GeminiMultiAgentOptions extends FormatterOptions {
  /** Stands before the first history. @default AgentScope's prompt */
  readonly conversationHistoryPrompt?: string;
}

/**
 * A conversation of several agents for the Gemini wire: what they say and show to each other becomes a content of the user
 * with lines `name: text` and media in their order between `<history>` tags. Tool calls and results go through the Chat
 * formatter.
 */
export class GeminiMultiAgentFormatter extends GeminiChatFormatter {
  private readonly prompt: string;

  constructor(options: GeminiMultiAgentOptions = {}) {
    super(options);
    this.prompt = options.conversationHistoryPrompt ?? HISTORY_PROMPT;
  }

  protected override async formatHistory(
    history: readonly Msg[],
    context: GeminiFormatContext,
  ): Promise<GeminiMessage[]> {
    const formatted: GeminiMessage[] = [];
    let prompt = this.prompt;
    for (const group of groupMessages(history)) {
      if (group.type !== "agent_message") {
        formatted.push(...(await this.formatEach(group.messages, context)));
        continue;
      }
      const talk = await this.readable(group.messages, context);
      // The cache of this wire is no matter of single texts.
      const parts = await this.toParts(
        taggedHistory(talk, { prompt, provider: undefined, apart: false }),
        context,
      );
      if (parts.length === 0) continue;
      prompt = "";
      formatted.push({ role: "user", parts });
    }
    return formatted;
  }
}
