import { afterEach, expect, test } from "vitest";
import { ModelError, type ModelFactory, ModelRegistry } from "../../src/index.ts";
import { echoModel } from "../../src/testing/scripted-model.ts";

afterEach(() => ModelRegistry.reset());

/** A factory whose models say who made them, and from which id. */
const by = (maker: string): ModelFactory => {
  return (id) => echoModel({ provider: maker, modelName: id });
};

/** An isolated registry with rules by pattern, the later ones newer. */
function registryOf(...patterns: (string | RegExp)[]): ModelRegistry {
  const registry = new ModelRegistry();
  for (const pattern of patterns) registry.registerFactory(pattern, by(String(pattern)));
  return registry;
}

function failureOf(act: () => unknown): ModelError {
  try {
    act();
  } catch (error) {
    expect(ModelError.isInstance(error)).toBe(true);
    return error as ModelError;
  }
  return expect.fail("nothing was thrown");
}

test("P1 the provider is what stands before the first colon", () => {
  const registry = registryOf("one:.+", "two:.+");
  expect(registry.create("one:m")).toMatchObject({ provider: "one:.+", modelName: "one:m" });
  expect(registry.create("two:m")).toMatchObject({ provider: "two:.+" });
  expect(ModelRegistry.create("openai:gpt-4.1", { apiKey: "sk-x" })).toMatchObject({
    provider: "openai",
    modelName: "gpt-4.1",
  });
});

test("P2 a model's name may have colons and slashes of its own", () => {
  const registry = registryOf("ollama:.+", "openrouter:.+");
  for (const id of ["ollama:gpt-oss:20b", "openrouter:anthropic/claude-sonnet-4.5:free"]) {
    const [provider] = id.split(":", 1);
    expect(registry.create(id)).toMatchObject({ provider: `${provider}:.+`, modelName: id });
    expect(registry.explain(id)).toMatchObject({ provider, model: id.slice(`${provider}:`.length) });
  }
  expect(ModelRegistry.create("openai:ft:gpt-4o-mini:acme::1", { apiKey: "sk-x" }).modelName).toBe(
    "ft:gpt-4o-mini:acme::1",
  );
});

test("P3 blanks around an id are not part of it, and case is", () => {
  const registry = registryOf("one:.+", /insensitive:.+/i);
  expect(registry.create("  one:m\n").modelName).toBe("one:m");
  expect(registry.canCreate("One:m")).toBe(false);
  expect(registry.canCreate("INSENSITIVE:M")).toBe(true);
});

test("P4 an unknown provider is a mistake told with what was probably meant and the list", () => {
  const { kind, message } = failureOf(() => ModelRegistry.create("opennai:gpt-4.1"));
  expect(kind).toBe("configuration");
  expect(message).toContain('Did you mean "openai:gpt-4.1"');
  expect(message).toMatch(/Providers: .*\bopenai\b/);
});

test("P4 a model without its provider is told with the provider", () => {
  expect(failureOf(() => ModelRegistry.create("gpt-4.1")).message).toContain('"openai:gpt-4.1"');
  expect(ModelRegistry.explain("gpt-4.1").suggestions).toContain("openai:gpt-4.1");
});

test("P4 a model that the catalogue does not know is made all the same", () => {
  const model = ModelRegistry.create("openai:gpt-99-from-tomorrow", { apiKey: "sk-x" });
  expect(model).toMatchObject({ modelName: "gpt-99-from-tomorrow", card: { kind: "chat" } });
});

test("P5 of several patterns that match, the newest of the user's decides, and explain tells the others", () => {
  const registry = registryOf("a:.+", ".*", "a:m");
  registry.registerBuiltin("a:.*", by("built-in"), () => []);
  expect(registry.create("a:m").provider).toBe("a:m");
  expect(registry.create("a:n").provider).toBe(".*");
  expect(registry.explain("a:m")).toMatchObject({
    canCreate: true,
    rule: { type: "pattern", pattern: "a:m", source: "user" },
    shadowed: [{ pattern: ".*" }, { pattern: "a:.+" }, { pattern: "a:.*", source: "built-in" }],
  });
});

test("P5 an exact name goes before every pattern", () => {
  const registry = registryOf(".*");
  registry.register("fast", echoModel({ provider: "named" }));
  expect(registry.create("fast").provider).toBe("named");
  expect(registry.explain("fast")).toMatchObject({ rule: { type: "name" }, shadowed: [{ pattern: ".*" }] });
});

test("P6 a rule that is taken away gives back what it stood before", () => {
  const registry = registryOf("a:.+");
  const remove = registry.registerFactory("a:m", by("override"));
  expect(registry.create("a:m").provider).toBe("override");
  remove();
  remove();
  expect(registry.create("a:m").provider).toBe("a:.+");
  const unname = registry.register("a:m", echoModel({ provider: "named" }));
  const rename = registry.register("a:m", echoModel({ provider: "renamed" }));
  unname();
  expect(registry.create("a:m").provider).toBe("renamed");
  rename();
  expect(registry.create("a:m").provider).toBe("a:.+");
});

test("P6 a built-in provider can be overridden, and reset brings it back", () => {
  const before = ModelRegistry.list();
  ModelRegistry.registerFactory("openai:.+", by("mine"));
  ModelRegistry.register("openai:gpt-4.1", echoModel({ provider: "named" }));
  expect(ModelRegistry.create("openai:gpt-4.1").provider).toBe("named");
  expect(ModelRegistry.create("openai:gpt-5").provider).toBe("mine");
  ModelRegistry.reset();
  expect(ModelRegistry.list()).toEqual(before);
  expect(ModelRegistry.create("openai:gpt-4.1", { apiKey: "sk-x" }).provider).toBe("openai");
});

test("P7 a factory's own error comes out unchanged", () => {
  const registry = new ModelRegistry();
  const error = new RangeError("only on Tuesdays");
  registry.registerFactory("a:.+", () => {
    throw error;
  });
  expect(() => registry.create("a:m")).toThrow(error);
  expect(failureOf(() => ModelRegistry.create("openai:gpt-4.1")).message).toContain("OPENAI_API_KEY");
});
