import { UnsupportedError } from "../error/errors-by-kind.ts";
import type { ContentBlock, DataBlock, ToolResultBlock } from "../message/content-block.ts";
import type { Msg } from "../message/msg.ts";
import { normalizeHistory } from "../message/normalize-history.ts";
import type { OllamaAssistantMessage, OllamaMessage, OllamaUserMessage } from "../wire/ollama.ts";
import { callInput } from "./call-arguments.ts";
import { type FormatContext, FormatterBase } from "./formatter-base.ts";
import { assertAccepted, describeAnswered, resolveSource } from "./media.ts";
import { PROMOTED_MEDIA, type PromotedMedia, toolResultText } from "./tool-result-text.ts";

/** The server takes any id; it only makes its own of these letters. */
const TOOL_CALL_ID = { pattern: /^[a-zA-Z0-9_-]+$/, maxLength: 64 };

/**
 * Messages for Ollama's own wire, one for one: roles are kept, content is a string with the images beside it, tool results
 * become `tool` messages, media in tool results follow in a message of the user. The wire carries no URLs: media that stand
 * at one need a `mediaResolver`.
 */
export class OllamaChatFormatter extends FormatterBase<OllamaMessage> {
  protected formatMessages(messages: readonly Msg[], context: FormatContext): Promise<OllamaMessage[]> {
    const { provider, model, warn } = context;
    return this.formatHistory(
      normalizeHistory(messages, { toolCallId: TOOL_CALL_ID, provider, model, warn }),
      context,
    );
  }

  /** Formats a history that is normal already. */
  protected formatHistory(history: readonly Msg[], context: FormatContext): Promise<OllamaMessage[]> {
    return this.formatEach(history, context);
  }

  /** Formats message by message. */
  protected async formatEach(history: readonly Msg[], context: FormatContext): Promise<OllamaMessage[]> {
    const formatted: OllamaMessage[] = [];
    for (const message of history) formatted.push(...(await this.formatMessage(message, context)));
    return formatted;
  }

  /** A message of the user: the words, and beside them the media in their order. */
  protected async toUserMessage(
    content: readonly ContentBlock[],
    context: FormatContext,
  ): Promise<OllamaUserMessage> {
    const images: string[] = [];
    for (const block of content) if (block.type === "data") images.push(await this.toImage(block, context));
    return { role: "user", content: linesOf(content), ...(images.length > 0 && { images }) };
  }

  private async formatMessage(message: Msg, context: FormatContext): Promise<OllamaMessage[]> {
    const { role, content } = message;
    switch (role) {
      case "system":
        return [{ role, content: linesOf(content.map(asInstruction)) }];
      case "user":
        return [await this.toUserMessage(content, context)];
      case "assistant":
        return formatAssistant(message, context);
      default:
        return this.formatResults(message.toolResults, context);
    }
  }

  private async formatResults(
    results: readonly ToolResultBlock[],
    context: FormatContext,
  ): Promise<OllamaMessage[]> {
    const formatted: OllamaMessage[] = [];
    const promoted: PromotedMedia<string>[] = [];
    for (const result of results) {
      const { text, promoted: media } = await toolResultText(result, (block) => this.toImage(block, context));
      formatted.push({ role: "tool", tool_name: result.name, tool_call_id: result.id, content: text });
      promoted.push(...media);
    }
    if (promoted.length === 0) return formatted;
    const items = promoted.map(({ block }) => PROMOTED_MEDIA.item(block));
    const content = [PROMOTED_MEDIA.before, ...items, PROMOTED_MEDIA.after].join("\n");
    // After all results: nothing may stand between a turn's calls and their answers.
    return [...formatted, { role: "user", content, images: promoted.map(({ part }) => part) }];
  }

  /** Bare base64: sound has no field of its own and goes where images go. */
  protected async toImage(block: DataBlock, context: FormatContext): Promise<string> {
    assertAccepted(block, this.inputTypes(context));
    const { mediaType } = block.source;
    if (!/^(?:image|audio)\//.test(mediaType)) {
      throw new UnsupportedError(`This wire carries images and sound, but no ${mediaType}.`);
    }
    const source = await resolveSource(block.source, {
      fetchesUrls: false,
      mediaResolver: this.options.mediaResolver,
    });
    if (source.type === "base64") return source.data;
    throw new UnsupportedError("Ollama keeps no files that could be named by an id. Send the bytes.");
  }

  private inputTypes(context: FormatContext): readonly string[] | undefined {
    return this.options.inputTypes ?? context.inputTypes;
  }
}

function formatAssistant(message: Msg, { warn }: FormatContext): OllamaAssistantMessage[] {
  // Here `normalizeHistory` has left only what this model thought itself.
  const thinking = message.content.map((block) => (block.type === "thinking" ? block.thinking : "")).join("");
  const content = linesOf(
    message.content.map((block) =>
      block.type === "data" ? { type: "text", id: block.id, text: describeAnswered(block, warn) } : block,
    ),
  );
  const calls = message.toolCalls.map((call) => ({
    id: call.id,
    function: { name: call.name, arguments: callInput(call) },
  }));
  if (thinking === "" && content === "" && calls.length === 0) return [];
  return [
    {
      role: "assistant",
      content,
      ...(thinking !== "" && { thinking }),
      ...(calls.length > 0 && { tool_calls: calls }),
    },
  ];
}

/** The texts, a line each. */
function linesOf(blocks: readonly ContentBlock[]): string {
  return blocks.flatMap((block) => (block.type === "text" ? block.text : [])).join("\n");
}

function asInstruction(block: ContentBlock): ContentBlock {
  if (block.type === "text") return block;
  throw new UnsupportedError(`A system message can hold only text on this wire, not ${block.type}.`);
}
