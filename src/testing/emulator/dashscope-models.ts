/** What DashScope's models do by themselves, by their names. Source: its model pages and SDKs, checked 2026-11. */

/** A few of its families. */
export const DASHSCOPE_MODELS: readonly string[] = [
  "qwen-plus",
  "qwen3-max",
  "qwen3-8b",
  "qwen3.5-plus",
  "qwen-vl-max",
  "qwq-plus",
];

/** Whether a model is served under `multimodal-generation`, and nowhere else. */
export function isMultimodalModel(model: string): boolean {
  if (/^qwen3\.(?:6-max-preview|7-max)/.test(model)) return false;
  return /-vl|^qvq|-asr|omni|^qwen3\.[5-9]|^kimi-k2\.[56]/.test(model);
}

/** Whether a model thinks when nobody says that it should not: open-weight Qwen3, and those that do nothing else. */
export function thinksByDefault(model: string): boolean {
  return /^qwen3-(?:\d|next.*thinking)/.test(model) || onlyThinks(model);
}

/** Whether a model cannot be asked for a whole answer at all. */
export function onlyThinks(model: string): boolean {
  return /^(?:qwq|qvq)/.test(model);
}

/** Whether each event of a stream holds only what is new, when the request does not say. */
export function isIncrementalByDefault(model: string): boolean {
  return /^(?:qwen3-|qwq|qvq)|-vl/.test(model);
}

/** Whether answers come as messages, when the request does not say. */
export function answersInMessages(model: string): boolean {
  return /^(?:qwen3|qwq|qvq)/.test(model) || isMultimodalModel(model);
}
