// @ts-check
import { median } from "../measure.js";

/** @type {import("./scenario.d.ts").Scenario} */
export default {
  title: "From the call to its first delta",
  metrics: { time: { title: "time", unit: "µs" } },
  rounds: (isFull) => (isFull ? 3 : 2),
  jobs: () => [
    { label: "openai", wire: "openai", content: "text", framing: "events", sizes: [20], of: "deltas" },
  ],
  async measure({ open }) {
    const { text } = await open();
    const times = [];
    for (let request = 0; request < 500; request++) {
      let first = 0;
      const began = performance.now();
      await text(() => {
        if (first === 0) first = performance.now();
      });
      if (request >= 200) times.push((first - began) * 1000);
    }
    return { time: median(times) };
  },
};
