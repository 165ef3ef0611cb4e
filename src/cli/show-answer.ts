import { once } from "node:events";
import type { Writable } from "node:stream";
import type { ChatResponse } from "../model/chat-response.ts";
import { AnswerPrinter } from "./answer-printer.ts";
import type { CliIo } from "./cli-io.ts";
import { oneLine } from "./terminal-text.ts";

/** For people, or one JSON snapshot a line. */
export type AnswerForm = "text" | "json";

/**
 * Reads an answer to its end and shows each snapshot on the way; a reader of ours who is slow slows down the provider. What
 * could not be honoured is said on standard error. Returns the last snapshot.
 *
 * @throws ModelError when the answer breaks off; what had arrived stays shown
 */
export async function showAnswer(
  answer: AsyncIterable<ChatResponse>,
  form: AnswerForm,
  io: CliIo,
): Promise<ChatResponse> {
  const printer = new AnswerPrinter(io);
  let last: ChatResponse | undefined;
  try {
    for await (const response of answer) {
      if (form === "json") io.stdout.write(`${JSON.stringify(response)}\n`);
      else printer.show(response);
      await roomIn(io.stdout);
      last = response;
    }
  } finally {
    printer.end();
  }
  if (last === undefined) throw new Error("The answer ended without any snapshot.");
  showWarnings(last, io);
  return last;
}

/** Says what could not be honoured. */
export function showWarnings({ warnings }: ChatResponse, io: CliIo): void {
  for (const { option, reason } of warnings) io.stderr.write(`warning: ${option}: ${oneLine(reason)}\n`);
}

async function roomIn(stream: Writable): Promise<void> {
  if (stream.writableNeedDrain) await once(stream, "drain");
}
