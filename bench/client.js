// @ts-check
// One library at one job, in a fresh process: told by the first argument, answered in JSON. See run.js.
import { PEERS } from "./peers.js";
import { SCENARIOS } from "./scenarios/index.js";

/** @typedef {{ scenario: string, peer: string, job: import("./scenarios/scenario.d.ts").Job, isFull: boolean, origin: string }} Order */
const { scenario, peer, job, isFull, origin } = /** @type {Order} */ (JSON.parse(process.argv[2] ?? "{}"));
const { measure, most } = /** @type {import("./scenarios/scenario.d.ts").Scenario} */ (SCENARIOS[scenario]);
const { adapter, variant } = /** @type {import("./peers.js").Peer} */ (PEERS[peer]);

/** @type {Record<number, Readonly<Record<string, number>>>} */
const figures = {};
for (const size of job.sizes) {
  if (size > (most?.(peer) ?? size)) continue;
  const baseUrl = `${origin}/${job.wire}/${job.content}/${job.pieces ?? size}/${job.framing}`;
  const open = async () => (await import(`./adapters/${adapter}.js`)).open(job.wire, baseUrl, variant);
  const isLimit = peer === "raw" || peer === "bytes";
  figures[size] = await measure({ size, isFull, baseUrl, origin, open, isLimit });
}
console.log(JSON.stringify(figures));
process.exit(0);
