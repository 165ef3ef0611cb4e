import { ConfigurationError } from "../error/errors-by-kind.ts";
import type { RateLimit } from "../error/model-error.ts";
import type { ContentBlock, DataBlock, ToolUseBlock } from "../message/content-block.ts";
import { AssistantMessage, textOf } from "../message/msg.ts";

/**
 * Why the model stopped: it had finished, reached the token limit, asks for tools, was filtered or refused, wants to be
 * called again unchanged (`pause`), failed, or for a reason of its own (`other`; see `rawFinishReason`).
 */
export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter" | "pause" | "error" | "other";

/**
 * What an answer cost. Totals are inclusive: cached tokens count in `inputTokens`, reasoning in `outputTokens`.
 * Undefined means that the provider did not say.
 */
export interface ChatUsage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly totalTokens?: number;
  /** The part of the input read from the provider's prompt cache. */
  readonly cacheReadTokens?: number;
  /** The part of the input written to it. */
  readonly cacheWriteTokens?: number;
  readonly reasoningTokens?: number;
  /** US dollars: the provider's own figure, else by the card's prices. */
  readonly cost?: number;
  /** From the call to the first content, retries included; on the last snapshot. */
  readonly timeToFirstTokenMs?: number;
  /** From the call to its end; on the last snapshot. */
  readonly durationMs?: number;
  /** The provider's own record, verbatim. */
  readonly raw?: Readonly<Record<string, unknown>>;
}

/** Something that was asked for and could not be honoured. */
export interface ChatWarning {
  /** The option, block or message that was changed or left out, for example `temperature`. */
  readonly option: string;
  readonly reason: string;
}

/** What is known about an answer beside its content. */
export interface ChatResponseMetadata {
  readonly requestId?: string;
  readonly rateLimits?: readonly RateLimit[];
  /** How many requests were sent to get this answer. */
  readonly attempts?: number;
  /** Log probabilities as the provider gives them, on the last snapshot. */
  readonly logprobs?: readonly unknown[];
  readonly systemFingerprint?: string;
  readonly serviceTier?: string;
  readonly citations?: readonly unknown[];
  readonly [name: string]: unknown;
}

/** What one snapshot adds to the one before it, block by block. */
export type ContentDelta =
  | { readonly type: "text"; readonly id: string; readonly text: string }
  | { readonly type: "thinking"; readonly id: string; readonly thinking: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly rawInput: string }
  | DataBlock;

/** One of several alternative answers, where more than one was asked for. */
export interface ChatChoice {
  readonly index: number;
  readonly content: readonly ContentBlock[];
  readonly finishReason?: FinishReason;
}

/** The fields of a {@link ChatResponse}. */
export interface ChatResponseData {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  /** @default `model` */
  readonly askedModel?: string | undefined;
  /** ISO 8601. */
  readonly createdAt: string;
  /** A function makes it when it is read first. */
  readonly content: readonly ContentBlock[] | (() => readonly ContentBlock[]);
  readonly delta: readonly ContentDelta[];
  readonly isLast: boolean;
  readonly interrupted?: boolean | undefined;
  readonly finishReason?: FinishReason | undefined;
  readonly rawFinishReason?: string | undefined;
  readonly usage?: ChatUsage | undefined;
  readonly warnings?: readonly ChatWarning[] | undefined;
  readonly metadata?: ChatResponseMetadata | undefined;
  readonly choices?: readonly ChatChoice[] | undefined;
}

const NOTHING: readonly never[] = Object.freeze([]);
const NO_METADATA: ChatResponseMetadata = Object.freeze({});

/**
 * A snapshot of an answer: all content blocks so far, in order of arrival. Later snapshots are new objects; this one never
 * changes. Exactly one snapshot of a call has `isLast: true`.
 */
