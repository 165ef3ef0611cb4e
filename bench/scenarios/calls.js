// @ts-check
import { cpuOf } from "../measure.js";

/** @type {import("./scenario.d.ts").Scenario} */
export default {
  title: "Many tool calls in one answer",
  metrics: { cpu: { title: "CPU per call", unit: "µs", grows: true } },
  rounds: (isFull) => (isFull ? 3 : 1),
  jobs: (isFull) => [
    {
      label: "openai",
      wire: "openai",
      content: "calls",
      framing: "events",
      sizes: isFull ? [200, 2000, 20_000] : [200, 2000],
      of: "calls",
      peers: ["raw", "rxscope", "openai .stream()", "ai", "pi-ai"],
    },
  ],
  most: (peer) => (peer === "raw" || peer === "rxscope" ? Number.POSITIVE_INFINITY : 2000),
  async measure({ open, size }) {
    const { calls } = await open();
    const once = async () => {
      const count = await calls?.();
      if (count !== size) throw new Error(`Read ${count} calls of ${size}.`);
    };
    return { cpu: ((await cpuOf(once)) * 1000) / size };
  },
};
