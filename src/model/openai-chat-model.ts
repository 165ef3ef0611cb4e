import type { ModelError } from "../error/model-error.ts";
import { OpenAIChatFormatter, type OpenAIFormatContext } from "../formatter/openai-chat-formatter.ts";
import type { ToolChoice, ToolSchema } from "../tool/tool-schema.ts";
import {
  OPENAI_END_MARK,
  OPENAI_SWITCHES,
  type OpenAIChatOptions,
  type OpenAIChatRequest,
  type OpenAIChatSwitches,
  type OpenAICompatibleMessage,
  type OpenAIMessage,
  type OpenAIToolChoice,
} from "../wire/openai-chat.ts";
import { takesOption } from "./model-card.ts";
import type { FormatWarning } from "../formatter/formatter-base.ts";
import { toFunctionTool } from "./function-tool.ts";
import type { ResolvedOptions } from "./generate-options.ts";
import type { EventReducer, StreamFraming } from "./http-answer.ts";
import { HttpChatModel, type HttpChatModelInit, type WireCall, type WireRequest } from "./http-chat-model.ts";
import { markCachedParts } from "./openai-cache-markers.ts";
import { OpenAIChatReducer } from "./openai-chat-reducer.ts";
import { thinkingFields } from "./openai-thinking.ts";
import type { ResponseAccumulator } from "./response-accumulator.ts";
import { responseFormatField } from "./response-format-field.ts";
import { thinksInCall } from "./thinks-in-call.ts";

/** What an {@link OpenAIChatModel} is made with. */
export interface OpenAIChatModelInit extends HttpChatModelInit<OpenAICompatibleMessage> {
  /** What the server does differently from what its class says. @default the class's own ways */
  readonly switches?: Partial<OpenAIChatSwitches> | undefined;
}

/** A model behind the OpenAI Chat Completions API, or behind a server that speaks it. */
export class OpenAIChatModel extends HttpChatModel<OpenAICompatibleMessage> {
  /** What the models of this class do differently from OpenAI's; a subclass for a server gives it. */
  static readonly switches: Partial<OpenAIChatSwitches> = {};
  readonly switches: OpenAIChatSwitches;
  protected readonly framing: StreamFraming = { type: "sse", endMark: OPENAI_END_MARK };

  constructor(init: OpenAIChatModelInit) {
    const switches = { ...OPENAI_SWITCHES, ...new.target.switches, ...init.switches };
    super({ ...init, formatter: init.formatter ?? new OpenAIChatFormatter() });
    // Only newer models of OpenAI's take breakpoints.
    const isMarkable =
      switches.cacheMarkers !== "prompt_cache_breakpoint" || takesOption(this.card, "cacheControl");
    this.switches = isMarkable ? switches : { ...switches, cacheMarkers: "none" };
  }

  protected override formatContext(warn: FormatWarning): OpenAIFormatContext {
    return Object.assign(super.formatContext(warn), {
      switches: this.switches,
      reasons: this.card.capabilities.reasoning,
    });
  }

  protected request(call: WireCall<OpenAICompatibleMessage>): WireRequest {
    const { options, tools, warn } = call;
    const isStream = options.stream ?? true;
    const native = this.nativeOptions(options.providerOptions?.[this.provider] ?? {}, warn);
    const body: OpenAIChatRequest & Record<string, unknown> = {
      model: this.modelName,
      messages: this.marked(call) as OpenAIMessage[],
      ...(options.temperature !== undefined && { temperature: options.temperature }),
      ...(options.topP !== undefined && { top_p: options.topP }),
      ...(options.topK !== undefined && { top_k: options.topK }),
      ...(options.maxTokens !== undefined && { [this.switches.maxTokensField]: options.maxTokens }),
      ...(options.stop !== undefined && {
        stop: typeof options.stop === "string" ? options.stop : [...options.stop],
      }),
      ...(options.seed !== undefined && { [this.switches.seedField]: options.seed }),
      ...(options.frequencyPenalty !== undefined && { frequency_penalty: options.frequencyPenalty }),
      ...(options.presencePenalty !== undefined && { presence_penalty: options.presencePenalty }),
      ...(options.logprobs !== undefined && { logprobs: options.logprobs }),
      ...(options.topLogprobs !== undefined && { logprobs: true, top_logprobs: options.topLogprobs }),
      ...this.thinkingFields(options, tools, warn),
      ...this.toolFields(options, tools, warn),
      ...this.responseFormat(options, tools, warn),
      ...native.fields,
      stream: isStream,
      ...(isStream && this.streamOptions(native.includeObfuscation)),
    };
    return { path: "/chat/completions", body };
  }

  protected reducer(
    answer: ResponseAccumulator,
    options: ResolvedOptions,
    failure: (event: unknown) => ModelError,
    body: WireRequest["body"],
  ): EventReducer {
    const own: OpenAIChatOptions | undefined = options.providerOptions?.[this.provider];
    const format = own?.audio?.format;
    return new OpenAIChatReducer(answer, {
      provider: this.provider,
      audioType: format === undefined ? undefined : AUDIO_TYPES[format],
      thinkTags: this.switches.thinkTags,
      jsonCounts: this.switches.callsBesideJson && (options.responseFormat?.type ?? "text") !== "text",
      echo: this.switches.echoesPrefill ? prefillOf(body) : undefined,
      failure,
    });
  }

  private marked({
    messages,
    options,
    warn,
  }: WireCall<OpenAICompatibleMessage>): readonly OpenAICompatibleMessage[] {
    const { cacheMarkers } = this.switches;
    return cacheMarkers === "none"
      ? messages
      : markCachedParts(messages, options.cacheControl, warn, cacheMarkers);
  }

