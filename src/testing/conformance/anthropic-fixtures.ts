import { AnthropicMultiAgentFormatter } from "../../formatter/anthropic-multi-agent-formatter.ts";
import { ANTHROPIC_ENVELOPE, anthropicEvent, MESSAGE_STOP } from "./anthropic-events.ts";
import { readAnthropicRequest } from "./anthropic-request.ts";
import { anthropicShapes } from "./anthropic-shapes.ts";
import { anthropicEnding, anthropicStream, anthropicUsage } from "./anthropic-stream.ts";
import { joinedAnswer, type JoinedBlock } from "./joined-answer.ts";
import { type AnswerPart, type ErrorFixture, SIGNATURE, type WireFixtures } from "./wire-fixtures.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Anthropic's Messages API, as Anthropic sends it. Source: its API reference and recorded answers, checked 2026-11. */
export function anthropicFixtures(): WireFixtures {
  return {
    name: "anthropic",
    basePath: "",
    framing: "sse",
    streamType: "text/event-stream; charset=utf-8",
    stream: anthropicStream,
    whole,
    errorBody: ({ status, code, message }) => JSON.stringify(errorOf(TYPES[status] ?? code, message)),
    errorEvent: ({ code, message }) => anthropicEvent("error", errorOf(TYPES_BY_CODE[code] ?? code, message)),
    endMark: MESSAGE_STOP,
    idleEvents: ['event: ping\ndata: {"type": "ping"}\n\n', anthropicEvent("novelty", { note: "ignore me" })],
    finishReasons: {
      stop: "end_turn",
      length: "max_tokens",
      tool_calls: "tool_use",
      content_filter: "refusal",
      pause: "pause_turn",
    },
    contextOverflow: [
      error(400, "invalid_request_error", "prompt is too long: 213462 tokens > 200000 maximum"),
      error(
        400,
        "invalid_request_error",
        "input length and `max_tokens` exceed context limit: 190000 + 64000 > 200000, decrease input length or `max_tokens` and try again",
      ),
    ],
    quota: [
      error(
        400,
        "invalid_request_error",
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
      ),
      error(402, "billing_error", "There is a problem with your billing."),
      error(429, "rate_limit_error", "You have reached your spend limit.", {
        error_code: "enforced_spend_limit_reached",
      }),
    ],
    modelNotFound: error(404, "not_found_error", "model: claude-x"),
    keyHeader: "x-api-key",
    requestIdHeader: "request-id",
    rateLimits: {
      headers: {
        "anthropic-ratelimit-requests-limit": "60",
        "anthropic-ratelimit-requests-remaining": "59",
        "anthropic-ratelimit-requests-reset": "2026-01-01T00:00:00Z",
      },
      limits: [{ name: "requests", limit: 60, remaining: 59, resetMs: 0 }],
    },
    hasJsonMode: false,
    maxTokensField: "max_tokens",
    toolCallId: /^[a-zA-Z0-9_-]+$/,
    media: { image: ["url", "data", "fileId"], file: ["url", "data", "fileId"] },
    multiAgentFormatter: () => new AnthropicMultiAgentFormatter(),
    shapes: anthropicShapes,
    skips: {
      C18: "the wire is server-sent events, not a JSON text a line",
      F2: "the wire has one field for reasoning",
      F3: "the wire has one field for reasoning",
      F4: "the wire has blocks for reasoning, and no tags",
      F11: "the wire has blocks for reasoning, and no tags",
      G3: "no server of this wire has another field for usage",
      H6: "the wire has no reason for a failure: it sends an error event",
      H8: "a refusal on this wire has no text, only an explanation beside the reason: H4 has one",
    },
    counting: {
      answer: (tokens) => JSON.stringify({ input_tokens: tokens }),
      callIn: (body) => body,
    },
    readRequest: ({ body }) => readAnthropicRequest(body),
  };
}

/** What Anthropic calls the errors that the cases speak of. */
const TYPES_BY_CODE: Readonly<Record<string, string>> = {
  rate_limit_exceeded: "rate_limit_error",
  server_error: "api_error",
};

/** And what it calls those of a status. */
const TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  409: "conflict_error",
  413: "request_too_large",
  429: "rate_limit_error",
  500: "api_error",
  504: "timeout_error",
  529: "overloaded_error",
};

function errorOf(type: string, message: string, details: Fields | null = null): Fields {
  return { type: "error", error: { type, message, details }, request_id: "req_011CS" };
}

function error(status: number, type: string, message: string, details?: Fields): ErrorFixture {
  return { status, body: JSON.stringify(errorOf(type, message, details)) };
}

function whole(parts: readonly AnswerPart[]): string {
  const { blocks, refusal, finish = "end_turn", usage } = joinedAnswer(parts);
  return JSON.stringify({
    ...ANTHROPIC_ENVELOPE,
    content: blocks.map(blockOf),
    ...anthropicEnding(finish, refusal),
    ...(usage !== undefined && { usage: anthropicUsage(usage) }),
  });
}

function blockOf(block: JoinedBlock): Fields {
  if (block.type === "text") return { type: "text", text: block.text };
  if (block.type === "thinking") return { type: "thinking", thinking: block.text, signature: SIGNATURE };
  const { id, name, arguments: text } = block;
  return { type: "tool_use", id, name, input: JSON.parse(text || "{}") as unknown };
}
