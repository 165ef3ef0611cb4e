import type { ModelCard } from "./model-card.ts";

/** The card of a model nobody knows: it takes every option and every kind of input, and has no limits. */
export function openCard(provider: string, modelName: string): ModelCard {
  return {
    provider,
    kind: "chat",
    modelName,
    displayName: modelName,
    inputTypes: ["*/*"],
    outputTypes: ["text/plain"],
    capabilities: {},
    status: "active",
    parameterSchema: { type: "object", properties: OPEN_PARAMETERS },
    source: "none: this model brought no card",
  };
}

const OPEN_PARAMETERS: Readonly<Record<string, object>> = {
  temperature: { type: "number" },
  topP: { type: "number" },
  topK: { type: "integer" },
  maxTokens: { type: "integer", minimum: 1 },
  stop: {},
  seed: { type: "integer" },
  frequencyPenalty: { type: "number" },
  presencePenalty: { type: "number" },
  toolChoice: {},
  parallelToolCalls: { type: "boolean" },
  thinking: { type: "object", properties: { enabled: {}, budgetTokens: { type: "integer" }, effort: {} } },
  responseFormat: {},
  logprobs: { type: "boolean" },
  topLogprobs: { type: "integer" },
  cacheControl: {},
};
