// @ts-check
import { get } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { peakMbOf } from "../measure.js";

/** How long the reader reads, and how long it looks at each piece. */
const READING_MS = 2000;
const LOOKING_MS = 10;

/** @type {import("./scenario.d.ts").Scenario} */
export default {
  title: "A slow reader of an endless stream, then cancelled",
  metrics: {
    taken: { title: "taken from the server", unit: "MB", isAbsolute: true },
    rss: { title: "peak memory", unit: "MB" },
    close: { title: "from cancelling to the closed socket", unit: "ms", isAbsolute: true },
  },
  rounds: () => 1,
  // In the short form there is no time for it.
  jobs(isFull) {
    if (!isFull) return [];
    return [
      {
        label: "openai",
        wire: "openai",
        content: "block",
        framing: "endless",
        sizes: [1000],
        of: "events of a kilobyte, repeated",
        peers: ["raw", "rxscope", "openai", "openai .stream()", "ai", "langchain", "pi-ai", "tanstack"],
      },
    ];
  },
  async measure({ open, origin }) {
    const { pull } = await open();
    const abort = new AbortController();
    let cancelledAt = 0;
    const read = async () => {
      const end = performance.now() + READING_MS;
      for await (const _piece of /** @type {NonNullable<typeof pull>} */ (pull)(abort.signal)) {
        await wait(LOOKING_MS);
        if (performance.now() < end) continue;
        cancelledAt = Date.now();
        abort.abort();
        break;
      }
    };
    // Some report their own cancelling as an error, to the reader or to nobody.
    process.on("unhandledRejection", () => {});
    const rss = await peakMbOf(() => read().catch(() => {}));
    await wait(500);
    const { taken, closedAt } = await statsOf(origin);
    return {
      taken: taken / 1e6,
      rss,
      close: closedAt === 0 ? Number.POSITIVE_INFINITY : closedAt - cancelledAt,
    };
  },
};

/** @param {string} origin @returns {Promise<{ taken: number, closedAt: number }>} */
function statsOf(origin) {
  return new Promise((resolve, reject) => {
    get(`${origin}/stats`, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve(JSON.parse(text)));
    }).on("error", reject);
  });
}
