import type { ModelError } from "../error/model-error.ts";
import type { FormatWarning } from "../formatter/formatter-base.ts";
import { OllamaChatFormatter } from "../formatter/ollama-chat-formatter.ts";
import type { ToolChoice, ToolSchema } from "../tool/tool-schema.ts";
import type {
  OllamaChatRequest,
  OllamaMessage,
  OllamaOptions,
  OllamaRuntimeOptions,
  OllamaTool,
} from "../wire/ollama.ts";
import { formNotHeld } from "./form-not-held.ts";
import type { ResolvedOptions, ResponseFormat, ThinkingOptions } from "./generate-options.ts";
import type { EventReducer, StreamFraming } from "./http-answer.ts";
import { HttpChatModel, type HttpChatModelInit, type WireCall, type WireRequest } from "./http-chat-model.ts";
import { OllamaChatReducer } from "./ollama-chat-reducer.ts";
import type { ResponseAccumulator } from "./response-accumulator.ts";

/** What an {@link OllamaChatModel} is made with. */
export type OllamaChatModelInit = HttpChatModelInit<OllamaMessage>;

/** A model behind Ollama's own API, on this machine or in Ollama's cloud. */
export class OllamaChatModel extends HttpChatModel<OllamaMessage> {
  protected readonly framing: StreamFraming = { type: "ndjson" };
  protected override readonly openFields: readonly string[] = ["options"];

  constructor(init: OllamaChatModelInit) {
    super({ ...init, formatter: init.formatter ?? new OllamaChatFormatter() });
  }

  protected request(call: WireCall<OllamaMessage>): WireRequest {
    const { options, warn } = call;
    const native = nativeOptions(options.providerOptions?.[this.provider] ?? {}, warn);
    const runtime: OllamaRuntimeOptions = { ...runtimeOptions(options), ...native.runtime };
    const tools = this.offeredTools(call);
    const body: OllamaChatRequest = {
      model: this.modelName,
      messages: [...call.messages],
      ...(tools.length > 0 && { tools: tools.map((tool) => toWireTool(tool, warn)) }),
      ...(options.thinking !== undefined && thinkField(options.thinking)),
      ...(options.responseFormat !== undefined && this.formatField(options.responseFormat, warn)),
      ...(options.logprobs !== undefined && { logprobs: options.logprobs }),
      ...(options.topLogprobs !== undefined && { logprobs: true, top_logprobs: options.topLogprobs }),
      ...native.fields,
      ...(Object.keys(runtime).length > 0 && { options: runtime }),
      // Left out it would mean true.
      stream: options.stream ?? true,
    };
    return { path: "/api/chat", body: body as unknown as Record<string, unknown> };
  }

  protected reducer(
    answer: ResponseAccumulator,
    _options: ResolvedOptions,
    failure: (event: unknown) => ModelError,
  ): EventReducer {
    return new OllamaChatReducer(answer, failure);
  }

  /** The wire has no tool choice: what is not to be called is not offered. */
  private offeredTools({ tools, options, warn }: WireCall<OllamaMessage>): readonly ToolSchema[] {
    const choice: ToolChoice = options.toolChoice ?? "auto";
    if (choice === "auto") return tools;
    if (choice === "none") return [];
    if (typeof choice === "object" && "names" in choice)
      return tools.filter(({ name }) => choice.names.includes(name));
    warn("toolChoice", `${this.provider} cannot be made to call a tool; the model was left the choice.`);
    return tools;
  }

  private formatField(format: ResponseFormat, warn: FormatWarning): Pick<OllamaChatRequest, "format"> {
    if (format.type === "text") return {};
    const { structuredOutput } = this.card.capabilities;
    if (structuredOutput === "none") {
      formNotHeld(format, `${this.modelName} has no JSON mode; ask for JSON in the prompt.`, warn);
      return {};
    }
    if (format.type === "json") return { format: "json" };
    if (structuredOutput === "json_object") {
      formNotHeld(
        format,
        `${this.modelName} takes no schema, only JSON mode. Put the schema into the prompt.`,
        warn,
      );
      return { format: "json" };
    }
    if (format.description !== undefined) {
      warn(
        "responseFormat",
        "This wire has no place for the description of a format; put it into the prompt.",
      );
    }
    return { format: format.schema as Record<string, unknown> };
  }
}

