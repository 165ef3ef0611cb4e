import { type BuiltinCredentialClass, builtinCredentials } from "../credential/builtin-credentials.ts";
import { catalogOf } from "../credential/catalog/catalog.ts";
import type { ChatModelBase } from "../model/chat-model-base.ts";
import type { GenerateOptions } from "../model/generate-options.ts";
import type { ModelCard } from "../model/model-card.ts";
import { OpenAIChatModel } from "../model/openai-chat-model.ts";
import type { Endpoint } from "../transport/endpoint.ts";
import { getJson } from "../transport/get-json.ts";
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

const OLLAMA_PORT = 11_434;

/** How long an Ollama on this machine may take to answer. */
const OLLAMA_TIMEOUT_MS = 300;

/** A pause before every event, so that one can see the answer stream as a real one does. */
const EMULATOR_PACE_MS = 15;

/** The first provider that can really be used: one with a key, else an Ollama that answers, else the emulator. */
export async function pickModel(io: CliIo, options: GenerateOptions): Promise<PickedModel> {
  return (await withKey(io, options)) ?? (await withOllama(io, options)) ?? withEmulator(options);
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
  const cards = bundled.length > 0 ? bundled : await new Credential().listModels("chat");
  return cards
    .filter(({ status, capabilities }) => status === "active" && capabilities.tools !== false)
    .toSorted((a, b) => thinksFirst(a) - thinksFirst(b) || priceOf(a) - priceOf(b))[0];
}

function thinksFirst({ capabilities }: ModelCard): number {
  return capabilities.reasoning ? 1 : 0;
}

function priceOf({ pricing }: ModelCard): number {
  return pricing?.output ?? Number.MAX_VALUE;
}

async function withOllama(io: CliIo, options: GenerateOptions): Promise<PickedModel | undefined> {
  const baseUrl = ollamaUrl(io.env["OLLAMA_HOST"]);
  const modelName = await firstOllamaModel({ baseUrl, headers: () => ({}) });
  if (modelName === undefined) return undefined;
  const model = new OpenAIChatModel({
    provider: "ollama",
    modelName,
    endpoint: { baseUrl: `${baseUrl}/v1`, headers: () => ({}) },
    options,
    switches: { maxTokensField: "max_tokens", systemRole: "system", toolChoice: [], imageUrls: false },
  });
  return {
    model,
    reason: `Using ollama:${modelName}, because no provider's key is set and an Ollama answers at ${baseUrl}.`,
  };
}

/** The first model that can talk: those of the BERT family only make embeddings. */
async function firstOllamaModel(endpoint: Endpoint): Promise<string | undefined> {
  try {
    const { body } = await getJson(endpoint, "/api/tags", OLLAMA_TIMEOUT_MS);
    const { models = [] } = body as { models?: { name?: string; details?: { family?: string } }[] };
    return models.find(({ details }) => !details?.family?.endsWith("bert"))?.name;
  } catch {
    return undefined; // none there: the usual case
  }
}

/** `OLLAMA_HOST` is a URL, or a host with or without a port; 0.0.0.0 is where a server listens, not where it is reached. */
function ollamaUrl(host = ""): string {
  const hasScheme = /^https?:\/\//.test(host);
  const text = hasScheme ? host : `http://${host}`;
  if (!URL.canParse(text)) return `http://127.0.0.1:${OLLAMA_PORT}`;
  const url = new URL(text);
  if (url.hostname === "0.0.0.0") url.hostname = "127.0.0.1";
  if (!hasScheme && url.port === "") url.port = String(OLLAMA_PORT);
  return url.origin + url.pathname.replace(/\/+$/, "");
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
    reason: `Using the built-in emulator, because no provider's key is set and no Ollama answers. For a real model set ${key}.`,
    close: () => emulator.close(),
  };
}
