import { type Conversation, defaultAnswer } from "./default-answer.ts";
import type { EmulatedAnswer, EmulatedRequest, EmulatedToolCall } from "./emulated-answer.ts";
import type { EmulatedWire, RenderedAnswer } from "./emulator.ts";

/*
 * The OpenAI Chat Completions wire as the provider serves it. Event shapes follow a recorded stream; refusals follow
 * OpenAI's documented errors (2026-11).
 */

type Fields = Readonly<Record<string, unknown>>;

const MODELS = [
  "gpt-4.1",
  "gpt-4.1-mini",
  "gpt-4o",
  "gpt-4o-mini",
  "gpt-5",
  "gpt-5.1",
  "o3",
  "text-embedding-3-small",
  "emulator-next",
];

/** A fixed time keeps answers the same from run to run. */
const CREATED = 1_770_933_892;

/** Request fields that OpenAI knows; any other is a 400. */
const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ..."model messages stream stream_options temperature top_p max_completion_tokens max_tokens stop seed n".split(
    " ",
  ),
  ..."frequency_penalty presence_penalty logit_bias logprobs top_logprobs tools tool_choice parallel_tool_calls".split(
    " ",
  ),
  ..."response_format reasoning_effort verbosity modalities audio prediction metadata store service_tier user".split(
    " ",
  ),
  ..."prompt_cache_key prompt_cache_options prompt_cache_retention safety_identifier moderation web_search_options".split(
    " ",
  ),
  ..."functions function_call".split(" "),
]);

/** What reasoning models refuse. */
const NOT_WITH_REASONING = [
  "max_tokens",
  "temperature",
  "top_p",
  "presence_penalty",
  "frequency_penalty",
  "logprobs",
  "top_logprobs",
  "logit_bias",
];

export const openaiChatWire: EmulatedWire = {
  name: "openai-chat",
  basePath: "/v1",
  matches: ({ method, path }) =>
    (method === "POST" && /\/chat\/completions(?:\?|$)/.test(path)) ||
    (method === "GET" && /\/models(?:\/[^/?]+)?(?:\?|$)/.test(path)),
  refuse,
  answer: (request) =>
    isModelList(request)
      ? { body: modelList() }
      : { ...choicesOf(request), ...defaultAnswer(conversationOf(request)) },
  render,
};

function isModelList({ method }: EmulatedRequest): boolean {
  return method === "GET";
}

function modelList(): Fields {
  return {
    object: "list",
    data: MODELS.map((id) => ({ id, object: "model", created: CREATED, owned_by: "emulator" })),
  };
}

function isReasoningModel(model: string): boolean {
  return /^(?:o\d|gpt-5(?!-chat)|gpt-[6-9])/.test(model);
}

function choicesOf(request: EmulatedRequest): { choices?: EmulatedAnswer[] } {
  const { n } = request.body as { n?: number };
  if (n === undefined || n < 2) return {};
  const answer = defaultAnswer(conversationOf(request));
  return {
    choices: Array.from({ length: n }, (_, index) => ({
      ...answer,
      text: `${answer.text ?? ""}${index === 0 ? "" : ` (${index + 1})`}`,
    })),
  };
}

// --- what is asked -------------------------------------------------------------------------------------------------

interface Message {
  readonly role: string;
  readonly content?: unknown;
  readonly tool_calls?: readonly { readonly id: string }[];
  readonly tool_call_id?: string;
}

function messagesOf(request: EmulatedRequest): readonly Message[] {
  return (request.body as { messages: readonly Message[] }).messages;
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return (content as { type?: string; text?: string }[])
    .map((part) => (part.type === "text" ? (part.text ?? "") : `[${part.type ?? "part"}]`))
    .join(" ");
}

function conversationOf(request: EmulatedRequest): Conversation {
  const body = request.body as Fields & {
    model: string;
    tools?: readonly { function?: { name: string; parameters?: unknown } }[];
    tool_choice?: unknown;
    response_format?: { type?: string; json_schema?: { schema?: unknown } };
  };
  const messages = messagesOf(request);
  const lastUser = messages.findLastIndex(({ role }) => role === "user");
  const choice = body.tool_choice as { function?: { name?: string } } | string | undefined;
  const format = body.response_format;
  return {
    model: body.model,
    question: textOf(messages[lastUser]?.content),
    toolResults: messages
      .slice(lastUser + 1)
      .filter(({ role }) => role === "tool")
      .map(({ content }) => textOf(content)),
    tools: (body.tools ?? []).flatMap((tool) => (tool.function === undefined ? [] : [tool.function])),
    forcedTool: typeof choice === "object" ? choice.function?.name : undefined,
    toolsForbidden: choice === "none",
    ...(format?.type === "json_schema" && { schema: format.json_schema?.schema ?? {} }),
    ...(format?.type === "json_object" && { schema: { type: "object" } }),
  };
}