export class ChatResponse {
  /** `content` that is made when it is first read, and is a field like any other to whoever copies or writes the response. */
  static readonly #madeWhenRead: PropertyDescriptor = {
    configurable: true,
    enumerable: true,
    get(this: ChatResponse): readonly ContentBlock[] {
      const value = this.#makeContent?.();
      Object.defineProperty(this, "content", { value });
      return value as readonly ContentBlock[];
    },
  };

  readonly id: string;
  readonly provider: string;
  /** The model that answers, by the provider's word. */
  readonly model: string;
  /** The model that was asked: an alias, a deployment, a name without its date. */
  readonly askedModel: string;
  readonly createdAt: string;
  readonly content!: readonly ContentBlock[];
  /** What this snapshot adds to the one before it. */
  readonly delta: readonly ContentDelta[];
  readonly isLast: boolean;
  /** Whether the answer was cut off: true on the `partial` of an error. */
  readonly interrupted: boolean;
  readonly finishReason: FinishReason | undefined;
  /** The provider's own word for `finishReason`. */
  readonly rawFinishReason: string | undefined;
  readonly usage: ChatUsage | undefined;
  /** What was asked for and could not be honoured. Never empty silence: an option that is dropped stands here. */
  readonly warnings: readonly ChatWarning[];
  readonly metadata: ChatResponseMetadata;
  /** All alternative answers, this one included as index 0, where more than one was asked for. */
  readonly choices: readonly ChatChoice[] | undefined;
  readonly #makeContent: (() => readonly ContentBlock[]) | undefined;

  constructor(data: ChatResponseData) {
    this.id = data.id;
    this.provider = data.provider;
    this.model = data.model;
    this.askedModel = data.askedModel ?? data.model;
    this.createdAt = data.createdAt;
    if (typeof data.content === "function") {
      this.#makeContent = data.content;
      Object.defineProperty(this, "content", ChatResponse.#madeWhenRead);
    } else this.content = data.content;
    this.delta = data.delta;
    this.isLast = data.isLast;
    this.interrupted = data.interrupted ?? false;
    this.finishReason = data.finishReason;
    this.rawFinishReason = data.rawFinishReason;
    this.usage = data.usage;
    this.warnings = data.warnings ?? NOTHING;
    this.metadata = data.metadata ?? NO_METADATA;
    this.choices = data.choices;
  }

  /** All text so far. */
  get text(): string {
    return textOf(this.content);
  }

  /** All reasoning so far. */
  get thinking(): string {
    let thinking = "";
    for (const block of this.content) if (block.type === "thinking") thinking += block.thinking;
    return thinking;
  }

  /** The tool calls so far. Run them when `isLast`, and only those without `inputError`. */
  get toolCalls(): readonly ToolUseBlock[] {
    return this.content.filter((block) => block.type === "tool_use");
  }

  /** The text this snapshot adds. */
  get textDelta(): string {
    let added = "";
    // By index: lists with and without anything differ for V8, and then an iterator is made for each event.
    for (let at = 0; at < this.delta.length; at++) {
      const part = this.delta[at];
      if (part?.type === "text") added += part.text;
    }
    return added;
  }

  /** The reasoning this snapshot adds. */
  get thinkingDelta(): string {
    let added = "";
    for (let at = 0; at < this.delta.length; at++) {
      const part = this.delta[at];
      if (part?.type === "thinking") added += part.thinking;
    }
    return added;
  }

  /** The same snapshot with some fields changed. */
  with(change: Partial<ChatResponseData>): ChatResponse {
    return new ChatResponse({ ...this, ...change });
  }

  /** The answer as a message for the next call, with what the provider needs back. */
  toMessage(): AssistantMessage {
    return new AssistantMessage(this.content, {
      provider: this.provider,
      // The next call asks by this name: by any other, reasoning would not go back to where it came from.
      model: this.askedModel,
      timestamp: this.createdAt,
    });
  }
}

/** Whether a plugin or a middleware emitted a snapshot. By what it can do where it is of another copy of this package. */
export function isSnapshot(value: unknown): value is ChatResponse {
  if (value instanceof ChatResponse) return true;
  const { content, isLast, with: change } = (value ?? {}) as Partial<ChatResponse>;
  return Array.isArray(content) && typeof isLast === "boolean" && typeof change === "function";
}

/** The error for a value that was emitted in place of a snapshot. */
export function notASnapshot(value: unknown, who: string): ConfigurationError {
  const what = value === null ? "null" : typeof value;
  return new ConfigurationError(
    `${who} emitted ${what}, which is no ChatResponse. Emit snapshots, or wrap deltas with accumulate().`,
  );
}
