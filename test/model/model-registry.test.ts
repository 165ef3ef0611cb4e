import { of } from "rxjs";
import { afterEach, expect, test, vi } from "vitest";
import { ConfigurationError } from "../../src/error/errors-by-kind.ts";
import { accumulate } from "../../src/model/accumulate.ts";
import { ChatModelBase, type ChatModelInit } from "../../src/model/chat-model-base.ts";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import type { ResolvedOptions } from "../../src/model/generate-options.ts";
import type { Msg } from "../../src/message/msg.ts";
import { type CreateOptions, type ModelFactory, ModelRegistry } from "../../src/model/model-registry.ts";
import type { ToolSchema } from "../../src/tool/tool-schema.ts";
import type { Observable } from "rxjs";
import { ModelRegistry as RegistryWithBuiltins, OpenAIChatModel } from "../../src/index.ts";
import { failure } from "../failures.ts";

class NamedModel extends ChatModelBase {
  readonly asked: ResolvedOptions[] = [];

  constructor(modelName: string, init: Partial<ChatModelInit> = {}) {
    super({ provider: "test", modelName, ...init });
  }

  protected doStream(
    _messages: Msg[],
    _tools: ToolSchema[],
    options: ResolvedOptions,
  ): Observable<ChatResponse> {
    this.asked.push(options);
    return accumulate(of({ text: this.modelName }), this);
  }
}

const named: ModelFactory = (id) => new NamedModel(id);

function makes(name: string): ModelFactory {
  return () => new NamedModel(name);
}

afterEach(() => {
  ModelRegistry.reset();
  vi.unstubAllEnvs();
});

test("a factory makes the models whose whole id its pattern matches", () => {
  const registry = new ModelRegistry();
  registry.registerFactory("myprov:.*", named);
  expect(registry.create("myprov:m1").modelName).toBe("myprov:m1");
  expect(registry.create("myprov:").modelName).toBe("myprov:");
  for (const id of ["amyprov:m1", "myprov", "x myprov:m1", "myprov2:m1"]) {
    expect(registry.canCreate(id), id).toBe(false);
  }
});

test("an alternative in a pattern stands for the whole id, too", () => {
  const registry = new ModelRegistry();
  registry.registerFactory("a:.+|b:.+", named);
  registry.registerFactory(/c:1|d:2/, named);
  expect(["a:x", "b:x", "c:1", "d:2"].every((id) => registry.canCreate(id))).toBe(true);
  expect(["a:", "xb:x", "c:12", "xd:2", "c:1 "].map((id) => registry.canCreate(id))).toEqual([
    false,
    false,
    false,
    false,
    true,
  ]);
});

test("a regular expression keeps its flags, and anchors of its own do no harm", () => {
  const registry = new ModelRegistry();
  registry.registerFactory(/^myprov:.+$/i, named);
  expect(registry.canCreate("MyProv:X")).toBe(true);
  expect(registry.canCreate("other:x")).toBe(false);
});

test("the flags g and y are refused: they would make a match depend on the one before", () => {
  const registry = new ModelRegistry();
  for (const pattern of [/a:.+/g, /a:.+/y, /a:.+/gi]) {
    expect(failure(() => registry.registerFactory(pattern, named))).toBeInstanceOf(ConfigurationError);
    expect(failure(() => registry.registerFactory(pattern, named)).message).toContain(String(pattern));
  }
  expect(registry.list()).toEqual([]);
});

test.each(["(", "a)|(b", "[z-a]", "*"])("%j is no regular expression and is refused", (pattern) => {
  const error = failure(() => new ModelRegistry().registerFactory(pattern, named));
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(error.message).toContain(`"${pattern}" is not a regular expression`);
});

test("the provider is what stands before the first colon", () => {
  const registry = new ModelRegistry();
  const ids: string[] = [];
  const factory: ModelFactory = (id) => {
    ids.push(id);
    return new NamedModel(id);
  };
  registry.registerFactory("ollama:.+", factory);
  registry.registerFactory("openrouter:.+", factory);
  registry.create("ollama:gpt-oss:20b");
  registry.create("openrouter:anthropic/claude-sonnet-4.5:beta");
  expect(ids).toEqual(["ollama:gpt-oss:20b", "openrouter:anthropic/claude-sonnet-4.5:beta"]);
  expect(registry.explain("ollama:gpt-oss:20b")).toMatchObject({ provider: "ollama", model: "gpt-oss:20b" });
  expect(registry.explain("no-colon")).toMatchObject({ provider: undefined, model: "no-colon" });
});

