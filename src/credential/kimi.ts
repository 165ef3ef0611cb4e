import { ConfigurationError } from "../error/errors-by-kind.ts";
import { OpenAIChatFormatter } from "../formatter/openai-chat-formatter.ts";
import { OpenAIMultiAgentFormatter } from "../formatter/openai-multi-agent-formatter.ts";
import { OpenAIChatModel } from "../model/openai-chat-model.ts";
import type { OpenAIChatSwitches } from "../wire/openai-chat.ts";
import type { JsonSchema } from "../tool/tool-schema.ts";
import { compatibleParameters, stopTexts } from "./catalog/provider-parameters.ts";
import { credentialSchema } from "./http-credential.ts";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./openai-compatible-credential.ts";

const SWITCHES: Partial<OpenAIChatSwitches> = {
  systemRole: "system",
  thinkingControl: "thinking_type",
  // A thinking model refuses a tool loop whose calls come back without their reasoning.
  reasoningField: "reasoning_content",
  reasoningFilled: true,
  // An answer without content or calls is a 400, whatever its reasoning (wire notes 4.2, and reports of users, 2026-11).
  reasoningAlone: false,
  emptyContent: "empty",
  prefillField: "partial",
  // "required" is refused by the newer models, and nothing tells by which.
  toolChoice: [],
  schemaDialect: "moonshot",
  imageUrls: false,
  videos: "bytes",
  fileBytes: false,
  mediaFileIds: "ms:",
  fields: {
    n: "n",
    thinking: "thinking",
    promptCacheKey: "prompt_cache_key",
    promptCacheOptions: "prompt_cache_options",
    safetyIdentifier: "safety_identifier",
  },
};

/** Moonshot's two platforms; a key is good for one of them. */
const PLATFORMS: Readonly<Record<"international" | "china", string>> = {
  international: "https://api.moonshot.ai/v1",
  china: "https://api.moonshot.cn/v1",
};

/** Moonshot's API documentation, checked 2026-11. */
const KIMI: OpenAICompatibleVendor = {
  provider: "kimi",
  aliases: ["moonshot"],
  type: "kimi_credential",
  displayName: "Kimi",
  baseUrl: PLATFORMS.international,
  keyVariables: ["MOONSHOT_API_KEY"],
  baseUrlVariables: ["MOONSHOT_BASE_URL"],
  parameters: compatibleParameters({
    without: ["topK", "seed", "parallelToolCalls", "logprobs", "topLogprobs"],
    changed: {
      temperature: { type: "number", minimum: 0, maximum: 1 },
      stop: stopTexts(5),
      thinking: { type: "object", properties: { enabled: { type: "boolean" } } },
    },
    media: ["text", "image", "video"],
  }),
  switches: SWITCHES,
};

/** Options of a {@link KimiCredential}. */
export interface KimiCredentialOptions extends OpenAICompatibleOptions {
  /** The platform that the key is from; it goes before `MOONSHOT_BASE_URL`. @default that of `MOONSHOT_BASE_URL`, else "international" */
  readonly region?: "international" | "china" | undefined;
}

/** An account with Moonshot, the maker of Kimi. Environment: `MOONSHOT_API_KEY`, `MOONSHOT_BASE_URL`. */
export class KimiCredential extends OpenAICompatibleCredential {
  static override readonly facts: OpenAICompatibleVendor = KIMI;

  constructor(options: KimiCredentialOptions = {}) {
    const { region } = options;
    if (region !== undefined && !Object.hasOwn(PLATFORMS, region)) {
      throw new ConfigurationError(
        `KimiCredential: region must be one of ${Object.keys(PLATFORMS).join(", ")}, not ${JSON.stringify(region)}.`,
      );
    }
    const platform = region === undefined ? undefined : PLATFORMS[region];
    super(KIMI, { ...options, baseUrl: options.baseUrl ?? platform });
  }

  static override get schema(): JsonSchema {
    return credentialSchema(KIMI, { region: { enum: Object.keys(PLATFORMS), title: "Platform" } });
  }

  override getChatModelClass(): typeof KimiChatModel {
    return KimiChatModel;
  }
}

/** A model of Kimi's. */
export class KimiChatModel extends OpenAIChatModel {
  static override readonly switches: Partial<OpenAIChatSwitches> = SWITCHES;
}

/** {@link OpenAIChatFormatter} with Kimi's ways. */
export class KimiChatFormatter extends OpenAIChatFormatter {
  static override readonly switches: Partial<OpenAIChatSwitches> = SWITCHES;
}

/** {@link OpenAIMultiAgentFormatter} with Kimi's ways. */
export class KimiMultiAgentFormatter extends OpenAIMultiAgentFormatter {
  static override readonly switches: Partial<OpenAIChatSwitches> = SWITCHES;
}
