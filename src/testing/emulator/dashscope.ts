import { dashscopeEvents, dashscopeWhole } from "./dashscope-answer.ts";
import { dashscopeError, dashscopeErrorBody, dashscopeEvent } from "./dashscope-error.ts";
import { DASHSCOPE_MODELS } from "./dashscope-models.ts";
import { refuseGeneration } from "./dashscope-refusals.ts";
import { asksForStream, readDashScopeRequest } from "./dashscope-request.ts";
import type { Conversation } from "./default-answer.ts";
import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { HttpRequest } from "./emulated-request.ts";
import type { EmulatedWire } from "./emulated-wire.ts";
import { isWrongKey } from "./known-mistakes.ts";
import { asList, asObject, asText } from "./loose-json.ts";
import { contentText } from "./openai-chat-content.ts";

/**
 * DashScope's native wire, as every region and workspace serves it; its compatible mode is the OpenAI chat wire under
 * `/compatible-mode/v1`. Source: the vendor's SDKs and API pages, checked 2026-11.
 */
export const dashscope: EmulatedWire = {
  name: "dashscope",
  basePath: "/api/v1",
  models: DASHSCOPE_MODELS,
  isSpokenBy: ({ path }) => path.includes("/services/aigc/"),
  streamContentType: "text/event-stream;charset=UTF-8",
  hasComments: true,
  generations: [
    {
      method: "POST",
      path: /\/services\/aigc\/(?:text|multimodal)-generation\/generation$/,
      read: readConversation,
      refuse: refuseGeneration,
      isStream: asksForStream,
      events: dashscopeEvents,
      whole: dashscopeWhole,
    },
  ],
  documents: [],
  headers: ({ number }) => ({ "x-request-id": `emulated-${number}`, "x-dashscope-call-gateway": "true" }),
  refuseKey,
  unknownPath: () => dashscopeError("url error, please check url！", "InvalidParameter", 404),
  errorBody: dashscopeErrorBody,
  streamedError: (status, body) => dashscopeEvent(1, "error", status, body),
};

function refuseKey({ headers }: HttpRequest, isRequired: boolean): EmulatedAnswer | undefined {
  const [, key = ""] = /^Bearer\s+(\S+)/i.exec(headers.authorization ?? "") ?? [];
  if (key === "")
    return isRequired ? dashscopeError("No API-key provided.", "InvalidApiKey", 401) : undefined;
  return isWrongKey(key) ? dashscopeError("Invalid API-key provided.", "InvalidApiKey", 401) : undefined;
}

function readConversation(request: HttpRequest): Conversation {
  const model = asText(asObject(request.body)["model"]);
  const { messages, parameters } = readDashScopeRequest(request, model);
  const lastUser = messages.findLastIndex(({ role }) => role === "user");
  const choice = parameters["tool_choice"];
  const wanted = asText(asObject(asObject(choice)["function"])["name"]);
  const offered = asList(parameters["tools"]).map((tool) => {
    const { name, parameters: schema } = asObject(asObject(tool)["function"]);
    return { name: asText(name), parameters: schema };
  });
  return {
    model,
    lastUserText: contentText(messages[lastUser]?.["content"]),
    toolResults: messages
      .slice(lastUser + 1)
      .filter(({ role }) => role === "tool")
      .map(({ content }) => contentText(content)),
    tools: choice === "none" ? [] : offered.filter(({ name }) => wanted === "" || name === wanted),
    mustCall: wanted !== "",
    mayCallSeveral: parameters["parallel_tool_calls"] === true,
    form: readForm(asObject(parameters["response_format"])),
  };
}

function readForm({
  type,
  json_schema: format,
}: Readonly<Record<string, unknown>>): Exclude<Conversation["form"], undefined> {
  if (type === "json_schema") return { schema: asObject(format)["schema"] };
  return type === "json_object" ? "json" : "text";
}
