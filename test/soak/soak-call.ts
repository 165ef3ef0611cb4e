import { setTimeout as wait } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { ModelError } from "../../src/error/model-error.ts";
import type { ChatModelBase } from "../../src/model/chat-model-base.ts";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import type { GenerateOptions } from "../../src/model/generate-options.ts";
import type { EmulatedAnswer } from "../../src/testing/emulator/emulated-answer.ts";
import type { CallPlan, ReaderPlan } from "./soak-plan.ts";

/** How a call ended for its caller, and how often it said so. */
export interface Ending {
  readonly type: "completed" | "cancelled" | "failed";
  readonly last?: ChatResponse | undefined;
  readonly error?: unknown;
  /** Signals after the first ending: there must be none. */
  readonly late: readonly string[];
}

/** What may come of a call through such a network, from such a server; any other kind is a mistake of ours. */
const EXPECTED_KINDS: ReadonlySet<string> = new Set([
  "network",
  "truncated",
  "timeout",
  "rate_limit",
  "overloaded",
  "server",
  "authentication",
  "permission",
  "not_found",
  "invalid_request",
]);

/** How long it is listened whether something comes after the ending, in milliseconds. */
const LISTEN_MS = 5;

/** Makes a call and reads it as its plan says. */
export async function read(model: ChatModelBase, question: string, plan: CallPlan): Promise<Ending> {
  const { reader, isStream, retries } = plan;
  const options: GenerateOptions = {
    stream: isStream,
    retry: { maxRetries: retries, baseDelayMs: 1 },
  };
  return reader.reads === "slowly" || reader.reads === "break"
    ? pull(model, question, options, reader)
    : subscribe(model, question, options, reader);
}

function subscribe(
  model: ChatModelBase,
  question: string,
  options: GenerateOptions,
  { reads, after }: ReaderPlan,
): Promise<Ending> {
  const controller = new AbortController();
  const late: string[] = [];
  return new Promise((resolve) => {
    let ending: Omit<Ending, "late"> | undefined;
    let count = 0;
    const end = (type: Ending["type"], more: object = {}): void => {
      if (ending !== undefined) {
        late.push(type);
        return;
      }
      ending = { type, ...more };
      void wait(LISTEN_MS).then(() => resolve({ ...(ending as Ending), late }));
    };
    const giveUp = (): void => {
      if (reads === "abort") controller.abort();
      if (reads !== "unsubscribe" || ending !== undefined) return;
      subscription.unsubscribe();
      end("cancelled");
    };
    let last: ChatResponse | undefined;
    const subscription = model.stream(question, { ...options, signal: controller.signal }).subscribe({
      next: (response) => {
        if (ending !== undefined) late.push("a snapshot");
        last = response;
        count += 1;
        if (count === after) giveUp();
      },
      error: (error: unknown) => {
        const isOurs = controller.signal.aborted && ModelError.isInstance(error) && error.kind === "aborted";
        end(isOurs ? "cancelled" : "failed", { last, error });
      },
      complete: () => end("completed", { last }),
    });
    if (after === 0) giveUp();
  });
}

async function pull(
  model: ChatModelBase,
  question: string,
  options: GenerateOptions,
  { reads, after }: ReaderPlan,
): Promise<Ending> {
  let last: ChatResponse | undefined;
  let count = 0;
  try {
    for await (const response of model.stream(question, options)) {
      last = response;
      count += 1;
      if (reads === "break" && count > after) return { type: "cancelled", late: [] };
      if (count % 16 === 0) await wait(1);
    }
    return { type: "completed", last, late: [] };
  } catch (error) {
    return { type: "failed", last, error, late: [] };
  }
}

/** The promises that a call did not keep. */
export function mistakesOf({ type, last, error, late }: Ending, { answer, isStream }: CallPlan): string[] {
  const mistakes = late.map((signal) => `${signal} came after the end`);
  if (type === "completed") {
    if (last?.isLast !== true || last.interrupted) mistakes.push("it completed without a last snapshot");
    if (answer.status !== undefined) mistakes.push(`it completed though the status was ${answer.status}`);
    if (answer.errorEvent !== undefined && isStream)
      mistakes.push("it completed though the provider said that it failed");
    if (last !== undefined && !isAll(last, answer))
      mistakes.push(`it completed with ${JSON.stringify(last.content).slice(0, 400)}`);
  }
  if (type !== "failed") return mistakes;
  if (!ModelError.isInstance(error)) return [...mistakes, `it failed with a foreign error: ${String(error)}`];
  if (!EXPECTED_KINDS.has(error.kind)) mistakes.push(`it failed as ${error.kind}: ${error.message}`);
  const partial = error.partial as ChatResponse | undefined;
  if ((partial === undefined) !== (last === undefined))
    mistakes.push(
      `it showed ${last?.text ?? "nothing"}, and the error carries ${partial?.text ?? "nothing"}`,
    );
  if (partial !== undefined && !isBeginning(partial, answer))
    mistakes.push(`the part is no beginning: ${JSON.stringify(partial.content).slice(0, 400)}`);
  return mistakes;
}

function isAll({ text, thinking, toolCalls }: ChatResponse, answer: EmulatedAnswer): boolean {
  const calls = toolCalls.map(({ name, input, inputError }) => ({ name, input, inputError }));
  const wanted = (answer.toolCalls ?? []).map((call) => ({
    name: call.name,
    input: call.arguments,
    inputError: undefined,
  }));
  return text === answer.text && thinking === (answer.thinking ?? "") && isDeepStrictEqual(calls, wanted);
}

function isBeginning({ text, thinking, toolCalls }: ChatResponse, answer: EmulatedAnswer): boolean {
  const { text: whole = "", thinking: thought = "", toolCalls: calls = [] } = answer;
  return (
    whole.startsWith(text) &&
    thought.startsWith(thinking) &&
    toolCalls.every(({ name, rawInput }, index) => {
      const call = calls[index];
      return name === call?.name && JSON.stringify(call.arguments).startsWith(rawInput);
    })
  );
}
