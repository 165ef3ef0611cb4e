import type { Conversation, OfferedTool } from "./default-answer.ts";
import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { HttpRequest } from "./emulated-request.ts";
import type { EmulatedWire } from "./emulated-wire.ts";
import { isWrongKey } from "./known-mistakes.ts";
import { asList, asObject, asText, type LooseObject } from "./loose-json.ts";
import { chatCompletion, chatCompletionEvents } from "./openai-chat-answer.ts";
import { contentText } from "./openai-chat-content.ts";
import { refuseChatRequest } from "./openai-chat-refusals.ts";
import { invalidRequest, modelNotFound, openaiErrorBody } from "./openai-error.ts";

/**
 * The OpenAI chat wire, under any prefix: `/v1`, `/openai/deployments/x`, none. A prefix may show whose server it is.
 * Source: OpenAI's API reference and recorded answers, checked 2026-11.
 */
export const openaiChat: EmulatedWire = {
  name: "openai-chat",
  basePath: "/v1",
  models: ["gpt-4.1", "gpt-4.1-mini", "gpt-4o", "gpt-5.5", "gpt-5-chat-latest", "o3"],
  streamContentType: "text/event-stream; charset=utf-8",
  hasComments: true,
  generations: [
    {
      method: "POST",
      path: /\/chat\/completions$/,
      read: readConversation,
      refuse: refuseChatRequest,
      isStream: ({ body }) => asObject(body)["stream"] === true,
      events: chatCompletionEvents,
      whole: chatCompletion,
    },
  ],
  documents: [
    {
      method: "GET",
      path: /\/models$/,
      answer: (_request, models) => ({ body: { object: "list", data: models.map(modelDocument) } }),
    },
    {
      method: "GET",
      path: /\/models\/[^/]+$/,
      answer: ({ path }, models) => {
        const name = decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
        return models.includes(name) ? { body: modelDocument(name) } : modelNotFound(name);
      },
    },
  ],
  headers: ({ number }) => ({
    "x-request-id": `req_emulated_${number}`,
    "openai-version": "2020-10-01",
    "openai-processing-ms": "1",
    "x-ratelimit-limit-requests": "10000",
    "x-ratelimit-limit-tokens": "200000",
    "x-ratelimit-remaining-requests": "9999",
    "x-ratelimit-remaining-tokens": "199990",
    "x-ratelimit-reset-requests": "6ms",
    "x-ratelimit-reset-tokens": "3ms",
  }),
  refuseKey,
  unknownPath: ({ method, path }) => invalidRequest(`Invalid URL (${method} ${path})`, null, null, 404),
  errorBody: openaiErrorBody,
};

function modelDocument(id: string): LooseObject {
  return { id, object: "model", created: 1_770_000_000, owned_by: "emulator" };
}

function refuseKey({ headers }: HttpRequest, isRequired: boolean): EmulatedAnswer | undefined {
  const [, bearer] = /^Bearer\s+(\S+)/i.exec(headers.authorization ?? "") ?? [];
  // Azure, which speaks this wire too, has a header of its own.
  const key = bearer ?? asText(headers["api-key"]);
  if (key === "") {
    const message =
      "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth " +
      "(i.e. Authorization: Bearer YOUR_KEY).";
    return isRequired ? invalidRequest(message, null, null, 401) : undefined;
  }
  if (!isWrongKey(key)) return undefined;
  // The real message shows as much of the key.
  const masked = `${key.slice(0, 8)}${"*".repeat(Math.max(0, key.length - 12))}${key.slice(8).slice(-4)}`;
  const message = `Incorrect API key provided: ${masked}. You can find your API key at https://platform.openai.com/account/api-keys.`;
  return invalidRequest(message, null, "invalid_api_key", 401);
}

function readConversation({ body, path }: HttpRequest): Conversation {
  const request = asObject(body);
  const messages = asList(request["messages"]).map(asObject);
  const lastUser = messages.findLastIndex(({ role }) => role === "user");
  const since = messages.slice(lastUser + 1);
  const [, deployment = ""] = /\/deployments\/([^/]+)\//.exec(path) ?? [];
  return {
    model: asText(request["model"]) || decodeURIComponent(deployment),
    lastUserText: contentText(messages[lastUser]?.["content"]),
    toolResults: since.filter(({ role }) => role === "tool").map(({ content }) => contentText(content)),
    ...readTools(request),
    mayCallSeveral: request["parallel_tool_calls"] !== false,
    form: readForm(asObject(request["response_format"])),
  };
}

function readTools(request: LooseObject): { tools: OfferedTool[]; mustCall: boolean } {
  const offered = asList(request["tools"]).map((tool) => {
    const { name, parameters } = asObject(asObject(tool)["function"]);
    return { name: asText(name), parameters };
  });
  const choice = request["tool_choice"];
  if (typeof choice === "string") {
    return { tools: choice === "none" ? [] : offered, mustCall: choice === "required" };
  }
  const { type, function: named, allowed_tools: allowed } = asObject(choice);
  if (type === "function") {
    const name = asText(asObject(named)["name"]);
    return { tools: offered.filter((tool) => tool.name === name), mustCall: true };
  }
  if (type === "allowed_tools") {
    const { mode, tools } = asObject(allowed);
    const names = new Set(asList(tools).map((tool) => asObject(asObject(tool)["function"])["name"]));
    return { tools: offered.filter((tool) => names.has(tool.name)), mustCall: mode === "required" };
  }
  return { tools: offered, mustCall: false };
}

function readForm({ type, json_schema: format }: LooseObject): Exclude<Conversation["form"], undefined> {
  if (type === "json_schema") return { schema: asObject(format)["schema"] };
  return type === "json_object" ? "json" : "text";
}
