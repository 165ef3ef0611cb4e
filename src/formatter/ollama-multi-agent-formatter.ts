import type { Msg } from "../message/msg.ts";
import type { OllamaMessage } from "../wire/ollama.ts";
import { HISTORY_PROMPT, historyOf, taggedHistory } from "./conversation-history.ts";
import type { FormatContext, FormatterOptions } from "./formatter-base.ts";
import { groupMessages } from "./group-messages.ts";
import { readableMessages } from "./media.ts";
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

  protected override async formatHistory(
    history: readonly Msg[],
    context: FormatContext,
  ): Promise<OllamaMessage[]> {
    const formatted: OllamaMessage[] = [];
    let prompt = this.prompt;
    for (const group of groupMessages(history)) {
      if (group.type !== "agent_message") {
        formatted.push(...(await this.formatEach(group.messages, context)));
        continue;
      }
      const talk = await readableMessages(
        group.messages,
        (block) => this.toImage(block, context),
        context.warn,
      );
      const { lines, media } = historyOf(talk);
      if (lines.length === 0 && media.length === 0) continue;
      // Who shows something without a word is named all the same.
      const said = lines.length > 0 ? lines : group.messages.filter(hasMedia).map(({ name }) => `${name}:`);
      formatted.push(await this.toUserMessage(taggedHistory(said, prompt), media, context));
      prompt = "";
    }
    return formatted;
  }
}

function hasMedia({ content }: Msg): boolean {
  return content.some(({ type }) => type === "data");
}
