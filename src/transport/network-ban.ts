import { ConfigurationError } from "../error/errors-by-kind.ts";
import { isThisMachine } from "./dispatcher.ts";

/** Who may be asked in spite of a ban. */
export interface NetworkBanOptions {
  /** Host names that may be asked all the same, without their ports: `["ollama", "models.test"]`. @default none */
  readonly except?: readonly string[];
}

/** Each holds until it is lifted; a request must be allowed by all. */
const bans = new Set<ReadonlySet<string>>();

/**
 * From now on a request to any host but this machine fails before a connection is made, whatever of rxscope sends it;
 * `listModels()` then names what is bundled. For test runs that must not depend on a network, a key or a bill.
 *
 * @returns the function that lifts the ban
 * @example
 * ```ts
 * import { forbidNetwork } from "rxscope/testing";
 * import { afterAll, beforeAll } from "vitest";
 *
 * let allowNetwork: () => void;
 * beforeAll(() => {
 *   allowNetwork = forbidNetwork();
 * });
 * afterAll(() => allowNetwork());
 * ```
 */
export function forbidNetwork({ except = [] }: NetworkBanOptions = {}): () => void {
  const ban = new Set(except.map((host) => host.toLowerCase()));
  bans.add(ban);
  return () => void bans.delete(ban);
}

/**
 * @throws ModelError `configuration` when a ban keeps this address from being asked
 */
export function checkNetworkBan({ hostname, origin }: URL): void {
  if (bans.size === 0 || isThisMachine(hostname)) return;
  if ([...bans].every((ban) => ban.has(hostname))) return;
  throw new ConfigurationError(
    `A request to ${origin} was not sent: forbidNetwork() is in force. Set baseUrl to a server on this machine ` +
      `(startEmulator() of rxscope/testing is one), name the host in forbidNetwork({ except: ["${hostname}"] }), ` +
      "or call the function that forbidNetwork() returned.",
  );
}
