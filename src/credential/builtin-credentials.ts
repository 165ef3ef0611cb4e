import { AzureOpenAICredential } from "./azure.ts";
import { CerebrasCredential } from "./cerebras.ts";
import { CompatibleCredential } from "./compatible.ts";
import { AnthropicCredential } from "./anthropic.ts";
import type { CredentialClass } from "./credential-base.ts";
import { DashScopeCredential } from "./dashscope.ts";
import { DeepSeekCredential } from "./deepseek.ts";
import { FireworksCredential } from "./fireworks.ts";
import { GeminiCredential } from "./gemini.ts";
import { GroqCredential } from "./groq.ts";
import type { HttpCredential, HttpCredentialOptions, VendorFacts } from "./http-credential.ts";
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
