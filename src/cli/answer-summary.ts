import type { ChatResponse } from "../model/chat-response.ts";

/** One line on an answer: tokens, money where the prices are known, time to the first content, and why it ended. */
export function summaryOf({ usage = {}, finishReason }: ChatResponse): string {
  const { inputTokens, outputTokens, cacheReadTokens, reasoningTokens, cost } = usage;
  const { timeToFirstTokenMs, durationMs } = usage;
  const facts = [
    inputTokens !== undefined &&
      `${inputTokens} tokens in${cacheReadTokens ? ` (${cacheReadTokens} cached)` : ""}`,
    outputTokens !== undefined &&
      `${outputTokens} out${reasoningTokens ? ` (${reasoningTokens} reasoning)` : ""}`,
    cost !== undefined && (cost === 0 ? "$0" : `$${Number(cost.toPrecision(2))}`),
    timeToFirstTokenMs !== undefined && `first token after ${Math.round(timeToFirstTokenMs)} ms`,
    durationMs !== undefined && `${Math.round(durationMs)} ms in all`,
    finishReason !== undefined && `finished: ${finishReason}`,
  ];
  return facts.filter(Boolean).join(" · ");
}
