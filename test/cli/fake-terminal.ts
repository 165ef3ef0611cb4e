import { PassThrough } from "node:stream";
import { vi } from "vitest";
import { builtinCredentials } from "rxscope";
import type { CliIo } from "../../src/cli/cli-io.ts";
import { runCli } from "../../src/cli/run-cli.ts";

/**
 * Variables that lead the servers which may run on any machine to the discard port, where nothing listens: none of whoever
 * runs the tests is found.
 */
export const NO_SERVERS: Readonly<Record<string, string>> = Object.fromEntries(
  builtinCredentials
    .filter(({ facts }) => facts.keyOptional && facts.baseUrl !== undefined)
    .flatMap(({ facts }) => facts.baseUrlVariables.slice(0, 1))
    .map((variable) => [variable, "http://127.0.0.1:9"]),
);

export interface FakeTerminalOptions {
  /** Whether someone types; standard input is empty otherwise. @default false */
  readonly stdinIsTTY?: boolean;
  /** @default false */
  readonly stdoutIsTTY?: boolean;
  /** @default false */
  readonly stderrIsTTY?: boolean;
  /** What is piped in. @default "" */
  readonly piped?: string;
  /** Whether whoever holds the other end of standard input keeps it open. @default false */
  readonly stdinStaysOpen?: boolean;
  /** The whole environment of the command, and an addition to that of the process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The world of one command, in memory. */
export interface FakeTerminal {
  readonly io: CliIo;
  readonly stdin: PassThrough;
  readonly stdout: string;
  readonly stderr: string;
  /** How many wait for Ctrl-C. */
  readonly interruptListeners: number;
  /** Types, as a person would. */
  type(keys: string): void;
  /** Presses Ctrl-C where the terminal makes a signal of it. */
  interrupt(): void;
  run(...args: string[]): Promise<number>;
}

type Tty<Stream> = Stream & { isTTY?: boolean };

export function fakeTerminal(options: FakeTerminalOptions = {}): FakeTerminal {
  const { stdinIsTTY = false, stdoutIsTTY = false, stderrIsTTY = false, piped = "" } = options;
  const env = { ...NO_SERVERS, ...options.env };
  // Credentials read the environment of the process.
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const stdin: Tty<PassThrough> = new PassThrough();
  const stdout: Tty<PassThrough> = new PassThrough();
  const stderr: Tty<PassThrough> = new PassThrough();
  stdin.isTTY = stdinIsTTY;
  stdout.isTTY = stdoutIsTTY;
  stderr.isTTY = stderrIsTTY;
  if (!stdinIsTTY && !options.stdinStaysOpen) stdin.end(piped);
  const printed = { stdout: "", stderr: "" };
  stdout.on("data", (chunk: Buffer) => (printed.stdout += chunk.toString()));
  stderr.on("data", (chunk: Buffer) => (printed.stderr += chunk.toString()));
  const listeners = new Set<() => void>();
  const io: CliIo = {
    stdin,
    stdout,
    stderr,
    env,
    onInterrupt(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  return {
    io,
    stdin,
    get stdout() {
      return printed.stdout;
    },
    get stderr() {
      return printed.stderr;
    },
    get interruptListeners() {
      return listeners.size;
    },
    type: (keys) => void stdin.write(keys),
    interrupt: () => {
      for (const listener of listeners) listener();
    },
    run: (...args) => runCli(args, io),
  };
}

/** Runs a command that nobody talks to, and says how it ended. */
export async function runPiped(
  args: readonly string[],
  options: FakeTerminalOptions = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const terminal = fakeTerminal(options);
  const code = await terminal.run(...args);
  return { code, stdout: terminal.stdout, stderr: terminal.stderr };
}
