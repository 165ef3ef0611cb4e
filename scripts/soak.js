// @ts-check
// Runs thousands of calls of every provider over a network that breaks at random, and looks at what is left of them.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const outfile = join(root, ".cache", "soak.mjs");

// Node 20 does not run TypeScript.
await build({
  entryPoints: [join(root, "test", "soak", "soak-main.ts")],
  outfile,
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20",
});
const child = spawn(process.execPath, ["--expose-gc", outfile, ...process.argv.slice(2)], {
  stdio: "inherit",
});
child.on("close", (code) => (process.exitCode = code ?? 1));
