import type { ModelCapabilities, ModelCard, ModelKind } from "../../model/model-card.ts";
import type { JsonSchema } from "../../tool/tool-schema.ts";
import { ANTHROPIC_FACTS } from "./anthropic-facts.ts";
import { DASHSCOPE_FACTS } from "./dashscope-facts.ts";
import { GEMINI_FACTS } from "./gemini-facts.ts";
import type { ModelFacts } from "./model-facts.ts";
import { NAME_PATTERNS } from "./name-patterns.ts";
import { DEEPSEEK_FACTS } from "./deepseek-facts.ts";
import { KIMI_FACTS } from "./kimi-facts.ts";
import { OLLAMA_FACTS } from "./ollama-facts.ts";
import { OPENAI_FACTS } from "./openai-facts.ts";
import { OVERRIDES } from "./overrides.ts";
import { XAI_FACTS } from "./xai-facts.ts";
import {
  CACHE_CONTROL,
  PROVIDER_PARAMETERS,
  type ProviderParameters,
  SAMPLING_PARAMETERS,
} from "./provider-parameters.ts";

/** The bundled knowledge of one provider's models. */
export interface ProviderCatalog {
  /** All cards, or those of one kind. */
  cards(kind?: ModelKind): readonly ModelCard[];
  /**
   * The card of a model; of an unknown one what its name tells, without limits.
   *
   * @param listed what the provider's own list tells of it; it is newer than the bundled facts
   */
  card(modelName: string, listed?: Partial<ModelFacts>): ModelCard;
}

/** Whose catalogue it is. */
export interface CatalogOwner {
  readonly provider: string;
  /** The provider whose models it serves. @default its own */
  readonly family?: string;
  /** @default what is known of the family, else OpenAI's */
  readonly parameters?: ProviderParameters;
}

const FACTS: Readonly<Record<string, readonly ModelFacts[]>> = {
  openai: OPENAI_FACTS,
  deepseek: DEEPSEEK_FACTS,
  kimi: KIMI_FACTS,
  xai: XAI_FACTS,
  ollama: OLLAMA_FACTS,
  anthropic: ANTHROPIC_FACTS,
  dashscope: DASHSCOPE_FACTS,
  gemini: GEMINI_FACTS,
};

const SOURCES: Readonly<Record<ModelFacts["source"], string>> = {
  "models.dev": "models.dev, 2026-07-02",
  agentscope: "AgentScope model cards, 2026-08-22",
  pattern: "the model's name: the catalogue does not know this model",
  listed: "the provider itself, just now",
};

const catalogs = new Map<string, Catalog>();

/** The catalogue of a provider; one that is not bundled knows no model and makes default cards. */
export function catalogOf(owner: CatalogOwner): ProviderCatalog {
  let catalog = catalogs.get(owner.provider);
  if (catalog === undefined) catalogs.set(owner.provider, (catalog = new Catalog(owner)));
  return catalog;
}

class Catalog implements ProviderCatalog {
  private readonly provider: string;
  private readonly family: string;
  private readonly parameters: ProviderParameters;
  /** Built on the first question: importing the library should not pay for it. */
  private known: Map<string, { readonly facts: ModelFacts; readonly card: ModelCard }> | undefined;

  constructor({ provider, family = provider, parameters }: CatalogOwner) {
    this.provider = provider;
    this.family = family;
    this.parameters =
      parameters ?? PROVIDER_PARAMETERS[family] ?? (PROVIDER_PARAMETERS["openai"] as ProviderParameters);
  }

  cards(kind?: ModelKind): readonly ModelCard[] {
    const all = [...this.build().values()].map(({ card }) => card);
    return kind === undefined ? all : all.filter((card) => card.kind === kind);
  }

  card(modelName: string, listed?: Partial<ModelFacts>): ModelCard {
    const known = this.build();
    const base = baseOf(modelName);
    const found = known.get(modelName) ?? (base === undefined ? undefined : known.get(base));
    if (found === undefined) return this.toCard({ ...this.guess(modelName, base ?? modelName), ...listed });
    if (listed !== undefined && Object.keys(listed).length > 0)
      return this.toCard({ ...found.facts, ...listed, name: modelName });
    const { card } = found;
    return card.modelName === modelName ? card : { ...card, modelName, displayName: modelName };
  }

  private build(): NonNullable<typeof this.known> {
    if (this.known === undefined) {
      const facts = (FACTS[this.family] ?? []).map((each) => this.correct(each));
      this.known = new Map(facts.map((each) => [each.name, { facts: each, card: this.toCard(each) }]));
    }
    return this.known;
  }

  private correct(facts: ModelFacts): ModelFacts {
    const corrections = OVERRIDES.filter(
      ({ provider, name }) => provider === this.family && name.test(facts.name),
    );
    return corrections.reduce<ModelFacts>(
      (corrected, override) => ({ ...corrected, ...override.facts }),
      facts,
    );
  }

  private guess(name: string, meaning: string): ModelFacts {
    const pattern = NAME_PATTERNS.find((each) => each.provider === this.family && each.name.test(meaning));
    // Nothing is known of its media: whatever the wire can carry may be tried.
    const inputs = Object.keys(this.parameters.mediaTypes);
    return this.correct({ name, title: name, inputs, source: "pattern", ...pattern?.facts });
  }

