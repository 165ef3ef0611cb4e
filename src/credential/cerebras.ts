import { compatibleParameters } from "./catalog/provider-parameters.ts";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./openai-compatible-credential.ts";

/** Cerebras' API reference, checked 2026-11. */
const CEREBRAS: OpenAICompatibleVendor = {
  provider: "cerebras",
  type: "cerebras_credential",
  displayName: "Cerebras",
  baseUrl: "https://api.cerebras.ai/v1",
  keyVariables: ["CEREBRAS_API_KEY"],
  baseUrlVariables: ["CEREBRAS_BASE_URL"],
  parameters: compatibleParameters({
    without: ["topK", "frequencyPenalty", "presencePenalty"],
    changed: { temperature: { type: "number", minimum: 0, maximum: 1.5 } },
    media: ["text"],
  }),
  switches: {
    systemRole: "system",
    reasoningField: "reasoning",
    names: false,
    toolChoice: ["required", "named"],
    // GLM does.
    callsBesideJson: true,
    thinkTags: true,
    mediaFileIds: "none",
    fields: { user: "user", serviceTier: "service_tier", reasoningFormat: "reasoning_format" },
  },
};

/** An account with Cerebras. Environment: `CEREBRAS_API_KEY`, `CEREBRAS_BASE_URL`. */
export class CerebrasCredential extends OpenAICompatibleCredential {
  static override readonly facts: OpenAICompatibleVendor = CEREBRAS;

  constructor(options: OpenAICompatibleOptions = {}) {
    super(CEREBRAS, options);
  }
}
