import type { ToolSchema } from "../tool/tool-schema.ts";
import type { OpenAIFunctionTool } from "../wire/openai-chat.ts";

/** A tool in the form that OpenAI began and other wires took over. */
export function toFunctionTool(tool: ToolSchema): OpenAIFunctionTool {
  return {
    type: "function",
    function: {
      name: tool.name,
      ...(tool.description !== undefined && { description: tool.description }),
      ...(tool.parameters !== undefined && { parameters: tool.parameters }),
      ...(tool.strict !== undefined && { strict: tool.strict }),
    },
  };
}
