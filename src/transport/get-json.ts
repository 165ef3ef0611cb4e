import { modelError } from "../error/errors-by-kind.ts";
import type { Endpoint } from "./endpoint.ts";
import { type HttpHead, sendHttp } from "./http.ts";

/** The most that is read of a list. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * One GET, its body as JSON (or as text where it is none), whatever the status.
 *
 * @param timeoutMs for the whole exchange
 * @throws ModelError `network`, `timeout`, `parse` or `configuration`
 */
export function getJson(
  endpoint: Endpoint,
  path: string,
  timeoutMs = 15_000,
): Promise<{ head: HttpHead; body: unknown }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let head: HttpHead | undefined;
    const settle = (): void => clearTimeout(timer);
    const exchange = sendHttp(
      endpoint,
      { method: "GET", path, headers: { accept: "application/json" }, connectMs: timeoutMs },
      {
        head: (answer) => {
          head = answer;
        },
        data: (chunk) => {
          size += chunk.length;
          if (size <= MAX_BYTES) chunks.push(chunk);
          else
            stop(
              modelError("parse", `${endpoint.baseUrl}${path} answered with more than ${MAX_BYTES} bytes.`),
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
      () => stop(modelError("timeout", `${endpoint.baseUrl}${path} did not answer within ${timeoutMs} ms.`)),
      timeoutMs,
    );
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
