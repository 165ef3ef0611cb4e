import type { ToolUseBlock } from "../message/content-block.ts";

/** The arguments of a call for a wire that carries them as a text of JSON. */
export function callArguments({ input, rawInput }: ToolUseBlock): string {
  // What the model wrote, byte for byte, keeps its prompt cache; what is no JSON is refused by some servers.
  return isJson(rawInput) ? rawInput : JSON.stringify(input);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
