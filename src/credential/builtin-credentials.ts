import { AnthropicCredential } from "./anthropic.ts";
import type { CredentialClass } from "./credential-base.ts";
import type { HttpCredential, HttpCredentialOptions, VendorFacts } from "./http-credential.ts";
import { OpenAICredential } from "./openai.ts";

/** A built-in class of credentials: its facts are known without an instance. */
export interface BuiltinCredentialClass extends Omit<CredentialClass, "new"> {
  new (options?: HttpCredentialOptions): HttpCredential;
  readonly facts: VendorFacts;
}

/** Every provider that comes with the library. Registry, factory, CLI, tests and docs go by this list. */
export const builtinCredentials: readonly BuiltinCredentialClass[] = [OpenAICredential, AnthropicCredential];
