import type { ConformanceCase } from "./conformance-context.ts";

const NO_FALLBACK = "the library has no fallback between models";
const FORMATTER = "a formatter needs no model: it has its own golden files";
const REGISTRY = "the registry knows no provider: it has its own tests";

/** Rows of the table that the kit does not run: what the library lacks, and what does not depend on the provider. */
export const casesElsewhere: readonly ConformanceCase[] = [
  {
    id: "K4",
    title: "a fallback chain is tried in order, and its error lists every failure",
    skipped: NO_FALLBACK,
  },
  {
    id: "K5",
    title: "each model of a fallback chain formats the messages itself",
    skipped: NO_FALLBACK,
  },
  { id: "K6", title: "an abort stops a fallback chain", skipped: NO_FALLBACK },
  {
    id: "L1",
    title: "the Chat formatter writes its golden files",
    skipped: FORMATTER,
  },
  {
    id: "L2",
    title: "the MultiAgent formatter writes its golden files",
    skipped: FORMATTER,
  },
  {
    id: "L3",
    title: "tool messages never become history",
    skipped: FORMATTER,
  },
  { id: "P1", title: "the provider is what stands before the first colon", skipped: REGISTRY },
  { id: "P2", title: "a model's name may have colons of its own", skipped: REGISTRY },
  { id: "P3", title: "blanks around an id are not part of it, and case is", skipped: REGISTRY },
  {
    id: "P4",
    title: "an unknown provider is a mistake told with what was probably meant",
    skipped: REGISTRY,
  },
  { id: "P5", title: "of several patterns that match, the newest of the user's decides", skipped: REGISTRY },
  { id: "P6", title: "a rule that is taken away gives back what it stood before", skipped: REGISTRY },
  { id: "P7", title: "a factory's own error comes out unchanged", skipped: REGISTRY },
];
