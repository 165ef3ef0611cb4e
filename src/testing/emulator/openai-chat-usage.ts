import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import { asObject, type LooseObject } from "./loose-json.ts";
import { choicesOf } from "./openai-chat-content.ts";
import { isReasoningModel } from "./openai-models.ts";
import { tokensOf } from "./token-counts.ts";

/** How much a reasoning model thinks, by effort. */
const REASONING_TOKENS: Readonly<Record<string, number>> = {
  none: 0,
  minimal: 8,
  low: 16,
  medium: 64,
  high: 256,
  xhigh: 512,
  max: 1024,
};

/** The `usage` of an answer: what it says itself, else a count of words. */
export function chatUsage(request: EmulatedRequest, answer: EmulatedAnswer): LooseObject {
  const { messages, tools, reasoning_effort: effort = "medium" } = asObject(request.body);
  const { input, output, reasoning, cacheRead } = tokensOf(answer.usage, {
    messages,
    tools,
    contents: choicesOf(request, answer),
    hiddenReasoning: isReasoningModel(request.model) ? (REASONING_TOKENS[String(effort)] ?? 0) : 0,
  });
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cacheRead, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
