import { ConfigurationError } from "../error/errors-by-kind.ts";
import { type MessageInput, toMessages } from "../message/msg.ts";
import { toToolSchemas } from "../tool/to-json-schema.ts";
import type { ToolInput } from "../tool/tool-schema.ts";
import { mediaTokens } from "./media-tokens.ts";
import { readPieces } from "./prompt-pieces.ts";
import { scriptTokens } from "./script-tokens.ts";
import { type CountContext, type TokenCount, TokenCounterBase } from "./token-counter-base.ts";

/** Options of a {@link CharTokenCounter}. */
export interface CharTokenCounterOptions {
  /** How many characters make a token; 1 counts characters. @default by script: see `docs/tokens.md` */
  readonly charsPerToken?: number;
}

/**
 * Estimates tokens by the characters of a text and their script, for models whose tokenizer is not at hand: without any
 * table, in no time, and never exactly.
 *
 * @throws ModelError `configuration` for a `charsPerToken` that is no positive number
 */
export class CharTokenCounter extends TokenCounterBase {
  private readonly charsPerToken: number | undefined;

  constructor({ charsPerToken }: CharTokenCounterOptions = {}) {
    super();
    if (charsPerToken !== undefined && !(charsPerToken > 0)) {
      throw new ConfigurationError(`charsPerToken must be a number above 0, not ${charsPerToken}.`);
    }
    this.charsPerToken = charsPerToken;
  }

  async count(
    messages: MessageInput | readonly MessageInput[],
    tools: readonly ToolInput[] = [],
    context: CountContext = {},
  ): Promise<TokenCount> {
    let tokens = 0;
    const sink = {
      text: (text: string): void => void (tokens += this.textTokens(text)),
      media: (media: Parameters<typeof mediaTokens>[0]): void =>
        void (tokens += mediaTokens(media, undefined).tokens),
    };
    for (const message of context.formatted ?? toMessages(messages).map(withoutRecord)) {
      tokens += PER_MESSAGE;
      readPieces(message, sink);
    }
    for (const tool of await toToolSchemas(tools)) tokens += this.textTokens(JSON.stringify(tool));
    return this.settle(tokens);
  }

  /** The tokens of a text alone. */
  override countText(text: string): Promise<TokenCount> {
    return Promise.resolve(this.settle(this.textTokens(text)));
  }

  private textTokens(text: string): number {
    return this.charsPerToken === undefined ? scriptTokens(text) : text.length / this.charsPerToken;
  }

  private settle(tokens: number): TokenCount {
    return { tokens: Math.ceil(tokens), exact: false, method: "estimate by characters" };
  }
}

/** What the chat templates of the open models put around a message. */
const PER_MESSAGE = 4;

/** A message of our own, without what is kept beside it and never sent. */
function withoutRecord({ name, role, content }: ReturnType<typeof toMessages>[number]): object {
  return { ...(name !== role && { name }), content };
}
