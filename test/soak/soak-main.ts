// The long form of the soak: `npm run soak`, or `npm run soak -- --seed 7 --calls 20000`.
import { parseArgs } from "node:util";
import { soak, type SoakReport } from "./soak.ts";

/** What the heap may grow by from the middle to the end of a run, in bytes: lists and code that warm up late. */
const MAX_GROWTH_BYTES = 3 * 1024 * 1024;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
    calls: { type: "string", default: "30000" },
    concurrency: { type: "string", default: "48" },
  },
});
const seed = Number(values.seed);
const calls = Number(values.calls);
const concurrency = Number(values.concurrency);

console.log(`seed ${seed}, ${calls} calls, ${concurrency} at the same time`);
const began = Date.now();
// What is loaded and compiled once is no leak.
await soak({ seed, calls: Math.ceil(calls / 10), concurrency });
const reports: SoakReport[] = [];
const heaps: number[] = [];
for (const half of [1, 2]) {
  reports.push(await soak({ seed: seed + half, calls: Math.ceil(calls / 2), concurrency }));
  heaps.push(await heapBytes());
}
const failures = [...reports.flatMap(failuresOf), ...growthOf(heaps)];
console.table(sumOf(reports.map(({ outcomes }) => outcomes)));
console.table(sumOf(reports.map(({ byProvider }) => byProvider)));
console.table(sumOf(reports.map(({ faults }) => faults)));
for (const failure of failures.slice(0, 20)) console.error(failure);
const seconds = Math.round((Date.now() - began) / 1000);
console.log(
  `${failures.length} failures in ${seconds} s; heap ${heaps.map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`).join(", then ")}`,
);
process.exitCode = failures.length === 0 ? 0 : 1;

function failuresOf({ calls: made, outcomes, broken, unhandled, left }: SoakReport): string[] {
  const told = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  return [
    ...broken,
    ...unhandled.map((reason) => `nobody handled the rejection ${reason}`),
    ...(told === made ? [] : [`${made} calls had ${told} outcomes`]),
    ...Object.entries(left)
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `${count} ${what} are left`),
  ];
}

function growthOf([middle = 0, end = 0]: readonly number[]): string[] {
  const grown = end - middle;
  return grown > MAX_GROWTH_BYTES ? [`the heap grew by ${grown} bytes from the middle to the end`] : [];
}

/** After all garbage is gone. */
async function heapBytes(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

function sumOf(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return Object.fromEntries(sums);
}
