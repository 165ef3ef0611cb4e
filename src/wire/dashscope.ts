/**
 * DashScope's own wire (Alibaba Cloud Model Studio): what we write and what we read, in the wire's own spelling.
 * Checked against Alibaba's API reference and its Python and Java SDKs, 2026-11.
 */
import type { OpenAIFunctionTool, OpenAIResponseFormat, OpenAIToolCall } from "./openai-chat.ts";

/** How a picture or a video is sampled; each field only for the kind of media that it makes sense for. */
export interface DashScopeSampling {
  min_pixels?: number;
  max_pixels?: number;
  total_pixels?: number;
  /** Pictures taken from a second of video. */
  fps?: number;
  max_frames?: number;
}

/** A part tells its kind by the name of its field. Media are addresses (http, oss) or `data:` URLs. */
export type DashScopePart = (
  | { text: string }
  | ({ image: string } & DashScopeSampling)
  | ({ video: string } & DashScopeSampling)
  | { audio: string }
) & {
  /** A breakpoint of the prompt cache; at most four of a request. */
  cache_control?: { type: "ephemeral"; ttl?: "5m" | "1h" };
};

/** A text for the text endpoint, a list of parts for the multimodal one. */
export type DashScopeContent = string | DashScopePart[];

export interface DashScopeTalkMessage {
  role: "system" | "user";
  content: DashScopeContent;
}

export interface DashScopeAssistantMessage {
  role: "assistant";
  /** Never null: `""` or an empty list beside tool calls. */
  content: DashScopeContent;
  reasoning_content?: string;
  tool_calls?: OpenAIToolCall[];
  /** Marks a last message as the beginning of the answer. */
  partial?: true;
}

export interface DashScopeToolMessage {
  role: "tool";
  tool_call_id: string;
  name: string;
  content: DashScopeContent;
}

/** A message of DashScope's own wire. */
export type DashScopeMessage = DashScopeTalkMessage | DashScopeAssistantMessage | DashScopeToolMessage;

export type DashScopeToolChoice = "auto" | "none" | { type: "function"; function: { name: string } };

export interface DashScopeSearchOptions {
  /** Whether a search is made in any case, instead of where the model finds it useful. */
  forced_search?: boolean;
  /** `turbo`, `max`, `agent`, ...; which there are depends on the model. */
  search_strategy?: string;
  /** Whether the results come back. */
  enable_source?: boolean;
  enable_citation?: boolean;
  citation_format?: string;
  prepend_search_result?: boolean;
  [option: string]: unknown;
}

export interface DashScopeParameters {
  /** Anything but `message` cannot carry tools. */
  result_format: "message";
  /** False: every event repeats all of the text so far. */
  incremental_output?: boolean;
  temperature?: number;
  top_p?: number;
  top_k?: number;
  max_tokens?: number;
  stop?: string | string[];
  seed?: number;
  presence_penalty?: number;
  repetition_penalty?: number;
  logprobs?: boolean;
  top_logprobs?: number;
  n?: number;
  tools?: OpenAIFunctionTool[];
  tool_choice?: DashScopeToolChoice;
  parallel_tool_calls?: boolean;
  response_format?: OpenAIResponseFormat;
  enable_thinking?: boolean;
  thinking_budget?: number;
  preserve_thinking?: boolean;
  enable_search?: boolean;
  search_options?: DashScopeSearchOptions;
  enable_code_interpreter?: boolean;
  vl_high_resolution_images?: boolean;
  ocr_options?: Record<string, unknown>;
  asr_options?: Record<string, unknown>;
  max_input_tokens?: number;
}

export interface DashScopeRequest {
  model: string;
  input: { messages: DashScopeMessage[] };
  parameters: DashScopeParameters;
}

/** Options that only DashScope has, for `providerOptions.dashscope`, in both of its modes. */
export interface DashScopeOptions {
  /** Whether the model may search the web. */
  enableSearch?: boolean;
  /** How it searches, in the wire's own spelling. */
  searchOptions?: DashScopeSearchOptions;
  enableCodeInterpreter?: boolean;
  /** Above 1 repeats less. It takes the place of `frequencyPenalty`, which DashScope does not have. */
  repetitionPenalty?: number;
  /** Whether the reasoning of earlier turns is read by the model too. */
  preserveThinking?: boolean;
  /** Whether pictures are looked at in up to 16,384 instead of 1,280 tokens. */
  vlHighResolutionImages?: boolean;
  /** How many answers to make; they come in `response.choices`. */
  n?: number;
  ocrOptions?: Record<string, unknown>;
  asrOptions?: Record<string, unknown>;
  /** The most tokens of the prompt that are read. */
  maxInputTokens?: number;
  /** Compatible mode, omni models. */
  modalities?: ("text" | "audio")[];
  /** Compatible mode, omni models. */
  audio?: { format: "wav"; voice: string };
  /** Compatible mode: the most tokens of reasoning and answer together; `maxTokens` is for the answer alone. */
  maxCompletionTokens?: number;
  /** Native mode: false for a server that can only repeat all of the text in every event. @default true */
  incrementalOutput?: boolean;
}

