import type { ModelKind, ModelPricing } from "../../model/model-card.ts";
import type { ReasoningEffort } from "../../model/generate-options.ts";

/** What the sources say of one model. What is absent is the rule: chat, text in and out, active, with tools, without reasoning. */
export interface ModelFacts {
  readonly name: string;
  readonly title: string;
  readonly kind?: ModelKind;
  readonly status?: "active" | "preview" | "deprecated" | "sunset" | "alpha" | "beta";
  /** Tokens of prompt and answer together; absent means unknown. */
  readonly context?: number;
  /** Tokens of the longest answer; absent means unknown. */
  readonly output?: number;
  /** Modalities in the sources' words: text, image, pdf, audio, video. */
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  /** MIME types, where the source gives those. */
  readonly inputTypes?: readonly string[];
  readonly outputTypes?: readonly string[];
  readonly tools?: boolean;
  readonly reasoning?: boolean;
  /** False when a model that can think does so only if it is told to. */
  readonly thinksUnasked?: boolean;
  /** When its answers come only as a stream. */
  readonly streamOnly?: "always" | "while_thinking";
  /** False when temperature and its kin are refused; `effort_none` when they need that reasoning effort. */
  readonly sampling?: boolean | "effort_none";
  /** Whether log probabilities are given even where `sampling` says that its kin is refused while thinking. */
  readonly logprobsWhileThinking?: boolean;
  /** Whether answers can be held to a JSON schema; absent means unknown. */
  readonly schema?: boolean;
  /** The levels of thinking, none where it cannot be steered by a level; absent means unknown. */
  readonly effort?: readonly ReasoningEffort[];
  /** Whether it takes cache breakpoints where not all models of the provider do. */
  readonly cacheBreakpoints?: boolean;
  /** Least and most thinking tokens; null is unknown. */
  readonly budget?: readonly [number, number | null];
  /** Whether the model can decide itself how much to think. */
  readonly adaptiveThinking?: boolean;
  /** Whether thinking cannot be switched off. */
  readonly alwaysThinks?: boolean;
  /** Whether an answer may be begun for the model; absent means unknown. */
  readonly prefill?: boolean;
  /** Whether tools need reasoning effort `none`. */
  readonly toolsNeedEffortNone?: boolean;
  /** Whether neither JSON answers nor the provider's own tools go together with tools. */
  readonly toolsStandAlone?: boolean;
  /** Whether tool calls that go back must be signed. */
  readonly signedToolCalls?: boolean;
  /** The role of instructions, where the model has no other. */
  readonly systemRole?: "user";
  /** US dollars for a million tokens. */
  readonly price?: ModelPricing;
  readonly dimensions?: readonly number[];
  readonly voices?: readonly string[];
  readonly source: "models.dev" | "agentscope" | "pattern" | "listed";
}
