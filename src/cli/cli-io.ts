import type { Readable, Writable } from "node:stream";

/** A stream that may be a terminal. */
type MaybeTerminal<Stream> = Stream & { readonly isTTY?: boolean; readonly columns?: number };

/** What a command sees of the world: the process's own, or a test's. */
export interface CliIo {
  readonly stdin: MaybeTerminal<Readable>;
  /** The answer, and nothing else where it is read by a program. */
  readonly stdout: MaybeTerminal<Writable>;
  /** What is to be said about the answer. */
  readonly stderr: MaybeTerminal<Writable>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls back at every Ctrl-C, which does nothing else then; returns the function that stops listening. */
  onInterrupt(listener: () => void): () => void;
}

/** A mistake on the command line: shown as one line, exit code 2. */
export class UsageError extends Error {}
