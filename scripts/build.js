// @ts-check
// Builds dist/ from src/ with tsc, and only when something changed: `npm start` runs this every time.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

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
const outputs = sources.flatMap((name) =>
  name.endsWith(".ts") ? [name.replace(/\.ts$/, ".js"), name.replace(/\.ts$/, ".d.ts")] : [],
);

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
  const fresh = join(root, ".cache", `dist-${process.pid}`);
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status, error } = spawnSync(
    process.execPath,
    [tsc, "-p", "tsconfig.build.json", "--outDir", fresh],
    {
      cwd: root,
      stdio: ["ignore", 2, 2],
    },
  );
  if (status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    console.error(`The build failed${error === undefined ? "" : `: ${error.message}`}.`);
    process.exit(1);
  }
  chmodSync(join(fresh, "cli", "main.js"), 0o755);
  utimesSync(fresh, began, began);
  rmSync(dist, { recursive: true, force: true });
  renameSync(fresh, dist);
  // To stderr: `npm start` belongs to the answer.
  console.error(`Built dist/ in ${((Date.now() - began.getTime()) / 1000).toFixed(1)} s.`);
}