// --- what is refused -----------------------------------------------------------------------------------------------

function error(
  status: number,
  message: string,
  more: { type?: string; code?: string | null; param?: string | null } = {},
): EmulatedAnswer {
  const { type = "invalid_request_error", code = null, param = null } = more;
  return { status, body: { error: { message, type, param, code } } };
}

function refuse(
  request: EmulatedRequest,
  { requireKey }: { readonly requireKey: boolean },
): EmulatedAnswer | undefined {
  return refuseKey(request, requireKey) ?? (isModelList(request) ? undefined : refuseBody(request));
}

function refuseKey({ headers }: EmulatedRequest, requireKey: boolean): EmulatedAnswer | undefined {
  const key =
    /^Bearer (.+)$/.exec(String(headers["authorization"] ?? ""))?.[1] ?? String(headers["api-key"] ?? "");
  if (key.startsWith("sk-wrong")) {
    const shown = `${key.slice(0, 8)}****${key.slice(-4)}`;
    return error(
      401,
      `Incorrect API key provided: ${shown}. You can find your API key at https://platform.openai.com/account/api-keys.`,
      { code: "invalid_api_key" },
    );
  }
  if (key === "" && requireKey) {
    return error(
      401,
      "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth.",
    );
  }
  return undefined;
}

function refuseBody(request: EmulatedRequest): EmulatedAnswer | undefined {
  const { body } = request;
  if (typeof body !== "object" || body === null)
    return error(400, "We could not parse the JSON body of your request.");
  const fields = body as Fields;
  const unknown = Object.keys(fields).find((name) => !KNOWN_FIELDS.has(name));
  if (unknown !== undefined) return error(400, `Unrecognized request argument supplied: ${unknown}`);
  if (typeof fields["model"] !== "string" || fields["model"] === "")
    return error(400, "you must provide a model parameter");
  if (fields["model"] === "no-such-model") {
    return error(404, "The model `no-such-model` does not exist or you do not have access to it.", {
      code: "model_not_found",
    });
  }
  if (!Array.isArray(fields["messages"]) || fields["messages"].length === 0) {
    return error(400, "Missing required parameter: 'messages'.", {
      param: "messages",
      code: "missing_required_parameter",
    });
  }
  return (
    refuseForReasoning(fields, fields["model"]) ??
    refuseTools(fields) ??
    refuseFormat(fields, request) ??
    refuseMessages(messagesOf(request))
  );
}

function refuseForReasoning(fields: Fields, model: string): EmulatedAnswer | undefined {
  if (!isReasoningModel(model) || fields["reasoning_effort"] === "none") return undefined;
  const refused = NOT_WITH_REASONING.find((name) => fields[name] !== undefined);
  if (refused === undefined) return undefined;
  const hint = refused === "max_tokens" ? " Use 'max_completion_tokens' instead." : "";
  return error(400, `Unsupported parameter: '${refused}' is not supported with this model.${hint}`, {
    param: refused,
    code: "unsupported_parameter",
  });
}

function refuseTools(fields: Fields): EmulatedAnswer | undefined {
  const { tools } = fields;
  if (tools === undefined) {
    const alone = ["tool_choice", "parallel_tool_calls"].find((name) => fields[name] !== undefined);
    return alone === undefined
      ? undefined
      : error(400, `Invalid value for '${alone}': '${alone}' is only allowed when 'tools' are specified.`, {
          param: alone,
        });
  }
  if (!Array.isArray(tools) || tools.length === 0) {
    return error(
      400,
      "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      { param: "tools", code: "empty_array" },
    );
  }
  const bad = (tools as { function?: { name?: string } }[]).find(
    (tool) => !/^[a-zA-Z0-9_-]{1,64}$/.test(tool.function?.name ?? ""),
  );
  return bad === undefined
    ? undefined
    : error(400, "Invalid 'tools[0].function.name': string does not match pattern.", {
        param: "tools[0].function.name",
      });
}

function refuseFormat(fields: Fields, request: EmulatedRequest): EmulatedAnswer | undefined {
  if (fields["stream_options"] !== undefined && fields["stream"] !== true) {
    return error(400, "The 'stream_options' parameter is only allowed when 'stream' is enabled.", {
      param: "stream_options",
    });
  }
  const format = fields["response_format"] as { type?: string } | undefined;
  if (format?.type === "json_object" && !/json/i.test(JSON.stringify(messagesOf(request)))) {
    return error(
      400,
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      { param: "messages" },
    );
  }
  return undefined;
}

