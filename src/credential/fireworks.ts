import { compatibleParameters } from "./catalog/provider-parameters.ts";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./openai-compatible-credential.ts";

/** Fireworks' API reference, checked 2026-11. */
const FIREWORKS: OpenAICompatibleVendor = {
  provider: "fireworks",
  type: "fireworks_credential",
  displayName: "Fireworks AI",
  baseUrl: "https://api.fireworks.ai/inference/v1",
  keyVariables: ["FIREWORKS_API_KEY"],
  baseUrlVariables: ["FIREWORKS_BASE_URL"],
  parameters: compatibleParameters({
    media: ["text", "image"],
  }),
  switches: {
    maxTokensField: "max_tokens",
    systemRole: "system",
    reasoningField: "reasoning_content",
    names: false,
    toolChoice: ["required", "named"],
    thinkTags: true,
    mediaFileIds: "none",
    fields: {
      n: "n",
      minP: "min_p",
      repetitionPenalty: "repetition_penalty",
      logitBias: "logit_bias",
      user: "user",
      serviceTier: "service_tier",
      promptCacheKey: "prompt_cache_key",
      promptTruncateLen: "prompt_truncate_len",
      contextLengthExceededBehavior: "context_length_exceeded_behavior",
      reasoningHistory: "reasoning_history",
      perfMetricsInResponse: "perf_metrics_in_response",
    },
  },
};

/** An account with Fireworks AI. Environment: `FIREWORKS_API_KEY`, `FIREWORKS_BASE_URL`. */
export class FireworksCredential extends OpenAICompatibleCredential {
  static override readonly facts: OpenAICompatibleVendor = FIREWORKS;

  constructor(options: OpenAICompatibleOptions = {}) {
    super(FIREWORKS, options);
  }
}
