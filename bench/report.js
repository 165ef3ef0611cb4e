// @ts-check
// The tables.
import { readFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { figure, growth, linesOf, ratio } from "./figures.js";
import { installedSize } from "./installed.js";
import { PEERS } from "./peers.js";
import { SCENARIOS } from "./scenarios/index.js";

/** @typedef {import("./run.js").Measured} Measured */

/** @param {readonly Measured[]} measured */
export function report(measured) {
  return [
    `${machine()}. Each figure of a library is a ratio to \`raw\` in the same round, lower is better: the median of the rounds.`,
    "Figures with a unit are told as they are.",
    ...Object.entries(SCENARIOS).flatMap(([name, scenario]) => {
      const jobs = measured.filter((job) => job.scenario === name);
      return jobs.length === 0 ? [] : ["", `## ${scenario.title}`, "", ...table(jobs, scenario)];
    }),
    "",
    "## Installed size",
    "",
    ...sizes(),
    "",
    `Versions: ${versions()}.`,
    "",
  ].join("\n");
}

function machine() {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, Node ${process.version}, ${type()} ${release().split(".", 2).join(".")}, ${cpus().length} cores of ${cpu?.model.trim()}, ${memory} GB`;
}

/** @param {readonly Measured[]} jobs @param {import("./scenarios/scenario.d.ts").Scenario} scenario */
function table(jobs, scenario) {
  const { metrics, base = "raw" } = scenario;
  const peers = Object.keys(PEERS).filter((peer) => peer !== base && jobs.some((job) => peer in job.peers));
  const rows = jobs.flatMap((job) =>
    Object.entries(metrics).flatMap(([name, metric]) => {
      const lines = linesOf(job, name);
      const title = Object.keys(metrics).length > 1 ? `${metric.title}; ${job.job.label}` : job.job.label;
      const cells = lines.map((line) => [
        `${title}, ${line.size.toLocaleString("en")} ${job.job.of}`,
        withUnit(figure(line, base), metric.unit),
        ...peers.map((peer) =>
          metric.isAbsolute ? withUnit(figure(line, peer), metric.unit) : digits(ratio(line, peer)),
        ),
      ]);
      if (!metric.grows || lines.length < 2) return cells;
      const exponents = [base, ...peers].map((peer) => digits(growth(lines, peer)));
      return [...cells, [`${title}, exponent of growth`, ...exponents]];
    }),
  );
  const unit = Object.keys(metrics).length > 1 ? "" : `${Object.values(metrics)[0]?.title}`;
  return markdown([unit, base, ...peers], rows);
}

/** @param {readonly string[]} cells */
const line = (cells) => `| ${cells.join(" | ")} |`;

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows */
function markdown(head, rows) {
  return [line(head), line(head.map((_, index) => (index === 0 ? "---" : "--:"))), ...rows.map(line)];
}

/** @param {number} value */
function digits(value) {
  if (Number.isNaN(value)) return "";
  return value < 10 ? value.toFixed(2) : value.toPrecision(3);
}

/** @param {number} value @param {string} unit */
function withUnit(value, unit) {
  if (Number.isNaN(value)) return "";
  if (value === Number.POSITIVE_INFINITY) return "never";
  return `${value < 100 ? value.toPrecision(3) : value.toFixed(0)} ${unit}`;
}

function sizes() {
  /** Ways to read an answer are no packages of their own. */
  const peers = Object.entries(PEERS).filter(
    ([name, { variant }]) => variant === undefined && name !== "bytes",
  );
  const rows = peers.map(([name, { packages }]) => {
    const { bytes, count } = installedSize(packages);
    return [name, packages.join(", "), `${(bytes / 1e6).toFixed(1)} MB`, String(count)];
  });
  return markdown(["", "packages", "with all they need", "packages in all"], rows);
}

function versions() {
  const { dependencies } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
  return Object.entries(dependencies)
    .filter(([name]) => name !== "rxscope")
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}
