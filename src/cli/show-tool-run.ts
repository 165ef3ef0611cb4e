import { lastValueFrom, map, type Observable } from "../rxjs.ts";
import type { ToolRunEvent, ToolRunResult } from "../tool-loop/tool-run-events.ts";
import { outputText } from "../tool-loop/run-tool.ts";
import { AnswerPrinter } from "./answer-printer.ts";
import type { CliIo } from "./cli-io.ts";
import { type AnswerForm, showWarnings } from "./show-answer.ts";
import { oneLine, styled } from "./terminal-text.ts";

/** Shows a run of tools as it happens: answers as they arrive, each call, and what each tool gave. Returns what came of it. */
export async function showToolRun(
  run: Observable<ToolRunEvent>,
  form: AnswerForm,
  io: CliIo,
): Promise<ToolRunResult> {
  const printer = new AnswerPrinter(io);
  const show = (event: ToolRunEvent): ToolRunEvent => {
    if (form === "json") io.stdout.write(`${JSON.stringify(event)}\n`);
    else if (event.type === "snapshot") printer.show(event.response);
    else if (event.type === "tool_progress" || event.type === "tool_result") {
      const mark = event.type === "tool_progress" ? "…" : "←";
      const line = `${mark} ${event.call.name}: ${oneLine(outputText(event.output))}`;
      io.stdout.write(`${styled(line, "cyan", "stdout", io)}\n`);
    } else if (event.type === "round_end") showWarnings(event.response, io);
    else if (event.type === "final" && event.reason === "return_direct") io.stdout.write(`${event.text}\n`);
    return event;
  };
  try {
    const last = await lastValueFrom(run.pipe(map(show)));
    if (last.type !== "final") throw new Error("The run ended without its last event.");
    return last;
  } finally {
    printer.end();
  }
}
