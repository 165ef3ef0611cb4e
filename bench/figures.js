// @ts-check
// From the figures of all rounds to those of the report.
import { median } from "./measure.js";
import { SCENARIOS } from "./scenarios/index.js";

/**
 * One line of the report: one metric of one job at one size.
 *
 * @typedef {object} Line
 * @property {import("./run.js").Measured} of
 * @property {number} size
 * @property {string} metric
 * @property {string} base the library that the others are compared to
 */

/** What all rounds gave for one library, the failed ones left out. @param {Line} line @param {string} peer */
function values({ of, size, metric }, peer) {
  return (of.peers[peer] ?? []).map((figures) => figures?.[size]?.[metric]);
}

/** A library's own figure: the median of its rounds. @param {Line} line @param {string} peer */
export function figure(line, peer) {
  return median(values(line, peer).filter((value) => value !== undefined));
}

/** The median of the ratios to the base, round by round; NaN where there are none. @param {Line} line @param {string} peer */
export function ratio(line, peer) {
  const base = values(line, line.base);
  const ratios = values(line, peer).map(
    (value, round) => (value ?? Number.NaN) / (base[round] ?? Number.NaN),
  );
  return median(ratios.filter((value) => !Number.isNaN(value)));
}

/**
 * The exponent with which the whole cost grows with the size, from the first to the last size that the library was asked for:
 * 1 is linear, 2 quadratic. NaN where there was only one.
 *
 * @param {readonly Line[]} lines one for each size @param {string} peer
 */
export function growth(lines, peer) {
  const known = lines.filter((line) => !Number.isNaN(figure(line, peer)));
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined || first === last) return Number.NaN;
  return 1 + Math.log(figure(last, peer) / figure(first, peer)) / Math.log(last.size / first.size);
}

/** The lines of one job and one metric, a size each; what was not measured in this form has none. @param {import("./run.js").Measured} of @param {string} metric @returns {Line[]} */
export function linesOf(of, metric) {
  const base = SCENARIOS[of.scenario]?.base ?? "raw";
  const lines = of.job.sizes.map((size) => ({ of, size, metric, base }));
  return lines.filter((line) => !Number.isNaN(figure(line, base)));
}
