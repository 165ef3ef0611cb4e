import type { ModelError } from "../error/model-error.ts";
import { OpenAIChatFormatter } from "../formatter/openai-chat-formatter.ts";
import { adaptOffered } from "../tool/adapt-schema.ts";
import type { JsonSchema, ToolChoice, ToolSchema } from "../tool/tool-schema.ts";
import {
  OPENAI_END_MARK,
  OPENAI_SWITCHES,
  type OpenAIChatOptions,
  type OpenAIChatRequest,
  type OpenAIChatSwitches,
  type OpenAICompatibleMessage,
  type OpenAIFunctionTool,
  type OpenAIMessage,
  type OpenAIResponseFormat,
  type OpenAIToolChoice,
} from "../wire/openai-chat.ts";
import type { FormatWarning } from "../formatter/formatter-base.ts";
import type { ResolvedOptions, ResponseFormat } from "./generate-options.ts";
import type { EventReducer, StreamFraming } from "./http-answer.ts";
import { HttpChatModel, type HttpChatModelInit, type WireCall, type WireRequest } from "./http-chat-model.ts";
import { OpenAIChatReducer } from "./openai-chat-reducer.ts";
import type { ResponseAccumulator } from "./response-accumulator.ts";

/** What an {@link OpenAIChatModel} is made with. */
export interface OpenAIChatModelInit extends HttpChatModelInit<OpenAICompatibleMessage> {
  /** What the server does differently from OpenAI. @default OpenAI's own ways */
  readonly switches?: Partial<OpenAIChatSwitches> | undefined;
}

/** A model behind the OpenAI Chat Completions API, or behind a server that speaks it. */
export class OpenAIChatModel extends HttpChatModel<OpenAICompatibleMessage> {
  readonly switches: OpenAIChatSwitches;
  protected readonly framing: StreamFraming = { type: "sse", endMark: OPENAI_END_MARK };

  constructor(init: OpenAIChatModelInit) {
    const switches = { ...OPENAI_SWITCHES, ...init.switches };
    super({ ...init, formatter: init.formatter ?? new OpenAIChatFormatter({ switches }) });
    this.switches = switches;
  }

  protected request(call: WireCall<OpenAICompatibleMessage>): WireRequest {
    const { options, tools, warn } = call;
    const isStream = options.stream ?? true;
    const native = nativeOptions(options.providerOptions?.[this.provider] ?? {}, warn);
    const body: OpenAIChatRequest = {
      model: this.modelName,
      messages: call.messages as OpenAIMessage[],
      ...(options.temperature !== undefined && { temperature: options.temperature }),
      ...(options.topP !== undefined && { top_p: options.topP }),
      ...(options.maxTokens !== undefined && { [this.switches.maxTokensField]: options.maxTokens }),
      ...(options.stop !== undefined && {
        stop: typeof options.stop === "string" ? options.stop : [...options.stop],
      }),
      ...(options.seed !== undefined && { seed: options.seed }),
      ...(options.frequencyPenalty !== undefined && { frequency_penalty: options.frequencyPenalty }),
      ...(options.presencePenalty !== undefined && { presence_penalty: options.presencePenalty }),
      ...(options.logprobs !== undefined && { logprobs: options.logprobs }),
      ...(options.topLogprobs !== undefined && { logprobs: true, top_logprobs: options.topLogprobs }),
      ...this.thinkingFields(options, tools, warn),
      ...this.toolFields(options, tools, warn),
      ...(options.responseFormat !== undefined && this.responseFormatField(options.responseFormat, warn)),
      ...native.fields,
      stream: isStream,
      ...(isStream && this.streamOptions(native.includeObfuscation)),
    };
    if (options.topK !== undefined) Object.assign(body, { top_k: options.topK });
    return { path: "/chat/completions", body: body as unknown as Record<string, unknown> };
  }

  protected reducer(
    answer: ResponseAccumulator,
    options: ResolvedOptions,
    failure: (event: unknown) => ModelError,
  ): EventReducer {
    const own: OpenAIChatOptions | undefined = options.providerOptions?.[this.provider];
    const format = own?.audio?.format;
    return new OpenAIChatReducer(answer, {
      provider: this.provider,
      audioType: format === undefined ? undefined : AUDIO_TYPES[format],
      thinkTags: this.switches.thinkTags,
      failure,
    });
  }

  /** The fields that say how much to think. */
  protected thinkingFields(
    { thinking }: ResolvedOptions,
    tools: readonly ToolSchema[],
    warn: FormatWarning,
  ): Partial<OpenAIChatRequest> {
    const effort = thinking?.effort;
    if (tools.length > 0 && this.card.capabilities.toolsNeedEffortNone && effort !== "none") {
      if (effort !== undefined) {
        warn(
          "thinking.effort",
          `${this.modelName} takes tools on this API only with effort "none"; that was sent.`,
        );
      }
      return { reasoning_effort: "none" };
    }
    if (effort === undefined) return {};
    return { reasoning_effort: effort };
  }

  private toolFields(
    options: ResolvedOptions,
    tools: readonly ToolSchema[],
    warn: FormatWarning,
  ): Partial<OpenAIChatRequest> {
    if (tools.length === 0) return {};
    const { toolChoice, parallelToolCalls } = options;
    const choice = toolChoice === undefined ? undefined : this.toolChoice(toolChoice, warn);
    const offered =
      typeof toolChoice === "object" && "names" in toolChoice && !this.switches.toolChoice.includes("allowed")
        ? tools.filter((tool) => toolChoice.names.includes(tool.name))
        : tools;
    return {
      tools: offered.map((tool) => this.wireTool(tool, warn)),
      ...(choice !== undefined && { tool_choice: choice }),
      ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
    };
  }

