// @ts-check
// Every library at every scenario, several rounds in turn, each time in a fresh process; medians, as ratios to the raw loop of
// the same round. `node run.js` is the short form, `node run.js --full` everything; `--only text,tool` a part of either, which
// is shown and not written. Writes results.md and results.svg, or with --full results-full.md and results-full.svg.
import { execFile, fork, spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { peersOn } from "./peers.js";
import { plot } from "./plot.js";
import { report } from "./report.js";
import { SCENARIOS } from "./scenarios/index.js";

/** Longer than any of them needs: what takes longer hangs. */
const MAX_CHILD_MS = 240_000;

const isFull = process.argv.includes("--full");
const only = process.argv[process.argv.indexOf("--only") + 1]?.split(",");
const chosen = process.argv.includes("--only") ? only : Object.keys(SCENARIOS);

const here = new URL(".", import.meta.url);
if (!existsSync(new URL("node_modules", here)))
  spawnSync("npm", ["install"], { cwd: here, stdio: "inherit", shell: true });

/**
 * What was measured of one job: of each library its figures by size, a round each; a round that failed is undefined.
 *
 * @typedef {Readonly<Record<number, Readonly<Record<string, number>>>>} Figures
 * @typedef {object} Measured
 * @property {string} scenario
 * @property {import("./scenarios/scenario.d.ts").Job} job
 * @property {Record<string, (Figures | undefined)[]>} peers
 */

const began = Date.now();
const server = fork(new URL("server.js", here), { stdio: ["ignore", "pipe", "inherit", "ipc"] });
const port = await new Promise((resolve) =>
  server.stdout?.once("data", (data) => resolve(String(data).trim())),
);
const origin = `http://127.0.0.1:${port}`;

/** @type {Measured[]} */
const measured = [];
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (!chosen?.includes(name)) continue;
  for (const job of scenario.jobs(isFull)) measured.push(await measure(name, job, scenario.rounds(isFull)));
}
server.disconnect();

const minutes = ((Date.now() - began) / 60_000).toFixed(1);
const text = report(measured);
console.log(`\n${text}`);
console.error(`Done in ${minutes} minutes.`);
if (!process.argv.includes("--only")) {
  const name = isFull ? "results-full" : "results";
  writeFileSync(new URL(`${name}.md`, here), text);
  writeFileSync(new URL(`${name}.svg`, here), plot(measured));
}

/** @param {string} scenario @param {import("./scenarios/scenario.d.ts").Job} job @param {number} rounds @returns {Promise<Measured>} */
async function measure(scenario, job, rounds) {
  const names = job.peers ?? peersOn(job.wire);
  /** @type {Measured["peers"]} */
  const peers = Object.fromEntries(names.map((peer) => [peer, []]));
  for (let round = 0; round < rounds; round++) {
    console.error(`${scenario}, ${job.label}, round ${round + 1} of ${rounds}`);
    for (const peer of names) peers[peer]?.push(await figuresOf({ scenario, peer, job, isFull, origin }));
  }
  return { scenario, job, peers };
}

/** @param {import("./client.js").Order} order @returns {Promise<Figures | undefined>} */
async function figuresOf(order) {
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--expose-gc", "client.js", JSON.stringify(order)],
      { cwd: here, timeout: MAX_CHILD_MS },
    );
    return JSON.parse(stdout);
  } catch (error) {
    console.error(`${order.peer} failed: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
