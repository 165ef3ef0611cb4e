import { OpenAIChatFormatter } from "../formatter/openai-chat-formatter.ts";
import { OpenAIMultiAgentFormatter } from "../formatter/openai-multi-agent-formatter.ts";
import { OpenAIChatModel } from "../model/openai-chat-model.ts";
import type { OpenAIChatSwitches } from "../wire/openai-chat.ts";
import { compatibleParameters } from "./catalog/provider-parameters.ts";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./openai-compatible-credential.ts";

const SWITCHES: Partial<OpenAIChatSwitches> = {
  systemRole: "system",
  toolChoice: ["required", "named"],
  echoesPrefill: true,
  fileBytes: false,
  fields: {
    n: "n",
    serviceTier: "service_tier",
    logitBias: "logit_bias",
    user: "user",
    searchParameters: "search_parameters",
  },
};

const PARAMETERS = compatibleParameters({
  without: ["topK"],
  changed: { topLogprobs: { type: "integer", minimum: 0, maximum: 8 } },
  media: ["text", "image", "pdf"],
  notWithReasoning: ["stop", "frequencyPenalty", "presencePenalty"],
});

/** xAI's API reference, checked 2026-11. */
const XAI: OpenAICompatibleVendor = {
  provider: "xai",
  type: "xai_credential",
  displayName: "xAI",
  baseUrl: "https://api.x.ai/v1",
  keyVariables: ["XAI_API_KEY"],
  baseUrlVariables: ["XAI_BASE_URL"],
  parameters: {
    ...PARAMETERS,
    mediaTypes: { ...PARAMETERS.mediaTypes, image: ["image/png", "image/jpeg"] },
  },
  switches: SWITCHES,
};

/** An account with xAI. Environment: `XAI_API_KEY`, `XAI_BASE_URL`. */
export class XAICredential extends OpenAICompatibleCredential {
  static override readonly facts: OpenAICompatibleVendor = XAI;

  constructor(options: OpenAICompatibleOptions = {}) {
    super(XAI, options);
  }

  override getChatModelClass(): typeof XAIChatModel {
    return XAIChatModel;
  }
}

/** A model of xAI's. */
export class XAIChatModel extends OpenAIChatModel {
  static override readonly switches: Partial<OpenAIChatSwitches> = SWITCHES;
}

/** {@link OpenAIChatFormatter} with xAI's ways. */
export class XAIChatFormatter extends OpenAIChatFormatter {
  static override readonly switches: Partial<OpenAIChatSwitches> = SWITCHES;
}

/** {@link OpenAIMultiAgentFormatter} with xAI's ways. */
export class XAIMultiAgentFormatter extends OpenAIMultiAgentFormatter {
  static override readonly switches: Partial<OpenAIChatSwitches> = SWITCHES;
}
