import type { Msg } from "../message/msg.ts";
import type { OpenAICompatibleMessage } from "../wire/openai-chat.ts";
import { type ConversationForms, formatConversation, HISTORY_PROMPT } from "./conversation-history.ts";
import {
  type OpenAICallContext,
  OpenAIChatFormatter,
  type OpenAIFormatterOptions,
} from "./openai-chat-formatter.ts";

/** Options of an {@link OpenAIMultiAgentFormatter}. */
export interface OpenAIMultiAgentOptions extends OpenAIFormatterOptions {
  /** Stands before the first history. @default AgentScope's prompt */
  readonly conversationHistoryPrompt?: string;
}

/**
 * A conversation of several agents for the OpenAI chat wire: what they say to each other becomes a message of the user with
 * lines `name: text` between `<history>` tags, its media after it. Tool calls and results go through the Chat formatter.
 */
export class OpenAIMultiAgentFormatter extends OpenAIChatFormatter {
  private readonly prompt: string;

  constructor(options: OpenAIMultiAgentOptions = {}) {
    super(options);
    this.prompt = options.conversationHistoryPrompt ?? HISTORY_PROMPT;
  }

  protected override formatHistory(
    history: readonly Msg[],
    context: OpenAICallContext,
  ): Promise<OpenAICompatibleMessage[]> {
    const forms: ConversationForms<OpenAICompatibleMessage> = {
      each: (messages) => this.formatEach(messages, context),
      medium: (block) => this.toMediaPart(block, context),
      talk: async (blocks) => ({
        role: "user",
        content: this.toContent(await this.toParts(blocks, context), context),
      }),
    };
    return formatConversation(history, this.prompt, forms, context);
  }
}
