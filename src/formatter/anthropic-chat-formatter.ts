import { UnsupportedError } from "../error/errors-by-kind.ts";
import type {
  ContentBlock,
  DataBlock,
  TextBlock,
  ToolResultBlock,
  ToolUseBlock,
} from "../message/content-block.ts";
import type { Msg } from "../message/msg.ts";
import { normalizeHistory } from "../message/normalize-history.ts";
import { isRecord } from "../tool/schema-parts.ts";
import type {
  AnthropicAssistantBlock,
  AnthropicDocumentBlock,
  AnthropicImageBlock,
  AnthropicMessage,
  AnthropicResultBlock,
  AnthropicTextBlock,
  AnthropicToolResultBlock,
  AnthropicToolUseBlock,
  AnthropicTurn,
  AnthropicUserBlock,
} from "../wire/anthropic.ts";
import { type CacheMarker, cacheMarkerOf } from "./cache-marker.ts";
import { callInput } from "./call-arguments.ts";
import { type FormatContext, FormatterBase } from "./formatter-base.ts";
import {
  assertAccepted,
  describeAnswered,
  describeMedia,
  resolveSource,
  unlessUnsupported,
} from "./media.ts";
import { openingText } from "./opening-turn.ts";

/** What a tool-call id must look like (Anthropic's API reference, 2026-11). */
const TOOL_CALL_ID = { pattern: /^[a-zA-Z0-9_-]+$/, maxLength: 64 } as const;

/** The provider refuses a result without content that is an error, and models understand words better than nothing. */
const EMPTY_OUTPUT = "(empty tool output)";

/**
 * Messages for the Anthropic Messages wire. Turns alternate: neighbours of one role are joined, and the results of a turn's
 * tool calls open the user's next turn. Instructions become one `system` entry at the head of the list, wherever they stood.
 */
export class AnthropicChatFormatter extends FormatterBase<AnthropicMessage> {
  protected async formatMessages(
    messages: readonly Msg[],
    context: FormatContext,
  ): Promise<AnthropicMessage[]> {
    const history = normalizeHistory(messages, {
      toolCallId: TOOL_CALL_ID,
      provider: context.provider,
      model: context.model,
      isReasoning: (block) => {
        const verbatim = verbatimBlock(block, context);
        return verbatim === undefined || verbatim.type === "redacted_thinking";
      },
      warn: context.warn,
    });
    return arrange(await this.formatHistory(history, context), context);
  }

  /** Formats a history that is normal already. */
  protected formatHistory(history: readonly Msg[], context: FormatContext): Promise<AnthropicMessage[]> {
    return this.formatEach(history, context);
  }

  /** Formats message by message. */
  protected async formatEach(history: readonly Msg[], context: FormatContext): Promise<AnthropicMessage[]> {
    const formatted: AnthropicMessage[] = [];
    for (const message of history) formatted.push(await this.formatMessage(message, context));
    return formatted;
  }

  /** A picture or a document; other media have no place on this wire. */
  protected async toMediaBlock(
    block: DataBlock,
    context: FormatContext,
  ): Promise<AnthropicImageBlock | AnthropicDocumentBlock> {
    assertAccepted(block, this.inputTypes(context));
    const { mediaType } = block.source;
    if (!isCarried(mediaType)) {
      throw new UnsupportedError(
        `This wire carries images, PDF documents and plain text, but no ${mediaType}.`,
      );
    }
    return mediaType.startsWith("image/")
      ? this.toImageBlock(block, context)
      : this.toDocumentBlock(block, context);
  }

  private async formatMessage(message: Msg, context: FormatContext): Promise<AnthropicMessage> {
    switch (message.role) {
      case "system":
        return { role: "system", content: message.content.map((block) => toInstruction(block, context)) };
      case "user":
        return { role: "user", content: await this.toUserBlocks(message.content, context) };
      case "assistant":
        return { role: "assistant", content: toAssistantBlocks(message.content, context) };
      default:
        return {
          role: "user",
          content: await Promise.all(message.toolResults.map((result) => this.toResult(result, context))),
        };
    }
  }

  /** The blocks of a turn of the user. */
  protected async toUserBlocks(
    blocks: readonly ContentBlock[],
    context: FormatContext,
  ): Promise<AnthropicUserBlock[]> {
    const formatted: AnthropicUserBlock[] = [];
    for (const block of blocks) {
      const verbatim = verbatimBlock(block, context);
      if (verbatim !== undefined) formatted.push(verbatim as unknown as AnthropicUserBlock);
      else if (block.type === "text") formatted.push(toTextBlock(block, context));
      else if (block.type === "data") formatted.push(await this.toMediaBlock(block, context));
    }
    return formatted;
  }

