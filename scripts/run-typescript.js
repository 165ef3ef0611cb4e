// @ts-check
import { spawn } from "node:child_process";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Runs a program of the project that is written in TypeScript, which Node 20 does not run; this process ends as that one does.
 * @param {string} entry its path from the root of the project
 * @param {{ nodeOptions?: readonly string[], args?: readonly string[] }} options
 */
export async function runTypeScript(entry, { nodeOptions = [], args = [] }) {
  const outfile = join(root, ".cache", `${basename(entry, ".ts")}.mjs`);
  await build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
  });
  const child = spawn(process.execPath, [...nodeOptions, outfile, ...args], { stdio: "inherit" });
  child.on("close", (code) => (process.exitCode = code ?? 1));
}
