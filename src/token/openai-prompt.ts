import type { ToolSchema } from "../tool/tool-schema.ts";
import { mediaTokens } from "./media-tokens.ts";
import type { OpenAIFamily } from "./openai-families.ts";
import { type MediaPiece, type PieceSink, readPieces } from "./prompt-pieces.ts";
import { loadEncoding, type TextEncoding, type TextTokens } from "./text-encoding.ts";
import { toolTokens } from "./tool-tokens.ts";

/** What a prompt comes to, as far as it is published how it is counted. */
export async function countPrompt(
  family: OpenAIFamily,
  formatted: readonly unknown[],
  tools: readonly ToolSchema[],
): Promise<TextTokens> {
  const prompt = new OpenAIPrompt(await loadEncoding(family.encoding), family);
  for (const message of formatted) prompt.addMessage(message);
  prompt.addTools(tools);
  return prompt;
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

  addTools(tools: readonly ToolSchema[]): void {
    const { tokens, exact } = toolTokens(tools, this.family.encoding, (text) => this.textTokens(text));
    this.tokens += tokens;
    if (!exact) this.exact = false;
  }

  text(text: string): void {
    this.tokens += this.textTokens(text);
  }

  media(media: MediaPiece): void {
    const { tokens, exact } = mediaTokens(media, this.family.image);
    this.tokens += tokens;
    if (!exact) this.exact = false;
  }

  private textTokens(text: string): number {
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
