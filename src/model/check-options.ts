import { ConfigurationError } from "../error/errors-by-kind.ts";
import type { JsonSchema, ToolSchema } from "../tool/tool-schema.ts";
import type { ChatWarning } from "./chat-response.ts";
import { formNotHeld } from "./form-not-held.ts";
import type {
  GenerateOptions,
  ReasoningEffort,
  ResolvedOptions,
  ResponseFormat,
  ThinkingOptions,
} from "./generate-options.ts";
import type { ModelCard } from "./model-card.ts";
import { nearest } from "./nearest-name.ts";
import { thinksInCall } from "./thinks-in-call.ts";

/** Options of the framework: they say how to call, not what to ask, so no card lists them. */
const FRAMEWORK_OPTIONS: ReadonlySet<string> = new Set<keyof ResolvedOptions>([
  "stream",
  "timeout",
  "retry",
  "signal",
  "flow",
  "extraBody",
  "extraHeaders",
  "extraQuery",
  "providerOptions",
]);

/** Options of what is asked; which of them a model takes is in its card. */
const MODEL_OPTIONS: readonly (keyof GenerateOptions)[] = [
  "temperature",
  "topP",
  "topK",
  "maxTokens",
  "stop",
  "seed",
  "frequencyPenalty",
  "presencePenalty",
  "toolChoice",
  "parallelToolCalls",
  "thinking",
  "responseFormat",
  "logprobs",
  "topLogprobs",
  "cacheControl",
];

/** From least to most, so that a level a model lacks can be replaced by the nearest one it has. */
const EFFORTS: readonly ReasoningEffort[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/** What only makes sense while the model samples freely. */
const SAMPLING_OPTIONS: readonly (keyof GenerateOptions)[] = [
  "temperature",
  "topP",
  "frequencyPenalty",
  "presencePenalty",
];

/** What goes with them, but for a few models that give log probabilities while they think. */
const LOGPROB_OPTIONS: readonly (keyof GenerateOptions)[] = ["logprobs", "topLogprobs"];

/**
 * Holds the options of a call against the model's card. What the model lacks is left out, what is out of range is moved
 * into it, each with a warning.
 *
 * @throws ModelError `configuration` for a value of the wrong type, or a forced tool that is not offered · `unsupported` for a
 * schema with `orFail` that the model does not take
 */
export function checkOptions(
  options: ResolvedOptions,
  card: ModelCard,
  tools: readonly ToolSchema[],
): { options: ResolvedOptions; warnings: ChatWarning[] } {
  const warnings: ChatWarning[] = [];
  const checked: Record<string, unknown> = {};
  const properties = (card.parameterSchema["properties"] ?? {}) as Record<string, JsonSchema>;
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (FRAMEWORK_OPTIONS.has(name)) {
      if (name === "timeout" || name === "retry") checkTimes(name, value);
      if (name === "stream") checkType(name, typeof value === "boolean", "true or false", value);
      checked[name] = value;
      continue;
    }
    // No stop at all; providers refuse an empty list.
    if (name === "stop" && Array.isArray(value) && value.length === 0) continue;
    const schema = properties[name];
    if (schema === undefined) {
      const reason = whyLeftOut(name, card);
      if (name === "responseFormat")
        formNotHeld(value as ResponseFormat, reason, (option, why) => warnings.push({ option, reason: why }));
      else warnings.push({ option: name, reason });
    } else {
      checked[name] =
        name === "thinking"
          ? checkThinking(value as ThinkingOptions, schema, card, warnings)
          : checkValue(name, value, schema, card, warnings);
    }
  }
  dropSampling(checked, card, warnings);
  dropWhole(checked, card, warnings);
  checkToolOptions(checked, tools);
  if (tools.length > 0 && card.capabilities.tools === false) {
    warnings.push({
      option: "tools",
      reason: `${card.modelName} is not known to take tools; they were sent all the same.`,
    });
  }
  return { options: checked, warnings };
}

function whyLeftOut(name: string, card: ModelCard): string {
  if ((MODEL_OPTIONS as readonly string[]).includes(name))
    return `${card.modelName} does not take it; it was left out.`;
  const [meant] = nearest(name, [...MODEL_OPTIONS, ...FRAMEWORK_OPTIONS]);
  return `There is no such option; it was left out.${meant === undefined ? "" : ` Did you mean ${meant}?`}`;
}

/** Holds `timeout` or `retry` against what timers and counters can do: NaN is neither a time nor none. */
function checkTimes(name: string, value: unknown): void {
  if (value === false && name === "retry") return;
  const fields = typeof value === "object" ? Object.entries(value as object) : [["", value] as const];
  for (const [field, each] of fields) {
    if (typeof each === "number" && each >= 0) continue;
    const option = field === "" ? name : `${name}.${field}`;
    throw new ConfigurationError(`Option ${option} must be a number of at least 0, not ${shown(each)}.`);
  }
}