test("an exact name goes before factories, newer factories before older, and all before the built-in ones", () => {
  const registry = new ModelRegistry();
  registry.registerBuiltin("p:.+", makes("built-in"), () => []);
  const modelName = (): string => registry.create("p:m").modelName;
  expect(modelName()).toBe("built-in");
  const dropOlder = registry.registerFactory("p:.*", makes("older"));
  const dropNewer = registry.registerFactory("p:m", makes("newer"));
  expect(modelName()).toBe("newer");
  const dropName = registry.register("p:m", new NamedModel("by name"));
  expect(modelName()).toBe("by name");
  dropName();
  expect(modelName()).toBe("newer");
  dropNewer();
  expect(modelName()).toBe("older");
  dropOlder();
  expect(modelName()).toBe("built-in");
});

test("the first built-in that matches decides", () => {
  const registry = new ModelRegistry();
  registry.registerBuiltin("p:.+", makes("first"), () => []);
  registry.registerBuiltin(".+", makes("second"), () => []);
  expect(registry.create("p:m").modelName).toBe("first");
});

test("unregistering twice takes nothing else away", () => {
  const registry = new ModelRegistry();
  const first = registry.registerFactory("p:.+", makes("first"));
  first();
  registry.registerFactory("p:.+", makes("second"));
  first();
  expect(registry.create("p:m").modelName).toBe("second");
  const dropName = registry.register("mine", new NamedModel("a"));
  registry.register("mine", new NamedModel("b"));
  dropName();
  expect(registry.create("mine").modelName).toBe("b");
});

test("ids and names are trimmed, and blank ones are refused", () => {
  const registry = new ModelRegistry();
  const drop = registry.register(" mine ", new NamedModel("m"));
  registry.registerFactory("p:.+", named);
  expect(registry.create("  mine").modelName).toBe("m");
  expect(registry.create(" p:m\n").modelName).toBe("p:m");
  drop();
  expect(registry.canCreate("mine")).toBe(false);
  for (const id of ["", "   ", undefined, null, 7, "x".repeat(513)] as string[]) {
    expect(failure(() => registry.create(id))).toBeInstanceOf(ConfigurationError);
    expect(registry.canCreate(id)).toBe(false);
    expect(failure(() => registry.register(id, new NamedModel("m")))).toBeInstanceOf(ConfigurationError);
  }
});

test("nothing is cached: every creation asks the factory", () => {
  const registry = new ModelRegistry();
  const factory = vi.fn<ModelFactory>(named);
  registry.registerFactory("p:.+", factory);
  expect(registry.create("p:m")).not.toBe(registry.create("p:m"));
  expect(factory).toHaveBeenCalledTimes(2);
  registry.registerFactory("p:m", makes("newer"));
  expect(registry.create("p:m").modelName).toBe("newer");
  registry.explain("p:other");
  registry.canCreate("p:other");
  registry.list();
  expect(factory).toHaveBeenCalledTimes(2);
});

test("a factory gets what creation was given, with short forms spelled out", () => {
  const registry = new ModelRegistry();
  let given: CreateOptions = {};
  registry.registerFactory("p:.+", (id, options) => {
    given = options;
    return new NamedModel(id);
  });
  registry.create("p:m", {
    apiKey: "k",
    baseUrl: "http://x",
    options: { temperature: 0 },
    retry: 1,
    timeout: 5,
  });
  expect(given).toEqual({
    apiKey: "k",
    baseUrl: "http://x",
    options: { temperature: 0, retry: 1, timeout: 5 },
  });
  registry.create("p:m");
  expect(given).toEqual({});
});

