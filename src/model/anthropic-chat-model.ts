import { UnsupportedError } from "../error/errors-by-kind.ts";
import type { ModelError } from "../error/model-error.ts";
import { AnthropicChatFormatter } from "../formatter/anthropic-chat-formatter.ts";
import type { FormatWarning } from "../formatter/formatter-base.ts";
import type { TokenCounterBase } from "../token/token-counter-base.ts";
import { adaptOffered } from "../tool/adapt-offered.ts";
import { adaptSchema } from "../tool/adapt-schema.ts";
import type { JsonSchema, ToolSchema } from "../tool/tool-schema.ts";
import type {
  AnthropicMessage,
  AnthropicOptions,
  AnthropicOutputConfig,
  AnthropicRequest,
  AnthropicTextBlock,
  AnthropicTool,
  AnthropicToolChoice,
  AnthropicTurn,
} from "../wire/anthropic.ts";
import { placeCacheMarkers } from "./anthropic-cache-markers.ts";
import { AnthropicChatReducer } from "./anthropic-chat-reducer.ts";
import { AnthropicTokenCounter } from "./anthropic-token-counter.ts";
import { planThinking, type ThinkingPlan } from "./anthropic-thinking.ts";
import { formNotHeld } from "./form-not-held.ts";
import type { ResolvedOptions, ResponseFormat } from "./generate-options.ts";
import type { EventReducer, StreamFraming } from "./http-answer.ts";
import { HttpChatModel, type HttpChatModelInit, type WireCall, type WireRequest } from "./http-chat-model.ts";
import type { ResponseAccumulator } from "./response-accumulator.ts";

/** What an {@link AnthropicChatModel} is made with. */
export type AnthropicChatModelInit = HttpChatModelInit<AnthropicMessage>;

/** The limit of an answer where the card knows none: what every model since Claude 4 takes (Anthropic's model pages, 2026-11). */
const DEFAULT_MAX_TOKENS = 32_000;

/** How an answer is begun that must be JSON. */
const JSON_BEGINNING = "{";

/** The beta that a file id in a message belongs to. */
const FILES_BETA = "files-api-2025-04-14";

/** The least `top_p` that a thinking model takes. */
const MIN_THINKING_TOP_P = 0.95;

/** A model behind the Anthropic Messages API, or behind a server that speaks it. */
export class AnthropicChatModel extends HttpChatModel<AnthropicMessage> {
  protected readonly framing: StreamFraming = { type: "sse" };
  protected override readonly openFields: readonly string[] = ["output_config"];

  constructor(init: AnthropicChatModelInit) {
    super({ ...init, formatter: init.formatter ?? new AnthropicChatFormatter() });
  }

  protected override createTokenCounter(): TokenCounterBase {
    return new AnthropicTokenCounter(this);
  }

  protected request(call: WireCall<AnthropicMessage>): WireRequest {
    const { options, warn } = call;
    const own: AnthropicOptions = options.providerOptions?.[this.provider] ?? {};
    const maxTokens = this.maxTokens(options, warn);
    const plan = planThinking(options.thinking, {
      capabilities: this.card.capabilities,
      maxTokens,
      messages: call.messages,
      display: own.thinkingDisplay,
      warn,
    });
    const { format, begins } = this.answerFormat(call, plan);
    const { tools, toolChoice } = this.tools(call, own, plan);
    const system = call.messages.flatMap((message) => (message.role === "system" ? message.content : []));
    const parts = placeCacheMarkers(
      {
        ...(tools.length > 0 && { tools }),
        ...(system.length > 0 && { system }),
        messages: this.turns(call, plan, begins),
      },
      options.cacheControl,
      own.cacheControl === undefined ? 0 : 1,
      warn,
    );
    const outputConfig: AnthropicOutputConfig = {
      ...(plan.effort !== undefined && { effort: plan.effort }),
      ...(format !== undefined && { format }),
    };
    const body: AnthropicRequest = {
      model: this.modelName,
      max_tokens: maxTokens,
      ...parts,
      ...this.sampling(options, isThinking(plan), warn),
      ...stopSequences(options, warn),
      ...(toolChoice !== undefined && { tool_choice: toolChoice }),
      ...(plan.thinking !== undefined && { thinking: plan.thinking }),
      ...(Object.keys(outputConfig).length > 0 && { output_config: outputConfig }),
      ...nativeFields(own, warn),
      stream: options.stream ?? true,
    };
    const betas = new Set(own.betas);
    if (call.messages.some(namesFile)) betas.add(FILES_BETA);
    return {
      path: "/v1/messages",
      body: body as unknown as Record<string, unknown>,
      ...(betas.size > 0 && { headers: { "anthropic-beta": [...betas].join(",") } }),
    };
  }

