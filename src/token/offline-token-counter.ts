import { CharTokenCounter } from "./char-token-counter.ts";
import { openaiFamilyOf } from "./openai-families.ts";
import { OpenAITokenCounter } from "./openai-token-counter.ts";

/** Providers that serve OpenAI's models only, whatever the name: a deployment's, or one that came out today. */
const OPENAI_ONLY: ReadonlySet<string> = new Set(["openai", "azure"]);

/** The best that can be counted without asking anybody: tiktoken for OpenAI's models wherever they are served, else by characters. */
export function offlineTokenCounter(model: {
  readonly provider: string;
  readonly modelName: string;
}): OpenAITokenCounter | CharTokenCounter {
  const isOpenAI = OPENAI_ONLY.has(model.provider) || openaiFamilyOf(model.modelName) !== undefined;
  return isOpenAI ? new OpenAITokenCounter(model.modelName) : new CharTokenCounter();
}
