import type { EmulatedContent, EmulatedUsage } from "./emulated-answer.ts";
import { countWords } from "./text-pieces.ts";
import { contentWords, promptWords } from "./word-counts.ts";

/** What is counted: the prompt in its wire's form, and what each choice says. */
interface Counted {
  readonly messages: unknown;
  readonly tools: unknown;
  readonly contents: readonly EmulatedContent[];
  /** Reasoning that is not shown. @default 0 */
  readonly hiddenReasoning?: number;
}

/** The tokens of an answer in the inclusive form: what it says itself, else a count of words. */
export function tokensOf(
  given: EmulatedUsage | null | undefined,
  { messages, tools, contents, hiddenReasoning = 0 }: Counted,
): { input: number; output: number; reasoning: number; cacheRead: number } {
  const thought = contents.reduce((sum, { thinking = "" }) => sum + countWords(thinking), 0);
  const said = contents.reduce((sum, content) => sum + contentWords(content), 0);
  const reasoning = given?.reasoningTokens ?? thought + hiddenReasoning;
  return {
    input: given?.inputTokens ?? promptWords(messages, tools),
    output: given?.outputTokens ?? reasoning + said,
    reasoning,
    cacheRead: given?.cacheReadTokens ?? 0,
  };
}
