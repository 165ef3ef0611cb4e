import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import type { LooseObject } from "./loose-json.ts";

/** The names of Google's error codes by the HTTP status that they come with. Source: the Gemini API's troubleshooting page, checked 2026-11. */
const STATUS_NAMES: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  409: "ABORTED",
  429: "RESOURCE_EXHAUSTED",
  499: "CANCELLED",
  500: "INTERNAL",
  501: "UNIMPLEMENTED",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

/** What Google says when only the status is known. Source: answers of the API, checked 2026-11. */
const MESSAGES: Readonly<Record<number, string>> = {
  400: "Request contains an invalid argument.",
  401: "Request had invalid authentication credentials.",
  403: "The caller does not have permission",
  404: "Requested entity was not found.",
  429:
    "You exceeded your current quota, please check your plan and billing details. For more information on this error, head " +
    "to: https://ai.google.dev/gemini-api/docs/rate-limits. \nPlease retry in 0.02s.",
  500: "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting",
  503: "The model is overloaded. Please try again later.",
  504: "Deadline expired before operation could complete.",
};

/** A limit that is full again in no time: the wait stands in the body, as no header tells it. */
const FULL_QUOTA: readonly LooseObject[] = [
  {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    violations: [
      {
        quotaMetric: "generativelanguage.googleapis.com/generate_content_free_tier_requests",
        quotaId: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
        quotaDimensions: { location: "global" },
        quotaValue: "5",
      },
    ],
  },
  { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "0.02s" },
];

/** The body of an error answer of which only the status is known. */
export function geminiErrorBody(status: number, request: EmulatedRequest): unknown {
  const message = MESSAGES[status] ?? `The request failed with status ${status}.`;
  return wrapped(request, errorBody(status, message, status === 429 ? FULL_QUOTA : undefined));
}

/** A refusal of the request. */
export function geminiRefusal(
  request: EmulatedRequest,
  message: string,
  { status = 400, details }: { readonly status?: number; readonly details?: readonly LooseObject[] } = {},
): EmulatedAnswer {
  return { status, body: wrapped(request, errorBody(status, message, details)) };
}

function errorBody(status: number, message: string, details?: readonly LooseObject[]): LooseObject {
  const name = STATUS_NAMES[status] ?? (status < 500 ? "FAILED_PRECONDITION" : "UNKNOWN");
  return { error: { code: status, message, status: name, ...(details && { details }) } };
}

/** A stream that is one list of answers is one list of errors, too. */
function wrapped({ path, query }: EmulatedRequest, body: LooseObject): unknown {
  return path.endsWith(":streamGenerateContent") && query["alt"] !== "sse" ? [body] : body;
}
