import { asList, asObject, asText, isGiven, type LooseObject } from "./loose-json.ts";
import { signatureOf } from "./signature.ts";

const IMAGE_TYPES: ReadonlySet<string> = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);

/** Blocks by who may say them; the others, which only servers' tools make, by both. */
const USER_BLOCKS = ["image", "search_result", "tool_result"];
const ASSISTANT_BLOCKS = ["redacted_thinking", "server_tool_use", "thinking", "tool_use"];
const SHARED_BLOCKS = [
  "bash_code_execution_tool_result",
  "code_execution_tool_result",
  "container_upload",
  "document",
  "text",
  "text_editor_code_execution_tool_result",
  "tool_search_tool_result",
  "web_fetch_tool_result",
  "web_search_tool_result",
];
const BLOCKS = [...USER_BLOCKS, ...ASSISTANT_BLOCKS, ...SHARED_BLOCKS].toSorted();

const THINKING_FIRST =
  "When `thinking` is enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost set of " +
  "`tool_use` and `tool_result` blocks). We recommend you include thinking blocks from previous turns. To avoid this " +
  "requirement, disable `thinking`. Please consult our documentation at " +
  "https://docs.claude.com/en/docs/build-with-claude/extended-thinking";

/** What Anthropic says about instructions and messages that it would not accept. */
export function refuseMessages({ messages: value, system, thinking }: LooseObject): string | undefined {
  if (!isGiven(value)) return "messages: Field required";
  const messages = asList(value).map(asObject);
  if (messages.length === 0) return "messages: at least one message is required";
  for (const [index, message] of messages.entries()) {
    const complaint = refuseMessage(message, index, index === messages.length - 1);
    if (complaint !== undefined) return complaint;
  }
  if (messages[0]?.["role"] !== "user") return 'messages: first message must use the "user" role';
  if (asList(system).some((block) => asText(asObject(block)["text"]) === ""))
    return "system: text content blocks must be non-empty";
  const turns = merged(messages);
  const complaint = refuseToolOrder(turns);
  if (complaint !== undefined || asObject(thinking)["type"] !== "enabled") return complaint;
  return refuseThoughtless(messages);
}

function refuseMessage({ role, content }: LooseObject, index: number, isLast: boolean): string | undefined {
  if (role === "system") {
    return 'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.';
  }
  if (role !== "user" && role !== "assistant")
    return `messages.${index}.role: Input should be 'user' or 'assistant'`;
  if (!isGiven(content)) return `messages.${index}.content: Field required`;
  if (content === "" || (Array.isArray(content) && content.length === 0)) {
    if (role === "assistant" && isLast) return undefined;
    return `messages.${index}: all messages must have non-empty content except for the optional final assistant message`;
  }
  for (const [at, block] of asList(content).map(asObject).entries()) {
    const complaint = refuseBlock(block, role, `messages.${index}`, at);
    if (complaint !== undefined) return complaint;
  }
  const lastText = typeof content === "string" ? content : asObject(asList(content).at(-1))["text"];
  return isLast && role === "assistant" && /\s$/.test(asText(lastText))
    ? "messages: final assistant content cannot end with trailing whitespace"
    : undefined;
}

function refuseBlock(
  block: LooseObject,
  role: "user" | "assistant",
  message: string,
  at: number,
): string | undefined {
  const type = asText(block["type"]);
  const where = `${message}.content.${at}`;
  if (!BLOCKS.includes(type)) {
    const tags = BLOCKS.map((each) => `'${each}'`).join(", ");
    return `${where}: Input tag '${type}' found using 'type' does not match any of the expected tags: ${tags}`;
  }
  const foreign = role === "user" ? ASSISTANT_BLOCKS : USER_BLOCKS;
  if (foreign.includes(type)) {
    const owner = role === "user" ? "assistant" : "user";
    return `${message}: \`${type}\` blocks can only be in \`${owner}\` messages`;
  }
  switch (type) {
    case "text":
      return refuseText(block["text"], where);
    case "image":
      return refuseImage(asObject(block["source"]), where);
    case "thinking":
      return refuseThinking(block, where);
    case "redacted_thinking":
      return asText(block["data"]) === "" ? `${where}.redacted_thinking.data: Field required` : undefined;
    case "tool_use":
      return refuseToolUse(block, where);
    case "tool_result":
      return isGiven(block["tool_use_id"]) ? undefined : `${where}.tool_result.tool_use_id: Field required`;
    default:
      return undefined;
  }
}