function checkValue(
  name: string,
  value: unknown,
  schema: JsonSchema,
  card: ModelCard,
  warnings: ChatWarning[],
): unknown {
  const type = schema["type"];
  if (type === "number" || type === "integer")
    checkType(name, typeof value === "number" && !Number.isNaN(value), "a number", value);
  if (type === "integer") checkType(name, Number.isInteger(value), "a whole number", value);
  if (type === "boolean") checkType(name, typeof value === "boolean", "true or false", value);
  if (name === "stop") checkType(name, isTexts(value), "a string or a list of strings", value);
  if (name === "responseFormat") {
    const { type: format } = (value ?? {}) as { type?: unknown };
    const isKnown = format === "text" || format === "json" || format === "json_schema";
    checkType(name, isKnown, '{ type: "text" }, { type: "json" } or { type: "json_schema", schema }', value);
  }
  if (typeof value === "number") return checkNumber(name, value, schema, card, warnings);
  const maxItems = stopLimit(schema);
  if (Array.isArray(value) && maxItems !== undefined && value.length > maxItems) {
    warnings.push({
      option: name,
      reason: `${card.modelName} takes at most ${maxItems}; the rest was left out.`,
    });
    return value.slice(0, maxItems);
  }
  return value;
}

function checkType(name: string, isRight: boolean, right: string, value: unknown): void {
  if (!isRight) throw new ConfigurationError(`Option ${name} must be ${right}, not ${shown(value)}.`);
}

function isToolChoice(choice: unknown): boolean {
  if (typeof choice === "string") return ["auto", "none", "required"].includes(choice);
  const { name, names } = (choice ?? {}) as { name?: unknown; names?: unknown };
  return typeof name === "string" || (Array.isArray(names) && isTexts(names));
}

function isTexts(value: unknown): boolean {
  return (Array.isArray(value) ? value : [value]).every((each) => typeof each === "string");
}

/** A value for an error; JSON says null of NaN, and nothing of what it cannot hold. */
function shown(value: unknown): string {
  if (typeof value === "number") return String(value);
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    return typeof value;
  }
}

function checkNumber(
  name: string,
  value: number,
  schema: JsonSchema,
  card: ModelCard,
  warnings: ChatWarning[],
): number {
  const minimum = schema["minimum"] as number | undefined;
  const maximum = schema["maximum"] as number | undefined;
  const fitted = Math.min(
    maximum ?? Number.POSITIVE_INFINITY,
    Math.max(minimum ?? Number.NEGATIVE_INFINITY, value),
  );
  if (fitted !== value) {
    warnings.push({
      option: name,
      reason: `${value} is out of range for ${card.modelName}; ${fitted} was sent.`,
    });
  }
  return fitted;
}

function stopLimit(schema: JsonSchema): number | undefined {
  const forms = [schema, ...((schema["anyOf"] ?? schema["oneOf"] ?? []) as JsonSchema[])];
  return forms.map((form) => form["maxItems"]).find((limit) => typeof limit === "number");
}

function checkThinking(
  thinking: ThinkingOptions,
  schema: JsonSchema,
  card: ModelCard,
  warnings: ChatWarning[],
): ThinkingOptions {
  if (typeof thinking !== "object") {
    throw new ConfigurationError(
      `Option thinking must be an object, not ${shown(thinking)}. Use { enabled: true }.`,
    );
  }
  const fields = (schema["properties"] ?? {}) as Record<string, JsonSchema>;
  const checked: { -readonly [Name in keyof ThinkingOptions]: ThinkingOptions[Name] } = {};
  if (thinking.enabled !== undefined) checked.enabled = thinking.enabled;
  if (thinking.budgetTokens !== undefined) {
    if (fields["budgetTokens"] === undefined) {
      warnings.push({
        option: "thinking.budgetTokens",
        reason: `${card.modelName} does not count thinking tokens; use thinking.effort.`,
      });
    } else {
      const name = "thinking.budgetTokens";
      checked.budgetTokens = checkValue(
        name,
        thinking.budgetTokens,
        fields["budgetTokens"],
        card,
        warnings,
      ) as number;
    }
  }
  const levels = fields["effort"]?.["enum"] as readonly ReasoningEffort[] | undefined;
  const wanted = thinking.effort ?? (thinking.enabled === false && levels !== undefined ? "none" : undefined);
  if (wanted !== undefined) {
    if (!EFFORTS.includes(wanted) && !levels?.includes(wanted)) {
      throw new ConfigurationError(`"${wanted}" is no reasoning effort. Use one of ${EFFORTS.join(", ")}.`);
    }
    if (fields["effort"] === undefined) {
      if (thinking.effort === "none" && fields["enabled"] !== undefined) {
        checked.enabled = false;
      } else if (thinking.effort !== undefined) {
        const counted = thinking.budgetTokens === undefined && thinking.enabled !== false;
        const budget = counted ? budgetOf(thinking.effort, fields["budgetTokens"]) : undefined;
        if (budget !== undefined) checked.budgetTokens = budget;
        warnings.push({
          option: "thinking.effort",
          reason:
            budget === undefined
              ? `${card.modelName} does not take a level; it was left out.`
              : `${card.modelName} does not take a level; ${budget} thinking tokens were allowed for "${thinking.effort}".`,
        });
      }
    } else {
      checked.effort = levels === undefined ? wanted : nearestEffort(wanted, levels, card, warnings);
    }
  }
  if (checked.enabled === false && card.capabilities.alwaysThinks) {
    delete checked.enabled;
    // With levels, the least one stands for it, unless another is named.
    if (levels === undefined || (thinking.effort !== undefined && thinking.effort !== "none")) {
      warnings.push({
        option: "thinking.enabled",
        reason: `${card.modelName} cannot be kept from thinking; it was left out.`,
      });
    }
  }
  return checked;
}

