import { compatibleParameters, stopTexts, THINKING_WITH_BUDGET } from "./catalog/provider-parameters.ts";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./openai-compatible-credential.ts";

/** vLLM's documentation of its OpenAI-compatible server and its source, checked 2026-11. */
const VLLM: OpenAICompatibleVendor = {
  provider: "vllm",
  type: "vllm_credential",
  displayName: "vLLM",
  baseUrl: "http://127.0.0.1:8000/v1",
  keyVariables: ["VLLM_API_KEY"],
  baseUrlVariables: ["VLLM_BASE_URL"],
  keyOptional: true,
  parameters: compatibleParameters({
    changed: { thinking: THINKING_WITH_BUDGET, stop: stopTexts() },
    media: ["text", "image", "audio", "video"],
  }),
  switches: {
    systemRole: "system",
    schemaDialect: "json-schema",
    thinkingControl: "chat_template",
    reasoningField: "reasoning",
    toolChoice: ["required", "named"],
    audios: "audio_url",
    videos: "urls",
    // Without --reasoning-parser the reasoning stays in the text.
    thinkTags: true,
    mediaFileIds: "none",
    fields: {
      n: "n",
      minP: "min_p",
      repetitionPenalty: "repetition_penalty",
      lengthPenalty: "length_penalty",
      minTokens: "min_tokens",
      logitBias: "logit_bias",
      stopTokenIds: "stop_token_ids",
      includeStopStrInOutput: "include_stop_str_in_output",
      ignoreEos: "ignore_eos",
      skipSpecialTokens: "skip_special_tokens",
      addGenerationPrompt: "add_generation_prompt",
      continueFinalMessage: "continue_final_message",
      chatTemplate: "chat_template",
      chatTemplateKwargs: "chat_template_kwargs",
      includeReasoning: "include_reasoning",
      structuredOutputs: "structured_outputs",
      mmProcessorKwargs: "mm_processor_kwargs",
      logitsProcessors: "logits_processors",
      priority: "priority",
      requestId: "request_id",
      cacheSalt: "cache_salt",
    },
  },
};

/** A vLLM server. Environment: `VLLM_BASE_URL`, `VLLM_API_KEY` if it was started with `--api-key`. */
export class VLLMCredential extends OpenAICompatibleCredential {
  static override readonly facts: OpenAICompatibleVendor = VLLM;

  constructor(options: OpenAICompatibleOptions = {}) {
    super(VLLM, options);
  }
}
