// @ts-check
import { cpuMs, peakMbOf } from "../measure.js";

/** @type {import("./scenario.d.ts").Scenario} */
export default {
  title: "Every snapshot kept, then every text read",
  metrics: {
    cpu: { title: "CPU per snapshot", unit: "µs", grows: true },
    rss: { title: "peak memory", unit: "MB" },
  },
  rounds: () => 3,
  // In the short form there is no time for it.
  jobs(isFull) {
    if (!isFull) return [];
    return [
      {
        label: "openai",
        wire: "openai",
        content: "text",
        framing: "events",
        sizes: [1000, 10_000],
        of: "snapshots",
        peers: ["raw", "rxscope", "openai .stream()", "ai", "langchain", "pi-ai", "tanstack"],
      },
    ];
  },
  async measure({ open, size }) {
    const { text, kept } = await open();
    /** What its user does by hand where the library only has deltas. */
    const byHand = async () => {
      /** @type {string[]} */
      const texts = [];
      let all = "";
      await text((added) => {
        if (added !== "") texts.push((all += added));
      });
      return texts;
    };
    const keep = kept ?? byHand;
    for (let times = 0; times < 3; times++) await text(() => {});
    globalThis.gc?.();
    const began = process.cpuUsage();
    const rss = await peakMbOf(async () => {
      const texts = await keep();
      if (texts.length < size) throw new Error(`Kept ${texts.length} snapshots of ${size}.`);
      // A look at a letter makes V8 write the rope out.
      let sum = 0;
      for (const text of texts) sum += text.charCodeAt(text.length >> 1);
      if (Number.isNaN(sum)) throw new Error("There was no text.");
    });
    return { cpu: (cpuMs(began) * 1000) / size, rss };
  },
};
