import { ConfigurationError, modelError } from "../error/errors-by-kind.ts";
import type { FormatterBase } from "../formatter/formatter-base.ts";
import type { TokenCounterBase } from "../token/token-counter-base.ts";
import type { ChatModelBase } from "./chat-model-base.ts";
import type { GenerateOptions, RetryOptions, TimeoutOptions } from "./generate-options.ts";
import type { ListedModelId } from "./known-model-ids.ts";
import type { ModelCard } from "./model-card.ts";
import { nearest } from "./nearest-name.ts";

/** A model's id, `provider:model`. Editors complete the ids of the bundled catalogue; every other string works too. */
export type KnownModelId = ListedModelId | (string & {});

/** What a model is made with beside its id. */
export interface CreateOptions {
  /** Used as it is: `apiKey` and `baseUrl` do not apply then. */
  readonly credential?: { createChatModel(modelName: string, options?: ChatModelOptions): ChatModelBase };
  readonly apiKey?: string | (() => string | Promise<string>);
  readonly baseUrl?: string;
  /** The factory's formatter otherwise. */
  readonly formatter?: FormatterBase<unknown>;
  /** Options of every call. */
  readonly options?: GenerateOptions;
  /** In place of the catalogue's card. */
  readonly card?: ModelCard;
  /** In place of the counter that goes with the card. */
  readonly tokenCounter?: TokenCounterBase;
  /** Short for `options.retry`. */
  readonly retry?: number | false | RetryOptions;
  /** Short for `options.timeout`. */
  readonly timeout?: number | TimeoutOptions;
}

/** What a credential's `createChatModel` takes beside the model's name. */
export interface ChatModelOptions {
  readonly formatter?: FormatterBase<unknown> | undefined;
  readonly options?: GenerateOptions | undefined;
  readonly card?: ModelCard | undefined;
  /** In place of the counter that goes with the card. */
  readonly tokenCounter?: TokenCounterBase | undefined;
}

/**
 * Makes the model that an id means. Its own errors surface unchanged.
 *
 * @param id the whole id, the provider's prefix included
 */
export type ModelFactory = (id: string, options: CreateOptions) => ChatModelBase;

/** Names its factories for `explain`, and removes them together. */
export interface ModelPlugin {
  readonly name: string;
  register(registry: ModelRegistry): void;
}

/** What the registry would do with an id, and why. */
export interface Explanation {
  readonly id: string;
  /** What stands before the first colon. */
  readonly provider: string | undefined;
  readonly model: string;
  readonly canCreate: boolean;
  /** The rule that decides: an exact name, a pattern, or none. */
  readonly rule:
    | { readonly type: "name" | "pattern"; readonly pattern: string; readonly source: string }
    | undefined;
  /** Other rules that match and would decide if the first were gone. */
  readonly shadowed: readonly { readonly pattern: string; readonly source: string }[];
  /** Ids like this one, where nothing matches. */
  readonly suggestions: readonly string[];
  readonly reason: string;
}

interface Entry {
  readonly pattern: string;
  readonly matches: (id: string) => boolean;
  readonly factory: ModelFactory;
  readonly source: string;
  readonly isBuiltin: boolean;
}

/** Longer ids are a mistake, and would make every pattern slow. */
const MAX_ID_LENGTH = 512;

/**
 * Turns ids such as `openai:gpt-4.1` into models. The static methods act on {@link ModelRegistry.default}, which knows the
 * built-in providers; `new ModelRegistry()` gives an empty one with the same methods.
 *
 * An id is looked up as an exact name, then among the factories that were registered, newest first, then among the
 * built-in ones. Nothing is cached and nothing is read from the network.
 *
 * @example
 * ```ts
 * import { ModelRegistry } from "rxscope";
 *
 * const model = ModelRegistry.create("openai:gpt-4.1", { apiKey: "sk-example", options: { temperature: 0 } });
 * ```
 */
