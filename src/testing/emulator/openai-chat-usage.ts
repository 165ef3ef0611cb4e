import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import { asObject, type LooseObject } from "./loose-json.ts";
import { choicesOf } from "./openai-chat-content.ts";
import { isReasoningModel } from "./openai-models.ts";
import { countWords } from "./text-pieces.ts";
import { contentWords, promptWords } from "./word-counts.ts";

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
  const contents = choicesOf(request, answer);
  const given = answer.usage ?? {};
  const { messages, tools, reasoning_effort: effort = "medium" } = asObject(request.body);
  const thought = contents.reduce((sum, { thinking = "" }) => sum + countWords(thinking), 0);
  const byEffort = isReasoningModel(request.model) ? (REASONING_TOKENS[String(effort)] ?? 0) : 0;
  const reasoning = given.reasoningTokens ?? thought + byEffort;
  const input = given.inputTokens ?? promptWords(messages, tools);
  const output =
    given.outputTokens ?? reasoning + contents.reduce((sum, content) => sum + contentWords(content), 0);
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: given.cacheReadTokens ?? 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