  protected reducer(
    answer: ResponseAccumulator,
    options: ResolvedOptions,
    failure: (event: unknown) => ModelError,
    body: WireRequest["body"],
  ): EventReducer {
    const begins = options.responseFormat !== undefined && isJsonBegun(body) ? JSON_BEGINNING : undefined;
    return new AnthropicChatReducer(answer, { provider: this.provider, begins, failure });
  }

  /** The wire has no default: without a limit of the caller's it is the model's own. */
  private maxTokens({ maxTokens }: ResolvedOptions, warn: FormatWarning): number {
    const limit = maxTokens ?? this.card.outputSize;
    if (limit !== undefined) return limit;
    warn(
      "maxTokens",
      `This wire wants a limit, and none is known for ${this.modelName}; ${DEFAULT_MAX_TOKENS} was sent.`,
    );
    return DEFAULT_MAX_TOKENS;
  }

  private turns(
    { messages, warn }: WireCall<AnthropicMessage>,
    plan: ThinkingPlan,
    begins: string | undefined,
  ): AnthropicTurn[] {
    const turns = messages.filter((message) => message.role !== "system");
    if (begins !== undefined)
      return [...turns, { role: "assistant", content: [{ type: "text", text: begins }] }];
    const last = turns.at(-1);
    if (last?.role !== "assistant" || isPaused(last)) return turns;
    if (this.card.capabilities.prefill !== false && !isThinking(plan)) return turns;
    warn(
      "messages",
      `${this.modelName} does not go on with an answer that was begun for it; the user was made to say "Continue.".`,
    );
    return [...turns, { role: "user", content: [{ type: "text", text: "Continue." }] }];
  }

  private sampling(
    { temperature, topP, topK }: ResolvedOptions,
    thinks: boolean,
    warn: FormatWarning,
  ): Pick<AnthropicRequest, "temperature" | "top_p" | "top_k"> {
    const without = (option: string): Record<string, never> => {
      warn(option, `${this.modelName} does not take it while it thinks; it was left out.`);
      return {};
    };
    if (thinks) {
      return {
        ...(temperature !== undefined && (temperature === 1 ? { temperature } : without("temperature"))),
        ...(topP !== undefined && (topP >= MIN_THINKING_TOP_P ? { top_p: topP } : without("topP"))),
        ...(topK !== undefined && without("topK")),
      };
    }
    const isDouble = temperature !== undefined && topP !== undefined;
    if (isDouble) warn("topP", `${this.modelName} takes temperature or topP; topP was left out.`);
    return {
      ...(temperature !== undefined && { temperature }),
      ...(topP !== undefined && !isDouble && { top_p: topP }),
      ...(topK !== undefined && { top_k: topK }),
    };
  }

  private tools(
    { options, tools, messages, warn }: WireCall<AnthropicMessage>,
    own: AnthropicOptions,
    plan: ThinkingPlan,
  ): { tools: AnthropicTool[]; toolChoice?: AnthropicToolChoice } {
    // Each is in the wire's own spelling already.
    const serverTools = (own.serverTools ?? []) as unknown as readonly AnthropicTool[];
    if (tools.length === 0) {
      if (serverTools.length > 0) return { tools: [...serverTools] };
      // Calls in the history are refused without their tools.
      const named = declaredTools(messages);
      return named.length === 0 ? { tools: [] } : { tools: named, toolChoice: { type: "none" } };
    }
    const { toolChoice, parallelToolCalls } = options;
    const offered =
      typeof toolChoice === "object" && "names" in toolChoice
        ? tools.filter(({ name }) => toolChoice.names.includes(name))
        : tools;
    const choice = this.toolChoice(options, plan, warn);
    return {
      tools: [...offered.map((tool) => toWireTool(tool, own, warn)), ...serverTools],
      ...((choice.type !== "auto" || toolChoice !== undefined || parallelToolCalls !== undefined) && {
        toolChoice:
          choice.type === "none" || parallelToolCalls === undefined
            ? choice
            : { ...choice, disable_parallel_tool_use: !parallelToolCalls },
      }),
    };
  }