function refuseText(text: unknown, where: string): string | undefined {
  if (typeof text !== "string") return `${where}.text.text: Field required`;
  if (text === "") return "messages: text content blocks must be non-empty";
  return text.trim() === "" ? "messages: text content blocks must contain non-whitespace text" : undefined;
}

function refuseImage({ type, media_type: mediaType }: LooseObject, where: string): string | undefined {
  if (type !== "base64" || IMAGE_TYPES.has(asText(mediaType))) return undefined;
  return `${where}.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'`;
}

function refuseThinking(
  { thinking, signature, cache_control: marker }: LooseObject,
  where: string,
): string | undefined {
  if (typeof thinking !== "string") return `${where}.thinking.thinking: Field required`;
  if (typeof signature !== "string") return `${where}.thinking.signature: Field required`;
  if (isGiven(marker)) return `${where}.thinking.cache_control: Extra inputs are not permitted`;
  return signature === signatureOf(thinking)
    ? undefined
    : `${where}: Invalid \`signature\` in \`thinking\` block`;
}

function refuseToolUse({ id, input }: LooseObject, where: string): string | undefined {
  if (!/^[a-zA-Z0-9_-]+$/.test(asText(id)))
    return `${where}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`;
  const isObject = typeof input === "object" && input !== null && !Array.isArray(input);
  return isObject ? undefined : `${where}.tool_use.input: Input should be a valid dictionary`;
}

/** Several messages of one role in a row are one. */
interface Turn {
  readonly role: unknown;
  /** Of its first message. */
  readonly index: number;
  readonly blocks: readonly LooseObject[];
}

function merged(messages: readonly LooseObject[]): readonly Turn[] {
  const turns: (Turn & { readonly blocks: LooseObject[] })[] = [];
  for (const [index, { role, content }] of messages.entries()) {
    const blocks = typeof content === "string" ? [{ type: "text" }] : asList(content).map(asObject);
    const before = turns.at(-1);
    if (before !== undefined && before.role === role) before.blocks.push(...blocks);
    else turns.push({ role, index, blocks });
  }
  return turns;
}

/** Calls are answered in the next message, all of them, and before anything else is said. */
function refuseToolOrder(turns: readonly Turn[]): string | undefined {
  const ids = turns.flatMap(({ blocks }) => idsOf(blocks, "tool_use", "id"));
  if (new Set(ids).size < ids.length) return "messages: `tool_use` ids must be unique";
  for (const [at, { index, blocks }] of turns.entries()) {
    const asked = idsOf(turns[at - 1]?.blocks ?? [], "tool_use", "id");
    const stray = idsOf(blocks, "tool_result", "tool_use_id").find((id) => !asked.includes(id));
    if (stray !== undefined) {
      const place = blocks.findIndex((block) => block["tool_use_id"] === stray);
      return `messages.${index}.content.${place}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
    }
    const end = blocks.findIndex(({ type }) => type !== "tool_result");
    const answered = idsOf(end < 0 ? blocks : blocks.slice(0, end), "tool_result", "tool_use_id");
    const twice = answered.find((id, place) => answered.indexOf(id) < place);
    if (twice !== undefined)
      return `messages.${index}.content: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${twice}`;
    const open = asked.filter((id) => !answered.includes(id));
    if (open.length > 0) return unanswered(open, turns[at - 1]?.index);
  }
  const last = turns.at(-1);
  const open = idsOf(last?.blocks ?? [], "tool_use", "id");
  return open.length > 0 ? unanswered(open, last?.index) : undefined;
}

function unanswered(ids: readonly string[], index: number | undefined): string {
  return `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
}

function idsOf(blocks: readonly LooseObject[], type: string, field: string): string[] {
  return blocks.filter((block) => block["type"] === type).map((block) => asText(block[field]));
}

/** Where it is told to think, the assistant's turn that still goes on begins with what it thought. */
function refuseThoughtless(messages: readonly LooseObject[]): string | undefined {
  const last = messages.findLastIndex(({ role }) => role === "assistant");
  const isOpen = messages
    .slice(last + 1)
    .every(({ content }) => idsOf(asList(content).map(asObject), "tool_result", "tool_use_id").length > 0);
  if (last < 0 || !isOpen) return undefined;
  const first = asObject(asList(messages[last]?.["content"])[0]);
  const type = asText(first["type"]) || "text";
  if (type === "thinking" || type === "redacted_thinking") return undefined;
  return `messages.${last}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${type}\`. ${THINKING_FIRST}`;
}
