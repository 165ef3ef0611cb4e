/**
 * What Anthropic's models refuse, by their names. Sources: its migration guides and the errors that its API gave, checked
 * 2026-11.
 */

/** The models that the emulator lists. */
export const ANTHROPIC_MODELS: readonly string[] = [
  "claude-opus-5-5",
  "claude-sonnet-5-5",
  "claude-opus-4-8",
  "claude-opus-4-6",
  "claude-sonnet-4-6",
  "claude-haiku-4-5",
];

/** The version in a model's name as a number, so that 4.10 comes after 4.9; undefined for names without one. */
function versionOf(model: string): number | undefined {
  const [, major, minor = "0"] =
    /^claude-(?:opus|sonnet|haiku|fable|mythos)-(\d+)(?:-(\d{1,2}))?(?:-|$)/.exec(model) ?? [];
  if (major !== undefined) return Number(major) * 100 + Number(minor);
  return model.startsWith("claude-3") ? 300 : undefined;
}

const isBetween = (model: string, from: number, before: number): boolean => {
  const version = versionOf(model);
  return version !== undefined && version >= from && version < before;
};

/** Whether sampling is fixed: temperature other than 1, `top_p` below 0.99 and any `top_k` are refused. */
export function refusesSampling(model: string): boolean {
  return isBetween(model, 407, Number.POSITIVE_INFINITY);
}

/** Whether the model takes no budget to think with, but only decides itself. */
export function refusesBudget(model: string): boolean {
  return isBetween(model, 407, Number.POSITIVE_INFINITY);
}

/** Whether the model cannot decide by itself how much it thinks. */
export function refusesAdaptiveThinking(model: string): boolean {
  return isBetween(model, 0, 406);
}

/** Whether the effort is refused. Opus 4.5 was the first to take it. */
export function refusesEffort(model: string): boolean {
  return isBetween(model, 0, 406) && !model.startsWith("claude-opus-4-5");
}

/** Whether the model always thinks: it refuses to be told not to, and to be forced to call a tool. */
export function alwaysThinks(model: string): boolean {
  return /^claude-(?:(?:sonnet|opus)-5-5|fable-5|mythos-5)(?:-|$)/.test(model);
}

/** Whether the last message must not be the assistant's. */
export function refusesPrefill(model: string): boolean {
  return isBetween(model, 406, Number.POSITIVE_INFINITY);
}

/** Whether temperature and `top_p` may not stand together. */
export function refusesBothSamplings(model: string): boolean {
  return isBetween(model, 401, 407);
}
