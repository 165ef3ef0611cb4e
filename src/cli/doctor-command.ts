import { parseArgs } from "node:util";
import { type BuiltinCredentialClass, builtinCredentials } from "../credential/builtin-credentials.ts";
import type { CliIo } from "./cli-io.ts";
import { textTable } from "./text-table.ts";

export const DOCTOR_HELP: string = `rxscope doctor

Shows for each provider which environment variables are set (never their values) and where it is reached.

  --check               also asks each provider that has a key whether it answers
`;

/** `rxscope doctor`; returns the exit code. */
export async function doctorCommand(args: readonly string[], io: CliIo): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { check: { type: "boolean" } }, strict: true });
  const head = ["PROVIDER", "KEY", "ENDPOINT", ...(values.check ? ["ANSWERS"] : [])];
  const rows = await Promise.all(
    builtinCredentials.map(async (Credential) => {
      const { facts } = Credential;
      const row = [facts.provider, keyState(facts.keyVariables, io), endpointOf(Credential, io)];
      return values.check ? [...row, await checkOf(Credential)] : row;
    }),
  );
  io.stdout.write(textTable([head, ...rows]));
  return 0;
}

function keyState(variables: readonly string[], { env }: CliIo): string {
  const set = variables.find((name) => env[name]?.trim());
  return set === undefined ? `${variables.join(" or ")} not set` : `${set} set`;
}

function endpointOf({ facts }: BuiltinCredentialClass, { env }: CliIo): string {
  const variable = facts.baseUrlVariables.find((name) => env[name]?.trim());
  return variable === undefined ? facts.baseUrl : `${withoutSecrets(env[variable] as string)} (${variable})`;
}

/** An address may carry a password or a key. */
function withoutSecrets(address: string): string {
  if (!URL.canParse(address)) return "not a URL";
  const { origin, pathname } = new URL(address);
  return origin + pathname;
}

async function checkOf(Credential: BuiltinCredentialClass): Promise<string> {
  const began = performance.now();
  try {
    const cards = await new Credential().listModels();
    const live = cards.filter((card) => card.live).length;
    const ms = Math.round(performance.now() - began);
    return cards.some((card) => card.live !== undefined)
      ? `yes: ${live} models in ${ms} ms`
      : "no: it cannot be reached";
  } catch (error) {
    return `no: ${(error as Error).message}`;
  }
}
