/** rxscope with its built-in providers. */
import "./builtin.ts";

export * from "./core.ts";
export { AnthropicCredential, type AnthropicCredentialOptions } from "./credential/anthropic.ts";
export { builtinCredentials } from "./credential/builtin-credentials.ts";
export {
  HttpCredential,
  type HttpCredentialOptions,
  type VendorFacts,
} from "./credential/http-credential.ts";
export {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./credential/openai-compatible-credential.ts";
export { OpenAICredential, type OpenAICredentialOptions } from "./credential/openai.ts";
