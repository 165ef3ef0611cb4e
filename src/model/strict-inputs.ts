import type { ContentBlock, ToolUseBlock } from "../message/content-block.ts";
import { FilledNulls } from "../tool/filled-nulls.ts";
import type { ToolSchema } from "../tool/tool-schema.ts";

/**
 * The blocks of an answer, the inputs of strict tools as their schemas mean them: a strict mode has null where an optional
 * argument is left out. `rawInput` stays what the model wrote.
 */
export function withStrictInputs(
  content: readonly ContentBlock[],
  tools: readonly ToolSchema[],
): readonly ContentBlock[] {
  if (!tools.some((tool) => tool.strict === true)) return content;
  return content.map((block) => {
    if (block.type !== "tool_use") return block;
    const tool = tools.find(({ name }) => name === block.name);
    if (tool?.strict !== true || tool.parameters === undefined) return block;
    const input = new FilledNulls(tool.parameters).remove(block.input) as ToolUseBlock["input"];
    return input === block.input ? block : { ...block, input };
  });
}
