import type { ConformanceCase } from "./conformance-context.ts";

const NO_FALLBACK = "the library has no fallback between models";

/** Rows of the table that nobody can run: what the library lacks. */
export const missingCases: readonly ConformanceCase[] = [
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
];
