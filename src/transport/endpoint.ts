import type { Dispatcher } from "undici";
import { ConfigurationError } from "../error/errors-by-kind.ts";
import type { ModelErrorKind } from "../error/model-error.ts";
import { isSecretName } from "./redact.ts";

export type { Dispatcher } from "undici";

/** Headers by name; an undefined value is left out. */
export type HeaderRecord = Readonly<Record<string, string | undefined>>;

/**
 * What to do about a failure, by its kind, in a provider's own words; `{model}` stands for the name of the model. What is said
 * for `network` goes with a refused connection: nothing listens there.
 */
export type FailureAdvice = Readonly<Partial<Record<ModelErrorKind, string>>>;

/** Where requests go and how they prove who sends them. Models know nothing else of a credential. */
export interface Endpoint {
  /** Absolute, without a slash at its end. */
  readonly baseUrl: string;
  /** Asked once per request, so a key may rotate and a token may be fetched. */
  headers(): HeaderRecord | Promise<HeaderRecord>;
  /** Query parameters of every request, for example an API version. */
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Where the key comes from, for the error that a refused key gives, for example `OPENAI_API_KEY`. */
  readonly keySource?: string | undefined;
  /** @default general advice */
  readonly advice?: FailureAdvice | undefined;
  /** @default one dispatcher for the whole process, with keep-alive and the proxy of the environment */
  readonly dispatcher?: Dispatcher | undefined;
}

/**
 * A base URL in its normal form: absolute, http or https, no slash at its end.
 *
 * @throws ModelError `configuration` when it is not that
 */
export function normalizeBaseUrl(baseUrl: string, owner: string): string {
  let url: URL;
  try {
    url = new URL(baseUrl.trim());
  } catch {
    throw new ConfigurationError(
      `${owner}: baseUrl ${JSON.stringify(baseUrl)} is not an absolute URL. Give one such as "https://api.example.com/v1".`,
    );
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new ConfigurationError(
      `${owner}: baseUrl must begin with http:// or https://, not ${url.protocol}//.`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new ConfigurationError(`${owner}: baseUrl must not contain a user name or password; use headers.`);
  }
  for (const name of url.searchParams.keys()) {
    if (isSecretName(name)) {
      throw new ConfigurationError(
        `${owner}: baseUrl must not contain a key, and "${name}" in its query looks like one; use headers, or options.extraQuery.`,
      );
    }
  }
  return url.origin + url.pathname.replace(/\/+$/, "") + url.search;
}

/**
 * The URL of `path`, which may have a query, under a base URL, with the parameters of both and of the request.
 *
 * @throws ModelError `configuration` when they make none: an endpoint need not come from a credential, which would have looked
 */
export function endpointUrl(
  baseUrl: string,
  path: string,
  ...queries: (Readonly<Record<string, string>> | undefined)[]
): URL {
  try {
    const url = new URL(baseUrl);
    const [plainPath, pathQuery] = path.split("?", 2) as [string, string?];
    url.pathname = url.pathname.replace(/\/+$/, "") + plainPath;
    if (pathQuery !== undefined)
      for (const [name, value] of new URLSearchParams(pathQuery)) url.searchParams.set(name, value);
    for (const query of queries) {
      for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    }
    return url;
  } catch (error) {
    // Without its query, where a key may stand. It may be anything at all.
    const shown = `The endpoint's baseUrl "${baseUrl}"`.replace(/\?.*/s, '"');
    throw new ConfigurationError(`${shown} and the query make no URL: ${(error as Error).message}.`);
  }
}

/**
 * Joins headers, names without regard to case; later ones win, undefined values are left out.
 *
 * @throws ModelError `configuration` for a value that is no string
 */
export function mergeHeaders(...records: (HeaderRecord | undefined)[]): Record<string, string> {
  const merged: Record<string, string> = {};
  for (const record of records) {
    if (record === undefined) continue;
    for (const name of Object.keys(record)) {
      const value = record[name];
      if (value === undefined) continue;
      if (typeof value !== "string")
        throw new ConfigurationError(
          `Header ${name} must be a string, not ${value === null ? "null" : typeof value}.`,
        );
      merged[name.toLowerCase()] = value;
    }
  }
  return merged;
}
