import { ConfigurationError, ParseError } from "../error/errors-by-kind.ts";
import { ModelError } from "../error/model-error.ts";
import type { FormatterBase } from "../formatter/formatter-base.ts";
import { failureOf } from "../model/http-failure.ts";
import { type GenerateOptions, layerOptions, mergeOptions } from "../model/generate-options.ts";
import type { HttpChatModelInit } from "../model/http-chat-model.ts";
import type { ModelCard, ModelKind } from "../model/model-card.ts";
import type { ChatModelOptions } from "../model/model-registry.ts";
import type { JsonSchema } from "../tool/tool-schema.ts";
import {
  type Dispatcher,
  type Endpoint,
  type FailureAdvice,
  type HeaderRecord,
  mergeHeaders,
  normalizeBaseUrl,
} from "../transport/endpoint.ts";
import { getJson } from "../transport/get-json.ts";
import { catalogOf, type ProviderCatalog } from "./catalog/catalog.ts";
import type { ModelFacts } from "./catalog/model-facts.ts";
import type { ProviderParameters } from "./catalog/provider-parameters.ts";
import {
  CredentialBase,
  type KeyInput,
  type ListOptions,
  type SerializedCredential,
} from "./credential-base.ts";

/** What every provider over HTTP takes. */
export interface HttpCredentialOptions {
  /** @default the first of the provider's environment variables that is set */
  readonly apiKey?: KeyInput | undefined;
  /** @default the provider's environment variable for it, else its public address */
  readonly baseUrl?: string | undefined;
  /** More headers for every request; they win over the credential's own. */
  readonly headers?: HeaderRecord | undefined;
  /** An undici dispatcher of your own: a proxy, a certificate, a pool size. @default one for the whole process */
  readonly dispatcher?: Dispatcher | undefined;
  /** Options of every call of every model of this account; `extraHeaders` and `extraQuery` go along when its models are listed too. */
  readonly options?: GenerateOptions | undefined;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
}

/** What is known of a provider, as data. */
export interface VendorFacts {
  /** The prefix of model ids, and the name of the catalogue. */
  readonly provider: string;
  readonly type: string;
  readonly displayName: string;
  /** Absent where every account has an address of its own. */
  readonly baseUrl?: string;
  /**
   * The address that a key in code leads to, where that is another one: a cloud beside a server of one's own. A key that merely
   * stands in the environment may be there for something else, and sends no conversation away.
   */
  readonly keyedBaseUrl?: string;
  /** What an address that is set means, where more than URLs are understood. */
  readonly readBaseUrl?: (address: string) => string;
  /** Environment variables of the key, the first that is set counts. */
  readonly keyVariables: readonly string[];
  /** The header that carries the key. @default "authorization", as a bearer token */
  readonly keyHeader?: string;
  /** Environment variables of the base URL. */
  readonly baseUrlVariables: readonly string[];
  /** Whether requests without a key make sense: a server on this machine. */
  readonly keyOptional?: boolean;
  /** Further prefixes that mean the same provider. */
  readonly aliases?: readonly string[];
  /** The provider whose models it serves, when they are not its own: their cards are used. */
  readonly family?: string;
  /** What to do about its failures, in its own words. */
  readonly advice?: FailureAdvice;
  /** The source of a regular expression for names of models that are known without any prefix. */
  readonly bareNames?: string;
  /** The options its chat models take. @default what the catalogue says of the provider, else OpenAI's */
  readonly parameters?: ProviderParameters;
}

/** A model in a provider's live list, with what the list tells of it. */
export interface ListedModel {
  readonly name: string;
  readonly facts?: Partial<ModelFacts>;
}

/** One page of a provider's live list. */
export interface ModelListPage {
  readonly models: readonly ListedModel[];
  /** The path of the next page, where there is one. */
  readonly nextPath?: string | undefined;
}

/** The fields of {@link HttpCredentialOptions} that a form can ask for. */
export function credentialSchema(
  facts: VendorFacts,
  more: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  return {
    type: "object",
    title: facts.displayName,
    properties: {
      type: { const: facts.type },
      id: { type: "string" },
      name: { type: "string", title: "Name" },
      apiKey: { type: "string", title: "API key", writeOnly: true },
      baseUrl: {
        type: "string",
        format: "uri",
        title: "Base URL",
        ...(facts.baseUrl !== undefined && { default: facts.baseUrl }),
      },
      ...more,
    },
    required: [
      "type",
      ...(facts.keyOptional ? [] : ["apiKey"]),
      ...(facts.baseUrl === undefined ? ["baseUrl"] : []),
    ],
  };
}

/** The value of the first of these environment variables that is set to something. */
function fromEnvironment(variables: readonly string[]): { name: string; value: string } | undefined {
  for (const name of variables) {
    const value = process.env[name]?.trim();
    if (value) return { name, value };
  }
  return undefined;
}

