import type { ChatModelBase } from "../model/chat-model-base.ts";
import type { ReasoningEffort } from "../model/generate-options.ts";
import type { ModelCard, ModelKind } from "../model/model-card.ts";
import type { ChatModelOptions } from "../model/model-registry.ts";
import { OllamaChatModel } from "../model/ollama-chat-model.ts";
import type { JsonSchema } from "../tool/tool-schema.ts";
import type { Endpoint, FailureAdvice } from "../transport/endpoint.ts";
import { postJson } from "../transport/get-json.ts";
import type { ModelFacts } from "./catalog/model-facts.ts";
import type { ListOptions } from "./credential-base.ts";
import {
  credentialSchema,
  HttpCredential,
  type HttpCredentialOptions,
  type ListedModel,
  type ModelListPage,
  type VendorFacts,
} from "./http-credential.ts";

const CLOUD_URL = "https://ollama.com";

const LOCAL_PORT = "11434";

/** Ollama's API documentation and the rules of its command, checked 2026-11. */
const OLLAMA: VendorFacts = {
  provider: "ollama",
  type: "ollama_credential",
  displayName: "Ollama",
  baseUrl: `http://127.0.0.1:${LOCAL_PORT}`,
  keyedBaseUrl: CLOUD_URL,
  readBaseUrl: ollamaUrl,
  keyVariables: ["OLLAMA_API_KEY"],
  baseUrlVariables: ["OLLAMA_HOST"],
  keyOptional: true,
  advice: {
    network: "Start it with `ollama serve`, or set OLLAMA_HOST to where it runs.",
    not_found: "Get the model with `ollama pull {model}`, or check its name and the base URL.",
    authentication: "Sign in with `ollama signin`, or check the key (OLLAMA_API_KEY).",
  },
};

const CLOUD_ADVICE: FailureAdvice = {
  not_found:
    "Check the model's name. An apiKey leads to Ollama's cloud: for a server of your own pass its baseUrl too, or set OLLAMA_HOST.",
};

/** How many models are described at the same time. */
const CONCURRENT_QUESTIONS = 8;

/**
 * An Ollama: the server on this machine, or with an `apiKey` Ollama's cloud. Environment: `OLLAMA_HOST` (a URL, or a host, a
 * port or both, as Ollama itself reads it), `OLLAMA_API_KEY`, which goes along and changes no address.
 *
 * @example
 * ```ts
 * import { OllamaCredential } from "rxscope";
 *
 * const local = new OllamaCredential();
 * const model = local.createChatModel("qwen3:8b", { options: { providerOptions: { ollama: { numCtx: 16_384 } } } });
 * ```
 */
export class OllamaCredential extends HttpCredential {
  static readonly type: string = OLLAMA.type;
  static readonly provider: string = OLLAMA.provider;
  static readonly facts: VendorFacts = OLLAMA;
  static readonly schema: JsonSchema = credentialSchema(OLLAMA);
  override readonly facts: VendorFacts = OLLAMA;
  protected override readonly modelListPath: string = "/api/tags";

  constructor(options: HttpCredentialOptions = {}) {
    super(OLLAMA, options);
  }

  getChatModelClass(): typeof OllamaChatModel {
    return OllamaChatModel;
  }

  createChatModel(modelName: string, options: ChatModelOptions = {}): ChatModelBase {
    return new OllamaChatModel(this.modelInit(modelName, options));
  }

  /**
   * What the server has, each model with what it says of itself. Only that can be used, so unlike elsewhere the bundled
   * catalogue is not added; it stands in for a server that cannot be asked.
   */
  override async listModels(kind?: ModelKind, options?: ListOptions): Promise<ModelCard[]> {
    const cards = await super.listModels(kind, options);
    return cards.filter(({ live }) => live !== false);
  }

  protected override endpoint(): Endpoint {
    const endpoint = super.endpoint();
    return this.baseUrl === CLOUD_URL ? { ...endpoint, advice: CLOUD_ADVICE } : endpoint;
  }

  protected readModelList(body: unknown): ModelListPage | undefined {
    const { models } = record(body);
    if (!Array.isArray(models)) return undefined;
    const names = models.map((model) => record(model)["name"]);
    return { models: names.filter((name) => typeof name === "string").map((name) => ({ name })) };
  }

