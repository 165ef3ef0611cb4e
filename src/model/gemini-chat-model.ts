import type { ModelError } from "../error/model-error.ts";
import type { FormatWarning } from "../formatter/formatter-base.ts";
import { GeminiChatFormatter, type GeminiFormatContext } from "../formatter/gemini-chat-formatter.ts";
import { adaptOffered } from "../tool/adapt-offered.ts";
import type { TokenCounterBase } from "../token/token-counter-base.ts";
import type { JsonSchema, ToolChoice, ToolSchema } from "../tool/tool-schema.ts";
import {
  GEMINI_SWITCHES,
  type GeminiContent,
  type GeminiFunctionDeclaration,
  type GeminiGenerationConfig,
  type GeminiMessage,
  type GeminiOptions,
  type GeminiRequest,
  type GeminiSwitches,
  type GeminiTextPart,
  type GeminiThinkingConfig,
  type GeminiToolConfig,
} from "../wire/gemini.ts";
import { GeminiChatReducer } from "./gemini-chat-reducer.ts";
import { GeminiTokenCounter } from "./gemini-token-counter.ts";
import { formNotHeld } from "./form-not-held.ts";
import type { ReasoningEffort, ResolvedOptions, ResponseFormat } from "./generate-options.ts";
import type { EventReducer, StreamFraming } from "./http-answer.ts";
import { HttpChatModel, type HttpChatModelInit, type WireCall, type WireRequest } from "./http-chat-model.ts";
import { optionFields } from "./model-card.ts";
import type { ResponseAccumulator } from "./response-accumulator.ts";

/** What a {@link GeminiChatModel} is made with. */
export interface GeminiChatModelInit extends HttpChatModelInit<GeminiMessage> {
  /** What the server does differently from the Gemini API. @default the Gemini API's own ways */
  readonly switches?: Partial<GeminiSwitches> | undefined;
}

/** A model behind Google's `generateContent`, on the Gemini API or Vertex AI. */
export class GeminiChatModel extends HttpChatModel<GeminiMessage> {
  readonly switches: GeminiSwitches;
  protected readonly framing: StreamFraming = { type: "sse" };
  protected override readonly openFields: readonly string[] = ["generationConfig", "toolConfig"];

  constructor(init: GeminiChatModelInit) {
    super({ ...init, formatter: init.formatter ?? new GeminiChatFormatter() });
    this.switches = { ...GEMINI_SWITCHES, ...init.switches };
  }

  protected override createTokenCounter(): TokenCounterBase {
    return new GeminiTokenCounter(this);
  }

  protected override formatContext(warn: FormatWarning): GeminiFormatContext {
    return {
      ...super.formatContext(warn),
      callIds: this.switches.callIds,
      signedToolCalls: this.card.capabilities.signedToolCalls,
    };
  }

  protected request({ messages, tools, options, warn }: WireCall<GeminiMessage>): WireRequest {
    const native = nativeOptions(options.providerOptions?.[this.provider] ?? {}, warn);
    const body: GeminiRequest = {
      ...splitInstructions(messages, warn),
      ...this.toolFields(tools, options, native, warn),
      ...filled({ generationConfig: this.generationConfig(tools, options, native, warn) }),
      ...pick(native, BODY_OPTIONS),
    };
    if (native.cachedContent !== undefined) leaveToCache(body, warn);
    const isStream = options.stream ?? true;
    const model = this.modelName.includes("/") ? this.modelName : `models/${this.modelName}`;
    return {
      path: `/${model}:${isStream ? "streamGenerateContent" : "generateContent"}`,
      body: { ...body },
      // Otherwise the stream is one long list in JSON.
      ...(isStream && { query: { alt: "sse" } }),
    };
  }

  protected reducer(
    answer: ResponseAccumulator,
    _options: ResolvedOptions,
    failure: (event: unknown) => ModelError,
  ): EventReducer {
    return new GeminiChatReducer(answer, { provider: this.provider, failure });
  }

  private generationConfig(
    tools: readonly ToolSchema[],
    options: ResolvedOptions,
    native: GeminiOptions,
    warn: FormatWarning,
  ): GeminiGenerationConfig {
    const { stop } = options;
    return filled({
      temperature: options.temperature,
      topP: options.topP,
      topK: options.topK,
      maxOutputTokens: options.maxTokens,
      stopSequences: stop === undefined ? undefined : typeof stop === "string" ? [stop] : [...stop],
      seed: options.seed,
      frequencyPenalty: options.frequencyPenalty,
      presencePenalty: options.presencePenalty,
      responseLogprobs: options.topLogprobs === undefined ? options.logprobs : true,
      logprobs: options.topLogprobs,
      thinkingConfig: this.thinkingConfig(options, native, warn),
      ...(options.responseFormat !== undefined && this.responseFields(options.responseFormat, tools, warn)),
      ...pick(native, CONFIG_OPTIONS),
    });
  }

