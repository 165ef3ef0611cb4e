import { type BuiltinCredentialClass, builtinCredentials } from "../credential/builtin-credentials.ts";
import { addressOf } from "../credential/http-credential.ts";
import { type CliIo, UsageError } from "./cli-io.ts";
import { setVariables } from "./environment.ts";
import { readFlags } from "./read-flags.ts";
import { textTable } from "./text-table.ts";

const HELP = `rxscope doctor

Shows for each provider which environment variables are set (never their values) and where it is reached.

  --check               also asks each provider that has a key, or needs none, whether it answers
  --help
`;

/** `rxscope doctor`; returns the exit code. */
export async function doctorCommand(args: readonly string[], io: CliIo): Promise<number> {
  const { values: flags, positionals } = readFlags(args, {
    check: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (flags.help) {
    io.stdout.write(HELP);
    return 0;
  }
  if (positionals.length > 0)
    throw new UsageError(`doctor looks at all providers; leave out "${positionals.join(" ")}".`);
  const head = ["PROVIDER", "KEY", "ENDPOINT", ...(flags.check ? ["ANSWERS"] : [])];
  const rows = await Promise.all(
    builtinCredentials.map(async (Credential) => {
      const row = [Credential.facts.provider, keyState(Credential, io), endpointOf(Credential, io)];
      return flags.check ? [...row, await checkOf(Credential, io)] : row;
    }),
  );
  io.stdout.write(textTable([head, ...rows]));
  return 0;
}

function keyState({ facts }: BuiltinCredentialClass, io: CliIo): string {
  const set = setVariables(facts.keyVariables, io);
  if (set.length > 0) return `${set.join(", ")} set`;
  return facts.keyOptional ? "not needed" : `${facts.keyVariables.join(" or ")} not set`;
}

function endpointOf({ facts }: BuiltinCredentialClass, io: CliIo): string {
  const [variable] = setVariables(facts.baseUrlVariables, io);
  const address = addressOf(facts, variable && io.env[variable]);
  if (address === undefined) return "no address set";
  return variable === undefined ? address : `${withoutSecrets(address)} (${variable} set)`;
}

/** An address may carry a password or a key. */
function withoutSecrets(address: string): string {
  if (!URL.canParse(address)) return "not a URL";
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname}`;
}

async function checkOf(Credential: BuiltinCredentialClass, io: CliIo): Promise<string> {
  const { facts } = Credential;
  const hasKey = setVariables(facts.keyVariables, io).length > 0;
  if (!facts.keyOptional && !hasKey) return "not asked: no key";
  const began = performance.now();
  try {
    const cards = await new Credential().listModels();
    const took = `${Math.round(performance.now() - began)} ms`;
    // Where the provider could not be asked, the cards are the bundled ones and do not say whether they are live.
    if (cards.every((card) => card.live !== undefined))
      return `yes: ${cards.filter((card) => card.live).length} models in ${took}`;
    const advice = facts.advice?.network;
    return `no: it cannot be reached (${took})${advice === undefined ? "" : `. ${advice}`}`;
  } catch (error) {
    return `no: ${(error as Error).message}`;
  }
}
