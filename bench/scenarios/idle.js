// @ts-check
import { setTimeout as wait } from "node:timers/promises";
import { cpuMs } from "../measure.js";

/** How many streams are opened at a time, lest the server's queue of connections run over. */
const OPENED_AT_ONCE = 100;

/** @type {import("./scenario.d.ts").Scenario} */
export default {
  title: "Open streams, a delta every 500 ms on each",
  metrics: {
    cpu: { title: "CPU per delta", unit: "µs" },
    rss: { title: "memory", unit: "MB" },
  },
  rounds: () => 1,
  // In the short form there is no time for it.
  jobs(isFull) {
    if (!isFull) return [];
    return [
      {
        label: "openai",
        wire: "openai",
        content: "text",
        framing: "paced",
        sizes: [2000],
        of: "streams",
        pieces: 100,
      },
    ];
  },
  async measure({ open, size }) {
    const { text } = await open();
    let deltas = 0;
    for (let opened = 0; opened < size; opened += OPENED_AT_ONCE) {
      const first = Array.from(
        { length: OPENED_AT_ONCE },
        () =>
          new Promise((resolve, reject) => {
            text(() => {
              deltas += 1;
              resolve(undefined);
            }).catch(reject);
          }),
      );
      await Promise.all(first);
    }
    const [before, began] = [deltas, process.cpuUsage()];
    await wait(5000);
    return { cpu: (cpuMs(began) * 1000) / (deltas - before), rss: process.memoryUsage.rss() / 1e6 };
  },
};
