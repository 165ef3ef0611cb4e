/**
 * Ollama's own wire (`POST /api/chat`, one JSON object a line): what we write and what we read, in the wire's own spelling.
 * Checked against Ollama's API documentation and server, and the types of npm `ollama` 0.6.4, 2026-11.
 */

/** A call in an earlier turn: its arguments are an object, a string is refused. */
export interface OllamaToolCall {
  /** Older servers neither give nor read it. */
  id?: string;
  function: { name: string; arguments: Record<string, unknown> };
}

export interface OllamaSystemMessage {
  role: "system";
  content: string;
}

export interface OllamaUserMessage {
  role: "user";
  content: string;
  /** Bare base64, without a `data:` prefix; audio models take sound here too. */
  images?: string[];
}

export interface OllamaAssistantMessage {
  role: "assistant";
  content: string;
  thinking?: string;
  tool_calls?: OllamaToolCall[];
}

export interface OllamaToolMessage {
  role: "tool";
  content: string;
  /** All that older servers know of the call that is answered. */
  tool_name: string;
  tool_call_id: string;
}

/** A message as Ollama takes it: content is always a string. */
export type OllamaMessage =
  | OllamaSystemMessage
  | OllamaUserMessage
  | OllamaAssistantMessage
  | OllamaToolMessage;

export interface OllamaTool {
  type: "function";
  function: { name: string; description?: string; parameters: Record<string, unknown> };
}

/** How the model runs. What the server does not know is ignored by it, with a line in its log. */
export interface OllamaRuntimeOptions {
  num_keep?: number;
  seed?: number;
  num_predict?: number;
  top_k?: number;
  top_p?: number;
  min_p?: number;
  typical_p?: number;
  tfs_z?: number;
  repeat_last_n?: number;
  temperature?: number;
  repeat_penalty?: number;
  presence_penalty?: number;
  frequency_penalty?: number;
  mirostat?: number;
  mirostat_tau?: number;
  mirostat_eta?: number;
  penalize_newline?: boolean;
  stop?: string[];
  numa?: boolean;
  num_ctx?: number;
  num_batch?: number;
  num_gpu?: number;
  main_gpu?: number;
  use_mmap?: boolean;
  num_thread?: number;
}

/** Whether to think, or how much, for models that take a level. Which levels there are is the model's own matter. */
export type OllamaThink = boolean | "low" | "medium" | "high" | "max" | (string & {});

export interface OllamaChatRequest {
  model: string;
  messages: OllamaMessage[];
  /** The server's default is true. */
  stream?: boolean;
  think?: OllamaThink;
  format?: "json" | Record<string, unknown>;
  tools?: OllamaTool[];
  logprobs?: boolean;
  top_logprobs?: number;
  keep_alive?: string | number;
  truncate?: boolean;
  shift?: boolean;
  options?: OllamaRuntimeOptions;
}

/**
 * Options that only Ollama has, for `providerOptions.ollama`; each is the request field, or the runtime option, of the same
 * name. What a model is loaded with (`numCtx`, `numBatch`, `numGpu` ...) loads it anew when it changes.
 */
export interface OllamaOptions {
  /**
   * Size of the context window in tokens. A history that is longer loses its oldest messages in silence, see {@link truncate}.
   *
   * @default the server's (4096 on small machines), whatever the model could hold
   */
  numCtx?: number;
  /** As `maxTokens`, but -1 is no limit and -2 fills the context. */
  numPredict?: number;
  /** How long the model stays loaded: `"5m"`, seconds, 0 for not at all, -1 for ever. @default "5m" */
  keepAlive?: string | number;
  /** Sent as it stands, in place of what `thinking` says: for levels that the model's card does not know. */
  think?: OllamaThink;
  /** Whether a history that does not fit loses its oldest messages; false makes it an error. @default true */
  truncate?: boolean;
  /** Whether the oldest messages make room for an answer that grows out of the context. @default true */
  shift?: boolean;
  /** Tokens of the prompt that are kept when the context overflows. */
  numKeep?: number;
  minP?: number;
  typicalP?: number;
  tfsZ?: number;
  /** How far back repetitions are looked for, in tokens; 0 is off, -1 the whole context. */
  repeatLastN?: number;
  repeatPenalty?: number;
  penalizeNewline?: boolean;
  /** 0 is off, 1 Mirostat, 2 Mirostat 2.0; newer servers ignore it. */
  mirostat?: 0 | 1 | 2;
  mirostatTau?: number;
  mirostatEta?: number;
  numBatch?: number;
  /** How many layers go to the GPU. */
  numGpu?: number;
  mainGpu?: number;
  numThread?: number;
  numa?: boolean;
  useMmap?: boolean;
}

/*
 * What we read. Nothing is validated: every field may be missing or of another type, whatever the documentation says.
 */

export interface OllamaToolCallEvent {
  id?: unknown;
  function?: { name?: unknown; arguments?: unknown } | null;
}

export interface OllamaMessageEvent {
  content?: unknown;
  thinking?: unknown;
  tool_calls?: unknown;
}

/** One line of a stream, or a whole answer: they differ only in being complete. Durations are nanoseconds. */
export interface OllamaChatEvent {
  model?: unknown;
  message?: OllamaMessageEvent | null;
  logprobs?: unknown;
  /** True on the last line. */
  done?: unknown;
  done_reason?: unknown;
  total_duration?: unknown;
  load_duration?: unknown;
  /** Missing when the whole prompt came out of the cache. */
  prompt_eval_count?: unknown;
  prompt_eval_duration?: unknown;
  eval_count?: unknown;
  eval_duration?: unknown;
  /** Of models that run elsewhere. */
  remote_model?: unknown;
  remote_host?: unknown;
  /** A failure after the first line: a line of its own, under the good status of the stream. */
  error?: unknown;
}
