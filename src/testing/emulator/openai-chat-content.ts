import type { EmulatedAnswer, EmulatedContent, EmulatedToolCall } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import { asList, asObject, asText } from "./loose-json.ts";

/** The text of a message: a string, or the text parts of a list. */
export function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  return asList(content)
    .map((part) => asText(asObject(part)["text"]))
    .filter((text) => text !== "")
    .join(" ");
}

/** What every choice of an answer says. */
export function choicesOf({ body }: EmulatedRequest, answer: EmulatedAnswer): readonly EmulatedContent[] {
  const { n } = asObject(body);
  return answer.choices ?? Array.from({ length: typeof n === "number" ? n : 1 }, () => answer);
}

/** The arguments of a call, as they stand on the wire. */
export function argumentsText({ arguments: input }: EmulatedToolCall): string {
  return typeof input === "string" ? input : JSON.stringify(input);
}
