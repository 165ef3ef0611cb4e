/**
 * The Anthropic Messages wire: what we write and what we read, in the wire's own spelling.
 * Checked against the types of npm `@anthropic-ai/sdk` 1.11 and Anthropic's API reference, 2026-11.
 */

/**
 * The version of the API that is asked for. Of the two that are served it is the one that still takes sampling options
 * (Anthropic's versioning page, 2026-11).
 */
export const ANTHROPIC_VERSION = "2023-06-01";

/** A breakpoint of the prompt cache. */
export interface AnthropicCacheControl {
  type: "ephemeral";
  ttl?: "5m" | "1h";
}

/** What a block may carry that is no thinking. */
interface Cacheable {
  cache_control?: AnthropicCacheControl;
}

export interface AnthropicTextBlock extends Cacheable {
  type: "text";
  text: string;
}

export interface AnthropicImageBlock extends Cacheable {
  type: "image";
  source:
    | { type: "base64"; media_type: "image/jpeg" | "image/png" | "image/gif" | "image/webp"; data: string }
    | { type: "url"; url: string }
    | { type: "file"; file_id: string };
  /** What becomes of a picture that is too large: it is made smaller, or refused. */
  transformations?: { oversized_image?: "downsize" | "error" };
}

export interface AnthropicDocumentBlock extends Cacheable {
  type: "document";
  source:
    | { type: "base64"; media_type: "application/pdf"; data: string }
    | { type: "text"; media_type: "text/plain"; data: string }
    | { type: "url"; url: string }
    | { type: "file"; file_id: string };
  title?: string;
  context?: string;
  citations?: { enabled: boolean };
}

export interface AnthropicToolResultBlock extends Cacheable {
  type: "tool_result";
  tool_use_id: string;
  content: string | AnthropicResultBlock[];
  is_error?: boolean;
  /** As the call has it: without it the result of a toolset's call is refused. */
  toolset_name?: string;
}

export type AnthropicResultBlock = AnthropicTextBlock | AnthropicImageBlock | AnthropicDocumentBlock;

export interface AnthropicToolUseBlock extends Cacheable {
  type: "tool_use";
  id: string;
  name: string;
  input: Record<string, unknown>;
  /** The provider's toolset (its browser, its computer) that the call is of. */
  toolset_name?: string;
}

export interface AnthropicThinkingBlock {
  type: "thinking";
  thinking: string;
  signature: string;
}

export interface AnthropicRedactedThinkingBlock {
  type: "redacted_thinking";
  data: string;
}

export type AnthropicUserBlock =
  | AnthropicTextBlock
  | AnthropicImageBlock
  | AnthropicDocumentBlock
  | AnthropicToolResultBlock;

/** Blocks that callers write in the wire's own spelling, and those of the provider's own tools, have no types here. */
export type AnthropicAssistantBlock =
  | AnthropicTextBlock
  | AnthropicThinkingBlock
  | AnthropicRedactedThinkingBlock
  | AnthropicToolUseBlock;

/** Instructions: the model takes them out of the list and sends them as `system`. */
export interface AnthropicSystemMessage {
  role: "system";
  content: AnthropicTextBlock[];
}

export interface AnthropicUserMessage {
  role: "user";
  content: AnthropicUserBlock[];
}

export interface AnthropicAssistantMessage {
  role: "assistant";
  content: AnthropicAssistantBlock[];
}

export type AnthropicTurn = AnthropicUserMessage | AnthropicAssistantMessage;

/** A message of the Anthropic Messages wire; instructions are lifted out of the list when it is sent. */
export type AnthropicMessage = AnthropicSystemMessage | AnthropicTurn;

export interface AnthropicTool extends Cacheable {
  name: string;
  description?: string;
  input_schema: { type: "object"; [keyword: string]: unknown };
  strict?: boolean;
  eager_input_streaming?: boolean;
  defer_loading?: boolean;
  allowed_callers?: AnthropicToolCaller[];
  input_examples?: Record<string, unknown>[];
}

/** Who may call a tool: the model itself, or a program that it runs in the provider's code execution. */
export type AnthropicToolCaller =
  | "direct"
  | "code_execution_20250825"
  | "code_execution_20260120"
  | "code_execution_20260521";

export type AnthropicToolChoice =
  | { type: "auto"; disable_parallel_tool_use?: boolean }
  | { type: "any"; disable_parallel_tool_use?: boolean }
  | { type: "tool"; name: string; disable_parallel_tool_use?: boolean }
  | { type: "none" };

export type AnthropicThinking =
  | { type: "adaptive"; display?: "summarized" | "omitted" }
  | { type: "enabled"; budget_tokens: number; display?: "summarized" | "omitted" }
  | { type: "between_tools" }
  | { type: "disabled" };

export type AnthropicEffort = "low" | "medium" | "high" | "xhigh" | "max";

export interface AnthropicOutputConfig {
  effort?: AnthropicEffort;
  format?: { type: "json_schema"; schema: Record<string, unknown> };
}

export interface AnthropicRequest {
  model: string;
  max_tokens: number;
  messages: AnthropicTurn[];
  system?: AnthropicTextBlock[];
  stream?: boolean;
  /** Sampling options: refused by models after Claude Opus 4.6, and gone from the version after ours. */
  temperature?: number;
  top_p?: number;
  top_k?: number;
  stop_sequences?: string[];
  tools?: AnthropicTool[];
  tool_choice?: AnthropicToolChoice;
  thinking?: AnthropicThinking;
  output_config?: AnthropicOutputConfig;
  cache_control?: AnthropicCacheControl;
  metadata?: { user_id?: string };
  service_tier?: "auto" | "standard_only";
  speed?: "standard" | "fast";
  inference_geo?: string;
  container?: string | { id?: string; skills?: AnthropicSkill[] };
  diagnostics?: { previous_message_id: string | null };
  user_profile_id?: string;
  workspace_id?: string;
}

