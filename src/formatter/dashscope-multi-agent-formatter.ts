import type { Msg } from "../message/msg.ts";
import type { DashScopeMessage } from "../wire/dashscope.ts";
import { type ConversationForms, formatConversation, HISTORY_PROMPT } from "./conversation-history.ts";
import { DashScopeChatFormatter, type DashScopeFormatterOptions } from "./dashscope-chat-formatter.ts";
import type { FormatContext } from "./formatter-base.ts";

/** Options of a {@link DashScopeMultiAgentFormatter}. */
export interface DashScopeMultiAgentOptions extends DashScopeFormatterOptions {
  /** Stands before the first history. @default AgentScope's prompt */
  readonly conversationHistoryPrompt?: string;
}

/**
 * A conversation of several agents for DashScope's own wire: what they say to each other becomes a message of the user with
 * lines `name: text` between `<history>` tags, its media after it. Tool calls and results go through the Chat formatter.
 */
export class DashScopeMultiAgentFormatter extends DashScopeChatFormatter {
  private readonly prompt: string;

  constructor(options: DashScopeMultiAgentOptions = {}) {
    super(options);
    this.prompt = options.conversationHistoryPrompt ?? HISTORY_PROMPT;
  }

  protected override formatHistory(
    history: readonly Msg[],
    context: FormatContext,
  ): Promise<DashScopeMessage[]> {
    const forms: ConversationForms<DashScopeMessage> = {
      each: (messages) => this.formatEach(messages, context),
      medium: (block) => this.toMediaPart(block, context),
      talk: async (blocks) => ({
        role: "user",
        content: this.toContent(await this.toParts(blocks, context), context),
      }),
    };
    const { provider = "dashscope", warn } = context;
    return formatConversation(history, this.prompt, forms, { provider, warn });
  }
}
