import type { ThinkingOptions } from "./generate-options.ts";
import type { ModelCard } from "./model-card.ts";

/** Whether a model thinks in a call with these options, as far as its card tells. */
export function thinksInCall({ capabilities }: ModelCard, thinking: ThinkingOptions = {}): boolean {
  if (thinking.enabled !== undefined) return thinking.enabled;
  if (thinking.effort !== undefined) return thinking.effort !== "none";
  if (thinking.budgetTokens !== undefined) return true;
  return capabilities.thinksUnasked ?? capabilities.reasoning === true;
}
