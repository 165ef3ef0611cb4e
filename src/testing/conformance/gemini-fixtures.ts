import { GeminiMultiAgentFormatter } from "../../formatter/gemini-multi-agent-formatter.ts";
import { GEMINI_ENVELOPE, geminiEnd, geminiEvent, geminiParts } from "./gemini-events.ts";
import { readGeminiRequest } from "./gemini-request.ts";
import { geminiShapes } from "./gemini-shapes.ts";
import { joinedAnswer, type JoinedBlock } from "./joined-answer.ts";
import type { AnswerPart, ErrorFixture, FixtureUsage, WireFixtures } from "./wire-fixtures.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Google's Gemini API, and Vertex AI, as they send it. Source: Google's API reference and recorded answers, checked 2026-11. */
export function geminiFixtures(): WireFixtures {
  return {
    name: "gemini",
    basePath: "/v1beta",
    framing: "sse",
    streamType: "text/event-stream",
    stream,
    whole,
    errorBody: ({ status, message }) => JSON.stringify(errorOf(status, message)),
    errorEvent: ({ code, message }) =>
      `data: ${JSON.stringify(errorOf(STATUSES_BY_CODE[code] ?? 400, message))}\n\n`,
    // The API sends none; proxies in front of it do.
    idleEvents: [": keep-alive\n\n", 'data: {"candidates":[],"novelty":"ignore me"}\n\n', "data: {}\n\n"],
    finishReasons: {
      stop: "STOP",
      length: "MAX_TOKENS",
      content_filter: "SAFETY",
      error: "MALFORMED_FUNCTION_CALL",
    },
    contextOverflow: [
      error(400, "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575)."),
    ],
    quota: [
      error(429, QUOTA_WORDS, [
        quotaFailure("GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
        retryInfo("3600s"),
      ]),
    ],
    waits: [
      {
        ...error(429, `${QUOTA_WORDS}\nPlease retry in 34.4s.`, [
          quotaFailure("GenerateRequestsPerMinutePerProjectPerModel-FreeTier"),
          retryInfo("34.4s"),
        ]),
        waitMs: 34_400,
      },
    ],
    modelNotFound: error(
      404,
      "models/gemini-x is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.",
    ),
    keyHeader: "x-goog-api-key",
    // The API sends none; gateways in front of it do.
    requestIdHeader: "x-request-id",
    hasCacheWrites: false,
    maxTokensField: "generationConfig.maxOutputTokens",
    // Calls that another model made have no ids on this wire.
    toolCallId: /./,
    media: {
      image: ["url", "data", "fileId"],
      audio: ["url", "data", "fileId"],
      video: ["url", "data", "fileId"],
      file: ["url", "data", "fileId"],
    },
    multiAgentFormatter: () => new GeminiMultiAgentFormatter(),
    shapes: geminiShapes,
    skips: {
      C6: "the wire has no end mark: the answer is over when the body is",
      C9: "the wire has no end mark: the answer is over when the body is",
      C18: "the wire is server-sent events, not a JSON text a line",
      E10: "the wire sends arguments as a value: they are always JSON",
      F2: "the wire has one field for reasoning",
      F3: "the wire has one field for reasoning",
      F4: "the wire marks reasoning by a field, and has no tags",
      F11: "the wire marks reasoning by a field, and has no tags",
      G3: "no server of this wire has another field for usage",
      H5: "the wire knows no pause",
      H8: "a refusal on this wire has no text, only a reason: H4 has some",
    },
    counting: {
      answer: (tokens) => JSON.stringify({ totalTokens: tokens }),
      callIn: (body) => (body as Fields)["generateContentRequest"],
    },
    readRequest: readGeminiRequest,
  };
}

const QUOTA_WORDS =
  "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.";

/** The status that Google has for the errors that the cases speak of. */
const STATUSES_BY_CODE: Readonly<Record<string, number>> = { rate_limit_exceeded: 429, server_error: 500 };

const NAMES: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

function errorOf(code: number, message: string, details?: readonly Fields[]): Fields {
  const status = NAMES[code] ?? "UNKNOWN";
  return { error: { code, message, status, ...(details && { details }) } };
}

function error(status: number, message: string, details?: readonly Fields[]): ErrorFixture {
  return { status, body: JSON.stringify(errorOf(status, message, details)) };
}

function quotaFailure(quotaId: string): Fields {
  const quotaMetric = "generativelanguage.googleapis.com/generate_content_free_tier_requests";
  return {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    violations: [{ quotaMetric, quotaId, quotaDimensions: { model: "gemini-x" }, quotaValue: "20" }],
  };
}

function retryInfo(retryDelay: string): Fields {
  return { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay };
}

/** Tokens as this wire counts them: reasoning stands beside the answer. */
function usageOf({ input, output, cacheRead, reasoning }: FixtureUsage): Fields {
  return {
    promptTokenCount: input,
    candidatesTokenCount: output - (reasoning ?? 0),
    totalTokenCount: input + output,
    ...(cacheRead !== undefined && { cachedContentTokenCount: cacheRead }),
    ...(reasoning !== undefined && { thoughtsTokenCount: reasoning }),
  };
}

function ending(refusal: string | undefined, finish: string): readonly [reason: string, more: Fields] {
  return refusal === undefined ? [finish, {}] : ["SAFETY", { finishMessage: refusal }];
}

/** An answer as events, usage in the one with the reason where it follows that. Calls are whole, however they were cut. */
function stream(parts: readonly AnswerPart[]): string[] {
  const { refusal } = joinedAnswer(parts);
  return parts.flatMap((part, at) => {
    const before = parts[at - 1];
    const next = parts[at + 1];
    if ("text" in part) return [geminiParts([{ text: part.text }])];
    if ("thinking" in part) return [geminiParts([{ text: part.thinking, thought: true }])];
    if ("event" in part) return [part.event];
    if ("finish" in part) {
      const [reason, more] = ending(refusal, part.finish);
      return [
        geminiEnd(reason, next !== undefined && "usage" in next ? usageOf(next.usage) : undefined, more),
      ];
    }
    if ("usage" in part) {
      const isTold = before !== undefined && "finish" in before;
      return isTold ? [] : [geminiEvent({ usageMetadata: usageOf(part.usage) })];
    }
    // The pieces of calls that follow each other are joined where the first of them stands.
    if (!("tool" in part) || (before !== undefined && "tool" in before)) return [];
    const end = parts.findIndex((each, place) => place > at && !("tool" in each));
    const { blocks } = joinedAnswer(parts.slice(at, end < 0 ? undefined : end));
    return blocks.map((block) => geminiParts([partOf(block)]));
  });
}

function whole(parts: readonly AnswerPart[]): string {
  const { blocks, refusal, finish = "STOP", usage } = joinedAnswer(parts);
  const [finishReason, more] = ending(refusal, finish);
  const candidate = {
    content: { parts: blocks.map(partOf), role: "model" },
    finishReason,
    ...more,
    index: 0,
  };
  const usageMetadata = usage && usageOf(usage);
  return JSON.stringify({
    candidates: [candidate],
    ...(usageMetadata && { usageMetadata }),
    ...GEMINI_ENVELOPE,
  });
}

function partOf(block: JoinedBlock): Fields {
  if (block.type !== "tool") return { text: block.text, ...(block.type === "thinking" && { thought: true }) };
  const { id, name, arguments: text } = block;
  const args = JSON.parse(text || "{}") as unknown;
  return { functionCall: { ...(id !== undefined && { id }), name, args } };
}
