import { modelError } from "../error/errors-by-kind.ts";
import { type Endpoint, endpointUrl } from "./endpoint.ts";
import { type HttpHead, type HttpRequest, sendHttp } from "./http.ts";

/** The most that is read of a document. */
const MAX_BYTES = 16 * 1024 * 1024;

const TIMEOUT_MS = 15_000;

/** A small answer: its body is what its JSON says, or the text where it is none, whatever the status. */
export interface JsonAnswer {
  readonly head: HttpHead;
  readonly body: unknown;
}

/**
 * Asks for a document.
 *
 * @param timeoutMs for the whole exchange
 * @throws ModelError `network`, `timeout`, `parse` or `configuration`
 */
export function getJson(endpoint: Endpoint, path: string, timeoutMs?: number): Promise<JsonAnswer> {
  return askJson(endpoint, { method: "GET", path }, timeoutMs);
}

/** Sends a question as JSON; otherwise as {@link getJson}. */
export function postJson(
  endpoint: Endpoint,
  path: string,
  body: unknown,
  timeoutMs?: number,
): Promise<JsonAnswer> {
  const headers = { "content-type": "application/json" };
  return askJson(endpoint, { method: "POST", path, headers, body: JSON.stringify(body) }, timeoutMs);
}

/**
 * One request that is answered with a document; otherwise as {@link getJson}.
 *
 * @throws ModelError `aborted` when the signal fires
 */
export function askJson(
  endpoint: Endpoint,
  request: HttpRequest,
  timeoutMs: number = TIMEOUT_MS,
  signal?: AbortSignal,
): Promise<JsonAnswer> {
  const { origin, pathname } = endpointUrl(endpoint.baseUrl, request.path);
  const where = origin + pathname;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let head: HttpHead | undefined;
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    const onAbort = (): void =>
      stop(
        modelError("aborted", `The request to ${where} was aborted by its signal.`, {
          cause: signal?.reason as unknown,
        }),
      );
    const exchange = sendHttp(
      endpoint,
      { ...request, headers: { accept: "application/json", ...request.headers }, connectMs: timeoutMs },
      {
        head: (answer) => {
          head = answer;
        },
        data: (chunk) => {
          size += chunk.length;
          if (size <= MAX_BYTES) chunks.push(chunk);
          else
            stop(
              modelError(
                "parse",
                `${where} answered with more than ${MAX_BYTES} bytes. Is the base URL right?`,
              ),
            );
        },
        end: () => {
          settle();
          resolve({ head: head as HttpHead, body: parse(Buffer.concat(chunks).toString("utf8")) });
        },
        fail: (error) => {
          settle();
          reject(error);
        },
      },
    );
    const stop = (error: Error): void => {
      settle();
      exchange.abort();
      reject(error);
    };
    const timer = setTimeout(
      () =>
        stop(
          modelError(
            "timeout",
            `${where} did not answer within ${timeoutMs} ms. Check the address and the network.`,
          ),
        ),
      timeoutMs,
    );
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