/** The options that both modes have, by the request field that each of them is. */
const FIELDS = {
  enableSearch: "enable_search",
  searchOptions: "search_options",
  enableCodeInterpreter: "enable_code_interpreter",
  repetitionPenalty: "repetition_penalty",
  preserveThinking: "preserve_thinking",
  vlHighResolutionImages: "vl_high_resolution_images",
  n: "n",
  ocrOptions: "ocr_options",
  asrOptions: "asr_options",
  maxInputTokens: "max_input_tokens",
} as const satisfies Partial<Record<keyof DashScopeOptions, keyof DashScopeParameters>>;

/** {@link DashScopeOptions} of the native mode, by their parameter. */
export const DASHSCOPE_NATIVE_FIELDS: Readonly<Record<string, string>> = {
  ...FIELDS,
  incrementalOutput: "incremental_output",
};

/** {@link DashScopeOptions} of the compatible mode, by their field. */
export const DASHSCOPE_COMPATIBLE_FIELDS: Readonly<Record<string, string>> = {
  ...FIELDS,
  modalities: "modalities",
  audio: "audio",
  maxCompletionTokens: "max_completion_tokens",
};

/** Where the native API generates, by the form of the messages: texts, or lists of parts. */
export const DASHSCOPE_PATHS = {
  text: "/services/aigc/text-generation/generation",
  multimodal: "/services/aigc/multimodal-generation/generation",
} as const;

/** Tool-call ids as DashScope itself makes them; it documents no limit. */
export const DASHSCOPE_TOOL_CALL_ID: { readonly pattern: RegExp; readonly maxLength: number } = {
  pattern: /^[a-zA-Z0-9_-]+$/,
  maxLength: 64,
};

/*
 * What we read. Every field may be missing, null or of another type; a reader looks at what it needs.
 */

export interface DashScopeToolCallDelta {
  index?: number | null;
  /** Empty in all pieces but the first. */
  id?: string | null;
  function?: { name?: string | null; arguments?: unknown } | null;
}

/** A part tells its kind by the name of its field; media are addresses or `data:` URLs. */
export interface DashScopeAnswerPart {
  text?: unknown;
  image?: unknown;
  audio?: unknown;
  video?: unknown;
  ocr_result?: unknown;
}

/** What an event adds (or, with cumulative output, all so far), and the message of a whole answer. */
export interface DashScopeDelta {
  /** Parts on the multimodal endpoint. */
  content?: string | (DashScopeAnswerPart | null)[] | null;
  reasoning_content?: string | null;
  tool_calls?: (DashScopeToolCallDelta | null)[] | null;
  annotations?: unknown[] | null;
}

export interface DashScopeChoice {
  index?: number | null;
  message?: DashScopeDelta | null;
  /** `"null"`, a text, while the answer goes on. */
  finish_reason?: string | null;
  logprobs?: { content?: unknown[] | null } | null;
}

export interface DashScopeUsage {
  input_tokens?: number | null;
  output_tokens?: number | null;
  total_tokens?: number | null;
  prompt_tokens_details?: {
    cached_tokens?: number | null;
    cache_creation_input_tokens?: number | null;
  } | null;
  output_tokens_details?: { reasoning_tokens?: number | null } | null;
}

/** One event of a stream, or a whole answer. */
export interface DashScopeEvent {
  output?: {
    choices?: (DashScopeChoice | null)[] | null;
    /** In place of choices, where the answer is in the form `text`. */
    text?: string | null;
    finish_reason?: string | null;
    audio?: { data?: string | null; url?: string | null } | null;
    search_info?: { search_results?: unknown[] | null } | null;
  } | null;
  usage?: DashScopeUsage | null;
  request_id?: string | null;
  /** Not empty in an error. */
  code?: string | null;
  message?: string | null;
}
