import type { JsonSchema } from "../tool/tool-schema.ts";
import type { HeaderRecord } from "../transport/endpoint.ts";
import { compatibleParameters, THINKING_WITH_BUDGET } from "./catalog/provider-parameters.ts";
import { credentialSchema } from "./http-credential.ts";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./openai-compatible-credential.ts";

/** OpenRouter's documentation, checked 2026-11. */
const OPENROUTER: OpenAICompatibleVendor = {
  provider: "openrouter",
  type: "openrouter_credential",
  displayName: "OpenRouter",
  baseUrl: "https://openrouter.ai/api/v1",
  keyVariables: ["OPENROUTER_API_KEY"],
  baseUrlVariables: ["OPENROUTER_BASE_URL"],
  parameters: compatibleParameters({
    cacheControl: true,
    changed: { thinking: THINKING_WITH_BUDGET },
    media: ["text", "image", "audio", "video", "pdf"],
  }),
  switches: {
    maxTokensField: "max_tokens",
    systemRole: "system",
    thinkingControl: "reasoning",
    reasoningField: "reasoning_details",
    toolChoice: ["required", "named"],
    videos: "urls",
    cacheMarkers: "cache_control",
    mediaFileIds: "none",
    fields: {
      models: "models",
      route: "route",
      provider: "provider",
      reasoning: "reasoning",
      plugins: "plugins",
      transforms: "transforms",
      minP: "min_p",
      topA: "top_a",
      repetitionPenalty: "repetition_penalty",
      logitBias: "logit_bias",
      prediction: "prediction",
      verbosity: "verbosity",
      modalities: "modalities",
      cacheControl: "cache_control",
      sessionId: "session_id",
      usage: "usage",
      debug: "debug",
      user: "user",
    },
  },
};

/** Options of an {@link OpenRouterCredential}. */
export interface OpenRouterCredentialOptions extends OpenAICompatibleOptions {
  /** Address of your application, for OpenRouter's rankings. */
  readonly appUrl?: string | undefined;
  /** Name of your application, for OpenRouter's rankings. */
  readonly appTitle?: string | undefined;
}

/** An account with OpenRouter. Environment: `OPENROUTER_API_KEY`, `OPENROUTER_BASE_URL`. */
export class OpenRouterCredential extends OpenAICompatibleCredential {
  static override readonly facts: OpenAICompatibleVendor = OPENROUTER;
  readonly appUrl: string | undefined;
  readonly appTitle: string | undefined;

  constructor(options: OpenRouterCredentialOptions = {}) {
    super(OPENROUTER, options);
    this.appUrl = options.appUrl;
    this.appTitle = options.appTitle;
  }

  static override get schema(): JsonSchema {
    return credentialSchema(OPENROUTER, {
      appUrl: { type: "string", format: "uri", title: "Your application's address" },
      appTitle: { type: "string", title: "Your application's name" },
    });
  }

  protected override keyHeaders(key: string): HeaderRecord {
    return {
      ...super.keyHeaders(key),
      "http-referer": this.appUrl,
      "x-openrouter-title": this.appTitle,
    };
  }

  protected override publicFields(): Record<string, unknown> {
    return {
      ...(this.appUrl !== undefined && { appUrl: this.appUrl }),
      ...(this.appTitle !== undefined && { appTitle: this.appTitle }),
    };
  }
}
