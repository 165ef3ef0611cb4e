/**
 * The OpenAI Chat Completions wire: what we write and what we read, in the wire's own spelling.
 * Checked against the types of npm `openai` 6.49 and OpenAI's API reference, 2026-11.
 */

import type { SchemaDialect } from "../tool/schema-dialects.ts";

/** A breakpoint of the prompt cache on a part of the content; it lives as long as the request's `prompt_cache_options` say. */
interface OpenAICacheBreakpoint {
  prompt_cache_breakpoint?: { mode: "explicit" };
}

export interface OpenAITextPart extends OpenAICacheBreakpoint {
  type: "text";
  text: string;
}

export type OpenAIContentPart =
  | OpenAITextPart
  | ((
      | { type: "image_url"; image_url: { url: string; detail?: "auto" | "low" | "high" } }
      | { type: "input_audio"; input_audio: { data: string; format: "wav" | "mp3" } }
      | { type: "file"; file: { file_id?: string; file_data?: string; filename?: string } }
    ) &
      OpenAICacheBreakpoint);

/** Parts that only some compatible servers take. */
export type OpenAICompatiblePart =
  | OpenAIContentPart
  | { type: "video_url"; video_url: { url: string } }
  | { type: "audio_url"; audio_url: { url: string } };

export interface OpenAIToolCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

export interface OpenAISystemMessage {
  role: "system" | "developer";
  content: string | OpenAITextPart[];
  name?: string;
}

export interface OpenAIUserMessage<Part = OpenAIContentPart> {
  role: "user";
  content: string | Part[];
  name?: string;
}

export interface OpenAIAssistantMessage {
  role: "assistant";
  content?: string | OpenAITextPart[] | null;
  refusal?: string | null;
  name?: string;
  tool_calls?: OpenAIToolCall[];
  /** An earlier spoken answer, by its id. */
  audio?: { id: string };
}

export interface OpenAIToolMessage {
  role: "tool";
  tool_call_id: string;
  content: string | OpenAITextPart[];
}

/** A message as OpenAI itself takes it. */
export type OpenAIMessage =
  | OpenAISystemMessage
  | OpenAIUserMessage
  | OpenAIAssistantMessage
  | OpenAIToolMessage;

/** What compatible servers take beside it: reasoning sent back in the field it came from. */
export interface OpenAICompatibleAssistantMessage extends Omit<OpenAIAssistantMessage, "content"> {
  content?: string | (OpenAITextPart | OpenAIThinkingPart)[] | null;
  reasoning_content?: string;
  reasoning?: string;
  reasoning_details?: unknown[];
  /** Marks the message as the beginning of the answer: Mistral and DeepSeek, Kimi. */
  prefix?: true;
  partial?: true;
}

/** Mistral's form of reasoning, in what it sends and in what goes back. */
export interface OpenAIThinkingPart {
  type: "thinking";
  thinking: OpenAITextPart[];
}

/** A message of the OpenAI chat wire, with what servers other than OpenAI have beside. */
export type OpenAICompatibleMessage =
  | OpenAIMessage
  | OpenAIUserMessage<OpenAICompatiblePart>
  | OpenAICompatibleAssistantMessage;

export interface OpenAIFunctionTool {
  type: "function";
  function: { name: string; description?: string; parameters?: Record<string, unknown>; strict?: boolean };
}

export type OpenAIToolChoice =
  | "none"
  | "auto"
  | "required"
  | { type: "function"; function: { name: string } }
  | {
      type: "allowed_tools";
      allowed_tools: { mode: "auto" | "required"; tools: { type: "function"; function: { name: string } }[] };
    };

export type OpenAIResponseFormat =
  | { type: "text" }
  | { type: "json_object" }
  | {
      type: "json_schema";
      json_schema: { name: string; description?: string; schema?: Record<string, unknown>; strict?: boolean };
    };

