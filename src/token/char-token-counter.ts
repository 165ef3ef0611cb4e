import { ConfigurationError } from "../error/errors-by-kind.ts";
import { type MessageInput, type Msg, toMessages } from "../message/msg.ts";
import { toToolSchemas } from "../tool/to-json-schema.ts";
import type { ToolInput } from "../tool/tool-schema.ts";
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
    const [{ estimatePrompt }, schemas] = await Promise.all([import("./estimate.ts"), toToolSchemas(tools)]);
    const formatted = context.formatted ?? toMessages(messages).map(withoutRecord);
    return settled(estimatePrompt(formatted, schemas, this.charsPerToken));
  }

  /** The tokens of a text alone. */
  override async countText(text: string): Promise<TokenCount> {
    const { estimateText } = await import("./estimate.ts");
    return settled(estimateText(text, this.charsPerToken));
  }
}

function settled(tokens: number): TokenCount {
  return { tokens: Math.ceil(tokens), exact: false, method: "estimate by characters" };
}

/** A message of our own, without what is kept beside it and never sent. */
function withoutRecord({ name, role, content }: Msg): object {
  return { ...(name !== role && { name }), content };
}
