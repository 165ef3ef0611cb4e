import type { Conversation, OfferedTool } from "./default-answer.ts";
import { asList, asObject, asText, isGiven, type LooseObject } from "./loose-json.ts";
import { contentText } from "./openai-chat-content.ts";
import { promptWords } from "./word-counts.ts";

/** What a request of the Messages API says, and how many tokens that is. */
export function anthropicPrompt(body: unknown): {
  readonly conversation: Conversation;
  readonly tokens: number;
} {
  const request = asObject(body);
  const { model, system, tools, thinking, output_config: output } = request;
  const messages = asList(request["messages"]).map(asObject);
  const lastUser = messages.findLastIndex(
    ({ role, content }) => role === "user" && contentText(content) !== "",
  );
  const results = messages.slice(lastUser + 1).flatMap(({ content }) => toolResults(content));
  const { type: thinkingType } = asObject(thinking);
  return {
    conversation: {
      model: asText(model),
      lastUserText: contentText(messages[lastUser]?.["content"]),
      toolResults: results,
      ...readTools(request),
      mayThink: thinkingType === "enabled" || thinkingType === "adaptive",
      form: readForm(asObject(asObject(output)["format"])),
    },
    tokens: promptWords([...(isGiven(system) ? [{ content: system }] : []), ...messages], tools),
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
