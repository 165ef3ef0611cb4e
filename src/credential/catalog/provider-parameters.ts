import type { JsonSchema } from "../../tool/tool-schema.ts";

/** How the options of a provider's chat models are described, before what a model lacks is taken away. */
export interface ProviderParameters {
  /** JSON Schemas by the name of the option. */
  readonly properties: Readonly<Record<string, JsonSchema>>;
  /** What reasoning models refuse. */
  readonly notWithReasoning: readonly string[];
  /** Media the wire can carry by the sources' word for it. */
  readonly mediaTypes: Readonly<Record<string, readonly string[]>>;
  /** Whether the provider shows the reasoning text of its reasoning models. */
  readonly showsReasoning: boolean;
  /** The role of instructions for reasoning models. */
  readonly reasoningSystemRole: "system" | "developer";
}

/** Every option that samples: refused as a group by models that do not sample freely. */
export const SAMPLING_PARAMETERS: readonly string[] = [
  "temperature",
  "topP",
  "topK",
  "frequencyPenalty",
  "presencePenalty",
  "logprobs",
  "topLogprobs",
];

/** OpenAI's API reference, checked 2026-11. */
const OPENAI: ProviderParameters = {
  properties: {
    temperature: { type: "number", minimum: 0, maximum: 2 },
    topP: { type: "number", minimum: 0, maximum: 1 },
    maxTokens: { type: "integer", minimum: 1 },
    stop: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" }, maxItems: 4 }] },
    seed: { type: "integer" },
    frequencyPenalty: { type: "number", minimum: -2, maximum: 2 },
    presencePenalty: { type: "number", minimum: -2, maximum: 2 },
    toolChoice: { anyOf: [{ enum: ["auto", "none", "required"] }, { type: "object" }] },
    parallelToolCalls: { type: "boolean" },
    thinking: { type: "object", properties: { enabled: { type: "boolean" }, effort: { type: "string" } } },
    responseFormat: { type: "object" },
    logprobs: { type: "boolean" },
    topLogprobs: { type: "integer", minimum: 0, maximum: 20 },
  },
  notWithReasoning: ["stop"],
  mediaTypes: {
    text: ["text/plain"],
    image: ["image/png", "image/jpeg", "image/gif", "image/webp"],
    audio: ["audio/wav", "audio/mpeg"],
    pdf: ["application/pdf"],
  },
  showsReasoning: false,
  reasoningSystemRole: "developer",
};

/** Anthropic's API reference, checked 2026-11. */
const ANTHROPIC: ProviderParameters = {
  properties: {
    temperature: { type: "number", minimum: 0, maximum: 1 },
    topP: { type: "number", minimum: 0, maximum: 1 },
    topK: { type: "integer", minimum: 1 },
    maxTokens: { type: "integer", minimum: 1 },
    stop: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
    toolChoice: { anyOf: [{ enum: ["auto", "none", "required"] }, { type: "object" }] },
    parallelToolCalls: { type: "boolean" },
    thinking: {
      type: "object",
      properties: {
        enabled: { type: "boolean" },
        budgetTokens: { type: "integer", minimum: 1024 },
        effort: { type: "string", enum: ["none", "low", "medium", "high", "xhigh", "max"] },
      },
    },
    responseFormat: { type: "object" },
    cacheControl: { anyOf: [{ type: "boolean" }, { type: "object" }] },
  },
  notWithReasoning: [],
  mediaTypes: {
    text: ["text/plain"],
    image: ["image/png", "image/jpeg", "image/gif", "image/webp"],
    pdf: ["application/pdf"],
  },
  showsReasoning: true,
  reasoningSystemRole: "system",
};

/** By provider. */
export const PROVIDER_PARAMETERS: Readonly<Record<string, ProviderParameters>> = {
  anthropic: ANTHROPIC,
  openai: OPENAI,
};
