import { compatibleParameters } from "./catalog/provider-parameters.ts";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./openai-compatible-credential.ts";

/** Groq's API reference, checked 2026-11. */
const GROQ: OpenAICompatibleVendor = {
  provider: "groq",
  type: "groq_credential",
  displayName: "Groq",
  baseUrl: "https://api.groq.com/openai/v1",
  keyVariables: ["GROQ_API_KEY"],
  baseUrlVariables: ["GROQ_BASE_URL"],
  parameters: compatibleParameters({
    // All models refuse log probabilities and penalties.
    without: ["topK", "frequencyPenalty", "presencePenalty", "logprobs", "topLogprobs"],
    media: ["text", "image"],
  }),
  switches: {
    systemRole: "system",
    reasoningField: "reasoning",
    names: false,
    toolChoice: ["required", "named"],
    schemaBesideTools: false,
    // In the format "raw", some models' default, the reasoning stays in the text.
    thinkTags: true,
    mediaFileIds: "none",
    fields: {
      serviceTier: "service_tier",
      reasoningFormat: "reasoning_format",
      includeReasoning: "include_reasoning",
      user: "user",
      documents: "documents",
      citationOptions: "citation_options",
      searchSettings: "search_settings",
      compoundCustom: "compound_custom",
    },
  },
};

/** An account with Groq. Environment: `GROQ_API_KEY`, `GROQ_BASE_URL`. */
export class GroqCredential extends OpenAICompatibleCredential {
  static override readonly facts: OpenAICompatibleVendor = GROQ;

  constructor(options: OpenAICompatibleOptions = {}) {
    super(GROQ, options);
  }
}
