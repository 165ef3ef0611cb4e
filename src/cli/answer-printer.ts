import type { ChatResponse, ContentDelta } from "../model/chat-response.ts";
import type { CliIo } from "./cli-io.ts";
import { oneLine, printable, styled } from "./terminal-text.ts";

/** Writes an answer for people as it arrives: thinking dimmed, text plain, each tool call on a line of its own. */
export class AnswerPrinter {
  private readonly io: CliIo;
  /** The block whose line is open. */
  private open: Pick<ContentDelta, "type" | "id"> | undefined;

  constructor(io: CliIo) {
    this.io = io;
  }

  /** Writes what this snapshot adds. */
  show(response: ChatResponse): void {
    for (const part of response.delta) this.add(part);
    if (!response.isLast) return;
    this.end();
    for (const { name, rawInput, inputError } of response.toolCalls) {
      const call = `→ ${name}(${oneLine(rawInput)})${inputError === undefined ? "" : ` ${inputError}`}`;
      this.io.stdout.write(`${styled(call, "cyan", "stdout", this.io)}\n`);
    }
  }

  /** Ends the line that is open, at the end of an answer or where it broke off. */
  end(): void {
    if (this.open !== undefined) this.io.stdout.write("\n");
    this.open = undefined;
  }

  private add(part: ContentDelta): void {
    // Calls are shown when they are whole: the parts of several may come in turns.
    if (part.type === "tool_use") return;
    const isNew = this.open?.id !== part.id;
    if (isNew && this.open !== undefined) {
      this.io.stdout.write(this.open.type === "thinking" || part.type === "thinking" ? "\n\n" : "\n");
    }
    this.open = part;
    if (part.type === "text") this.io.stdout.write(printable(part.text));
    else if (part.type === "thinking") {
      this.io.stdout.write(styled(printable(part.thinking), "dim", "stdout", this.io));
    } else if (isNew) {
      // Media arrive in many pieces; one mark is enough.
      this.io.stdout.write(styled(`[${printable(part.source.mediaType)}]`, "cyan", "stdout", this.io));
    }
  }
}
