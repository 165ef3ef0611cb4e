import { OpenAIMultiAgentFormatter } from "../../formatter/openai-multi-agent-formatter.ts";
import { OPENAI_SWITCHES, type OpenAIChatSwitches } from "../../wire/openai-chat.ts";
import { OPENAI_DONE, OPENAI_ENVELOPE, openaiDelta, openaiEvent } from "./openai-chat-events.ts";
import { readOpenAIRequest } from "./openai-chat-request.ts";
import { openaiChatShapes } from "./openai-chat-shapes.ts";
import type { AnswerPart, FixtureUsage, WireFixtures } from "./wire-fixtures.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The OpenAI chat wire, as OpenAI and compatible servers send it.
 *
 * @param switches what the server does differently from OpenAI; what it cannot do is skipped
 */
export function openaiChatFixtures(switches: Partial<OpenAIChatSwitches> = {}): WireFixtures {
  const server: OpenAIChatSwitches = { ...OPENAI_SWITCHES, ...switches };
  return {
    name: "openai-chat",
    basePath: "/v1",
    framing: "sse",
    streamType: "text/event-stream",
    stream: (parts) => [openaiDelta({ role: "assistant", content: "" }), ...parts.map(toEvent)],
    whole,
    errorBody: ({ code, message }) => JSON.stringify(errorOf(code, message)),
    errorEvent: ({ code, message }) => `data: ${JSON.stringify(errorOf(code, message))}\n\n`,
    endMark: OPENAI_DONE,
    idleEvents: [
      ": OPENROUTER PROCESSING\n\n",
      openaiEvent({ choices: [] }),
      openaiDelta({ content: "" }),
      'event: novelty\ndata: {"object":"chat.completion.novelty","note":"ignore me"}\n\n',
    ],
    finishReasons: {
      stop: "stop",
      length: "length",
      tool_calls: "tool_calls",
      content_filter: "content_filter",
      error: "error",
    },
    contextOverflow: CONTEXT_OVERFLOW.map(([status, error]) => ({ status, body: JSON.stringify({ error }) })),
    quota: QUOTA.map(([status, error]) => ({ status, body: JSON.stringify({ error }) })),
    modelNotFound: {
      status: 404,
      body: JSON.stringify(
        errorOf("model_not_found", "The model does not exist or you do not have access to it."),
      ),
    },
    keyHeader: "authorization",
    requestIdHeader: "x-request-id",
    maxTokensField: server.maxTokensField,
    toolCallId: server.toolCallId.pattern,
    multiAgentFormatter: () => new OpenAIMultiAgentFormatter(),
    shapes: openaiChatShapes,
    skips: skipsOf(server),
    media: {
      image: ["url", "data"],
      audio: ["data"],
      file: server.mediaFileIds === "none" ? ["data"] : ["data", "fileId"],
    },
    readRequest: ({ body }) => readOpenAIRequest(body),
  };
}

/** What this wire cannot do, and what a server does not do by its switches. */
function skipsOf({
  thinkTags,
  reasoningField,
  imageUrls,
  fileBytes,
}: OpenAIChatSwitches): Readonly<Record<string, string>> {
  return {
    ...(!imageUrls && { N1: "this server fetches no pictures (switch imageUrls)" }),
    ...(!fileBytes && { N3: "this server takes files only by their id (switch fileBytes)" }),
    C18: "the wire is server-sent events, not a JSON text a line",
    H5: "the wire knows no pause",
    ...(!thinkTags && {
      F4: "this server keeps reasoning out of the text (switch thinkTags)",
      F11: "this server keeps reasoning out of the text (switch thinkTags)",
    }),
    ...(reasoningField === "none" && { F7: "this server takes no reasoning back (switch reasoningField)" }),
  };
}

function errorOf(code: string, message: string): unknown {
  return { error: { message, type: code, param: null, code } };
}

function usageOf({ input, output, cacheRead, cacheWrite, reasoning }: FixtureUsage): Fields {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(cacheRead !== undefined && {
      prompt_tokens_details: {
        cached_tokens: cacheRead,
        ...(cacheWrite !== undefined && { cache_write_tokens: cacheWrite }),
      },
    }),
    ...(reasoning !== undefined && { completion_tokens_details: { reasoning_tokens: reasoning } }),
  };
}