  /** The fields that say how much to think. */
  private thinkingFields(
    { thinking = {} }: ResolvedOptions,
    tools: readonly ToolSchema[],
    warn: FormatWarning,
  ): Record<string, unknown> {
    if (tools.length > 0 && this.card.capabilities.toolsNeedEffortNone && thinking.effort !== "none") {
      if (thinking.effort !== undefined) {
        warn(
          "thinking.effort",
          `${this.modelName} takes tools on this API only with effort "none"; that was sent.`,
        );
      }
      return { reasoning_effort: "none" };
    }
    return thinkingFields(thinking, this.switches.thinkingControl, this.card, warn);
  }

  private toolFields(
    options: ResolvedOptions,
    tools: readonly ToolSchema[],
    warn: FormatWarning,
  ): Record<string, unknown> {
    if (tools.length === 0) return {};
    const { toolChoice, parallelToolCalls } = options;
    const choice = toolChoice === undefined ? undefined : this.toolChoice(toolChoice, options, warn);
    const only = toolChoice === undefined ? undefined : this.onlyOffered(toolChoice);
    const offered = only === undefined ? tools : tools.filter(({ name }) => only.includes(name));
    return {
      tools: offered.map((tool) =>
        toFunctionTool(this.asHeld(tool, warn), this.switches.schemaDialect, warn),
      ),
      ...(choice !== undefined && { tool_choice: choice }),
      ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
    };
  }

  /** A tool without `strict` where nothing comes of it. */
  private asHeld(tool: ToolSchema, warn: FormatWarning): ToolSchema {
    if (!tool.strict || this.switches.strictTools) return tool;
    const { strict: _without, ...rest } = tool;
    warn(`tools.${tool.name}`, `${this.provider} has no strict tools here; it was sent without strict.`);
    return rest;
  }

  private responseFormat(
    { responseFormat }: ResolvedOptions,
    tools: readonly ToolSchema[],
    warn: FormatWarning,
  ): Pick<OpenAIChatRequest, "response_format"> {
    if (responseFormat === undefined) return {};
    if (responseFormat.type === "json_schema" && tools.length > 0 && !this.switches.schemaBesideTools) {
      warn(
        "responseFormat",
        `${this.provider} takes no schema beside tools; put it into the prompt, or call without tools.`,
      );
      return {};
    }
    return responseFormatField(responseFormat, this.switches, this.card, warn);
  }

  /** The tools that are offered alone, because the server cannot be told to choose among more. */
  private onlyOffered(choice: ToolChoice): readonly string[] | undefined {
    if (typeof choice === "string") return undefined;
    const { toolChoice: supported } = this.switches;
    if ("names" in choice) return supported.includes("allowed") ? undefined : choice.names;
    return supported.includes("named") || !supported.includes("required") ? undefined : [choice.name];
  }

  private toolChoice(
    choice: ToolChoice,
    options: ResolvedOptions,
    warn: FormatWarning,
  ): OpenAIToolChoice | "any" {
    if (choice === "auto" || choice === "none") return choice;
    const { toolChoice: supported, forcedToolsWhileThinking, requiredToolChoice } = this.switches;
    if (typeof choice === "object" && "names" in choice) {
      // Otherwise only the allowed tools are offered.
      if (!supported.includes("allowed")) return "auto";
      const tools = choice.names.map((name) => ({ type: "function" as const, function: { name } }));
      return { type: "allowed_tools", allowed_tools: { mode: "auto", tools } };
    }
    // A tool that is offered alone is named by being required.
    const form = choice === "required" || this.onlyOffered(choice) !== undefined ? "required" : "named";
    if (!supported.includes(form)) {
      warn("toolChoice", `${this.provider} cannot be made to call a tool; "auto" was sent.`);
      return "auto";
    }
    if (!forcedToolsWhileThinking && thinksInCall(this.card, options.thinking)) {
      warn(
        "toolChoice",
        `${this.modelName} cannot be made to call a tool while it thinks; "auto" was sent. Switch thinking off to force it.`,
      );
      return "auto";
    }
    if (choice === "required" || form === "required") return requiredToolChoice;
    return { type: "function", function: { name: choice.name } };
  }

  /** What only this server takes, by the names in its switches. */
  private nativeOptions(
    options: object,
    warn: FormatWarning,
  ): { fields: Record<string, unknown>; includeObfuscation: boolean | undefined } {
    const { fields: known } = this.switches;
    const fields: Record<string, unknown> = {};
    let includeObfuscation: boolean | undefined;
    for (const [name, value] of Object.entries(options as OpenAIChatOptions)) {
      if (value === undefined) continue;
      if (name === "includeObfuscation") includeObfuscation = value as boolean;
      else if (!Object.hasOwn(known, name)) {
        warn(
          `providerOptions.${name}`,
          "There is no such option; use extraBody for fields this library does not know.",
        );
      } else if (name === "prediction") fields["prediction"] = { type: "content", content: value };
      else fields[known[name] as string] = value;
    }
    return { fields, includeObfuscation };
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

/** Media types of spoken answers by the wire's format names. */
const AUDIO_TYPES: Readonly<Record<string, string>> = {
  wav: "audio/wav",
  mp3: "audio/mpeg",
  flac: "audio/flac",
  opus: "audio/opus",
  aac: "audio/aac",
  pcm16: "audio/pcm",
};

/** The text of a last assistant message: the answer goes on from it. */
function prefillOf(body: WireRequest["body"]): string | undefined {
  const last = (body["messages"] as OpenAIMessage[]).at(-1);
  return last?.role === "assistant" && typeof last.content === "string" ? last.content : undefined;
}
