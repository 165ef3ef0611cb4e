// @ts-check
// Runs an example: `npm run example stream`. A provider without a key in the environment is the emulator of this package.
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { builtinCredentials } from "rxscope";

const root = fileURLToPath(new URL("..", import.meta.url));
const names = readdirSync(join(root, "examples"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -".ts".length));

const name = process.argv[2]?.replace(/^examples\/|\.ts$/g, "");
if (name === undefined || !names.includes(name)) {
  console.error(`Which example? One of: ${names.join(", ")}.`);
  process.exit(2);
}

// Node 20 does not run TypeScript. The result stays inside the package, so that "rxscope" means the build of this package.
const folder = join(root, ".cache", "examples");
mkdirSync(folder, { recursive: true });
const file = join(folder, `${name}.mjs`);
const source = readFileSync(join(root, "examples", `${name}.ts`), "utf8");
writeFileSync(file, (await transform(source, { loader: "ts", format: "esm", target: "node20" })).code);

const { emulatorEnvironment, startEmulator } = await import("rxscope/testing");
const emulator = await startEmulator({ delivery: { delayMs: 2 } }); // a model takes a moment for each word
const environment = emulatorEnvironment(emulator);
for (const { facts } of builtinCredentials) {
  const variables = [...facts.keyVariables, ...facts.baseUrlVariables];
  // What is set for a provider is meant: it is really asked.
  if (variables.some((variable) => process.env[variable]))
    for (const each of variables) delete environment[each];
}
const child = spawn(process.execPath, [file], { stdio: "inherit", env: { ...process.env, ...environment } });
child.on("close", (code) => {
  void emulator.close();
  process.exitCode = code ?? 1;
});