test("a factory's own error surfaces unchanged", () => {
  const registry = new ModelRegistry();
  const own = new TypeError("the vault is closed");
  registry.registerFactory("p:.+", () => {
    throw own;
  });
  registry.registerBuiltin("p:.+", makes("not in its place"), () => []);
  expect(failure(() => registry.create("p:m"))).toBe(own);
});

test("a factory that returns a Promise, or nothing, is told what is wrong", () => {
  const registry = new ModelRegistry();
  registry.registerFactory(
    "later:.+",
    (() => Promise.resolve(new NamedModel("m"))) as unknown as ModelFactory,
    {
      source: "my plugin",
    },
  );
  registry.registerFactory("never:.+", (() => undefined) as unknown as ModelFactory);
  registry.registerFactory("text:.+", (() => "m") as unknown as ModelFactory);
  const later = failure(() => registry.create("later:m"));
  expect(later).toBeInstanceOf(ConfigurationError);
  expect(later.message).toMatch(
    /"later:\.\+" \(my plugin\) returned a Promise \(factories are synchronous\) for "later:m"/,
  );
  expect(failure(() => registry.create("never:m")).message).toContain("returned undefined");
  expect(failure(() => registry.create("text:m")).message).toContain("returned a string");
});

test("a model of another copy of the package is a model", () => {
  const registry = new ModelRegistry();
  const foreign = { provider: "x", modelName: "y", stream: () => undefined } as unknown as ChatModelBase;
  registry.registerFactory("x:.+", () => foreign);
  expect(registry.create("x:y")).toBe(foreign);
});

test("a registered model is given as it is, and with options of its creation over its own", async () => {
  const registry = new ModelRegistry();
  const model = new NamedModel("m", { options: { temperature: 1, topP: 0.5 } });
  registry.register("mine", model);
  expect(registry.create("mine")).toBe(model);
  const cooler = registry.create("mine", { options: { temperature: 0 }, timeout: 60_000, retry: false });
  expect((await cooler.call("Hi")).text).toBe("m");
  await cooler.call("Hi", { topP: 0.9 });
  await model.call("Hi");
  expect(model.asked).toEqual([
    { temperature: 0, topP: 0.5, timeout: 60_000, retry: false },
    { temperature: 0, topP: 0.9, timeout: 60_000, retry: false },
    { temperature: 1, topP: 0.5 },
  ]);
});

test("a plugin registers under its name and is taken away whole", () => {
  const registry = new ModelRegistry();
  const remove = registry.use({
    name: "my plugin",
    register(scope) {
      scope.registerFactory("p:.+", named);
      scope.registerFactory("q:.+", named, { source: "its own word" });
      scope.register("mine", new NamedModel("m"));
    },
  });
  expect(registry.list()).toEqual([
    { pattern: "mine", source: "my plugin" },
    { pattern: "q:.+", source: "its own word" },
    { pattern: "p:.+", source: "my plugin" },
  ]);
  remove();
  expect(registry.list()).toEqual([]);
});

test("a plugin that throws is taken back whole and leaves the others as they were", () => {
  const registry = new ModelRegistry();
  registry.use({ name: "good", register: (scope) => void scope.registerFactory("p:.+", makes("good")) });
  registry.register("mine", new NamedModel("good"));
  const cause = new Error("no network");
  const error = failure(() =>
    registry.use({
      name: "bad",
      register(scope) {
        scope.registerFactory("p:.+", makes("bad"));
        scope.register("yours", new NamedModel("bad"));
        throw cause;
      },
    }),
  );
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(error.message).toContain('Plugin "bad" could not be registered: no network');
  expect(error.cause).toBe(cause);
  expect(registry.create("p:m").modelName).toBe("good");
  expect(registry.list()).toHaveLength(2);
});

test("a plugin that registers later than at once is refused", () => {
  const registry = new ModelRegistry();
  const error = failure(() =>
    registry.use({
      name: "late",
      // oxlint-disable-next-line typescript/no-misused-promises -- what a JavaScript caller may do
      register: async (scope) => {
        scope.registerFactory("p:.+", named);
        await Promise.reject(new Error("nobody would see this"));
      },
    }),
  );
  expect(error.message).toMatch(/"late".*synchronous/);
  expect(registry.list()).toEqual([]);
});