export class ModelRegistry {
  /** The registry of the process. */
  static readonly default: ModelRegistry = new ModelRegistry();

  private readonly models = new Map<string, { readonly model: ChatModelBase; readonly source: string }>();
  private entries: Entry[] = [];
  private knownIds: (() => readonly string[])[] = [];

  /** See {@link create}. */
  static create(id: KnownModelId, options?: CreateOptions): ChatModelBase {
    return ModelRegistry.default.create(id, options);
  }

  /** The same as {@link create}, by AgentScope's name. */
  static resolve(id: KnownModelId, options?: CreateOptions): ChatModelBase {
    return ModelRegistry.default.create(id, options);
  }

  /** See {@link register}. */
  static register(name: string, model: ChatModelBase): () => void {
    return ModelRegistry.default.register(name, model);
  }

  /** See {@link registerFactory}. */
  static registerFactory(
    pattern: string | RegExp,
    factory: ModelFactory,
    options?: { source?: string },
  ): () => void {
    return ModelRegistry.default.registerFactory(pattern, factory, options);
  }

  /** See {@link use}. */
  static use(plugin: ModelPlugin): () => void {
    return ModelRegistry.default.use(plugin);
  }

  /** See {@link canCreate}. */
  static canCreate(id: KnownModelId): boolean {
    return ModelRegistry.default.canCreate(id);
  }

  /** See {@link list}. */
  static list(): { pattern: string; source: string }[] {
    return ModelRegistry.default.list();
  }

  /** See {@link explain}. */
  static explain(id: KnownModelId): Explanation {
    return ModelRegistry.default.explain(id);
  }

  /** See {@link reset}. */
  static reset(): void {
    ModelRegistry.default.reset();
  }

  /**
   * Makes the model that an id means, without any request: `openai:gpt-4.1`, `ollama:gpt-oss:20b`,
   * `openrouter:anthropic/claude-sonnet-4.5`. The provider is what stands before the first colon; a model that the
   * catalogue does not know is made with the provider's default card.
   *
   * @throws ModelError `configuration` when nothing matches (with what was probably meant), or the provider's key is missing
   */
  create(id: KnownModelId, options: CreateOptions = {}): ChatModelBase {
    const name = checkId(id);
    const named = this.models.get(name);
    if (named !== undefined) return withCreateOptions(named.model, options);
    const entry = this.matching(name)[0];
    if (entry === undefined) throw this.unknownId(name);
    const model: unknown = entry.factory(name, withShorthands(options));
    if (!isChatModel(model)) {
      throw new ConfigurationError(
        `The factory for "${entry.pattern}" (${entry.source}) returned ${describe(model)} for "${name}", not a chat model.`,
      );
    }
    return model;
  }

  /** The same as {@link create}, by AgentScope's name. */
  resolve(id: KnownModelId, options?: CreateOptions): ChatModelBase {
    return this.create(id, options);
  }

  /**
   * Gives a finished model a name of its own; a later one of the same name takes its place. Of what a creation asks for
   * only the options apply to it: its key, address, formatter and card are its own.
   *
   * @returns the function that takes it away
   */
  register(name: string, model: ChatModelBase): () => void {
    return this.addName(name, model, "user");
  }

  /**
   * Registers a factory for all ids that match a pattern as a whole: a regular expression, or its source as a string. The
   * newest goes first, before any built-in one.
   *
   * @returns the function that takes it away
   * @throws ModelError `configuration` for a pattern that is no regular expression, or has the flag g or y
   */
  registerFactory(
    pattern: string | RegExp,
    factory: ModelFactory,
    options: { source?: string } = {},
  ): () => void {
    return this.add(pattern, factory, options.source ?? "user", false);
  }

  /** Registers a factory that every other rule goes before. @internal */
  registerBuiltin(pattern: string, factory: ModelFactory, knownIds: () => readonly string[]): void {
    this.add(pattern, factory, "built-in", true);
    this.knownIds.push(knownIds);
  }

