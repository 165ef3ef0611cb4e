import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { LooseObject } from "./loose-json.ts";

/** Code and message of an error of which only the status is known. Source: DashScope's error pages, checked 2026-11. */
const BY_STATUS: Readonly<Record<number, readonly [code: string, message: string]>> = {
  400: ["InvalidParameter", "Required parameter(s) missing or invalid, please check the request parameters."],
  401: ["InvalidApiKey", "Invalid API-key provided."],
  403: ["AccessDenied", "Access denied."],
  404: ["ModelNotFound", "Model can not be found."],
  408: ["RequestTimeOut", "Request timed out, please try again later."],
  429: ["Throttling.RateQuota", "Requests rate limit exceeded, please try again later."],
  500: [
    "InternalError",
    "An internal error has occurred, please try again later or contact service support.",
  ],
  503: ["ModelUnavailable", "Model is unavailable, please try again later."],
};

/** The body of an error answer of which only the status is known. */
export function dashscopeErrorBody(status: number): LooseObject {
  const fallback = [status < 500 ? "BadRequest" : "SystemError", `The request failed with status ${status}.`];
  const [code, message] = BY_STATUS[status] ?? fallback;
  return { code, message, request_id: "emulated" };
}

/** A refusal of the request. */
export function dashscopeError(message: string, code = "InvalidParameter", status = 400): EmulatedAnswer {
  return { status, body: { code, message, request_id: "emulated" } };
}

/** One event of a stream: no blanks after the colons, and the status as a comment. */
export function dashscopeEvent(id: number, event: "result" | "error", status: number, data: unknown): string {
  return `id:${id}\nevent:${event}\n:HTTP_STATUS/${status}\ndata:${JSON.stringify(data)}\n\n`;
}
