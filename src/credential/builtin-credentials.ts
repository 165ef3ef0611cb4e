import type { CredentialClass } from "./credential-base.ts";
import type { HttpCredential, HttpCredentialOptions, VendorFacts } from "./http-credential.ts";
import { AnthropicCredential } from "./anthropic.ts";
import { AzureOpenAICredential } from "./azure.ts";
import { CerebrasCredential } from "./cerebras.ts";
import { CompatibleCredential } from "./compatible.ts";
import { DashScopeCredential } from "./dashscope.ts";
import { DeepSeekCredential } from "./deepseek.ts";
import { FireworksCredential } from "./fireworks.ts";
import { GeminiCredential } from "./gemini.ts";
import { GroqCredential } from "./groq.ts";
import { KimiCredential } from "./kimi.ts";
import { LlamaCppCredential } from "./llama-cpp.ts";
import { LMStudioCredential } from "./lm-studio.ts";
import { MistralCredential } from "./mistral.ts";
import { OllamaCredential } from "./ollama.ts";
import { OpenAICredential } from "./openai.ts";
import { OpenRouterCredential } from "./openrouter.ts";
import { TogetherCredential } from "./together.ts";
import { VLLMCredential } from "./vllm.ts";
import { XAICredential } from "./xai.ts";

export * from "./anthropic.ts";
export * from "./azure.ts";
export * from "./cerebras.ts";
export * from "./compatible.ts";
export * from "./dashscope.ts";
export * from "./deepseek.ts";
export * from "./fireworks.ts";
export * from "./gemini.ts";
export * from "./groq.ts";
export * from "./kimi.ts";
export * from "./llama-cpp.ts";
export * from "./lm-studio.ts";
export * from "./mistral.ts";
export * from "./ollama.ts";
export * from "./openai.ts";
export * from "./openrouter.ts";
export * from "./together.ts";
export * from "./vllm.ts";
export * from "./xai.ts";

/** A built-in class of credentials: its facts are known without an instance. */
export interface BuiltinCredentialClass extends Omit<CredentialClass, "new"> {
  new (options?: HttpCredentialOptions): HttpCredential;
  readonly facts: VendorFacts;
}

/** Every provider that comes with the library. Registry, factory, CLI, tests and docs go by this list. */
export const builtinCredentials: readonly BuiltinCredentialClass[] = [
  OpenAICredential,
  AnthropicCredential,
  GeminiCredential,
  AzureOpenAICredential,
  DeepSeekCredential,
  KimiCredential,
  DashScopeCredential,
  XAICredential,
  OpenRouterCredential,
  GroqCredential,
  MistralCredential,
  TogetherCredential,
  FireworksCredential,
  CerebrasCredential,
  OllamaCredential,
  VLLMCredential,
  LlamaCppCredential,
  LMStudioCredential,
  CompatibleCredential,
];
