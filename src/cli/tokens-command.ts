import { readFile } from "node:fs/promises";
import { text as readText } from "node:stream/consumers";
import { builtinCredentials } from "../credential/builtin-credentials.ts";
import { splitId } from "../model/model-id.ts";
import { ModelRegistry } from "../model/model-registry.ts";
import { offlineTokenCounter } from "../token/offline-token-counter.ts";
import type { TokenCount, TokenCounterBase } from "../token/token-counter-base.ts";
import { type CliIo, UsageError } from "./cli-io.ts";
import { setVariables } from "./environment.ts";
import { readFlags } from "./read-flags.ts";

const HELP = `rxscope tokens [file|-]

Counts the tokens of a text, from a file or from standard input: alone, and as a message of the user.

  --model ID            whose tokens, for example openai:gpt-4o; without it those of OpenAI's current models
  --json                prints { model, textTokens, tokens, exact, method }
  --help

Providers that count for themselves are asked, where their key is set; everything else is counted on this machine.
`;

/** What is counted for where no model is named: every OpenAI model since 2024 has this encoding. */
const USUAL_MODEL = "openai:gpt-4o";

/** `rxscope tokens`; returns the exit code. */
export async function tokensCommand(args: readonly string[], io: CliIo): Promise<number> {
  const { values: flags, positionals } = readFlags(args, {
    model: { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (flags.help) {
    io.stdout.write(HELP);
    return 0;
  }
  const [file = "-", ...surplus] = positionals;
  if (surplus.length > 0) throw new UsageError(`One file at a time, not "${positionals.join(" ")}".`);
  const { model = USUAL_MODEL } = flags;
  const { counter, count } = counterOf(model, io);
  const text = await textOf(file, io);
  const { tokens, exact, method } = await count(text);
  const textTokens = (await counter.countText?.(text))?.tokens;
  if (flags.json) {
    io.stdout.write(`${JSON.stringify({ model, textTokens, tokens, exact, method })}\n`);
    return 0;
  }
  const ofText = textTokens === undefined ? "" : `${textTokens} tokens of text, `;
  const sureness = exact ? "exact" : "about";
  io.stdout.write(`${ofText}${tokens} as a message to ${model} (${method}, ${sureness})\n`);
  return 0;
}

interface NamedCounter {
  readonly counter: TokenCounterBase;
  readonly count: (text: string) => Promise<TokenCount>;
}

/** The model's own counter; where it cannot be made for want of a key, what can be counted without one. */
function counterOf(id: string, io: CliIo): NamedCounter {
  const { provider = "", model: modelName } = splitId(id);
  const Credential = builtinCredentials.find(
    ({ facts }) => facts.provider === provider || facts.aliases?.includes(provider),
  );
  const lacksKey =
    Credential !== undefined &&
    !Credential.facts.keyOptional &&
    setVariables(Credential.facts.keyVariables, io).length === 0;
  if (lacksKey) {
    const { facts } = Credential;
    const counter = offlineTokenCounter({ provider: facts.provider, modelName });
    return { counter, count: (text) => counter.count(text) };
  }
  const model = ModelRegistry.create(id);
  return { counter: model.tokenCounter, count: (text) => model.countTokens(text) };
}

async function textOf(file: string, io: CliIo): Promise<string> {
  if (file === "-") {
    if (io.stdin.isTTY) throw new UsageError("There is no text: name a file, or pipe one in.");
    return readText(io.stdin);
  }
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
