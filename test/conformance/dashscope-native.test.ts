// DashScope's own wire, in each of its forms. The compatible mode, the credential's default, is run with its like.
import { test } from "vitest";
import { DashScopeCredential } from "../../src/credential/dashscope.ts";
import { dashscopeFixtures } from "../../src/testing/conformance/dashscope-fixtures.ts";
import { defineConformance } from "../../src/testing/conformance/run-conformance.ts";
import { NATIVE, nativeDashScope } from "./builtin-subjects.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

defineConformance(nativeDashScope.subject, { test, environment: process.env });

/** The cases that are about how an answer is put together. */
const ANSWERS = ["C1", "C2", "C3", "D1", "D2", "D3", "E1", "E2", "F1", "G1", "H1", "H2"];

for (const [name, fixtures, options] of [
  ["lists of parts", dashscopeFixtures({ endpoint: "multimodal" }), {}],
  [
    "events that repeat all so far",
    dashscopeFixtures({ output: "cumulative" }),
    { providerOptions: { dashscope: { incrementalOutput: false } } },
  ],
] as const) {
  defineConformance(
    {
      name: `DashScopeCredential (native, ${name})`,
      fixtures,
      createModel: ({ modelName = "qwen-plus", card, ...account }) =>
        new DashScopeCredential({
          ...account,
          ...NATIVE,
          options: { ...options, ...account.options },
        }).createChatModel(modelName, { card }),
    },
    { test, only: ANSWERS },
  );
}
