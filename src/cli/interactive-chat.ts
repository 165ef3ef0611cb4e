import { createInterface } from "node:readline";
import { ModelError } from "../error/model-error.ts";
import { type MessageInput, UserMessage } from "../message/msg.ts";
import type { ChatModelBase } from "../model/chat-model-base.ts";
import type { ChatResponse } from "../model/chat-response.ts";
import { AnswerPrinter, summaryOf } from "./answer-printer.ts";
import { type CliIo, hasColor, styled } from "./cli-io.ts";

/**
 * A conversation on a terminal. The history is kept over turns. Ctrl-C stops the answer; where there is none, Ctrl-C, Ctrl-D
 * or `/exit` leave.
 */
export async function runInteractiveChat(
  model: ChatModelBase,
  system: readonly MessageInput[],
  io: CliIo,
): Promise<void> {
  const color = hasColor(io);
  const history: MessageInput[] = [...system];
  let answering: AbortController | undefined;
  const lines = createInterface({
    input: io.stdin,
    output: io.stdout,
    terminal: io.stdin.isTTY === true,
    prompt: "> ",
  });
  const interrupt = (): void => {
    if (answering === undefined) lines.close();
    else answering.abort();
  };
  lines.on("SIGINT", interrupt);
  const stopListening = io.onInterrupt(interrupt);
  io.stdout.write(styled("Ctrl-C stops an answer; /exit leaves.\n", "dim", color));
  lines.prompt();
  try {
    for await (const line of lines) {
      const prompt = line.trim();
      if (prompt === "/exit" || prompt === "/quit") break;
      if (prompt !== "") {
        answering = new AbortController();
        await takeTurn(model, history, prompt, answering.signal, io);
        answering = undefined;
      }
      lines.prompt();
    }
  } finally {
    stopListening();
    lines.close();
  }
}

/** One question and its answer; both stay in the history, an answer that was stopped as far as it came. */
async function takeTurn(
  model: ChatModelBase,
  history: MessageInput[],
  prompt: string,
  signal: AbortSignal,
  io: CliIo,
): Promise<void> {
  const printer = new AnswerPrinter(io);
  history.push(new UserMessage(prompt));
  try {
    for await (const response of model.stream(history, { signal })) {
      printer.print(response);
      if (!response.isLast) continue;
      history.push(response.toMessage());
      io.stdout.write(`${styled(summaryOf(response), "dim", hasColor(io))}\n`);
    }
  } catch (error) {
    printer.breakOff();
    if (!ModelError.isInstance(error)) throw error;
    const partial = error.partial as ChatResponse | undefined;
    if (partial !== undefined && partial.text !== "") history.push(partial.toMessage());
    else history.pop();
    io.stderr.write(error.kind === "aborted" ? "(stopped)\n" : `${error.message}\n`);
  }
}
