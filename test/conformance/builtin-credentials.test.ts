import { expect, test } from "vitest";
import { builtinCredentials } from "../../src/credential/builtin-credentials.ts";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleVendor,
} from "../../src/credential/openai-compatible-credential.ts";
import type { BuiltinCredentialClass } from "../../src/credential/builtin-credentials.ts";
import { credentialSubject } from "../../src/testing/conformance/credential-subject.ts";
import { openaiChatFixtures } from "../../src/testing/conformance/openai-chat-fixtures.ts";
import { defineConformance } from "../../src/testing/conformance/run-conformance.ts";
import type { WireFixtures } from "../../src/testing/conformance/wire-fixtures.ts";

/** The bytes of each wire, and how a class that speaks it is known. */
const WIRES: readonly ((credential: BuiltinCredentialClass) => WireFixtures | undefined)[] = [
  (credential) =>
    credential.prototype instanceof OpenAICompatibleCredential
      ? {
          ...openaiChatFixtures((credential.facts as OpenAICompatibleVendor).switches),
          keyHeader: credential.facts.keyHeader ?? "authorization",
        }
      : undefined,
];

for (const credential of builtinCredentials) {
  const fixtures = WIRES.map((fixturesFor) => fixturesFor(credential)).find((found) => found !== undefined);
  if (fixtures === undefined) {
    test(`the wire of ${credential.name} has fixtures`, () => expect.fail("it has none"));
    continue;
  }
  defineConformance(credentialSubject(credential, fixtures), { test, environment: process.env });
}
