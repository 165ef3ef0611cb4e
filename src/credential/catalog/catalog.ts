import type { ModelCapabilities, ModelCard, ModelKind } from "../../model/model-card.ts";
import type { JsonSchema } from "../../tool/tool-schema.ts";
import { ANTHROPIC_FACTS } from "./anthropic-facts.ts";
import type { ModelFacts } from "./model-facts.ts";
import { NAME_PATTERNS } from "./name-patterns.ts";
import { OPENAI_FACTS } from "./openai-facts.ts";
import { OVERRIDES } from "./overrides.ts";
import { PROVIDER_PARAMETERS, type ProviderParameters, SAMPLING_PARAMETERS } from "./provider-parameters.ts";

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
  /** @default what is known of the provider, else OpenAI's */
  readonly parameters?: ProviderParameters;
}

const FACTS: Readonly<Record<string, readonly ModelFacts[]>> = {
  anthropic: ANTHROPIC_FACTS,
  openai: OPENAI_FACTS,
};

const SOURCES: Readonly<Record<ModelFacts["source"], string>> = {
  "models.dev": "models.dev, 2026-07-02",
  agentscope: "AgentScope model cards, 2026-08-22",
  pattern: "the model's name: the catalogue does not know this model",
};

const catalogs = new Map<string, Catalog>();

/** The catalogue of a provider; one that is not bundled knows no model and makes default cards. */
export function catalogOf({ provider, parameters }: CatalogOwner): ProviderCatalog {
  let catalog = catalogs.get(provider);
  if (catalog === undefined) catalogs.set(provider, (catalog = new Catalog(provider, parameters)));
  return catalog;
}

class Catalog implements ProviderCatalog {
  private readonly provider: string;
  private readonly parameters: ProviderParameters;
  /** Built on the first question: importing the library should not pay for it. */
  private known: Map<string, { readonly facts: ModelFacts; readonly card: ModelCard }> | undefined;

  constructor(provider: string, parameters: ProviderParameters | undefined) {
    this.provider = provider;
    this.parameters =
      parameters ?? PROVIDER_PARAMETERS[provider] ?? (PROVIDER_PARAMETERS["openai"] as ProviderParameters);
  }

  cards(kind?: ModelKind): readonly ModelCard[] {
    const all = [...this.build().values()].map(({ card }) => card);
    return kind === undefined ? all : all.filter((card) => card.kind === kind);
  }

  card(modelName: string, listed?: Partial<ModelFacts>): ModelCard {
    const known = this.build();
    // A fine-tuned model is what its base is: ft:gpt-4o-mini-2024-07-18:org::id
    const base = /^ft:([^:]+):/.exec(modelName)?.[1];
    const found = known.get(modelName) ?? (base === undefined ? undefined : known.get(base));
    if (found === undefined) return this.toCard({ ...this.guess(modelName, base ?? modelName), ...listed });
    if (listed !== undefined && Object.keys(listed).length > 0)
      return this.toCard({ ...found.facts, ...listed, name: modelName });
    const { card } = found;
    return card.modelName === modelName ? card : { ...card, modelName, displayName: modelName };
  }

  private build(): NonNullable<typeof this.known> {
    if (this.known === undefined) {
      const facts = (FACTS[this.provider] ?? []).map((each) => this.correct(each));
      this.known = new Map(facts.map((each) => [each.name, { facts: each, card: this.toCard(each) }]));
    }
    return this.known;
  }

  private correct(facts: ModelFacts): ModelFacts {
    const corrections = OVERRIDES.filter(
      ({ provider, name }) => provider === this.provider && name.test(facts.name),
    );
    return corrections.reduce<ModelFacts>(
      (corrected, override) => ({ ...corrected, ...override.facts }),
      facts,
    );
  }

  private guess(name: string, meaning: string): ModelFacts {
    const pattern = NAME_PATTERNS.find((each) => each.provider === this.provider && each.name.test(meaning));
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
    return modalities.flatMap((modality) => this.parameters.mediaTypes[modality] ?? [`${modality}/*`]);
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
      systemRole: facts.reasoning ? this.parameters.reasoningSystemRole : "system",
      ...(facts.schema !== undefined && { structuredOutput: facts.schema ? "json_schema" : "json_object" }),
      ...(facts.adaptiveThinking && { adaptiveThinking: true }),
      ...(facts.alwaysThinks && { alwaysThinks: true }),
      ...(facts.prefill !== undefined && { prefill: facts.prefill }),
      ...(facts.toolsNeedEffortNone && { toolsNeedEffortNone: true }),
    };
  }

  private parameterSchema(facts: ModelFacts): JsonSchema {
    const properties: Record<string, JsonSchema> = { ...this.parameters.properties };
    if (facts.output !== undefined)
      properties["maxTokens"] = { ...properties["maxTokens"], maximum: facts.output };
    if (facts.reasoning) for (const name of this.parameters.notWithReasoning) delete properties[name];
    if (samplingOf(facts) === "never") for (const name of SAMPLING_PARAMETERS) delete properties[name];
    // A model known not to reason takes no thinking options; of an unknown one nobody can tell.
    if (!facts.reasoning && facts.source !== "pattern") delete properties["thinking"];
    else properties["thinking"] = thinkingSchema(properties["thinking"], facts);
    return { type: "object", properties };
  }
}

function samplingOf({ sampling = true, effort }: ModelFacts): NonNullable<ModelCapabilities["sampling"]> {
  if (sampling === "effort_none") return effort?.includes("none") ? "effort_none" : "never";
  return sampling ? "always" : "never";
}

/** What a model takes of the provider's thinking options: levels, a budget, or both. Of an unknown model, all of them. */
function thinkingSchema(schema: JsonSchema | undefined, { effort, budget, source }: ModelFacts): JsonSchema {
  const fields = { ...(schema?.["properties"] as Record<string, JsonSchema> | undefined) };
  if (effort !== undefined) fields["effort"] = { type: "string", enum: [...effort] };
  else if (budget !== undefined) delete fields["effort"];
  if (budget !== undefined) {
    const [minimum, maximum] = budget;
    fields["budgetTokens"] = { type: "integer", minimum, ...(maximum !== null && { maximum }) };
  } else if (source !== "pattern" || effort !== undefined) {
    delete fields["budgetTokens"];
  }
  return { ...schema, properties: fields };
}
