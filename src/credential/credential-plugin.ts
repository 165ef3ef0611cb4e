import type { ModelFactory, ModelPlugin } from "../model/model-registry.ts";
import type { CredentialClass } from "./credential-base.ts";

/**
 * A class of credentials as a plugin of the registry: every id `provider:model` makes a model of a new account, or of the
 * one that is passed.
 *
 * @param own options that every new account is made with; what an id is created with wins
 * @example
 * ```ts
 * import { credentialPlugin, GroqCredential, ModelRegistry } from "rxscope";
 *
 * ModelRegistry.use(credentialPlugin(GroqCredential, { baseUrl: "https://groq.example/v1" }));
 * const model = ModelRegistry.create("groq:llama-3.3-70b-versatile", { apiKey: "gsk-example" });
 * ```
 */
export function credentialPlugin(
  credentialClass: CredentialClass,
  own: Readonly<Record<string, unknown>> = {},
): ModelPlugin {
  const { provider } = credentialClass;
  const pattern = `${provider.replaceAll(/[^\w-]/g, "\\$&")}:.+`;
  return {
    name: provider,
    register: (registry) =>
      void registry.registerFactory(pattern, modelFactory(credentialClass, `${provider}:`, own)),
  };
}

/**
 * Makes the models of accounts by their ids.
 *
 * @param prefix what stands before the model's name
 */
export function modelFactory(
  credentialClass: CredentialClass,
  prefix = "",
  own: Readonly<Record<string, unknown>> = {},
): ModelFactory {
  return (id, { credential, apiKey, baseUrl, formatter, options, card, tokenCounter }) => {
    const given = Object.entries({ apiKey, baseUrl }).filter(([, value]) => value !== undefined);
    const account = credential ?? new credentialClass({ ...own, ...Object.fromEntries(given) });
    return account.createChatModel(id.slice(prefix.length), { formatter, options, card, tokenCounter });
  };
}
