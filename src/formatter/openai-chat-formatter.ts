import { UnsupportedError } from "../error/errors-by-kind.ts";
import type { ContentBlock, DataBlock, ToolResultBlock, ToolUseBlock } from "../message/content-block.ts";
import type { Msg } from "../message/msg.ts";
import { normalizeHistory } from "../message/normalize-history.ts";
import {
  OPENAI_SWITCHES,
  type OpenAIChatSwitches,
  type OpenAICompatibleAssistantMessage,
  type OpenAICompatibleMessage,
  type OpenAICompatiblePart,
  type OpenAITextPart,
  type OpenAIToolCall,
} from "../wire/openai-chat.ts";
import { type FormatContext, FormatterBase, type FormatterOptions } from "./formatter-base.ts";
import { assertAccepted, describeMedia, resolveSource } from "./media.ts";
import { PROMOTED_MEDIA, toolResultText } from "./tool-result-text.ts";

export interface OpenAIFormatterOptions extends FormatterOptions {
  /** What the server does differently from OpenAI. @default OpenAI's own ways */
  readonly switches?: Partial<OpenAIChatSwitches>;
}

/**
 * Messages for the OpenAI chat wire, one for one: roles are kept, tool results become `tool` messages, media in tool results
 * follow in a message of the user.
 */
export class OpenAIChatFormatter extends FormatterBase<OpenAICompatibleMessage> {
  protected readonly switches: OpenAIChatSwitches;

  constructor(options: OpenAIFormatterOptions = {}) {
    super(options);
    this.switches = { ...OPENAI_SWITCHES, ...options.switches };
  }

  async format(messages: readonly Msg[], context: FormatContext = {}): Promise<OpenAICompatibleMessage[]> {
    const history = normalizeHistory(messages, {
      toolCallId: this.switches.toolCallId,
      provider: context.provider,
      model: context.model,
      warn: context.warn,
    });
    return this.formatHistory(history, context);
  }

  /** Formats a history that is normal already. */
  protected formatHistory(
    history: readonly Msg[],
    context: FormatContext,
  ): Promise<OpenAICompatibleMessage[]> {
    return this.formatEach(history, context);
  }

  /** Formats message by message. */
  protected async formatEach(
    history: readonly Msg[],
    context: FormatContext,
  ): Promise<OpenAICompatibleMessage[]> {
    const formatted: OpenAICompatibleMessage[] = [];
    for (const message of history) formatted.push(...(await this.formatMessage(message, context)));
    return formatted;
  }

  /** The parts of a message of the user. */
  protected async toParts(
    blocks: readonly ContentBlock[],
    context: FormatContext,
  ): Promise<OpenAICompatiblePart[]> {
    const parts: OpenAICompatiblePart[] = [];
    for (const block of blocks) {
      if (block.type === "text") parts.push({ type: "text", text: block.text });
      else if (block.type === "data") parts.push(await this.toMediaPart(block, context));
    }
    return parts;
  }

  /** A single text as a plain string, where the server wants it so. */
  protected toContent<Part extends { type: string }>(parts: Part[]): string | Part[] {
    const [first] = parts;
    if (this.switches.plainText && parts.length === 1 && isTextPart(first)) return first.text;
    return parts;
  }

  private async formatMessage(message: Msg, context: FormatContext): Promise<OpenAICompatibleMessage[]> {
    switch (message.role) {
      case "system":
        return [
          {
            role: this.systemRole(context),
            content: this.toContent(toTextParts(message.content, "A system message")),
            ...this.nameOf(message),
          },
        ];
      case "user":
        return [
          {
            role: "user",
            content: this.toContent(await this.toParts(message.content, context)),
            ...this.nameOf(message),
          },
        ];
      case "assistant":
        return this.formatAssistant(message, context);
      default:
        return this.formatResults(message.toolResults, context);
    }
  }

  private formatAssistant(message: Msg, context: FormatContext): OpenAICompatibleMessage[] {
    const calls = message.toolCalls.map((call) => toWireCall(call, context.provider));
    const text: OpenAITextPart[] = [];
    let refusal = "";
    let audioId: string | undefined;
    for (const block of message.content) {
      const own = context.provider === undefined ? undefined : block.providerMetadata?.[context.provider];
      if (block.type === "text" && own?.["refusal"]) refusal += block.text;
      // The provider knows what was said by the audio's id.
      else if (block.type === "text" && !own?.["isTranscript"]) text.push({ type: "text", text: block.text });
      else if (block.type === "data" && typeof own?.["audioId"] === "string") audioId = own["audioId"];
      else if (block.type === "data") {
        text.push({ type: "text", text: describeMedia(block) });
        context.warn?.(
          "messages",
          `An assistant's ${block.source.mediaType} cannot be sent back; it was described in words.`,
        );
      }
    }
    const reasoning = this.reasoningOf(message, context);
    if (
      text.length === 0 &&
      calls.length === 0 &&
      refusal === "" &&
      audioId === undefined &&
      Object.keys(reasoning).length === 0
    )
      return [];
    const formatted: OpenAICompatibleAssistantMessage = {
      role: "assistant",
      ...(text.length > 0 ? { content: this.toContent(text) } : this.emptyContent()),
      ...this.nameOf(message),
      ...reasoning,
      ...(refusal !== "" && { refusal }),
      ...(audioId !== undefined && { audio: { id: audioId } }),
      ...(calls.length > 0 && { tool_calls: calls }),
    };
    return [formatted];
  }

