import type { EmulatedAnswer } from "./emulated-answer.ts";

/** An error as OpenAI words it. */
export interface OpenAIError {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

/** What OpenAI says when only the status is known. Source: the error pages of its API guide, checked 2026-11. */
const BY_STATUS: Readonly<Record<number, Omit<OpenAIError, "param">>> = {
  400: { message: "The request could not be read.", type: "invalid_request_error", code: null },
  401: { message: "Incorrect API key provided.", type: "invalid_request_error", code: "invalid_api_key" },
  403: { message: "You are not allowed to use this model.", type: "invalid_request_error", code: null },
  404: {
    message: "The model does not exist or you do not have access to it.",
    type: "invalid_request_error",
    code: "model_not_found",
  },
  429: {
    message: "Rate limit reached for requests. Please try again in 20ms.",
    type: "requests",
    code: "rate_limit_exceeded",
  },
  500: {
    message: "The server had an error processing your request. Sorry about that!",
    type: "server_error",
    code: null,
  },
  503: {
    message: "The engine is currently overloaded, please try again later.",
    type: "service_unavailable_error",
    code: "server_is_overloaded",
  },
};

/** The body of an error answer of which only the status is known. */
export function openaiErrorBody(status: number): { readonly error: OpenAIError } {
  const type = status < 500 ? "invalid_request_error" : "server_error";
  const error = BY_STATUS[status] ?? {
    message: `The request failed with status ${status}.`,
    type,
    code: null,
  };
  return { error: { ...error, param: null } };
}

/** A refusal of the request. */
export function invalidRequest(
  message: string,
  param: string | null = null,
  code: string | null = null,
  status = 400,
): EmulatedAnswer {
  const error: OpenAIError = { message, type: "invalid_request_error", param, code };
  return { status, body: { error } };
}

/** OpenAI's answer to a model that it does not have. */
export function modelNotFound(model: string): EmulatedAnswer {
  const message = `The model \`${model}\` does not exist or you do not have access to it.`;
  return invalidRequest(message, null, "model_not_found", 404);
}
