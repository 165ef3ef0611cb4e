import type { EmulatedAnswer } from "./emulated-answer.ts";
import { asList, asObject, asText, isGiven, type LooseObject } from "./loose-json.ts";
import type { OpenAIDialect } from "./openai-dialects.ts";
import { invalidRequest } from "./openai-error.ts";

const ROLES = ["system", "assistant", "user", "function", "tool", "developer"];

/** What the parts of a message may be, by role. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  system: ["text"],
  developer: ["text"],
  tool: ["text"],
  user: ["text", "image_url", "input_audio", "file"],
  assistant: ["text", "refusal"],
};

const MAX_CALL_ID = 40;

/** OpenAI's error answer to messages that it, or a server of this dialect, would not accept. */
export function refuseMessages(value: unknown, dialect: OpenAIDialect): EmulatedAnswer | undefined {
  if (!isGiven(value)) {
    return invalidRequest(
      "Missing required parameter: 'messages'.",
      "messages",
      "missing_required_parameter",
    );
  }
  const messages = asList(value).map(asObject);
  if (messages.length === 0) {
    return invalidRequest(
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      "messages",
      "empty_array",
    );
  }
  for (const [index, message] of messages.entries()) {
    const refusal =
      refuseRole(message, index) ??
      refuseContent(message, index) ??
      refuseParts(message, index, dialect) ??
      (dialect.takesLongCallIds ? undefined : refuseCallIds(message, index));
    if (refusal !== undefined) return refusal;
  }
  return refuseToolOrder(messages);
}

function refuseRole({ role }: LooseObject, index: number): EmulatedAnswer | undefined {
  return ROLES.includes(asText(role)) ? undefined : unknownValue(role, ROLES, `messages[${index}].role`);
}

function refuseContent(
  { role, content, tool_calls: calls, audio }: LooseObject,
  index: number,
): EmulatedAnswer | undefined {
  const mayBeEmpty = role === "assistant" && (asList(calls).length > 0 || isGiven(audio));
  if (typeof content === "string" || Array.isArray(content) || (mayBeEmpty && !isGiven(content)))
    return undefined;
  const got = isGiven(content) ? `an ${typeof content}` : "null";
  return invalidRequest(
    `Invalid value for 'content': expected a string, got ${got}.`,
    `messages.[${index}].content`,
  );
}

function refuseParts(
  { role, content }: LooseObject,
  index: number,
  { showsVideos }: OpenAIDialect,
): EmulatedAnswer | undefined {
  const parts = PARTS[asText(role)] ?? [];
  const allowed = showsVideos && role === "user" ? [...parts, "video_url"] : parts;
  for (const [at, part] of asList(content).map(asObject).entries()) {
    const param = `messages[${index}].content[${at}]`;
    if (!allowed.includes(asText(part["type"]))) return unknownValue(part["type"], allowed, `${param}.type`);
    if (
      part["type"] === "image_url" &&
      !/^(?:https?:\/\/.|data:image\/[\w.+-]+;base64,)/.test(asText(asObject(part["image_url"])["url"]))
    ) {
      return invalidRequest(
        `Invalid '${param}.image_url.url'. Expected a valid URL, but got a value with an invalid format.`,
        `${param}.image_url.url`,
        "invalid_value",
      );
    }
  }
  return undefined;
}

function refuseCallIds(message: LooseObject, index: number): EmulatedAnswer | undefined {
  const ids = [
    ...callIds(message).map((id, at) => ({ id, param: `messages[${index}].tool_calls[${at}].id` })),
    { id: asText(message["tool_call_id"]), param: `messages[${index}].tool_call_id` },
  ];
  for (const { id, param } of ids) {
    if (id.length <= MAX_CALL_ID) continue;
    return invalidRequest(
      `Invalid '${param}': string too long. Expected a string with maximum length ${MAX_CALL_ID}, but got a string with length ${id.length} instead.`,
      param,
      "string_above_max_length",
    );
  }
  return undefined;
}

/** Calls are answered one by one, before anyone else speaks. */
function refuseToolOrder(messages: readonly LooseObject[]): EmulatedAnswer | undefined {
  let open = new Set<string>();
  for (const [index, message] of messages.entries()) {
    if (message["role"] === "tool") {
      if (open.delete(asText(message["tool_call_id"]))) continue;
      return invalidRequest(
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        `messages.[${index}].role`,
      );
    }
    if (open.size > 0) return unansweredCalls(open, index);
    open = new Set(callIds(message));
  }
  return open.size > 0 ? unansweredCalls(open, messages.length) : undefined;
}

function unansweredCalls(ids: ReadonlySet<string>, index: number): EmulatedAnswer {
  return invalidRequest(
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. " +
      `The following tool_call_ids did not have response messages: ${[...ids].join(", ")}`,
    `messages.[${index}].role`,
  );
}

function unknownValue(value: unknown, supported: readonly string[], param: string): EmulatedAnswer {
  const list = supported.map((each) => `'${each}'`).join(", ");
  return invalidRequest(
    `Invalid value: '${asText(value)}'. Supported values are: ${list}.`,
    param,
    "invalid_value",
  );
}

function callIds({ role, tool_calls: calls }: LooseObject): string[] {
  return role === "assistant" ? asList(calls).map((call) => asText(asObject(call)["id"])) : [];
}
