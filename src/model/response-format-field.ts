import type { FormatWarning } from "../formatter/formatter-base.ts";
import { adaptOffered } from "../tool/adapt-offered.ts";
import type { SchemaDialect } from "../tool/schema-dialects.ts";
import type { JsonSchema } from "../tool/tool-schema.ts";
import type { OpenAIResponseFormat } from "../wire/openai-chat.ts";
import { formNotHeld } from "./form-not-held.ts";
import type { ResponseFormat } from "./generate-options.ts";
import type { ModelCard } from "./model-card.ts";

/** How a JSON answer can be asked for, the least first. */
const JSON_FORMS = ["none", "json_object", "json_schema"] as const;

/** What a server takes of a form for the answer. */
export interface AnswerForms {
  readonly structuredOutput: (typeof JSON_FORMS)[number];
  readonly schemaDialect: SchemaDialect;
}

/** The field `response_format`, as far as both the server and the model go. */
export function responseFormatField(
  format: ResponseFormat,
  server: AnswerForms,
  { modelName, capabilities }: ModelCard,
  warn: FormatWarning,
): { response_format?: OpenAIResponseFormat } {
  const able = new Set([server.structuredOutput, capabilities.structuredOutput]);
  const most = JSON_FORMS.find((form) => able.has(form)) ?? "json_schema";
  if (format.type === "text") return { response_format: { type: "text" } };
  if (most === "none") {
    formNotHeld(format, `${modelName} has no JSON mode; ask for JSON in the prompt.`, warn);
    return {};
  }
  if (format.type === "json" || most === "json_object") {
    if (format.type === "json_schema") {
      formNotHeld(
        format,
        `${modelName} takes no schema, only JSON mode. Put the schema into the prompt.`,
        warn,
      );
    }
    return { response_format: { type: "json_object" } };
  }
  const { schema, strict } = adaptOffered(
    { option: "responseFormat", schema: format.schema as JsonSchema, strict: format.strict },
    server.schemaDialect,
    warn,
  );
  return {
    response_format: {
      type: "json_schema",
      json_schema: {
        name: format.name ?? "response",
        ...(format.description !== undefined && { description: format.description }),
        schema,
        ...(strict !== undefined && { strict }),
      },
    },
  };
}
