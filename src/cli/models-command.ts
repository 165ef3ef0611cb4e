import { parseArgs } from "node:util";
import { builtinCredentials } from "../credential/builtin-credentials.ts";
import { catalogOf } from "../credential/catalog/catalog.ts";
import type { ModelCard } from "../model/model-card.ts";
import { type CliIo, UsageError } from "./cli-io.ts";
import { textTable } from "./text-table.ts";

export const MODELS_HELP: string = `rxscope models [provider]

Lists the models of the bundled catalogue.

  --kind KIND           chat, embedding, image, tts, realtime or transcription; all for every kind (chat)
  --live                asks the provider for its list; needs its key
  --json                prints the cards as JSON
`;

/** `rxscope models`; returns the exit code. */
export async function modelsCommand(args: readonly string[], io: CliIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { kind: { type: "string" }, live: { type: "boolean" }, json: { type: "boolean" } },
    allowPositionals: true,
    strict: true,
  });
  const [provider, ...surplus] = positionals;
  if (surplus.length > 0) throw new UsageError(`One provider at a time, not "${positionals.join(" ")}".`);
  const known = builtinCredentials.map(({ facts }) => facts.provider);
  if (provider !== undefined && !known.includes(provider)) {
    throw new UsageError(`There is no provider "${provider}". There are: ${known.join(", ")}.`);
  }
  const chosen = builtinCredentials.filter(
    ({ facts }) => provider === undefined || facts.provider === provider,
  );
  const lists: (readonly ModelCard[])[] = [];
  for (const Credential of chosen) {
    lists.push(
      values.live ? await new Credential().listModels() : catalogOf(Credential.facts.provider).cards(),
    );
  }
  const kind = values.kind ?? "chat";
  const cards = lists.flat().filter((card) => kind === "all" || card.kind === kind);
  if (values.json) io.stdout.write(`${JSON.stringify(cards, undefined, 2)}\n`);
  else io.stdout.write(textTable([HEAD, ...cards.map(toRow)], [1, 2, 6, 7]));
  return 0;
}

const HEAD = ["MODEL", "CONTEXT", "OUTPUT", "READS", "CAN", "STATUS", "$ IN", "$ OUT"];

function toRow(card: ModelCard): string[] {
  const { capabilities } = card;
  const reads = [
    ...new Set(
      card.inputTypes.map((type) => (type === "application/pdf" ? "pdf" : (type.split("/", 1)[0] as string))),
    ),
  ];
  const can = [
    capabilities.tools && "tools",
    capabilities.reasoning && "reasoning",
    capabilities.structuredOutput === "json_schema" && "schema",
  ];
  return [
    `${card.provider}:${card.modelName}`,
    card.contextSize?.toString() ?? "?",
    card.outputSize?.toString() ?? "?",
    reads.join(","),
    can.filter(Boolean).join(","),
    card.live === true ? "live" : card.status,
    card.pricing?.input?.toString() ?? "",
    card.pricing?.output?.toString() ?? "",
  ];
}
