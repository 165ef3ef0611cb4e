import { OpenAIChatFormatter } from "../formatter/openai-chat-formatter.ts";
import { OpenAIMultiAgentFormatter } from "../formatter/openai-multi-agent-formatter.ts";
import { OpenAIChatModel } from "../model/openai-chat-model.ts";
import type { OpenAIChatSwitches } from "../wire/openai-chat.ts";
import { compatibleParameters, stopTexts } from "./catalog/provider-parameters.ts";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./openai-compatible-credential.ts";

const SWITCHES: Partial<OpenAIChatSwitches> = {
  maxTokensField: "max_tokens",
  systemRole: "system",
  thinkingControl: "thinking_type",
  // A thinking model refuses a history whose tool calls lack their reasoning, even an empty one.
  reasoningField: "reasoning_content",
  reasoningFilled: true,
  emptyContent: "empty",
  prefillField: "prefix",
  toolChoice: ["required", "named"],
  forcedToolsWhileThinking: false,
  // At the beta address alone.
  strictTools: false,
  structuredOutput: "json_object",
  mediaFileIds: "file",
  schemaDialect: "json-schema",
  fields: { userId: "user_id" },
};

/** DeepSeek's API documentation, checked 2026-11. */
const DEEPSEEK: OpenAICompatibleVendor = {
  provider: "deepseek",
  type: "deepseek_credential",
  displayName: "DeepSeek",
  baseUrl: "https://api.deepseek.com",
  keyVariables: ["DEEPSEEK_API_KEY"],
  baseUrlVariables: ["DEEPSEEK_BASE_URL"],
  parameters: compatibleParameters({
    without: ["topK", "seed", "frequencyPenalty", "presencePenalty", "parallelToolCalls"],
    changed: { stop: stopTexts(16) },
    media: ["text", "image", "pdf"],
  }),
  switches: SWITCHES,
};

/** An account with DeepSeek. Environment: `DEEPSEEK_API_KEY`, `DEEPSEEK_BASE_URL`. */
export class DeepSeekCredential extends OpenAICompatibleCredential {
  static override readonly facts: OpenAICompatibleVendor = DEEPSEEK;

  constructor(options: OpenAICompatibleOptions = {}) {
    super(DEEPSEEK, options);
  }

  override getChatModelClass(): typeof DeepSeekChatModel {
    return DeepSeekChatModel;
  }
}

/** A model of DeepSeek's. */
export class DeepSeekChatModel extends OpenAIChatModel {
  static override readonly switches: Partial<OpenAIChatSwitches> = SWITCHES;
}

/** {@link OpenAIChatFormatter} with DeepSeek's ways. */
export class DeepSeekChatFormatter extends OpenAIChatFormatter {
  static override readonly switches: Partial<OpenAIChatSwitches> = SWITCHES;
}

/** {@link OpenAIMultiAgentFormatter} with DeepSeek's ways. */
export class DeepSeekMultiAgentFormatter extends OpenAIMultiAgentFormatter {
  static override readonly switches: Partial<OpenAIChatSwitches> = SWITCHES;
}
