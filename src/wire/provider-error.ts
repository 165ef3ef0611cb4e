import type { ModelErrorKind } from "../error/model-error.ts";

/** What an error answer says, whatever its shape. */
export interface ProviderError {
  readonly message: string;
  /** The HTTP status, or the one that an error inside a stream stands for; undefined when nothing tells. */
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  readonly type?: string | undefined;
  /** The provider's id of the request, where the body tells it. */
  readonly requestId?: string | undefined;
  /** A wait the body asks for, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Whether an exhausted allowance comes back soon; undefined when the body does not tell. */
  readonly passesSoon?: boolean | undefined;
}

/**
 * Reads an error answer of any provider. Seen shapes: `{error:{message,type,code,param}}`, `{error:"text"}`,
 * `{code,error:"text"}` (xAI), `{object:"error",message,...}` (vLLM, Mistral), `{type:"error",error:{...}}` (Anthropic),
 * `{error:{code,message,status,details}}` (Google) and the same in a list, `{detail}` (FastAPI servers), `{code,message,request_id}` (DashScope),
 * `{base_resp:{status_code,status_msg}}` (MiniMax), bare JSON strings, HTML, plain text, nothing.
 */
export function readProviderError(body: unknown, status?: number): ProviderError {
  if (typeof body === "string") return { message: readableText(body), status };
  const outer = asRecord(Array.isArray(body) ? body[0] : body);
  const error = outer["error"] ?? outer["base_resp"] ?? outer;
  if (typeof error === "string") {
    const code = word(outer["code"]);
    return { message: error, code, status: status ?? statusByWords(`${code ?? ""} ${error}`) };
  }
  const inner = asRecord(error);
  const written = word(inner["failed_generation"]);
  const said =
    word(inner["message"]) ?? word(inner["status_msg"]) ?? detail(inner["detail"]) ?? compact(body);
  // What the model wrote instead of a call that can be read: the reader of the error wants to see it.
  const message = written === undefined ? said : `${said} The model wrote: ${written}`;
  const google = readGoogleDetails(inner["details"]);
  const given =
    word(inner["code"]) ?? word(inner["status_code"]) ?? word(asRecord(inner["details"])["error_code"]);
  // Google repeats the status where others have a name; the name is elsewhere.
  const name = errorStatus(given) === undefined ? given : (word(inner["status"]) ?? given);
  const code = google.reason ?? name;
  const metadata = asRecord(inner["metadata"]);
  // OpenRouter gives the reasons of a moderation, and no name of the error.
  const moderated = Array.isArray(metadata["reasons"]) ? "content_filter" : undefined;
  const type = word(inner["type"]) ?? word(inner["status"]) ?? word(metadata["error_type"]) ?? moderated;
  const named =
    errorStatus(inner["status_code"]) ??
    errorStatus(given) ??
    statusByWords(`${code ?? ""} ${type ?? ""} ${message}`);
  const requestId = word(outer["request_id"]);
  const { retryAfterMs, passesSoon } = google;
  return { message, code, type, status: status ?? named, requestId, retryAfterMs, passesSoon };
}

/** What kind of failure it is, and whether it may pass. */
export function classifyProviderError(error: ProviderError): { kind: ModelErrorKind; retryable?: boolean } {
  const words = `${error.code ?? ""} ${error.type ?? ""}`;
  const said = `${words} ${error.message}`;
  const { status } = error;
  // Some providers answer 400 to everything: what the body says goes before the status.
  if (isContextOverflow(said)) return { kind: "context_length" };
  // Google says "quota" of limits by the minute, too.
  const isUsedUp = error.passesSoon === undefined ? QUOTA_TEXT.test(error.message) : !error.passesSoon;
  if (status === 402 || QUOTA.test(words) || ((status === 429 || status === 400) && isUsedUp))
    return { kind: "quota" };
  if (CONTENT_FILTER.test(words) || (status === 403 && /moderation|flagged/i.test(error.message)))
    return { kind: "content_filter" };
  if (status === 401 || BAD_KEY.test(said)) return { kind: "authentication" };
  // The same question may well get a better answer.
  if (UNREADABLE_CALL.test(words)) return { kind: "parse", retryable: true };
  if (OVERLOADED.test(said) || status === 503 || status === 529 || status === 498)
    return { kind: "overloaded" };
  switch (status) {
    case 403:
      return { kind: "permission" };
    case 404:
      return { kind: "not_found" };
    case 408:
    case 504:
      return { kind: "timeout" };
    case 409:
      return { kind: "invalid_request", retryable: true };
    case 429:
      return { kind: "rate_limit" };
    default:
      if (NOT_FOUND.test(words)) return { kind: "not_found" };
      return { kind: status !== undefined && status < 500 ? "invalid_request" : "server" };
  }
}

const QUOTA =
  /insufficient_quota|credit_balance_exhausted|exceeded_current_quota|billing_error|payment_required|Arrearage|FreeTierOnly|insufficient_balance|spend_limit_reached/i;
