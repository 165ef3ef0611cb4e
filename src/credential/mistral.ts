import { compatibleParameters } from "./catalog/provider-parameters.ts";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./openai-compatible-credential.ts";

/** Mistral's API reference, checked 2026-11. */
const MISTRAL: OpenAICompatibleVendor = {
  provider: "mistral",
  type: "mistral_credential",
  displayName: "Mistral",
  baseUrl: "https://api.mistral.ai/v1",
  keyVariables: ["MISTRAL_API_KEY"],
  baseUrlVariables: ["MISTRAL_BASE_URL"],
  parameters: compatibleParameters({
    without: ["topK", "logprobs", "topLogprobs"],
    changed: { temperature: { type: "number", minimum: 0, maximum: 1.5 } },
    media: ["text", "image"],
  }),
  switches: {
    maxTokensField: "max_tokens",
    seedField: "random_seed",
    systemRole: "system",
    // Usage comes unasked; unknown fields are refused with 422.
    streamOptions: false,
    reasoningField: "thinking_part",
    names: false,
    emptyContent: "empty",
    prefillField: "prefix",
    echoesPrefill: true,
    // No tool is named: the only one that is offered must be called.
    toolChoice: ["required"],
    requiredToolChoice: "any",
    toolCallId: { pattern: /^[a-zA-Z0-9]{9}$/, maxLength: 9 },
    mediaFileIds: "none",
    fields: {
      n: "n",
      safePrompt: "safe_prompt",
      promptMode: "prompt_mode",
      prediction: "prediction",
      documentImageLimit: "document_image_limit",
      documentPageLimit: "document_page_limit",
    },
  },
};

/** An account with Mistral. Environment: `MISTRAL_API_KEY`, `MISTRAL_BASE_URL`. */
export class MistralCredential extends OpenAICompatibleCredential {
  static override readonly facts: OpenAICompatibleVendor = MISTRAL;

  constructor(options: OpenAICompatibleOptions = {}) {
    super(MISTRAL, options);
  }
}