function refuseMessages(messages: readonly Message[]): EmulatedAnswer | undefined {
  let open: string[] = [];
  for (const [index, message] of messages.entries()) {
    const at = `messages[${index}]`;
    if (!["system", "developer", "user", "assistant", "tool", "function"].includes(message.role)) {
      return error(
        400,
        `Invalid value: '${message.role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.`,
        { param: `${at}.role`, code: "invalid_value" },
      );
    }
    if (message.role === "tool") {
      if (!open.includes(message.tool_call_id ?? "")) {
        return error(
          400,
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
          { param: `${at}.role` },
        );
      }
      open = open.filter((id) => id !== message.tool_call_id);
      continue;
    }
    if (open.length > 0) return unanswered(open);
    open = (message.tool_calls ?? []).map(({ id }) => id);
    const long = open.find((id) => id.length > 40);
    if (long !== undefined) {
      return error(
        400,
        `Invalid '${at}.tool_calls[0].id': string too long. Expected a string with maximum length 40.`,
        { param: `${at}.tool_calls[0].id` },
      );
    }
    const refused = refuseParts(message, at);
    if (refused !== undefined) return refused;
  }
  return open.length > 0 ? unanswered(open) : undefined;
}

function unanswered(ids: readonly string[]): EmulatedAnswer {
  return error(
    400,
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids.join(", ")}`,
    { param: "messages" },
  );
}

function refuseParts({ content, role }: Message, at: string): EmulatedAnswer | undefined {
  if (content === null || content === undefined) {
    return role === "assistant"
      ? undefined
      : error(400, `Invalid value for 'content': expected a string, got null.`, { param: `${at}.content` });
  }
  if (!Array.isArray(content)) return undefined;
  if (content.length === 0)
    return error(400, `Invalid '${at}.content': empty array.`, {
      param: `${at}.content`,
      code: "empty_array",
    });
  const url = (content as { image_url?: { url?: string } }[])
    .map((part) => part.image_url?.url)
    .find((each) => each !== undefined && !/^(?:https?:|data:)/.test(each));
  return url === undefined
    ? undefined
    : error(400, "Invalid 'image_url'. Expected a valid URL or a base64-encoded data URL.", {
        param: `${at}.content`,
      });
}

// --- what is answered ----------------------------------------------------------------------------------------------

const ERROR_TYPES: Readonly<Record<number, string>> = {
  401: "invalid_request_error",
  402: "insufficient_quota",
  403: "permission_error",
  404: "invalid_request_error",
  429: "requests",
  500: "server_error",
  503: "service_unavailable_error",
};

function render(request: EmulatedRequest, answer: EmulatedAnswer): RenderedAnswer {
  const headers = responseHeaders();
  if (answer.raw !== undefined) {
    const raw = typeof answer.raw === "string" ? answer.raw : Buffer.from(answer.raw).toString("latin1");
    return {
      status: answer.status ?? 200,
      headers: { ...headers, "content-type": answer.contentType ?? "text/event-stream" },
      events: [raw],
    };
  }
  const status = answer.status ?? 200;
  if (answer.body !== undefined || status >= 400) {
    const body = answer.body ?? {
      error: {
        message: `The emulator was told to answer ${status}.`,
        type: ERROR_TYPES[status] ?? "invalid_request_error",
        param: null,
        code: null,
      },
    };
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return {
      status,
      headers: { ...headers, "content-type": answer.contentType ?? "application/json" },
      events: [text],
    };
  }
  const fields = request.body as {
    model: string;
    stream?: boolean;
    stream_options?: { include_usage?: boolean };
  };
  const envelope = {
    id: `chatcmpl-emulated-${requests}`,
    created: CREATED,
    model: fields.model,
    service_tier: "default",
    system_fingerprint: "fp_emulator",
  };
  const choices = answer.choices ?? [answer];
  const usage = usageOf(request, choices, answer.usage);
  if (fields.stream !== true) {
    const whole = {
      ...envelope,
      object: "chat.completion",
      choices: choices.map((choice, index) => ({ index, ...wholeChoice(choice) })),
      usage,
    };
    return {
      status,
      headers: { ...headers, "content-type": "application/json" },
      events: [JSON.stringify(whole)],
    };
  }
  const withUsage = fields.stream_options?.include_usage === true;
  const chunk = (choice: Fields[], more: Fields = withUsage ? { usage: null } : {}): string =>
    `data: ${JSON.stringify({ ...envelope, object: "chat.completion.chunk", choices: choice, ...more })}\n\n`;
  const events = choices.flatMap((choice, index) => choiceChunks(choice, index).map((part) => chunk([part])));
  if (withUsage) events.push(chunk([], { usage }));
  if (!answer.omitEnd) events.push("data: [DONE]\n\n");
  return { status, headers: { ...headers, "content-type": "text/event-stream; charset=utf-8" }, events };
}

let requests = 0;

function responseHeaders(): Record<string, string> {
  requests += 1;
  return {
    "x-request-id": `req_emulated_${requests}`,
    "openai-processing-ms": "1",
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-requests": "499",
    "x-ratelimit-reset-requests": "120ms",
    "x-ratelimit-limit-tokens": "30000",
    "x-ratelimit-remaining-tokens": "29900",
    "x-ratelimit-reset-tokens": "6m0s",
  };
}

function finishOf(answer: EmulatedAnswer): string {
  return answer.finishReason ?? ((answer.toolCalls?.length ?? 0) > 0 ? "tool_calls" : "stop");
}

function wholeChoice(answer: EmulatedAnswer): Fields {
  const calls = (answer.toolCalls ?? []).map((call, index) => wireCall(call, index));
  const message = {
    role: "assistant",
    content: answer.text ?? null,
    refusal: answer.refusal ?? null,
    annotations: [],
    ...(answer.thinking !== undefined && { reasoning_content: answer.thinking }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(answer.audio !== undefined && { audio: { ...answer.audio, expires_at: CREATED + 3600 } }),
  };
  return {
    message,
    logprobs: answer.logprobs ? logprobsOf(answer.text ?? "") : null,
    finish_reason: finishOf(answer),
  };
}

function choiceChunks(answer: EmulatedAnswer, index: number): Fields[] {
  const part = (delta: Fields, more: Fields = {}): Fields => ({
    index,
    delta,
    logprobs: null,
    finish_reason: null,
    ...more,
  });
  const size = answer.chunkSize;
  return [
    part({
      role: "assistant",
      content: (answer.toolCalls?.length ?? 0) > 0 && answer.text === undefined ? null : "",
      refusal: null,
    }),
    ...pieces(answer.thinking ?? "", size).map((piece) => part({ reasoning_content: piece })),
    ...pieces(answer.text ?? "", size).map((piece) =>
      part({ content: piece }, answer.logprobs ? { logprobs: logprobsOf(piece) } : {}),
    ),
    ...pieces(answer.refusal ?? "", size).map((piece) => part({ refusal: piece })),
    ...(answer.toolCalls ?? []).flatMap((call, position) =>
      callChunks(call, position, size).map((tool) => part({ tool_calls: [tool] })),
    ),
    ...(answer.audio === undefined ? [] : [part({ audio: { ...answer.audio, expires_at: CREATED + 3600 } })]),
    part({}, { finish_reason: finishOf(answer) }),
  ];
}

function wireCall(
  call: EmulatedToolCall,
  index: number,
): { id: string; type: "function"; function: { name: string; arguments: string } } {
  const text = typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments);
  return {
    id: call.id ?? `call_emulated_${index}`,
    type: "function",
    function: { name: call.name, arguments: text },
  };
}

function callChunks(call: EmulatedToolCall, index: number, size: number | undefined): Fields[] {
  const { id, type, function: whole } = wireCall(call, index);
  return [
    { index, id, type, function: { name: whole.name, arguments: "" } },
    ...pieces(whole.arguments, size ?? 6).map((piece) => ({ index, function: { arguments: piece } })),
  ];
}

/** What stands for a token here. */
function countWords(text: string): number {
  return text.split(/\s+/).filter(Boolean).length;
}

/** Words with the blank before them, or pieces of a fixed size; never half a character. */
function pieces(text: string, size: number | undefined): string[] {
  if (size === undefined) return text.match(/\s*\S+|\s+$/g) ?? [];
  const characters = [...text];
  const list: string[] = [];
  for (let from = 0; from < characters.length; from += size)
    list.push(characters.slice(from, from + size).join(""));
  return list;
}

function logprobsOf(text: string): Fields {
  return {
    content: pieces(text, undefined).map((token) => ({
      token,
      logprob: -0.1,
      bytes: [...Buffer.from(token)],
      top_logprobs: [],
    })),
    refusal: null,
  };
}

function usageOf(
  request: EmulatedRequest,
  choices: readonly EmulatedAnswer[],
  given: EmulatedAnswer["usage"] = {},
): Fields {
  const { model } = request.body as { model: string };
  const said = choices.map(
    ({ text = "", refusal = "", thinking = "", toolCalls = [] }) =>
      countWords(text + refusal) + countWords(thinking) + toolCalls.length * 8,
  );
  const reasoning =
    given.reasoningTokens ?? (isReasoningModel(model) ? 64 : countWords(choices[0]?.thinking ?? ""));
  const prompt =
    given.inputTokens ??
    countWords(
      messagesOf(request)
        .map(({ content }) => textOf(content))
        .join(" "),
    ) + 3;
  const completion =
    given.outputTokens ?? said.reduce((sum, count) => sum + count, 0) + (isReasoningModel(model) ? 64 : 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: given.cachedTokens ?? 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