export interface OpenAIChatRequest {
  model: string;
  messages: OpenAIMessage[];
  stream?: boolean;
  stream_options?: { include_usage?: boolean; include_obfuscation?: boolean };
  temperature?: number;
  top_p?: number;
  max_completion_tokens?: number;
  max_tokens?: number;
  stop?: string | string[];
  seed?: number;
  frequency_penalty?: number;
  presence_penalty?: number;
  logit_bias?: Record<string, number>;
  logprobs?: boolean;
  top_logprobs?: number;
  n?: number;
  tools?: OpenAIFunctionTool[];
  tool_choice?: OpenAIToolChoice;
  parallel_tool_calls?: boolean;
  response_format?: OpenAIResponseFormat;
  reasoning_effort?: "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";
  verbosity?: "low" | "medium" | "high";
  modalities?: ("text" | "audio")[];
  audio?: { format: "wav" | "aac" | "mp3" | "flac" | "opus" | "pcm16"; voice: string | { id: string } };
  prediction?: { type: "content"; content: string | OpenAITextPart[] };
  metadata?: Record<string, string>;
  store?: boolean;
  service_tier?: "auto" | "default" | "flex" | "scale" | "priority";
  prompt_cache_key?: string;
  prompt_cache_options?: { mode?: "implicit" | "explicit"; ttl?: "30m" };
  prompt_cache_retention?: "in_memory" | "24h";
  moderation?: {
    model: string;
    policy?: { input?: { mode: "score" | "block" }; output?: { mode: "score" | "block" } };
  };
  safety_identifier?: string;
  user?: string;
  web_search_options?: Record<string, unknown>;
}

/** Options that only this wire has, for `providerOptions.openai`; each is the request field of the same name. */
export interface OpenAIChatOptions {
  /** How many answers to make; they come in `response.choices`. */
  n?: number;
  logitBias?: Record<string, number>;
  verbosity?: "low" | "medium" | "high";
  modalities?: ("text" | "audio")[];
  audio?: { format: "wav" | "aac" | "mp3" | "flac" | "opus" | "pcm16"; voice: string | { id: string } };
  /** Text the answer will mostly repeat. */
  prediction?: string;
  metadata?: Record<string, string>;
  store?: boolean;
  /** `fast` is not in the types of the SDK 6.49, which the request is held against. */
  serviceTier?: "auto" | "default" | "flex" | "scale" | "priority" | "fast";
  promptCacheKey?: string;
  promptCacheOptions?: { mode?: "implicit" | "explicit"; ttl?: "30m" };
  promptCacheRetention?: "in_memory" | "24h";
  moderation?: {
    model: string;
    policy?: { input?: { mode: "score" | "block" }; output?: { mode: "score" | "block" } };
  };
  safetyIdentifier?: string;
  user?: string;
  webSearchOptions?: Record<string, unknown>;
  /** Whether the stream pads its events against traffic analysis. @default the provider's default (on) */
  includeObfuscation?: boolean;
}

/** How a server is told how much to think: the request fields that `thinking` becomes. */
export type ThinkingControl =
  /** `reasoning_effort` (OpenAI, xAI, Groq, Mistral, Fireworks). */
  | "effort"
  /** `thinking: { type }`, or `reasoning_effort` for models that have levels (DeepSeek, Kimi). */
  | "thinking_type"
  /** `enable_thinking` and `thinking_budget` (DashScope). */
  | "enable_thinking"
  /** `reasoning: { effort, max_tokens, enabled }` (OpenRouter). */
  | "reasoning"
  /** `reasoning: { enabled }` and `reasoning_effort` (Together). */
  | "reasoning_switch"
  /** `chat_template_kwargs: { enable_thinking }`, `thinking_token_budget` and `reasoning_effort` (vLLM, llama.cpp). */
  | "chat_template";