  private toolChoice(
    { toolChoice = "auto" }: ResolvedOptions,
    plan: ThinkingPlan,
    warn: FormatWarning,
  ): AnthropicToolChoice {
    if (toolChoice === "auto" || toolChoice === "none") return { type: toolChoice };
    // Of several, only those are offered.
    if (typeof toolChoice === "object" && "names" in toolChoice) return { type: "auto" };
    if (plan.thinking?.type === "enabled" || this.card.capabilities.alwaysThinks) {
      warn("toolChoice", `${this.modelName} cannot be made to call a tool while it thinks; "auto" was sent.`);
      return { type: "auto" };
    }
    return toolChoice === "required" ? { type: "any" } : { type: "tool", name: toolChoice.name };
  }

  /** How the form of the answer is asked for: by a schema, or by beginning the answer with a brace. */
  private answerFormat(
    { options, tools, messages, warn }: WireCall<AnthropicMessage>,
    plan: ThinkingPlan,
  ): { format?: NonNullable<AnthropicOutputConfig["format"]>; begins?: string } {
    const { responseFormat } = options;
    if (responseFormat === undefined || responseFormat.type === "text") return {};
    const { structuredOutput = "json_schema", prefill } = this.card.capabilities;
    const isSchema = responseFormat.type === "json_schema";
    if (isSchema && structuredOutput === "json_schema") {
      const schema = enforcedSchema(responseFormat, warn);
      const { description } = responseFormat;
      if (schema !== undefined) {
        return {
          format: {
            type: "json_schema",
            schema: { ...(description !== undefined && { description }), ...schema },
          },
        };
      }
    }
    const canBegin =
      prefill === true && !isThinking(plan) && tools.length === 0 && messages.at(-1)?.role === "user";
    if (isSchema && structuredOutput !== "json_schema") {
      formNotHeld(responseFormat, `${this.modelName} takes no schema. Put it into the prompt.`, warn);
    } else if (!isSchema && !canBegin) {
      warn(
        "responseFormat",
        `${this.modelName} has no JSON mode here. Give a schema, or ask for JSON in the prompt.`,
      );
    }
    return canBegin ? { begins: JSON_BEGINNING } : {};
  }
}

/** The schema that the answer can be held to; undefined where the provider cannot say it. */
function enforcedSchema(
  format: ResponseFormat & { type: "json_schema" },
  warn: FormatWarning,
): JsonSchema | undefined {
  try {
    return adaptSchema(format.schema as JsonSchema, "anthropic-strict", (where, reason) =>
      warn(`responseFormat${where}`, reason),
    );
  } catch (error) {
    if (!UnsupportedError.isInstance(error)) throw error;
    formNotHeld(format, `${error.message} The answer is not held to it: put it into the prompt.`, warn);
    return undefined;
  }
}

function isThinking({ thinking }: ThinkingPlan): boolean {
  return thinking?.type === "enabled" || thinking?.type === "adaptive";
}

/** Whether a turn holds work of the provider's own tools: it may be a turn that the provider wants to go on with. */
function isPaused({ content }: AnthropicTurn): boolean {
  return content.some(({ type }: { type: string }) =>
    /^(?:server_tool_use|mcp_tool_use|compaction)$|_tool_result$/.test(type),
  );
}

/** Whether a request ends with the beginning of a JSON answer: the provider goes on from there and does not repeat it. */
function isJsonBegun(body: WireRequest["body"]): boolean {
  const last = (body as Partial<AnthropicRequest>).messages?.at(-1);
  const [block] = last?.content ?? [];
  return last?.role === "assistant" && block?.type === "text" && block.text === JSON_BEGINNING;
}

