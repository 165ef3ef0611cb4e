// @ts-check
import { cpuOf } from "../measure.js";

/** @type {import("./scenario.d.ts").Scenario} */
export default {
  title: "Structured output, the partial value read at every piece",
  metrics: { cpu: { title: "CPU per piece of 20 characters", unit: "µs", grows: true } },
  rounds: (isFull) => (isFull ? 3 : 1),
  jobs: (isFull) => [
    {
      label: "openai",
      wire: "openai",
      content: "json",
      framing: "events",
      sizes: isFull ? [500, 1500, 5000, 50_000] : [500, 5000],
      of: "pieces",
      peers: ["raw", "rxscope", "openai .stream()", "ai", "langchain"],
    },
  ],
  most: (peer) => (peer === "raw" || peer === "rxscope" ? Number.POSITIVE_INFINITY : 2000),
  async measure({ open, size, isLimit }) {
    const { json } = await open();
    const once = async () => {
      let records = 0;
      await json?.((value) => (records = value.items?.length ?? records));
      if (!isLimit && records < size / 10) throw new Error(`Read ${records} records.`);
    };
    return { cpu: ((await cpuOf(once)) * 1000) / size };
  },
};
