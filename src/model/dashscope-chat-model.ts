import type { ModelError } from "../error/model-error.ts";
import { DashScopeChatFormatter, NO_BREAKPOINTS_IN_TEXTS } from "../formatter/dashscope-chat-formatter.ts";
import type { FormatWarning } from "../formatter/formatter-base.ts";
import type { ToolChoice, ToolSchema } from "../tool/tool-schema.ts";
import {
  DASHSCOPE_NATIVE_FIELDS,
  DASHSCOPE_PATHS,
  type DashScopeMessage,
  type DashScopeOptions,
  type DashScopeParameters,
  type DashScopePart,
  type DashScopeRequest,
  type DashScopeToolChoice,
} from "../wire/dashscope.ts";
import { DashScopeChatReducer } from "./dashscope-chat-reducer.ts";
import { toFunctionTool } from "./function-tool.ts";
import type { ResolvedOptions } from "./generate-options.ts";
import type { EventReducer, StreamFraming } from "./http-answer.ts";
import { HttpChatModel, type HttpChatModelInit, type WireCall, type WireRequest } from "./http-chat-model.ts";
import { markCachedParts } from "./openai-cache-markers.ts";
import { thinkingFields } from "./openai-thinking.ts";
import type { ResponseAccumulator } from "./response-accumulator.ts";
import { type AnswerForms, responseFormatField } from "./response-format-field.ts";
import { thinksInCall } from "./thinks-in-call.ts";

/** What a {@link DashScopeChatModel} is made with. */
export type DashScopeChatModelInit = HttpChatModelInit<DashScopeMessage>;

/** What the service takes as JSON Schema is not documented: nothing is taken away. */
const FORMS: AnswerForms = { structuredOutput: "json_schema", schemaDialect: "json-schema" };

/** A model behind DashScope's own API. The form of the messages decides which of its two endpoints is asked. */
export class DashScopeChatModel extends HttpChatModel<DashScopeMessage> {
  /** The stream ends with the connection; relays may add OpenAI's mark. */
  protected readonly framing: StreamFraming = { type: "sse", endMark: "[DONE]" };
  protected override readonly openFields: readonly string[] = ["input", "parameters"];

  constructor(init: DashScopeChatModelInit) {
    super({ ...init, formatter: init.formatter ?? new DashScopeChatFormatter() });
  }

  protected request(call: WireCall<DashScopeMessage>): WireRequest {
    const { messages, tools, options, warn } = call;
    const isStream = options.stream ?? true;
    if (options.frequencyPenalty !== undefined)
      warn(
        "frequencyPenalty",
        "DashScope does not take it; use providerOptions.dashscope.repetitionPenalty.",
      );
    const parameters: DashScopeParameters = {
      result_format: "message",
      // Not the default of most models, which would repeat all of the text in every event.
      ...(isStream && { incremental_output: true }),
      ...(options.temperature !== undefined && { temperature: options.temperature }),
      ...(options.topP !== undefined && { top_p: options.topP }),
      ...(options.topK !== undefined && { top_k: options.topK }),
      ...(options.maxTokens !== undefined && { max_tokens: options.maxTokens }),
      ...(options.stop !== undefined && {
        stop: typeof options.stop === "string" ? options.stop : [...options.stop],
      }),
      ...(options.seed !== undefined && { seed: options.seed }),
      ...(options.presencePenalty !== undefined && { presence_penalty: options.presencePenalty }),
      ...(options.logprobs !== undefined && { logprobs: options.logprobs }),
      ...(options.topLogprobs !== undefined && { logprobs: true, top_logprobs: options.topLogprobs }),
      ...(options.thinking !== undefined &&
        thinkingFields(options.thinking, "enable_thinking", this.card, warn)),
      ...this.toolFields(options, tools, warn),
      // Whether the native API takes schemas is not documented for all models: the card decides.
      ...(options.responseFormat !== undefined &&
        responseFormatField(options.responseFormat, FORMS, this.card, warn)),
      ...ownFields(this.ownOptions(options), warn),
    };
    const body: DashScopeRequest = { model: this.modelName, input: { messages: marked(call) }, parameters };
    return {
      path: isMultimodal(messages) ? DASHSCOPE_PATHS.multimodal : DASHSCOPE_PATHS.text,
      body: body as unknown as WireRequest["body"],
      headers: {
        "X-DashScope-SSE": isStream ? "enable" : undefined,
        "X-DashScope-OssResourceResolve": messages.some(hasStoredFile) ? "enable" : undefined,
      },
    };
  }