function toEvent(part: AnswerPart): string {
  if ("text" in part) return openaiDelta({ content: part.text });
  if ("thinking" in part) return openaiDelta({ reasoning_content: part.thinking });
  if ("refusal" in part) return openaiDelta({ refusal: part.refusal });
  if ("finish" in part) return openaiDelta({}, part.finish);
  if ("usage" in part) return openaiEvent({ choices: [], usage: usageOf(part.usage) });
  if ("end" in part) return OPENAI_DONE;
  if ("event" in part) return part.event;
  const { index, id, name, arguments: text } = part.tool;
  const call = {
    ...(index !== undefined && { index }),
    ...(id !== undefined && { id, type: "function" }),
    function: { ...(name !== undefined && { name }), ...(text !== undefined && { arguments: text }) },
  };
  return openaiDelta({ tool_calls: [call] });
}

function whole(parts: readonly AnswerPart[]): string {
  const joined = (pick: (part: AnswerPart) => string | undefined): string =>
    parts.map((part) => pick(part) ?? "").join("");
  const text = joined((part) => ("text" in part ? part.text : undefined));
  const thinking = joined((part) => ("thinking" in part ? part.thinking : undefined));
  const refusal = joined((part) => ("refusal" in part ? part.refusal : undefined));
  const calls = new Map<
    number,
    { id: string; type: "function"; function: { name: string; arguments: string } }
  >();
  let finish = "stop";
  let usage: FixtureUsage | undefined;
  for (const part of parts) {
    if ("finish" in part) finish = part.finish;
    if ("usage" in part) usage = part.usage;
    if (!("tool" in part)) continue;
    const { index = 0, id = "", name = "", arguments: piece = "" } = part.tool;
    const call = calls.get(index);
    if (call === undefined) calls.set(index, { id, type: "function", function: { name, arguments: piece } });
    else call.function.arguments += piece;
  }
  const message = {
    role: "assistant",
    content: text === "" ? null : text,
    refusal: refusal === "" ? null : refusal,
    ...(thinking !== "" && { reasoning_content: thinking }),
    ...(calls.size > 0 && { tool_calls: [...calls.values()] }),
  };
  const choices = [{ index: 0, message, finish_reason: finish }];
  return JSON.stringify({
    ...OPENAI_ENVELOPE,
    object: "chat.completion",
    choices,
    ...(usage !== undefined && { usage: usageOf(usage) }),
  });
}

/** Provider notes on context overflow, checked 2026-11. */
const CONTEXT_OVERFLOW: readonly (readonly [status: number, error: Fields])[] = [
  [
    400,
    {
      message:
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.",
      type: "invalid_request_error",
      param: "messages",
      code: "context_length_exceeded",
    },
  ],
  [
    400,
    {
      message: "Your input exceeds the context window of this model.",
      type: "invalid_request_error",
      code: null,
    },
  ],
  [400, { message: "Your request exceeded model token limit : 8192", type: "invalid_request_error" }],
  [400, { message: "This model's maximum prompt length is 131072 but the request contains 537812 tokens" }],
  [
    400,
    {
      message: "This endpoint's maximum context length is 32000 tokens.",
      code: 400,
      metadata: { error_type: "context_length_exceeded" },
    },
  ],
  [
    400,
    {
      message: "This model's maximum context length is 4096 tokens. However, you requested 5000.",
      type: "BadRequestError",
      code: 400,
    },
  ],
  [
    400,
    {
      message: "the request exceeds the available context size (8192 tokens), try increasing it",
      type: "exceed_context_size_error",
      code: 400,
      n_prompt_tokens: 9000,
      n_ctx: 8192,
    },
  ],
  [400, { message: "Range of input length should be [1, 983616]", type: "invalid_parameter_error" }],
  [413, { message: "Please reduce the length of the messages or completion.", type: "tokens" }],
];

const QUOTA: readonly (readonly [status: number, error: Fields])[] = [
  [
    429,
    {
      message: "You exceeded your current quota, please check your plan and billing details.",
      type: "insufficient_quota",
      param: null,
      code: "insufficient_quota",
    },
  ],
  [429, { message: "No credit is left.", type: null, code: "credit_balance_exhausted" }],
  [429, { message: "Check your account balance.", type: "exceeded_current_quota_error" }],
  [402, { message: "Insufficient Balance", type: "unknown_error", code: "invalid_request_error" }],
];
