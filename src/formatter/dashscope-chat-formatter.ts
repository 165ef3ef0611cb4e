import { UnsupportedError } from "../error/errors-by-kind.ts";
import type { ContentBlock, DataBlock, ToolResultBlock } from "../message/content-block.ts";
import type { Msg } from "../message/msg.ts";
import { normalizeHistory } from "../message/normalize-history.ts";
import {
  DASHSCOPE_TOOL_CALL_ID,
  type DashScopeContent,
  type DashScopeMessage,
  type DashScopePart,
  type DashScopeSampling,
} from "../wire/dashscope.ts";
import { type CacheMarker, cacheMarkerOf } from "./cache-marker.ts";
import { callArguments } from "./call-arguments.ts";
import { type FormatContext, FormatterBase, type FormatterOptions } from "./formatter-base.ts";
import { assertAccepted, describeAnswered, resolveSource } from "./media.ts";
import { promotedParts, type PromotedMedia, toolResultText } from "./tool-result-text.ts";

/** Options of a {@link DashScopeChatFormatter}. */
export interface DashScopeFormatterOptions extends FormatterOptions {
  /**
   * The form of the messages, and with it the endpoint that serves them: texts, or lists of parts. Each model has only one of
   * the two. @default `multimodal` for models that read more than text, as far as their card tells
   */
  readonly endpoint?: "text" | "multimodal";
}

/** Why a breakpoint is left out of plain texts: which models take parts there is not documented (wire notes 7.3, 2026-11). */
export const NO_BREAKPOINTS_IN_TEXTS =
  "DashScope's own endpoint for texts takes no cache breakpoints; use the compatible mode.";

/**
 * Messages for DashScope's own wire, one for one: roles are kept, tool results become `tool` messages with the tool's name,
 * media in tool results follow in a message of the user.
 */
export class DashScopeChatFormatter extends FormatterBase<DashScopeMessage> {
  private readonly endpoint: DashScopeFormatterOptions["endpoint"];

  constructor(options: DashScopeFormatterOptions = {}) {
    super(options);
    this.endpoint = options.endpoint;
  }

  protected async formatMessages(
    messages: readonly Msg[],
    context: FormatContext,
  ): Promise<DashScopeMessage[]> {
    const history = normalizeHistory(messages, {
      toolCallId: DASHSCOPE_TOOL_CALL_ID,
      provider: context.provider,
      model: context.model,
      warn: context.warn,
    });
    const formatted = await this.formatHistory(history, context);
    const last = formatted.at(-1);
    return last?.role === "assistant" ? [...formatted.slice(0, -1), { ...last, partial: true }] : formatted;
  }

  /** Formats a history that is normal already. */
  protected formatHistory(history: readonly Msg[], context: FormatContext): Promise<DashScopeMessage[]> {
    return this.formatEach(history, context);
  }

  /** Formats message by message. */
  protected async formatEach(history: readonly Msg[], context: FormatContext): Promise<DashScopeMessage[]> {
    const formatted: DashScopeMessage[] = [];
    for (const message of history) formatted.push(...(await this.formatMessage(message, context)));
    return formatted;
  }

  /** The parts of a message of the user. */
  protected async toParts(blocks: readonly ContentBlock[], context: FormatContext): Promise<DashScopePart[]> {
    const parts: DashScopePart[] = [];
    for (const block of blocks) {
      const marker = cacheMarker(block, context);
      if (block.type === "text") parts.push({ text: block.text, ...marker });
      else if (block.type === "data") parts.push({ ...(await this.toMediaPart(block, context)), ...marker });
    }
    return parts;
  }

  /** The parts in the endpoint's form. */
  protected toContent(parts: DashScopePart[], context: FormatContext): DashScopeContent {
    if (this.isMultimodal(context)) return parts;
    if (parts.some((part) => part.cache_control !== undefined))
      context.warn?.("cacheControl", NO_BREAKPOINTS_IN_TEXTS);
    return parts.map((part) => ("text" in part ? part.text : "")).join("\n");
  }

  private async formatMessage(message: Msg, context: FormatContext): Promise<DashScopeMessage[]> {
    switch (message.role) {
      case "system":
        return [{ role: "system", content: this.toContent(instructions(message, context), context) }];
      case "user":
        return [
          { role: "user", content: this.toContent(await this.toParts(message.content, context), context) },
        ];
      case "assistant":
        return this.formatAssistant(message, context);
      default:
        return this.formatResults(message.toolResults, context);
    }
  }

