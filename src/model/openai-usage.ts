import type { OpenAIUsage } from "../wire/openai-chat.ts";
import type { UsageUpdate } from "./response-accumulator.ts";
import { countOf, kept } from "./tolerant-values.ts";

/** By the usage of a recorded answer and the prices of its model (wire notes 4.3, 2026-11). */
const XAI_TICKS_PER_DOLLAR = 1e10;

/** Usage in our inclusive form (wire notes 1.3, 2026-11). */
export function readOpenAIUsage(usage: OpenAIUsage): UsageUpdate {
  const prompt = countOf(usage.prompt_tokens);
  const completion = countOf(usage.completion_tokens);
  const reasoning = countOf(usage.completion_tokens_details?.reasoning_tokens);
  const cacheRead = countOf(
    usage.prompt_tokens_details?.cached_tokens ??
      usage.prompt_token_details?.cached_tokens ??
      usage.prompt_cache_hit_tokens ??
      usage.cached_tokens ??
      usage.num_cached_tokens,
  );
  const cacheWrite = countOf(
    usage.prompt_tokens_details?.cache_write_tokens ??
      usage.prompt_tokens_details?.cache_creation_input_tokens,
  );
  // xAI reports more cached than prompt tokens at times: then the prompt does not include them.
  const input =
    prompt !== undefined && cacheRead !== undefined && cacheRead > prompt ? prompt + cacheRead : prompt;
  const output = outputTokens(prompt, completion, countOf(usage.total_tokens), reasoning);
  const total = totalTokens(countOf(usage.total_tokens), input, output);
  const ticks = countOf(usage.cost_in_usd_ticks);
  const cost = countOf(usage.cost) ?? (ticks === undefined ? undefined : ticks / XAI_TICKS_PER_DOLLAR);
  const raw: Readonly<Record<string, unknown>> = { ...kept(usage) };
  return {
    inputTokens: input,
    outputTokens: output,
    totalTokens: total,
    cacheReadTokens: cacheRead,
    cacheWriteTokens: cacheWrite,
    reasoningTokens: reasoning,
    cost,
    raw,
  };
}

/** Most servers count reasoning within the completion, xAI beside it; the total tells which. */
function outputTokens(
  prompt: number | undefined,
  completion: number | undefined,
  total: number | undefined,
  reasoning = 0,
): number | undefined {
  if (completion === undefined) return undefined;
  if (reasoning > 0 && total === (prompt ?? 0) + completion + reasoning) return completion + reasoning;
  return Math.max(completion, reasoning);
}

/** The provider's own total, unless it leaves out what was found beside the prompt or the completion. */
function totalTokens(
  total: number | undefined,
  input: number | undefined,
  output: number | undefined,
): number | undefined {
  if (input === undefined || output === undefined) return total;
  return Math.max(total ?? 0, input + output);
}
