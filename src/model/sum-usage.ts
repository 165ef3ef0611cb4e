import type { ChatUsage } from "./chat-response.ts";

/** What sums up over several answers. Times do not: the answers may have run side by side. */
const COUNTS = [
  "inputTokens",
  "outputTokens",
  "totalTokens",
  "cacheReadTokens",
  "cacheWriteTokens",
  "reasoningTokens",
  "cost",
] as const satisfies readonly (keyof ChatUsage)[];

/** What several answers cost together. A count that one of them did not report is the sum of the others. */
export function sumUsage(usages: readonly (ChatUsage | undefined)[]): ChatUsage {
  const sum: { -readonly [Name in keyof ChatUsage]: ChatUsage[Name] } = {};
  for (const usage of usages) {
    for (const name of COUNTS) {
      const count = usage?.[name];
      if (count !== undefined) sum[name] = (sum[name] ?? 0) + count;
    }
  }
  return sum;
}
