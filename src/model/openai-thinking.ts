import type { ThinkingControl } from "../wire/openai-chat.ts";
import type { ThinkingOptions } from "./generate-options.ts";

/** The request fields that say how much to think, in each server's own form (wire notes 1.8 and 4, 2026-11). */
export function thinkingFields(thinking: ThinkingOptions, control: ThinkingControl): Record<string, unknown> {
  return defined(CONTROLS[control](thinking));
}

type Fields = Record<string, unknown>;

const CONTROLS: Readonly<Record<ThinkingControl, (thinking: ThinkingOptions) => Fields>> = {
  effort: (thinking) => ({ reasoning_effort: effortOf(thinking) }),
  // Models with levels always think, or count "none" among the levels: one of the two fields says all.
  thinking_type: ({ enabled, effort }) =>
    effort === undefined && enabled !== undefined
      ? { thinking: { type: enabled ? "enabled" : "disabled" } }
      : { reasoning_effort: effort },
  enable_thinking: ({ enabled, effort, budgetTokens }) => {
    // To ask for a budget is to ask for thinking: many models do not think untold.
    const untold = budgetTokens === undefined ? undefined : true;
    const isOn = enabled ?? (effort === undefined ? untold : effort !== "none");
    return { enable_thinking: isOn, thinking_budget: isOn === false ? undefined : budgetTokens };
  },
  // Effort and budget exclude each other; the budget is the more exact of the two.
  reasoning: ({ enabled, effort, budgetTokens }) => {
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

/** Where there is no switch, not thinking is a level like the others. */
function effortOf({ enabled, effort }: ThinkingOptions): string | undefined {
  return effort ?? (enabled === false ? "none" : undefined);
}

function defined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
