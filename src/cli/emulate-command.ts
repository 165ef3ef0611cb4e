import { emulatorEnvironment } from "../testing/emulator-environment.ts";
import { type Emulator, type EmulatorOptions, startEmulator } from "../testing/emulator/emulator.ts";
import type { JournalEntry } from "../testing/emulator/journal.ts";
import { WIRES } from "../testing/emulator/wires.ts";
import { type CliIo, UsageError } from "./cli-io.ts";
import { readFlags, readNumber } from "./read-flags.ts";
import { oneLine } from "./terminal-text.ts";
import { textTable } from "./text-table.ts";

const HELP = `rxscope emulate

Starts a server on this machine that answers as the providers do, until Ctrl-C: programs run against it without a key.
Standard output is the environment that leads every provider to it, one NAME=value a line, as --env-file reads it;
standard error is everything else, a line for each request among it.

  --port N              where it listens; without it a free port
  --require-key         refuses requests without a key
  --lenient             takes what the real provider would refuse
  --delay MS            a wait after every event of a stream
  --quiet               no line for each request
  --help
`;

/** `rxscope emulate`; returns the exit code. */
export async function emulateCommand(args: readonly string[], io: CliIo): Promise<number> {
  const { values: flags, positionals } = readFlags(args, {
    port: { type: "string" },
    "require-key": { type: "boolean" },
    lenient: { type: "boolean" },
    delay: { type: "string" },
    quiet: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (flags.help) {
    io.stdout.write(HELP);
    return 0;
  }
  if (positionals.length > 0)
    throw new UsageError(`emulate speaks for all providers; leave out "${positionals.join(" ")}".`);
  const delayMs = readNumber("--delay", flags.delay ?? "0", { min: 0 });
  const emulator = await listen({
    port: readNumber("--port", flags.port ?? "0", { min: 0, max: 65_535, isInteger: true }),
    requireKey: flags["require-key"] === true,
    lenient: flags.lenient === true,
    delivery: { delayMs },
    onAnswered: (entry) => {
      // Nobody will ask the journal, and a server that runs for days must not keep what it was asked.
      emulator.reset();
      if (!flags.quiet) io.stderr.write(`${lineOf(entry)}\n`);
    },
  });
  let stopListening: (() => void) | undefined;
  try {
    const interrupted = new Promise<void>((resolve) => (stopListening = io.onInterrupt(resolve)));
    introduce(emulator, io);
    await interrupted;
    return 0;
  } finally {
    stopListening?.();
    await emulator.close();
  }
}

async function listen(options: EmulatorOptions): Promise<Emulator> {
  try {
    return await startEmulator(options);
  } catch (error) {
    throw new UsageError(`Port ${options.port} cannot be used: ${(error as Error).message}`);
  }
}

function introduce(emulator: Emulator, io: CliIo): void {
  io.stderr.write(`The emulator listens on ${emulator.url} until Ctrl-C. Base URLs by wire:\n`);
  io.stderr.write(textTable(WIRES.map(({ name }) => ["", name, emulator.baseUrl(name)])));
  const environment = Object.entries(emulatorEnvironment(emulator));
  io.stdout.write(environment.map(([name, value]) => `${name}=${value}\n`).join(""));
}

function lineOf({ method, path, model, status, closedByClient }: JournalEntry): string {
  const end = status === undefined ? "no answer" : String(status);
  return oneLine(`${method} ${path} ${model || "-"} ${end}${closedByClient ? " (the client left)" : ""}`);
}