export interface AnthropicSkill {
  skill_id: string;
  type: "anthropic" | "custom";
  version?: string;
}

/** What only this wire can say of a tool. */
export interface AnthropicToolOptions {
  /** Whether the model learns of the tool only when it finds it by the provider's tool search. @default false */
  deferLoading?: boolean;
  /** @default ["direct"] */
  allowedCallers?: AnthropicToolCaller[];
  /** Arguments as they should be. */
  inputExamples?: Record<string, unknown>[];
  /** Whether its arguments come as they are made, unchecked. @default as for all tools */
  eagerInputStreaming?: boolean;
}

/** Options that only this wire has, for `providerOptions.anthropic`. */
export interface AnthropicOptions {
  /** Beta features by name; they are joined in the `anthropic-beta` header. */
  betas?: readonly string[];
  /** The provider's own tools, in the wire's spelling, for example `{ type: "web_search_20250305", name: "web_search" }`. */
  serverTools?: readonly Readonly<Record<string, unknown>>[];
  /** What only this wire can say of the tools of a call, by their names. */
  toolOptions?: Readonly<Record<string, AnthropicToolOptions>>;
  /** Whether thinking comes as a summary or only as its signature. @default the model's default */
  thinkingDisplay?: "summarized" | "omitted";
  /** One cache breakpoint that the provider moves to the last block itself. */
  cacheControl?: { readonly ttl?: "5m" | "1h" };
  /** Whether tool arguments come as they are made, unchecked. @default false */
  eagerInputStreaming?: boolean;
  /** Who asks, for the provider's abuse detection: no name, no address. */
  userId?: string;
  serviceTier?: "auto" | "standard_only";
  speed?: "standard" | "fast";
  inferenceGeo?: string;
  container?: string | { id?: string; skills?: AnthropicSkill[] };
  diagnostics?: { previous_message_id: string | null };
  userProfileId?: string;
  workspaceId?: string;
  /** Beta: edits of the history that the provider makes. */
  contextManagement?: Readonly<Record<string, unknown>>;
  /** Beta: MCP servers that the provider calls. */
  mcpServers?: readonly Readonly<Record<string, unknown>>[];
  /** Beta: makes this call a summary of the history. */
  compaction?: Readonly<Record<string, unknown>>;
  /** Beta: models that the provider asks when this one refuses. */
  fallbacks?: unknown;
}

/*
 * What we read. Every field may be missing or null whatever the documentation says. Nothing here is validated; a reader
 * looks at what it needs.
 */

export interface AnthropicUsage {
  input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  output_tokens?: number | null;
  output_tokens_details?: { thinking_tokens?: number | null } | null;
  service_tier?: string | null;
  /** The single passes of an answer that was compacted or advised on its way. */
  iterations?: (AnthropicPass | null)[] | null;
}

/** What one pass over the model cost. */
export interface AnthropicPass {
  type?: string | null;
  input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  output_tokens?: number | null;
}

/** A block of an answer: whole, or as it begins. */
export interface AnthropicContentBlock {
  type?: string | null;
  text?: string | null;
  thinking?: string | null;
  signature?: string | null;
  id?: string | null;
  name?: string | null;
  input?: unknown;
  citations?: unknown[] | null;
  /** The model that goes on with the answer, where the one that was asked refused. */
  to?: { model?: unknown } | null;
  /** Who called the tool, where it was not the model itself. */
  caller?: { type?: string | null } | null;
  toolset_name?: string | null;
}

/** What a `content_block_delta` or a `message_delta` adds. */
export interface AnthropicDelta {
  type?: string | null;
  text?: string | null;
  thinking?: string | null;
  signature?: string | null;
  partial_json?: string | null;
  citation?: unknown;
  stop_reason?: string | null;
  stop_sequence?: string | null;
  stop_details?: unknown;
  container?: unknown;
}

/** A whole answer, or the empty one that a stream begins with. */
export interface AnthropicAnswer {
  type?: string | null;
  id?: string | null;
  model?: string | null;
  content?: (AnthropicContentBlock | null)[] | null;
  stop_reason?: string | null;
  stop_sequence?: string | null;
  stop_details?: unknown;
  container?: unknown;
  /** Why the prompt cache was missed, where the request asked for it. */
  diagnostics?: unknown;
  /** Beta: the edits that were made of the history, and what of it was left out. */
  context_management?: unknown;
  input_transformations?: unknown;
  usage?: AnthropicUsage | null;
  error?: unknown;
}

/** One event of a stream. */
export interface AnthropicEvent {
  type?: string | null;
  index?: number | null;
  message?: AnthropicAnswer | null;
  content_block?: AnthropicContentBlock | null;
  delta?: AnthropicDelta | null;
  context_management?: unknown;
  input_transformations?: unknown;
  usage?: AnthropicUsage | null;
  error?: unknown;
}

/** One entry of the list of models. */
export interface AnthropicModelInfo {
  id?: string | null;
  display_name?: string | null;
  lifecycle?: string | null;
  max_input_tokens?: number | null;
  max_tokens?: number | null;
  capabilities?: {
    structured_outputs?: AnthropicSupport | null;
    image_input?: AnthropicSupport | null;
    pdf_input?: AnthropicSupport | null;
    effort?: { readonly [Level in AnthropicEffort]?: AnthropicSupport | null } | null;
    thinking?: {
      supported?: boolean | null;
      types?: { readonly [Type in AnthropicThinking["type"]]?: AnthropicSupport | null } | null;
    } | null;
  } | null;
}

export interface AnthropicSupport {
  supported?: boolean | null;
}
