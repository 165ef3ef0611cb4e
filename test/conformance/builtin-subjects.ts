import { builtinCredentials } from "../../src/credential/builtin-credentials.ts";
import { DashScopeCredential, type DashScopeCredentialOptions } from "../../src/credential/dashscope.ts";
import type { ConformanceSubject } from "../../src/testing/conformance/conformance-context.ts";
import { credentialSubject } from "../../src/testing/conformance/credential-subject.ts";
import { dashscopeFixtures } from "../../src/testing/conformance/dashscope-fixtures.ts";
import { fixturesOf } from "./wire-fixtures-of.ts";

/** How a DashScope account speaks its own wire. */
export const NATIVE: DashScopeCredentialOptions = { mode: "native" };

/** A provider that is held to the whole table. */
export interface BuiltinSubject {
  /** What the report calls it. */
  readonly label: string;
  readonly subject: ConformanceSubject;
}

/** Every built-in credential on its usual wire. */
export const usualSubjects: readonly (BuiltinSubject & {
  readonly credential: (typeof builtinCredentials)[number];
})[] = builtinCredentials.map((credential) => ({
  label: credential.facts.provider,
  subject: credentialSubject(credential, fixturesOf(credential)),
  credential,
}));

/** DashScope's own wire; the compatible mode is the credential's default. */
export const nativeDashScope: BuiltinSubject = {
  label: "dashscope (native)",
  subject: credentialSubject(DashScopeCredential, dashscopeFixtures(), {}, NATIVE),
};

/** All that the library promises the whole table of. */
export const builtinSubjects: readonly BuiltinSubject[] = [...usualSubjects, nativeDashScope];
