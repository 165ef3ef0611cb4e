import { OpenAIChatFormatter } from "../formatter/openai-chat-formatter.ts";
import { type MessageInput, Msg, toMessages } from "../message/msg.ts";
import { toToolSchemas } from "../tool/to-json-schema.ts";
import type { ToolInput } from "../tool/tool-schema.ts";
import type { OpenAICompatibleMessage } from "../wire/openai-chat.ts";
import { type OpenAIFamily, openaiFamilyOf, UNKNOWN_FAMILY } from "./openai-families.ts";
import { type CountContext, type TokenCount, TokenCounterBase } from "./token-counter-base.ts";

/**
 * Counts as OpenAI does, offline: texts with tiktoken, what stands around them by the method of OpenAI's cookbook, pictures by
 * the published rules, sounds and files by estimates. Exact for texts, pictures and flat tools of the models that the cookbook
 * names (gpt-4o, gpt-4, gpt-3.5); of the later ones and of unknown names the encoding is right and the rest is assumed to be the same.
 *
 * @example
 * ```ts
 * import { OpenAITokenCounter, UserMessage } from "rxscope";
 *
 * const counter = new OpenAITokenCounter("gpt-4o");
 * const { tokens, exact, method } = await counter.count([new UserMessage("Hello!")]);
 * console.log(tokens, exact, method); // 9 true "tiktoken o200k_base"
 * ```
 */
export class OpenAITokenCounter extends TokenCounterBase {
  readonly modelName: string;
  private readonly family: OpenAIFamily;
  private readonly formatter = new OpenAIChatFormatter();

  /** @param modelName with its date or without; a name that nobody knows is counted as the current models are, and never exactly */
  constructor(modelName: string) {
    super();
    this.modelName = modelName;
    this.family = openaiFamilyOf(modelName) ?? UNKNOWN_FAMILY;
  }

  /** @param messages those that have the wire's own form already are counted as they stand, the others as they would be sent */
  async count(
    messages: MessageInput | readonly (MessageInput | OpenAICompatibleMessage)[],
    tools: readonly ToolInput[] = [],
    context: CountContext = {},
  ): Promise<TokenCount> {
    const [{ countPrompt }, formatted, schemas] = await Promise.all([
      import("./openai-prompt.ts"),
      context.formatted ?? this.format(messages),
      toToolSchemas(tools),
    ]);
    const { tokens, exact } = await countPrompt(this.family, formatted, schemas);
    return this.settle(tokens, exact);
  }

  /** The tokens of a text alone, without what makes it a message. Markers of special tokens in it are text. */
  override async countText(text: string): Promise<TokenCount> {
    const { loadEncoding } = await import("./text-encoding.ts");
    const { tokens, exact } = (await loadEncoding(this.family.encoding)).count(text);
    return { ...this.settle(tokens, exact), exact: exact && this.family !== UNKNOWN_FAMILY };
  }

  private async format(
    messages: MessageInput | readonly (MessageInput | OpenAICompatibleMessage)[],
  ): Promise<readonly unknown[]> {
    if (Array.isArray(messages) && messages.every(isOnWire)) return messages;
    return this.formatter.format(toMessages(messages as MessageInput[]), { provider: "openai" });
  }

  private settle(tokens: number, exact: boolean): TokenCount {
    const { encoding, isDocumented = false } = this.family;
    return { tokens, exact: exact && isDocumented, method: `tiktoken ${encoding}` };
  }
}

/** Parts that only the wire has, and the text that it shares with our own messages. */
const WIRE_PARTS: ReadonlySet<unknown> = new Set([
  "text",
  "refusal",
  "image_url",
  "input_audio",
  "video_url",
  "file",
]);

/** Whether plain data is a message as the wire has it. */
function isOnWire(message: MessageInput | OpenAICompatibleMessage): boolean {
  if (typeof message !== "object" || message instanceof Msg) return false;
  const content: unknown = message.content ?? "";
  if (!Array.isArray(content)) return typeof content === "string";
  return content.every((part: { type?: unknown } | null) => WIRE_PARTS.has(part?.type));
}
