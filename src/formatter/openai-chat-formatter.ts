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
  type OpenAIThinkingPart,
  type OpenAIToolCall,
} from "../wire/openai-chat.ts";
import { type CacheMarker, cacheMarkerOf, isMarked } from "./cache-marker.ts";
import { callArguments } from "./call-arguments.ts";
import { type FormatContext, FormatterBase, type FormatterOptions } from "./formatter-base.ts";
import { describeAnswered } from "./media.ts";
import { openaiMediaPart } from "./openai-media-part.ts";
import { promotedParts, type PromotedMedia, toolResultText } from "./tool-result-text.ts";

/** Options of an {@link OpenAIChatFormatter}. */
export interface OpenAIFormatterOptions extends FormatterOptions {
  /** What the server does differently from OpenAI. @default what the model that formats says of its server */
  readonly switches?: Partial<OpenAIChatSwitches>;
}

/** What a formatter of this wire is told about one call. */
export interface OpenAIFormatContext extends FormatContext {
  /** What the server does differently from OpenAI; the formatter's own switches win over it. @default OpenAI's own ways */
  readonly switches?: Partial<OpenAIChatSwitches>;
  /** Whether the model is known to think before it answers. */
  readonly reasons?: boolean | undefined;
}

/** The context of a call with all switches known. */
export interface OpenAICallContext extends OpenAIFormatContext {
  readonly switches: OpenAIChatSwitches;
}

/**
 * Messages for the OpenAI chat wire, one for one: roles are kept, tool results become `tool` messages, media in tool results
 * follow in a message of the user.
 */
export class OpenAIChatFormatter extends FormatterBase<OpenAICompatibleMessage, OpenAIFormatContext> {
  /** What the servers of this class take differently from OpenAI; a subclass for a server gives it. */
  static readonly switches: Partial<OpenAIChatSwitches> = {};
  private readonly switches: Partial<OpenAIChatSwitches>;
  /** The switches of the last context, and all of them: a model's contexts have the same ones. */
  private last:
    | { readonly given: OpenAIFormatContext["switches"]; readonly all: OpenAIChatSwitches }
    | undefined;

  constructor(options: OpenAIFormatterOptions = {}) {
    super(options);
    this.switches = { ...new.target.switches, ...options.switches };
  }

  protected async formatMessages(
    messages: readonly Msg[],
    context: OpenAIFormatContext,
  ): Promise<OpenAICompatibleMessage[]> {
    const switches = this.switchesFor(context.switches);
    const history = normalizeHistory(messages, {
      toolCallId: switches.toolCallId,
      provider: context.provider,
      model: context.model,
      warn: context.warn,
    });
    const formatted = await this.formatHistory(history, { ...context, switches });
    return completeAssistants(formatted, switches, context.reasons === true);
  }

  private switchesFor(given: OpenAIFormatContext["switches"]): OpenAIChatSwitches {
    if (this.last === undefined || this.last.given !== given)
      this.last = { given, all: { ...OPENAI_SWITCHES, ...given, ...this.switches } };
    return this.last.all;
  }

  /** Formats a history that is normal already. */
  protected formatHistory(
    history: readonly Msg[],
    context: OpenAICallContext,
  ): Promise<OpenAICompatibleMessage[]> {
    return this.formatEach(history, context);
  }

  /** Formats message by message. */
  protected async formatEach(
    history: readonly Msg[],
    context: OpenAICallContext,
  ): Promise<OpenAICompatibleMessage[]> {
    const formatted: OpenAICompatibleMessage[] = [];
    for (const message of history) formatted.push(...(await this.formatMessage(message, context)));
    return formatted;
  }

  /** The parts of a message of the user. */
  protected async toParts(
    blocks: readonly ContentBlock[],
    context: OpenAICallContext,
  ): Promise<OpenAICompatiblePart[]> {
    const parts: OpenAICompatiblePart[] = [];
    for (const block of blocks) {
      const marker = cacheMarker(block, context);
      if (block.type === "text") parts.push({ type: "text", text: block.text, ...marker });
      else if (block.type === "data") parts.push({ ...(await this.toMediaPart(block, context)), ...marker });
    }
    return parts;
  }

