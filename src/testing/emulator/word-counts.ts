import type { EmulatedContent } from "./emulated-answer.ts";
import { asList, asObject } from "./loose-json.ts";
import { argumentsText, contentText } from "./openai-chat-content.ts";
import { countWords } from "./text-pieces.ts";

/** The tokens of a prompt: a word is one, and so is a message. */
export function promptWords(messages: unknown, tools: unknown): number {
  const said = asList(messages).reduce((sum: number, message) => {
    return sum + 1 + countWords(contentText(asObject(message)["content"]));
  }, 0);
  return said + asList(tools).reduce((sum: number, tool) => sum + countWords(JSON.stringify(tool)), 0);
}

/** The tokens of an answer, without its reasoning. */
export function contentWords({ text = "", refusal = "", audio, toolCalls = [] }: EmulatedContent): number {
  const calls = toolCalls.reduce((sum, call) => sum + 1 + countWords(argumentsText(call)), 0);
  return countWords(text) + countWords(refusal) + countWords(audio?.transcript ?? "") + calls;
}