  private async toImageBlock(block: DataBlock, context: FormatContext): Promise<AnthropicImageBlock> {
    const source = await resolveSource(block.source, {
      fetchesUrls: true,
      mediaResolver: this.options.mediaResolver,
    });
    const { transformations } = ownMetadata(block, context);
    const details = {
      ...(isRecord(transformations) && { transformations }),
      ...cacheMarker(block, context),
    };
    if (source.type === "file")
      return { type: "image", source: { type: "file", file_id: source.fileId }, ...details };
    if (source.type === "url") return { type: "image", source: { type: "url", url: source.url }, ...details };
    if (!isImageType(source.mediaType)) {
      throw new UnsupportedError(
        `This wire takes the bytes of a JPEG, PNG, GIF or WebP picture, not ${source.mediaType}. Name its media type, or convert it.`,
      );
    }
    return {
      type: "image",
      source: { type: "base64", media_type: source.mediaType, data: source.data },
      ...details,
    };
  }

  private async toDocumentBlock(block: DataBlock, context: FormatContext): Promise<AnthropicDocumentBlock> {
    const isText = block.source.mediaType.startsWith("text/");
    const source = await resolveSource(block.source, {
      fetchesUrls: !isText,
      mediaResolver: this.options.mediaResolver,
    });
    const own = ownMetadata(block, context);
    const details = {
      ...(block.name !== undefined && { title: block.name }),
      ...(typeof own["context"] === "string" && { context: own["context"] }),
      ...(typeof own["citations"] === "boolean" && { citations: { enabled: own["citations"] } }),
      ...cacheMarker(block, context),
    };
    if (source.type === "file")
      return { type: "document", source: { type: "file", file_id: source.fileId }, ...details };
    if (source.type === "url")
      return { type: "document", source: { type: "url", url: source.url }, ...details };
    if (isText) {
      const data = Buffer.from(source.data, "base64").toString("utf8");
      return { type: "document", source: { type: "text", media_type: "text/plain", data }, ...details };
    }
    if (source.mediaType !== "application/pdf") {
      throw new UnsupportedError(
        `This wire takes the bytes of a PDF document or of plain text, not ${source.mediaType}. Name its media type, or convert it.`,
      );
    }
    return {
      type: "document",
      source: { type: "base64", media_type: "application/pdf", data: source.data },
      ...details,
    };
  }

  private async toResult(result: ToolResultBlock, context: FormatContext): Promise<AnthropicToolResultBlock> {
    return {
      type: "tool_result",
      tool_use_id: result.id,
      content: await this.toResultContent(result.output, context),
      ...(result.isError && { is_error: true }),
      ...cacheMarker(result, context),
    };
  }

  private async toResultContent(
    output: ToolResultBlock["output"],
    context: FormatContext,
  ): Promise<AnthropicToolResultBlock["content"]> {
    if (typeof output === "string") return output.trim() === "" ? EMPTY_OUTPUT : output;
    const content: AnthropicResultBlock[] = [];
    for (const block of output) {
      const verbatim = verbatimBlock(block, context);
      if (verbatim !== undefined) {
        content.push(verbatim as unknown as AnthropicResultBlock);
      } else if (block.type === "data") {
        // A tool gives what it has: media that the model cannot be shown are described to it.
        const shown = await unlessUnsupported(this.toMediaBlock(block, context));
        content.push(shown ?? { type: "text", text: describeMedia(block) });
      } else if (block.text.trim() !== "") {
        content.push(toTextBlock(block, context));
      }
    }
    return content.length === 0 ? EMPTY_OUTPUT : content;
  }

  private inputTypes(context: FormatContext): readonly string[] | undefined {
    return this.options.inputTypes ?? context.inputTypes;
  }
}

/** The list as the provider takes it: one head of instructions, then turns of the user and the assistant by turns. */
function arrange(formatted: readonly AnthropicMessage[], context: FormatContext): AnthropicMessage[] {
  const instructions: AnthropicTextBlock[] = [];
  const turns: AnthropicTurn[] = [];
  for (const message of formatted) {
    if (message.content.length === 0) continue;
    if (message.role === "system") {
      if (turns.length > 0)
        context.warn?.(
          "messages",
          "Instructions stand above the conversation here; later ones were moved there.",
        );
      instructions.push(...message.content);
    } else {
      addTurn(turns, message);
    }
  }
  nameToolsets(turns);
  trimPrefill(turns);
  if (turns.length === 0) {
    if (instructions.length === 0) return [];
    context.warn?.("messages", "Instructions alone are no conversation here; the user was made to say them.");
    return [{ role: "user", content: instructions }];
  }
  if (turns[0]?.role === "assistant" && !isSummary(turns[0]))
    turns.unshift({ role: "user", content: [{ type: "text", text: openingText(context) }] });
  return instructions.length === 0 ? turns : [{ role: "system", content: instructions }, ...turns];
}

