import type { Msg } from "../message/msg.ts";
import type { AnthropicMessage } from "../wire/anthropic.ts";
import { AnthropicChatFormatter } from "./anthropic-chat-formatter.ts";
import { type ConversationForms, formatConversation, HISTORY_PROMPT } from "./conversation-history.ts";
import type { FormatContext, FormatterOptions } from "./formatter-base.ts";

/** Options of an {@link AnthropicMultiAgentFormatter}. */
export interface AnthropicMultiAgentOptions extends FormatterOptions {
  /** Stands before the first history. @default AgentScope's prompt */
  readonly conversationHistoryPrompt?: string;
}

/**
 * A conversation of several agents for the Anthropic wire: what they say to each other becomes a turn of the user with lines
 * `name: text` between `<history>` tags, pictures and documents where they were shown. Tool calls and results go through
 * the Chat formatter.
 */
export class AnthropicMultiAgentFormatter extends AnthropicChatFormatter {
  private readonly prompt: string;

  constructor(options: AnthropicMultiAgentOptions = {}) {
    super(options);
    this.prompt = options.conversationHistoryPrompt ?? HISTORY_PROMPT;
  }

  protected override formatHistory(
    history: readonly Msg[],
    context: FormatContext,
  ): Promise<AnthropicMessage[]> {
    const forms: ConversationForms<AnthropicMessage> = {
      each: (messages) => this.formatEach(messages, context),
      medium: (block) => this.toMediaBlock(block, context),
      talk: async (blocks) => ({ role: "user", content: await this.toUserBlocks(blocks, context) }),
      mediaInPlace: true,
    };
    const { provider = "anthropic", warn } = context;
    return formatConversation(history, this.prompt, forms, { provider, warn });
  }
}