  protected override async listedModels(timeoutMs?: number): Promise<ListedModel[]> {
    const models = await super.listedModels(timeoutMs);
    const described: ListedModel[] = [...models];
    const queue = models.entries();
    const work = async (): Promise<void> => {
      for (const [index, { name }] of queue)
        described[index] = { name, facts: await this.factsOf(name, timeoutMs) };
    };
    await Promise.all(Array.from({ length: CONCURRENT_QUESTIONS }, work));
    return described;
  }

  /** What the server says of a model; nothing when it does not say, which is no reason to lose the list. */
  private async factsOf(model: string, timeoutMs: number | undefined): Promise<Partial<ModelFacts>> {
    try {
      const { head, body } = await postJson(this.listEndpoint(), "/api/show", { model }, timeoutMs);
      return head.status < 400 ? readFacts(body) : {};
    } catch {
      return {};
    }
  }
}

function readFacts(body: unknown): Partial<ModelFacts> {
  const { capabilities, model_info: info, thinking } = record(body);
  const context = contextLength(record(info));
  const facts = { ...(context !== undefined && { context }), source: "listed" } as const;
  // Servers before 0.6.4 do not say.
  if (!Array.isArray(capabilities)) return facts;
  const can = (capability: string): boolean => capabilities.includes(capability);
  return {
    ...facts,
    kind: can("embedding") && !can("completion") ? "embedding" : "chat",
    tools: can("tools"),
    reasoning: can("thinking"),
    inputs: ["text", ...(can("vision") ? ["image"] : []), ...(can("audio") ? ["audio"] : [])],
    ...thinkingFacts(record(thinking)),
  };
}

/** What `think` may be, where the server says it of the model: yes and no, or levels, and what it is unsaid. */
function thinkingFacts({ values, default: unsaid }: Readonly<Record<string, unknown>>): Partial<ModelFacts> {
  if (!Array.isArray(values)) return {};
  const levels = values.filter((value): value is ReasoningEffort => typeof value === "string");
  const canRest = values.includes(false);
  if (levels.length === 0 && !values.includes(true)) return { reasoning: false };
  return {
    reasoning: true,
    effort: levels.length > 0 && canRest ? ["none", ...levels] : levels,
    alwaysThinks: !canRest,
    ...(unsaid === false && { thinksUnasked: false }),
  };
}

/** Stands under the name of the model's architecture: `qwen3.context_length`. */
function contextLength(info: Readonly<Record<string, unknown>>): number | undefined {
  const length =
    info[`${String(info["general.architecture"])}.context_length`] ??
    Object.entries(info).find(([name]) => name.endsWith(".context_length"))?.[1];
  return typeof length === "number" && length > 0 ? length : undefined;
}

/**
 * The base URL that an address means, as Ollama itself reads `OLLAMA_HOST`: a URL, or a host with or without a port, or a
 * port alone. Without a scheme the port is 11434, and an address to listen on means this machine. A path may follow; `/api`,
 * with which Ollama's documentation gives its base URL, is part of every request's path already.
 */
function ollamaUrl(address: string): string {
  const text = address.trim().replace(/^(["'])(.*)\1$/, "$2");
  if (text === "") return text;
  const [, scheme, authority = "", path = ""] = /^(?:([a-z]+):\/\/)?([^/]*)(.*)$/is.exec(text) ?? [];
  if (scheme === undefined && authority.toLowerCase() === "ollama.com") return CLOUD_URL;
  const origin = `${scheme ?? "http"}://${hostAndPort(authority, scheme === undefined ? LOCAL_PORT : undefined)}`;
  return origin + path.replace(/\/api\/*$/, "");
}

/** @param fallback the port of an authority that names none */
function hostAndPort(authority: string, fallback: string | undefined): string {
  // A port alone.
  if (/^\d+$/.test(authority)) return hostAndPort(`:${authority}`, fallback);
  const [, host, port] = /^(\[.*\]|[^:@]*)(?::(\d*))?$/.exec(authority) ?? [];
  // An IPv6 address without brackets.
  if (host === undefined && /^[\da-f:.]+$/i.test(authority)) return hostAndPort(`[${authority}]`, fallback);
  // What is none of this is told as a mistake by whoever takes it for a URL.
  if (host === undefined) return authority;
  const reachedAt = port || fallback;
  return reachable(host) + (reachedAt === undefined ? "" : `:${reachedAt}`);
}

/** Where a server that listens on this host is reached. */
function reachable(host: string): string {
  if (host === "" || host === "0.0.0.0") return "127.0.0.1";
  return host === "[::]" ? "[::1]" : host;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
