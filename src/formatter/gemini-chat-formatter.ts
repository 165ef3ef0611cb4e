import { UnsupportedError } from "../error/errors-by-kind.ts";
import type { ContentBlock, DataBlock, ToolResultBlock, ToolUseBlock } from "../message/content-block.ts";
import type { Msg } from "../message/msg.ts";
import { normalizeHistory } from "../message/normalize-history.ts";
import { isRecord } from "../tool/schema-parts.ts";
import {
  FOREIGN_SIGNATURE,
  type GeminiCallPart,
  type GeminiContent,
  type GeminiMediaPart,
  type GeminiMessage,
  type GeminiPart,
  type GeminiTextPart,
} from "../wire/gemini.ts";
import { callInput } from "./call-arguments.ts";
import { type FormatContext, FormatterBase } from "./formatter-base.ts";
import { assertAccepted, readableMessages, resolveSource } from "./media.ts";
import { openingText } from "./opening-turn.ts";
import { promotedParts, type PromotedMedia, toolResultText } from "./tool-result-text.ts";

/** What a formatter of this wire is told about one call. */
export interface GeminiFormatContext extends FormatContext {
  /** Whether the ids that Gemini gave to tool calls go back; others never do. @default true */
  readonly callIds?: boolean | undefined;
  /** Whether the first call of each turn must be signed. @default false */
  readonly signedToolCalls?: boolean | undefined;
}

/** A tool call that a result answers, as the wire knows it. */
interface AnsweredCall {
  readonly name: string;
  readonly id: string | undefined;
}

/**
 * Messages for the Gemini wire. Leading instructions become one message of the role `system`, which the model lifts out;
 * a later one is said by the user. Results of one turn's calls stand together, neighbours of one role are one content. The
 * user begins.
 */
export class GeminiChatFormatter extends FormatterBase<GeminiMessage, GeminiFormatContext> {
  protected async formatMessages(
    messages: readonly Msg[],
    context: GeminiFormatContext,
  ): Promise<GeminiMessage[]> {
    const history = normalizeHistory(messages, {
      // Ids of other providers do not go to the wire: they only tie results to calls here.
      toolCallId: { pattern: /^[^]+$/, maxLength: 256 },
      provider: context.provider,
      model: context.model,
      warn: context.warn,
    });
    const formatted = await this.formatHistory(history, context);
    const joined = joinNeighbours(context.signedToolCalls ? signForeignCalls(formatted, context) : formatted);
    const first = joined.findIndex(({ role }) => role !== "system");
    if (joined[first]?.role === "model")
      joined.splice(first, 0, { role: "user", parts: [{ text: openingText(context) }] });
    return joined;
  }

  /** Formats a history that is normal already. */
  protected formatHistory(history: readonly Msg[], context: GeminiFormatContext): Promise<GeminiMessage[]> {
    return this.formatEach(history, context);
  }

  /** Formats message by message. */
  protected async formatEach(
    history: readonly Msg[],
    context: GeminiFormatContext,
  ): Promise<GeminiMessage[]> {
    const formatted: GeminiMessage[] = [];
    let answered: ReadonlyMap<string, AnsweredCall> = new Map();
    let isOpening = context.systemRole !== "user";
    for (const message of history) {
      isOpening &&= message.role === "system";
      if (message.role === "system") {
        const parts = instructionParts(message);
        formatted.push(isOpening ? { role: "system", parts } : { role: "user", parts });
      } else if (message.role === "tool") {
        formatted.push(...(await this.formatResults(message.toolResults, answered, context)));
      } else {
        const parts: GeminiPart[] = [];
        const toMedia = (block: DataBlock): Promise<unknown> => this.toMedium(block, context);
        for (const { content } of await readableMessages([message], toMedia, context.warn))
          parts.push(...(await this.toParts(content, context)));
        const role = message.role === "assistant" ? "model" : "user";
        if (parts.length > 0) formatted.push({ role, parts });
        answered = answeredCalls(message, context);
      }
    }
    return formatted;
  }

  /** The parts of a message of the user or the model. */
  protected async toParts(
    blocks: readonly ContentBlock[],
    context: GeminiFormatContext,
  ): Promise<GeminiPart[]> {
    const parts: GeminiPart[] = [];
    for (const block of blocks) {
      const own = ownMetadata(block, context);
      const signature = typeof own["thoughtSignature"] === "string" ? own["thoughtSignature"] : undefined;
      const signed = signature === undefined ? {} : { thoughtSignature: signature };
      if (isRecord(own["part"])) parts.push({ ...own["part"], ...signed });
      else if (block.type === "text") parts.push({ text: block.text, ...signed });
      else if (block.type === "data") parts.push({ ...(await this.toMediaPart(block, context)), ...signed });
      else if (block.type === "tool_use") parts.push({ ...toCallPart(block, own, context), ...signed });
      // Thoughts are summaries, of no use to the model; what is signed goes back all the same, in its place.
      else if (block.type === "thinking" && signature !== undefined)
        parts.push({ text: block.thinking, ...(block.thinking !== "" && { thought: true }), ...signed });
    }
    return parts;
  }

  /** A medium that the model can be shown: what Google's own tools made goes back as it came. */
  protected async toMedium(block: DataBlock, context: GeminiFormatContext): Promise<unknown> {
    return isRecord(ownMetadata(block, context)["part"]) || this.toMediaPart(block, context);
  }

