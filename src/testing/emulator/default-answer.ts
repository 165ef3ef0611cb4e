import type { EmulatedAnswer, EmulatedToolCall } from "./emulated-answer.ts";
import { sampleOf } from "./schema-sample.ts";

/** A tool that a request offers. */
export interface OfferedTool {
  readonly name: string;
  /** JSON Schema of its arguments. */
  readonly parameters: unknown;
}

/** What a request says, whatever its wire. */
export interface Conversation {
  readonly model: string;
  readonly lastUserText: string;
  /** What tools have said since then. */
  readonly toolResults: readonly string[];
  /** The tools that may be called. */
  readonly tools: readonly OfferedTool[];
  /** Whether one of them must be called although there are results already. */
  readonly mustCall: boolean;
  readonly mayCallSeveral: boolean;
  /** Whether it thinks aloud when the user says so. @default by the model's name */
  readonly mayThink?: boolean;
  /** The form of the answer: any JSON, or what a JSON Schema allows. */
  readonly form?: "text" | "json" | { readonly schema: unknown };
}

/** A count has so many numbers at most. */
const MAX_COUNT = 100_000;

/**
 * What the emulator says by itself: it calls tools that have not been called, reports what they said, answers in the form
 * that is asked for, counts, or repeats what the user said.
 */
export function defaultAnswer(conversation: Conversation): EmulatedAnswer {
  const { model, lastUserText, mayThink = /reasoner|thinking/i.test(model) } = conversation;
  const thinks = mayThink && /\bthink/i.test(lastUserText);
  return {
    ...(thinks && { thinking: "The user wants me to think. Let me see what was asked." }),
    ...(shouldCall(conversation) ? { toolCalls: callsFor(conversation) } : { text: textFor(conversation) }),
  };
}

function shouldCall({ tools, toolResults, mustCall }: Conversation): boolean {
  return tools.length > 0 && (mustCall || toolResults.length === 0);
}

function callsFor({ tools, lastUserText, mayCallSeveral }: Conversation): EmulatedToolCall[] {
  const named = tools.filter(({ name }) => lastUserText.includes(name));
  const chosen = named.length > 0 ? named : tools;
  return chosen
    .slice(0, mayCallSeveral && named.length > 0 ? named.length : 1)
    .map(({ name, parameters }, index) => ({
      name,
      arguments: sampleOf(parameters, { text: lastUserText, skip: index }) as Record<string, unknown>,
    }));
}

function textFor({ lastUserText, toolResults, form = "text" }: Conversation): string {
  if (typeof form === "object") return JSON.stringify(sampleOf(form.schema, { text: lastUserText }));
  const text =
    toolResults.length > 0 ? `Here is what I found: ${toolResults.join("; ")}` : replyTo(lastUserText);
  return form === "json" ? JSON.stringify({ answer: text }) : text;
}

function replyTo(text: string): string {
  const [, from, to] = /\bcount(?:\s+from)?\s+(\d+)\s+to\s+(\d+)/i.exec(text) ?? [];
  if (from === undefined || to === undefined) return text === "" ? "Hello." : `You said: ${text}`;
  const step = Number(from) <= Number(to) ? 1 : -1;
  const length = Math.min(MAX_COUNT, Math.abs(Number(to) - Number(from)) + 1);
  return Array.from({ length }, (_, index) => Number(from) + step * index).join(", ");
}
