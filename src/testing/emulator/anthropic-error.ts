import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import type { LooseObject } from "./loose-json.ts";

/** What Anthropic says when only the status is known. Source: its API's error page, checked 2026-11. */
const BY_STATUS: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ["invalid_request_error", "The request could not be read."],
  401: ["authentication_error", "invalid x-api-key"],
  402: ["billing_error", "There is a problem with the billing of your account."],
  403: ["permission_error", "Your API key does not have permission to use the specified resource."],
  404: ["not_found_error", "Not Found"],
  409: ["conflict_error", "The request conflicts with another one."],
  413: ["request_too_large", "Request exceeds the maximum size"],
  429: ["rate_limit_error", "This request would exceed your organization's rate limit."],
  500: ["api_error", "Internal server error"],
  504: ["timeout_error", "The request timed out."],
  529: ["overloaded_error", "Overloaded"],
};

/** The id of a request, in the head and in errors. */
export function anthropicRequestId({ number }: Pick<EmulatedRequest, "number">): string {
  return `req_emulated_${number}`;
}

/** The body of an error answer of which only the status is known. */
export function anthropicErrorBody(status: number, request: EmulatedRequest): LooseObject {
  const other = status < 500 ? "invalid_request_error" : "api_error";
  const [type, message] = BY_STATUS[status] ?? [other, `The request failed with status ${status}.`];
  return errorBody(type, message, request);
}

/** A refusal of the request. */
export function refusal(
  request: EmulatedRequest,
  message: string,
  [status, type]: readonly [status: number, type: string] = [400, "invalid_request_error"],
): EmulatedAnswer {
  return { status, body: errorBody(type, message, request) };
}

/** Anthropic's answer to a model, or anything else, that it does not have. */
export function notFound(request: EmulatedRequest, what: string): EmulatedAnswer {
  return refusal(request, what, [404, "not_found_error"]);
}

function errorBody(type: string, message: string, request: EmulatedRequest): LooseObject {
  return { type: "error", error: { type, message, details: null }, request_id: anthropicRequestId(request) };
}
