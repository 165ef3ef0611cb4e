import { alwaysThinks, refusesAdaptiveThinking, refusesBudget, refusesEffort } from "./anthropic-models.ts";
import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import type { LooseObject } from "./loose-json.ts";

/** The models on a page, where the request does not say. */
const PAGE_SIZE = 20;

/** One page of the list of models. */
export function listAnthropicModels({ query }: EmulatedRequest, models: readonly string[]): EmulatedAnswer {
  const { limit = PAGE_SIZE, after_id: after } = query;
  const rest = models.slice(after === undefined ? 0 : models.indexOf(after) + 1);
  const page = rest.slice(0, Number(limit));
  return {
    body: {
      data: page.map(anthropicModel),
      has_more: page.length < rest.length,
      first_id: page.at(0) ?? null,
      last_id: page.at(-1) ?? null,
    },
  };
}

/** One model as the list describes it. */
export function anthropicModel(id: string): LooseObject {
  const effort = can(!refusesEffort(id));
  return {
    type: "model",
    id,
    display_name: id,
    created_at: "2026-01-31T00:00:00Z",
    lifecycle: "active",
    line: null,
    deprecated_at: null,
    retires_at: null,
    max_input_tokens: 200_000,
    max_tokens: 64_000,
    capabilities: {
      batch: can(false),
      citations: can(false),
      code_execution: can(false),
      context_management: can(false),
      effort: { ...effort, low: effort, medium: effort, high: effort, xhigh: can(false), max: can(false) },
      image_input: can(true),
      pdf_input: can(true),
      server_tools: can(false),
      structured_outputs: can(true),
      thinking: {
        ...can(true),
        types: {
          adaptive: can(!refusesAdaptiveThinking(id)),
          enabled: can(!refusesBudget(id)),
          disabled: can(!alwaysThinks(id)),
        },
      },
    },
  };
}

function can(supported: boolean): LooseObject {
  return { supported };
}
