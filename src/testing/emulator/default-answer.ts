import type { EmulatedAnswer, EmulatedToolCall } from "./emulated-answer.ts";
import { sampleOf } from "./schema-sample.ts";

/** What a request says, whatever its wire. */
export interface Conversation {
  readonly model: string;
  /** The last text of the user. */
  readonly question: string;
  /** Results of tools since then. */
  readonly toolResults: readonly string[];
  readonly tools: readonly { readonly name: string; readonly parameters?: unknown }[];
  /** A tool that must be called; `any` leaves the choice. */
  readonly forcedTool?: string | undefined;
  readonly toolsForbidden?: boolean | undefined;
  /** The schema that the answer must have; `{}` for any JSON. */
  readonly schema?: unknown;
}

/** What the emulator says when nothing is scripted: an echo, a count, a tool call, a sentence about a tool's result. */
export function defaultAnswer(conversation: Conversation): EmulatedAnswer {
  const { question, toolResults, schema } = conversation;
  const thinking =
    /\bthink\b/i.test(question) || /reasoner|thinking/.test(conversation.model)
      ? { thinking: "Let me see what was asked." }
      : {};
  if (toolResults.length > 0) {
    return { ...thinking, text: `Here is what I found: ${toolResults.join(" ")}` };
  }
  const toolCalls = callsFor(conversation);
  if (toolCalls.length > 0) return { ...thinking, toolCalls };
  if (schema !== undefined) return { ...thinking, text: JSON.stringify(sampleOf(schema, question)) };
  return { ...thinking, text: countOf(question) ?? (question === "" ? "Hello." : `You said: ${question}`) };
}

function callsFor({ tools, question, forcedTool, toolsForbidden }: Conversation): EmulatedToolCall[] {
  if (tools.length === 0 || toolsForbidden) return [];
  const named = tools.filter((tool) => question.includes(tool.name));
  const forced = tools.filter((tool) => tool.name === forcedTool);
  const chosen = forced.length > 0 ? forced : named.length > 0 ? named : tools.slice(0, 1);
  return chosen.map((tool) => ({
    name: tool.name,
    arguments: sampleOf(tool.parameters ?? {}, question) as Record<string, unknown>,
  }));
}

/** "Count from 1 to 5": the most usual first prompt. */
function countOf(question: string): string | undefined {
  const [, from, to] = /\bcount (?:from )?(\d+) to (\d+)/i.exec(question) ?? [];
  if (from === undefined || to === undefined) return undefined;
  const length = Math.min(10_000, Math.max(0, Number(to) - Number(from) + 1));
  return Array.from({ length }, (_, index) => Number(from) + index).join(", ");
}
