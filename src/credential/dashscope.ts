import { ConfigurationError } from "../error/errors-by-kind.ts";
import type { ModelCard } from "../model/model-card.ts";
import type { ChatModelBase } from "../model/chat-model-base.ts";
import { DashScopeChatModel } from "../model/dashscope-chat-model.ts";
import type { ChatModelOptions } from "../model/model-registry.ts";
import { OpenAIChatModel } from "../model/openai-chat-model.ts";
import type { JsonSchema } from "../tool/tool-schema.ts";
import type { Endpoint, HeaderRecord } from "../transport/endpoint.ts";
import { DASHSCOPE_COMPATIBLE_FIELDS, DASHSCOPE_TOOL_CALL_ID } from "../wire/dashscope.ts";
import { compatibleParameters, type ProviderParameters, stopTexts } from "./catalog/provider-parameters.ts";
import { credentialSchema } from "./http-credential.ts";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./openai-compatible-credential.ts";

/** Which of DashScope's two APIs is spoken: OpenAI's, or its own, which has more. */
export type DashScopeMode = "compatible" | "native";

/** Where the account is; keys are valid in their region only. */
export type DashScopeRegion = "beijing" | "singapore" | "us";

const HOSTS: Readonly<Record<DashScopeRegion, string>> = {
  beijing: "https://dashscope.aliyuncs.com",
  singapore: "https://dashscope-intl.aliyuncs.com",
  us: "https://dashscope-us.aliyuncs.com",
};

const PATHS: Readonly<Record<DashScopeMode, string>> = {
  compatible: "/compatible-mode/v1",
  native: "/api/v1",
};

/** What the chat models take in either mode. */
const PARAMETERS: ProviderParameters = {
  ...compatibleParameters({
    without: ["frequencyPenalty"],
    cacheControl: true,
    changed: {
      // 2 itself is refused, and so is a topP of 0.
      temperature: { type: "number", minimum: 0, maximum: 1.99 },
      topP: { type: "number", minimum: 0.01, maximum: 1 },
      topK: { type: "integer", minimum: 0, maximum: 100 },
      stop: stopTexts(),
      seed: { type: "integer", minimum: 0, maximum: 2_147_483_647 },
      toolChoice: { anyOf: [{ enum: ["auto", "none"] }, { type: "object" }] },
      thinking: {
        type: "object",
        properties: { enabled: { type: "boolean" }, budgetTokens: { type: "integer", minimum: 1 } },
      },
      topLogprobs: { type: "integer", minimum: 0, maximum: 5 },
    },
    media: ["text"],
  }),
  mediaTypes: {
    text: ["text/plain"],
    image: ["image/png", "image/jpeg", "image/webp", "image/bmp", "image/tiff", "image/heic"],
    audio: ["audio/*"],
    video: ["video/*"],
  },
};

/** Alibaba Cloud Model Studio's API reference, checked 2026-11. */
const DASHSCOPE: OpenAICompatibleVendor = {
  provider: "dashscope",
  type: "dashscope_credential",
  displayName: "DashScope",
  baseUrl: HOSTS.beijing + PATHS.compatible,
  keyVariables: ["DASHSCOPE_API_KEY"],
  baseUrlVariables: ["DASHSCOPE_HTTP_BASE_URL"],
  parameters: PARAMETERS,
  bareNames: "(?:qwen(?:-|\\d)|qwq-|qvq-)[\\w.-]+",
  switches: {
    // It limits the answer without its reasoning, but every model knows it.
    maxTokensField: "max_tokens",
    systemRole: "system",
    thinkingControl: "enable_thinking",
    reasoningField: "reasoning_content",
    names: false,
    emptyContent: "empty",
    prefillField: "partial",
    toolChoice: ["named"],
    forcedToolsWhileThinking: false,
    toolCallId: DASHSCOPE_TOOL_CALL_ID,
    videos: "urls",
    audios: "urls",
    cacheMarkers: "cache_control",
    mediaFileIds: "none",
    fields: DASHSCOPE_COMPATIBLE_FIELDS,
  },
};

/** Options of a {@link DashScopeCredential}. */
export interface DashScopeCredentialOptions extends OpenAICompatibleOptions {
  /** @default "compatible" */
  readonly mode?: DashScopeMode | undefined;
  /** @default the region of `DASHSCOPE_HTTP_BASE_URL`, else "beijing" */
  readonly region?: DashScopeRegion | undefined;
  /** The id of a workspace that is not the key's own. */
  readonly workspace?: string | undefined;
}

