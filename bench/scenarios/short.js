// @ts-check
import { cpuMs } from "../measure.js";

const REQUESTS = 1500;

/** Before it is measured: so many requests, or those that so much CPU time is enough for. */
const WARM_UP_REQUESTS = 8000;
const WARM_UP_MS = 2000;

/** @type {import("./scenario.d.ts").Scenario} */
export default {
  title: "Short requests of 20 deltas",
  metrics: { cpu: { title: "CPU per request", unit: "µs" } },
  rounds: (isFull) => (isFull ? 3 : 1),
  // A process for each: what one has made V8 learn is not what the next needs.
  jobs: (isFull) =>
    (isFull ? [1, 32, 256] : [32]).map((size) => ({
      label: "openai",
      wire: "openai",
      content: "text",
      framing: "events",
      sizes: [size],
      of: "at the same time",
      pieces: 20,
    })),
  async measure({ open, size }) {
    const { text } = await open();
    const ask = async (/** @type {number} */ requests) => {
      let left = requests;
      const work = async () => {
        while (left > 0) {
          left -= 1;
          await text(() => {});
        }
      };
      await Promise.all(Array.from({ length: size }, work));
    };
    const warmingUp = process.cpuUsage();
    for (let warmUps = 0; warmUps < WARM_UP_REQUESTS && cpuMs(warmingUp) < WARM_UP_MS; warmUps += 500)
      await ask(500);
    const began = process.cpuUsage();
    await ask(REQUESTS);
    return { cpu: (cpuMs(began) * 1000) / REQUESTS };
  },
};
