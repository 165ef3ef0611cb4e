import type { AnswerPart, FixtureUsage, RecordedRequest, WireFixtures } from "./wire-fixtures.ts";

type Fields = Readonly<Record<string, unknown>>;

const ENVELOPE = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_770_933_892, model: "fixture-model" };

function event(choices: readonly Fields[], more: Fields = {}): string {
  return `data: ${JSON.stringify({ ...ENVELOPE, choices, ...more })}\n\n`;
}

function delta(fields: Fields, finish: string | null = null): string {
  return event([{ index: 0, delta: fields, finish_reason: finish }]);
}

function usageOf({ input, output, cacheRead, reasoning }: FixtureUsage): Fields {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(cacheRead !== undefined && { prompt_tokens_details: { cached_tokens: cacheRead } }),
    ...(reasoning !== undefined && { completion_tokens_details: { reasoning_tokens: reasoning } }),
  };
}

function toEvent(part: AnswerPart): string {
  if ("text" in part) return delta({ content: part.text });
  if ("thinking" in part) return delta({ reasoning_content: part.thinking });
  if ("refusal" in part) return delta({ refusal: part.refusal });
  if ("finish" in part) return delta({}, part.finish);
  if ("usage" in part) return event([], { usage: usageOf(part.usage) });
  if ("end" in part) return "data: [DONE]\n\n";
  if ("event" in part) return part.event;
  const { index, id, name, arguments: text } = part.tool;
  const call = {
    ...(index !== undefined && { index }),
    ...(id !== undefined && { id, type: "function" }),
    function: { ...(name !== undefined && { name }), ...(text !== undefined && { arguments: text }) },
  };
  return delta({ tool_calls: [call] });
}

function whole(parts: readonly AnswerPart[]): string {
  const joined = (pick: (part: AnswerPart) => string | undefined): string => parts.map((part) => pick(part) ?? "").join("");
  const text = joined((part) => ("text" in part ? part.text : undefined));
  const thinking = joined((part) => ("thinking" in part ? part.thinking : undefined));
  const refusal = joined((part) => ("refusal" in part ? part.refusal : undefined));
  const calls = new Map<number, { id: string; type: "function"; function: { name: string; arguments: string } }>();
  let finish = "stop";
  let usage: FixtureUsage | undefined;
  for (const part of parts) {
    if ("finish" in part) finish = part.finish;
    if ("usage" in part) usage = part.usage;
    if (!("tool" in part)) continue;
    const { index = 0, id, name, arguments: piece = "" } = part.tool;
    const call = calls.get(index);
    if (call !== undefined) call.function.arguments += piece;
    else calls.set(index, { id: id ?? "", type: "function", function: { name: name ?? "", arguments: piece } });
  }
  const message = {
    role: "assistant",
    content: text === "" ? null : text,
    refusal: refusal === "" ? null : refusal,
    ...(thinking !== "" && { reasoning_content: thinking }),
    ...(calls.size > 0 && { tool_calls: [...calls.values()] }),
  };
  const choices = [{ index: 0, message, finish_reason: finish }];
  return JSON.stringify({ ...ENVELOPE, object: "chat.completion", choices, ...(usage !== undefined && { usage: usageOf(usage) }) });
}

function readRequest(body: unknown): RecordedRequest {
  const fields = body as Fields & { messages: readonly Fields[] };
  const textsOf = (content: unknown): string[] =>
    typeof content === "string"
      ? [content]
      : Array.isArray(content)
        ? (content as { text?: string }[]).flatMap(({ text }) => (text === undefined ? [] : [text]))
        : [];
  const options = {
    temperature: fields["temperature"],
    topP: fields["top_p"],
    maxTokens: fields["max_completion_tokens"] ?? fields["max_tokens"],
    stop: fields["stop"],
    seed: fields["seed"],
    toolChoice: fields["tool_choice"],
    parallelToolCalls: fields["parallel_tool_calls"],
  };
  return {
    roles: fields.messages.map((message) => String(message["role"])),
    texts: fields.messages.flatMap((message) => textsOf(message["content"])),
    hasTools: fields["tools"] !== undefined,
    options: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    toolResults: fields.messages
      .filter((message) => message["role"] === "tool")
      .map((message) => ({ id: String(message["tool_call_id"]), text: textsOf(message["content"]).join("") })),
    toolCallIds: fields.messages.flatMap((message) => ((message["tool_calls"] ?? []) as { id: string }[]).map(({ id }) => id)),
  };
}

/** The OpenAI chat wire, as OpenAI and compatible servers send it. */
export const openaiChatFixtures: WireFixtures = {
  name: "openai-chat",
  basePath: "/v1",
  streamType: "text/event-stream",
  stream: (parts) => delta({ role: "assistant", content: "" }) + parts.map(toEvent).join(""),
  whole,
  errorBody: ({ code, message }) => JSON.stringify({ error: { message, type: code, param: null, code } }),
  errorEvent: ({ code, message }) => `data: ${JSON.stringify({ error: { message, type: code, param: null, code } })}\n\n`,
  unknownEvent: `event: novelty\ndata: ${JSON.stringify({ object: "chat.completion.novelty", note: "ignore me" })}\n\n`,
  finishReasons: { stop: "stop", length: "length", tool_calls: "tool_calls", content_filter: "content_filter" },
  contextOverflow: {
    status: 400,
    body: JSON.stringify({
      error: {
        message: "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.",
        type: "invalid_request_error",
        param: "messages",
        code: "context_length_exceeded",
      },
    }),
  },
  quota: {
    status: 429,
    body: JSON.stringify({
      error: {
        message: "You exceeded your current quota, please check your plan and billing details.",
        type: "insufficient_quota",
        param: null,
        code: "insufficient_quota",
      },
    }),
  },
  readRequest,
};