  /** A single text as a plain string, where the server wants it so. */
  protected toContent<Part extends { type: string }>(
    parts: Part[],
    { switches }: OpenAICallContext,
  ): string | Part[] {
    const [first] = parts;
    if (switches.plainText && parts.length === 1 && isTextPart(first) && !isMarked(first)) return first.text;
    return parts;
  }

  private async formatMessage(message: Msg, context: OpenAICallContext): Promise<OpenAICompatibleMessage[]> {
    switch (message.role) {
      case "system":
        return [
          {
            role: systemRole(context),
            content: this.toContent(instructions(message.content, context), context),
            ...nameOf(message, context),
          },
        ];
      case "user":
        return [
          {
            role: "user",
            content: this.toContent(await this.toParts(message.content, context), context),
            ...nameOf(message, context),
          },
        ];
      case "assistant":
        return this.formatAssistant(message, context);
      default:
        return this.formatResults(message.toolResults, context);
    }
  }

  private formatAssistant(message: Msg, context: OpenAICallContext): OpenAICompatibleMessage[] {
    const calls = message.toolCalls.map((call) => toWireCall(call, context.provider));
    const text: OpenAITextPart[] = [];
    let refusal = "";
    let audioId: string | undefined;
    for (const block of message.content) {
      const own = context.provider === undefined ? undefined : block.providerMetadata?.[context.provider];
      if (block.type === "text" && own?.["refusal"]) refusal += block.text;
      // The provider knows what was said by the audio's id.
      else if (block.type === "text" && !own?.["isTranscript"])
        text.push({ type: "text", text: block.text, ...cacheMarker(block, context) });
      else if (block.type === "data" && typeof own?.["audioId"] === "string") audioId = own["audioId"];
      else if (block.type === "data")
        text.push({ type: "text", text: describeAnswered(block, context.warn) });
    }
    const reasoning = reasoningOf(message, context);
    const content = [...thinkingParts(message, context), ...text];
    if (content.length === 0 && calls.length === 0 && refusal === "" && audioId === undefined) {
      if (Object.keys(reasoning).length === 0) return [];
      if (!context.switches.reasoningAlone) {
        context.warn?.("messages", "An answer that is only reasoning was left out: it is refused here.");
        return [];
      }
    }
    const formatted: OpenAICompatibleAssistantMessage = {
      role: "assistant",
      ...(content.length > 0 ? { content: this.toContent(content, context) } : emptyContent(context)),
      ...nameOf(message, context),
      ...reasoning,
      ...(refusal !== "" && { refusal }),
      ...(audioId !== undefined && { audio: { id: audioId } }),
      ...(calls.length > 0 && { tool_calls: calls }),
    };
    return [formatted];
  }

  private async formatResults(
    results: readonly ToolResultBlock[],
    context: OpenAICallContext,
  ): Promise<OpenAICompatibleMessage[]> {
    const formatted: OpenAICompatibleMessage[] = [];
    const promoted: PromotedMedia<OpenAICompatiblePart>[] = [];
    for (const result of results) {
      const { text, promoted: media } = await toolResultText(result, (block) =>
        this.toMediaPart(block, context),
      );
      formatted.push({ role: "tool", tool_call_id: result.id, content: text });
      promoted.push(...media);
    }
    if (promoted.length === 0) return formatted;
    // After all results: nothing may stand between a turn's calls and their answers.
    return [
      ...formatted,
      {
        role: "user",
        ...(context.switches.names && { name: "system-reminder" }),
        content: promotedParts(promoted, (text) => ({ type: "text", text })),
      },
    ];
  }

  /** A medium as the server takes it. */
  protected toMediaPart(block: DataBlock, context: OpenAICallContext): Promise<OpenAICompatiblePart> {
    const { inputTypes = context.inputTypes, mediaResolver } = this.options;
    return openaiMediaPart(block, { ...context, inputTypes }, mediaResolver);
  }
}

function systemRole({ switches, systemRole: asked }: OpenAICallContext): "system" | "developer" | "user" {
  return switches.systemRole === "card" ? (asked ?? "system") : switches.systemRole;
}

function nameOf(message: Msg, { switches }: OpenAICallContext): { name?: string } {
  if (!switches.names || message.name === message.role) return {};
  const name = message.name.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 64);
  return name === "" ? {} : { name };
}