  private toCard(facts: ModelFacts): ModelCard {
    const { provider } = this;
    const kind = facts.kind ?? "chat";
    return {
      provider,
      kind,
      modelName: facts.name,
      displayName: facts.title,
      ...(facts.context !== undefined && { contextSize: facts.context }),
      ...(facts.output !== undefined && { outputSize: facts.output }),
      inputTypes: facts.inputTypes ?? this.mediaTypes(facts.inputs),
      outputTypes: facts.outputTypes ?? this.outputTypes(facts),
      capabilities: kind === "chat" ? this.capabilities(facts) : {},
      ...(facts.price !== undefined && { pricing: facts.price }),
      status: facts.status === "alpha" || facts.status === "beta" ? "preview" : (facts.status ?? "active"),
      parameterSchema: kind === "chat" ? this.parameterSchema(facts) : { type: "object", properties: {} },
      source: SOURCES[facts.source],
      ...(facts.dimensions !== undefined && { dimensions: facts.dimensions }),
      ...(facts.voices !== undefined && { voices: facts.voices }),
    };
  }

  private mediaTypes(modalities: readonly string[] = ["text"]): string[] {
    return modalities.flatMap(
      (modality) =>
        this.parameters.mediaTypes[modality] ?? [modality === "pdf" ? "application/pdf" : `${modality}/*`],
    );
  }

  private outputTypes(facts: ModelFacts): string[] {
    const types = this.mediaTypes(facts.outputs);
    return facts.reasoning && this.parameters.showsReasoning ? [...types, "application/x-thinking"] : types;
  }

  private capabilities(facts: ModelFacts): ModelCapabilities {
    return {
      tools: facts.tools ?? true,
      reasoning: facts.reasoning ?? false,
      sampling: samplingOf(facts),
      systemRole: facts.systemRole ?? (facts.reasoning ? this.parameters.reasoningSystemRole : "system"),
      ...(facts.schema !== undefined && { structuredOutput: facts.schema ? "json_schema" : "json_object" }),
      ...(facts.adaptiveThinking && { adaptiveThinking: true }),
      ...(facts.alwaysThinks && { alwaysThinks: true }),
      ...(facts.prefill !== undefined && { prefill: facts.prefill }),
      ...(facts.reasoning && facts.thinksUnasked !== undefined && { thinksUnasked: facts.thinksUnasked }),
      ...(facts.logprobsWhileThinking && { logprobsWhileThinking: true }),
      ...(facts.streamOnly !== undefined && { streamOnly: facts.streamOnly }),
      ...(facts.toolsNeedEffortNone && { toolsNeedEffortNone: true }),
      ...(facts.toolsStandAlone && { toolsStandAlone: true }),
      ...(facts.signedToolCalls && { signedToolCalls: true }),
    };
  }

  private parameterSchema(facts: ModelFacts): JsonSchema {
    const properties: Record<string, JsonSchema> = { ...this.parameters.properties };
    if (facts.output !== undefined)
      properties["maxTokens"] = { ...properties["maxTokens"], maximum: facts.output };
    if (facts.cacheBreakpoints) properties["cacheControl"] = CACHE_CONTROL;
    if (facts.reasoning) for (const name of this.parameters.notWithReasoning) delete properties[name];
    if (samplingOf(facts) === "never") for (const name of SAMPLING_PARAMETERS) delete properties[name];
    const { thinking, ...others } = properties;
    // A model known not to reason takes no thinking options; of an unknown one nobody can tell.
    const isSteered = facts.reasoning || facts.source === "pattern";
    return { type: "object", properties: { ...others, ...(isSteered && thinkingOption(thinking, facts)) } };
  }
}

/** Names that stand for another model, or for what was made from it. */
const VARIANTS: readonly RegExp[] = [
  // Fine-tuned by OpenAI: ft:gpt-4o-mini-2024-07-18:org::id
  /^ft:([^:]+):/,
  // Ollama's usual variant, and one that runs in its cloud: qwen3:latest, gpt-oss:120b-cloud, glm-5:cloud
  /^(.+?)(?::latest|[:-]cloud)$/,
  // A snapshot: qwen-plus-latest, qwen-plus-2025-07-28
  /^(.+?)-(?:latest|\d{4}-\d\d-\d\d)$/,
];

/** The name of the model that another name stands for, or that the model was made from. */
function baseOf(modelName: string): string | undefined {
  for (const variant of VARIANTS) {
    const base = variant.exec(modelName)?.[1];
    if (base !== undefined) return base;
  }
  return undefined;
}

function samplingOf({ sampling = true, effort }: ModelFacts): NonNullable<ModelCapabilities["sampling"]> {
  if (sampling === "effort_none") return effort?.includes("none") ? "effort_none" : "never";
  return sampling ? "always" : "never";
}

/** What a model takes of the provider's thinking options: levels, a budget, or both. Where neither is known, all of them. */
function thinkingOption(
  schema: JsonSchema | undefined,
  { effort, budget, alwaysThinks }: ModelFacts,
): { thinking?: JsonSchema } {
  const fields = { ...(schema?.["properties"] as Record<string, JsonSchema> | undefined) };
  if (effort !== undefined && effort.length > 0) fields["effort"] = { type: "string", enum: [...effort] };
  else if (effort !== undefined || budget !== undefined) delete fields["effort"];
  if (budget !== undefined) {
    const [minimum, maximum] = budget;
    fields["budgetTokens"] = { type: "integer", minimum, ...(maximum !== null && { maximum }) };
  } else if (effort !== undefined) {
    delete fields["budgetTokens"];
  }
  if (alwaysThinks) delete fields["enabled"];
  return Object.keys(fields).length === 0 ? {} : { thinking: { ...schema, properties: fields } };
}
