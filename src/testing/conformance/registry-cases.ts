import { ConfigurationError } from "../../error/errors-by-kind.ts";
import type { ModelError } from "../../error/model-error.ts";
import { ModelRegistry } from "../../model/model-registry.ts";
import type { ConformanceCase, ConformanceContext } from "./conformance-context.ts";
import { claim, same, thrownBy } from "./expectations.ts";
import { echoModel } from "../scripted-model.ts";

/** Section P of the table: the subject's models by their ids, in a registry of its own. */
export const registryCases: readonly ConformanceCase[] = [
  {
    id: "P1",
    title: "the provider is what stands before the first colon",
    needs: ["plugin"],
    run: async (context) => {
      const { registry, id, account, provider, modelName } = registered(context);
      const model = registry.create(id, account);
      same([model.provider, model.modelName], [provider, modelName], `what "${id}" makes`);
      const { sent } = await context.send({ model });
      same(sent.messages.length, 1, "the messages");
      same(registry.canCreate(`another-${id}`), false, "whether the plugin claims other providers");
    },
  },
  {
    id: "P2",
    title: "a model's name may have colons of its own",
    needs: ["plugin"],
    run: (context) => {
      const { registry, account, provider } = registered(context);
      for (const name of ["gpt-oss:20b", "team/model-1.5:free", "ft:base:org::1"]) {
        same(registry.create(`${provider}:${name}`, account).modelName, name, "the model's name");
      }
      return Promise.resolve();
    },
  },
  {
    id: "P3",
    title: "blanks around an id are not part of it, and case is",
    needs: ["plugin"],
    run: (context) => {
      const { registry, id, account, modelName } = registered(context);
      same(registry.create(` ${id}\n`, account).modelName, modelName, "the model's name");
      same(registry.canCreate(id.toUpperCase()), false, "whether capitals are another id");
      return Promise.resolve();
    },
  },
  {
    id: "P4",
    title: "an unknown provider is a mistake told with what was probably meant",
    needs: ["plugin"],
    run: (context) => {
      const { registry, id, provider } = registered(context);
      const error = thrownBy(() => registry.create(`${provider}x:m`)) as ModelError | undefined;
      claim(ConfigurationError.isInstance(error), `it gave ${String(error)}`);
      claim(error.message.includes(`"${provider}:m"`), `what was meant is not told: ${error.message}`);
      claim(registry.explain(id).canCreate, "the id that is meant makes nothing");
      return Promise.resolve();
    },
  },
  {
    id: "P5",
    title: "of several patterns that match, the newest of the user's decides",
    needs: ["plugin"],
    run: (context) => {
      const { registry, id, account, plugin } = registered(context);
      registry.registerFactory(".*", (each) => echoModel({ provider: "newest", modelName: each }));
      same(registry.create(id, account).provider, "newest", "the provider");
      const { shadowed } = registry.explain(id);
      same(
        shadowed.map(({ source }) => source),
        [plugin],
        "whose rules explain names",
      );
      return Promise.resolve();
    },
  },
  {
    id: "P6",
    title: "a rule that is taken away gives back what it stood before",
    needs: ["plugin"],
    run: (context) => {
      const { registry, id, account, provider, remove } = registered(context);
      const restore = registry.register(id, echoModel({ provider: "named" }));
      same(registry.create(id, account).provider, "named", "the provider while it is overridden");
      restore();
      same(registry.create(id, account).provider, provider, "the provider after that");
      remove();
      same([registry.list(), registry.canCreate(id)], [[], false], "what is left without the plugin");
      return Promise.resolve();
    },
  },
  {
    id: "P7",
    title: "a factory's own error comes out unchanged",
    needs: ["plugin"],
    run: (context) => {
      const { registry, id, account } = registered(context);
      const own = thrownBy(() => context.model({ apiKey: "" })) as Error | undefined;
      claim(own !== undefined, "an empty key is taken for a key");
      const error = thrownBy(() => registry.create(id, { ...account, apiKey: "" })) as Error | undefined;
      same([error?.constructor, error?.message], [own.constructor, own.message], "the error");
      return Promise.resolve();
    },
  },
];

/** A registry with the subject alone in it. */
function registered(context: ConformanceContext): {
  readonly registry: ModelRegistry;
  readonly remove: () => void;
  readonly plugin: string;
  readonly provider: string;
  readonly modelName: string;
  readonly id: string;
  readonly account: { readonly apiKey: string; readonly baseUrl: string; readonly retry: false };
} {
  const { plugin } = context.subject;
  claim(plugin !== undefined, "the subject has no plugin");
  const registry = new ModelRegistry();
  const remove = registry.use(plugin);
  const { provider, modelName } = context.model();
  return {
    registry,
    remove,
    plugin: plugin.name,
    provider,
    modelName,
    id: `${provider}:${modelName}`,
    account: { apiKey: context.key, baseUrl: context.baseUrl, retry: false },
  };
}
