import type { ToolUseBlock } from "../message/content-block.ts";

/** The arguments of a call as an object, which is all that a wire takes: what is none goes back as the text that it was. */
export function callInput({ input, inputError, rawInput }: ToolUseBlock): Readonly<Record<string, unknown>> {
  const isUnread = inputError !== undefined && rawInput !== "" && Object.keys(input).length === 0;
  return isUnread ? { invalid_arguments: rawInput } : input;
}

/** The arguments of a call for a wire that carries them as a text of JSON. */
export function callArguments(call: ToolUseBlock): string {
  // What the model wrote, byte for byte, keeps its prompt cache; what is no JSON object is refused by some servers.
  return isJsonObject(call.rawInput) ? call.rawInput : JSON.stringify(callInput(call));
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
