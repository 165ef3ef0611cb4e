import { type BuiltinCredentialClass, builtinCredentials } from "../credential/builtin-credentials.ts";
import { catalogOf } from "../credential/catalog/catalog.ts";
import type { HttpCredential } from "../credential/http-credential.ts";
import type { ChatModelBase } from "../model/chat-model-base.ts";
import type { GenerateOptions } from "../model/generate-options.ts";
import type { ModelCard } from "../model/model-card.ts";
import type { CliIo } from "./cli-io.ts";
import { setVariables } from "./environment.ts";

/** A model to talk to. */
export interface PickedModel {
  readonly model: ChatModelBase;
  /** Why this one; nobody need be told of a model they named. */
  readonly reason?: string;
  /** Stops what was started for it. */
  readonly close?: () => Promise<void>;
}

/** How long a server on this machine may take to answer. */
const LOCAL_TIMEOUT_MS = 300;

/** A pause before every event, so that one can see the answer stream as a real one does. */
const EMULATOR_PACE_MS = 15;

/** The first provider that can really be used: one with a key, else one that needs none and answers, else the emulator. */
export async function pickModel(io: CliIo, options: GenerateOptions): Promise<PickedModel> {
  return (await withKey(io, options)) ?? (await withoutKey(options)) ?? withEmulator(options);
}

async function withKey(io: CliIo, options: GenerateOptions): Promise<PickedModel | undefined> {
  for (const Credential of builtinCredentials) {
    const [variable] = setVariables(Credential.facts.keyVariables, io);
    const card = variable === undefined ? undefined : await firstCard(Credential);
    if (card === undefined) continue;
    return {
      model: new Credential().createChatModel(card.modelName, { options }),
      reason: `Using ${card.provider}:${card.modelName}, because ${variable} is set.`,
    };
  }
  return undefined;
}

/** The model to begin with where only the provider is known: one that takes tools, answers at once and costs little. */
async function firstCard(Credential: BuiltinCredentialClass): Promise<ModelCard | undefined> {
  const bundled = catalogOf(Credential.facts).cards("chat");
  // A server with models of its own has no catalogue: it must be asked.
  return best(bundled.length > 0 ? bundled : await new Credential().listModels("chat"));
}

function best(cards: readonly ModelCard[]): ModelCard | undefined {
  return cards
    .filter(({ status }) => status === "active")
    .toSorted(
      (a, b) => lacksTools(a) - lacksTools(b) || thinksFirst(a) - thinksFirst(b) || priceOf(a) - priceOf(b),
    )[0];
}

function lacksTools({ capabilities }: ModelCard): number {
  return capabilities.tools === false ? 1 : 0;
}

function thinksFirst({ capabilities }: ModelCard): number {
  return capabilities.reasoning ? 1 : 0;
}

function priceOf({ pricing }: ModelCard): number {
  return pricing?.output ?? Number.MAX_VALUE;
}

async function withoutKey(options: GenerateOptions): Promise<PickedModel | undefined> {
  for (const Credential of builtinCredentials) {
    const found = Credential.facts.keyOptional ? await answering(Credential) : undefined;
    if (found === undefined) continue;
    const { credential, card } = found;
    return {
      model: credential.createChatModel(card.modelName, { options }),
      reason: `Using ${card.provider}:${card.modelName}, because no provider's key is set and ${credential.name} answers at ${credential.baseUrl}.`,
    };
  }
  return undefined;
}

/** A server that needs no key, with a model that it has. */
async function answering(
  Credential: BuiltinCredentialClass,
): Promise<{ readonly credential: HttpCredential; readonly card: ModelCard } | undefined> {
  try {
    const credential = new Credential();
    const cards = await credential.listModels("chat", { timeoutMs: LOCAL_TIMEOUT_MS });
    // Where nobody answers the list is the catalogue's, and does not say whether it is live.
    const card = best(cards.filter(({ live }) => live));
    return card && { credential, card };
  } catch {
    return undefined; // none there: the usual case
  }
}

async function withEmulator(options: GenerateOptions): Promise<PickedModel> {
  const [{ OpenAICredential }, { startEmulator }] = await Promise.all([
    import("../credential/openai.ts"),
    import("../testing/emulator/emulator.ts"),
  ]);
  const emulator = await startEmulator({ delivery: { delayMs: EMULATOR_PACE_MS } });
  const credential = new OpenAICredential({ apiKey: "emulator", baseUrl: emulator.baseUrl() });
  const variables = builtinCredentials.flatMap(({ facts }) => facts.keyVariables[0] ?? []);
  const key = variables.length > 3 ? "a key (rxscope doctor names the variables)" : variables.join(" or ");
  return {
    // The emulator goes by the name: this one thinks when it is asked to.
    model: credential.createChatModel("emulated-thinking-model", { options }),
    reason: `Using the built-in emulator, because no provider's key is set and no server answers on this machine. For a real model set ${key}.`,
    close: () => emulator.close(),
  };
}
