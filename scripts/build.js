// @ts-check
// Builds dist/ from src/, and only when something changed: `npm start` runs this every time. tsc compiles and writes the
// declarations; esbuild joins the modules, because Node needs twice as long to load 150 files as to load a dozen.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
const inputs = [
  "tsconfig.json",
  "tsconfig.build.json",
  "package.json",
  "scripts/build.js",
  "src",
  // Folders too: a deleted file shows only there.
  ...sources.map((name) => join("src", name)),
];
/** What is loaded by name: the entries of package.json and what it says has a side effect. */
const entries = ["index.js", "core.js", "testing/index.js", "cli/main.js", "builtin.js"];
const outputs = [
  ...entries,
  ...sources.flatMap((name) => (name.endsWith(".ts") ? [name.replace(/\.ts$/, ".d.ts")] : [])),
];

if (!isUpToDate()) build();

/** dist/ bears the time at which its build began, so what changed during that build is newer. */
function isUpToDate() {
  if (!existsSync(dist) || !outputs.every((name) => existsSync(join(dist, name)))) return false;
  const built = statSync(dist).mtimeMs;
  return inputs.every((name) => statSync(join(root, name)).mtimeMs < built);
}

function build() {
  const began = new Date();
  // Built aside and moved in whole: a failed build leaves the last good one, and no one ever reads half of one.
  const aside = join(root, ".cache", `build-${process.pid}`);
  const [compiled, fresh] = [join(aside, "js"), join(aside, "dist")];
  try {
    compile(compiled, fresh);
    joinModules(compiled, fresh);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    console.error(`The build failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
  chmodSync(join(fresh, "cli", "main.js"), 0o755);
  utimesSync(fresh, began, began);
  rmSync(dist, { recursive: true, force: true });
  renameSync(fresh, dist);
  rmSync(aside, { recursive: true });
  // To stderr: `npm start` belongs to the answer.
  console.error(`Built dist/ in ${((Date.now() - began.getTime()) / 1000).toFixed(1)} s.`);
}

/** @param {string} code @param {string} declarations the folders to write to */
function compile(code, declarations) {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const folders = ["--outDir", code, "--declarationDir", declarations];
  const { status, error } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json", ...folders], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) throw error ?? new Error("tsc found errors.");
}

/**
 * Joins modules to one file an entry, and one for each set of modules that entries share or load later.
 * @param {string} compiled @param {string} joined
 */
function joinModules(compiled, joined) {
  // Without package.json's list of side effects, which names the files of dist/.
  writeFileSync(join(compiled, "package.json"), "{}");
  buildSync({
    absWorkingDir: compiled,
    entryPoints: entries,
    outdir: joined,
    bundle: true,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    format: "esm",
    platform: "node",
    target: "node20.19",
    packages: "external",
    logLevel: "warning",
  });
}
