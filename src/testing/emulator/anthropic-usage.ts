import { anthropicPrompt } from "./anthropic-prompt.ts";
import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import type { LooseObject } from "./loose-json.ts";
import { countWords } from "./text-pieces.ts";
import { contentWords } from "./word-counts.ts";

/** The `usage` of an answer: what it says itself, else a count of words. Cached tokens stand beside the input, not in it. */
export function anthropicUsage(request: EmulatedRequest, answer: EmulatedAnswer): LooseObject {
  const { cacheReadTokens = 0, cacheWriteTokens = 0, ...given } = answer.usage ?? {};
  const thinking = given.reasoningTokens ?? countWords(answer.thinking ?? "");
  const input =
    given.inputTokens ?? anthropicPrompt(request.body).tokens + cacheReadTokens + cacheWriteTokens;
  return {
    input_tokens: Math.max(0, input - cacheReadTokens - cacheWriteTokens),
    cache_creation_input_tokens: cacheWriteTokens,
    cache_read_input_tokens: cacheReadTokens,
    output_tokens: given.outputTokens ?? thinking + contentWords(answer),
    ...(thinking > 0 && { output_tokens_details: { thinking_tokens: thinking } }),
  };
}
