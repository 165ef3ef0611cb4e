import { catalogOf } from "../../credential/catalog/catalog.ts";
import type { CredentialClass } from "../../credential/credential-base.ts";
import { credentialPlugin } from "../../credential/credential-plugin.ts";
import type { HttpCredential, HttpCredentialOptions, VendorFacts } from "../../credential/http-credential.ts";
import type { ModelCard } from "../../model/model-card.ts";
import type { ConformanceSubject, ModelSetup } from "./conformance-context.ts";
import type { WireFixtures } from "./wire-fixtures.ts";

/** A class of credentials over HTTP, as the built-in ones are. */
export interface TestableCredentialClass<
  Options extends HttpCredentialOptions = HttpCredentialOptions,
> extends Omit<CredentialClass, "new"> {
  new (options?: Options): HttpCredential;
  readonly facts: VendorFacts;
}

/**
 * A class of credentials as a subject: its facts tell the variables of its key, its catalogue the models whose settings are
 * looked at. Skips that follow from what its models can do are declared by the catalogue.
 *
 * @param skips more cases that cannot hold, each with its reason
 * @param own options of its own that every account is made with, for a class that speaks several wires: `{ mode: "native" }`
 */
export function credentialSubject<Options extends HttpCredentialOptions>(
  credentialClass: TestableCredentialClass<Options>,
  fixtures: WireFixtures,
  skips: Readonly<Record<string, string>> = {},
  own: Partial<Omit<Options, keyof HttpCredentialOptions>> = {},
): ConformanceSubject {
  const { facts } = credentialClass;
  const cards = catalogOf(facts)
    .cards("chat")
    .filter(({ status }) => status !== "sunset");
  // The first model is the one of most cases: it should take as many options as there are.
  const models = cards.toSorted((a, b) => optionsOf(b) - optionsOf(a)).map(({ modelName }) => modelName);
  const createCredential = ({ baseUrl, apiKey, headers, options }: ModelSetup): HttpCredential =>
    new credentialClass({ ...own, baseUrl, apiKey, headers, options } as Options);
  return {
    name: [credentialClass.name, ...Object.values(own).map((value) => `(${String(value)})`)].join(" "),
    fixtures: facts.keyHeader === undefined ? fixtures : { ...fixtures, keyHeader: facts.keyHeader },
    createCredential,
    createModel: (setup) =>
      createCredential(setup).createChatModel(setup.modelName ?? models[0] ?? "default", {
        card: setup.card,
        formatter: setup.formatter,
      }),
    plugin: credentialPlugin(credentialClass as CredentialClass, own),
    keyVariables: facts.keyVariables,
    models,
    skips: {
      ...(facts.keyVariables.length === 0 && { A2: "it has no variable for a key" }),
      ...((facts.keyOptional === true || facts.keyVariables.length === 0) && {
        A3: "it works without a key",
      }),
      ...(models.length === 0 && { I7: "its models are not known beforehand" }),
      ...(!cards.some(hasEfforts) && { F9: "none of its models takes an effort" }),
      ...(!cards.some(({ capabilities }) => capabilities.sampling !== "always") && {
        F10: "all of its models sample freely",
      }),
      ...skips,
    },
  };
}

function optionsOf({ parameterSchema }: ModelCard): number {
  return Object.keys(parameterSchema["properties"] ?? {}).length;
}

function hasEfforts(card: ModelCard): boolean {
  return JSON.stringify(card.parameterSchema).includes('"effort":{"type":"string","enum"');
}
