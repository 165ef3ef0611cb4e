import type { FormatWarning } from "../formatter/formatter-base.ts";
import type { ThinkingControl } from "../wire/openai-chat.ts";
import type { ThinkingOptions } from "./generate-options.ts";
import { type ModelCard, optionFields } from "./model-card.ts";

/** The request fields that say how much to think, in each server's own form (wire notes 1.8 and 4, 2026-11). */
export function thinkingFields(
  thinking: ThinkingOptions,
  control: ThinkingControl,
  card: ModelCard,
  warn: FormatWarning,
): Record<string, unknown> {
  return defined(CONTROLS[control](thinking, card, warn));
}

type Fields = Record<string, unknown>;

type Control = (thinking: ThinkingOptions, card: ModelCard, warn: FormatWarning) => Fields;

const CONTROLS: Readonly<Record<ThinkingControl, Control>> = {
  // Where there is no switch, not thinking is a level like the others.
  effort: ({ enabled, effort }, card, warn) => ({
    reasoning_effort:
      effort ?? (enabled === undefined ? undefined : enabled ? someEffort(card, warn) : "none"),
  }),
  // Models with levels always think, or count "none" among the levels: one of the two fields says all.
  thinking_type: ({ enabled, effort }, { capabilities }) =>
    effort === undefined && enabled !== undefined && !capabilities.alwaysThinks
      ? { thinking: { type: enabled ? "enabled" : "disabled" } }
      : { reasoning_effort: effort },
  enable_thinking: ({ enabled, effort, budgetTokens }) => {
    // To ask for a budget is to ask for thinking: many models do not think untold.
    const untold = budgetTokens === undefined ? undefined : true;
    const isOn = enabled ?? (effort === undefined ? untold : effort !== "none");
    return { enable_thinking: isOn, thinking_budget: isOn === false ? undefined : budgetTokens };
  },
  reasoning: ({ enabled, effort, budgetTokens }, _card, warn) => {
    if (effort !== undefined && budgetTokens !== undefined)
      warn(
        "thinking.effort",
        "Beside a budget a level is refused; the budget was sent, which is more exact.",
      );
    const reasoning = defined({
      enabled: effort === undefined && budgetTokens === undefined ? enabled : undefined,
      effort: budgetTokens === undefined ? effort : undefined,
      max_tokens: budgetTokens,
    });
    return { reasoning: Object.keys(reasoning).length === 0 ? undefined : reasoning };
  },
  reasoning_switch: ({ enabled, effort }) => {
    const isOn = enabled ?? (effort === "none" ? false : undefined);
    return {
      reasoning: isOn === undefined ? undefined : { enabled: isOn },
      reasoning_effort: effort === "none" ? undefined : effort,
    };
  },
  chat_template: ({ enabled, effort, budgetTokens }) => {
    const isOn = enabled ?? (effort === "none" ? false : undefined);
    return {
      chat_template_kwargs: isOn === undefined ? undefined : { enable_thinking: isOn },
      thinking_token_budget: budgetTokens,
      reasoning_effort: effort === "none" ? undefined : effort,
    };
  },
};

/** The level for whoever only wants thinking: needed where not thinking is a level too, which then is the default. */
function someEffort(card: ModelCard, warn: FormatWarning): string | undefined {
  const levels = optionFields(card, "thinking")["effort"]?.["enum"];
  if (Array.isArray(levels)) return levels.includes("none") ? "medium" : undefined;
  if (!card.capabilities.reasoning)
    warn(
      "thinking.enabled",
      `${card.provider} has no switch for thinking, only levels: give thinking.effort.`,
    );
  return undefined;
}

function defined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
