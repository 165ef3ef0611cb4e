import { parseArgs } from "node:util";
import { ModelError } from "../error/model-error.ts";
import { type MessageInput, SystemMessage, UserMessage } from "../message/msg.ts";
import type { ChatModelBase } from "../model/chat-model-base.ts";
import type { GenerateOptions, ReasoningEffort } from "../model/generate-options.ts";
import { ModelRegistry } from "../model/model-registry.ts";
import { AnswerPrinter, summaryOf } from "./answer-printer.ts";
import { type CliIo, hasColor, readAll, styled, UsageError } from "./cli-io.ts";
import { type PickedModel, pickModel } from "./pick-model.ts";

export const CHAT_HELP: string = `rxscope chat [model] [prompt]

Asks a model and shows the answer as it arrives. The prompt may also come on standard input; on a terminal without a prompt a
conversation begins. Without a model the first provider that can be used is taken: one whose key is set, else an Ollama on
this machine, else the built-in emulator.

  model                 an id such as openai:gpt-4.1
  --demo                the main job in one go: an answer, one tool round, what it cost
  --system TEXT         instructions
  --json                prints one JSON snapshot a line, nothing else
  --no-stream           asks for the whole answer at once
  --temperature N       sampling, as the model allows
  --top-p N
  --max-tokens N        the most tokens of the answer
  --stop TEXT           ends the answer; may be given several times
  --seed N
  --effort LEVEL        none, minimal, low, medium, high, xhigh or max
  --timeout MS          for the whole call
  --base-url URL        another address of the provider
`;

const FLAGS = {
  demo: { type: "boolean" },
  system: { type: "string" },
  json: { type: "boolean" },
  "no-stream": { type: "boolean" },
  temperature: { type: "string" },
  "top-p": { type: "string" },
  "max-tokens": { type: "string" },
  stop: { type: "string", multiple: true },
  seed: { type: "string" },
  effort: { type: "string" },
  timeout: { type: "string" },
  "base-url": { type: "string" },
} as const;

type Flags = ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>["values"];

const EFFORTS: ReadonlySet<string> = new Set<ReasoningEffort>([
  "none",
  "minimal",
  "low",
  "medium",
  "high",
  "xhigh",
  "max",
]);

/** `rxscope chat`; returns the exit code. */
export async function chatCommand(args: readonly string[], io: CliIo): Promise<number> {
  const { values: flags, positionals } = parseArgs({
    args: [...args],
    options: FLAGS,
    allowPositionals: true,
    strict: true,
  });
  const options = optionsOf(flags);
  const { modelId, words } = splitPositionals(positionals);
  const picked =
    modelId === undefined ? await pickModel(io, options) : named(modelId, options, flags["base-url"]);
  try {
    if (picked.reason !== "")
      (flags.json || !io.stdout.isTTY ? io.stderr : io.stdout).write(`${picked.reason}\n`);
    const prompt = words ?? (io.stdin.isTTY || flags.demo ? "" : (await readAll(io.stdin)).trim());
    const system = flags.system === undefined ? [] : [new SystemMessage(flags.system)];
    if (prompt !== "") await answerOnce(picked.model, [...system, new UserMessage(prompt)], flags, io);
    else if (io.stdin.isTTY && !flags.demo) {
      if (flags.json)
        throw new UsageError("--json needs a prompt: give one after the model, or on standard input.");
      const { runInteractiveChat } = await import("./interactive-chat.ts");
      await runInteractiveChat(picked.model, system, io);
    } else if (modelId !== undefined && !flags.demo) {
      throw new UsageError("There is no prompt: give one after the model, or on standard input.");
    } else {
      const { runDemo } = await import("./demo.ts");
      await runDemo(picked.model, io);
    }
    return 0;
  } finally {
    await picked.close();
  }
}

function named(id: string, options: GenerateOptions, baseUrl: string | undefined): PickedModel {
  try {
    const model = ModelRegistry.create(id, { options, ...(baseUrl !== undefined && { baseUrl }) });
    return { model, reason: "", close: async () => {} };
  } catch (error) {
    // An unknown id or a missing key is a mistake on the command line.
    if (ModelError.isInstance(error) && error.kind === "configuration") throw new UsageError(error.message);
    throw error;
  }
}

/** The first word is a model if it looks like an id; everything else is the prompt. */
function splitPositionals(positionals: readonly string[]): {
  modelId: string | undefined;
  words: string | undefined;
} {
  const [first, ...rest] = positionals;
  const isId =
    first !== undefined &&
    !/\s/.test(first) &&
    (/^[\w.-]+:\S+$/.test(first) || ModelRegistry.canCreate(first));
  const words = isId ? rest : positionals;
  return { modelId: isId ? first : undefined, words: words.length === 0 ? undefined : words.join(" ") };
}

async function answerOnce(
  model: ChatModelBase,
  messages: readonly MessageInput[],
  flags: Flags,
  io: CliIo,
): Promise<void> {
  const stop = new AbortController();
  const stopListening = io.onInterrupt(() => stop.abort());
  const printer = new AnswerPrinter(io);
  try {
    for await (const response of model.stream(messages, { signal: stop.signal })) {
      if (flags.json) {
        io.stdout.write(`${JSON.stringify(response)}\n`);
        continue;
      }
      printer.print(response);
      if (response.isLast)
        io.stderr.write(`${styled(summaryOf(response), "dim", io.stderr.isTTY === true && hasColor(io))}\n`);
    }
  } catch (error) {
    if (!flags.json) printer.breakOff();
    throw error;
  } finally {
    stopListening();
  }
}

function optionsOf(flags: Flags): GenerateOptions {
  const { effort } = flags;
  if (effort !== undefined && !EFFORTS.has(effort)) {
    throw new UsageError(`--effort must be one of ${[...EFFORTS].join(", ")}, not "${effort}".`);
  }
  const numbers = {
    temperature: numberOf("temperature", flags),
    topP: numberOf("top-p", flags),
    maxTokens: numberOf("max-tokens", flags),
    seed: numberOf("seed", flags),
    timeout: numberOf("timeout", flags),
  };
  return {
    ...(Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)) as Partial<
      Record<keyof typeof numbers, number>
    >),
    ...(flags.stop !== undefined && { stop: flags.stop }),
    ...(effort !== undefined && { thinking: { effort: effort as ReasoningEffort } }),
    ...(flags["no-stream"] && { stream: false }),
  };
}

function numberOf(
  name: "temperature" | "top-p" | "max-tokens" | "seed" | "timeout",
  flags: Flags,
): number | undefined {
  const text = flags[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw new UsageError(`--${name} must be a number, not "${text}".`);
  return value;
}
