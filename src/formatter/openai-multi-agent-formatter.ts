import type { Msg } from "../message/msg.ts";
import type { OpenAICompatibleMessage, OpenAICompatiblePart } from "../wire/openai-chat.ts";
import { HISTORY_PROMPT, historyOf, taggedHistory } from "./conversation-history.ts";
import { groupMessages } from "./group-messages.ts";
import {
  type OpenAICallContext,
  OpenAIChatFormatter,
  type OpenAIFormatterOptions,
} from "./openai-chat-formatter.ts";

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

  protected override async formatHistory(
    history: readonly Msg[],
    context: OpenAICallContext,
  ): Promise<OpenAICompatibleMessage[]> {
    const formatted: OpenAICompatibleMessage[] = [];
    let prompt = this.prompt;
    for (const group of groupMessages(history)) {
      if (group.type !== "agent_message") {
        formatted.push(...(await this.formatEach(group.messages, context)));
        continue;
      }
      const { lines, media } = historyOf(group.messages);
      const parts: OpenAICompatiblePart[] = await this.toParts(media, context);
      if (lines.length > 0) {
        parts.unshift({ type: "text", text: taggedHistory(lines, prompt) });
        prompt = "";
      }
      if (parts.length > 0) formatted.push({ role: "user", content: this.toContent(parts, context) });
    }
    return formatted;
  }
}
