import type { BuiltinCredentialClass } from "../../src/credential/builtin-credentials.ts";
import type { OpenAICompatibleVendor } from "../../src/credential/openai-compatible-credential.ts";
import { AnthropicChatModel } from "../../src/model/anthropic-chat-model.ts";
import { GeminiChatModel } from "../../src/model/gemini-chat-model.ts";
import { OllamaChatModel } from "../../src/model/ollama-chat-model.ts";
import { OpenAIChatModel } from "../../src/model/openai-chat-model.ts";
import { anthropicFixtures } from "../../src/testing/conformance/anthropic-fixtures.ts";
import { geminiFixtures } from "../../src/testing/conformance/gemini-fixtures.ts";
import { ollamaFixtures } from "../../src/testing/conformance/ollama-fixtures.ts";
import { openaiChatFixtures } from "../../src/testing/conformance/openai-chat-fixtures.ts";
import type { WireFixtures } from "../../src/testing/conformance/wire-fixtures.ts";

interface ModelClass {
  readonly prototype: object;
}

/** The bytes of each wire, by the class of the models that speak it. */
const WIRES: readonly (readonly [ModelClass, (facts: BuiltinCredentialClass["facts"]) => WireFixtures])[] = [
  [OpenAIChatModel, (facts: OpenAICompatibleVendor) => openaiChatFixtures(facts.switches)],
  [AnthropicChatModel, () => anthropicFixtures()],
  [GeminiChatModel, () => geminiFixtures()],
  [OllamaChatModel, () => ollamaFixtures()],
];

/**
 * What a built-in credential's server sends.
 *
 * @throws when its wire has no fixtures: they belong in the list above
 */
export function fixturesOf(credential: BuiltinCredentialClass): WireFixtures {
  const wire = WIRES.find(([modelClass]) => speaks(credential, modelClass));
  if (wire === undefined) throw new Error(`There are no fixtures for the wire of ${credential.name}.`);
  return wire[1](credential.facts);
}

/** Whether a credential's models are of this class. */
export function speaks(credential: BuiltinCredentialClass, modelClass: ModelClass): boolean {
  const account = new credential({ apiKey: "sk-any", baseUrl: "http://127.0.0.1" });
  const { prototype } = account.getChatModelClass() as ModelClass;
  return (
    prototype === modelClass.prototype || Object.prototype.isPrototypeOf.call(modelClass.prototype, prototype)
  );
}
