// @ts-check
// Runs the conformance table over every provider and writes docs/conformance.md, unless something fails.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const outfile = join(root, ".cache", "conformance-report.mjs");

// Node 20 does not run TypeScript.
await build({
  entryPoints: [join(root, "test", "conformance", "report-main.ts")],
  outfile,
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20",
});
const child = spawn(process.execPath, [outfile, join(root, "docs", "conformance.md")], { stdio: "inherit" });
child.on("close", (code) => (process.exitCode = code ?? 1));
