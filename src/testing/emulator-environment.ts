import { builtinCredentials } from "../credential/builtin-credentials.ts";
import type { Emulator } from "./emulator/emulator.ts";

/** A key that the emulator takes and that no provider knows. */
const KEY = "sk-emulator";

/**
 * The environment in which every built-in provider is the emulator: for each its variables of key and address, as its own
 * clients read them too.
 *
 * @example
 * ```ts
 * import { ModelRegistry } from "rxscope";
 * import { emulatorEnvironment, startEmulator } from "rxscope/testing";
 *
 * const emulator = await startEmulator();
 * Object.assign(process.env, emulatorEnvironment(emulator));
 * console.log((await ModelRegistry.create("groq:llama-3.3-70b-versatile").call("Hi")).text);
 * await emulator.close();
 * ```
 */
export function emulatorEnvironment({ url }: Pick<Emulator, "url">): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const { facts } of builtinCredentials) {
    const [keyVariable] = facts.keyVariables;
    const [addressVariable] = facts.baseUrlVariables;
    const { pathname } = new URL(facts.baseUrl ?? `${url}/v1`);
    if (keyVariable !== undefined) environment[keyVariable] = KEY;
    // By its first part the emulator knows whose dialect is wanted, and the journal shows who was asked.
    if (addressVariable !== undefined)
      environment[addressVariable] = `${url}/${facts.provider}${pathname.replace(/\/$/, "")}`;
  }
  return environment;
}
