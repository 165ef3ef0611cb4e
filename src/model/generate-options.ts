import type { SchemaInput, ToolChoice } from "../tool/tool-schema.ts";
import type { OllamaOptions } from "../wire/ollama.ts";
import type { AnthropicOptions } from "../wire/anthropic.ts";
import type { DashScopeOptions } from "../wire/dashscope.ts";
import type { GeminiOptions } from "../wire/gemini.ts";
import type { OpenAIChatOptions } from "../wire/openai-chat.ts";
import type { FlowControl } from "./flow-control.ts";

/** Deadlines in milliseconds; 0 switches one off. */
export interface TimeoutOptions {
  /** Until a connection stands. @default 10_000 */
  readonly connectMs?: number;
  /** From the request until the first snapshot. @default 600_000 */
  readonly firstEventMs?: number;
  /** Between two snapshots; keep-alive comments do not count, nor does the time a slow reader takes. @default 300_000 */
  readonly idleMs?: number;
  /** For the whole call, retries included. @default 0 (none) */
  readonly totalMs?: number;
}

/** Retries before the first snapshot. After it nothing is sent again: the failure carries `partial`. */
export interface RetryOptions {
  /** @default 2 */
  readonly maxRetries?: number;
  /** The first wait is random between 0 and this, and the bound doubles each time. @default 500 */
  readonly baseDelayMs?: number;
  /** No wait is longer, the provider's own wish included: one that asks for more fails at once. @default 60_000 */
  readonly maxDelayMs?: number;
}

/** How much a reasoning model should think. Which values a model takes stands in its card. */
export type ReasoningEffort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

/** Whether and how much the model thinks before it answers. */
export interface ThinkingOptions {
  readonly enabled?: boolean;
  /** The most tokens to think with, for models that count them. */
  readonly budgetTokens?: number;
  /** For models that take a level. */
  readonly effort?: ReasoningEffort;
}

/** Where prompt-cache breakpoints go, for providers that want them marked. `true` marks the system prompt, the tools and the last message. */
export type CacheControl =
  | boolean
  | {
      readonly system?: boolean;
      readonly tools?: boolean;
      readonly lastMessage?: boolean;
      readonly ttl?: "5m" | "1h";
    };

/** The form of the answer. */
export type ResponseFormat =
  | { readonly type: "text" }
  | { readonly type: "json" }
  | {
      readonly type: "json_schema";
      readonly schema: SchemaInput;
      /** @default "response" */
      readonly name?: string;
      readonly description?: string;
      /** Whether the provider should hold the model to the schema, where it can say it. @default the provider's default */
      readonly strict?: boolean;
      /**
       * Whether the call fails with `unsupported`, before anything is sent, where the schema cannot be sent along. Otherwise
       * that is a warning.
       *
       * @default false
       */
      readonly orFail?: boolean;
    };

/** What only one provider understands, by provider, in camelCase. */
export interface ProviderOptions {
  readonly anthropic?: AnthropicOptions;
  readonly gemini?: GeminiOptions;
  readonly openai?: OpenAIChatOptions;
  readonly ollama?: OllamaOptions;
  readonly dashscope?: DashScopeOptions;
  readonly [provider: string]: object | undefined;
}

/**
 * Everything a call may ask for. Absent and `undefined` inherit from the model's own options, then the credential's, then
 * the card's; `null` takes an inherited value away. What a model cannot honour is a warning on the response.
 */
export interface GenerateOptions {
  readonly temperature?: number | null;
  readonly topP?: number | null;
  readonly topK?: number | null;
  /** The most tokens of the answer, reasoning included. */
  readonly maxTokens?: number | null;
  readonly stop?: string | readonly string[] | null;
  readonly seed?: number | null;
  readonly frequencyPenalty?: number | null;
  readonly presencePenalty?: number | null;
  readonly toolChoice?: ToolChoice | null;
  readonly parallelToolCalls?: boolean | null;
  readonly thinking?: ThinkingOptions | null;
  readonly responseFormat?: ResponseFormat | null;
  /** Whether the response's metadata should hold the log probabilities of its tokens. */
  readonly logprobs?: boolean | null;
  /** How many alternatives to each token. */
  readonly topLogprobs?: number | null;
  readonly cacheControl?: CacheControl | null;
  /** Whether the provider should send the answer as it is made. The snapshots end the same either way. @default true */
  readonly stream?: boolean | null;
  /** A number is `totalMs`. */
  readonly timeout?: number | TimeoutOptions | null;
  /** A number is `maxRetries`; `false` is none. */
  readonly retry?: number | false | RetryOptions | null;
  readonly signal?: AbortSignal | null;
  /** Merged into the request body last, in the wire's own spelling. */
  readonly extraBody?: Readonly<Record<string, unknown>> | null;
  /** Sent last; they win over the credential's headers. */
  readonly extraHeaders?: Readonly<Record<string, string>> | null;
  readonly extraQuery?: Readonly<Record<string, string>> | null;
  readonly providerOptions?: ProviderOptions | null;
}

/** Options after the merge: nothing is `null`, and `doStream` may be given the reader's demand. */
export type ResolvedOptions = {
  readonly [Name in keyof GenerateOptions]?: Exclude<GenerateOptions[Name], null>;
} & {
  /** Present when the reader pulls: a source that can pause should follow it. */
  readonly flow?: FlowControl;
};

/** Options whose fields are merged one by one; the others are replaced whole, arrays too. */
const MERGED_BY_FIELD: ReadonlySet<string> = new Set<keyof GenerateOptions>([
  "thinking",
  "timeout",
  "retry",
  "extraBody",
  "extraHeaders",
  "extraQuery",
  "providerOptions",
]);

/** Merges options, the later layer winning: `undefined` inherits, `null` unsets, arrays replace. No layer is changed. */
export function mergeOptions(...layers: readonly (GenerateOptions | undefined)[]): ResolvedOptions {
  const merged: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(layerOptions(...layers))) {
    if (value !== null) merged[name] = MERGED_BY_FIELD.has(name) ? withoutNulls(value, name) : value;
  }
  return merged;
}

/** Joins layers to one layer: a `null` stays, because it unsets what a layer further down may have. No layer is changed. */
export function layerOptions(...layers: readonly (GenerateOptions | undefined)[]): GenerateOptions {
  const merged: Record<string, unknown> = {};
  for (const layer of layers) {
    if (layer === undefined) continue;
    for (const [name, value] of Object.entries(layer)) {
      if (value === undefined) continue;
      merged[name] = MERGED_BY_FIELD.has(name) ? mergeFields(merged[name], value, name) : value;
    }
  }
  return merged;
}

function mergeFields(under: unknown, over: unknown, name: string): unknown {
  if (!isPlainObject(over)) return over;
  const merged: Record<string, unknown> = isPlainObject(under) ? { ...under } : {};
  for (const [field, value] of Object.entries(over)) {
    if (value === undefined) continue;
    merged[field] = name === "providerOptions" ? mergeFields(merged[field], value, field) : value;
  }
  return merged;
}

function withoutNulls(value: unknown, name: string): unknown {
  // In a request's body null is a value like any other.
  if (!isPlainObject(value) || name === "extraBody") return value;
  const kept = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(
    kept.map(([field, each]) => [field, name === "providerOptions" ? withoutNulls(each, field) : each]),
  );
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
