import { lastValueFrom, map, type Observable } from "../rxjs.ts";
import type { StructuredSnapshot } from "../model/structured/structured-output.ts";
import { summaryOf } from "./answer-summary.ts";
import type { CliIo } from "./cli-io.ts";
import { type AnswerForm, showWarnings } from "./show-answer.ts";
import { oneLine, styled } from "./terminal-text.ts";

/** The least time between two views of a value that grows. */
const REDRAW_MS = 50;

/** Prints a value as JSON. On a terminal one line shows it as it grows, until it is whole. */
export async function showValue(
  value: Observable<StructuredSnapshot<unknown>>,
  form: AnswerForm,
  io: CliIo,
): Promise<void> {
  const { stdout, stderr } = io;
  const isDrawn = form === "text" && stdout.isTTY === true;
  let drawnAt = 0;
  const draw = (line: string): void => void stdout.write(`\r\u001b[K${line}`);
  const show = (snapshot: StructuredSnapshot<unknown>): StructuredSnapshot<unknown> => {
    if (form === "json") stdout.write(`${JSON.stringify(snapshot)}\n`);
    else if (isDrawn && !snapshot.isLast && Date.now() - drawnAt >= REDRAW_MS) {
      drawnAt = Date.now();
      const line = oneLine(JSON.stringify(snapshot.partial) ?? "");
      // The end is what moves.
      draw(styled(line.slice(-((stdout.columns ?? 80) - 1)), "dim", "stdout", io));
    }
    return snapshot;
  };
  try {
    const last = await lastValueFrom(value.pipe(map(show)));
    if (form === "json" || !last.isLast) return;
    if (isDrawn) draw("");
    stdout.write(`${jsonText(last.value)}\n`);
    showWarnings(last.response, io);
    const ways = last.attempts.map(({ mode, outcome }) => `${mode} ${outcome}`);
    const summary = [summaryOf(last.response), ...(ways.length > 1 ? ways : [])].join(" · ");
    stderr.write(`${styled(summary, "dim", "stderr", io)}\n`);
  } catch (error) {
    if (isDrawn) draw("");
    throw error;
  }
}

/** JSON of which a terminal obeys nothing: the control characters that JSON may hold as they are, it may hold in letters too. */
function jsonText(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(
    /[\u007f-\u009f]/g,
    (control) => `\\u00${control.charCodeAt(0).toString(16)}`,
  );
}
