import type { ChatResponse } from "../model/chat-response.ts";
import { type CliIo, hasColor, styled } from "./cli-io.ts";

/** Writes an answer to a terminal as it arrives: thinking dimmed, text plain, tool calls in their own lines. */
export class AnswerPrinter {
  private readonly io: CliIo;
  private readonly color: boolean;
  private before: "text" | "thinking" | "tool_use" | "data" | undefined;

  constructor(io: CliIo) {
    this.io = io;
    this.color = hasColor(io);
  }

  /** Writes what this snapshot adds. */
  print(response: ChatResponse): void {
    for (const part of response.delta) {
      if (part.type === "text") this.write("text", part.text);
      else if (part.type === "thinking") this.write("thinking", styled(part.thinking, "dim", this.color));
      else if (part.type === "data") this.write("data", part.id);
    }
    if (response.isLast) this.finish(response);
  }

  /** Ends the line that an answer which broke off has left open. */
  breakOff(): void {
    if (this.before !== undefined) this.io.stdout.write("\n");
    this.before = undefined;
  }

  private write(type: "text" | "thinking" | "data", text: string): void {
    if (type === "data") {
      // Media arrive in many pieces; one mark is enough.
      if (this.before !== "data") this.io.stdout.write(styled("[media]", "cyan", this.color));
    } else {
      if (this.before === "thinking" && type === "text") this.io.stdout.write("\n\n");
      this.io.stdout.write(text);
    }
    this.before = type;
  }

  private finish(response: ChatResponse): void {
    this.breakOff();
    for (const call of response.toolCalls) {
      const line = `→ ${call.name}(${call.rawInput || "{}"})${call.inputError === undefined ? "" : ` ${call.inputError}`}`;
      this.io.stdout.write(`${styled(line, "cyan", this.color)}\n`);
    }
    for (const { option, reason } of response.warnings)
      this.io.stderr.write(`warning: ${option}: ${reason}\n`);
  }
}

/** One line on what an answer cost: tokens, money where the prices are known, time to the first content, why it ended. */
export function summaryOf({ usage = {}, finishReason }: ChatResponse): string {
  const parts = [
    usage.inputTokens !== undefined && `${usage.inputTokens} tokens in`,
    usage.outputTokens !== undefined && `${usage.outputTokens} out`,
    usage.reasoningTokens !== undefined &&
      usage.reasoningTokens > 0 &&
      `${usage.reasoningTokens} of them reasoning`,
    usage.cost !== undefined && `$${usage.cost.toPrecision(2)}`,
    usage.timeToFirstTokenMs !== undefined && `first token after ${Math.round(usage.timeToFirstTokenMs)} ms`,
    usage.durationMs !== undefined && `${Math.round(usage.durationMs)} ms in all`,
    finishReason !== undefined && `finished: ${finishReason}`,
  ];
  return parts.filter(Boolean).join(" · ");
}
