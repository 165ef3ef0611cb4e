// @ts-check
import { cpuOf } from "../measure.js";

/** Those that show a partial value, or fragments and a parser for them. */
const PEERS = {
  openai: ["raw", "rxscope", "openai .stream()", "ai", "langchain", "pi-ai", "tanstack"],
  anthropic: ["raw", "rxscope", "anthropic .stream()", "ai", "pi-ai"],
  dashscope: ["raw", "rxscope"],
};

/** Every peer parses all of the arguments again for each fragment. */
const LINEAR = new Set(["raw", "rxscope"]);

/** @type {import("./scenario.d.ts").Scenario} */
export default {
  title: "Tool arguments, the partial value read at every fragment",
  metrics: { cpu: { title: "CPU per fragment", unit: "µs", grows: true } },
  rounds: (isFull) => (isFull ? 3 : 2),
  jobs: (isFull) =>
    Object.entries(PEERS)
      .filter(([wire]) => isFull || wire === "openai")
      .map(([wire, peers]) => ({
        label: wire,
        wire,
        content: "tool",
        framing: "events",
        sizes: isFull ? [1000, 3000, 10_000, 50_000] : [1000, 10_000],
        of: "fragments",
        peers,
      })),
  most: (peer) => (LINEAR.has(peer) ? Number.POSITIVE_INFINITY : 3000),
  async measure({ open, size, isLimit }) {
    const { tool } = await open();
    const once = async () => {
      let seen = 0;
      await tool?.((input) => {
        if (typeof input["content"] === "string") seen = input["content"].length;
      });
      if (!isLimit && seen !== size * 8) throw new Error(`Read ${seen} characters of ${size * 8}.`);
    };
    const cpu = await cpuOf(once);
    return { cpu: (cpu * 1000) / size };
  },
};
