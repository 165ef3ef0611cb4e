import type { Conversation, OfferedTool } from "./default-answer.ts";
import type { HttpRequest } from "./emulated-request.ts";
import { asList, asObject, asText, isGiven, type LooseObject } from "./loose-json.ts";
import { contentText } from "./openai-chat-content.ts";

/** All that is said to the model, its instructions included. */
export function promptMessages(body: unknown): readonly LooseObject[] {
  const { system, messages } = asObject(body);
  const instructions = isGiven(system) ? [{ content: system }] : [];
  return [...instructions, ...asList(messages).map(asObject)];
}

/** What a request of the Messages API says. */
export function readAnthropicRequest({ body }: HttpRequest): Conversation {
  const request = asObject(body);
  const { model, thinking, output_config: output } = request;
  const messages = promptMessages(body);
  const lastUser = messages.findLastIndex(
    ({ role, content }) => role === "user" && contentText(content) !== "",
  );
  const { type: thinkingType } = asObject(thinking);
  return {
    model: asText(model),
    lastUserText: contentText(messages[lastUser]?.["content"]),
    toolResults: messages.slice(lastUser + 1).flatMap(({ content }) => toolResults(content)),
    ...readTools(request),
    mayThink: thinkingType === "enabled" || thinkingType === "adaptive",
    form: readForm(asObject(asObject(output)["format"])),
  };
}

function toolResults(content: unknown): string[] {
  return asList(content)
    .map(asObject)
    .filter(({ type }) => type === "tool_result")
    .map((result) => contentText(result["content"]));
}

function readTools(request: LooseObject): Pick<Conversation, "tools" | "mustCall" | "mayCallSeveral"> {
  const offered = asList(request["tools"]).map((tool): OfferedTool => {
    const { name, input_schema: parameters } = asObject(tool);
    return { name: asText(name), parameters };
  });
  const { type, name, disable_parallel_tool_use: isAlone } = asObject(request["tool_choice"]);
  const isNamed = type === "tool";
  return {
    tools: type === "none" ? [] : offered.filter((tool) => !isNamed || tool.name === name),
    mustCall: isNamed || type === "any",
    mayCallSeveral: isAlone !== true,
  };
}

function readForm({ type, schema }: LooseObject): Exclude<Conversation["form"], undefined> {
  return type === "json_schema" ? { schema } : "text";
}
