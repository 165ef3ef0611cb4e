// @ts-check
import { cpuMs } from "../measure.js";

const REQUESTS = 1000;

/** @type {import("./scenario.d.ts").Scenario} */
export default {
  title: "Short requests of 20 deltas",
  metrics: { cpu: { title: "CPU per request", unit: "µs" } },
  rounds: (isFull) => (isFull ? 3 : 2),
  jobs: (isFull) => [
    {
      label: "openai",
      wire: "openai",
      content: "text",
      framing: "events",
      sizes: isFull ? [1, 32, 256] : [1, 32],
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
    await ask(REQUESTS / 2);
    globalThis.gc?.();
    const began = process.cpuUsage();
    await ask(REQUESTS);
    return { cpu: (cpuMs(began) * 1000) / REQUESTS };
  },
};