  private formatAssistant(message: Msg, context: FormatContext): DashScopeMessage[] {
    const parts: DashScopePart[] = [];
    let reasoning = "";
    for (const block of message.content) {
      if (block.type === "text") parts.push({ text: block.text, ...cacheMarker(block, context) });
      // `normalizeHistory` has left only this model's. What is too old for the model to read it leaves out itself.
      else if (block.type === "thinking") reasoning += block.thinking;
      else if (block.type === "data") parts.push({ text: describeAnswered(block, context.warn) });
    }
    const calls = message.toolCalls.map((call) => ({
      id: call.id,
      type: "function" as const,
      function: { name: call.name, arguments: callArguments(call) },
    }));
    if (parts.length === 0 && calls.length === 0 && reasoning === "") return [];
    return [
      {
        role: "assistant",
        content: this.toContent(parts, context),
        ...(reasoning !== "" && { reasoning_content: reasoning }),
        ...(calls.length > 0 && { tool_calls: calls }),
      },
    ];
  }

  private async formatResults(
    results: readonly ToolResultBlock[],
    context: FormatContext,
  ): Promise<DashScopeMessage[]> {
    const formatted: DashScopeMessage[] = [];
    const promoted: PromotedMedia<DashScopePart>[] = [];
    for (const result of results) {
      const { text, promoted: media } = await toolResultText(result, (block) =>
        this.toMediaPart(block, context),
      );
      formatted.push({
        role: "tool",
        tool_call_id: result.id,
        name: result.name,
        content: this.toContent([{ text }], context),
      });
      promoted.push(...media);
    }
    if (promoted.length === 0) return formatted;
    const parts = promotedParts(promoted, (text) => ({ text }));
    // After all results: nothing may stand between a turn's calls and their answers.
    return [...formatted, { role: "user", content: this.toContent(parts, context) }];
  }

  /** A medium as the endpoint takes it. */
  protected async toMediaPart(block: DataBlock, context: FormatContext): Promise<DashScopePart> {
    assertAccepted(block, this.accepted(context));
    const { source } = block;
    // What was uploaded to DashScope's own storage it reads from there.
    const isStored = source.type === "url" && /^oss:/i.test(source.url);
    const { mediaResolver } = this.options;
    const sent = isStored ? source : await resolveSource(source, { fetchesUrls: true, mediaResolver });
    const kind = /^(image|audio|video)\//.exec(sent.mediaType)?.[1];
    if (kind === undefined || sent.type === "file") {
      throw new UnsupportedError(
        `DashScope's own wire carries images, audio and video, by address or as bytes, but no ${sent.type === "file" ? "file ids" : sent.mediaType}. Models that read documents take "fileid://<id>" as a system message.`,
      );
    }
    const address = sent.type === "url" ? sent.url : `data:${sent.mediaType};base64,${sent.data}`;
    if (kind === "audio") return { audio: address };
    const sampling = samplingOf(block, context);
    return kind === "image" ? { image: address, ...sampling } : { video: address, ...sampling };
  }

  private isMultimodal(context: FormatContext): boolean {
    if (this.endpoint !== undefined) return this.endpoint === "multimodal";
    const accepted = this.accepted(context);
    return accepted === undefined || accepted.some((type) => /^(?:image|audio|video|\*)\//.test(type));
  }

  private accepted(context: FormatContext): readonly string[] | undefined {
    return this.endpoint === "text" ? ["text/plain"] : (this.options.inputTypes ?? context.inputTypes);
  }
}

function cacheMarker(block: ContentBlock, { provider = "dashscope" }: FormatContext): CacheMarker {
  return cacheMarkerOf(block, provider);
}

function instructions(message: Msg, context: FormatContext): DashScopePart[] {
  return message.content.map((block) => {
    if (block.type !== "text")
      throw new UnsupportedError(`A system message can hold only text on this wire, not ${block.type}.`);
    return { text: block.text, ...cacheMarker(block, context) };
  });
}

/** How a picture or video is sampled, by the names that a block's `providerMetadata` has for it. */
const SAMPLING_FIELDS: Readonly<Record<string, keyof DashScopeSampling>> = {
  minPixels: "min_pixels",
  maxPixels: "max_pixels",
  totalPixels: "total_pixels",
  fps: "fps",
  maxFrames: "max_frames",
};

function samplingOf(
  { providerMetadata }: DataBlock,
  { provider = "dashscope" }: FormatContext,
): DashScopeSampling {
  const own = providerMetadata?.[provider] ?? {};
  const sampling: DashScopeSampling = {};
  for (const [name, field] of Object.entries(SAMPLING_FIELDS)) {
    if (typeof own[name] === "number") sampling[field] = own[name];
  }
  return sampling;
}
