import { compatibleParameters, stopTexts } from "./catalog/provider-parameters.ts";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./openai-compatible-credential.ts";

/** LM Studio's documentation of its OpenAI-compatible endpoints, checked 2026-11. */
const LM_STUDIO: OpenAICompatibleVendor = {
  provider: "lmstudio",
  type: "lmstudio_credential",
  displayName: "LM Studio",
  baseUrl: "http://127.0.0.1:1234/v1",
  keyVariables: ["LM_API_TOKEN"],
  baseUrlVariables: ["LMSTUDIO_BASE_URL"],
  keyOptional: true,
  parameters: compatibleParameters({
    without: ["parallelToolCalls", "logprobs", "topLogprobs"],
    changed: { stop: stopTexts() },
    media: ["text", "image"],
  }),
  switches: {
    maxTokensField: "max_tokens",
    systemRole: "system",
    schemaDialect: "json-schema",
    toolChoice: ["required"],
    imageUrls: false,
    thinkTags: true,
    mediaFileIds: "none",
    fields: { repeatPenalty: "repeat_penalty", minP: "min_p", logitBias: "logit_bias", ttl: "ttl" },
  },
};

/** An LM Studio server. Environment: `LMSTUDIO_BASE_URL`, `LM_API_TOKEN` if it asks for one. */
export class LMStudioCredential extends OpenAICompatibleCredential {
  static override readonly facts: OpenAICompatibleVendor = LM_STUDIO;

  constructor(options: OpenAICompatibleOptions = {}) {
    super(LM_STUDIO, options);
  }
}
