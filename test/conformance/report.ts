import { DELIVERIES } from "../../src/testing/conformance/byte-delivery.ts";
import type { ConformanceCase } from "../../src/testing/conformance/conformance-context.ts";
import { conformanceCases } from "../../src/testing/conformance/run-conformance.ts";
import type { BuiltinSubject } from "./builtin-subjects.ts";

/** What only a run can tell. */
export interface RunFigures {
  readonly calls: number;
  /** Of the run, as `2026-11-30`. */
  readonly date: string;
}

export const SECTIONS: Readonly<Record<string, string>> = {
  A: "Construction",
  B: "Requests",
  C: "Streams",
  D: "Accumulation",
  E: "Tools",
  F: "Reasoning",
  G: "Usage",
  H: "Finish reasons",
  I: "Errors",
  J: "Cancelling and time",
  K: "Retry and fallback",
  L: "Formatters",
  M: "Structured output",
  N: "Media",
  O: "Tokens",
  P: "Registry",
  Q: "Reactive",
};

/**
 * The page that says which provider does what: what is not declared as a skip passes, or there would be no page.
 *
 * @param subjects the columns
 */
export function reportPage(subjects: readonly BuiltinSubject[], { calls, date }: RunFigures): string {
  const isRun = ({ id }: ConformanceCase): boolean => subjects.some((each) => skipOf(each, id) === undefined);
  const run = conformanceCases.filter(isRun);
  const cells = run.flatMap(({ id }) => subjects.map((each) => skipOf(each, id)));
  const passed = cells.filter((skip) => skip === undefined).length;
  const lines = [
    "# Conformance",
    "",
    "Every provider is held to one table of behaviours, offline, against a server that controls every byte. This page is written by",
    "`npm run conformance:report`, which runs the table and writes nothing unless everything passes; `npm test` runs the same table.",
    "[testing.md](testing.md#the-conformance-kit) shows how to run it over a provider of your own.",
    "",
    `- ${run.length} cases × ${subjects.length} providers: ${passed} pass, ${cells.length - passed} are declared skips, each with its reason below.`,
    `- Every stream of the cases on answers in ${DELIVERIES.length} deliveries: ${DELIVERIES.join(", ")}; then cut at several places, reset, and ended by an error.`,
    `- ${calls} calls of models were made, on ${date}.`,
  ];
  for (const [letter, title] of Object.entries(SECTIONS)) {
    const cases = conformanceCases.filter(({ id }) => id.startsWith(letter));
    lines.push("", `## ${letter} ${title}`, "", ...matrix(cases.filter(isRun), subjects));
    for (const each of cases)
      lines.push(...skipLines(subjects, each.id, isRun(each) ? each.id : `${each.id} ${each.title}`));
  }
  return `${lines.join("\n")}\n`;
}

function matrix(cases: readonly ConformanceCase[], subjects: readonly BuiltinSubject[]): string[] {
  if (cases.length === 0) return [];
  return [
    row(["case", "", ...subjects.map(({ label }) => label)]),
    row(["---", "---", ...subjects.map(() => ":-:")]),
    ...cases.map(({ id, title }) =>
      row([id, title, ...subjects.map((each) => (skipOf(each, id) === undefined ? "✓" : "skip"))]),
    ),
    "",
  ];
}

/** Why a case does not run for a subject. */
function skipOf({ subject }: BuiltinSubject, id: string): string | undefined {
  const skipped = conformanceCases.find((each) => each.id === id)?.skipped;
  return subject.skips?.[id] ?? subject.fixtures.skips[id] ?? skipped;
}

/** A line for each reason why the case is skipped, with those who skip it. */
function skipLines(subjects: readonly BuiltinSubject[], id: string, name: string): string[] {
  const labels = new Map<string, string[]>();
  for (const each of subjects) {
    const reason = skipOf(each, id);
    if (reason !== undefined) labels.set(reason, [...(labels.get(reason) ?? []), each.label]);
  }
  return [...labels].map(([reason, who]) => {
    const all = who.length === subjects.length ? "all" : who.join(", ");
    return `- **${name}**, ${all}: ${reason}`;
  });
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
