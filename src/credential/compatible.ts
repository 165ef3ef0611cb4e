import { compatibleParameters, stopTexts } from "./catalog/provider-parameters.ts";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./openai-compatible-credential.ts";

/** A server nothing is known of: what most of them understand. */
const COMPATIBLE: OpenAICompatibleVendor = {
  provider: "compatible",
  type: "compatible_credential",
  displayName: "OpenAI-compatible server",
  keyVariables: ["COMPATIBLE_API_KEY"],
  baseUrlVariables: ["COMPATIBLE_BASE_URL"],
  keyOptional: true,
  parameters: compatibleParameters({
    changed: { stop: stopTexts() },
    media: ["text", "image", "audio", "video", "pdf"],
  }),
  switches: {
    maxTokensField: "max_tokens",
    systemRole: "system",
    schemaDialect: "json-schema",
    reasoningField: "reasoning_content",
    toolChoice: ["required", "named"],
    videos: "urls",
    thinkTags: true,
  },
};

/**
 * Any server that speaks the OpenAI chat wire. Pass its address, and in `switches` what it does otherwise.
 * Environment: `COMPATIBLE_BASE_URL`, `COMPATIBLE_API_KEY`.
 *
 * @example
 * ```ts
 * import { CompatibleCredential } from "rxscope";
 *
 * const credential = new CompatibleCredential({
 *   baseUrl: "http://127.0.0.1:9000/v1",
 *   switches: { thinkingControl: "enable_thinking", thinkTags: false },
 * });
 * const model = credential.createChatModel("my-model");
 * ```
 */
export class CompatibleCredential extends OpenAICompatibleCredential {
  static override readonly facts: OpenAICompatibleVendor = COMPATIBLE;

  constructor(options: OpenAICompatibleOptions = {}) {
    super(COMPATIBLE, options);
  }
}
