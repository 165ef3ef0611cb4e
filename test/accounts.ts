import { type BuiltinCredentialClass, builtinCredentials } from "../src/credential/builtin-credentials.ts";
import { catalogOf } from "../src/credential/catalog/catalog.ts";
import { DashScopeCredential } from "../src/credential/dashscope.ts";
import type { ChatModelBase } from "../src/model/chat-model-base.ts";
import type { ChatModelOptions } from "../src/model/model-registry.ts";
import type { ConformanceSubject } from "../src/testing/conformance/conformance-context.ts";
import { credentialSubject } from "../src/testing/conformance/credential-subject.ts";
import { dashscopeFixtures } from "../src/testing/conformance/dashscope-fixtures.ts";
import type { WireFixtures } from "../src/testing/conformance/wire-fixtures.ts";
import { fixturesOf } from "./conformance/wire-fixtures-of.ts";

/** An account whose models answer, and are asked to go on with what others answered. */
export interface Account {
  readonly name: string;
  readonly provider: string;
  readonly subject: ConformanceSubject;
  /** What stands between a server's address and the paths of this account. */
  readonly basePath: string;
  /** One model of each sort: they differ in what they read and in how they think. */
  readonly modelNames: readonly [string, ...string[]];
  createModel(baseUrl: string, modelName: string, options: ChatModelOptions): ChatModelBase;
}

/** How an account is made. */
interface AccountSetup {
  readonly credential: BuiltinCredentialClass;
  readonly fixtures: WireFixtures;
  /** Options of its own that the account is made with. */
  readonly own?: object;
  /** @default that of the provider's own address */
  readonly basePath?: string;
}

/** An account of a class of credentials. */
export function accountOf({ credential, fixtures, own = {}, basePath }: AccountSetup): Account {
  const subject = credentialSubject(credential, fixtures, {}, own);
  const cards = catalogOf(credential.facts)
    .cards("chat")
    .filter(({ status }) => status !== "sunset");
  const sorts = new Map(
    cards.map(({ inputTypes, capabilities, modelName }) => {
      const { reasoning, tools, systemRole, signedToolCalls, adaptiveThinking } = capabilities;
      const sort = [inputTypes, reasoning, tools, systemRole, signedToolCalls, adaptiveThinking];
      return [JSON.stringify(sort), modelName];
    }),
  );
  const [first = "any-model", ...others] = sorts.values();
  return {
    name: subject.name,
    provider: credential.facts.provider,
    subject,
    basePath: basePath ?? pathOf(credential),
    modelNames: [first, ...others],
    createModel: (baseUrl, modelName, options) =>
      new credential({ ...own, baseUrl, apiKey: "sk-any" }).createChatModel(modelName, options),
  };
}

function pathOf({ facts }: BuiltinCredentialClass): string {
  return facts.baseUrl === undefined ? "" : new URL(facts.baseUrl).pathname.replace(/\/$/, "");
}

/** Every built-in provider, and the second wire of the one that has two. */
export const accounts: readonly Account[] = [
  ...builtinCredentials.map((credential) => accountOf({ credential, fixtures: fixturesOf(credential) })),
  accountOf({
    credential: DashScopeCredential,
    fixtures: dashscopeFixtures(),
    own: { mode: "native" },
    basePath: dashscopeFixtures().basePath,
  }),
];
