import { ConfigurationError } from "../error/errors-by-kind.ts";
import type { ModelFactory } from "./model-registry.ts";

/** A factory, and the ids that it is for. */
export interface FactoryRule {
  readonly pattern: string;
  readonly matches: (id: string) => boolean;
  readonly factory: ModelFactory;
  readonly source: string;
  readonly isBuiltin: boolean;
}

/** The factories of a registry in the order in which they are asked: those of users, newest first, then the built-in ones. */
export class FactoryRules {
  private rules: FactoryRule[] = [];

  /** @returns the function that takes the rule away */
  add(
    pattern: string | RegExp,
    { factory, source, isBuiltin }: Pick<FactoryRule, "factory" | "source" | "isBuiltin">,
  ): () => void {
    const matches = wholeMatch(pattern);
    const rule: FactoryRule = { pattern: String(pattern), matches, factory, source, isBuiltin };
    this.rules.push(rule);
    return () => {
      this.rules = this.rules.filter((other) => other !== rule);
    };
  }

  list(): FactoryRule[] {
    const user = this.rules.filter((rule) => !rule.isBuiltin).toReversed();
    return [...user, ...this.rules.filter((rule) => rule.isBuiltin)];
  }

  matching(id: string): FactoryRule[] {
    return this.list().filter((rule) => rule.matches(id));
  }

  /** The providers of patterns that begin with one. */
  providers(): string[] {
    const found = this.list().flatMap(({ pattern }) => /^\/?\^?([a-z0-9_-]+):/i.exec(pattern)?.[1] ?? []);
    return [...new Set(found)];
  }

  keepBuiltins(): void {
    this.rules = this.rules.filter((rule) => rule.isBuiltin);
  }
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
