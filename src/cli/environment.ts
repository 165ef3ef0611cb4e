import type { CliIo } from "./cli-io.ts";

/** Those of these environment variables that are set to something. Their values stay where they are. */
export function setVariables(names: readonly string[], { env }: CliIo): string[] {
  return names.filter((name) => env[name]?.trim());
}
