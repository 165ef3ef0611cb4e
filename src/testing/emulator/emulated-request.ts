import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** A request as HTTP brings it. */
export interface HttpRequest {
  /** Of all that the emulator got, from 1. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** The body as JSON; undefined when it is none. */
  readonly body: unknown;
  readonly rawBody: string;
}

/** A request as the emulator understands it. */
export interface EmulatedRequest extends HttpRequest {
  /** The wire it speaks; undefined for an unknown path. */
  readonly wire: string | undefined;
  /** Empty when it names none. */
  readonly model: string;
  /** The text of the last message of the user; empty when there is none. */
  readonly lastUserText: string;
}

/** Which requests a rule is for: all conditions must hold. Text must be equal, but is looked for in `lastUserText`. */
export interface RequestConditions {
  readonly path?: string | RegExp;
  readonly model?: string | RegExp;
  readonly lastUserText?: string | RegExp;
  readonly headers?: Readonly<Record<string, string | RegExp>>;
}

/** Which requests a rule is for: by conditions that must all hold, or by what a function says. */
export type RequestMatch = RequestConditions | ((request: EmulatedRequest) => boolean);

/** Whether a rule is for a request. */
export function isMatch(match: RequestMatch, request: EmulatedRequest): boolean {
  if (typeof match === "function") return match(request);
  const { path, model, lastUserText, headers = {} } = match;
  return (
    fits(path, request.path) &&
    fits(model, request.model) &&
    (typeof lastUserText === "string"
      ? request.lastUserText.includes(lastUserText)
      : fits(lastUserText, request.lastUserText)) &&
    Object.entries(headers).every(([name, value]) =>
      fits(value, String(request.headers[name.toLowerCase()] ?? "")),
    )
  );
}

function fits(wanted: string | RegExp | undefined, value: string): boolean {
  if (wanted === undefined) return true;
  // Not `test()`, which remembers its place in a pattern with the flag `g`.
  return typeof wanted === "string" ? wanted === value : value.search(wanted) >= 0;
}

/** Reads a request to its end. Rejects when the client goes before that. */
export async function readRequest(incoming: IncomingMessage, number: number): Promise<HttpRequest> {
  const receivedAt = Date.now();
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const rawBody = Buffer.concat(chunks).toString("utf8");
  const url = new URL(incoming.url ?? "/", "http://127.0.0.1");
  return {
    number,
    receivedAt,
    method: incoming.method ?? "GET",
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: incoming.headers,
    body: parseJson(rawBody),
    rawBody,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
