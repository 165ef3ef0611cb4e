import { compatibleParameters } from "./catalog/provider-parameters.ts";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./openai-compatible-credential.ts";

/** Together's API reference, checked 2026-11. */
const TOGETHER: OpenAICompatibleVendor = {
  provider: "together",
  type: "together_credential",
  displayName: "Together AI",
  baseUrl: "https://api.together.xyz/v1",
  keyVariables: ["TOGETHER_API_KEY"],
  baseUrlVariables: ["TOGETHER_BASE_URL"],
  parameters: compatibleParameters({
    // Log probabilities are asked for by a number there, and answered in a form of its own.
    without: ["parallelToolCalls", "logprobs", "topLogprobs"],
    media: ["text", "image", "video"],
  }),
  switches: {
    maxTokensField: "max_tokens",
    systemRole: "system",
    thinkingControl: "reasoning_switch",
    reasoningField: "reasoning",
    names: false,
    toolChoice: ["required", "named"],
    videos: "urls",
    thinkTags: true,
    mediaFileIds: "none",
    fields: {
      n: "n",
      minP: "min_p",
      repetitionPenalty: "repetition_penalty",
      logitBias: "logit_bias",
      safetyModel: "safety_model",
      contextLengthExceededBehavior: "context_length_exceeded_behavior",
      chatTemplateKwargs: "chat_template_kwargs",
    },
  },
};

/** An account with Together AI. Environment: `TOGETHER_API_KEY`, `TOGETHER_BASE_URL`. */
export class TogetherCredential extends OpenAICompatibleCredential {
  static override readonly facts: OpenAICompatibleVendor = TOGETHER;

  constructor(options: OpenAICompatibleOptions = {}) {
    super(TOGETHER, options);
  }
}
