import { expect, test } from "vitest";
import { builtinCredentials } from "../../src/credential/builtin-credentials.ts";
import { catalogOf } from "../../src/credential/catalog/catalog.ts";
import { conformanceCases, defineConformance, openaiChatFixtures, runConformance } from "../../src/testing/index.ts";

/** A model that takes every option, so that every case says something. */
const MODEL: Readonly<Record<string, string>> = { openai: "gpt-4.1" };

for (const Credential of builtinCredentials) {
  const { provider } = Credential.facts;
  defineConformance(
    {
      name: provider,
      fixtures: openaiChatFixtures,
      createModel: ({ baseUrl, apiKey, options }) => {
        const model = MODEL[provider] ?? catalogOf(provider).cards("chat")[0]?.modelName ?? "default";
        return new Credential({ baseUrl, apiKey }).createChatModel(model, { options });
      },
    },
    test,
  );
}

test("a case that fails is told with its reason, and the run goes on", async () => {
  const [Credential] = builtinCredentials;
  const results = await runConformance({
    name: "broken",
    fixtures: { ...openaiChatFixtures, finishReasons: { stop: "length" } },
    createModel: ({ baseUrl, apiKey, options }) =>
      new (Credential as (typeof builtinCredentials)[number])({ baseUrl, apiKey }).createChatModel("gpt-4.1", { options }),
    skips: { J7: "takes its time" },
  });
  expect(results).toHaveLength(conformanceCases.length);
  expect(results.find(({ id }) => id === "H1")).toMatchObject({ outcome: "fail", reason: /stop/ });
  expect(results.find(({ id }) => id === "J7")).toMatchObject({ outcome: "skip", reason: "takes its time" });
  expect(results.find(({ id }) => id === "D1")).toMatchObject({ outcome: "pass" });
}, 60_000);

test("a skip of an unknown case, or without a reason, is refused", async () => {
  const subject = { name: "x", fixtures: openaiChatFixtures, createModel: () => Promise.reject(new Error("never")) as never };
  await expect(runConformance({ ...subject, skips: { Z9: "because" } })).rejects.toThrow("there is no such case");
  await expect(runConformance({ ...subject, skips: { C1: " " } })).rejects.toThrow("without a reason");
});

test("no two cases have the same id", () => {
  const ids = conformanceCases.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