  /**
   * Lets a plugin register what it has. A plugin that throws is taken back whole, and leaves all others as they were.
   *
   * @returns the function that takes the plugin away
   */
  use(plugin: ModelPlugin): () => void {
    const undo: (() => void)[] = [];
    const scope = Object.create(this) as ModelRegistry;
    scope.registerFactory = (pattern, factory, options) => {
      const remove = this.registerFactory(pattern, factory, { source: options?.source ?? plugin.name });
      undo.push(remove);
      return remove;
    };
    scope.register = (name, model) => {
      const remove = this.addName(name, model, plugin.name);
      undo.push(remove);
      return remove;
    };
    const remove = (): void => {
      for (const step of undo) step();
    };
    try {
      const result: unknown = plugin.register(scope);
      if (result instanceof Promise) {
        // What it fails with has been told already.
        result.catch(() => undefined);
        throw new Error("it registers later than at once; register must be synchronous");
      }
    } catch (error) {
      remove();
      throw new ConfigurationError(
        `Plugin "${plugin.name}" could not be registered: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
    return remove;
  }

  /** Whether {@link create} would find a rule for this id. Keys are not looked at. */
  canCreate(id: KnownModelId): boolean {
    return this.explain(id).canCreate;
  }

  /** All rules in the order in which they are asked. */
  list(): { pattern: string; source: string }[] {
    const names = [...this.models].map(([pattern, { source }]) => ({ pattern, source }));
    return [...names, ...this.ordered().map(({ pattern, source }) => ({ pattern, source }))];
  }

  /** What {@link create} would do with an id, and why. Makes nothing, throws nothing. */
  explain(id: KnownModelId): Explanation {
    const name = typeof id === "string" ? id.trim() : "";
    const { provider, model } = splitId(name);
    const named = this.models.get(name);
    const matching = name === "" || name.length > MAX_ID_LENGTH ? [] : this.matching(name);
    const rules = matching.map(({ pattern, source }) => ({ pattern, source }));
    const base = { id: name, provider, model, suggestions: [] };
    if (named !== undefined) {
      const rule = { type: "name", pattern: name, source: named.source } as const;
      return {
        ...base,
        canCreate: true,
        rule,
        shadowed: rules,
        reason: "A model is registered by exactly this name.",
      };
    }
    const [first, ...shadowed] = rules;
    if (first !== undefined) {
      const reason = `The pattern "${first.pattern}" (${first.source}) matches the whole id.`;
      return { ...base, canCreate: true, rule: { type: "pattern", ...first }, shadowed, reason };
    }
    const suggestions = this.suggest(name);
    return {
      ...base,
      canCreate: false,
      rule: undefined,
      shadowed: [],
      suggestions,
      reason: "No name and no pattern matches.",
    };
  }

  /** Takes away everything but the built-in providers. */
  reset(): void {
    this.models.clear();
    this.entries = this.entries.filter((entry) => entry.isBuiltin);
  }

  private addName(name: string, model: ChatModelBase, source: string): () => void {
    const id = checkId(name);
    const entry = { model, source };
    this.models.set(id, entry);
    return () => {
      if (this.models.get(id) === entry) this.models.delete(id);
    };
  }

  private add(
    pattern: string | RegExp,
    factory: ModelFactory,
    source: string,
    isBuiltin: boolean,
  ): () => void {
    const entry: Entry = {
      pattern: String(pattern),
      matches: wholeMatch(pattern),
      factory,
      source,
      isBuiltin,
    };
    this.entries.push(entry);
    return () => {
      this.entries = this.entries.filter((other) => other !== entry);
    };
  }

  /** User factories newest first, then the built-in ones. */
  private ordered(): Entry[] {
    const user = this.entries.filter((entry) => !entry.isBuiltin).toReversed();
    return [...user, ...this.entries.filter((entry) => entry.isBuiltin)];
  }

  private matching(id: string): Entry[] {
    return this.ordered().filter((entry) => entry.matches(id));
  }

  private suggest(id: string): string[] {
    const ids = [...this.models.keys(), ...this.knownIds.flatMap((list) => list())];
    const { provider, model } = splitId(id);
    const providers = this.providers();
    // A known model behind a mistyped or missing provider is the likeliest mistake.
    const meant = nearest(provider ?? "", providers, 1).map((known) => `${known}:${model}`);
    const byModel = ids.filter((known) => splitId(known).model === model);
    return [
      ...new Set([
        ...byModel.filter((known) => meant.includes(known)),
        ...meant,
        ...byModel,
        ...nearest(id, ids),
      ]),
    ].slice(0, 3);
  }

  /** The providers of patterns that begin with one. */
  private providers(): string[] {
    return [
      ...new Set(this.ordered().flatMap(({ pattern }) => /^\/?\^?([a-z0-9_-]+):/i.exec(pattern)?.[1] ?? [])),
    ];
  }

  private unknownId(id: string): Error {
    const { provider } = splitId(id);
    const suggestions = this.suggest(id);
    const known = this.providers();
    const problem =
      provider === undefined
        ? `"${id}" names no provider; write provider:model.`
        : `Nothing is registered for "${id}".`;
    const meant =
      suggestions.length > 0 ? ` Did you mean ${suggestions.map((each) => `"${each}"`).join(" or ")}?` : "";
    const list =
      known.length > 0
        ? ` Providers: ${known.toSorted().join(", ")}.`
        : ' No provider is registered: import "rxscope", not "rxscope/core", for the built-in ones.';
    return modelError("configuration", problem + meant + list);
  }
}

function checkId(id: string): string {
  if (typeof id !== "string" || id.trim() === "") {
    throw new ConfigurationError('A model id must be a string such as "openai:gpt-4.1".');
  }
  const name = id.trim();
  if (name.length > MAX_ID_LENGTH)
    throw new ConfigurationError(
      `A model id has at most ${MAX_ID_LENGTH} characters, such as "openai:gpt-4.1".`,
    );
  return name;
}

/** The provider before the first colon, and all that follows it. */
function splitId(id: string): { provider: string | undefined; model: string } {
  const colon = id.indexOf(":");
  return colon <= 0
    ? { provider: undefined, model: id }
    : { provider: id.slice(0, colon), model: id.slice(colon + 1) };
}

function wholeMatch(pattern: string | RegExp): (id: string) => boolean {
  if (typeof pattern !== "string" && (pattern.global || pattern.sticky)) {
    throw new ConfigurationError(
      `The pattern ${String(pattern)} has the flag g or y, which makes a match depend on the one before. Leave it out.`,
    );
  }
  const source = typeof pattern === "string" ? pattern : pattern.source;
  let whole: RegExp;
  try {
    // By itself first: in the group, "a)|(b" would be one.
    whole = new RegExp(source);
    whole = new RegExp(`^(?:${source})$`, typeof pattern === "string" ? "" : pattern.flags);
  } catch (error) {
    throw new ConfigurationError(`"${source}" is not a regular expression: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return (id) => whole.test(id);
}

function withShorthands({ retry, timeout, ...rest }: CreateOptions): CreateOptions {
  if (retry === undefined && timeout === undefined) return rest;
  return {
    ...rest,
    options: {
      ...rest.options,
      ...(retry !== undefined && { retry }),
      ...(timeout !== undefined && { timeout }),
    },
  };
}

/** A registered model with options of this creation over its own and under those of each call. */
function withCreateOptions(model: ChatModelBase, options: CreateOptions): ChatModelBase {
  const { options: over } = withShorthands(options);
  return over === undefined ? model : model.withOptions(over);
}

/** By what it can do, not by its class: the plugin may carry another copy of this package. */
function isChatModel(value: unknown): value is ChatModelBase {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { stream?: unknown }).stream === "function"
  );
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return value instanceof Promise ? "a Promise (factories are synchronous)" : `a ${typeof value}`;
}
