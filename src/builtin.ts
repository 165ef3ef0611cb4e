/** The only module with a side effect: it makes the built-in providers known. */
import { builtinCredentials } from "./credential/builtin-credentials.ts";
import { catalogOf } from "./credential/catalog/catalog.ts";
import { CredentialFactory } from "./credential/credential-factory.ts";
import { ModelRegistry } from "./model/model-registry.ts";
import { echoModel } from "./testing/scripted-model.ts";

for (const Credential of builtinCredentials) {
  CredentialFactory.register(Credential);
  const { provider, aliases = [] } = Credential.facts;
  for (const prefix of [provider, ...aliases]) {
    ModelRegistry.default.registerBuiltin(
      `${prefix}:.+`,
      (id, { credential, apiKey, baseUrl, formatter, options, card }) => {
        const account = credential ?? new Credential({ apiKey, baseUrl });
        return account.createChatModel(id.slice(prefix.length + 1), { formatter, options, card });
      },
      () =>
        catalogOf(Credential.facts)
          .cards("chat")
          .map(({ modelName }) => `${prefix}:${modelName}`),
    );
  }
}

ModelRegistry.default.registerBuiltin(
  "test:echo",
  (_id, { options, card }) => echoModel({ options, card }),
  () => ["test:echo"],
);
