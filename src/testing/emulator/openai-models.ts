/** What OpenAI's models refuse, by their names. Sources: API reference and model pages, checked 2026-11. */

/** Whether a model reasons before it answers: the o series, and from GPT-5 on all but the chat variants. */
export function isReasoningModel(model: string): boolean {
  return /^(?:o\d|gpt-(?:[5-9]|\d\d))/.test(model) && !model.includes("-chat");
}

/** Whether temperature, penalties and the like are refused. GPT-5.1 to 5.x take them when they do not reason. */
export function refusesSampling(model: string, effort: unknown): boolean {
  return isReasoningModel(model) && !(/^gpt-5\.\d/.test(model) && effort === "none");
}

/** Whether stop sequences are refused: only the first of the reasoning models took them. */
export function refusesStop(model: string): boolean {
  return isReasoningModel(model) && !model.startsWith("o1");
}

/** Whether tools are refused while the model reasons. */
export function refusesToolsWhileReasoning(model: string): boolean {
  return model.startsWith("gpt-5.6");
}
