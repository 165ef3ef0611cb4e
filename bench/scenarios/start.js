// @ts-check
import { cpuMs } from "../measure.js";

/** @type {import("./scenario.d.ts").Scenario} */
export default {
  title: "Cold start: import, construct, one request",
  metrics: {
    cpu: { title: "CPU", unit: "ms" },
    time: { title: "time", unit: "ms" },
    rss: { title: "memory", unit: "MB" },
  },
  rounds: (isFull) => (isFull ? 5 : 3),
  jobs: (isFull) =>
    (isFull ? ["openai", "anthropic", "gemini", "ollama"] : ["openai"]).map((wire) => ({
      label: wire,
      wire,
      content: "text",
      framing: "events",
      sizes: [20],
      of: "deltas",
    })),
  async measure({ open }) {
    const [cpu, began] = [process.cpuUsage(), performance.now()];
    const { text } = await open();
    await text(() => {});
    return { cpu: cpuMs(cpu), time: performance.now() - began, rss: process.memoryUsage.rss() / 1e6 };
  },
};