test("a plugin may use another, and both are taken back with it", () => {
  const registry = new ModelRegistry();
  const inner = {
    name: "inner",
    register: (scope: ModelRegistry) => void scope.registerFactory("i:.+", named),
  };
  const outer = { name: "outer", register: (scope: ModelRegistry) => void scope.use(inner) };
  const remove = registry.use(outer);
  expect(registry.canCreate("i:x")).toBe(true);
  remove();
  expect(registry.list()).toEqual([]);
});

test("explain tells which rule decides and which ones it shadows", () => {
  const registry = new ModelRegistry();
  registry.registerBuiltin("p:.+", named, () => []);
  registry.registerFactory(/p:m.*/, named, { source: "mine" });
  registry.register("p:m1", new NamedModel("m"));
  expect(registry.explain("p:m1")).toEqual({
    id: "p:m1",
    provider: "p",
    model: "m1",
    canCreate: true,
    rule: { type: "name", pattern: "p:m1", source: "user" },
    shadowed: [
      { pattern: "/p:m.*/", source: "mine" },
      { pattern: "p:.+", source: "built-in" },
    ],
    suggestions: [],
    reason: expect.any(String) as string,
  });
  expect(registry.explain("p:m2")).toMatchObject({
    rule: { type: "pattern", pattern: "/p:m.*/", source: "mine" },
    shadowed: [{ pattern: "p:.+", source: "built-in" }],
  });
  expect(registry.explain("q:m")).toMatchObject({ canCreate: false, rule: undefined, shadowed: [] });
  for (const id of ["", undefined, "x".repeat(600)]) {
    expect(registry.explain(id as string)).toMatchObject({ canCreate: false, rule: undefined });
  }
});

test("list tells all rules in the order in which they are asked", () => {
  const registry = new ModelRegistry();
  registry.registerBuiltin("a:.+", named, () => []);
  registry.registerBuiltin("b:.+", named, () => []);
  registry.registerFactory("c:.+", named);
  registry.registerFactory("d:.+", named);
  registry.register("e", new NamedModel("e"));
  expect(registry.list().map(({ pattern }) => pattern)).toEqual(["e", "d:.+", "c:.+", "a:.+", "b:.+"]);
});

test("an unknown id is told with what was meant, and which providers there are", () => {
  const registry = new ModelRegistry();
  registry.registerBuiltin("openai:.+", named, () => ["openai:gpt-4.1", "openai:gpt-4.1-mini"]);
  registry.registerBuiltin("ollama:.+", named, () => []);
  registry.registerFactory(/^myprov:.+/, named);
  const message = (id: string): string => failure(() => registry.create(id)).message;
  expect(message("opneai:gpt-4.1")).toContain('Did you mean "openai:gpt-4.1"');
  expect(message("OpenAI:gpt-4.1")).toContain('"openai:gpt-4.1"');
  expect(message("olama:qwen3:8b")).toContain('"ollama:qwen3:8b"');
  expect(message("gpt-4.1")).toContain('"openai:gpt-4.1"');
  expect(message("gpt-4.1")).toContain("names no provider; write provider:model");
  expect(message("myprv:x")).toContain('"myprov:x"');
  expect(message("nothing-like-it:x")).not.toContain("Did you mean");
  expect(message("nothing-like-it:x")).toContain("Providers: myprov, ollama, openai.");
  expect(registry.explain("opneai:gpt-4.1").suggestions).toContain("openai:gpt-4.1");
});

test("a registry without any provider says how to get the built-in ones", () => {
  const error = failure(() => new ModelRegistry().create("openai:gpt-4.1"));
  expect(error.message).toContain('import "rxscope"');
});

test("registries know nothing of each other", () => {
  const one = new ModelRegistry();
  const two = new ModelRegistry();
  one.registerFactory("p:.+", named);
  one.register("mine", new NamedModel("m"));
  expect([two.canCreate("p:m"), two.canCreate("mine"), ModelRegistry.canCreate("p:m")]).toEqual([
    false,
    false,
    false,
  ]);
  ModelRegistry.registerFactory("d:.+", named);
  expect([one.canCreate("d:m"), ModelRegistry.default.canCreate("d:m")]).toEqual([false, true]);
});

