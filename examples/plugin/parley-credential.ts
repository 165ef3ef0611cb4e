import {
  type ChatModelBase,
  type ChatModelOptions,
  HttpCredential,
  type HttpCredentialOptions,
  type JsonSchema,
  type ModelListPage,
  type VendorFacts,
} from "rxscope";
import { ParleyChatModel } from "./parley-chat-model.ts";

/** What is known of the provider, as data. */
const PARLEY: VendorFacts = {
  provider: "parley",
  type: "parley_credential",
  displayName: "Parley",
  baseUrl: "https://api.parley.example",
  keyVariables: ["PARLEY_API_KEY"],
  keyHeader: "x-parley-key",
  baseUrlVariables: ["PARLEY_BASE_URL"],
  // What is not here becomes a warning before anything is sent.
  parameters: {
    properties: {
      temperature: { type: "number", minimum: 0, maximum: 1 },
      maxTokens: { type: "integer", minimum: 1 },
      stop: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
      toolChoice: { anyOf: [{ enum: ["auto", "none", "required"] }, { type: "object" }] },
    },
    notWithReasoning: [],
    mediaTypes: { text: ["text/plain"] },
    showsReasoning: true,
    reasoningSystemRole: "system",
  },
};

/** An account with Parley. Environment: `PARLEY_API_KEY`, `PARLEY_BASE_URL`. */
export class ParleyCredential extends HttpCredential {
  static readonly type: string = PARLEY.type;
  static readonly provider: string = PARLEY.provider;
  static readonly facts: VendorFacts = PARLEY;
  static readonly schema: JsonSchema = {
    type: "object",
    properties: { apiKey: { type: "string", title: "API key", writeOnly: true } },
    required: ["apiKey"],
  };
  override readonly facts: VendorFacts = PARLEY;

  constructor(options: HttpCredentialOptions = {}) {
    super(PARLEY, options);
  }

  getChatModelClass(): typeof ParleyChatModel {
    return ParleyChatModel;
  }

  createChatModel(modelName: string, options: ChatModelOptions = {}): ChatModelBase {
    return new ParleyChatModel(this.modelInit(modelName, options));
  }

  protected readModelList(body: unknown): ModelListPage | undefined {
    const { models } = (body ?? {}) as { models?: unknown };
    if (!Array.isArray(models)) return undefined;
    return { models: models.filter((name) => typeof name === "string").map((name) => ({ name })) };
  }
}
