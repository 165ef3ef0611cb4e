// Runs the whole table over every provider and writes docs/conformance.md: `npm run conformance:report`.
import { writeFileSync } from "node:fs";
import { runConformance } from "../../src/testing/conformance/run-conformance.ts";
import { builtinSubjects } from "./builtin-subjects.ts";
import { reportPage } from "./report.ts";

const page = process.argv[2];
if (page === undefined) throw new Error("Which file is the report written to?");
let calls = 0;
let failures = 0;
for (const { label, subject } of builtinSubjects) {
  const results = await runConformance(subject, { environment: process.env });
  const broken = results.filter(({ outcome, wouldPass }) => outcome === "fail" || wouldPass === true);
  const made = results.reduce((sum, each) => sum + each.calls, 0);
  const passed = results.filter(({ outcome }) => outcome === "pass").length;
  console.log(`${label}: ${passed} cases pass, ${made} calls`);
  for (const { id, reason, wouldPass } of broken)
    console.error(`  ${id} ${wouldPass === true ? "would pass, but is skipped" : "fails"}: ${reason}`);
  calls += made;
  failures += broken.length;
}
if (failures > 0) {
  console.error(`${failures} cases are not as they should be; ${page} stays as it is.`);
  process.exitCode = 1;
} else {
  writeFileSync(page, reportPage(builtinSubjects, { calls, date: new Date().toISOString().slice(0, 10) }));
  console.log(`${page}: ${calls} calls`);
}
