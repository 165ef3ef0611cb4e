// @ts-check
import { cpuOf } from "../measure.js";
import { records } from "../streams.js";

/** @type {import("./scenario.d.ts").Scenario} */
export default {
  title: "Counting tokens",
  metrics: {
    text: { title: "CPU of a text", unit: "ms" },
    turns: { title: "CPU of a conversation at its 50 turns", unit: "ms" },
  },
  base: "tiktoken",
  rounds: (isFull) => (isFull ? 3 : 2),
  jobs: () => [
    {
      label: "o200k",
      wire: "openai",
      content: "text",
      framing: "events",
      sizes: [100_000],
      of: "characters",
      peers: ["tiktoken", "rxscope"],
    },
  ],
  async measure({ open, size }) {
    const { countText, countMessages } = /** @type {Required<import("../adapters/client.d.ts").Client>} */ (
      await open()
    );
    let go = 0;
    // A text never seen before each time: a count that is remembered is no count.
    const fresh = () => `${(go += 1)} ${records(size).replaceAll("record", `entry ${go} of`)}`;
    const text = await cpuOf(async () => await countText(fresh()));
    const conversation = async () => {
      const all = fresh();
      const messages = [];
      for (let turn = 0; turn < 50; turn++) {
        const content = all.slice((turn * all.length) / 50, ((turn + 1) * all.length) / 50);
        messages.push({ role: turn % 2 === 0 ? "user" : "assistant", content });
        await countMessages(messages);
      }
    };
    const turns = await cpuOf(conversation);
    return { text, turns };
  },
};