const QUOTA_TEXT =
  /exceeded your current quota|insufficient (?:balance|credit)|out of credits|credit balance is too low/i;
const CONTENT_FILTER =
  /content_filter|content_policy_violation|DataInspectionFailed|data_inspection_failed|ResponsibleAIPolicyViolation/i;
const BAD_KEY =
  /invalid_api_key|InvalidApiKey|API_KEY_INVALID|API key not valid|Incorrect API key provided|invalid_authentication/i;
const OVERLOADED =
  /overloaded|slow_down|service_unavailable|server_is_overloaded|unavailable_error|insufficient_system_resource|no capacity/i;
const UNREADABLE_CALL =
  /tool_use_failed|MALFORMED_FUNCTION_CALL|MALFORMED_RESPONSE|UNEXPECTED_TOOL_CALL|TOO_MANY_TOOL_CALLS/i;
const NOT_FOUND = /model_not_found|DeploymentNotFound|ModelNotFound|not_found_error/i;

/** How providers say that a prompt is too long (wire notes 1.11, 2026-11). */
const CONTEXT_OVERFLOW: readonly RegExp[] = [
  /context_length_exceeded|exceed_context_size|max_tokens_exceeded|string_too_long/,
  /maximum (?:context|prompt) length is/i,
  /exceeds the (?:context window|available context size|maximum number of tokens)/i,
  /prompt is too long|input length and `max_tokens` exceed context limit/i,
  /exceeded model token limit|Input token length too long/i,
  /Range of input length should be/i,
  /input length exceeds the context length/i,
  /reduce the length of the messages|greater than the context length|context window exceeds limit/i,
  /too large for model with \d+ maximum context length/i,
];

/** Whether an error text says that the prompt does not fit. */
function isContextOverflow(text: string): boolean {
  return CONTEXT_OVERFLOW.some((pattern) => pattern.test(text));
}

/** A number that is the HTTP status of an error. */
function errorStatus(value: unknown): number | undefined {
  const status = Number(value);
  return status >= 400 && status < 600 ? status : undefined;
}

/** The status an error inside a stream stands for, by its words. */
function statusByWords(words: string): number | undefined {
  if (/insufficient_quota|rate.?limit|exceeded_current_quota|throttl|limit_?requests/i.test(words))
    return 429;
  if (/authentication|invalid_api_key|unauthorized/i.test(words)) return 401;
  if (/permission|AccessDenied/i.test(words)) return 403;
  if (/not_found/i.test(words)) return 404;
  if (/overload|unavailable|slow_down/i.test(words)) return 503;
  if (/timeout|timed out/i.test(words)) return 504;
  if (/invalid|bad_request|context_length|BadRequest|MISSING_THOUGHT_SIGNATURE/i.test(words)) return 400;
  return undefined;
}

/**
 * Google's `details`: `ErrorInfo` with a reason, `RetryInfo` with a wait (`"34.4s"`), `QuotaFailure` with the allowances that
 * are used up, of which those by the day and those of nothing do not come back soon.
 */
function readGoogleDetails(details: unknown): Pick<ProviderError, "retryAfterMs" | "passesSoon"> & {
  readonly reason?: string | undefined;
} {
  if (!Array.isArray(details)) return {};
  let reason: string | undefined;
  let retryAfterMs: number | undefined;
  let passesSoon: boolean | undefined;
  for (const entry of details) {
    const detail = asRecord(entry);
    if (String(detail["@type"]).endsWith("ErrorInfo")) reason ??= word(detail["reason"]);
    const seconds = /^([\d.]+)s$/.exec(word(detail["retryDelay"]) ?? "")?.[1];
    if (seconds !== undefined) {
      retryAfterMs = Number(seconds) * 1000;
      passesSoon ??= true;
    }
    if (Array.isArray(detail["violations"])) {
      passesSoon = !detail["violations"].some((violation) => {
        const { quotaId, quotaValue } = asRecord(violation);
        return /PerDay/.test(word(quotaId) ?? "") || word(quotaValue) === "0";
      });
    }
  }
  return { reason, retryAfterMs, passesSoon };
}

/** FastAPI's `detail`: a text, or a list of complaints. */
function detail(value: unknown): string | undefined {
  if (!Array.isArray(value)) return word(value);
  return value
    .map((entry) => `${compact(asRecord(entry)["loc"])}: ${word(asRecord(entry)["msg"]) ?? ""}`)
    .join("; ");
}

/** The gist of a body that is not JSON: a page's title, else its text, cut. */
function readableText(body: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(body)?.[1];
  const plain = (title ?? body.replace(/<[^>]*>/g, " ")).replace(/\s+/g, " ").trim();
  return plain.length > 500 ? `${plain.slice(0, 500)}…` : plain;
}

function word(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  return typeof value === "number" ? String(value) : undefined;
}

function compact(value: unknown): string {
  const text = value === undefined ? "" : JSON.stringify(value);
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
