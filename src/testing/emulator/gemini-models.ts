/** What Google's models can do, by their names. Sources: model pages and API reference of the Gemini API, checked 2026-11. */

/** The models that the emulator lists. */
export const GEMINI_MODELS: readonly string[] = [
  "gemini-3.1-pro-preview",
  "gemini-3.5-flash",
  "gemini-2.5-pro",
  "gemini-2.5-flash",
  "gemini-2.0-flash",
];

/** The version in a model's name; undefined for names without one, of which nothing is refused. */
function versionOf(model: string): number | undefined {
  const digits = /^gemini-(\d+(?:\.\d+)?)/.exec(model)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Whether a model has thoughts: from 2.5 on. */
export function canThink(model: string): boolean {
  return (versionOf(model) ?? 3) >= 2.5;
}

/** Whether thinking is measured in levels, calls have ids, and the first of a turn must bring its signature back: from 3 on. */
export function isThirdGeneration(model: string): boolean {
  return (versionOf(model) ?? 0) >= 3;
}

/** Whether a model knows no levels, and no JSON beside functions. */
export function isBeforeThirdGeneration(model: string): boolean {
  return (versionOf(model) ?? 3) < 3;
}

/** The smallest and largest budget of thoughts, for the models that count them. */
export function budgetRange(model: string): readonly [number, number] | undefined {
  if (versionOf(model) !== 2.5) return undefined;
  return model.includes("-pro") ? [128, 32_768] : [0, 24_576];
}
