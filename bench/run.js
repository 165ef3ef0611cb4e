// Side by side: every adapter in turn, in fresh processes, several rounds, medians; each figure as a ratio to the raw loop of
// the same round. `node run.js` is the short form, `node run.js --full` everything. Writes results.md.
import { execFileSync, fork, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";

const isFull = process.argv.includes("--full");
const here = new URL(".", import.meta.url);
if (!existsSync(new URL("node_modules", here))) {
  spawnSync("npm", ["install"], { cwd: here, stdio: "inherit" });
}

const ADAPTERS = ["raw", "rxscope", "openai", "ai", "langchain"];
const ROUNDS = isFull ? 5 : 3;
/** Quadratic adapters would need minutes for the longest streams. */
const SKIP_ABOVE = { tool: { openai: 10_000, ai: 10_000, langchain: 10_000 } };

const SCENARIOS = [
  { scenario: "text", framing: "coalesced", counts: isFull ? [1000, 10_000, 100_000] : [10_000] },
  { scenario: "text", framing: "events", counts: isFull ? [1000, 10_000, 100_000] : [10_000] },
  { scenario: "tool", framing: "events", counts: isFull ? [1000, 10_000, 50_000] : [1000, 5000] },
];

const server = fork(new URL("server.js", here), { stdio: ["ignore", "pipe", "inherit", "ipc"] });
const port = await new Promise((resolve) =>
  server.stdout?.once("data", (data) => resolve(String(data).trim())),
);

const lines = [
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${new Date().toISOString().slice(0, 10)}. CPU of the client per delta, as a ratio to the raw loop`,
  `(undici, eventsource-parser, JSON.parse, nothing kept) of the same round; medians of ${ROUNDS} rounds. Lower is better.`,
  "",
  `| scenario | raw, µs | ${ADAPTERS.slice(1).join(" | ")} |`,
  `| --- | --- | ${ADAPTERS.slice(1)
    .map(() => "---")
    .join(" | ")} |`,
];
for (const { scenario, framing, counts } of SCENARIOS) {
  for (const count of counts) {
    /** @type {Record<string, number[]>} */
    const ratios = {};
    const raws = [];
    for (let round = 0; round < ROUNDS; round++) {
      const raw = measure("raw", scenario, count, framing);
      raws.push(raw);
      for (const adapter of ADAPTERS.slice(1)) {
        if (count > (SKIP_ABOVE[scenario]?.[adapter] ?? Number.POSITIVE_INFINITY)) continue;
        (ratios[adapter] ??= []).push(measure(adapter, scenario, count, framing) / raw);
      }
    }
    const cells = ADAPTERS.slice(1).map((adapter) =>
      ratios[adapter] === undefined ? "not run" : median(ratios[adapter]).toFixed(2),
    );
    const line = `| ${scenario}, ${count.toLocaleString("en")} deltas, ${framing} | ${median(raws).toFixed(2)} | ${cells.join(" | ")} |`;
    console.log(line);
    lines.push(line);
  }
}
server.disconnect();

const { dependencies } = JSON.parse(readFileSync(new URL("package.json", here), "utf8"));
lines.push(
  "",
  `Versions: ${Object.entries(dependencies)
    .filter(([name]) => name !== "rxscope")
    .map(([name, version]) => `${name} ${version}`)
    .join(", ")}.`,
  "",
);
writeFileSync(new URL(isFull ? "results-full.md" : "results.md", here), lines.join("\n"));

/** @param {string} adapter @param {string} scenario @param {number} count @param {string} framing */
function measure(adapter, scenario, count, framing) {
  const rounds = Math.max(
    2,
    Math.round((scenario === "tool" && adapter !== "raw" && adapter !== "rxscope" ? 2000 : 200_000) / count),
  );
  const output = execFileSync(
    process.execPath,
    ["measure.js", adapter, scenario, String(count), framing, String(port), String(rounds)],
    { cwd: here },
  );
  return Number(output);
}

/** @param {number[]} values */
function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
