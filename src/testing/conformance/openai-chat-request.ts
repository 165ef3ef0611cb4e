import type { ToolChoice } from "../../tool/tool-schema.ts";
import { type Fields, present, readFunctions, readUrl } from "./request-parts.ts";
import type { RecordedMedia, RecordedMessage, RecordedRequest } from "./wire-fixtures.ts";

/** What a request on the OpenAI chat wire asks for. */
export function readOpenAIRequest(body: unknown): RecordedRequest {
  const fields = body as Fields;
  return {
    model: fields["model"] as string,
    messages: (fields["messages"] as readonly Fields[]).map(readMessage),
    tools: readFunctions(fields["tools"]),
    toolChoice: readChoice(fields["tool_choice"]),
    options: readOptions(fields),
  };
}

const ROLES: Readonly<Record<string, RecordedMessage["role"]>> = {
  system: "system",
  developer: "system",
  user: "user",
  assistant: "assistant",
  tool: "tool",
};

function readMessage(message: Fields): RecordedMessage {
  const role = ROLES[String(message["role"])];
  if (role === undefined) throw new Error(`The wire has no role ${String(message["role"])}.`);
  const { content } = message;
  const parts = (Array.isArray(content) ? content : []) as readonly Fields[];
  const text =
    typeof content === "string"
      ? content
      : parts.map(({ text }) => (typeof text === "string" ? text : "")).join("");
  const calls = (message["tool_calls"] ?? []) as readonly {
    readonly id: string;
    readonly function: { readonly name: string; readonly arguments: string };
  }[];
  return {
    role,
    text: role === "tool" ? "" : text,
    toolCalls: calls.map((call) => ({
      id: call.id,
      name: call.function.name,
      input: JSON.parse(call.function.arguments) as unknown,
    })),
    toolResults: role === "tool" ? [{ id: String(message["tool_call_id"]), text }] : [],
    media: parts.flatMap(readMedia),
  };
}

function readMedia(part: Fields): RecordedMedia[] {
  const { type } = part;
  if (type === "image_url")
    return [{ kind: "image", ...readUrl((part["image_url"] as { url: string }).url) }];
  if (type === "video_url")
    return [{ kind: "video", ...readUrl((part["video_url"] as { url: string }).url) }];
  if (type === "input_audio") {
    const { data } = part["input_audio"] as { data: string };
    return [{ kind: "audio", ...(/^(?:https?|data):/.test(data) ? readUrl(data) : { data }) }];
  }
  if (type !== "file") return [];
  const file = part["file"] as { file_id?: string; file_data?: string };
  return [
    {
      kind: "file",
      ...(file.file_id === undefined ? readUrl(file.file_data ?? "") : { fileId: file.file_id }),
    },
  ];
}

function readChoice(choice: unknown): ToolChoice | undefined {
  if (choice === "any") return "required";
  if (choice === undefined || typeof choice === "string") return choice as ToolChoice | undefined;
  const { function: named, allowed_tools: allowed } = choice as {
    function?: { name: string };
    allowed_tools?: { tools: { function: { name: string } }[] };
  };
  if (named !== undefined) return { name: named.name };
  return { names: (allowed?.tools ?? []).map((tool) => tool.function.name) };
}

/** Thinking in each form that a server may be told it in. */
function readThinking(fields: Fields): Fields | undefined {
  const reasoning = (fields["reasoning"] ?? {}) as Fields;
  const type = (fields["thinking"] as Fields | undefined)?.["type"];
  const template = (fields["chat_template_kwargs"] ?? {}) as Fields;
  const isOn =
    fields["enable_thinking"] ??
    reasoning["enabled"] ??
    template["enable_thinking"] ??
    (type === undefined ? undefined : type === "enabled");
  // Where levels go beside a switch, off is the level "none".
  const effort = fields["reasoning_effort"] ?? reasoning["effort"] ?? (isOn === false ? "none" : undefined);
  const budgetTokens =
    fields["thinking_budget"] ?? fields["thinking_token_budget"] ?? reasoning["max_tokens"];
  const thinking = {
    ...(effort !== undefined && { effort }),
    ...(budgetTokens !== undefined && { budgetTokens }),
    ...(effort === undefined && budgetTokens === undefined && isOn !== undefined && { enabled: isOn }),
  };
  return Object.keys(thinking).length === 0 ? undefined : thinking;
}

function readOptions(fields: Fields): Readonly<Record<string, unknown>> {
  const format = fields["response_format"] as { readonly type: string } | undefined;
  const topLogprobs = fields["top_logprobs"];
  return present({
    temperature: fields["temperature"],
    topP: fields["top_p"],
    topK: fields["top_k"],
    maxTokens: fields["max_completion_tokens"] ?? fields["max_tokens"],
    stop: fields["stop"],
    seed: fields["seed"] ?? fields["random_seed"],
    frequencyPenalty: fields["frequency_penalty"],
    presencePenalty: fields["presence_penalty"],
    logprobs: fields["logprobs"],
    topLogprobs,
    parallelToolCalls: fields["parallel_tool_calls"],
    responseFormat: format?.type === "json_object" ? { type: "json" } : format,
    thinking: readThinking(fields),
    cacheControl: /"(?:cache_control|prompt_cache_breakpoint)":\{/.test(JSON.stringify(fields["messages"]))
      ? true
      : undefined,
  });
}
