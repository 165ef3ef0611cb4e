/** rxscope with its built-in providers. */
import "./builtin.ts";

export * from "./core.ts";
export * from "./credential/builtin-credentials.ts";
export {
  HttpCredential,
  type HttpCredentialOptions,
  type ListedModel,
  type ModelListPage,
  type VendorFacts,
} from "./credential/http-credential.ts";
export {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./credential/openai-compatible-credential.ts";
