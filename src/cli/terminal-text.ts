import type { CliIo } from "./cli-io.ts";

const CODES = { bold: 1, dim: 2, cyan: 36 };

/** Everything that a terminal obeys instead of showing it, but for line ends and tabs. */
const CONTROLS = /(?![\n\t])\p{Cc}/gu;

/** Text in a style, where the stream that it goes to has colour. */
export function styled(
  text: string,
  style: keyof typeof CODES,
  stream: "stdout" | "stderr",
  io: CliIo,
): string {
  return hasColor(stream, io) ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
}

/** `FORCE_COLOR` decides where it is set, then `NO_COLOR`; without them terminals have colour and nothing else has. */
function hasColor(stream: "stdout" | "stderr", io: CliIo): boolean {
  const { FORCE_COLOR, NO_COLOR, TERM } = io.env;
  if (FORCE_COLOR) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return io[stream].isTTY === true && !NO_COLOR && TERM !== "dumb";
}

/** Foreign text without control characters: an answer must not move the cursor, rename the window or fill the clipboard. */
export function printable(text: string): string {
  return text.replace(CONTROLS, "");
}

/** Foreign text as a part of one line. */
export function oneLine(text: string): string {
  return printable(text.trim().replace(/\s*\n\s*/g, " "));
}
