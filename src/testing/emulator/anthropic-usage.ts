import { promptMessages } from "./anthropic-prompt.ts";
import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import { asObject, type LooseObject } from "./loose-json.ts";
import { tokensOf } from "./token-counts.ts";

/** The `usage` of an answer: what it says itself, else a count of words. Cached tokens stand beside the input, not in it. */
export function anthropicUsage({ body }: EmulatedRequest, answer: EmulatedAnswer): LooseObject {
  const { input, output, reasoning, cacheRead } = tokensOf(answer.usage, {
    messages: promptMessages(body),
    tools: asObject(body)["tools"],
    contents: [answer],
  });
  const cacheWrite = answer.usage?.cacheWriteTokens ?? 0;
  return {
    input_tokens: Math.max(0, input - cacheRead - cacheWrite),
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    output_tokens: output,
    ...(reasoning > 0 && { output_tokens_details: { thinking_tokens: reasoning } }),
  };
}