  private async formatResults(
    results: readonly ToolResultBlock[],
    calls: ReadonlyMap<string, AnsweredCall>,
    context: GeminiFormatContext,
  ): Promise<GeminiContent[]> {
    const parts: GeminiPart[] = [];
    const promoted: PromotedMedia<GeminiPart>[] = [];
    for (const result of results) {
      // The wire has a field for failures: no need to say it in words.
      const words = await toolResultText<GeminiPart>({ ...result, isError: false }, (block) =>
        this.toMediaPart(block, context),
      );
      const { name = result.name, id } = calls.get(result.id) ?? {};
      const response = result.isError ? { error: words.text } : { output: words.text };
      parts.push({ functionResponse: { ...(id !== undefined && { id }), name, response } });
      promoted.push(...words.promoted);
    }
    const contents: GeminiContent[] = [{ role: "user", parts }];
    if (promoted.length > 0) {
      // In a content of its own: newer models refuse words beside results.
      contents.push({ role: "user", parts: promotedParts(promoted, (text) => ({ text })) });
    }
    return contents;
  }

  private async toMediaPart(block: DataBlock, context: GeminiFormatContext): Promise<GeminiMediaPart> {
    assertAccepted(block, this.inputTypes(context));
    const own = ownMetadata(block, context);
    const hints = {
      ...(own["thought"] === true && { thought: true }),
      ...(isRecord(own["videoMetadata"]) && { videoMetadata: own["videoMetadata"] }),
      ...(isRecord(own["mediaResolution"]) && { mediaResolution: own["mediaResolution"] }),
      ...(isMediaProcessing(own["mediaProcessing"]) && { mediaProcessing: own["mediaProcessing"] }),
    };
    const source = isCloudStorage(block)
      ? block.source
      : await resolveSource(block.source, {
          fetchesUrls: true,
          mediaResolver: this.options.mediaResolver,
        });
    const { mediaType } = source;
    const isExact = !mediaType.endsWith("/*");
    if (source.type === "base64") {
      if (!isExact) {
        throw new UnsupportedError(
          `Gemini must be told exactly what the bytes are, not ${mediaType}. Give the block a mediaType such as "image/png".`,
        );
      }
      return { inlineData: { mimeType: mediaType, data: source.data }, ...hints };
    }
    const fileUri = source.type === "url" ? source.url : source.fileId;
    // Where only the kind is known, Google looks for itself.
    return { fileData: { fileUri, ...(isExact && { mimeType: mediaType }) }, ...hints };
  }

  private inputTypes(context: GeminiFormatContext): readonly string[] | undefined {
    return this.options.inputTypes ?? context.inputTypes;
  }
}

/** What this provider wants back with a block. */
function ownMetadata(
  block: ContentBlock,
  { provider }: GeminiFormatContext,
): Readonly<Record<string, unknown>> {
  return (provider === undefined ? undefined : block.providerMetadata?.[provider]) ?? {};
}

function instructionParts(message: Msg): GeminiTextPart[] {
  return message.content.map((block) => {
    if (block.type !== "text")
      throw new UnsupportedError(`A system message can hold only text on this wire, not ${block.type}.`);
    return { text: block.text };
  });
}

function toCallPart(
  call: ToolUseBlock,
  own: Readonly<Record<string, unknown>>,
  context: GeminiFormatContext,
): GeminiCallPart {
  const id = wireId(own, context);
  return { functionCall: { ...(id !== undefined && { id }), name: call.name, args: { ...callInput(call) } } };
}

/** The id that Gemini itself gave to a call: an id that was made here would be unknown to it. */
function wireId(
  own: Readonly<Record<string, unknown>>,
  { callIds = true }: GeminiFormatContext,
): string | undefined {
  return callIds && typeof own["callId"] === "string" ? own["callId"] : undefined;
}

function answeredCalls(message: Msg, context: GeminiFormatContext): Map<string, AnsweredCall> {
  return new Map(
    message.toolCalls.map((call) => [
      call.id,
      { name: call.name, id: wireId(ownMetadata(call, context), context) },
    ]),
  );
}

/**
 * Newer models refuse a turn whose first call bears no signature. Calls that another model made have none: Google's word for
 * "do not look" stands in its place.
 */
function signForeignCalls(
  messages: readonly GeminiMessage[],
  { warn }: GeminiFormatContext,
): GeminiMessage[] {
  let isWarned = false;
  return messages.map((message) => {
    if (message.role !== "model") return message;
    const first = message.parts.findIndex((part) => "functionCall" in part);
    const call = message.parts[first];
    if (call === undefined || call.thoughtSignature !== undefined) return message;
    if (!isWarned) {
      isWarned = true;
      warn?.(
        "messages",
        "Tool calls in the history have no thought signature, as another model made them; this one was told not to look for any.",
      );
    }
    return { ...message, parts: message.parts.with(first, { ...call, thoughtSignature: FOREIGN_SIGNATURE }) };
  });
}

/** Neighbours of one role as one content; results keep apart from words, which newer models refuse beside them. */
function joinNeighbours(messages: readonly GeminiMessage[]): GeminiMessage[] {
  const joined: GeminiMessage[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    const isSame = last?.role === message.role && holdsResults(last) === holdsResults(message);
    if (isSame) (last.parts as GeminiPart[]).push(...message.parts);
    else joined.push({ ...message, parts: [...message.parts] } as GeminiMessage);
  }
  return joined;
}

/** Results stand alone in a content, so the first part tells. */
function holdsResults({ parts: [first] }: GeminiMessage): boolean {
  return first !== undefined && "functionResponse" in first;
}

function isMediaProcessing(value: unknown): value is NonNullable<GeminiMediaPart["mediaProcessing"]> {
  return value === "STATIC" || value === "AGENTIC";
}

function isCloudStorage({ source }: DataBlock): boolean {
  return source.type === "url" && source.url.startsWith("gs://");
}
