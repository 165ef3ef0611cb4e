import type { GenerateOptions, ReasoningEffort } from "../model/generate-options.ts";
import { UsageError } from "./cli-io.ts";
import { readFlags, readNumber } from "./read-flags.ts";

export const CHAT_HELP: string = `rxscope chat [model] [prompt]

Asks a model and shows the answer as it arrives. The prompt may also come on standard input; on a terminal without a prompt a
conversation begins, and with neither the demo runs. Without a model the first provider that can be used is taken: one whose
key is set, else an Ollama on this machine, else the built-in emulator.

  model                 an id such as openai:gpt-4.1
  --demo                the main job in one go: an answer, one round with a tool, what it cost
  --no-tools            leaves the tool out of the demo
  --system TEXT         instructions
  --schema FILE         prints a value that fits the JSON Schema in the file, as JSON and nothing else
  --tool FILE           a module whose exported tools may be called and are run; may be given several times
  --json                prints one JSON snapshot a line, nothing else
  --no-stream           asks for the whole answer at once
  --temperature N       sampling, as the model allows
  --top-p N             from 0 to 1
  --max-tokens N        the most tokens of the answer
  --stop TEXT           ends the answer; may be given several times
  --seed N              for answers that can be repeated
  --effort LEVEL        how much to think: none, minimal, low, medium, high, xhigh or max
  --timeout MS          for the whole call
  --base-url URL        another address of the model's provider
  --help

Keys come from the environment only: see rxscope doctor.
`;

const FLAGS = {
  demo: { type: "boolean" },
  "no-tools": { type: "boolean" },
  system: { type: "string" },
  schema: { type: "string" },
  tool: { type: "string", multiple: true },
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
  help: { type: "boolean", short: "h" },
} as const;

export type ChatFlags = ReturnType<typeof readFlags<typeof FLAGS>>["values"];

/** The flags of `rxscope chat`, and its other words. */
export function readChatFlags(args: readonly string[]): { values: ChatFlags; positionals: string[] } {
  return readFlags(args, FLAGS);
}

const EFFORTS: Readonly<Record<ReasoningEffort, true>> = {
  none: true,
  minimal: true,
  low: true,
  medium: true,
  high: true,
  xhigh: true,
  max: true,
};

/**
 * What the flags ask of every call.
 *
 * @throws UsageError for a value that makes no sense
 */
export function optionsOf(flags: ChatFlags): GenerateOptions {
  const { temperature, seed, timeout, stop, effort } = flags;
  const { "top-p": topP, "max-tokens": maxTokens, "no-stream": noStream } = flags;
  return {
    ...(temperature !== undefined && { temperature: readNumber("--temperature", temperature, { min: 0 }) }),
    ...(topP !== undefined && { topP: readNumber("--top-p", topP, { min: 0, max: 1 }) }),
    ...(maxTokens !== undefined && {
      maxTokens: readNumber("--max-tokens", maxTokens, { min: 1, isInteger: true }),
    }),
    ...(seed !== undefined && { seed: readNumber("--seed", seed, { isInteger: true }) }),
    ...(timeout !== undefined && { timeout: readNumber("--timeout", timeout, { min: 1 }) }),
    ...(stop !== undefined && { stop }),
    ...(effort !== undefined && { thinking: { effort: readEffort(effort) } }),
    ...(noStream && { stream: false }),
  };
}

function readEffort(text: string): ReasoningEffort {
  if (Object.hasOwn(EFFORTS, text)) return text as ReasoningEffort;
  throw new UsageError(`--effort must be one of ${Object.keys(EFFORTS).join(", ")}, not "${text}".`);
}
