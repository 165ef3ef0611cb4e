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

/** Ollama's API documentation, checked 2026-11. The server itself sets no bounds. */
const OLLAMA: ProviderParameters = {
  properties: {
    temperature: { type: "number", minimum: 0 },
    topP: { type: "number", minimum: 0, maximum: 1 },
    topK: { type: "integer", minimum: 0 },
    maxTokens: { type: "integer", minimum: 1 },
    stop: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
    seed: { type: "integer" },
    frequencyPenalty: { type: "number", minimum: -2, maximum: 2 },
    presencePenalty: { type: "number", minimum: -2, maximum: 2 },
    toolChoice: { anyOf: [{ enum: ["auto", "none"] }, { type: "object" }] },
    // A level only where the model's own facts name its levels: others refuse them.
    thinking: { type: "object", properties: { enabled: { type: "boolean" } } },
    responseFormat: { type: "object" },
    logprobs: { type: "boolean" },
    topLogprobs: { type: "integer", minimum: 0, maximum: 20 },
  },
  notWithReasoning: [],
  mediaTypes: {
    text: ["text/plain"],
    image: ["image/png", "image/jpeg", "image/webp"],
    audio: ["audio/wav"],
    // Some models see moving pictures, but the wire carries none.
    video: [],
  },
  showsReasoning: true,
  reasoningSystemRole: "system",
};

/** By provider. */
export const PROVIDER_PARAMETERS: Readonly<Record<string, ProviderParameters>> = {
  openai: OPENAI,
  ollama: OLLAMA,
};