  /** Thoughts are shown by every model that is known to think: asking it of another is refused. */
  private thinkingConfig(
    { thinking = {} }: ResolvedOptions,
    { includeThoughts }: GeminiOptions,
    warn: FormatWarning,
  ): GeminiThinkingConfig {
    const { reasoning } = this.card.capabilities;
    const { enabled, effort, budgetTokens } = thinking;
    if (effort !== undefined && budgetTokens !== undefined) {
      warn("thinking.budgetTokens", "Beside a level a budget is refused; the level was sent.");
    }
    const isAsked = enabled === true || effort !== undefined || (budgetTokens ?? 0) > 0;
    const shows = includeThoughts ?? (enabled !== false && (reasoning === true || isAsked));
    return filled({
      includeThoughts: shows ? true : includeThoughts,
      thinkingBudget: effort === undefined ? (budgetTokens ?? this.budgetOf(enabled)) : undefined,
      thinkingLevel: effort === undefined ? undefined : levelOf(effort, warn),
    });
  }

  /** On and off, for a model that counts: as much as it likes, or nothing. */
  private budgetOf(enabled: boolean | undefined): number | undefined {
    const isCounted = "budgetTokens" in optionFields(this.card, "thinking");
    if (enabled === undefined || !isCounted) return undefined;
    return enabled ? -1 : 0;
  }

  private responseFields(
    format: ResponseFormat,
    tools: readonly ToolSchema[],
    warn: FormatWarning,
  ): Partial<GeminiGenerationConfig> {
    if (format.type === "text") return {};
    const { structuredOutput, toolsStandAlone } = this.card.capabilities;
    if (tools.length > 0 && toolsStandAlone) {
      formNotHeld(
        format,
        `${this.modelName} takes no JSON mode beside tools; ask for JSON in the prompt, or call without tools.`,
        warn,
      );
      return {};
    }
    if (structuredOutput === "none") {
      formNotHeld(format, `${this.modelName} has no JSON mode; ask for JSON in the prompt.`, warn);
      return {};
    }
    const json = { responseMimeType: "application/json" };
    if (format.type === "json") return json;
    if (structuredOutput === "json_object") {
      formNotHeld(
        format,
        `${this.modelName} takes no schema, only JSON mode. Put the schema into the prompt.`,
        warn,
      );
      return json;
    }
    const schema = this.adapted("responseFormat", format.schema as JsonSchema, warn);
    return { ...json, [this.takesJsonSchema ? "responseJsonSchema" : "responseSchema"]: schema };
  }

  private toolFields(
    tools: readonly ToolSchema[],
    options: ResolvedOptions,
    native: GeminiOptions,
    warn: FormatWarning,
  ): Pick<GeminiRequest, "tools" | "toolConfig"> {
    let builtin = native.tools ?? [];
    if (tools.length > 0 && builtin.length > 0 && this.card.capabilities.toolsStandAlone) {
      warn(
        "providerOptions.tools",
        `${this.modelName} does not take Google's own tools beside others; they were left out.`,
      );
      builtin = [];
    }
    const declarations = tools.map((tool) => this.declaration(tool, warn));
    const isMixed = declarations.length > 0 && builtin.length > 0;
    const mode = declarations.length > 0 ? callingMode(options.toolChoice, tools, isMixed) : {};
    const calling = { ...mode, ...pick(native, ["streamFunctionCallArguments"]) };
    const offered = [
      ...(declarations.length > 0 ? [{ functionDeclarations: declarations }] : []),
      ...builtin,
    ];
    return filled({
      tools: offered,
      toolConfig: filled({
        functionCallingConfig: filled(calling),
        ...pick(native, ["retrievalConfig"]),
        includeServerSideToolInvocations:
          native.includeServerSideToolInvocations ??
          (isMixed && this.switches.serverSideToolInvocations ? true : undefined),
      }),
    });
  }

  private declaration(
    { name, description, parameters }: ToolSchema,
    warn: FormatWarning,
  ): GeminiFunctionDeclaration {
    const declared = { name, ...(description !== undefined && { description }) };
    if (parameters === undefined || isEmptyObject(parameters)) return declared;
    const schema = this.adapted(`tools.${name}`, parameters, warn);
    return { ...declared, [this.takesJsonSchema ? "parametersJsonSchema" : "parameters"]: schema };
  }

  /** @param option what the schema is of, for the warnings */
  private adapted(option: string, schema: JsonSchema, warn: FormatWarning): JsonSchema {
    return adaptOffered({ option, schema, strict: undefined }, this.switches.schemaDialect, warn).schema;
  }

  private get takesJsonSchema(): boolean {
    return this.switches.schemaDialect === "gemini-json";
  }
}

