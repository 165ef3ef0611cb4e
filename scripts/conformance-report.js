// @ts-check
// Runs the conformance table over every provider and writes docs/conformance.md, unless something fails.
import { join } from "node:path";
import { root, runTypeScript } from "./run-typescript.js";

await runTypeScript("test/conformance/report-main.ts", { args: [join(root, "docs", "conformance.md")] });
