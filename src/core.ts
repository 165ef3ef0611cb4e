/** Everything but the built-in providers: `ModelRegistry` is empty until something is registered. */
export {
  AbortedError,
  AuthenticationError,
  ConfigurationError,
  ContentFilterError,
  ContextLengthError,
  InvalidRequestError,
  ModelTimeoutError,
  modelError,
  NetworkError,
  NotFoundError,
  OverloadedError,
  ParseError,
  PermissionError,
  QuotaError,
  RateLimitError,
  ServerError,
  TruncatedError,
  UnsupportedError,
} from "./error/errors-by-kind.ts";
export {
  isRetryableKind,
  ModelError,
  type ModelErrorDetails,
  type ModelErrorKind,
  type PartialResponse,
  type RateLimit,
} from "./error/model-error.ts";
export type {
  ContentBlock,
  ContentBlockInput,
  DataBlock,
  DataSource,
  ProviderMetadata,
  TextBlock,
  ThinkingBlock,
  ToolResultBlock,
  ToolUseBlock,
} from "./message/content-block.ts";
export { audio, type DataInput, type DataOptions, file, image, video } from "./message/data-blocks.ts";
export { acceptsMediaType } from "./message/accepted-media.ts";
export {
  AssistantMessage,
  type ContentInput,
  type MessageInput,
  Msg,
  type MsgData,
  type MsgOptions,
  type Role,
  SystemMessage,
  text,
  ToolResultMessage,
  UserMessage,
} from "./message/msg.ts";
export { type HistoryRules, normalizeHistory } from "./message/normalize-history.ts";
export { adaptOffered } from "./tool/adapt-offered.ts";
export { adaptSchema } from "./tool/adapt-schema.ts";
export { type CheckedValue, checkValue } from "./tool/check-value.ts";
export type { SchemaWarning } from "./tool/join-schemas.ts";
export { type JsonIssue, jsonIssues } from "./tool/json-issues.ts";
export { jsonSchema } from "./tool/json-schema.ts";
export { type DialectRules, SCHEMA_DIALECTS, type SchemaDialect } from "./tool/schema-dialects.ts";
export { truncateHistory, type TruncatedHistory } from "./message/truncate-history.ts";
export { toJsonSchema, toToolSchemas } from "./tool/to-json-schema.ts";
export { type RunnableTool, type Tool, tool, type ToolArguments, type ToolRun } from "./tool/tool.ts";
export type {
  JsonSchema,
  SchemaInput,
  SchemaOutput,
  SchemaTaken,
  StandardIssue,
  StandardResult,
  StandardSchema,
  ToolChoice,
  ToolInput,
  ToolSchema,
  Zod3Result,
  Zod3Schema,
} from "./tool/tool-schema.ts";
export type { Endpoint, FailureAdvice, HeaderRecord } from "./transport/endpoint.ts";
export type { OllamaMessage, OllamaOptions } from "./wire/ollama.ts";
export type { AnthropicMessage, AnthropicOptions, AnthropicToolOptions } from "./wire/anthropic.ts";
export type { DashScopeMessage, DashScopeOptions } from "./wire/dashscope.ts";
export {
  GEMINI_SWITCHES,
  type GeminiBuiltinTool,
  type GeminiMessage,
  type GeminiOptions,
  type GeminiSwitches,
  VERTEX_SWITCHES,
} from "./wire/gemini.ts";
export {
  OPENAI_SWITCHES,
  type OpenAIChatOptions,
  type OpenAIChatSwitches,
  type OpenAICompatibleMessage,
  type ThinkingControl,
} from "./wire/openai-chat.ts";
export {
  type FormatContext,
  FormatterBase,
  type FormatterOptions,
  type FormatWarning,
  type HistoryCounter,
  type MediaResolver,
  type ResolvedMedia,
} from "./formatter/formatter-base.ts";
export {
  type ConversationForms,
  formatConversation,
  HISTORY_PROMPT,
} from "./formatter/conversation-history.ts";
export { fileResolver } from "./formatter/file-resolver.ts";
export { OllamaChatFormatter } from "./formatter/ollama-chat-formatter.ts";
export {
  OllamaMultiAgentFormatter,
  type OllamaMultiAgentOptions,
} from "./formatter/ollama-multi-agent-formatter.ts";
export { AnthropicChatFormatter } from "./formatter/anthropic-chat-formatter.ts";
export {
  AnthropicMultiAgentFormatter,
  type AnthropicMultiAgentOptions,
} from "./formatter/anthropic-multi-agent-formatter.ts";
export { GeminiChatFormatter, type GeminiFormatContext } from "./formatter/gemini-chat-formatter.ts";
export {
  GeminiMultiAgentFormatter,
  type GeminiMultiAgentOptions,
} from "./formatter/gemini-multi-agent-formatter.ts";
export {
  DashScopeChatFormatter,
  type DashScopeFormatterOptions,
} from "./formatter/dashscope-chat-formatter.ts";
export {
  DashScopeMultiAgentFormatter,
  type DashScopeMultiAgentOptions,
} from "./formatter/dashscope-multi-agent-formatter.ts";
export {
  OpenAIChatFormatter,
  type OpenAIFormatContext,
  type OpenAIFormatterOptions,
} from "./formatter/openai-chat-formatter.ts";
export {
  OpenAIMultiAgentFormatter,
  type OpenAIMultiAgentOptions,
} from "./formatter/openai-multi-agent-formatter.ts";
export { CharTokenCounter, type CharTokenCounterOptions } from "./token/char-token-counter.ts";
export {
  HuggingFaceTokenCounter,
  type HuggingFaceTokenCounterOptions,
} from "./token/hugging-face-token-counter.ts";
export { OpenAITokenCounter } from "./token/openai-token-counter.ts";
export { type CountContext, type TokenCount, TokenCounterBase } from "./token/token-counter-base.ts";
export type { TokenizerFiles } from "./token/tokenizer-files.ts";
export { accumulate, type ResponseDelta } from "./model/accumulate.ts";
export { AnswerStream } from "./model/answer-stream.ts";
export { AnthropicChatModel, type AnthropicChatModelInit } from "./model/anthropic-chat-model.ts";
export { AnthropicTokenCounter } from "./model/anthropic-token-counter.ts";
export { ChatModelBase, type ChatModelInit } from "./model/chat-model-base.ts";
export {
  type ChatChoice,
  ChatResponse,
  type ChatResponseData,
  type ChatResponseMetadata,
  type ChatUsage,
  type ChatWarning,
  type ContentDelta,
  type FinishReason,
} from "./model/chat-response.ts";
export { ContentBuilder, type BlockKey, type ToolCallDelta } from "./model/content-builder.ts";
export { DashScopeChatModel, type DashScopeChatModelInit } from "./model/dashscope-chat-model.ts";
export { EndpointTokenCounter } from "./model/endpoint-token-counter.ts";
export { FlowControl } from "./model/flow-control.ts";
export {
  type CacheControl,
  type GenerateOptions,
  mergeOptions,
  type ProviderOptions,
  type ReasoningEffort,
  type ResolvedOptions,
  type ResponseFormat,
  type RetryOptions,
  type ThinkingOptions,
  type TimeoutOptions,
} from "./model/generate-options.ts";
export { GeminiChatModel, type GeminiChatModelInit } from "./model/gemini-chat-model.ts";
export { GeminiTokenCounter } from "./model/gemini-token-counter.ts";
export type { EventReducer, StreamFraming } from "./model/http-answer.ts";
export {
  HttpChatModel,
  type HttpChatModelInit,
  type WireCall,
  type WireRequest,
} from "./model/http-chat-model.ts";
export type { CalledModel, ChatCall, ChatMiddleware } from "./model/middleware.ts";
export type { ModelCapabilities, ModelCard, ModelKind, ModelPricing } from "./model/model-card.ts";
export {
  type ChatModelOptions,
  type CreateOptions,
  type Explanation,
  type KnownModelId,
  type ModelFactory,
  type ModelPlugin,
  ModelRegistry,
} from "./model/model-registry.ts";
export { OllamaChatModel, type OllamaChatModelInit } from "./model/ollama-chat-model.ts";
export { OpenAIChatModel, type OpenAIChatModelInit } from "./model/openai-chat-model.ts";
export { latest, textDeltas, thinkingDeltas, toolCalls } from "./model/operators.ts";
export { PartialJson } from "./model/partial-json.ts";
export { type AccumulatorInit, ResponseAccumulator } from "./model/response-accumulator.ts";
export { getStructuredData } from "./model/structured/structured-data.ts";
export type {
  PartialValue,
  StructuredAttempt,
  StructuredMode,
  StructuredOptions,
  StructuredResult,
  StructuredSnapshot,
  StructuredStrategy,
} from "./model/structured/structured-output.ts";
export { sumUsage } from "./model/sum-usage.ts";
export { runTools, type RunToolsOptions, type ToolApproval } from "./tool-loop/run-tools.ts";
export type {
  ToolOutcome,
  ToolRound,
  ToolRunEnd,
  ToolRunEvent,
  ToolRunResult,
} from "./tool-loop/tool-run-events.ts";
export { truncate, type TruncateOptions } from "./middleware/truncate.ts";
export {
  CredentialBase,
  type CredentialClass,
  type KeyInput,
  type ListOptions,
  type SerializedCredential,
} from "./credential/credential-base.ts";
export { CredentialFactory } from "./credential/credential-factory.ts";
export { credentialPlugin } from "./credential/credential-plugin.ts";