function runtimeOptions(options: ResolvedOptions): OllamaRuntimeOptions {
  const { stop } = options;
  return {
    ...(options.temperature !== undefined && { temperature: options.temperature }),
    ...(options.topP !== undefined && { top_p: options.topP }),
    ...(options.topK !== undefined && { top_k: options.topK }),
    ...(options.maxTokens !== undefined && { num_predict: options.maxTokens }),
    // A single string is refused.
    ...(stop !== undefined && { stop: typeof stop === "string" ? [stop] : [...stop] }),
    ...(options.seed !== undefined && { seed: options.seed }),
    ...(options.frequencyPenalty !== undefined && { frequency_penalty: options.frequencyPenalty }),
    ...(options.presencePenalty !== undefined && { presence_penalty: options.presencePenalty }),
  };
}

/** A level where the card has levels, else yes or no. Unsaid, a model that can think does. */
function thinkField({ enabled, effort }: ThinkingOptions): Pick<OllamaChatRequest, "think"> {
  if (effort !== undefined) return { think: effort === "none" ? false : effort };
  return enabled === undefined ? {} : { think: enabled };
}

type NativeField = "keepAlive" | "think" | "truncate" | "shift";

/** `providerOptions` that are fields of the request. */
const NATIVE_FIELDS: Readonly<Record<NativeField, keyof OllamaChatRequest>> = {
  keepAlive: "keep_alive",
  think: "think",
  truncate: "truncate",
  shift: "shift",
};

/** `providerOptions` that say how the model runs. */
const NATIVE_RUNTIME: Readonly<
  Record<Exclude<keyof OllamaOptions, NativeField>, keyof OllamaRuntimeOptions>
> = {
  numCtx: "num_ctx",
  numPredict: "num_predict",
  numKeep: "num_keep",
  minP: "min_p",
  typicalP: "typical_p",
  tfsZ: "tfs_z",
  repeatLastN: "repeat_last_n",
  repeatPenalty: "repeat_penalty",
  penalizeNewline: "penalize_newline",
  mirostat: "mirostat",
  mirostatTau: "mirostat_tau",
  mirostatEta: "mirostat_eta",
  numBatch: "num_batch",
  numGpu: "num_gpu",
  mainGpu: "main_gpu",
  numThread: "num_thread",
  numa: "numa",
  useMmap: "use_mmap",
};

function nativeOptions(
  options: object,
  warn: FormatWarning,
): { readonly fields: Partial<OllamaChatRequest>; readonly runtime: OllamaRuntimeOptions } {
  const fields: Record<string, unknown> = {};
  const runtime: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (Object.hasOwn(NATIVE_FIELDS, name)) fields[NATIVE_FIELDS[name as NativeField]] = value;
    else if (Object.hasOwn(NATIVE_RUNTIME, name))
      runtime[NATIVE_RUNTIME[name as keyof typeof NATIVE_RUNTIME]] = value;
    else
      warn(
        `providerOptions.${name}`,
        "There is no such option; use extraBody for fields this library does not know.",
      );
  }
  return { fields, runtime };
}

function toWireTool({ name, description, parameters, strict }: ToolSchema, warn: FormatWarning): OllamaTool {
  if (strict)
    warn("tools", `Nothing holds the model to the schema of ${name}: this wire has no strict tools.`);
  return {
    type: "function",
    function: {
      name,
      ...(description !== undefined && { description }),
      parameters: parameters ?? { type: "object", properties: {} },
    },
  };
}
