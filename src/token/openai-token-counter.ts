import { OpenAIChatFormatter } from "../formatter/openai-chat-formatter.ts";
import { type MessageInput, Msg, toMessages } from "../message/msg.ts";
import { toToolSchemas } from "../tool/to-json-schema.ts";
import type { ToolInput } from "../tool/tool-schema.ts";
import type { OpenAICompatibleMessage } from "../wire/openai-chat.ts";
import { mediaTokens } from "./media-tokens.ts";
import { type OpenAIFamily, openaiFamilyOf, UNKNOWN_FAMILY } from "./openai-families.ts";
import { type PieceSink, readPieces } from "./prompt-pieces.ts";
import { loadEncoding, type TextEncoding } from "./text-encoding.ts";
import { type CountContext, type TokenCount, TokenCounterBase } from "./token-counter-base.ts";
import { toolTokens } from "./tool-tokens.ts";

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
    const [encoding, formatted, schemas] = await Promise.all([
      loadEncoding(this.family.encoding),
      context.formatted ?? this.format(messages),
      toToolSchemas(tools),
    ]);
    const prompt = new OpenAIPrompt(encoding, this.family);
    for (const message of formatted) prompt.addMessage(message);
    const offered = toolTokens(schemas, this.family.encoding, (text) => prompt.textTokens(text));
    return this.settle(prompt.tokens + offered.tokens, prompt.exact && offered.exact);
  }

  /** The tokens of a text alone, without what makes it a message. Markers of special tokens in it are text. */
  override async countText(text: string): Promise<TokenCount> {
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

/** Around every message, and before the answer. */
const PER_MESSAGE = 3;
const PER_NAME = 1;
const PER_ANSWER = 3;

/** Around every tool call; found by users, not published. */
const PER_CALL = 3;

/** The running count of one prompt. */
class OpenAIPrompt implements PieceSink {
  tokens: number = PER_ANSWER;
  exact = true;
  private readonly encoding: TextEncoding;
  private readonly family: OpenAIFamily;

  constructor(encoding: TextEncoding, family: OpenAIFamily) {
    this.encoding = encoding;
    this.family = family;
  }

  /** @param message of the OpenAI chat wire; of another wire its texts and media are counted */
  addMessage(message: unknown): void {
    this.tokens += PER_MESSAGE;
    if (typeof message !== "object" || message === null) return this.text(String(message));
    const { role, name, content, tool_calls: calls, ...rest } = message as Readonly<Record<string, unknown>>;
    if (typeof role === "string") this.text(role);
    if (typeof name === "string") {
      this.tokens += PER_NAME;
      this.text(name);
    }
    readPieces(content, this, "content");
    if (Array.isArray(calls)) for (const call of calls) this.addCall(call);
    // An answer's id and the like are not part of the prompt; reasoning, a refusal and other wires' fields may be.
    const before = this.tokens;
    readPieces(rest, this);
    if (this.tokens !== before) this.exact = false;
  }

  text(text: string): void {
    this.tokens += this.textTokens(text);
  }

  media(media: Parameters<PieceSink["media"]>[0]): void {
    const { tokens, exact } = mediaTokens(media, this.family.image);
    this.tokens += tokens;
    if (!exact) this.exact = false;
  }

  textTokens(text: string): number {
    const { tokens, exact } = this.encoding.count(text);
    if (!exact) this.exact = false;
    return tokens;
  }

  private addCall(call: unknown): void {
    this.tokens += PER_CALL;
    this.exact = false;
    readPieces(call, this);
  }
}
