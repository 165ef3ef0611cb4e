import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// The tests make their own environment: keys, servers and proxies of whoever runs them change nothing.
// RXSCOPE_* is for the tests that talk to foreign servers. npm still needs its proxy (test/package.test.ts).
const proxies = Object.fromEntries(Object.entries(process.env).filter(([name]) => /_PROXY$/i.test(name)));
for (const name of Object.keys(process.env)) {
  if (
    /_API_KEY$|_TOKEN$|_BASE_URL$|_ENDPOINT$|_API_VERSION$|_ORG_ID$|_PROJECT_ID$|^OLLAMA_HOST$|_PROXY$/i.test(
      name,
    ) &&
    !name.startsWith("RXSCOPE_")
  ) {
    delete process.env[name];
  }
}

const source = (path: string): string => fileURLToPath(new URL(`src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^rxscope$/, replacement: source("index.ts") },
      { find: /^rxscope\/core$/, replacement: source("core.ts") },
      { find: /^rxscope\/testing$/, replacement: source("testing/index.ts") },
    ],
  },
  test: {
    environment: "node",
    include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
    // Threads start a little sooner, but tests that count sockets and timers need a process of their own.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    provide: { proxies },
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      reporter: ["text", "html"],
    },
  },
});
