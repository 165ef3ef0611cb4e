import type { ChatModelBase } from "../model/chat-model-base.ts";
import type { ChatModelOptions } from "../model/model-registry.ts";
import { OpenAIChatModel } from "../model/openai-chat-model.ts";
import type { JsonSchema } from "../tool/tool-schema.ts";
import type { OpenAIChatSwitches } from "../wire/openai-chat.ts";
import {
  credentialSchema,
  HttpCredential,
  type HttpCredentialOptions,
  type ListedModel,
  type ModelListPage,
  type VendorFacts,
} from "./http-credential.ts";

/** Options of a credential whose provider speaks the OpenAI chat wire. */
export interface OpenAICompatibleOptions extends HttpCredentialOptions {
  /** What your server does differently from what its vendor's record says. */
  readonly switches?: Partial<OpenAIChatSwitches> | undefined;
}

/** The facts of a vendor that speaks the OpenAI chat wire. */
export interface OpenAICompatibleVendor extends VendorFacts {
  /** What it does differently from OpenAI. */
  readonly switches?: Partial<OpenAIChatSwitches>;
}

/** A provider that speaks the OpenAI chat wire: OpenAI itself, or one of the many whose difference is data. */
export abstract class OpenAICompatibleCredential extends HttpCredential {
  /** What is known of the vendor; a subclass gives it, and all else follows from it. */
  declare static readonly facts: OpenAICompatibleVendor;
  override readonly facts: OpenAICompatibleVendor;
  private readonly switches: Partial<OpenAIChatSwitches>;

  constructor(vendor: OpenAICompatibleVendor, options: OpenAICompatibleOptions = {}) {
    super(vendor, options);
    this.facts = vendor;
    this.switches = { ...vendor.switches, ...options.switches };
  }

  static get type(): string {
    return this.facts.type;
  }

  static get provider(): string {
    return this.facts.provider;
  }

  static get schema(): JsonSchema {
    return credentialSchema(this.facts);
  }

  getChatModelClass(): ReturnType<HttpCredential["getChatModelClass"]> {
    return OpenAIChatModel;
  }

  createChatModel(modelName: string, options: ChatModelOptions = {}): ChatModelBase {
    // Vendors of this wire make models of this wire; one that speaks another one too makes those itself.
    const ChatModel = this.getChatModelClass() as typeof OpenAIChatModel;
    return new ChatModel({ ...this.modelInit(modelName, options), switches: this.switches });
  }

  protected readModelList(body: unknown): ModelListPage | undefined {
    const { data } = (body ?? {}) as { data?: unknown };
    if (!Array.isArray(data)) return undefined;
    return { models: (data as unknown[]).flatMap((entry) => readListedModel(entry) ?? []) };
  }
}

/**
 * One entry of a list of models. OpenAI gives names only; others add limits and modalities, each in a field of its own
 * (wire notes 4.2 to 4.6, 2026-11).
 */
function readListedModel(entry: unknown): ListedModel | undefined {
  const model = (entry ?? {}) as Record<string, unknown>;
  const name = model["id"];
  if (typeof name !== "string") return undefined;
  const architecture = record(model["architecture"]);
  const top = record(model["top_provider"]);
  const context =
    count(model["context_length"]) ??
    count(model["max_model_len"]) ??
    count(model["max_context_length"]) ??
    count(model["context_window"]) ??
    count(record(model["meta"])["n_ctx_train"]);
  const output = count(top["max_completion_tokens"]) ?? count(model["max_completion_tokens"]);
  // OpenRouter says "file" for what others call a PDF.
  const inputs = words(architecture["input_modalities"])?.map((each) => (each === "file" ? "pdf" : each));
  const outputs = words(architecture["output_modalities"]);
  return {
    name,
    facts: {
      ...(typeof model["name"] === "string" && { title: model["name"] }),
      ...(context !== undefined && { context }),
      ...(output !== undefined && { output }),
      ...(inputs !== undefined && { inputs }),
      ...(outputs !== undefined && { outputs }),
    },
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 ? value : undefined;
}

function words(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const found = value.filter((each): each is string => typeof each === "string");
  return found.length === 0 ? undefined : found;
}
