// @ts-check
// Runs thousands of calls of every provider over a network that breaks at random, and looks at what is left of them.
import { runTypeScript } from "./run-typescript.js";

await runTypeScript("test/soak/soak-main.ts", {
  nodeOptions: ["--expose-gc"],
  args: process.argv.slice(2),
});
