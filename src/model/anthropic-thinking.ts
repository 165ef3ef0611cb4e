import type { FormatWarning } from "../formatter/formatter-base.ts";
import type {
  AnthropicEffort,
  AnthropicMessage,
  AnthropicOptions,
  AnthropicThinking,
} from "../wire/anthropic.ts";
import type { ThinkingOptions } from "./generate-options.ts";
import type { ModelCapabilities } from "./model-card.ts";

/** The least budget that is accepted (Anthropic's API reference, 2026-11). */
const MIN_BUDGET_TOKENS = 1024;

/** The budget where none is named, as far as the answer has room for it. */
const DEFAULT_BUDGET_TOKENS = 10_000;

/** How a call thinks, in the wire's words. */
export interface ThinkingPlan {
  readonly thinking?: AnthropicThinking;
  readonly effort?: AnthropicEffort;
}

/** What decides how a call thinks. */
interface ThinkingCall {
  readonly capabilities: ModelCapabilities;
  /** The limit of the whole answer; thinking counts in it. */
  readonly maxTokens: number;
  readonly messages: readonly AnthropicMessage[];
  readonly display: AnthropicOptions["thinkingDisplay"];
  readonly warn: FormatWarning;
}

/**
 * How much the model is asked to think. Effort `none` is thinking switched off; a named budget is asked for as it is, else
 * the model decides where it can, else it gets a budget.
 */
export function planThinking(options: ThinkingOptions | undefined, call: ThinkingCall): ThinkingPlan {
  if (options === undefined) return {};
  const { effort, enabled, budgetTokens } = options;
  if (effort === "none" || enabled === false)
    return { thinking: { type: "disabled" }, ...restingEffort(effort, call.warn) };
  const display = call.display === undefined ? {} : { display: call.display };
  const level = effort === undefined ? {} : { effort: toLevel(effort, call.warn) };
  if (budgetTokens === undefined && call.capabilities.adaptiveThinking)
    return { thinking: { type: "adaptive", ...display }, ...level };
  const budget = fittingBudget(budgetTokens, call);
  if (budget === undefined) return level;
  return { thinking: { type: "enabled", budget_tokens: budget, ...display }, ...level };
}

/** How much a model does that does not think: effort is about words and tool calls, too. Above `high` it must think. */
function restingEffort(effort: ThinkingOptions["effort"], warn: FormatWarning): Pick<ThinkingPlan, "effort"> {
  if (effort === undefined || effort === "none") return {};
  const level = toLevel(effort, warn);
  if (level !== "xhigh" && level !== "max") return { effort: level };
  warn("thinking.effort", `Without thinking there is no level "${level}"; "high" was sent.`);
  return { effort: "high" };
}

function toLevel(
  effort: Exclude<ThinkingOptions["effort"], "none" | undefined>,
  warn: FormatWarning,
): AnthropicEffort {
  if (effort !== "minimal") return effort;
  warn("thinking.effort", 'There is no level "minimal" here; "low" was sent.');
  return "low";
}

/** A budget below the limit of the answer; undefined where the call cannot think with one. */
function fittingBudget(
  wanted: number | undefined,
  { maxTokens, messages, warn }: ThinkingCall,
): number | undefined {
  if (maxTokens <= MIN_BUDGET_TOKENS) {
    warn(
      "thinking",
      `Thinking needs at least ${MIN_BUDGET_TOKENS} tokens below maxTokens, which is ${maxTokens}; it was left out.`,
    );
    return undefined;
  }
  if (continuesWithoutThinking(messages)) {
    warn(
      "thinking",
      "The tool calls that are answered here were made without this provider's thinking, which then cannot begin; it was left out.",
    );
    return undefined;
  }
  const half = Math.max(MIN_BUDGET_TOKENS, Math.floor(maxTokens / 2));
  if (wanted === undefined) return Math.min(DEFAULT_BUDGET_TOKENS, half);
  if (wanted < maxTokens) return wanted;
  warn("thinking.budgetTokens", `${wanted} is not below maxTokens, which is ${maxTokens}; ${half} was sent.`);
  return half;
}

/** Whether the model is in the middle of a tool loop that it entered without thinking: a fixed budget is refused there. */
function continuesWithoutThinking(messages: readonly AnthropicMessage[]): boolean {
  const last = messages.at(-1);
  const before = messages.at(-2);
  if (last?.role !== "user" || before?.role !== "assistant") return false;
  if (!last.content.some(({ type }) => type === "tool_result")) return false;
  const first = before.content[0]?.type;
  return first !== "thinking" && first !== "redacted_thinking";
}