test("the static methods act on the registry of the process", () => {
  const dropFactory = ModelRegistry.registerFactory("s:.+", named, { source: "here" });
  const dropName = ModelRegistry.register("mine", new NamedModel("m"));
  const dropPlugin = ModelRegistry.use({
    name: "plugin",
    register: (scope) => void scope.registerFactory("t:.+", named),
  });
  expect(ModelRegistry.create("s:m").modelName).toBe("s:m");
  expect(ModelRegistry.resolve("s:m").modelName).toBe("s:m");
  expect(ModelRegistry.explain("s:m").rule?.source).toBe("here");
  expect(ModelRegistry.list()).toEqual(ModelRegistry.default.list());
  dropFactory();
  dropName();
  dropPlugin();
  expect(["s:m", "mine", "t:m"].map((id) => ModelRegistry.canCreate(id))).toEqual([false, false, false]);
});

test("reset takes away everything but the built-in providers", () => {
  expect(RegistryWithBuiltins).toBe(ModelRegistry);
  ModelRegistry.registerFactory("openai:.+", makes("mine"));
  ModelRegistry.register("test:echo", new NamedModel("mine"));
  ModelRegistry.reset();
  expect(ModelRegistry.explain("openai:gpt-4.1").rule?.source).toBe("built-in");
  expect(ModelRegistry.explain("test:echo").rule?.source).toBe("built-in");
});

test("the built-in providers make models offline, known or not, with key and address of the creation", () => {
  const model = ModelRegistry.create("openai:gpt-4.1", { apiKey: "sk-1", baseUrl: "http://127.0.0.1:1/v1" });
  expect(model).toBeInstanceOf(OpenAIChatModel);
  expect(model).toMatchObject({
    provider: "openai",
    modelName: "gpt-4.1",
    endpoint: { baseUrl: "http://127.0.0.1:1/v1" },
  });
  expect(ModelRegistry.create("openai:gpt-99-turbo", { apiKey: "sk-1" }).card.source).toContain(
    "the catalogue does not know",
  );
  expect(ModelRegistry.create("openai:ft:gpt-4.1:org::id", { apiKey: "sk-1" }).modelName).toBe(
    "ft:gpt-4.1:org::id",
  );
});

test("a missing key is an error of the creation that names the variable, and canCreate does not ask for it", () => {
  const error = failure(() => ModelRegistry.create("openai:gpt-4.1"));
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(error.message).toContain("OPENAI_API_KEY");
  expect(ModelRegistry.canCreate("openai:gpt-4.1")).toBe(true);
  vi.stubEnv("OPENAI_API_KEY", "sk-from-the-environment");
  expect(ModelRegistry.create("openai:gpt-4.1").modelName).toBe("gpt-4.1");
});

test("options, card and formatter of the creation reach the built-in model", async () => {
  const base = ModelRegistry.create("openai:gpt-4.1", { apiKey: "sk-1" });
  const formatter = { format: () => Promise.resolve([]) } as unknown as NonNullable<
    CreateOptions["formatter"]
  >;
  const card = { ...base.card, displayName: "mine" };
  const model = ModelRegistry.create("openai:gpt-4.1", {
    apiKey: "sk-1",
    options: { temperature: 0 },
    retry: 1,
    card,
    formatter,
  });
  expect(model).toMatchObject({
    options: { temperature: 0, retry: 1 },
    card: { displayName: "mine" },
    formatter,
  });
  const echo = ModelRegistry.create("test:echo", { options: { temperature: 0 } });
  expect((await echo.call("Hi")).text).toBe("Hi");
});

test("a credential of the creation makes the model, whatever key it was given beside", () => {
  const made: string[] = [];
  const credential: NonNullable<CreateOptions["credential"]> = {
    createChatModel: (modelName) => {
      made.push(modelName);
      return new NamedModel(modelName);
    },
  };
  ModelRegistry.create("openai:gpt-4.1", { credential, apiKey: "ignored" });
  ModelRegistry.create("openai:ft:x:y", { credential });
  expect(made).toEqual(["gpt-4.1", "ft:x:y"]);
});
