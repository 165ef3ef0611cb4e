import { type BuiltinCredentialClass, builtinCredentials } from "../credential/builtin-credentials.ts";
import { catalogOf } from "../credential/catalog/catalog.ts";
import { ModelError } from "../error/model-error.ts";
import type { ModelCard, ModelKind } from "../model/model-card.ts";
import { nearest } from "../model/nearest-name.ts";
import { type CliIo, UsageError } from "./cli-io.ts";
import { readFlags } from "./read-flags.ts";
import { oneLine } from "./terminal-text.ts";
import { textTable } from "./text-table.ts";

const HELP = `rxscope models [provider]

Lists the models of the bundled catalogue, and names the providers that are not in it. Prices are US dollars for a million tokens.

  --kind KIND           chat, embedding, image, tts, realtime, realtime-tts or transcription; all for every kind (chat)
  --live                asks the provider for its list; needs its key
  --json                prints the cards as a JSON array
  --help
`;

const KINDS: Readonly<Record<ModelKind | "all", true>> = {
  chat: true,
  embedding: true,
  image: true,
  tts: true,
  realtime: true,
  "realtime-tts": true,
  transcription: true,
  all: true,
};

/** `rxscope models`; returns the exit code. */
export async function modelsCommand(args: readonly string[], io: CliIo): Promise<number> {
  const { values: flags, positionals } = readFlags(args, {
    kind: { type: "string" },
    live: { type: "boolean" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (flags.help) {
    io.stdout.write(HELP);
    return 0;
  }
  const { kind = "chat" } = flags;
  if (!Object.hasOwn(KINDS, kind)) {
    throw new UsageError(`--kind must be one of ${Object.keys(KINDS).join(", ")}, not "${kind}".`);
  }
  const [provider, ...surplus] = positionals;
  if (surplus.length > 0) throw new UsageError(`One provider at a time, not "${positionals.join(" ")}".`);
  const chosen = provider === undefined ? builtinCredentials : [credentialOf(provider)];
  const lists = flags.live ? await liveCards(chosen, io) : chosen.map(bundledCards);
  const cards = lists.flat().filter((card) => kind === "all" || card.kind === kind);
  if (flags.json) io.stdout.write(`${JSON.stringify(cards, undefined, 2)}\n`);
  else if (cards.length > 0) io.stdout.write(textTable([HEAD, ...cards.map(toRow)], RIGHT));
  else io.stderr.write(`No ${kind === "all" ? "" : `${kind} `}models are known.\n`);
  const untold = flags.live ? [] : chosen.filter((_, position) => lists[position]?.length === 0);
  if (untold.length > 0) {
    const names = untold.map(({ facts }) => facts.provider).join(", ");
    io.stderr.write(`Only the servers themselves tell the models of ${names}: ask them with --live.\n`);
  }
  return 0;
}

function credentialOf(provider: string): BuiltinCredentialClass {
  const found = builtinCredentials.find((Credential) => namesOf(Credential).includes(provider));
  if (found !== undefined) return found;
  const known = builtinCredentials.flatMap(namesOf);
  const meant = nearest(provider, known, 1).map((name) => ` Did you mean "${name}"?`);
  throw new UsageError(
    `There is no provider "${provider}".${meant.join("")} There are: ${known.join(", ")}.`,
  );
}

function namesOf({ facts }: BuiltinCredentialClass): string[] {
  return [facts.provider, ...(facts.aliases ?? [])];
}

function bundledCards({ facts }: BuiltinCredentialClass): readonly ModelCard[] {
  return catalogOf(facts).cards();
}

/** What each provider lists; of several, those that cannot be asked are named on standard error and the others go on. */
async function liveCards(
  chosen: readonly BuiltinCredentialClass[],
  io: CliIo,
): Promise<(readonly ModelCard[])[]> {
  return Promise.all(
    chosen.map(async (Credential) => {
      const { displayName } = Credential.facts;
      try {
        const cards = await new Credential().listModels();
        if (cards.some((card) => card.live === undefined)) {
          io.stderr.write(
            `${displayName} cannot be reached: these are the models of the bundled catalogue.\n`,
          );
        }
        return cards;
      } catch (error) {
        if (chosen.length === 1 || !ModelError.isInstance(error)) throw error;
        io.stderr.write(`${displayName} is left out: ${oneLine(error.message)}\n`);
        return [];
      }
    }),
  );
}

const HEAD = ["MODEL", "CONTEXT", "OUTPUT", "READS", "CAN", "STATUS", "$ IN", "$ OUT"];

/** The columns of numbers. */
const RIGHT = [1, 2, 6, 7];

function toRow(card: ModelCard): string[] {
  const { capabilities, contextSize, outputSize, pricing, status } = card;
  const can = [
    capabilities.tools && "tools",
    capabilities.reasoning && "reasoning",
    capabilities.structuredOutput === "json_schema" && "schema",
  ];
  return [
    `${card.provider}:${card.modelName}`,
    grouped(contextSize),
    grouped(outputSize),
    [...new Set(card.inputTypes.flatMap(mediumOf))].join(",") || "-",
    can.filter(Boolean).join(",") || "-",
    card.live === undefined ? status : `${status}, ${card.live ? "live" : "not listed"}`,
    pricing?.input?.toString() ?? "-",
    pricing?.output?.toString() ?? "-",
  ];
}

function grouped(tokens: number | undefined): string {
  return tokens?.toLocaleString("en-US") ?? "-";
}

/** A MIME type in a word; that reasoning may be sent back is nothing a reader looks for here. */
function mediumOf(type: string): string[] {
  if (type === "application/x-thinking") return [];
  if (type === "*/*") return ["anything"];
  const [family = "", name = ""] = type.split("/");
  return [family === "application" ? name : family];
}
