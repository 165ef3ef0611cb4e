import type { ToolChoice } from "../../tool/tool-schema.ts";
import { type Fields, present } from "./request-parts.ts";
import type { RecordedMedia, RecordedMessage, RecordedRequest } from "./wire-fixtures.ts";

/** What a request of the Messages API asks for. */
export function readAnthropicRequest(body: unknown): RecordedRequest {
  const fields = body as Fields;
  const tools = fields["tools"] as readonly Fields[] | undefined;
  const choice = fields["tool_choice"] as Fields | undefined;
  return {
    model: fields["model"] as string,
    messages: [
      ...blocksOf(fields["system"]).map(readInstruction),
      ...(fields["messages"] as readonly Fields[]).map(readMessage),
    ],
    tools: tools?.map(({ name, input_schema: parameters }) => ({ name: name as string, parameters })),
    toolChoice: readChoice(choice),
    options: readOptions(fields, choice),
  };
}

/** Content is a text or blocks. */
function blocksOf(content: unknown): readonly Fields[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return (content ?? []) as readonly Fields[];
}

function textOf(blocks: readonly Fields[]): string {
  return blocks.map(({ text }) => (typeof text === "string" ? text : "")).join("");
}

function readInstruction(block: Fields): RecordedMessage {
  return { role: "system", text: textOf([block]), toolCalls: [], toolResults: [], media: [] };
}

function readMessage({ role, content }: Fields): RecordedMessage {
  if (role !== "user" && role !== "assistant") throw new Error(`The wire has no role ${String(role)}.`);
  const blocks = blocksOf(content);
  const results = blocks.filter(({ type }) => type === "tool_result");
  return {
    role,
    text: textOf(blocks),
    toolCalls: blocks
      .filter(({ type }) => type === "tool_use")
      .map(({ id, name, input }) => ({ id: id as string, name: name as string, input })),
    toolResults: results.map((result) => ({
      id: String(result["tool_use_id"]),
      text: textOf(blocksOf(result["content"])),
      isError: result["is_error"] === true,
    })),
    media: [...blocks, ...results.flatMap((result) => blocksOf(result["content"]))].flatMap(readMedia),
  };
}

const KINDS: Readonly<Record<string, RecordedMedia["kind"]>> = { image: "image", document: "file" };

function readMedia({ type, source }: Fields): RecordedMedia[] {
  const kind = KINDS[String(type)];
  if (kind === undefined) return [];
  const { url, data, file_id: fileId } = source as { url?: string; data?: string; file_id?: string };
  return [
    {
      kind,
      ...(url !== undefined && { url }),
      ...(data !== undefined && { data }),
      ...(fileId !== undefined && { fileId }),
    },
  ];
}

function readChoice(choice: Fields | undefined): ToolChoice | undefined {
  if (choice === undefined) return undefined;
  const { type, name } = choice;
  if (type === "tool") return { name: name as string };
  return type === "any" ? "required" : (type as "auto" | "none");
}

function readOptions(fields: Fields, choice: Fields | undefined): Readonly<Record<string, unknown>> {
  const { effort, format } = (fields["output_config"] ?? {}) as { effort?: string; format?: Fields };
  const isAlone = choice?.["disable_parallel_tool_use"] as boolean | undefined;
  return present({
    temperature: fields["temperature"],
    topP: fields["top_p"],
    topK: fields["top_k"],
    maxTokens: fields["max_tokens"],
    stop: fields["stop_sequences"],
    parallelToolCalls: isAlone === undefined ? undefined : !isAlone,
    responseFormat: format ?? (beginsWithBrace(fields["messages"]) ? { type: "json" } : undefined),
    thinking: effort === undefined ? readThinking(fields["thinking"] as Fields | undefined) : { effort },
    cacheControl: JSON.stringify(fields).includes('"cache_control":{') || undefined,
  });
}

/** Without a schema, JSON is asked for by beginning the answer. */
function beginsWithBrace(messages: unknown): boolean {
  const { role, content } = (messages as readonly Fields[]).at(-1) ?? {};
  return role === "assistant" && textOf(blocksOf(content)) === "{";
}

function readThinking(thinking: Fields | undefined): unknown {
  if (thinking === undefined) return undefined;
  const { type, budget_tokens: budgetTokens } = thinking;
  if (type === "disabled") return { effort: "none" };
  return budgetTokens === undefined ? { enabled: true } : { budgetTokens };
}
