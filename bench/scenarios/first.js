// @ts-check
import { median } from "../measure.js";

/** Of a process's requests these are looked at: among its first ones, and when V8 has compiled what runs often. */
const COLD = { from: 200, to: 500 };
const WARM = { from: 8000, to: 9000 };

/** A library that takes longer than this for the requests before is not asked for so many. */
const MAX_WARM_UP_MS = 8000;

/** @type {import("./scenario.d.ts").Scenario} */
export default {
  title: "From the call to its first delta",
  metrics: {
    cold: { title: `requests ${COLD.from} to ${COLD.to} of a process`, unit: "µs" },
    warm: { title: `requests ${WARM.from} to ${WARM.to}`, unit: "µs" },
  },
  rounds: (isFull) => (isFull ? 3 : 2),
  jobs: () => [
    { label: "openai", wire: "openai", content: "text", framing: "events", sizes: [20], of: "deltas" },
  ],
  async measure({ open, isFull }) {
    const { text } = await open();
    let asked = 0;
    const timesOf = async (/** @type {{ from: number, to: number }} */ { from, to }) => {
      const times = [];
      for (; asked < to; asked++) {
        let first = 0;
        const began = performance.now();
        await text(() => {
          if (first === 0) first = performance.now();
        });
        if (asked >= from) times.push((first - began) * 1000);
      }
      return median(times);
    };
    const began = performance.now();
    const cold = await timesOf(COLD);
    // In the short form there is no time for the other.
    const warmUpMs = ((performance.now() - began) / COLD.to) * WARM.from;
    return isFull && warmUpMs < MAX_WARM_UP_MS ? { cold, warm: await timesOf(WARM) } : { cold };
  },
};