  protected reducer(
    answer: ResponseAccumulator,
    options: ResolvedOptions,
    failure: (event: unknown) => ModelError,
  ): EventReducer {
    const isCumulative = this.ownOptions(options).incrementalOutput === false;
    return new DashScopeChatReducer(answer, { isCumulative, failure });
  }

  private ownOptions(options: ResolvedOptions): DashScopeOptions {
    return options.providerOptions?.[this.provider] ?? {};
  }

  private toolFields(
    options: ResolvedOptions,
    tools: readonly ToolSchema[],
    warn: FormatWarning,
  ): Partial<DashScopeParameters> {
    if (tools.length === 0) return {};
    const { toolChoice, parallelToolCalls } = options;
    const offered =
      typeof toolChoice === "object" && "names" in toolChoice
        ? tools.filter((tool) => toolChoice.names.includes(tool.name))
        : tools;
    return {
      tools: offered.map((tool) => toFunctionTool(tool, FORMS.schemaDialect, warn)),
      ...(toolChoice !== undefined && { tool_choice: this.toolChoice(toolChoice, options, warn) }),
      ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
    };
  }

  private toolChoice(choice: ToolChoice, options: ResolvedOptions, warn: FormatWarning): DashScopeToolChoice {
    if (choice === "auto" || choice === "none") return choice;
    if (choice === "required") {
      warn("toolChoice", `DashScope cannot be made to call any tool, only a named one; "auto" was sent.`);
      return "auto";
    }
    // Only the allowed tools are offered.
    if ("names" in choice) return "auto";
    if (!thinksInCall(this.card, options.thinking))
      return { type: "function", function: { name: choice.name } };
    warn(
      "toolChoice",
      `${this.modelName} cannot be made to call a tool while it thinks; "auto" was sent. Switch thinking off to force it.`,
    );
    return "auto";
  }
}

/** With the cache breakpoints that are asked for; only lists of parts have places for them. */
function marked({ messages, options, warn }: WireCall<DashScopeMessage>): DashScopeMessage[] {
  if (isMultimodal(messages)) return [...markCachedParts(messages, options.cacheControl, warn)];
  if (options.cacheControl) warn("cacheControl", NO_BREAKPOINTS_IN_TEXTS);
  return [...messages];
}

/** Whether these messages are for the endpoint that takes lists of parts. */
function isMultimodal(messages: readonly DashScopeMessage[]): boolean {
  return messages.some(({ content }) => Array.isArray(content));
}

function ownFields(own: DashScopeOptions, warn: FormatWarning): Partial<DashScopeParameters> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(own)) {
    if (value === undefined) continue;
    if (Object.hasOwn(DASHSCOPE_NATIVE_FIELDS, name)) fields[DASHSCOPE_NATIVE_FIELDS[name] as string] = value;
    else {
      warn(
        `providerOptions.${name}`,
        "The native mode has no such option; use extraBody for parameters this library does not know.",
      );
    }
  }
  return fields;
}

/** Whether the message shows something that was uploaded to DashScope's own storage. */
function hasStoredFile({ content }: DashScopeMessage): boolean {
  return Array.isArray(content) && content.some((part) => /^oss:/i.test(addressOf(part)));
}

function addressOf(part: DashScopePart): string {
  if ("image" in part) return part.image;
  if ("video" in part) return part.video;
  return "audio" in part ? part.audio : "";
}
