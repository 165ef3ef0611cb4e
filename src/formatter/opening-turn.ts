import type { FormatContext } from "./formatter-base.ts";

/** What the user is made to say where a wire wants the user to begin and the history, perhaps truncated, begins with the model. */
const OPENING = "(The conversation begins.)";

/** The text of an opening turn, with the warning that there is one. */
export function openingText({ warn }: FormatContext): string {
  warn?.("messages", "A conversation begins with the user here; an opening turn was put before it.");
  return OPENING;
}
