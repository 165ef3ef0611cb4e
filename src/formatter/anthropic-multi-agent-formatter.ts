import type { Msg } from "../message/msg.ts";
import type { AnthropicMessage } from "../wire/anthropic.ts";
import { AnthropicChatFormatter } from "./anthropic-chat-formatter.ts";
import { HISTORY_PROMPT, taggedHistory } from "./conversation-history.ts";
import type { FormatContext, FormatterOptions } from "./formatter-base.ts";
import { groupMessages } from "./group-messages.ts";
import { readableMessages } from "./media.ts";

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

  protected override async formatHistory(
    history: readonly Msg[],
    context: FormatContext,
  ): Promise<AnthropicMessage[]> {
    const formatted: AnthropicMessage[] = [];
    const { provider = "anthropic" } = context;
    let { prompt } = this;
    for (const group of groupMessages(history)) {
      if (group.type !== "agent_message") {
        formatted.push(...(await this.formatEach(group.messages, context)));
        continue;
      }
      const talk = await readableMessages(
        group.messages,
        (block) => this.toMediaBlock(block, context),
        context.warn,
      );
      const blocks = taggedHistory(talk, { prompt, provider, apart: false });
      if (blocks.length === 0) continue;
      prompt = "";
      formatted.push({ role: "user", content: await this.toUserBlocks(blocks, context) });
    }
    return formatted;
  }
}
