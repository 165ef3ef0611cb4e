import { ModelError, type ModelErrorDetails, type ModelErrorKind } from "./model-error.ts";

/** The provider does not accept the key, or there is none. Not: a key without the right to a model ({@link PermissionError}). */
export class AuthenticationError extends ModelError {
  static override readonly kind = "authentication";
  override readonly name = "AuthenticationError";

  constructor(message: string, details?: ModelErrorDetails) {
    super("authentication", message, details);
  }
}

/** The key is good but may not do this: a model, a region, a project. Not: no credit ({@link QuotaError}). */
export class PermissionError extends ModelError {
  static override readonly kind = "permission";
  override readonly name = "PermissionError";

  constructor(message: string, details?: ModelErrorDetails) {
    super("permission", message, details);
  }
}

/** The provider knows no such model, deployment or URL. */
export class NotFoundError extends ModelError {
  static override readonly kind = "not_found";
  override readonly name = "NotFoundError";

  constructor(message: string, details?: ModelErrorDetails) {
    super("not_found", message, details);
  }
}

/** The provider refuses the request as it stands; sending it again changes nothing. Not: a prompt that is too long ({@link ContextLengthError}). */
export class InvalidRequestError extends ModelError {
  static override readonly kind = "invalid_request";
  override readonly name = "InvalidRequestError";

  constructor(message: string, details?: ModelErrorDetails) {
    super("invalid_request", message, details);
  }
}

/** The prompt, or the prompt and the wanted output, does not fit the model's context. Shorten it before the next try. */
export class ContextLengthError extends ModelError {
  static override readonly kind = "context_length";
  override readonly name = "ContextLengthError";

  constructor(message: string, details?: ModelErrorDetails) {
    super("context_length", message, details);
  }
}

/** Too many requests or tokens for the moment; `retryAfterMs` says how long to wait where the provider does. Not: an empty account ({@link QuotaError}). */
export class RateLimitError extends ModelError {
  static override readonly kind = "rate_limit";
  override readonly name = "RateLimitError";

  constructor(message: string, details?: ModelErrorDetails) {
    super("rate_limit", message, details);
  }
}

/** The account is out of credit or of its monthly allowance; waiting does not help, so it is never retried. */
export class QuotaError extends ModelError {
  static override readonly kind = "quota";
  override readonly name = "QuotaError";

  constructor(message: string, details?: ModelErrorDetails) {
    super("quota", message, details);
  }
}

/** The provider has no capacity at the moment, for anybody. */
export class OverloadedError extends ModelError {
  static override readonly kind = "overloaded";
  override readonly name = "OverloadedError";

  constructor(message: string, details?: ModelErrorDetails) {
    super("overloaded", message, details);
  }
}

/** The provider failed inside (5xx). */
export class ServerError extends ModelError {
  static override readonly kind = "server";
  override readonly name = "ServerError";

  constructor(message: string, details?: ModelErrorDetails) {
    super("server", message, details);
  }
}

/** There was no connection, or it broke: refused, unknown host, TLS, reset. What had arrived before is in `partial`. */
export class NetworkError extends ModelError {
  static override readonly kind = "network";
  override readonly name = "NetworkError";

  constructor(message: string, details?: ModelErrorDetails) {
    super("network", message, details);
  }
}

/** One of the deadlines passed: connect, first event, idle or total; the message says which and how to change it. */
export class ModelTimeoutError extends ModelError {
  static override readonly kind = "timeout";
  override readonly name = "ModelTimeoutError";

  constructor(message: string, details?: ModelErrorDetails) {
    super("timeout", message, details);
  }
}

/** The caller's own `AbortSignal` fired. Unsubscribing is silent and gives no error. */
export class AbortedError extends ModelError {
  static override readonly kind = "aborted";
  override readonly name = "AbortedError";

  constructor(message: string, details?: ModelErrorDetails) {
    super("aborted", message, details);
  }
}

/** The provider refuses the prompt for its content. An answer that was filtered is no error: see `finishReason`. */
export class ContentFilterError extends ModelError {
  static override readonly kind = "content_filter";
  override readonly name = "ContentFilterError";

  constructor(message: string, details?: ModelErrorDetails) {
    super("content_filter", message, details);
  }
}

/** The stream stopped before the provider's end mark; what had arrived is in `partial`. */
export class TruncatedError extends ModelError {
  static override readonly kind = "truncated";
  override readonly name = "TruncatedError";

  constructor(message: string, details?: ModelErrorDetails) {
    super("truncated", message, details);
  }
}

/** The answer, or the structured value in it, cannot be read. */
export class ParseError extends ModelError {
  static override readonly kind = "parse";
  override readonly name = "ParseError";

  constructor(message: string, details?: ModelErrorDetails) {
    super("parse", message, details);
  }
}

/** This model cannot do what was asked, known before anything is sent. */
export class UnsupportedError extends ModelError {
  static override readonly kind = "unsupported";
  override readonly name = "UnsupportedError";

  constructor(message: string, details?: ModelErrorDetails) {
    super("unsupported", message, details);
  }
}

/** A mistake in the set-up or in what is asked: a missing key, an unknown id, an option or a message that makes no sense. */
export class ConfigurationError extends ModelError {
  static override readonly kind = "configuration";
  override readonly name = "ConfigurationError";

  constructor(message: string, details?: ModelErrorDetails) {
    super("configuration", message, details);
  }
}

const CLASS_BY_KIND: Readonly<
  Record<ModelErrorKind, new (message: string, details?: ModelErrorDetails) => ModelError>
> = {
  authentication: AuthenticationError,
  permission: PermissionError,
  not_found: NotFoundError,
  invalid_request: InvalidRequestError,
  context_length: ContextLengthError,
  rate_limit: RateLimitError,
  quota: QuotaError,
  overloaded: OverloadedError,
  server: ServerError,
  network: NetworkError,
  timeout: ModelTimeoutError,
  aborted: AbortedError,
  content_filter: ContentFilterError,
  truncated: TruncatedError,
  parse: ParseError,
  unsupported: UnsupportedError,
  configuration: ConfigurationError,
};

/** A `ModelError` as it is; anything else that was thrown as the cause of a new one, which is not retried. */
export function asModelError(error: unknown, kind: ModelErrorKind, what: string): ModelError {
  if (ModelError.isInstance(error)) return error;
  const said = error instanceof Error ? error.message : String(error);
  return modelError(kind, `${what}: ${said}`, { retryable: false, cause: error });
}

/** A new error of the class that belongs to `kind`. */
export function modelError(kind: ModelErrorKind, message: string, details?: ModelErrorDetails): ModelError {
  return new CLASS_BY_KIND[kind](message, details);
}
