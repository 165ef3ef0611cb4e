import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { conformanceCases } from "../../src/testing/conformance/run-conformance.ts";
import { builtinSubjects } from "./builtin-subjects.ts";
import { reportPage, SECTIONS } from "./report.ts";

/** Without the blanks that the formatter aligns tables with. */
function content(text: string): string[] {
  return text
    .replaceAll(/ *\| */g, "|")
    .replaceAll(/:?-{2,}:?/g, "---")
    .replaceAll(/:-:/g, "---")
    .split("\n")
    .filter((line) => line !== "");
}

test("docs/conformance.md has the cases, providers and skips of today: npm run conformance:report", () => {
  const page = readFileSync(new URL("../../docs/conformance.md", import.meta.url), "utf8");
  const [, calls, date] = /^- (\d+) calls of models were made, on (\d{4}-\d\d-\d\d)\.$/m.exec(page) ?? [];
  expect(Number(calls)).toBeGreaterThan(conformanceCases.length * builtinSubjects.length);
  expect(content(page)).toEqual(
    content(reportPage(builtinSubjects, { calls: Number(calls), date: String(date) })),
  );
});

test("every case belongs to a section", () => {
  expect(conformanceCases.filter(({ id }) => SECTIONS[id[0] ?? ""] === undefined)).toEqual([]);
});
