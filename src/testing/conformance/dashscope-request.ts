import type { ToolChoice } from "../../tool/tool-schema.ts";
import { type Fields, present, readFunctions, readUrl } from "./request-parts.ts";
import type { RecordedMedia, RecordedMessage, RecordedRequest } from "./wire-fixtures.ts";

/** What a request on DashScope's own wire asks for. */
export function readDashScopeRequest(body: unknown): RecordedRequest {
  const { model, input, parameters } = body as { model: string; input: Fields; parameters?: Fields };
  const given = parameters ?? {};
  return {
    model,
    messages: (input["messages"] as readonly Fields[]).map(readMessage),
    tools: readFunctions(given["tools"]),
    toolChoice: readChoice(given["tool_choice"]),
    options: {
      ...readOptions(given),
      cacheControl: JSON.stringify(input).includes('"cache_control":{') || undefined,
    },
  };
}

const ROLES: ReadonlySet<unknown> = new Set(["system", "user", "assistant", "tool"]);

function readMessage({ role, content, tool_calls: calls, tool_call_id: id }: Fields): RecordedMessage {
  if (!ROLES.has(role)) throw new Error(`The wire has no role ${String(role)}.`);
  if (typeof content !== "string" && !Array.isArray(content))
    throw new Error("Content is a text or a list of parts on this wire, and never null.");
  const parts = (typeof content === "string" ? [{ text: content }] : content) as readonly Fields[];
  const text = parts.map((part) => (typeof part["text"] === "string" ? part["text"] : "")).join("");
  return {
    role: role as RecordedMessage["role"],
    text: role === "tool" ? "" : text,
    toolCalls: ((calls ?? []) as readonly Fields[]).map((call) => {
      const { name, arguments: input } = call["function"] as { name: string; arguments: string };
      return { id: call["id"] as string, name, input: JSON.parse(input) as unknown };
    }),
    toolResults: role === "tool" ? [{ id: id as string, text }] : [],
    media: parts.flatMap(readMedia),
  };
}

const MEDIA = ["image", "audio", "video"] as const;

/** A part tells its kind by the name of its field. */
function readMedia(part: Fields): RecordedMedia[] {
  return MEDIA.flatMap((kind): RecordedMedia[] => {
    const url = part[kind];
    return typeof url === "string" ? [{ kind, ...readUrl(url) }] : [];
  });
}

function readChoice(choice: unknown): ToolChoice | undefined {
  if (choice === undefined || typeof choice === "string") return choice as ToolChoice | undefined;
  return { name: (choice as { function: { name: string } }).function.name };
}

function readOptions(given: Fields): Readonly<Record<string, unknown>> {
  const { response_format: format, enable_thinking: enabled, thinking_budget: budgetTokens } = given;
  return present({
    temperature: given["temperature"],
    topP: given["top_p"],
    topK: given["top_k"],
    maxTokens: given["max_tokens"],
    stop: given["stop"],
    seed: given["seed"],
    presencePenalty: given["presence_penalty"],
    logprobs: given["logprobs"],
    topLogprobs: given["top_logprobs"],
    parallelToolCalls: given["parallel_tool_calls"],
    responseFormat: (format as Fields | undefined)?.["type"] === "json_object" ? { type: "json" } : format,
    thinking:
      budgetTokens === undefined ? (enabled === undefined ? undefined : { enabled }) : { budgetTokens },
  });
}