/** The wire's name of a level; of one that it lacks, the nearest's. */
function levelOf(effort: ReasoningEffort, warn: FormatWarning): GeminiThinkingConfig["thinkingLevel"] {
  const level = effort === "none" ? "minimal" : effort === "xhigh" || effort === "max" ? "high" : effort;
  if (level !== effort) warn("thinking.effort", `Gemini has no level "${effort}"; "${level}" was sent.`);
  return LEVELS[level];
}

const LEVELS = { minimal: "MINIMAL", low: "LOW", medium: "MEDIUM", high: "HIGH" } as const;

/** `providerOptions` that are fields of the body. */
const BODY_OPTIONS = [
  "safetySettings",
  "cachedContent",
  "labels",
  "serviceTier",
  "store",
  "continuationToken",
  "modelArmorConfig",
] as const;

/** Those that are fields of `generationConfig`. */
const CONFIG_OPTIONS = [
  "candidateCount",
  "responseModalities",
  "speechConfig",
  "imageConfig",
  "mediaResolution",
  "audioTimestamp",
  "audioTranscriptionConfig",
  "enableEnhancedCivicAnswers",
  "routingConfig",
] as const;

const OPTIONS: ReadonlySet<string> = new Set<keyof GeminiOptions>([
  ...BODY_OPTIONS,
  ...CONFIG_OPTIONS,
  "tools",
  "retrievalConfig",
  "includeServerSideToolInvocations",
  "streamFunctionCallArguments",
  "includeThoughts",
]);

function nativeOptions(options: object, warn: FormatWarning): GeminiOptions {
  for (const name of Object.keys(options)) {
    if (OPTIONS.has(name)) continue;
    warn(
      `providerOptions.${name}`,
      "There is no such option; use extraBody for fields this library does not know.",
    );
  }
  return options;
}

/** Takes the instructions out of the messages: they have a field of their own. */
function splitInstructions(
  messages: readonly GeminiMessage[],
  warn: FormatWarning,
): Pick<GeminiRequest, "systemInstruction" | "contents"> {
  const instructions: GeminiTextPart[] = [];
  const contents: GeminiContent[] = [];
  for (const message of messages) {
    if (message.role === "system") instructions.push(...message.parts);
    else contents.push(message);
  }
  if (instructions.length === 0) return { contents };
  if (contents.length > 0) return { systemInstruction: { parts: instructions }, contents };
  warn("messages", "Instructions alone are refused by Gemini; they were sent as a message of the user.");
  return { contents: [{ role: "user", parts: instructions }] };
}

/** What a cache holds cannot be sent beside it. */
function leaveToCache(body: GeminiRequest, warn: FormatWarning): void {
  for (const field of ["systemInstruction", "tools", "toolConfig"] as const) {
    if (body[field] === undefined) continue;
    delete body[field];
    warn(`providerOptions.cachedContent`, `The cache has its own ${field}; that of the call was left out.`);
  }
}

/** Which functions the model may call. A strict tool, and Google's tools beside it, need the mode that holds to the schemas. */
function callingMode(
  choice: ToolChoice | undefined,
  tools: readonly ToolSchema[],
  isMixed: boolean,
): NonNullable<GeminiToolConfig["functionCallingConfig"]> {
  const isStrict = tools.some(({ strict }) => strict === true);
  if (choice === undefined) return isStrict ? { mode: "VALIDATED" } : {};
  if (choice === "auto") return { mode: isStrict || isMixed ? "VALIDATED" : "AUTO" };
  if (choice === "none") return { mode: "NONE" };
  if (choice === "required") return { mode: "ANY" };
  if ("name" in choice) return { mode: "ANY", allowedFunctionNames: [choice.name] };
  return { mode: "VALIDATED", allowedFunctionNames: [...choice.names] };
}

/** Whether a schema allows nothing: the wire wants none then. */
function isEmptyObject({ type, properties = {}, ...rest }: JsonSchema): boolean {
  const says = Object.entries(rest).some(([keyword, value]) => {
    if (keyword === "additionalProperties") return value !== false;
    return keyword !== "required" && keyword !== "description" && keyword !== "title";
  });
  return type === "object" && Object.keys(properties as object).length === 0 && !says;
}

function pick<Name extends keyof GeminiOptions>(
  options: GeminiOptions,
  names: readonly Name[],
): Pick<GeminiOptions, Name> {
  return Object.fromEntries(
    names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  ) as Pick<GeminiOptions, Name>;
}

/** The fields that hold something: an object or list without content is as good as absent. */
function filled<Fields extends object>(fields: {
  readonly [Name in keyof Fields]: Fields[Name] | undefined;
}): Fields {
  const held = Object.entries(fields).filter(
    ([, value]) =>
      value !== undefined && (typeof value !== "object" || Object.keys(value as object).length > 0),
  );
  return Object.fromEntries(held) as Fields;
}
