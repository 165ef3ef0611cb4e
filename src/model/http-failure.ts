import { modelError } from "../error/errors-by-kind.ts";
import type { ModelError, ModelErrorKind } from "../error/model-error.ts";
import { nearest } from "./nearest-name.ts";
import type { FailureAdvice } from "../transport/endpoint.ts";
import type { HttpHead } from "../transport/http.ts";
import { header, rateLimits, retryAfterMs } from "../transport/rate-limit-headers.ts";
import { redact } from "../transport/redact.ts";
import { classifyProviderError, type ProviderError, readProviderError } from "../wire/provider-error.ts";

/** Whose failure it is, for the message. */
export interface FailureContext {
  readonly provider: string;
  readonly model: string;
  readonly keySource?: string | undefined;
  readonly advice?: FailureAdvice | undefined;
  readonly knownModels?: (() => readonly string[]) | undefined;
  /** Whether the error came inside a stream whose HTTP status was good. */
  readonly inStream?: boolean;
}

/** The request id in the spelling of any provider. */
export function requestIdOf({ headers, secrets }: HttpHead): string | undefined {
  const id =
    header(headers, "x-request-id") ??
    header(headers, "request-id") ??
    header(headers, "x-generation-id") ??
    header(headers, "apim-request-id");
  return id === undefined ? undefined : redact(id, secrets());
}

/** The error that an error answer stands for: what happened, where, and what to do next, without any key. */
export function failureOf(body: unknown, head: HttpHead, context: FailureContext): ModelError {
  const error = readProviderError(body, context.inStream ? undefined : head.status);
  const { kind, retryable } = classifyProviderError(error);
  const hidden = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : redact(text, head.secrets());
  const shouldRetry = header(head.headers, "x-should-retry");
  const limits = rateLimits(head.headers);
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return modelError(kind, redact(message(error, kind, head, context), head.secrets()), {
    retryable: shouldRetry === "true" ? true : shouldRetry === "false" ? false : retryable,
    status: error.status ?? head.status,
    code: hidden(error.code ?? error.type),
    requestId: requestIdOf(head) ?? hidden(error.requestId),
    retryAfterMs: retryAfterMs(head.headers) ?? error.retryAfterMs ?? waitInText(error.message),
    rateLimits: limits,
    provider: context.provider,
    model: context.model,
    body: redact(text, head.secrets()).slice(0, 4000),
  });
}

function message(
  error: ProviderError,
  kind: ModelErrorKind,
  head: HttpHead,
  context: FailureContext,
): string {
  const { provider, model, inStream, advice } = context;
  const code = error.code ?? error.type;
  const status = inStream
    ? `broke off${error.status === undefined ? "" : ` with ${error.status}`}`
    : `answered ${head.status}`;
  // Without the key before it is cut: half a key would not be found.
  const explanation = redact(error.message || (head.statusText ?? ""), head.secrets());
  const said = shortened(explanation.replace(/[.\s]+$/, "")) || "no explanation";
  const near = kind === "not_found" ? nearest(model, context.knownModels?.() ?? [])[0] : undefined;
  // The name is right: then the account, the region or the address is not.
  const suggestion = near === model ? undefined : near;
  const hint = [
    suggestion !== undefined && `Did you mean "${suggestion}"?`,
    advice?.[kind]?.replaceAll("{model}", () => model) ??
      (suggestion === undefined && HINTS[kind]?.(context)),
  ]
    .filter(Boolean)
    .join(" ");
  return `${provider}/${model} (${head.url()}) ${status}${code === undefined ? "" : ` ${code}`}: ${said}${/[!?…]$/.test(said) ? "" : "."}${hint && ` ${hint}`}`;
}

/** Some servers repeat the whole request in their explanation. */
function shortened(text: string): string {
  return text.length > 1000 ? `${text.slice(0, 1000)}…` : text;
}

const HINTS: Partial<Record<ModelErrorKind, (context: FailureContext) => string>> = {
  authentication: ({ keySource }) => `Check the key${keySource === undefined ? "" : ` (${keySource})`}.`,
  permission: () => "The key may not use this model, project or region.",
  not_found: () => "Check the model's name, the base URL, and whether the account may use the model.",
  quota: () => "The account is out of credit: waiting does not help.",
  context_length: () => "Shorten the messages, or truncate them.",
  rate_limit: () => "Slow down, or raise the limit with the provider.",
  overloaded: () => "Try again later, or another model.",
  server: () => "Try again later; the provider can look it up by error.requestId.",
  content_filter: () =>
    "Its content was refused: change the prompt, for sent again as it is it would be refused again.",
};

/** "Please try again in 6ms", "Please retry after 7 seconds": some providers say the wait only in words. */
function waitInText(text: string): number | undefined {
  const [, amount, unit] =
    /(?:try again|retry) (?:in|after) (\d+(?:\.\d+)?)\s?(ms|s|seconds?)\b/i.exec(text) ?? [];
  if (amount === undefined) return undefined;
  return Number(amount) * (unit === "ms" ? 1 : 1000);
}
