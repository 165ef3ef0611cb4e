import type { MessageInput } from "../message/msg.ts";
import type { ToolInput } from "../tool/tool-schema.ts";

/** How many tokens a prompt has, and how sure that is. */
export interface TokenCount {
  readonly tokens: number;
  /** Whether the provider would count the same. False means: about so many; see `docs/tokens.md` for how far off each counter may be. */
  readonly exact: boolean;
  /** How it was counted, for example `tiktoken o200k_base`. */
  readonly method: string;
}

/** What a counter may be told beside the messages. */
export interface CountContext {
  /** The same messages as the wire has them, where a formatter has been over them. @default the counter formats them itself */
  readonly formatted?: readonly unknown[] | undefined;
  /** Ends the request of a counter that asks its provider. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Counts what a call would send as its prompt: messages as the formatter writes them, tools, and what the provider puts
 * around them. A counter that asks nobody never sends anything and loads its tables with the first count.
 */
export abstract class TokenCounterBase {
  abstract count(
    messages: MessageInput | readonly MessageInput[],
    tools?: readonly ToolInput[],
    context?: CountContext,
  ): Promise<TokenCount>;

  /** The tokens of a text alone, without what makes it a message. Absent where only whole prompts can be counted. */
  countText?(text: string): Promise<TokenCount>;
}