function emptyContent({ switches }: OpenAICallContext): { content?: string | null } {
  if (switches.emptyContent === "omit") return {};
  return { content: switches.emptyContent === "null" ? null : "" };
}

/** Earlier reasoning in the field it came from; `normalizeHistory` has left only what belongs here. */
function reasoningOf(
  message: Msg,
  { switches, provider }: OpenAICallContext,
): Partial<OpenAICompatibleAssistantMessage> {
  const { reasoningField } = switches;
  if (reasoningField === "none" || reasoningField === "thinking_part") return {};
  const blocks = message.content.filter((block) => block.type === "thinking");
  if (reasoningField === "reasoning_details") {
    // Every block of an answer bears all details up to it.
    const details = blocks
      .map((block) => provider !== undefined && block.providerMetadata?.[provider]?.["reasoningDetails"])
      .findLast((each) => Array.isArray(each) && each.length > 0) as unknown[] | undefined;
    return details === undefined ? {} : { reasoning_details: details };
  }
  const text = blocks.map((block) => block.thinking).join("");
  return text === "" ? {} : { [reasoningField]: text };
}

/** Earlier reasoning as a part of the content. */
function thinkingParts(message: Msg, { switches }: OpenAICallContext): OpenAIThinkingPart[] {
  if (switches.reasoningField !== "thinking_part") return [];
  return message.content
    .filter((block) => block.type === "thinking")
    .map(({ thinking }) => ({ type: "thinking", thinking: [{ type: "text", text: thinking }] }));
}

/** What only the whole history tells of its assistant messages: gaps in the reasoning, and whether the last is a beginning. */
function completeAssistants(
  messages: OpenAICompatibleMessage[],
  { reasoningField, reasoningFilled, prefillField }: OpenAIChatSwitches,
  reasons: boolean,
): OpenAICompatibleMessage[] {
  const last = messages.at(-1);
  const isFilled =
    reasoningFilled &&
    reasons &&
    messages.some(
      (message) =>
        message.role === "assistant" && (reasoningField in message || message.tool_calls !== undefined),
    );
  return messages.map((message) => {
    if (message.role !== "assistant") return message;
    const isGap = isFilled && !(reasoningField in message);
    const isPrefill = prefillField !== "none" && message === last;
    if (!isGap && !isPrefill) return message;
    return {
      ...message,
      ...(isGap && { [reasoningField]: "" }),
      ...(isPrefill && { [prefillField]: true }),
    };
  });
}

function instructions(blocks: readonly ContentBlock[], context: OpenAICallContext): OpenAITextPart[] {
  return blocks.map((block) => {
    if (block.type !== "text")
      throw new UnsupportedError(`A system message can hold only text on this wire, not ${block.type}.`);
    return { type: "text", text: block.text, ...cacheMarker(block, context) };
  });
}

/** The breakpoint that a block brings, in the form that the server takes. */
function cacheMarker(
  block: ContentBlock,
  { switches, provider, warn }: OpenAICallContext,
): CacheMarker | Pick<OpenAITextPart, "prompt_cache_breakpoint"> {
  const marker = cacheMarkerOf(block, provider);
  if (marker.cache_control === undefined || switches.cacheMarkers === "cache_control") return marker;
  if (switches.cacheMarkers === "prompt_cache_breakpoint") {
    if (marker.cache_control.ttl !== undefined) warn?.("cacheControl.ttl", NO_TTL_ON_BREAKPOINTS);
    return { prompt_cache_breakpoint: { mode: "explicit" } };
  }
  warn?.("cacheControl", "This server takes no cache breakpoints; the one on a block was left out.");
  return {};
}

/** Why a lifetime is left out of a breakpoint. */
export const NO_TTL_ON_BREAKPOINTS =
  "Breakpoints have no lifetime of their own here; it was left out. See providerOptions.openai.promptCacheOptions.";

function toWireCall(call: ToolUseBlock, provider: string | undefined): OpenAIToolCall {
  const extra = provider === undefined ? undefined : call.providerMetadata?.[provider]?.["extraContent"];
  return {
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: callArguments(call) },
    ...(extra !== undefined && { extra_content: extra }),
  };
}

function isTextPart(part: { type: string } | undefined): part is OpenAITextPart {
  return part?.type === "text";
}
