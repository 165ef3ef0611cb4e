import type { Msg } from "../message/msg.ts";
import type { OllamaMessage } from "../wire/ollama.ts";
import { type ConversationForms, formatConversation, HISTORY_PROMPT } from "./conversation-history.ts";
import type { FormatContext, FormatterOptions } from "./formatter-base.ts";
import { OllamaChatFormatter } from "./ollama-chat-formatter.ts";

/** Options of an {@link OllamaMultiAgentFormatter}. */
export interface OllamaMultiAgentOptions extends FormatterOptions {
  /** Stands before the first history. @default AgentScope's prompt */
  readonly conversationHistoryPrompt?: string;
}

/**
 * A conversation of several agents for Ollama's own wire: what they say to each other becomes a message of the user with
 * lines `name: text` between `<history>` tags, its images beside it. Tool calls and results go through the Chat formatter.
 */
export class OllamaMultiAgentFormatter extends OllamaChatFormatter {
  private readonly prompt: string;

  constructor(options: OllamaMultiAgentOptions = {}) {
    super(options);
    this.prompt = options.conversationHistoryPrompt ?? HISTORY_PROMPT;
  }

  protected override formatHistory(
    history: readonly Msg[],
    context: FormatContext,
  ): Promise<OllamaMessage[]> {
    const forms: ConversationForms<OllamaMessage> = {
      each: (messages) => this.formatEach(messages, context),
      medium: (block) => this.toImage(block, context),
      talk: (blocks) => this.toUserMessage(blocks, context),
    };
    return formatConversation(history, this.prompt, forms, context);
  }
}
