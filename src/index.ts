/** rxscope with its built-in providers. */
import "./builtin.ts";

export * from "./core.ts";
export { AzureOpenAICredential, type AzureOpenAICredentialOptions } from "./credential/azure.ts";
export { AnthropicCredential, type AnthropicCredentialOptions } from "./credential/anthropic.ts";
export { builtinCredentials } from "./credential/builtin-credentials.ts";
export { CerebrasCredential } from "./credential/cerebras.ts";
export { CompatibleCredential } from "./credential/compatible.ts";
export {
  DashScopeCredential,
  type DashScopeCredentialOptions,
  type DashScopeMode,
  type DashScopeRegion,
} from "./credential/dashscope.ts";
export {
  DeepSeekChatFormatter,
  DeepSeekChatModel,
  DeepSeekCredential,
  DeepSeekMultiAgentFormatter,
} from "./credential/deepseek.ts";
export { FireworksCredential } from "./credential/fireworks.ts";
export { GroqCredential } from "./credential/groq.ts";
export { GeminiCredential, type GeminiCredentialOptions, type VertexOptions } from "./credential/gemini.ts";
export {
  HttpCredential,
  type HttpCredentialOptions,
  type ListedModel,
  type ModelListPage,
  type VendorFacts,
} from "./credential/http-credential.ts";
export { OllamaCredential } from "./credential/ollama.ts";
export {
  KimiChatFormatter,
  KimiChatModel,
  KimiCredential,
  type KimiCredentialOptions,
  KimiMultiAgentFormatter,
} from "./credential/kimi.ts";
export { LlamaCppCredential } from "./credential/llama-cpp.ts";
export { LMStudioCredential } from "./credential/lm-studio.ts";
export { MistralCredential } from "./credential/mistral.ts";
export {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./credential/openai-compatible-credential.ts";
export { OpenAICredential, type OpenAICredentialOptions } from "./credential/openai.ts";
export { OpenRouterCredential, type OpenRouterCredentialOptions } from "./credential/openrouter.ts";
export { TogetherCredential } from "./credential/together.ts";
export { VLLMCredential } from "./credential/vllm.ts";
export { XAIChatFormatter, XAIChatModel, XAICredential, XAIMultiAgentFormatter } from "./credential/xai.ts";
