import { AnthropicChatModel } from "../model/anthropic-chat-model.ts";
import type { ChatModelBase } from "../model/chat-model-base.ts";
import type { ChatModelOptions } from "../model/model-registry.ts";
import type { JsonSchema } from "../tool/tool-schema.ts";
import type { Endpoint, HeaderRecord } from "../transport/endpoint.ts";
import { ANTHROPIC_VERSION, type AnthropicEffort, type AnthropicModelInfo } from "../wire/anthropic.ts";
import type { ModelFacts } from "./catalog/model-facts.ts";
import {
  credentialSchema,
  HttpCredential,
  type HttpCredentialOptions,
  type ListedModel,
  type ModelListPage,
  type VendorFacts,
} from "./http-credential.ts";

/** The variable whose value is a token and not a key. */
const TOKEN_VARIABLE = "ANTHROPIC_AUTH_TOKEN";

/** Anthropic's API reference, checked 2026-11. */
const ANTHROPIC: VendorFacts = {
  provider: "anthropic",
  type: "anthropic_credential",
  displayName: "Anthropic",
  baseUrl: "https://api.anthropic.com",
  keyVariables: ["ANTHROPIC_API_KEY", TOKEN_VARIABLE],
  baseUrlVariables: ["ANTHROPIC_BASE_URL"],
};

/** Options of an {@link AnthropicCredential}. */
export interface AnthropicCredentialOptions extends HttpCredentialOptions {
  /**
   * How the key is sent: in a header of its own, or as a bearer token, as tokens of OAuth and of gateways want it.
   *
   * @default "bearer" for a token of `ANTHROPIC_AUTH_TOKEN`, else "x-api-key"
   */
  readonly auth?: "x-api-key" | "bearer" | undefined;
}

/**
 * An account with Anthropic. Environment: `ANTHROPIC_API_KEY` or `ANTHROPIC_AUTH_TOKEN`, `ANTHROPIC_BASE_URL`. The base URL
 * may end with `/v1` or not. Every request asks for API version 2023-06-01; a header `anthropic-version` of yours wins.
 *
 * @example
 * ```ts
 * import { AnthropicCredential } from "rxscope";
 *
 * const credential = new AnthropicCredential({ apiKey: "sk-ant-example" });
 * const model = credential.createChatModel("claude-sonnet-4-6", { options: { thinking: { effort: "high" } } });
 * ```
 */
export class AnthropicCredential extends HttpCredential {
  static readonly type: string = ANTHROPIC.type;
  static readonly provider: string = ANTHROPIC.provider;
  static readonly facts: VendorFacts = ANTHROPIC;
  static readonly schema: JsonSchema = credentialSchema(ANTHROPIC, {
    auth: { enum: ["x-api-key", "bearer"], title: "How the key is sent", default: "x-api-key" },
  });
  override readonly facts: VendorFacts = ANTHROPIC;
  readonly auth: "x-api-key" | "bearer";
  protected override readonly modelListPath: string = "/v1/models?limit=1000";

  constructor(options: AnthropicCredentialOptions = {}) {
    super(ANTHROPIC, options);
    const isToken = this.endpoint().keySource === TOKEN_VARIABLE;
    this.auth = options.auth ?? (isToken ? "bearer" : "x-api-key");
  }

  override async headers(): Promise<Record<string, string>> {
    return { "anthropic-version": ANTHROPIC_VERSION, ...(await super.headers()) };
  }

  getChatModelClass(): typeof AnthropicChatModel {
    return AnthropicChatModel;
  }

  createChatModel(modelName: string, options: ChatModelOptions = {}): ChatModelBase {
    return new AnthropicChatModel(this.modelInit(modelName, options));
  }

  /** The wire's paths begin with the version. */
  protected override endpoint(): Endpoint {
    return { ...super.endpoint(), baseUrl: this.baseUrl.replace(/\/v1$/, "") };
  }

  protected override keyHeaders(key: string): HeaderRecord {
    return this.auth === "bearer" ? { authorization: `Bearer ${key}` } : { "x-api-key": key };
  }

  protected override publicFields(): Record<string, unknown> {
    return { auth: this.auth };
  }

  protected readModelList(body: unknown): ModelListPage | undefined {
    const list = (body ?? {}) as { data?: unknown; has_more?: unknown; last_id?: unknown };
    if (!Array.isArray(list.data)) return undefined;
    const isMore = list.has_more === true && typeof list.last_id === "string" && list.last_id !== "";
    return {
      models: (list.data as unknown[]).flatMap((entry) => readListedModel(entry) ?? []),
      ...(isMore && {
        nextPath: `${this.modelListPath}&after_id=${encodeURIComponent(list.last_id as string)}`,
      }),
    };
  }
}

/** One entry of the list: limits, and what the model can do. What it does not say stays as the catalogue knows it. */
function readListedModel(entry: unknown): ListedModel | undefined {
  const model = (entry ?? {}) as AnthropicModelInfo;
  if (typeof model.id !== "string") return undefined;
  const { max_input_tokens: context, max_tokens: output, lifecycle } = model;
  return {
    name: model.id,
    facts: {
      ...(typeof model.display_name === "string" && { title: model.display_name }),
      ...(typeof context === "number" && context > 0 && { context }),
      ...(typeof output === "number" && output > 0 && { output }),
      ...(lifecycle === "deprecated" && { status: "deprecated" }),
      ...(lifecycle === "retired" && { status: "sunset" }),
      ...readCapabilities(model.capabilities),
    },
  };
}

const LEVELS: readonly AnthropicEffort[] = ["low", "medium", "high", "xhigh", "max"];

function readCapabilities(capabilities: AnthropicModelInfo["capabilities"]): Partial<ModelFacts> {
  if (typeof capabilities !== "object" || capabilities === null) return {};
  const { structured_outputs: schema, image_input: image, pdf_input: pdf, effort, thinking } = capabilities;
  const types = thinking?.types ?? undefined;
  const canRest = types?.disabled?.supported === true;
  const levels = LEVELS.filter((level) => effort?.[level]?.supported === true);
  return {
    ...(typeof schema?.supported === "boolean" && { schema: schema.supported }),
    ...(image &&
      pdf && {
        inputs: ["text", ...(image.supported ? ["image"] : []), ...(pdf.supported ? ["pdf"] : [])],
      }),
    ...(typeof thinking?.supported === "boolean" && { reasoning: thinking.supported }),
    ...(types && {
      adaptiveThinking: types.adaptive?.supported === true,
      alwaysThinks: thinking?.supported === true && !canRest,
      ...(types.enabled?.supported === true && { budget: [1024, null] as const }),
    }),
    ...(levels.length > 0 && { effort: canRest ? ["none", ...levels] : levels }),
  };
}
