import { createRequire } from "node:module";
import { ModelError } from "../error/model-error.ts";
import { type CliIo, UsageError } from "./cli-io.ts";

const HELP = `rxscope: one contract for every language model

  rxscope chat [model] [prompt]   asks a model; a conversation on a terminal
  rxscope models [provider]       lists the models of the catalogue
  rxscope doctor [--check]        shows which providers can be used

  --help, --version, --no-color
`;

interface Command {
  run(args: readonly string[], io: CliIo): Promise<number>;
  readonly help: string;
}

/** Loaded when they are asked for: `--version` should not wait for an HTTP library. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  chat: async () => {
    await import("../builtin.ts");
    const { CHAT_HELP, chatCommand } = await import("./chat-command.ts");
    return { run: chatCommand, help: CHAT_HELP };
  },
  models: async () => {
    const { MODELS_HELP, modelsCommand } = await import("./models-command.ts");
    return { run: modelsCommand, help: MODELS_HELP };
  },
  doctor: async () => {
    const { DOCTOR_HELP, doctorCommand } = await import("./doctor-command.ts");
    return { run: doctorCommand, help: DOCTOR_HELP };
  },
};

/**
 * Runs the command line. Mistakes on it are one line on standard error and exit code 2; a failure of the provider is one
 * line and exit code 1.
 */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  const args = argv.filter((arg) => arg !== "--no-color");
  const world =
    args.length === argv.length ? io : { ...io, env: { ...io.env, NO_COLOR: "1", FORCE_COLOR: undefined } };
  try {
    return await dispatch(args, world);
  } catch (error) {
    const isUsage =
      error instanceof UsageError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS") === true;
    const message = error instanceof Error ? error.message : String(error);
    io.stderr.write(`rxscope: ${message.replace(/\s*\n\s*/g, " ")}\n`);
    if (isUsage) return 2;
    return ModelError.isInstance(error) && error.kind === "configuration" ? 2 : 1;
  }
}

async function dispatch([name, ...args]: readonly string[], io: CliIo): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    io.stdout.write(HELP);
    return 0;
  }
  if (name === "--version" || name === "-v") {
    const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };
    io.stdout.write(`${version}\n`);
    return 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined)
    throw new UsageError(`There is no command "${name}". There are: ${Object.keys(COMMANDS).join(", ")}.`);
  const command = await load();
  if (args.includes("--help") || args.includes("-h")) {
    io.stdout.write(command.help);
    return 0;
  }
  return command.run(args, io);
}
