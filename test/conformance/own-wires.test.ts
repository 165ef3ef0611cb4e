import { test } from "vitest";
import { builtinCredentials } from "../../src/credential/builtin-credentials.ts";
import { OpenAIChatModel } from "../../src/model/openai-chat-model.ts";
import { credentialSubject } from "../../src/testing/conformance/credential-subject.ts";
import { defineConformance } from "../../src/testing/conformance/run-conformance.ts";
import { fixturesOf, speaks } from "./wire-fixtures-of.ts";

for (const credential of builtinCredentials.filter((each) => !speaks(each, OpenAIChatModel))) {
  defineConformance(credentialSubject(credential, fixturesOf(credential)), {
    test,
    environment: process.env,
  });
}