function stopSequences(
  { stop }: ResolvedOptions,
  warn: FormatWarning,
): Pick<AnthropicRequest, "stop_sequences"> {
  if (stop === undefined) return {};
  const all = typeof stop === "string" ? [stop] : [...stop];
  const visible = all.filter((text) => text.trim() !== "");
  if (visible.length < all.length)
    warn("stop", "White space alone cannot end an answer here; it was left out.");
  return visible.length === 0 ? {} : { stop_sequences: visible };
}

/** The tools that the history calls, by their names. */
function declaredTools(messages: readonly AnthropicMessage[]): AnthropicTool[] {
  const names = new Set<string>();
  for (const { content } of messages) {
    for (const block of content) if (block.type === "tool_use") names.add(block.name);
  }
  return [...names].map((name) => ({ name, input_schema: { type: "object" } }));
}

function toWireTool(
  { name, description, parameters, strict: isWanted }: ToolSchema,
  { toolOptions = {}, ...own }: AnthropicOptions,
  warn: FormatWarning,
): AnthropicTool {
  const {
    deferLoading,
    allowedCallers,
    inputExamples,
    eagerInputStreaming = own.eagerInputStreaming,
  } = Object.hasOwn(toolOptions, name) ? (toolOptions[name] ?? {}) : {};
  const { schema, strict } = adaptOffered(
    { option: `tools.${name}`, schema: parameters ?? NO_PARAMETERS, strict: isWanted },
    "anthropic",
    warn,
  );
  return {
    name,
    ...(description !== undefined && { description }),
    input_schema: { ...schema, type: "object" },
    ...(strict !== undefined && { strict }),
    ...(eagerInputStreaming !== undefined && { eager_input_streaming: eagerInputStreaming }),
    ...(deferLoading !== undefined && { defer_loading: deferLoading }),
    ...(allowedCallers !== undefined && { allowed_callers: allowedCallers }),
    ...(inputExamples !== undefined && { input_examples: inputExamples }),
  };
}

const NO_PARAMETERS: JsonSchema = { type: "object", properties: {} };

/** Whether a message names a file by its id. */
function namesFile({ content }: AnthropicMessage): boolean {
  const blocks: readonly AnthropicMessage["content"][number][] = content;
  return blocks.some((block) => {
    if (block.type === "tool_result")
      return typeof block.content !== "string" && block.content.some(hasFileSource);
    return hasFileSource(block);
  });
}

function hasFileSource(block: { readonly type: string } | AnthropicTextBlock): boolean {
  if ("file_id" in block) return true;
  return "source" in block && (block.source as { type?: unknown } | undefined)?.type === "file";
}

/** `providerOptions` that are the request field of another name. */
const NATIVE_FIELDS: Readonly<Partial<Record<keyof AnthropicOptions, string>>> = {
  serviceTier: "service_tier",
  speed: "speed",
  inferenceGeo: "inference_geo",
  container: "container",
  diagnostics: "diagnostics",
  userProfileId: "user_profile_id",
  workspaceId: "workspace_id",
  contextManagement: "context_management",
  mcpServers: "mcp_servers",
  compaction: "compaction",
  fallbacks: "fallbacks",
};

/** `providerOptions` that are more than a field. */
const READ_ELSEWHERE: ReadonlySet<string> = new Set<keyof AnthropicOptions>([
  "betas",
  "serverTools",
  "toolOptions",
  "thinkingDisplay",
  "eagerInputStreaming",
]);

function nativeFields(options: AnthropicOptions, warn: FormatWarning): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || READ_ELSEWHERE.has(name)) continue;
    if (name === "userId") fields["metadata"] = { user_id: value };
    else if (name === "cacheControl") fields["cache_control"] = { type: "ephemeral", ...(value as object) };
    else if (Object.hasOwn(NATIVE_FIELDS, name))
      fields[NATIVE_FIELDS[name as keyof AnthropicOptions] as string] = value;
    else
      warn(
        `providerOptions.${name}`,
        "There is no such option; use extraBody for fields this library does not know.",
      );
  }
  return fields;
}