function addTurn(turns: AnthropicTurn[], message: AnthropicTurn): void {
  const last = turns.at(-1);
  if (last?.role === "user" && message.role === "user") last.content.push(...message.content);
  else if (last?.role === "assistant" && message.role === "assistant") last.content.push(...message.content);
  else turns.push(message);
}

/** Whether a turn stands for the history before it: nothing may stand before such a summary. */
function isSummary({ content: [first] }: AnthropicTurn): boolean {
  return (first as { readonly type: string } | undefined)?.type === "compaction";
}

/** A result of a toolset's call must name the set as the call does. */
function nameToolsets(turns: readonly AnthropicTurn[]): void {
  const sets = new Map<string, string>();
  for (const { content } of turns) {
    for (const block of content) {
      if (block.type === "tool_use" && block.toolset_name !== undefined)
        sets.set(block.id, block.toolset_name);
      const set = block.type === "tool_result" ? sets.get(block.tool_use_id) : undefined;
      if (set !== undefined) (block as AnthropicToolResultBlock).toolset_name = set;
    }
  }
}

/** An answer that is begun for the model must not end in white space. */
function trimPrefill(turns: AnthropicTurn[]): void {
  const last = turns.at(-1);
  const block = last?.content.at(-1);
  if (last?.role !== "assistant" || block?.type !== "text") return;
  last.content[last.content.length - 1] = { ...block, text: block.text.trimEnd() };
}

function toInstruction(block: ContentBlock, context: FormatContext): AnthropicTextBlock {
  if (block.type !== "text")
    throw new UnsupportedError(`A system message can hold only text on this wire, not ${block.type}.`);
  return toTextBlock(block, context);
}

function toTextBlock(block: TextBlock, context: FormatContext): AnthropicTextBlock {
  return { type: "text", text: block.text, ...cacheMarker(block, context) };
}

function toAssistantBlocks(
  blocks: readonly ContentBlock[],
  context: FormatContext,
): AnthropicAssistantBlock[] {
  const formatted: AnthropicAssistantBlock[] = [];
  for (const block of blocks) {
    const own = ownMetadata(block, context);
    if (block.type === "text") {
      const { citations } = own;
      formatted.push({
        ...toTextBlock(block, context),
        // As they came: nobody else has written them.
        ...(Array.isArray(citations) && { citations }),
      });
    } else if (block.type === "tool_use") {
      formatted.push(toToolUse(block, context));
    } else if (block.type === "data") {
      formatted.push({ type: "text", text: describeAnswered(block, context.warn) });
    } else if (block.type === "thinking") {
      const { signature } = own;
      const verbatim = verbatimBlock(block, context);
      if (verbatim !== undefined) {
        formatted.push(verbatim as unknown as AnthropicAssistantBlock);
      } else if (typeof signature === "string") {
        formatted.push({ type: "thinking", thinking: block.thinking, signature });
      } else {
        context.warn?.("messages", "Thinking without the provider's signature was left out: it is refused.");
      }
    }
  }
  return formatted;
}

function toToolUse(block: ToolUseBlock, context: FormatContext): AnthropicToolUseBlock {
  const { caller, toolsetName } = ownMetadata(block, context);
  return {
    type: "tool_use",
    id: block.id,
    name: block.name,
    input: callInput(block),
    ...(caller !== undefined && { caller }),
    ...(typeof toolsetName === "string" && { toolset_name: toolsetName }),
    ...cacheMarker(block, context),
  };
}

function cacheMarker(block: ContentBlock, context: FormatContext): CacheMarker {
  return cacheMarkerOf(block, context.provider ?? "anthropic");
}

/** What a block holds for the provider that it goes to. */
function ownMetadata(block: ContentBlock, context: FormatContext): Readonly<Record<string, unknown>> {
  return block.providerMetadata?.[context.provider ?? "anthropic"] ?? NOTHING;
}

/** A block in the wire's own spelling: one that came from the provider, or that the caller wrote for it. */
function verbatimBlock(
  block: ContentBlock,
  context: FormatContext,
): Readonly<Record<string, unknown>> | undefined {
  const { block: verbatim } = ownMetadata(block, context);
  return isRecord(verbatim) ? verbatim : undefined;
}

const NOTHING: Readonly<Record<string, unknown>> = {};

/** Whether the wire has a block for it. A file of unknown type, known by its id, may well be a document. */
function isCarried(mediaType: string): boolean {
  return /^(?:image\/|text\/|application\/(?:pdf|octet-stream)$)/.test(mediaType);
}

function isImageType(
  mediaType: string,
): mediaType is "image/jpeg" | "image/png" | "image/gif" | "image/webp" {
  return /^image\/(?:jpeg|png|gif|webp)$/.test(mediaType);
}
