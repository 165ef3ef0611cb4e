import { compatibleParameters, stopTexts } from "./catalog/provider-parameters.ts";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./openai-compatible-credential.ts";

/** The README of llama.cpp's server, checked 2026-11. */
const LLAMA_CPP: OpenAICompatibleVendor = {
  provider: "llamacpp",
  type: "llamacpp_credential",
  displayName: "llama.cpp",
  baseUrl: "http://127.0.0.1:8080/v1",
  keyVariables: ["LLAMA_API_KEY"],
  baseUrlVariables: ["LLAMA_CPP_BASE_URL"],
  keyOptional: true,
  parameters: compatibleParameters({
    changed: { stop: stopTexts() },
    media: ["text", "image", "audio"],
  }),
  switches: {
    maxTokensField: "max_tokens",
    systemRole: "system",
    schemaDialect: "json-schema",
    thinkingControl: "chat_template",
    reasoningField: "reasoning_content",
    toolChoice: ["required", "named"],
    thinkTags: true,
    mediaFileIds: "none",
    fields: {
      minP: "min_p",
      typicalP: "typical_p",
      repeatPenalty: "repeat_penalty",
      repeatLastN: "repeat_last_n",
      mirostat: "mirostat",
      samplers: "samplers",
      nProbs: "n_probs",
      grammar: "grammar",
      logitBias: "logit_bias",
      cachePrompt: "cache_prompt",
      idSlot: "id_slot",
      reasoningFormat: "reasoning_format",
      chatTemplateKwargs: "chat_template_kwargs",
      parseToolCalls: "parse_tool_calls",
      returnProgress: "return_progress",
      timingsPerToken: "timings_per_token",
    },
  },
};

/** A `llama-server` of llama.cpp. Environment: `LLAMA_CPP_BASE_URL`, `LLAMA_API_KEY` if it was started with a key. */
export class LlamaCppCredential extends OpenAICompatibleCredential {
  static override readonly facts: OpenAICompatibleVendor = LLAMA_CPP;

  constructor(options: OpenAICompatibleOptions = {}) {
    super(LLAMA_CPP, options);
  }
}