/**
 * An account with Alibaba Cloud's DashScope (Model Studio), which serves Qwen. Environment: `DASHSCOPE_API_KEY`,
 * `DASHSCOPE_HTTP_BASE_URL`; where the latter is the address of one mode, that of the other is found from it.
 *
 * @throws ModelError `configuration` for an unknown mode or region
 *
 * @example
 * ```ts
 * import { DashScopeCredential } from "rxscope";
 *
 * const credential = new DashScopeCredential({ apiKey: "sk-example", mode: "native", region: "singapore" });
 * const model = credential.createChatModel("qwen-plus", {
 *   options: { providerOptions: { dashscope: { enableSearch: true } } },
 * });
 * ```
 */
export class DashScopeCredential extends OpenAICompatibleCredential {
  static override readonly facts: OpenAICompatibleVendor = DASHSCOPE;
  readonly mode: DashScopeMode;
  readonly workspace: string | undefined;

  constructor(options: DashScopeCredentialOptions = {}) {
    const { mode = "compatible", region, workspace } = options;
    checkChoice("mode", mode, PATHS);
    if (region !== undefined) checkChoice("region", region, HOSTS);
    super(DASHSCOPE, { ...options, baseUrl: options.baseUrl ?? addressOf(mode, region) });
    this.mode = mode;
    this.workspace = workspace;
  }

  static override get schema(): JsonSchema {
    return credentialSchema(DASHSCOPE, {
      mode: { type: "string", title: "Mode", enum: Object.keys(PATHS), default: "compatible" },
      region: { type: "string", title: "Region", enum: Object.keys(HOSTS), default: "beijing" },
      workspace: { type: "string", title: "Workspace" },
    });
  }

  override getChatModelClass(): ReturnType<OpenAICompatibleCredential["getChatModelClass"]> {
    return this.mode === "native" ? DashScopeChatModel : OpenAIChatModel;
  }

  override createChatModel(modelName: string, options: ChatModelOptions = {}): ChatModelBase {
    if (this.mode === "compatible") return super.createChatModel(modelName, options);
    return new DashScopeChatModel(this.modelInit(modelName, options));
  }

  /** On DashScope's own wire plain texts have no place for cache breakpoints. */
  protected override cardOf(modelName: string): ModelCard {
    const card = super.cardOf(modelName);
    if (this.mode === "compatible" || card.inputTypes.some((type) => !type.startsWith("text/"))) return card;
    const { cacheControl: _left, ...properties } = card.parameterSchema["properties"] as Record<
      string,
      unknown
    >;
    return { ...card, parameterSchema: { ...card.parameterSchema, properties } };
  }

  protected override endpoint(modelName?: string): Endpoint {
    const endpoint = super.endpoint(modelName);
    // Both modes serve the same models; the compatible one lists them.
    return modelName === undefined ? { ...endpoint, baseUrl: inMode("compatible", this.baseUrl) } : endpoint;
  }

  protected override keyHeaders(key: string): HeaderRecord {
    return { ...super.keyHeaders(key), "X-DashScope-WorkSpace": this.workspace };
  }

  protected override publicFields(): Record<string, unknown> {
    return {
      mode: this.mode,
      ...(this.workspace !== undefined && { workspace: this.workspace }),
    };
  }
}

function checkChoice(name: string, value: string, choices: object): void {
  if (Object.hasOwn(choices, value)) return;
  throw new ConfigurationError(
    `DashScopeCredential: ${name} must be one of ${Object.keys(choices).join(", ")}, not ${JSON.stringify(value)}.`,
  );
}

/** A region that is asked for goes before the environment. */
function addressOf(mode: DashScopeMode, region: DashScopeRegion | undefined): string {
  const given = region === undefined ? process.env["DASHSCOPE_HTTP_BASE_URL"]?.trim() : undefined;
  if (given) return inMode(mode, given);
  return HOSTS[region ?? "beijing"] + PATHS[mode];
}

/** The address of a mode's API from that of either; any other address stays as it is. */
function inMode(mode: DashScopeMode, address: string): string {
  return address.replace(/\/(?:compatible-mode|api)\/v1\/*$/, PATHS[mode]);
}
