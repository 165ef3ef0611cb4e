import { builtinCredentials } from "../credential/builtin-credentials.ts";
import type { ChatModelBase } from "../model/chat-model-base.ts";
import type { GenerateOptions } from "../model/generate-options.ts";
import { OpenAIChatModel } from "../model/openai-chat-model.ts";
import { getJson } from "../transport/get-json.ts";
import type { CliIo } from "./cli-io.ts";

/** A model to talk to, and why this one. */
export interface PickedModel {
  readonly model: ChatModelBase;
  readonly reason: string;
  /** Stops what was started for it. */
  close(): Promise<void>;
}

/** What to talk to when only a provider is known. */
const FIRST_MODEL: Readonly<Record<string, string>> = { openai: "gpt-4.1-mini" };

const OLLAMA_PORT = 11_434;

/** How long an Ollama on this machine may take to answer. */
const OLLAMA_TIMEOUT_MS = 400;

/** The first provider that can really be used: one with a key, else an Ollama that answers, else the emulator. */
export async function pickModel(io: CliIo, options: GenerateOptions): Promise<PickedModel> {
  return withKey(io, options) ?? (await withOllama(io, options)) ?? withEmulator(options);
}

const nothingToClose = async (): Promise<void> => {};

function withKey(io: CliIo, options: GenerateOptions): PickedModel | undefined {
  for (const Credential of builtinCredentials) {
    const { facts } = Credential;
    const variable = facts.keyVariables.find((name) => io.env[name]);
    const modelName = FIRST_MODEL[facts.provider];
    if (variable === undefined || modelName === undefined) continue;
    return {
      model: new Credential().createChatModel(modelName, { options }),
      reason: `Using ${facts.provider}:${modelName}, because ${variable} is set.`,
      close: nothingToClose,
    };
  }
  return undefined;
}

async function withOllama(io: CliIo, options: GenerateOptions): Promise<PickedModel | undefined> {
  const baseUrl = ollamaUrl(io.env["OLLAMA_HOST"]);
  const endpoint = { baseUrl, headers: () => ({}) };
  try {
    const { body } = await getJson(endpoint, "/api/tags", OLLAMA_TIMEOUT_MS);
    const modelName = (body as { models?: { name?: string }[] }).models?.[0]?.name;
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
      reason: `Using ollama:${modelName}, because an Ollama answers at ${baseUrl} and no key is set.`,
      close: nothingToClose,
    };
  } catch {
    return undefined; // none there: the usual case
  }
}

/** `OLLAMA_HOST` is a URL, or a host with or without port; 0.0.0.0 is where a server listens, not where it is reached. */
function ollamaUrl(host = ""): string {
  const url = /^https?:\/\//.test(host) ? host : `http://${host || "127.0.0.1"}`;
  if (!URL.canParse(url)) return `http://127.0.0.1:${OLLAMA_PORT}`;
  const parsed = new URL(url);
  if (parsed.hostname === "0.0.0.0") parsed.hostname = "127.0.0.1";
  const hasPort = parsed.port !== "" || /^https?:\/\//.test(host);
  return `${parsed.protocol}//${hasPort ? parsed.host : `${parsed.hostname}:${OLLAMA_PORT}`}`;
}

async function withEmulator(options: GenerateOptions): Promise<PickedModel> {
  const [{ OpenAICredential }, { startEmulator }] = await Promise.all([
    import("../credential/openai.ts"),
    import("../testing/emulator/emulator.ts"),
  ]);
  const emulator = await startEmulator();
  const credential = new OpenAICredential({ apiKey: "emulator", baseUrl: emulator.baseUrl() });
  return {
    model: credential.createChatModel("gpt-4.1", { options }),
    reason:
      "Using the built-in emulator, because no provider's key is set and no Ollama answers. Set OPENAI_API_KEY for a real model.",
    close: () => emulator.close(),
  };
}
