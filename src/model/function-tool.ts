import type { FormatWarning } from "../formatter/formatter-base.ts";
import { adaptOffered } from "../tool/adapt-offered.ts";
import type { SchemaDialect } from "../tool/schema-dialects.ts";
import type { ToolSchema } from "../tool/tool-schema.ts";
import type { OpenAIFunctionTool } from "../wire/openai-chat.ts";

/** A tool in the form that OpenAI began and other wires took over, its schema as the server takes it. */
export function toFunctionTool(
  { name, description, parameters, strict }: ToolSchema,
  dialect: SchemaDialect,
  warn: FormatWarning,
): OpenAIFunctionTool {
  const offered =
    parameters === undefined
      ? { strict }
      : adaptOffered({ option: `tools.${name}`, schema: parameters, strict }, dialect, warn);
  return {
    type: "function",
    function: {
      name,
      ...(description !== undefined && { description }),
      ...("schema" in offered && { parameters: offered.schema }),
      ...(offered.strict !== undefined && { strict: offered.strict }),
    },
  };
}
