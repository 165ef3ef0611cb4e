import type { JsonSchema } from "../tool/tool-schema.ts";
import type { GenerateOptions } from "./generate-options.ts";

/** What a model is for. Only `chat` cards make chat models; the others stand in the catalogue for pickers. */
export type ModelKind =
  | "chat"
  | "embedding"
  | "image"
  | "tts"
  | "realtime"
  | "realtime-tts"
  | "transcription";

/** What a model can do, where providers or models differ. An absent flag means unknown, and is treated as the wire's default. */
export interface ModelCapabilities {
  readonly tools?: boolean;
  readonly parallelToolCalls?: boolean;
  /** How a JSON answer is asked for: by schema, by the JSON mode, or not at all. */
  readonly structuredOutput?: "json_schema" | "json_object" | "none";
  /** Whether the model thinks before it answers. */
  readonly reasoning?: boolean;
  /** Whether a model that can think does so when nothing is said of it. @default as `reasoning` */
  readonly thinksUnasked?: boolean;
  /** When it must be asked for a stream: always, or while it thinks. @default never */
  readonly streamOnly?: "always" | "while_thinking";
  /** When temperature, top-p and the penalties are accepted: always, never, or only with reasoning effort `none`. */
  readonly sampling?: "always" | "never" | "effort_none";
  /** Whether log probabilities are given even while other sampling options are not accepted. @default false */
  readonly logprobsWhileThinking?: boolean;
  /** The role of instructions; `user` for models that know no other. @default "system" */
  readonly systemRole?: "system" | "developer" | "user";
  /** Whether the model can be left to decide itself how much to think. */
  readonly adaptiveThinking?: boolean;
  /** Whether the model thinks even when it is asked not to. */
  readonly alwaysThinks?: boolean;
  /** Whether the history may end with the beginning of the answer. */
  readonly prefill?: boolean;
  /** Whether a tool offer needs reasoning effort `none` on this API. */
  readonly toolsNeedEffortNone?: boolean;
  /** Whether a tool offer stands alone: neither a JSON answer nor the provider's own tools may be asked for beside it. */
  readonly toolsStandAlone?: boolean;
  /** Whether tool calls in the history must bear the provider's signature. */
  readonly signedToolCalls?: boolean;
}

/** Prices in US dollars for one million tokens. */
export interface ModelPricing {
  readonly input?: number;
  readonly output?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly reasoning?: number;
  readonly inputAudio?: number;
  readonly outputAudio?: number;
}

/**
 * One model as data: a UI can draw a picker, a parameter form and toggles from it alone, and the library decides by it
 * what may be sent. A limit that is absent is unknown, never zero.
 */
export interface ModelCard {
  readonly provider: string;
  readonly kind: ModelKind;
  readonly modelName: string;
  readonly displayName: string;
  /** Tokens of prompt and answer together. */
  readonly contextSize?: number;
  /** The most tokens of one answer. */
  readonly outputSize?: number;
  /** MIME types the model reads, wildcards allowed; `application/x-thinking` means that reasoning may be sent back. */
  readonly inputTypes: readonly string[];
  /** MIME types the model writes; `application/x-thinking` means that it shows its reasoning. */
  readonly outputTypes: readonly string[];
  readonly capabilities: ModelCapabilities;
  readonly pricing?: ModelPricing;
  readonly status: "active" | "preview" | "deprecated" | "sunset";
  /** What every call of this model asks for, unless credential, model or call say otherwise. */
  readonly defaults?: GenerateOptions;
  /** JSON Schema of the `GenerateOptions` that this model takes: what is not in it becomes a warning. */
  readonly parameterSchema: JsonSchema;
  /** Where the facts come from, with their date. `live` entries were listed by the provider just now. */
  readonly source: string;
  /** Whether the provider's live list named it; absent for cards straight from the bundled catalogue. */
  readonly live?: boolean;
  /** Sizes of vectors an embedding model can give, the default first. */
  readonly dimensions?: readonly number[];
  /** Voices of a speech model. */
  readonly voices?: readonly string[];
}

/** Whether a model takes an option, as far as its card tells. */
export function takesOption(card: ModelCard, option: string): boolean {
  return Object.hasOwn(card.parameterSchema["properties"] ?? {}, option);
}

/** What a card tells of the fields of an option that has some, by their names. */
export function optionFields(card: ModelCard, option: string): Readonly<Record<string, JsonSchema>> {
  const options = (card.parameterSchema["properties"] ?? {}) as Record<string, JsonSchema | undefined>;
  return (options[option]?.["properties"] ?? {}) as Record<string, JsonSchema>;
}
