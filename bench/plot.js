// @ts-check
// The picture: every library at every scenario as a dot on one logarithmic scale, and how costs grow with the size.
import { figure, linesOf, ratio } from "./figures.js";
import { PEERS } from "./peers.js";
import { SCENARIOS } from "./scenarios/index.js";

/** @typedef {import("./run.js").Measured} Measured */

const WIDTH = 1040;
const LEFT = 470;
const RIGHT = 30;
const ROW = 22;

/** One colour for each library; two ways of one library share it and differ in form. @type {Readonly<Record<string, string>>} */
const COLOURS = {
  raw: "#222222",
  bytes: "#9a9a9a",
  rxscope: "#d62728",
  openai: "#1f77b4",
  anthropic: "#b8860b",
  genai: "#17a2a2",
  ollama: "#7f5539",
  ai: "#2ca02c",
  langchain: "#9467bd",
  "pi-ai": "#e377c2",
  tanstack: "#ff7f0e",
  tiktoken: "#222222",
};

/** @param {readonly Measured[]} measured */
export function plot(measured) {
  const dots = ratios(measured);
  const lines = growths(measured, dots.height + 40);
  const height = dots.height + 40 + lines.height;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="white"/>`,
    ...dots.marks,
    ...lines.marks,
    "</svg>",
    "",
  ].join("\n");
}

/** A row for each line of the report whose figures are ratios. @param {readonly Measured[]} measured */
function ratios(measured) {
  const rows = measured.flatMap((job) => {
    const { title, metrics, base } = /** @type {import("./scenarios/scenario.d.ts").Scenario} */ (
      SCENARIOS[job.scenario]
    );
    const heading = base === undefined ? title : `${title}, to ${base}`;
    const isOne = Object.keys(metrics).length === 1;
    return Object.entries(metrics).flatMap(([name, metric]) =>
      metric.isAbsolute
        ? []
        : linesOf(job, name).map((line) => ({
            scenario: isOne ? `${heading}: ${metric.title}` : heading,
            // With one metric its name stands in the heading.
            label: `${isOne ? "" : `${metric.title}; `}${job.job.label}, ${line.size.toLocaleString("en")} ${job.job.of}`,
            points: Object.keys(job.peers)
              .filter((peer) => peer !== line.base)
              .map((peer) => ({ peer, value: ratio(line, peer) }))
              .filter(({ value }) => value > 0),
          })),
    );
  });
  const used = Object.keys(PEERS).filter((peer) =>
    rows.some(({ points }) => points.some((point) => point.peer === peer)),
  );
  const top = 62 + Math.ceil(used.length / 6) * 18;
  const values = rows.flatMap(({ points }) => points.map(({ value }) => value));
  const x = logScale([Math.min(...values, 0.5), Math.max(...values, 10)], [LEFT, WIDTH - RIGHT]);
  const marks = [
    text(10, 24, "Ratio to the raw loop of the same run: lower is better", { size: 16, weight: "bold" }),
  ];
  used.forEach((peer, index) => {
    const [cx, cy] = [20 + (index % 6) * 160, 46 + Math.floor(index / 6) * 18];
    marks.push(dot(cx, cy, peer), text(cx + 10, cy + 4, peer));
  });

  let y = top;
  /** @type {string[]} */
  const inside = [];
  let scenario = "";
  for (const row of rows) {
    if (row.scenario !== scenario) {
      scenario = row.scenario;
      y += ROW * 1.2;
      inside.push(text(10, y + 4, scenario, { weight: "bold" }));
      y += ROW;
    }
    inside.push(rule(LEFT, y, WIDTH - RIGHT, y, "#eeeeee"));
    inside.push(text(LEFT - 10, y + 4, row.label, { anchor: "end" }));
    // Last, so that it lies above the others.
    for (const { peer, value } of row.points.toSorted(({ peer: a }, { peer: b }) => isOurs(a) - isOurs(b)))
      inside.push(dot(x.at(value), y, peer, `${peer}: ${value.toFixed(2)}`));
    y += ROW;
  }
  for (const tick of x.ticks) {
    marks.push(rule(x.at(tick), top, x.at(tick), y, tick === 1 ? "#222222" : "#dddddd"));
    for (const at of [top - 6, y + 14]) marks.push(text(x.at(tick), at, `${tick}×`, { anchor: "middle" }));
  }
  return { marks: [...marks, ...inside], height: Math.ceil(y) + 24 };
}

/** Costs at several sizes: a line for each library. @param {readonly Measured[]} measured @param {number} top */
function growths(measured, top) {
  const charts = measured.flatMap((job) => {
    const { title, metrics } = /** @type {import("./scenarios/scenario.d.ts").Scenario} */ (
      SCENARIOS[job.scenario]
    );
    return Object.entries(metrics)
      .filter(([, { grows }]) => grows && job.job.sizes.length > 1)
      .map(([name, metric]) => ({ job, title, metric, lines: linesOf(job, name) }));
  });
  const [width, height] = [WIDTH / 2, 300];
  const marks = charts.flatMap(({ job, title, metric, lines }, index) => {
    const [left, above] = [(index % 2) * width, top + Math.floor(index / 2) * height];
    const all = lines
      .flatMap((line) => Object.keys(job.peers).map((peer) => figure(line, peer)))
      .filter((value) => value > 0);
    const x = logScale([job.job.sizes[0] ?? 1, job.job.sizes.at(-1) ?? 1], [left + 70, left + width - 30]);
    const y = logScale([Math.min(...all), Math.max(...all)], [above + height - 60, above + 40]);
    return [
      text(left + 10, above + 18, `${title.split(",")[0]}: ${job.job.label}`, { weight: "bold" }),
      text(left + 70, above + 34, `${metric.title}, ${metric.unit}`),
      text(left + width - 30, above + height - 26, job.job.of, { anchor: "end" }),
      ...y.ticks.flatMap((tick) => [
        rule(left + 70, y.at(tick), left + width - 30, y.at(tick), "#dddddd"),
        text(left + 64, y.at(tick) + 4, tick.toLocaleString("en"), { anchor: "end" }),
      ]),
      ...job.job.sizes.map((size) =>
        text(x.at(size), above + height - 42, size.toLocaleString("en"), { anchor: "middle" }),
      ),
      ...Object.keys(job.peers).flatMap((peer) => {
        const points = lines
          .map((line) => ({ size: line.size, value: figure(line, peer) }))
          .filter(({ value }) => value > 0)
          .map(({ size, value }) => [x.at(size), y.at(value)]);
        const path = points.map((point) => point.map((at) => at.toFixed(1)).join(",")).join(" ");
        return [
          `<polyline points="${path}" fill="none" stroke="${colourOf(peer)}" stroke-width="${peer === "rxscope" ? 2.5 : 1.2}"/>`,
          ...points.map(([cx = 0, cy = 0]) => dot(cx, cy, peer, peer)),
        ];
      }),
    ];
  });
  return { marks, height: Math.ceil(charts.length / 2) * height };
}

/** @param {readonly [number, number]} domain @param {readonly [number, number]} range */
function logScale([low, high], [from, to]) {
  const [a, b] = [Math.log10(low) - 0.05, Math.log10(high) + 0.05];
  const at = (/** @type {number} */ value) => from + ((Math.log10(value) - a) / (b - a)) * (to - from);
  const decades = Array.from(
    { length: Math.ceil(b) - Math.floor(a) + 1 },
    (_, index) => Math.floor(a) + index,
  );
  // A scale of a decade or two has more marks.
  const steps = b - a > 2.5 ? [1] : [1, 2, 5];
  const ticks = decades
    .flatMap((decade) => steps.map((step) => Number((step * 10 ** decade).toPrecision(3))))
    .filter((tick) => Math.log10(tick) >= a && Math.log10(tick) <= b);
  return { at, ticks };
}

/** @param {string} peer */
const isOurs = (peer) => Number(peer === "rxscope");

/** @param {string} peer */
function colourOf(peer) {
  return COLOURS[peer.split(" ")[0] ?? ""] ?? "#555555";
}

/** @param {number} cx @param {number} cy @param {string} peer */
function dot(cx, cy, peer, title = "") {
  const colour = colourOf(peer);
  const isVariant = peer.includes(" ");
  const about = title === "" ? "" : `<title>${title}</title>`;
  const radius = peer === "rxscope" ? 6 : 4.5;
  return `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="${radius}" fill="${isVariant ? "white" : colour}" stroke="${colour}" stroke-width="1.5">${about}</circle>`;
}

/** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 @param {string} colour */
function rule(x1, y1, x2, y2, colour) {
  return `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${colour}"/>`;
}

/** @param {number} x @param {number} y @param {string} words @param {{ size?: number, weight?: string, anchor?: string }} [style] */
function text(x, y, words, { size = 12, weight = "normal", anchor = "start" } = {}) {
  const written = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}">${written}</text>`;
}