/** Thinking tokens that stand for a level, as Google itself counts them for models without levels (its page on OpenAI's API, 2026-11). */
const EFFORT_BUDGETS: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768,
};

/** The budget that stands for a level, within what the model takes; undefined where it counts nothing. */
function budgetOf(effort: ReasoningEffort, schema: JsonSchema | undefined): number | undefined {
  if (schema === undefined) return undefined;
  const { minimum = 0, maximum = Number.POSITIVE_INFINITY } = schema as {
    minimum?: number;
    maximum?: number;
  };
  return Math.min(maximum, Math.max(minimum, EFFORT_BUDGETS[effort]));
}

function nearestEffort(
  wanted: ReasoningEffort,
  levels: readonly ReasoningEffort[],
  card: ModelCard,
  warnings: ChatWarning[],
): ReasoningEffort {
  if (levels.includes(wanted)) return wanted;
  const rank = EFFORTS.indexOf(wanted);
  const gap = (level: ReasoningEffort): number => Math.abs(EFFORTS.indexOf(level) - rank);
  // Of two as near the higher one, as DeepSeek itself does it: who asks for a little thinking does not mean none.
  const fromHighest = levels.toSorted((a, b) => EFFORTS.indexOf(b) - EFFORTS.indexOf(a));
  const nearest = fromHighest.reduce((best, level) => (gap(level) < gap(best) ? level : best));
  warnings.push({
    option: "thinking.effort",
    reason: `${card.modelName} has no level "${wanted}"; "${nearest}" was sent.`,
  });
  return nearest;
}

function dropSampling(checked: Record<string, unknown>, card: ModelCard, warnings: ChatWarning[]): void {
  if (card.capabilities.sampling !== "effort_none") return;
  if ((checked["thinking"] as ThinkingOptions | undefined)?.effort === "none") return;
  const refused = card.capabilities.logprobsWhileThinking
    ? SAMPLING_OPTIONS
    : [...SAMPLING_OPTIONS, ...LOGPROB_OPTIONS];
  for (const name of refused) {
    if (checked[name] === undefined) continue;
    delete checked[name];
    warnings.push({
      option: name,
      reason: `${card.modelName} takes it only with thinking.effort "none"; it was left out.`,
    });
  }
}

/** An answer that the model gives only as a stream is asked for as one; its last snapshot is the same. */
function dropWhole(checked: Record<string, unknown>, card: ModelCard, warnings: ChatWarning[]): void {
  const { streamOnly } = card.capabilities;
  if (checked["stream"] !== false || streamOnly === undefined) return;
  const isThinking = thinksInCall(card, checked["thinking"] as ThinkingOptions | undefined);
  if (streamOnly === "while_thinking" && !isThinking) return;
  delete checked["stream"];
  const when = streamOnly === "always" ? "" : " while it thinks";
  warnings.push({
    option: "stream",
    reason: `${card.modelName} answers only as a stream${when}; it was streamed.`,
  });
}

function checkToolOptions(checked: Record<string, unknown>, tools: readonly ToolSchema[]): void {
  const choice = checked["toolChoice"] as ResolvedOptions["toolChoice"];
  if (choice !== undefined)
    checkType(
      "toolChoice",
      isToolChoice(choice),
      '"auto", "none", "required", { name } or { names }',
      choice,
    );
  if (tools.length === 0) {
    if (choice !== undefined && choice !== "auto" && choice !== "none") {
      throw new ConfigurationError(
        `toolChoice is ${JSON.stringify(choice)}, but no tools are offered. Pass tools, or use "auto" or "none".`,
      );
    }
    // Providers refuse both without tools, and both mean nothing then.
    delete checked["toolChoice"];
    delete checked["parallelToolCalls"];
    return;
  }
  if (typeof choice !== "object") return;
  const wanted = "name" in choice ? [choice.name] : choice.names;
  const offered = tools.map((tool) => tool.name);
  const missing = wanted.filter((name) => !offered.includes(name));
  if (missing.length > 0 || wanted.length === 0) {
    throw new ConfigurationError(
      `toolChoice names ${missing.length > 0 ? missing.join(", ") : "no tool"}; the tools offered are ${offered.join(", ")}.`,
    );
  }
}
