// @ts-check
// What the scenarios measure with: CPU time, because other processes cannot add to it.

/** Milliseconds of CPU that this process has taken since. @param {NodeJS.CpuUsage} [since] */
export function cpuMs(since) {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

/** What V8 needs to compile what runs often, and how long the measuring takes at least. */
const WARM_UP_MS = 600;
const MEASURE_MS = 400;

let isWarm = false;

/** Milliseconds of CPU that one go takes, after others that warm the process up. @param {() => Promise<unknown>} once */
export async function cpuOf(once) {
  for (const began = process.cpuUsage(); !isWarm; isWarm = cpuMs(began) > WARM_UP_MS) await once();
  const began = process.cpuUsage();
  let times = 0;
  do {
    await once();
    times += 1;
  } while (cpuMs(began) < MEASURE_MS);
  return cpuMs(began) / times;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return Number.NaN;
  return Number.isInteger(middle)
    ? (/** @type {number} */ (sorted[middle - 1]) + /** @type {number} */ (sorted[middle])) / 2
    : /** @type {number} */ (sorted[Math.floor(middle)]);
}

/** Megabytes of memory that this process has, at most, while something goes on. @param {() => Promise<unknown>} work */
export async function peakMbOf(work) {
  let peak = 0;
  const look = () => (peak = Math.max(peak, process.memoryUsage.rss()));
  const timer = setInterval(look, 20);
  await work();
  clearInterval(timer);
  look();
  return peak / 1e6;
}
