// @ts-check
import { cpuOf } from "../measure.js";
import { word } from "../streams.js";

/** The providers' own libraries. @type {Readonly<Record<string, readonly string[]>>} */
const SDKS = {
  openai: ["openai", "openai .stream()"],
  anthropic: ["anthropic", "anthropic .stream()"],
  gemini: ["genai"],
  ollama: ["ollama"],
  dashscope: [],
};

/** The frameworks are many times slower whatever the network does: for the lesser questions they are left out. @param {string} wire */
const leanestOn = (wire) => ["raw", "bytes", "rxscope", ...(SDKS[wire] ?? [])];

/**
 * @param {string} wire @param {"events" | "coalesced"} framing @param {readonly number[]} sizes
 * @returns {import("./scenario.d.ts").Job}
 */
const job = (wire, framing, sizes) => ({
  label: `${wire}, ${framing === "events" ? "event by event" : "64 KB a write"}`,
  wire,
  content: "text",
  framing,
  sizes,
  of: "deltas",
});

/** @type {import("./scenario.d.ts").Scenario} */
export default {
  title: "Text",
  metrics: { cpu: { title: "CPU per delta", unit: "µs", grows: true } },
  rounds: (isFull) => (isFull ? 3 : 2),
  jobs(isFull) {
    if (!isFull) return Object.keys(SDKS).map((wire) => job(wire, "events", [10_000]));
    return Object.keys(SDKS).flatMap((wire) => [
      job(wire, "events", [1000, 10_000, 100_000]),
      { ...job(wire, "coalesced", [10_000]), ...(wire === "openai" ? {} : { peers: leanestOn(wire) }) },
      ...(wire === "openai" ? [{ ...job("openai-padded", "events", [10_000]), peers: leanestOn(wire) }] : []),
    ]);
  },
  async measure({ open, size, isLimit }) {
    const { text } = await open();
    const expected = Array.from({ length: size }, (_, index) => word(index).length).reduce((a, b) => a + b);
    const once = async () => {
      let characters = 0;
      await text((added) => (characters += added.length));
      if (!isLimit && characters !== expected)
        throw new Error(`Read ${characters} characters of ${expected}.`);
    };
    const cpu = await cpuOf(once);
    return { cpu: (cpu * 1000) / size };
  },
};
