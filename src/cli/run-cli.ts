import { createRequire } from "node:module";
import { ModelError } from "../error/model-error.ts";
import { nearest } from "../model/nearest-name.ts";
import { type CliIo, UsageError } from "./cli-io.ts";
import { oneLine } from "./terminal-text.ts";

const HELP = `rxscope: one contract for every language model

  rxscope chat [model] [prompt]   asks a model; a conversation on a terminal
  rxscope models [provider]       lists the models of the catalogue
  rxscope tokens [file|-]         counts the tokens of a text
  rxscope doctor [--check]        shows which providers can be used
  rxscope emulate [--port N]      answers as the providers do, on this machine

  rxscope chat --help             the options of a command, of any of them
  --help, --version, --no-color

Exit codes: 0 done, 1 the provider failed, 2 a mistake on the command line or in the set-up, 130 stopped by Ctrl-C.
`;

type Command = (args: readonly string[], io: CliIo) => Promise<number>;

/** Loaded when they are asked for: `--version` should not wait for an HTTP library. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  chat: async () => {
    await import("../builtin.ts");
    return (await import("./chat-command.ts")).chatCommand;
  },
  models: async () => (await import("./models-command.ts")).modelsCommand,
  tokens: async () => {
    await import("../builtin.ts");
    return (await import("./tokens-command.ts")).tokensCommand;
  },
  doctor: async () => (await import("./doctor-command.ts")).doctorCommand,
  emulate: async () => (await import("./emulate-command.ts")).emulateCommand,
};

/**
 * Runs the command line and returns the exit code. A mistake on it is one line on standard error and exit code 2, a failure
 * of the provider is one line and exit code 1.
 */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  const { args, mayColor } = takeNoColor(argv);
  const world = mayColor ? io : { ...io, env: { ...io.env, NO_COLOR: "1", FORCE_COLOR: undefined } };
  try {
    return await dispatch(args, world);
  } catch (error) {
    if (error instanceof UsageError) return fail(error.message, 2, io);
    if (ModelError.isInstance(error)) return fail(error.message, error.kind === "configuration" ? 2 : 1, io);
    // A mistake of ours: whoever reports it needs to say where it was.
    io.stderr.write(`rxscope: ${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
}

function fail(message: string, exitCode: number, io: CliIo): number {
  io.stderr.write(`rxscope: ${oneLine(message)}\n`);
  return exitCode;
}

/** `--no-color` may stand anywhere before `--`, which ends the flags. */
function takeNoColor(argv: readonly string[]): { args: string[]; mayColor: boolean } {
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const args = argv.filter((word, index) => word !== "--no-color" || index > end);
  return { args, mayColor: args.length === argv.length };
}

async function dispatch([name, ...args]: readonly string[], io: CliIo): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    io.stdout.write(HELP);
    return 0;
  }
  if (name === "--version" || name === "-v") {
    const { version } = createRequire(import.meta.url)("rxscope/package.json") as { version: string };
    io.stdout.write(`${version}\n`);
    return 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) throw unknownCommand(name);
  const command = await load();
  return command(args, io);
}

function unknownCommand(name: string): UsageError {
  const known = Object.keys(COMMANDS);
  const kind = name.startsWith("-") ? "option" : "command";
  const meant = nearest(name, known, 1).map((command) => ` Did you mean "${command}"?`);
  return new UsageError(`There is no ${kind} "${name}".${meant.join("")} Commands: ${known.join(", ")}.`);
}