/** Where a provider is reached: at the address that is set, else at its public one. */
export function addressOf(facts: VendorFacts, set: string | undefined): string | undefined {
  return set === undefined ? facts.baseUrl : (facts.readBaseUrl?.(set) ?? set);
}

/** A credential of a provider over HTTP: address, key, lists. A vendor adds its facts and its chat model. */
export abstract class HttpCredential extends CredentialBase {
  abstract readonly facts: VendorFacts;
  readonly baseUrl: string;
  readonly options: GenerateOptions;
  readonly #key: KeyInput | undefined;
  readonly #headers: HeaderRecord;
  readonly #dispatcher: Dispatcher | undefined;
  readonly #keySource: string;

  constructor(facts: VendorFacts, options: HttpCredentialOptions = {}) {
    super(options, facts.displayName);
    const owner = new.target.name;
    const given = typeof options.apiKey === "string" ? options.apiKey.trim() : options.apiKey;
    const key = given ?? fromEnvironment(facts.keyVariables);
    this.#keySource = keySource(facts, owner, options.apiKey, key);
    this.#key = typeof key === "object" ? key.value : key;
    if (this.#key === undefined && !facts.keyOptional) throw missingKey(facts, owner);
    if (this.#key === "")
      throw new ConfigurationError(`${owner}: apiKey is an empty string. ${howToGiveKey(facts, owner)}`);
    const set = options.baseUrl ?? fromEnvironment(facts.baseUrlVariables)?.value;
    const baseUrl = addressOf(facts, set ?? (given === undefined ? undefined : facts.keyedBaseUrl));
    if (baseUrl === undefined) throw missingBaseUrl(facts, owner);
    this.baseUrl = normalizeBaseUrl(baseUrl, owner);
    this.options = options.options ?? {};
    this.#headers = options.headers ?? {};
    this.#dispatcher = options.dispatcher;
  }

  get type(): string {
    return this.facts.type;
  }

  get provider(): string {
    return this.facts.provider;
  }

  /** What the catalogue knows of this provider. */
  get catalog(): ProviderCatalog {
    return catalogOf(this.facts);
  }

  async headers(): Promise<Record<string, string>> {
    const key = typeof this.#key === "function" ? checkKey(await this.#key(), this.toString()) : this.#key;
    return mergeHeaders(key === undefined ? {} : this.keyHeaders(key), this.#headers);
  }

  async listModels(kind?: ModelKind, options: ListOptions = {}): Promise<ModelCard[]> {
    const cards = await this.liveCards(options.timeoutMs);
    return kind === undefined ? cards : cards.filter((card) => card.kind === kind);
  }

  serialize(options: { readonly secrets?: boolean } = {}): SerializedCredential {
    if (options.secrets && typeof this.#key === "function") {
      throw new ConfigurationError(
        `${this.toString()}: its key is a function and cannot be stored. Serialize it without secrets, and give the function again.`,
      );
    }
    return {
      type: this.type,
      id: this.id,
      name: this.name,
      baseUrl: this.baseUrl,
      ...this.publicFields(),
      ...(options.secrets && this.#key !== undefined && { apiKey: this.#key }),
      // Nobody can tell which of them are secret.
      ...(options.secrets && Object.keys(this.#headers).length > 0 && { headers: this.#headers }),
    };
  }

  /**
   * Where this account's models send their requests.
   *
   * @param _modelName for providers whose models have addresses of their own; absent for the list of models
   */
  protected endpoint(_modelName?: string): Endpoint {
    return {
      baseUrl: this.baseUrl,
      headers: () => this.headers(),
      dispatcher: this.#dispatcher,
      keySource: this.#keySource,
      advice: this.facts.advice,
    };
  }

  /** Where this account asks about its models: a proxy wants the same headers and query there as with a call. */
  protected listEndpoint(): Endpoint {
    const endpoint = this.endpoint();
    const { extraHeaders, extraQuery } = mergeOptions(this.options);
    return {
      ...endpoint,
      headers: async () => mergeHeaders(await endpoint.headers(), extraHeaders),
      query: { ...endpoint.query, ...extraQuery },
    };
  }

  /** Options of a model: the account's under the model's own. */
  protected modelOptions(options: GenerateOptions | undefined): GenerateOptions {
    return layerOptions(this.options, options);
  }

  /** The formatter asked for: that it is one of this wire is the caller's promise, since an id given at run time cannot tell. */
  protected formatterOf<WireMessage>({
    formatter,
  }: ChatModelOptions): FormatterBase<WireMessage> | undefined {
    return formatter as FormatterBase<WireMessage> | undefined;
  }

  /** What is known of a model. */
  protected cardOf(modelName: string): ModelCard {
    return this.catalog.card(modelName);
  }

  /** What a chat model of this account is made with, whatever its wire. */
  protected modelInit<WireMessage>(
    modelName: string,
    options: ChatModelOptions,
  ): HttpChatModelInit<WireMessage> {
    return {
      provider: this.provider,
      modelName,
      endpoint: this.endpoint(modelName),
      card: options.card ?? this.cardOf(modelName),
      options: this.modelOptions(options.options),
      formatter: this.formatterOf(options),
      tokenCounter: options.tokenCounter,
      knownModels: () => this.catalog.cards("chat").map((card) => card.modelName),
    };
  }

  /** The headers that carry the key. */
  protected keyHeaders(key: string): HeaderRecord {
    const { keyHeader } = this.facts;
    return keyHeader === undefined ? { authorization: `Bearer ${key}` } : { [keyHeader]: key };
  }

  /** What to store beside the base URL. */
  protected publicFields(): Record<string, unknown> {
    return {};
  }

  /** Reads one page of the provider's list of its models; undefined when the answer is no such list. */
  protected abstract readModelList(body: unknown): ModelListPage | undefined;

  protected readonly modelListPath: string = "/models";

  /**
   * Every model that the provider lists just now.
   *
   * @param timeoutMs for each request
   * @throws ModelError when it cannot be reached, refuses, or answers something else
   */
  protected async listedModels(timeoutMs?: number): Promise<ListedModel[]> {
    const models: ListedModel[] = [];
    let path: string | undefined = this.modelListPath;
    for (let page = 0; path !== undefined && page < MAX_PAGES; page++) {
      const { head, body } = await getJson(this.listEndpoint(), path, timeoutMs);
      if (head.status >= 400) {
        throw failureOf(body, head, {
          provider: this.provider,
          model: "(model list)",
          keySource: this.#keySource,
          advice: this.facts.advice,
        });
      }
      const list = this.readModelList(body);
      if (list === undefined) {
        throw new ParseError(`${head.url()} answered, but not with a list of models. Is the base URL right?`);
      }
      models.push(...list.models);
      path = list.nextPath;
    }
    return models;
  }

  private async liveCards(timeoutMs: number | undefined): Promise<ModelCard[]> {
    const { catalog } = this;
    const bundled = catalog.cards();
    let listed: ListedModel[];
    try {
      listed = await this.listedModels(timeoutMs);
    } catch (error) {
      // A refused key is the caller's to mend; without a catalogue an empty list would pass for an answer.
      if (bundled.length === 0 || isRefusal(error)) throw error;
      return [...bundled];
    }
    const live = new Map(listed.map(({ name, facts }) => [name, facts]));
    const known = bundled.map((card) => ({
      ...catalog.card(card.modelName, live.get(card.modelName)),
      live: live.has(card.modelName),
    }));
    const names = new Set(bundled.map((card) => card.modelName));
    const fresh = listed
      .filter(({ name }) => !names.has(name))
      .map(({ name, facts }) => ({
        ...catalog.card(name, facts),
        live: true,
        source: `${this.facts.displayName} model list, just now`,
      }));
    return [...known, ...fresh];
  }
}

/** A list that never ends is cut off. */
const MAX_PAGES = 100;

function isRefusal(error: unknown): boolean {
  return ModelError.isInstance(error) && (error.kind === "authentication" || error.kind === "permission");
}

/** A key that a function gave, which may have read it from a file or a vault. */
function checkKey(key: unknown, owner: string): string {
  if (typeof key === "string" && key.trim() !== "") return key.trim();
  const found = typeof key === "string" ? "an empty string" : typeof key;
  throw new ConfigurationError(
    `${owner}: the apiKey function gave ${found}. It must give the key as a string.`,
  );
}

function keySource(facts: VendorFacts, owner: string, given: KeyInput | undefined, found: unknown): string {
  if (given !== undefined) return `apiKey of ${owner}`;
  if (typeof found === "object") return (found as { name: string }).name;
  return facts.keyVariables[0] ?? `apiKey of ${owner}`;
}

function howToGiveKey(facts: VendorFacts, owner: string): string {
  const variables = facts.keyVariables.join(" or ");
  return `Set ${variables}, or pass new ${owner}({ apiKey }).`;
}

function missingKey(facts: VendorFacts, owner: string): ConfigurationError {
  return new ConfigurationError(
    `There is no key for ${facts.displayName}. ${howToGiveKey(facts, owner)} To try without any key: ModelRegistry.create("test:echo").`,
  );
}

function missingBaseUrl(facts: VendorFacts, owner: string): ConfigurationError {
  const [variable] = facts.baseUrlVariables;
  const set = variable === undefined ? "Pass" : `Set ${variable}, or pass`;
  return new ConfigurationError(
    `${facts.displayName} has no common address. ${set} new ${owner}({ baseUrl }).`,
  );
}
