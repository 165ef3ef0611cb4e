/** The only module with a side effect: it makes the built-in providers known. */
import { builtinCredentials } from "./credential/builtin-credentials.ts";
import { catalogOf } from "./credential/catalog/catalog.ts";
import { CredentialFactory } from "./credential/credential-factory.ts";
import { modelFactory } from "./credential/credential-plugin.ts";
import { ModelRegistry } from "./model/model-registry.ts";
import { echoModel } from "./testing/scripted-model.ts";

for (const Credential of builtinCredentials) {
  CredentialFactory.register(Credential);
  const { facts } = Credential;
  for (const prefix of [facts.provider, ...(facts.aliases ?? [])]) {
    ModelRegistry.default.registerBuiltin(`${prefix}:.+`, modelFactory(Credential, `${prefix}:`), () =>
      catalogOf(facts)
        .cards("chat")
        .map(({ modelName }) => `${prefix}:${modelName}`),
    );
  }
  if (facts.bareNames !== undefined)
    ModelRegistry.default.registerBuiltin(facts.bareNames, modelFactory(Credential), () => []);
}

ModelRegistry.default.registerBuiltin(
  "test:echo",
  (_id, { options, card }) => echoModel({ options, card }),
  () => ["test:echo"],
);
