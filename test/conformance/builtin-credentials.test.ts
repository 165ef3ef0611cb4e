import { expect, test } from "vitest";
import { type BuiltinCredentialClass, builtinCredentials } from "../../src/credential/builtin-credentials.ts";
import type { OpenAICompatibleVendor } from "../../src/credential/openai-compatible-credential.ts";
import { OpenAIChatModel } from "../../src/model/openai-chat-model.ts";
import { credentialSubject } from "../../src/testing/conformance/credential-subject.ts";
import { openaiChatFixtures } from "../../src/testing/conformance/openai-chat-fixtures.ts";
import { defineConformance } from "../../src/testing/conformance/run-conformance.ts";
import type { WireFixtures } from "../../src/testing/conformance/wire-fixtures.ts";

/** The bytes of each wire, by the class of the models that speak it. */
const WIRES: readonly (readonly [
  modelClass: { readonly prototype: object },
  fixturesFor: (facts: BuiltinCredentialClass["facts"]) => WireFixtures,
])[] = [[OpenAIChatModel, (facts: OpenAICompatibleVendor) => openaiChatFixtures(facts.switches)]];

function fixturesOf(credential: BuiltinCredentialClass): WireFixtures | undefined {
  const account = new credential({ apiKey: "sk-any", baseUrl: "http://127.0.0.1" });
  const { prototype } = account.getChatModelClass();
  const [, fixturesFor] =
    WIRES.find(([wire]) => prototype === wire.prototype || prototype instanceof (wire as never)) ?? [];
  return fixturesFor?.(credential.facts);
}

for (const credential of builtinCredentials) {
  const fixtures = fixturesOf(credential);
  if (fixtures === undefined) {
    test(`the wire of ${credential.name} has fixtures`, () => expect.fail("it has none"));
    continue;
  }
  defineConformance(credentialSubject(credential, fixtures), { test, environment: process.env });
}
