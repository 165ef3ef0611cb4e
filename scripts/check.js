// @ts-check
// Runs every check in order and stops at the first that fails. `node scripts/check.js lint build` runs only those.
// The last line is always "N passed, N failed": the tests that vitest counted, and one failure for any other check
// that failed.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const report = join(root, ".cache", "vitest.json");

/** Each check is one script of package.json, so that every one can be run alone. */
const checks = [
  { name: "types", script: "typecheck" },
  { name: "lint", script: "lint" },
  { name: "format", script: "format:check", hint: "`npm run format` mends it." },
  { name: "build", script: "build" },
  {
    name: "tests",
    script: "test:unit",
    // A forgotten `test.only` must not make everything green.
    args: `--allowOnly=false --reporter=default --reporter=json --outputFile=${JSON.stringify(report)}`,
  },
  { name: "publish", script: "check:publish" },
];

/** @type {{ scripts: Record<string, string> }} */
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

process.exitCode = main(process.argv.slice(2));

/** @param {string[]} names */
function main(names) {
  const unknown = names.filter((name) => !checks.some((check) => check.name === name));
  if (unknown.length > 0) {
    console.error(
      `Unknown check: ${unknown.join(", ")}. There are ${checks.map((check) => check.name).join(", ")}.`,
    );
    return 2;
  }
  // What an earlier run left must not be counted as this one's.
  rmSync(report, { force: true });
  mkdirSync(join(root, ".cache"), { recursive: true });

  const chosen = checks.filter((check) => names.length === 0 || names.includes(check.name));
  let failed = false;
  for (const check of chosen) {
    failed = !run(check);
    if (failed) break;
  }
  const count = countTests();
  for (const name of count.skipped) console.log(`Skipped: ${name}`);
  // A check other than the tests, a test file that did not load, or an error outside any test.
  if (failed && count.failed === 0) count.failed = 1;
  console.log(`\n${count.passed} passed, ${count.failed} failed`);
  return failed ? 1 : 0;
}

/** @param {{ name: string, script: string, args?: string, hint?: string }} check */
function run({ name, script, args = "", hint }) {
  console.log(`\n== ${name} ==`);
  const began = Date.now();
  const { status } = spawnSync(`${scripts[script]} ${args}`, {
    cwd: root,
    shell: true,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, PATH: join(root, "node_modules", ".bin") + delimiter + process.env["PATH"] },
  });
  const passed = status === 0;
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(`== ${name}: ${passed ? "passed" : "FAILED"} in ${seconds} s ==`);
  if (!passed && hint !== undefined) console.log(hint);
  return passed;
}

function countTests() {
  /** @type {{ passed: number, failed: number, skipped: string[] }} */
  const count = { passed: 0, failed: 0, skipped: [] };
  /** @type {{ testResults: { name: string, status: string, assertionResults: { status: string, fullName: string }[] }[] }} */
  let results;
  try {
    results = JSON.parse(readFileSync(report, "utf8"));
  } catch {
    // The tests were not reached.
    return count;
  }
  for (const file of results.testResults) {
    const before = count.failed;
    for (const test of file.assertionResults) {
      if (test.status === "passed") count.passed += 1;
      else if (test.status === "failed") count.failed += 1;
      else count.skipped.push(test.fullName);
    }
    // A file that does not load has no tests to fail.
    if (file.status === "failed" && count.failed === before) count.failed += 1;
  }
  return count;
}
