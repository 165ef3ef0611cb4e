import { createInterface } from "node:readline";
import { ModelError } from "../error/model-error.ts";
import { type MessageInput, type Msg, UserMessage } from "../message/msg.ts";
import type { ChatResponse } from "../model/chat-response.ts";
import type { CliIo } from "./cli-io.ts";
import { oneLine, styled } from "./terminal-text.ts";

/** Asks a model, shows what it says, and returns what is to be remembered of it. */
export type Ask = (messages: readonly MessageInput[], signal: AbortSignal) => Promise<readonly Msg[]>;

/**
 * A conversation on a terminal, its history kept over turns. Ctrl-C stops the answer; where there is none, or a second
 * time, it leaves, as do Ctrl-D and `/exit`.
 */
export async function runInteractiveChat(
  ask: Ask,
  system: readonly MessageInput[],
  io: CliIo,
): Promise<void> {
  const history: MessageInput[] = [...system];
  let answering: AbortController | undefined;
  let isOpen = true;
  const lines = createInterface({
    input: io.stdin,
    output: io.stdout,
    terminal: io.stdin.isTTY === true && io.stdout.isTTY === true,
    prompt: "> ",
  });
  const interrupt = (): void => {
    if (answering === undefined || answering.signal.aborted) lines.close();
    answering?.abort();
  };
  // A terminal that is read key by key sends Ctrl-C as a key, any other one as a signal.
  lines.on("SIGINT", interrupt);
  lines.on("close", () => {
    isOpen = false;
  });
  const stopListening = io.onInterrupt(interrupt);
  io.stdout.write(styled("Ctrl-C stops an answer; /exit leaves.\n", "dim", "stdout", io));
  lines.prompt();
  try {
    for await (const line of lines) {
      const prompt = line.trim();
      if (prompt === "/exit" || prompt === "/quit") break;
      if (prompt !== "") {
        answering = new AbortController();
        await takeTurn(ask, history, prompt, answering.signal, io);
        answering = undefined;
      }
      if (isOpen) lines.prompt();
    }
    // Ctrl-C and Ctrl-D leave the prompt's line open.
    if (!isOpen) io.stdout.write("\n");
  } finally {
    stopListening();
    lines.close();
  }
}

/** One question and its answer. Both stay in the history; an answer that was stopped stays as far as it came. */
async function takeTurn(
  ask: Ask,
  history: MessageInput[],
  prompt: string,
  signal: AbortSignal,
  io: CliIo,
): Promise<void> {
  history.push(new UserMessage(prompt));
  try {
    history.push(...(await ask(history, signal)));
  } catch (error) {
    if (!ModelError.isInstance(error)) throw error;
    const partial = error.partial as ChatResponse | undefined;
    if (partial !== undefined && partial.text !== "") history.push(partial.toMessage());
    // A question without an answer would stand beside the next one.
    else history.pop();
    io.stderr.write(error.kind === "aborted" ? "(stopped)\n" : `${oneLine(error.message)}\n`);
  }
}
