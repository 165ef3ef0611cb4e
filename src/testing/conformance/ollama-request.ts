import { type Fields, present, readFunctions } from "./request-parts.ts";
import type { RecordedMessage, RecordedRequest } from "./wire-fixtures.ts";

/** What a request on Ollama's wire asks for. */
export function readOllamaRequest(body: unknown): RecordedRequest {
  const fields = body as Fields;
  return {
    model: fields["model"] as string,
    messages: (fields["messages"] as readonly Fields[]).map(readMessage),
    tools: readFunctions(fields["tools"]),
    // The wire has none: what is not to be called is not offered.
    toolChoice: undefined,
    options: readOptions(fields),
  };
}

const ROLES: ReadonlySet<unknown> = new Set(["system", "user", "assistant", "tool"]);

function readMessage({
  role,
  content,
  images,
  tool_calls: calls,
  tool_call_id: id,
}: Fields): RecordedMessage {
  if (!ROLES.has(role)) throw new Error(`The wire has no role ${String(role)}.`);
  if (typeof content !== "string") throw new Error("Content is always a string on this wire.");
  return {
    role: role as RecordedMessage["role"],
    text: role === "tool" ? "" : content,
    toolCalls: ((calls ?? []) as readonly Fields[]).map((call) => {
      const { name, arguments: input } = call["function"] as { name: string; arguments: unknown };
      if (typeof input !== "object") throw new Error("Arguments are always an object on this wire.");
      return { id: call["id"] as string, name, input };
    }),
    toolResults: role === "tool" ? [{ id: id as string, text: content }] : [],
    media: ((images ?? []) as readonly string[]).map((data) => ({ kind: "image", data })),
  };
}

function readOptions(fields: Fields): Readonly<Record<string, unknown>> {
  const runtime = (fields["options"] ?? {}) as Fields;
  const { format } = fields;
  return present({
    temperature: runtime["temperature"],
    topP: runtime["top_p"],
    topK: runtime["top_k"],
    maxTokens: runtime["num_predict"],
    stop: runtime["stop"],
    seed: runtime["seed"],
    frequencyPenalty: runtime["frequency_penalty"],
    presencePenalty: runtime["presence_penalty"],
    logprobs: fields["logprobs"],
    topLogprobs: fields["top_logprobs"],
    responseFormat: format === "json" ? { type: "json" } : format && { type: "json_schema", schema: format },
    thinking: readThinking(fields["think"]),
  });
}

/** A level, or whether to think at all; not to is what elsewhere is the level `none`. */
function readThinking(think: unknown): unknown {
  if (think === undefined) return undefined;
  return think === true ? { enabled: true } : { effort: think === false ? "none" : think };
}