/** What a compatible server does differently from OpenAI: one record a vendor, data and no code. */
export interface OpenAIChatSwitches {
  /** The field of `maxTokens`. */
  readonly maxTokensField: "max_completion_tokens" | "max_tokens";
  /** The field of `seed`. */
  readonly seedField: "seed" | "random_seed";
  /** The role of system messages; `card` asks the model's card. */
  readonly systemRole: "card" | "system" | "developer";
  /** Whether `stream_options: { include_usage: true }` is sent. */
  readonly streamOptions: boolean;
  readonly thinkingControl: ThinkingControl;
  /** The field that earlier reasoning goes back in; `thinking_part` is a part of the content; `none` leaves it out. */
  readonly reasoningField: "none" | "reasoning_content" | "reasoning" | "reasoning_details" | "thinking_part";
  /** Whether every earlier answer of a thinking model bears that field, be it empty, once one called a tool: some servers refuse gaps. */
  readonly reasoningFilled: boolean;
  /** Whether an earlier answer may be nothing but its reasoning; where it may not, it is left out with a warning. */
  readonly reasoningAlone: boolean;
  /** Whether messages carry the speaker's name. */
  readonly names: boolean;
  /** The content of an assistant message that only has tool calls. */
  readonly emptyContent: "null" | "empty" | "omit";
  /** The field that marks a last assistant message as the beginning of the answer. */
  readonly prefillField: "none" | "prefix" | "partial";
  /** Whether answers repeat that beginning; it is taken out. */
  readonly echoesPrefill: boolean;
  /** Which tool choices the server understands beside auto and none. */
  readonly toolChoice: readonly ("required" | "named" | "allowed")[];
  /** Its word for "must call a tool". */
  readonly requiredToolChoice: "required" | "any";
  /** Whether a tool call can be forced while the model thinks. */
  readonly forcedToolsWhileThinking: boolean;
  /** Whether the server holds a model to the schema of a tool that says `strict`. */
  readonly strictTools: boolean;
  /** How a JSON schema for the answer is sent, at most. */
  readonly structuredOutput: "json_schema" | "json_object" | "none";
  /** Whether an answer can be held to a schema in a call that offers tools. */
  readonly schemaBesideTools: boolean;
  /** Whether a model that was asked for JSON may call its tools once more beside the finished answer: then the answer counts. */
  readonly callsBesideJson: boolean;
  /** What the server takes for a JSON Schema, of a tool and of an answer. */
  readonly schemaDialect: SchemaDialect;
  /** What a tool-call id must look like. Ids of other providers are fitted to it. */
  readonly toolCallId: { readonly pattern: RegExp; readonly maxLength: number };
  /** Whether http(s) image URLs are fetched by the server. */
  readonly imageUrls: boolean;
  /** Sounds as bare base64, or as `data:` URLs and addresses in its place, or as addresses in a part of their own. */
  readonly audios: "base64" | "urls" | "audio_url";
  /** Videos as `video_url`: not at all, as bytes only, or as URLs too. */
  readonly videos: "none" | "bytes" | "urls";
  /** Whether files are sent as bytes; otherwise only by the id of an uploaded one. */
  readonly fileBytes: boolean;
  /**
   * What can be named by the id of an upload: `documents` alone, any `file` (as a file part), or documents so and images and
   * videos by a URL with the scheme `ms:`; `none` where nothing is uploaded.
   */
  readonly mediaFileIds: "documents" | "file" | "ms:" | "none";
  /** Whether content that is a single text is sent as a plain string: some servers refuse lists. */
  readonly plainText: boolean;
  /** Whether `<think>` tags in the text are the model's reasoning. */
  readonly thinkTags: boolean;
  /** The field that marks a part of the content as a breakpoint of the prompt cache. */
  readonly cacheMarkers: "none" | "cache_control" | "prompt_cache_breakpoint";
  /** Request fields that only this server has, by their names in `providerOptions`. */
  readonly fields: Readonly<Record<string, string>>;
}

/** The request fields of OpenAI's own that have no portable option, by their names in `providerOptions.openai`. */
const OPENAI_FIELDS: Readonly<Record<Exclude<keyof OpenAIChatOptions, "includeObfuscation">, string>> = {
  n: "n",
  logitBias: "logit_bias",
  verbosity: "verbosity",
  modalities: "modalities",
  audio: "audio",
  prediction: "prediction",
  metadata: "metadata",
  store: "store",
  serviceTier: "service_tier",
  promptCacheKey: "prompt_cache_key",
  promptCacheOptions: "prompt_cache_options",
  promptCacheRetention: "prompt_cache_retention",
  moderation: "moderation",
  safetyIdentifier: "safety_identifier",
  user: "user",
  webSearchOptions: "web_search_options",
};

/** OpenAI's own, but for the cache markers, which its newer models alone take. */
export const OPENAI_SWITCHES: OpenAIChatSwitches = {
  maxTokensField: "max_completion_tokens",
  seedField: "seed",
  systemRole: "card",
  streamOptions: true,
  thinkingControl: "effort",
  reasoningField: "none",
  reasoningFilled: false,
  reasoningAlone: true,
  names: true,
  emptyContent: "null",
  prefillField: "none",
  echoesPrefill: false,
  toolChoice: ["required", "named", "allowed"],
  requiredToolChoice: "required",
  forcedToolsWhileThinking: true,
  strictTools: true,
  structuredOutput: "json_schema",
  schemaBesideTools: true,
  callsBesideJson: false,
  schemaDialect: "openai",
  toolCallId: { pattern: /^[a-zA-Z0-9_-]+$/, maxLength: 40 },
  imageUrls: true,
  audios: "base64",
  videos: "none",
  fileBytes: true,
  mediaFileIds: "documents",
  plainText: true,
  thinkTags: false,
  cacheMarkers: "none",
  fields: OPENAI_FIELDS,
};

