import { anthropicEvents, anthropicMessage, PING } from "./anthropic-answer.ts";
import { anthropicErrorBody, anthropicRequestId, notFound, refusal } from "./anthropic-error.ts";
import { anthropicModel, listAnthropicModels } from "./anthropic-model-list.ts";
import { ANTHROPIC_MODELS } from "./anthropic-models.ts";
import { promptMessages, readAnthropicRequest } from "./anthropic-prompt.ts";
import { refuseCount, refuseMessage } from "./anthropic-refusals.ts";
import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import type { EmulatedWire } from "./emulated-wire.ts";
import { isWrongKey } from "./known-mistakes.ts";
import { asObject, asText } from "./loose-json.ts";
import { promptWords } from "./word-counts.ts";

/** What no request comes near to; the limits are per minute. */
const RATE_LIMITS: Readonly<Record<string, number>> = {
  requests: 4000,
  tokens: 2_400_000,
  "input-tokens": 2_000_000,
  "output-tokens": 400_000,
};

/**
 * Anthropic's Messages API, under any prefix. A request shows that it is for it by the header `anthropic-version`, as lists of
 * models have the same path on other wires.
 * Source: Anthropic's API reference and recorded answers, checked 2026-11.
 */
export const anthropic: EmulatedWire = {
  name: "anthropic",
  basePath: "",
  models: ANTHROPIC_MODELS,
  isSpokenBy: ({ headers, path }) => "anthropic-version" in headers || /\/v1\/messages(?:\/|$)/.test(path),
  streamContentType: "text/event-stream; charset=utf-8",
  hasComments: true,
  keepAlive: PING,
  generations: [
    {
      method: "POST",
      path: /\/messages$/,
      read: readAnthropicRequest,
      refuse: refuseMessage,
      isStream: ({ body }) => asObject(body)["stream"] === true,
      events: anthropicEvents,
      whole: anthropicMessage,
    },
  ],
  documents: [
    {
      method: "POST",
      path: /\/messages\/count_tokens$/,
      read: readAnthropicRequest,
      refuse: refuseCount,
      answer: ({ body }) => ({
        body: { input_tokens: promptWords(promptMessages(body), asObject(body)["tools"]) },
      }),
    },
    { method: "GET", path: /\/models$/, answer: listAnthropicModels },
    {
      method: "GET",
      path: /\/models\/[^/]+$/,
      answer: (request, models) => {
        const name = decodeURIComponent(request.path.slice(request.path.lastIndexOf("/") + 1));
        return models.includes(name) ? { body: anthropicModel(name) } : notFound(request, `model: ${name}`);
      },
    },
  ],
  headers: (request, status) => ({
    "request-id": anthropicRequestId(request),
    "anthropic-organization-id": "00000000-0000-4000-8000-000000000000",
    ...(status === 429 && { "retry-after": "1" }),
    ...rateLimits(request),
  }),
  refuseKey,
  unknownPath: (request) => notFound(request, "Not Found"),
  errorBody: anthropicErrorBody,
};

function rateLimits({ receivedAt }: EmulatedRequest): Record<string, string> {
  const reset = new Date(receivedAt + 1000).toISOString();
  return Object.fromEntries(
    Object.entries(RATE_LIMITS).flatMap(([what, limit]) => [
      [`anthropic-ratelimit-${what}-limit`, String(limit)],
      [`anthropic-ratelimit-${what}-remaining`, String(limit - 1)],
      [`anthropic-ratelimit-${what}-reset`, reset],
    ]),
  );
}

function refuseKey(request: EmulatedRequest, isRequired: boolean): EmulatedAnswer | undefined {
  const unauthorized = (message: string): EmulatedAnswer =>
    refusal(request, message, [401, "authentication_error"]);
  const { authorization = "", "x-api-key": header } = request.headers;
  const [, bearer] = /^Bearer\s+(\S+)/i.exec(authorization) ?? [];
  const key = asText(header) || (bearer ?? "");
  if (key === "") return isRequired ? unauthorized("x-api-key header is required") : undefined;
  if (!isWrongKey(key)) return undefined;
  return unauthorized(bearer === key ? "Invalid bearer token" : "invalid x-api-key");
}