  private wireTool(
    { name, description, parameters, strict }: ToolSchema,
    warn: FormatWarning,
  ): OpenAIFunctionTool {
    const offered =
      parameters === undefined
        ? { strict }
        : adaptOffered(
            { option: `tools.${name}`, schema: parameters, strict },
            this.switches.schemaDialect,
            warn,
          );
    return {
      type: "function",
      function: {
        name,
        ...(description !== undefined && { description }),
        ...("schema" in offered && { parameters: offered.schema }),
        ...(offered.strict !== undefined && { strict: offered.strict }),
      },
    };
  }

  private toolChoice(choice: ToolChoice, warn: FormatWarning): OpenAIToolChoice {
    const supported = this.switches.toolChoice;
    if (choice === "auto" || choice === "none") return choice;
    if (choice === "required") {
      if (supported.includes("required")) return "required";
    } else if ("name" in choice) {
      if (supported.includes("named")) return { type: "function", function: { name: choice.name } };
    } else if (supported.includes("allowed")) {
      const tools = choice.names.map((name) => ({ type: "function" as const, function: { name } }));
      return { type: "allowed_tools", allowed_tools: { mode: "auto", tools } };
    } else {
      return "auto"; // only the allowed tools are offered
    }
    warn("toolChoice", `${this.provider} cannot be made to call a tool; "auto" was sent.`);
    return "auto";
  }

  private responseFormatField(
    format: ResponseFormat,
    warn: FormatWarning,
  ): { response_format?: OpenAIResponseFormat } {
    // What both the model and the server can do.
    const able = new Set([this.switches.structuredOutput, this.card.capabilities.structuredOutput]);
    const most = JSON_FORMS.find((form) => able.has(form)) ?? "json_schema";
    if (format.type === "text") return { response_format: { type: "text" } };
    if (most === "none") {
      warn("responseFormat", `${this.modelName} has no JSON mode; ask for JSON in the prompt.`);
      return {};
    }
    if (format.type === "json" || most === "json_object") {
      if (format.type === "json_schema") {
        warn(
          "responseFormat",
          `${this.modelName} takes no schema; JSON mode was asked for. Put the schema into the prompt.`,
        );
      }
      return { response_format: { type: "json_object" } };
    }
    const { schema, strict } = adaptOffered(
      { option: "responseFormat", schema: format.schema as JsonSchema, strict: format.strict },
      this.switches.schemaDialect,
      warn,
    );
    return {
      response_format: {
        type: "json_schema",
        json_schema: {
          name: format.name ?? "response",
          ...(format.description !== undefined && { description: format.description }),
          schema,
          ...(strict !== undefined && { strict }),
        },
      },
    };
  }

  private streamOptions(includeObfuscation: boolean | undefined): Pick<OpenAIChatRequest, "stream_options"> {
    if (!this.switches.streamOptions) return {};
    return {
      stream_options: {
        include_usage: true,
        ...(includeObfuscation !== undefined && { include_obfuscation: includeObfuscation }),
      },
    };
  }
}

/** How a JSON answer can be asked for, the least first. */
const JSON_FORMS = ["none", "json_object", "json_schema"] as const;

/** Media types of spoken answers by the wire's format names. */
const AUDIO_TYPES: Readonly<Record<string, string>> = {
  wav: "audio/wav",
  mp3: "audio/mpeg",
  flac: "audio/flac",
  opus: "audio/opus",
  aac: "audio/aac",
  pcm16: "audio/pcm",
};

/** `providerOptions` by the request field that each of them is. */
const NATIVE_FIELDS: Readonly<
  Record<Exclude<keyof OpenAIChatOptions, "prediction" | "includeObfuscation">, keyof OpenAIChatRequest>
> = {
  n: "n",
  logitBias: "logit_bias",
  verbosity: "verbosity",
  modalities: "modalities",
  audio: "audio",
  metadata: "metadata",
  store: "store",
  serviceTier: "service_tier",
  promptCacheKey: "prompt_cache_key",
  promptCacheOptions: "prompt_cache_options",
  promptCacheRetention: "prompt_cache_retention",
  moderation: "moderation",
  safetyIdentifier: "safety_identifier",
  user: "user",
  webSearchOptions: "web_search_options",
};

function nativeOptions(
  options: object,
  warn: FormatWarning,
): { fields: Partial<OpenAIChatRequest>; includeObfuscation: boolean | undefined } {
  const fields: Record<string, unknown> = {};
  let includeObfuscation: boolean | undefined;
  for (const [name, value] of Object.entries(options as OpenAIChatOptions)) {
    if (value === undefined) continue;
    if (name === "prediction") fields["prediction"] = { type: "content", content: value };
    else if (name === "includeObfuscation") includeObfuscation = value as boolean;
    else if (Object.hasOwn(NATIVE_FIELDS, name))
      fields[NATIVE_FIELDS[name as keyof typeof NATIVE_FIELDS]] = value;
    else
      warn(
        `providerOptions.${name}`,
        "There is no such option; use extraBody for fields this library does not know.",
      );
  }
  return { fields, includeObfuscation };
}
