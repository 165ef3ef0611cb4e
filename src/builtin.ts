/** The only module with a side effect: it makes the built-in providers known. */
import { builtinCredentials } from "./credential/builtin-credentials.ts";
import { catalogOf } from "./credential/catalog/catalog.ts";
import { CredentialFactory } from "./credential/credential-factory.ts";
import type { ChatModelBase } from "./model/chat-model-base.ts";
import { type CreateOptions, ModelRegistry } from "./model/model-registry.ts";
import { echoModel } from "./testing/scripted-model.ts";

for (const Credential of builtinCredentials) {
  CredentialFactory.register(Credential);
  const { facts } = Credential;
  const modelOf = (
    name: string,
    { credential, apiKey, baseUrl, formatter, options, card, tokenCounter }: CreateOptions,
  ): ChatModelBase => {
    const account = credential ?? new Credential({ apiKey, baseUrl });
    return account.createChatModel(name, { formatter, options, card, tokenCounter });
  };
  for (const prefix of [facts.provider, ...(facts.aliases ?? [])]) {
    ModelRegistry.default.registerBuiltin(
      `${prefix}:.+`,
      (id, options) => modelOf(id.slice(prefix.length + 1), options),
      () =>
        catalogOf(facts)
          .cards("chat")
          .map(({ modelName }) => `${prefix}:${modelName}`),
    );
  }
  if (facts.bareNames !== undefined)
    ModelRegistry.default.registerBuiltin(facts.bareNames, modelOf, () => []);
}

ModelRegistry.default.registerBuiltin(
  "test:echo",
  (_id, { options, card }) => echoModel({ options, card }),
  () => ["test:echo"],
);