  private async formatResults(
    results: readonly ToolResultBlock[],
    context: FormatContext,
  ): Promise<OpenAICompatibleMessage[]> {
    const formatted: OpenAICompatibleMessage[] = [];
    const promoted: DataBlock[] = [];
    for (const result of results) {
      const { text, promoted: media } = toolResultText(result, this.inputTypes(context));
      formatted.push({ role: "tool", tool_call_id: result.id, content: text });
      promoted.push(...media);
    }
    if (promoted.length === 0) return formatted;
    const parts: OpenAICompatiblePart[] = [{ type: "text", text: PROMOTED_MEDIA.before }];
    for (const block of promoted) {
      parts.push({ type: "text", text: PROMOTED_MEDIA.item(block) }, await this.toMediaPart(block, context));
    }
    parts.push({ type: "text", text: PROMOTED_MEDIA.after });
    // After all results: nothing may stand between a turn's calls and their answers.
    return [
      ...formatted,
      {
        role: "user",
        ...(this.switches.names && { name: "system-reminder" }),
        content: parts,
      },
    ];
  }

  private async toMediaPart(block: DataBlock, context: FormatContext): Promise<OpenAICompatiblePart> {
    assertAccepted(block, this.inputTypes(context));
    const { mediaType } = block.source;
    const isImage = mediaType.startsWith("image/");
    const source = await resolveSource(block.source, {
      fetchesUrls: isImage && this.switches.imageUrls,
      mediaResolver: this.options.mediaResolver,
    });
    if (source.type === "file") return { type: "file", file: { file_id: source.fileId } };
    const url = source.type === "url" ? source.url : `data:${source.mediaType};base64,${source.data}`;
    if (isImage) {
      const detail =
        context.provider === undefined ? undefined : block.providerMetadata?.[context.provider]?.["detail"];
      return { type: "image_url", image_url: { url, ...(isDetail(detail) && { detail }) } };
    }
    if (mediaType.startsWith("audio/") && source.type === "base64") {
      return { type: "input_audio", input_audio: { data: source.data, format: audioFormat(mediaType) } };
    }
    if (mediaType.startsWith("video/")) {
      throw new UnsupportedError(
        `This wire carries images, wav and mp3 audio, and files, but no ${mediaType}.`,
      );
    }
    return { type: "file", file: { file_data: url, filename: block.name ?? defaultFileName(mediaType) } };
  }

  private inputTypes(context: FormatContext): readonly string[] | undefined {
    return this.options.inputTypes ?? context.inputTypes;
  }

  private systemRole(context: FormatContext): "system" | "developer" {
    const { systemRole } = this.switches;
    return systemRole === "card" ? (context.systemRole ?? "system") : systemRole;
  }

  private nameOf(message: Msg): { name?: string } {
    if (!this.switches.names || message.name === message.role) return {};
    const name = message.name.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 64);
    return name === "" ? {} : { name };
  }

  private emptyContent(): { content?: string | null } {
    const { emptyContent } = this.switches;
    if (emptyContent === "omit") return {};
    return { content: emptyContent === "null" ? null : "" };
  }

  /** Earlier reasoning in the field it came from; `normalizeHistory` has left only what belongs here. */
  private reasoningOf(message: Msg, context: FormatContext): Partial<OpenAICompatibleAssistantMessage> {
    const { reasoningField } = this.switches;
    if (reasoningField === "none") return {};
    const blocks = message.content.filter((block) => block.type === "thinking");
    if (reasoningField === "reasoning_details") {
      const details = blocks.flatMap((block) => {
        const own = context.provider === undefined ? undefined : block.providerMetadata?.[context.provider];
        return Array.isArray(own?.["reasoningDetails"]) ? (own["reasoningDetails"] as unknown[]) : [];
      });
      return details.length === 0 ? {} : { reasoning_details: details };
    }
    const text = blocks.map((block) => block.thinking).join("");
    return text === "" ? {} : { [reasoningField]: text };
  }
}

function toTextParts(blocks: readonly ContentBlock[], owner: string): OpenAITextPart[] {
  return blocks.map((block) => {
    if (block.type !== "text")
      throw new UnsupportedError(`${owner} can hold only text on this wire, not ${block.type}.`);
    return { type: "text", text: block.text };
  });
}

function toWireCall(
  { id, name, input, rawInput, providerMetadata }: ToolUseBlock,
  provider: string | undefined,
): OpenAIToolCall {
  const extra = provider === undefined ? undefined : providerMetadata?.[provider]?.["extraContent"];
  return {
    id,
    type: "function",
    // What the model wrote, byte for byte, keeps its prompt cache; what is no JSON is refused by some servers.
    function: { name, arguments: isJson(rawInput) ? rawInput : JSON.stringify(input) },
    ...(extra !== undefined && { extra_content: extra }),
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isTextPart(part: { type: string } | undefined): part is OpenAITextPart {
  return part?.type === "text";
}

function isDetail(value: unknown): value is "auto" | "low" | "high" {
  return value === "auto" || value === "low" || value === "high";
}

function audioFormat(mediaType: string): "wav" | "mp3" {
  if (/^audio\/(?:wav|x-wav|wave|\*)$/.test(mediaType)) return "wav";
  if (/^audio\/(?:mpeg|mp3)$/.test(mediaType)) return "mp3";
  throw new UnsupportedError(`This wire takes audio as wav or mp3, not ${mediaType}. Convert it first.`);
}

function defaultFileName(mediaType: string): string {
  return mediaType === "application/pdf" ? "document.pdf" : `file.${mediaType.split("/").at(-1) as string}`;
}
