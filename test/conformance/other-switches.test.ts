import { test } from "vitest";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "../../src/index.ts";
import { credentialSubject } from "../../src/testing/conformance/credential-subject.ts";
import { openaiChatFixtures } from "../../src/testing/conformance/openai-chat-fixtures.ts";
import { defineConformance } from "../../src/testing/conformance/run-conformance.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

/** A vendor that does everything otherwise than OpenAI, and has two variables for its key. */
const ELSEWHERE: OpenAICompatibleVendor = {
  provider: "elsewhere",
  type: "elsewhere_credential",
  displayName: "Elsewhere",
  baseUrl: "https://api.elsewhere.example/v1",
  keyVariables: ["ELSEWHERE_API_KEY", "ELSEWHERE_TOKEN"],
  baseUrlVariables: [],
  switches: {
    maxTokensField: "max_tokens",
    systemRole: "system",
    streamOptions: false,
    reasoningField: "reasoning_content",
    names: false,
    emptyContent: "empty",
    toolChoice: [],
    structuredOutput: "json_object",
    toolCallId: { pattern: /^[a-zA-Z0-9]{9}$/, maxLength: 9 },
    plainText: false,
    thinkTags: true,
  },
};

class ElsewhereCredential extends OpenAICompatibleCredential {
  static override readonly facts: OpenAICompatibleVendor = ELSEWHERE;

  constructor(options: OpenAICompatibleOptions = {}) {
    super(ELSEWHERE, options);
  }
}

const subject = credentialSubject(ElsewhereCredential, openaiChatFixtures(ELSEWHERE.switches));

defineConformance(subject, { test, environment: process.env });

for (const reasoningField of ["reasoning", "reasoning_details"] as const) {
  const switches = { ...ELSEWHERE.switches, reasoningField };
  const createModel: typeof subject.createModel = ({ options, card, ...account }) =>
    new ElsewhereCredential({ ...account, switches }).createChatModel("m", { options, card });
  const name = `a server that takes ${reasoningField} back`;
  defineConformance(
    { name, createModel, fixtures: openaiChatFixtures(switches) },
    { test, only: ["F5", "F6", "F7", "F8"] },
  );
}
