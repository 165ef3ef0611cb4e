// What the author of the plugin runs: the whole conformance table, and what only this provider has.
import { CredentialFactory, ModelRegistry } from "rxscope";
import { ByteServer, credentialSubject, defineConformance, forbidNetwork } from "rxscope/testing";
import { afterAll, expect, test } from "vitest";
import { ParleyChatModel, ParleyCredential } from "./index.ts";
import { parleyFixtures } from "./parley-fixtures.ts";

afterAll(forbidNetwork());

defineConformance(credentialSubject(ParleyCredential, parleyFixtures), { test, environment: process.env });

test("ids and stored accounts make its models", () => {
  const model = ModelRegistry.create("parley:small", { apiKey: "any" });
  expect(model).toBeInstanceOf(ParleyChatModel);
  const account = CredentialFactory.from({ type: "parley_credential", apiKey: "any" });
  expect(account.createChatModel("small")).toMatchObject({ provider: "parley", modelName: "small" });
});

test("the list of models is the provider's", async () => {
  const server = await ByteServer.start();
  server.script({
    headers: { "content-type": "application/json" },
    pieces: ['{"models":["small","large"]}'],
  });
  const cards = await new ParleyCredential({ apiKey: "any", baseUrl: server.url }).listModels("chat");
  expect(cards.map(({ modelName, live }) => [modelName, live])).toEqual([
    ["small", true],
    ["large", true],
  ]);
  await server.close();
});
