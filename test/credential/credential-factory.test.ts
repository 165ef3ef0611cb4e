import { of } from "rxjs";
import type { Observable } from "rxjs";
import { expect, onTestFinished, test } from "vitest";
import { builtinCredentials, CredentialFactory } from "../../src/index.ts";
import { CredentialBase, type SerializedCredential } from "../../src/credential/credential-base.ts";
import { ConfigurationError } from "../../src/error/errors-by-kind.ts";
import { accumulate } from "../../src/model/accumulate.ts";
import { ChatModelBase } from "../../src/model/chat-model-base.ts";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import type { ModelCard } from "../../src/model/model-card.ts";
import { failure } from "../failures.ts";

class HouseModel extends ChatModelBase {
  protected doStream(): Observable<ChatResponse> {
    return accumulate(of({ text: `${this.modelName} says hello` }), this);
  }
}

/** An account with something that is no HTTP at all. */
class HouseCredential extends CredentialBase {
  static readonly type: string = "house_credential";
  static readonly provider = "house";
  static readonly schema = {
    type: "object",
    title: "The house",
    properties: { type: { const: "house_credential" }, floor: { type: "integer" } },
  };
  readonly type: string = HouseCredential.type;
  readonly provider = "house";
  readonly floor: number;

  constructor(options: { id?: string; name?: string; floor?: number } = {}) {
    super(options, "The house");
    this.floor = options.floor ?? 0;
  }

  headers(): Promise<Record<string, string>> {
    return Promise.resolve({});
  }

  listModels(): Promise<ModelCard[]> {
    return Promise.resolve([this.createChatModel("cat").card]);
  }

  getChatModelClass(): typeof HouseModel {
    return HouseModel;
  }

  createChatModel(modelName: string): ChatModelBase {
    return new HouseModel({ provider: "house", modelName });
  }

  serialize(): SerializedCredential {
    return { type: this.type, id: this.id, name: this.name, floor: this.floor };
  }
}

test("every built-in credential is known by its type and restored from what it stores", () => {
  for (const Credential of builtinCredentials) {
    const { type, facts } = Credential;
    expect(CredentialFactory.list()).toContain(Credential);
    const credential = new Credential({
      apiKey: "key-0123456789",
      name: "Mine",
      baseUrl: "https://example.com/v1",
    });
    const restored = CredentialFactory.from(
      JSON.parse(JSON.stringify(credential.serialize({ secrets: true }))) as { type: string },
    );
    expect(restored).toBeInstanceOf(Credential);
    expect(restored).toMatchObject({ type, provider: facts.provider, id: credential.id, name: "Mine" });
    expect(restored.serialize({ secrets: true })).toEqual(credential.serialize({ secrets: true }));
  }
});

test("every built-in credential describes its form, with the key as a secret", () => {
  const schemas = CredentialFactory.schemas();
  for (const { type, facts } of builtinCredentials) {
    expect(schemas[type]).toMatchObject({
      type: "object",
      title: facts.displayName,
      properties: {
        type: { const: type },
        apiKey: { type: "string", writeOnly: true },
        baseUrl: { type: "string" },
      },
    });
    const { properties, required } = schemas[type] as {
      properties: Record<string, object>;
      required: string[];
    };
    expect(properties["baseUrl"]).toEqual(
      facts.baseUrl === undefined
        ? expect.not.objectContaining({ default: expect.anything() as unknown })
        : expect.objectContaining({ default: facts.baseUrl }),
    );
    expect(required.includes("baseUrl")).toBe(facts.baseUrl === undefined);
  }
});

test("a new type is accepted, restored, listed and taken away", async () => {
  const drop = CredentialFactory.register(HouseCredential);
  onTestFinished(drop);
  const stored: unknown = JSON.parse(JSON.stringify(new HouseCredential({ floor: 3, name: "Upstairs" })));
  const restored = CredentialFactory.from(stored as { type: string });
  expect(restored).toBeInstanceOf(HouseCredential);
  expect(restored).toMatchObject({ floor: 3, name: "Upstairs" });
  expect((await restored.createChatModel("cat").call("Hi")).text).toBe("cat says hello");
  expect(CredentialFactory.schemas()["house_credential"]).toMatchObject({ title: "The house" });
  drop();
  expect(CredentialFactory.list()).not.toContain(HouseCredential);
});

test("an unknown type is an error with those that are known", () => {
  const error = failure(() => CredentialFactory.from({ type: "house_credential" }));
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(error.message).toContain('"house_credential"');
  for (const { type } of builtinCredentials) expect(error.message).toContain(type);
});

test("a class of the same type takes the place of the one before, and giving up the one before changes nothing", () => {
  class NewerHouseCredential extends HouseCredential {}
  const dropFirst = CredentialFactory.register(HouseCredential);
  const dropSecond = CredentialFactory.register(NewerHouseCredential);
  onTestFinished(dropSecond);
  expect(CredentialFactory.from({ type: "house_credential" })).toBeInstanceOf(NewerHouseCredential);
  dropFirst();
  expect(CredentialFactory.from({ type: "house_credential" })).toBeInstanceOf(NewerHouseCredential);
});

test("data that is no stored credential is refused", () => {
  for (const data of [undefined, null, {}, "openai_credential", { type: 7 }, { type: "__proto__" }]) {
    expect(failure(() => CredentialFactory.from(data as { type: string }))).toBeInstanceOf(
      ConfigurationError,
    );
  }
});
