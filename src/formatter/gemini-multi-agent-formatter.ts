import type { Msg } from "../message/msg.ts";
import type { GeminiMessage } from "../wire/gemini.ts";
import { type ConversationForms, formatConversation, HISTORY_PROMPT } from "./conversation-history.ts";
import type { FormatterOptions } from "./formatter-base.ts";
import { GeminiChatFormatter, type GeminiFormatContext } from "./gemini-chat-formatter.ts";

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

  protected override formatHistory(
    history: readonly Msg[],
    context: GeminiFormatContext,
  ): Promise<GeminiMessage[]> {
    const forms: ConversationForms<GeminiMessage> = {
      each: (messages) => this.formatEach(messages, context),
      medium: (block) => this.toMedium(block, context),
      talk: async (blocks) => ({ role: "user", parts: await this.toParts(blocks, context) }),
      mediaInPlace: true,
    };
    // The cache of this wire is no matter of single texts.
    return formatConversation(history, this.prompt, forms, { provider: undefined, warn: context.warn });
  }
}
