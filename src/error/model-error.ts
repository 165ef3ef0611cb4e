/**
 * What went wrong, as far as a caller can act on it.
 *
 * - `authentication` the key is missing or refused · `permission` the key may not do this · `not_found` no such model or URL
 * - `invalid_request` the provider refuses the request · `context_length` the prompt does not fit the model
 * - `rate_limit` too fast · `quota` out of credit · `overloaded` the provider has no capacity · `server` it failed inside
 * - `network` no connection, or a broken one · `timeout` one of our deadlines · `aborted` the caller's own signal
 * - `content_filter` refused for its content · `truncated` the stream stopped before the provider's end
 * - `parse` the answer cannot be read · `unsupported` this model cannot do that · `configuration` a mistake in the set-up
 */
export type ModelErrorKind =
  | "authentication"
  | "permission"
  | "not_found"
  | "invalid_request"
  | "context_length"
  | "rate_limit"
  | "quota"
  | "overloaded"
  | "server"
  | "network"
  | "timeout"
  | "aborted"
  | "content_filter"
  | "truncated"
  | "parse"
  | "unsupported"
  | "configuration";

/** What had arrived when a call failed. Errors of a chat model carry a whole `ChatResponse` here. */
export interface PartialResponse {
  readonly id: string;
  readonly text: string;
  readonly thinking: string;
  readonly content: readonly { readonly type: string; readonly id: string }[];
  readonly usage?: { readonly inputTokens?: number; readonly outputTokens?: number } | undefined;
}

/** One allowance of a provider's rate limit, as its response headers tell it. */
export interface RateLimit {
  /** What is counted: `requests`, `tokens`, or another name the provider uses. */
  readonly name: string;
  readonly limit?: number;
  readonly remaining?: number;
  /** Milliseconds until the allowance is full again. */
  readonly resetMs?: number;
}

/** Everything a {@link ModelError} may know beside its kind and message. */
export interface ModelErrorDetails {
  /** Whether the same request may succeed later. @default by kind: see {@link isRetryableKind} */
  retryable?: boolean | undefined;
  /** HTTP status of the answer, or the one an error inside a stream stands for. */
  status?: number | undefined;
  /** The provider's own code, verbatim, for example `insufficient_quota`. */
  code?: string | undefined;
  requestId?: string | undefined;
  /** How long the provider asks to wait, in milliseconds. */
  retryAfterMs?: number | undefined;
  rateLimits?: readonly RateLimit[] | undefined;
  provider?: string | undefined;
  model?: string | undefined;
  partial?: PartialResponse | undefined;
  /** The provider's answer as text, bounded in length and without keys. */
  body?: string | undefined;
  /** How many requests were sent, this failure included. */
  attempts?: number | undefined;
  cause?: unknown;
}

const RETRYABLE_KINDS: ReadonlySet<ModelErrorKind> = new Set([
  "rate_limit",
  "overloaded",
  "server",
  "network",
  "timeout",
  "truncated",
]);

/** Whether failures of this kind may pass when the request is sent again: rate limits, overload, server, network, timeouts, cut streams. */
export function isRetryableKind(kind: ModelErrorKind): boolean {
  return RETRYABLE_KINDS.has(kind);
}

// A registered symbol, so that an error of another copy of this package is still recognised.
const BRAND = Symbol.for("rxscope.ModelError");

/**
 * The one error class of this library: every failure of a model reaches the caller as a `ModelError`.
 *
 * Catch by subclass (`RateLimitError`), by `kind`, or, where two copies of the package may be loaded, with
 * `ModelError.isInstance(error)` and `RateLimitError.isInstance(error)`.
 */
export class ModelError extends Error {
  /** The kind that `isInstance` of a subclass asks for; undefined on `ModelError` itself. */
  static readonly kind: ModelErrorKind | undefined = undefined;

  override readonly name: string = "ModelError";
  readonly kind: ModelErrorKind;
  readonly retryable: boolean;
  // Declared only: a field that is not known is absent, not `undefined`, when the error is printed.
  declare readonly status?: number;
  declare readonly code?: string;
  declare readonly requestId?: string;
  declare readonly retryAfterMs?: number;
  declare readonly rateLimits?: readonly RateLimit[];
  declare readonly provider?: string;
  declare readonly model?: string;
  declare readonly body?: string;
  declare readonly attempts?: number;
  declare readonly partial?: PartialResponse;

  constructor(kind: ModelErrorKind, message: string, details: ModelErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.retryable = details.retryable ?? isRetryableKind(kind);
    Object.defineProperty(this, BRAND, { value: true });
    this.addContext(details);
  }

  /** Whether `value` is an error of this class, of this or of any other copy of the package. */
  static isInstance(value: unknown): value is ModelError {
    if (typeof value !== "object" || value === null || !(BRAND in value)) return false;
    return this.kind === undefined || (value as unknown as ModelError).kind === this.kind;
  }

  /**
   * Adds what a layer further out knows (the provider, the answer so far). What is already known stays.
   * Returns the error itself, so that its identity and stack survive the way up.
   */
  addContext(details: ModelErrorDetails): this {
    for (const name of CONTEXT) {
      if (details[name] === undefined || this[name] !== undefined) continue;
      // `partial` is hidden from printing: a log line of the error should not hold the conversation.
      Object.defineProperty(this, name, { value: details[name], enumerable: name !== "partial" });
    }
    return this;
  }

  /** Plain data for a log: no stack, no cause, no partial answer. */
  toJSON(): Record<string, unknown> {
    // The fields of an error are enumerable but for its message, stack, cause and, here, `partial`.
    return { message: this.message, ...(this as object) };
  }
}

const CONTEXT = [
  "status",
  "code",
  "requestId",
  "retryAfterMs",
  "rateLimits",
  "provider",
  "model",
  "body",
  "attempts",
  "partial",
] as const satisfies readonly (keyof ModelErrorDetails)[];
