import { ConfigurationError } from "../error/errors-by-kind.ts";
import { type GenerateOptions, layerOptions } from "../model/generate-options.ts";
import type { ChatModelBase } from "../model/chat-model-base.ts";
import type { ModelCard } from "../model/model-card.ts";
import type { ChatModelOptions } from "../model/model-registry.ts";
import { OpenAITokenCounter } from "../token/openai-token-counter.ts";
import type { JsonSchema } from "../tool/tool-schema.ts";
import { type Endpoint, endpointUrl, type HeaderRecord } from "../transport/endpoint.ts";
import type { KeyInput, SerializedCredential } from "./credential-base.ts";
import { credentialSchema } from "./http-credential.ts";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./openai-compatible-credential.ts";

/** Microsoft's reference of Azure OpenAI in Foundry Models, checked 2026-11. */
const AZURE: OpenAICompatibleVendor = {
  provider: "azure",
  family: "openai",
  type: "azure_openai_credential",
  displayName: "Azure OpenAI",
  keyVariables: ["AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN"],
  keyHeader: "api-key",
  baseUrlVariables: ["AZURE_OPENAI_ENDPOINT"],
  switches: { cacheMarkers: "prompt_cache_breakpoint" },
};

const PROJECT_PATH = /^\/api\/projects\/[^/]+$/;

/** Options of an {@link AzureOpenAICredential}. */
export interface AzureOpenAICredentialOptions extends OpenAICompatibleOptions {
  /**
   * An Entra token in place of a key, or a function that gets one for each request (scope
   * `https://cognitiveservices.azure.com/.default`, or `https://ai.azure.com/.default` for projects of Foundry). @default `AZURE_OPENAI_AD_TOKEN`, when there is no key
   */
  readonly accessToken?: KeyInput | undefined;
  /**
   * A dated API version is reached through deployment addresses; `v1` and `preview` are the undated v1 API, told in the query.
   * @default `OPENAI_API_VERSION`, else the undated v1 API
   */
  readonly apiVersion?: string | undefined;
  /** The model behind each deployment whose name does not tell it: its card is used. */
  readonly deployments?: Readonly<Record<string, string>> | undefined;
}

/**
 * A resource of Azure OpenAI or Azure AI Foundry. A model's name is the name of its deployment. `baseUrl` is the resource's
 * endpoint, `https://<resource>.openai.azure.com` or `https://<resource>.services.ai.azure.com`, or a project's,
 * `https://<resource>.services.ai.azure.com/api/projects/<project>`; one with another path is used as it is.
 * Environment: `AZURE_OPENAI_ENDPOINT`, `AZURE_OPENAI_API_KEY`, `AZURE_OPENAI_AD_TOKEN`, `OPENAI_API_VERSION`.
 *
 * @example
 * ```ts
 * import { AzureOpenAICredential } from "rxscope";
 *
 * const credential = new AzureOpenAICredential({
 *   baseUrl: "https://my-resource.openai.azure.com",
 *   apiKey: "key",
 *   deployments: { production: "gpt-4.1" },
 * });
 * const model = credential.createChatModel("production");
 * ```
 */
export class AzureOpenAICredential extends OpenAICompatibleCredential {
  static override readonly facts: OpenAICompatibleVendor = AZURE;
  readonly apiVersion: string | undefined;
  readonly deployments: Readonly<Record<string, string>>;
  private readonly usesToken: boolean;

  constructor(options: AzureOpenAICredentialOptions = {}) {
    const { accessToken, ...rest } = options;
    if (accessToken !== undefined && options.apiKey !== undefined) {
      throw new ConfigurationError("AzureOpenAICredential: pass apiKey or accessToken, not both.");
    }
    const apiVersion = (options.apiVersion ?? process.env["OPENAI_API_VERSION"])?.trim() || undefined;
    // Older versions refuse to be asked for the usage of a stream.
    const isOld = apiVersion !== undefined && apiVersion < "2024-09-01";
    const switches = { ...(isOld && { streamOptions: false }), ...options.switches };
    super(AZURE, { ...rest, switches, apiKey: accessToken ?? options.apiKey });
    this.usesToken =
      accessToken !== undefined ||
      (options.apiKey === undefined && !process.env["AZURE_OPENAI_API_KEY"]?.trim());
    this.apiVersion = apiVersion;
    this.deployments = options.deployments ?? {};
  }

  static override get schema(): JsonSchema {
    return credentialSchema(AZURE, {
      apiVersion: { type: "string", title: "API version" },
      deployments: {
        type: "object",
        title: "Models by deployment",
        additionalProperties: { type: "string" },
      },
    });
  }

  /** A deployment's name says nothing of how its model counts; the model's name does. */
  override createChatModel(deployment: string, options: ChatModelOptions = {}): ChatModelBase {
    const tokenCounter =
      options.tokenCounter ?? new OpenAITokenCounter(this.deployments[deployment] ?? deployment);
    return super.createChatModel(deployment, { ...options, tokenCounter });
  }

  /** A token is stored as one: it goes into another header than a key. */
  override serialize(options: { readonly secrets?: boolean } = {}): SerializedCredential {
    const { apiKey, ...rest } = super.serialize(options);
    if (apiKey === undefined) return rest;
    return { ...rest, [this.usesToken ? "accessToken" : "apiKey"]: apiKey };
  }

  protected override cardOf(deployment: string): ModelCard {
    const card = super.cardOf(this.deployments[deployment] ?? deployment);
    return { ...card, modelName: deployment };
  }

  protected override endpoint(deployment?: string): Endpoint {
    const endpoint = super.endpoint();
    const { pathname } = new URL(endpoint.baseUrl);
    // A project of Foundry, as its page shows it, is a resource too.
    if (pathname !== "/" && !PROJECT_PATH.test(pathname)) return endpoint;
    const isDated = /^\d/.test(this.apiVersion ?? "");
    const path =
      isDated && deployment !== undefined
        ? `/openai/deployments/${encodeURIComponent(deployment)}`
        : "/openai/v1";
    return { ...endpoint, baseUrl: endpointUrl(endpoint.baseUrl, path).href };
  }

  protected override modelOptions(options: GenerateOptions | undefined): GenerateOptions {
    const version =
      this.apiVersion === undefined ? undefined : { extraQuery: { "api-version": this.apiVersion } };
    return layerOptions(version, super.modelOptions(options));
  }

  protected override keyHeaders(key: string): HeaderRecord {
    return this.usesToken ? { authorization: `Bearer ${key}` } : super.keyHeaders(key);
  }

  protected override publicFields(): Record<string, unknown> {
    return {
      ...(this.apiVersion !== undefined && { apiVersion: this.apiVersion }),
      ...(Object.keys(this.deployments).length > 0 && { deployments: this.deployments }),
    };
  }
}