/*
 * What we read. Every field may be missing or null whatever the documentation says: compatible servers leave out, rename
 * and repeat. Nothing here is validated; a reader looks at what it needs.
 */

export interface OpenAIToolCallDelta {
  index?: number | null;
  id?: string | null;
  function?: { name?: string | null; arguments?: unknown } | null;
  /** Gemini's compatible endpoint puts the thought signature here. */
  extra_content?: Record<string, unknown> | null;
}

/** The delta of a stream, or the message of a whole answer: they differ only in being complete. */
export interface OpenAIDelta {
  content?: unknown;
  refusal?: string | null;
  reasoning_content?: string | null;
  reasoning?: string | null;
  reasoning_text?: string | null;
  reasoning_details?: unknown[] | null;
  tool_calls?: (OpenAIToolCallDelta | null)[] | null;
  audio?: {
    id?: string | null;
    data?: string | null;
    transcript?: string | null;
    expires_at?: number | null;
  } | null;
  annotations?: unknown[] | null;
  images?: unknown[] | null;
  /** How a call was written before there could be several. */
  function_call?: OpenAIToolCallDelta["function"];
}

export interface OpenAIChoice {
  index?: number | null;
  delta?: OpenAIDelta | null;
  message?: OpenAIDelta | null;
  finish_reason?: string | null;
  logprobs?: {
    content?: unknown[] | null;
    refusal?: unknown[] | null;
    /** DeepSeek's, of the reasoning. */
    reasoning_content?: unknown[] | null;
  } | null;
  usage?: OpenAIUsage | null;
  error?: unknown;
  /** OpenRouter's: the finish reason as the provider behind it gave it. */
  native_finish_reason?: string | null;
  /** vLLM's: the stop text, or the id of the stop token, that ended the answer. */
  stop_reason?: string | number | null;
  /** Azure's judgement of the text since its last one; an event may bear nothing else. */
  content_filter_results?: Record<string, unknown> | null;
}

export interface OpenAIUsage {
  prompt_tokens?: number | null;
  completion_tokens?: number | null;
  total_tokens?: number | null;
  prompt_tokens_details?: {
    cached_tokens?: number | null;
    cache_write_tokens?: number | null;
    cache_creation_input_tokens?: number | null;
  } | null;
  /** Mistral's spelling. */
  prompt_token_details?: { cached_tokens?: number | null } | null;
  completion_tokens_details?: { reasoning_tokens?: number | null } | null;
  cached_tokens?: number | null;
  prompt_cache_hit_tokens?: number | null;
  num_cached_tokens?: number | null;
  cost?: number | null;
  /** xAI's: ten thousand millions of them are a dollar. */
  cost_in_usd_ticks?: number | null;
}

/** One event of a stream, or a whole answer. */
export interface OpenAIChatEvent {
  id?: string | null;
  model?: string | null;
  choices?: (OpenAIChoice | null)[] | null;
  usage?: OpenAIUsage | null;
  error?: unknown;
  service_tier?: string | null;
  system_fingerprint?: string | null;
  citations?: unknown[] | null;
  /** Perplexity's: what it found, with titles and dates, beside or in place of the addresses alone. */
  search_results?: unknown[] | null;
  /** What OpenAI's moderation said, where it was asked for. */
  moderation?: Record<string, unknown> | null;
  /** OpenRouter's: the provider behind it that answers. */
  provider?: string | null;
  /** llama.cpp's: how long reading and writing took. */
  timings?: Record<string, unknown> | null;
  /** llama.cpp's: how much of the prompt is read. */
  prompt_progress?: Record<string, unknown> | null;
  /** MiniMax tells errors here, with status 200. */
  base_resp?: { status_code?: number | null; status_msg?: string | null } | null;
  /** Azure's judgement of the prompt. */
  prompt_filter_results?: unknown[] | null;
  x_groq?: { usage?: OpenAIUsage | null; error?: unknown } | null;
}

/** The data of the event that ends a stream. */
export const OPENAI_END_MARK = "[DONE]";
