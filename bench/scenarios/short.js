// @ts-check
import { cpuMs } from "../measure.js";

const REQUESTS = 1000;

/** Before it is measured: so many requests, or those that so much CPU time is enough for. */
const WARM_UP_REQUESTS = 6000;
const WARM_UP_MS = 3000;

let warmUps = 0;

/** @type {import("./scenario.d.ts").Scenario} */
export default {
  title: "Short requests of 20 deltas",
  metrics: { cpu: { title: "CPU per request", unit: "µs" } },
  rounds: (isFull) => (isFull ? 2 : 1),
  jobs: (isFull) => [
    {
      label: "openai",
      wire: "openai",
      content: "text",
      framing: "events",
      sizes: isFull ? [1, 32, 256] : [32],
      of: "at the same time",
      pieces: 20,
    },
  ],
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
    for (const began = process.cpuUsage(); warmUps < WARM_UP_REQUESTS; warmUps += size) {
      await ask(size);
      if (cpuMs(began) > WARM_UP_MS) warmUps = WARM_UP_REQUESTS;
    }
    const began = process.cpuUsage();
    await ask(REQUESTS);
    return { cpu: (cpuMs(began) * 1000) / REQUESTS };
  },
};
