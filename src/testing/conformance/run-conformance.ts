import { startEmulator } from "../emulator/emulator.ts";
import { cancelCases } from "./cancel-cases.ts";
import { type ConformanceCase, ConformanceContext, type ConformanceSubject } from "./conformance-context.ts";
import { contentCases } from "./content-cases.ts";
import { errorCases } from "./error-cases.ts";
import { requestCases } from "./request-cases.ts";
import { streamCases } from "./stream-cases.ts";

export interface ConformanceResult {
  readonly id: string;
  readonly title: string;
  readonly outcome: "pass" | "fail" | "skip";
  /** Why it failed, or why it is skipped. */
  readonly reason?: string;
}

/** The table. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...requestCases,
  ...streamCases,
  ...contentCases,
  ...errorCases,
  ...cancelCases,
];

/**
 * Runs the whole table and tells what came of each case; throws only for a mistake in the subject's skips.
 *
 * @throws Error for a skip of an unknown case, or without a reason
 */
export async function runConformance(subject: ConformanceSubject): Promise<ConformanceResult[]> {
  checkSkips(subject);
  const results: ConformanceResult[] = [];
  for (const each of conformanceCases) {
    const skipped = subject.skips?.[each.id];
    const { id, title } = each;
    if (skipped !== undefined) {
      results.push({ id, title, outcome: "skip", reason: skipped });
      continue;
    }
    try {
      await runCase(subject, each);
      results.push({ id, title, outcome: "pass" });
    } catch (error) {
      results.push({ id, title, outcome: "fail", reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return results;
}

/** Registers every case with a test runner: `defineConformance(subject, test)` with vitest's `test`, or `node:test`'s. */
export function defineConformance(
  subject: ConformanceSubject,
  test: ((name: string, run: () => Promise<void>) => unknown) & { skip(name: string, run?: () => Promise<void>): unknown },
): void {
  checkSkips(subject);
  for (const each of conformanceCases) {
    const skipped = subject.skips?.[each.id];
    const name = `${subject.name} ${each.id} ${each.title}`;
    if (skipped === undefined) test(name, () => runCase(subject, each));
    else test.skip(`${name} (${skipped})`);
  }
}

function checkSkips({ name, skips = {} }: ConformanceSubject): void {
  const known = new Set(conformanceCases.map(({ id }) => id));
  for (const [id, reason] of Object.entries(skips)) {
    if (!known.has(id)) throw new Error(`${name} skips ${id}, but there is no such case.`);
    if (reason.trim() === "") throw new Error(`${name} skips ${id} without a reason.`);
  }
}

async function runCase(subject: ConformanceSubject, { run }: ConformanceCase): Promise<void> {
  const emulator = await startEmulator({ lenient: true });
  try {
    await run(new ConformanceContext(subject, emulator));
  } finally {
    await emulator.close();
  }
}
