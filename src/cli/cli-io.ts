import type { Readable, Writable } from "node:stream";

/** What the command sees of the world: the process's own, or a test's. */
export interface CliIo {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls back at Ctrl-C; returns the function that stops listening. */
  onInterrupt(listener: () => void): () => void;
}

/** A mistake on the command line: shown as one line, exit code 2. */
export class UsageError extends Error {}

/** Colour, where it is wanted: a terminal, `NO_COLOR` not set; `FORCE_COLOR` overrules both. */
export function hasColor({ stdout, env }: CliIo): boolean {
  if (env["FORCE_COLOR"] && env["FORCE_COLOR"] !== "0") return true;
  return stdout.isTTY === true && !env["NO_COLOR"];
}

/** Text in a style, or as it is. */
export function styled(text: string, style: "dim" | "cyan" | "bold", color: boolean): string {
  if (!color) return text;
  const code = { dim: 2, cyan: 36, bold: 1 }[style];
  return `\u001b[${code}m${text}\u001b[0m`;
}

/** All of standard input as text. */
export async function readAll(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Buffer | string));
  return Buffer.concat(chunks).toString("utf8");
}
