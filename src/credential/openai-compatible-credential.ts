import type { ChatModelBase } from "../model/chat-model-base.ts";
import type { ChatModelOptions } from "../model/model-registry.ts";
import { OpenAIChatModel } from "../model/openai-chat-model.ts";
import type { OpenAIChatSwitches } from "../wire/openai-chat.ts";
import { HttpCredential, type HttpCredentialOptions, type VendorFacts } from "./http-credential.ts";

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
  declare readonly facts: OpenAICompatibleVendor;
  private readonly switches: Partial<OpenAIChatSwitches>;

  constructor(vendor: OpenAICompatibleVendor, options: OpenAICompatibleOptions = {}) {
    super(vendor, options);
    this.switches = { ...vendor.switches, ...options.switches };
  }

  getChatModelClass(): typeof OpenAIChatModel {
    return OpenAIChatModel;
  }

  createChatModel(modelName: string, options: ChatModelOptions = {}): ChatModelBase {
    return new OpenAIChatModel({
      provider: this.provider,
      modelName,
      endpoint: this.endpoint(),
      card: options.card ?? this.catalog.card(modelName),
      options: this.modelOptions(options.options),
      formatter: options.formatter,
      switches: this.switches,
      knownModels: () => this.catalog.cards("chat").map((card) => card.modelName),
    });
  }

  protected readModelNames(body: unknown): string[] | undefined {
    const { data } = (body ?? {}) as { data?: unknown };
    if (!Array.isArray(data)) return undefined;
    return (data as ({ id?: unknown } | null)[])
      .map((entry) => entry?.id)
      .filter((id): id is string => typeof id === "string");
  }
}
