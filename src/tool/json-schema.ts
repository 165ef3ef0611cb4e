import type { JsonSchema, StandardSchema } from "./tool-schema.ts";
import { jsonIssues } from "./json-issues.ts";

/**
 * A JSON Schema that TypeScript has no type for, with the type of its values said by hand. Values are held against it.
 *
 * @example
 * ```ts
 * import { jsonSchema, tool } from "rxscope";
 *
 * export const weather = tool({
 *   name: "get_weather",
 *   parameters: jsonSchema<{ city: string }>({
 *     type: "object",
 *     properties: { city: { type: "string" } },
 *     required: ["city"],
 *   }),
 *   execute: ({ city }) => `It is sunny in ${city}.`,
 * });
 * ```
 */
export function jsonSchema<Value>(schema: JsonSchema): StandardSchema<Value, Value> {
  return {
    "~standard": {
      version: 1,
      vendor: "rxscope",
      jsonSchema: { input: () => ({ ...schema }) },
      validate: (value) => {
        const issues = jsonIssues(value, schema);
        return issues.length > 0 ? { issues } : { value: value as Value };
      },
    },
  };
}
