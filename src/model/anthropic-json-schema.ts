import type { JsonSchema } from "../tool/tool-schema.ts";

/** Keywords that the provider refuses where it holds a model to a schema (Anthropic's structured-outputs page, 2026-11). */
const REFUSED: ReadonlySet<string> = new Set([
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "pattern",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
  "$schema",
]);

/** Refused keywords that say nothing to a reader. */
const SILENT: ReadonlySet<string> = new Set(["$schema"]);

const FORMATS: ReadonlySet<string> = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "uri",
  "ipv4",
  "ipv6",
  "uuid",
]);

/** Keywords whose value is one schema, a list of them, or schemas by name. */
const SCHEMAS: ReadonlySet<string> = new Set(["items", "not", "if", "then", "else"]);
const SCHEMA_LISTS: ReadonlySet<string> = new Set(["anyOf", "allOf", "prefixItems"]);
const SCHEMA_MAPS: ReadonlySet<string> = new Set(["properties", "$defs", "definitions"]);

/**
 * A schema as the provider holds a model to it: objects are closed, `oneOf` is `anyOf`, and constraints that it cannot
 * enforce are said to the model in the description instead. The schema is not changed.
 */
export function toEnforcedSchema(schema: JsonSchema): Record<string, unknown> {
  const enforced: Record<string, unknown> = {};
  const told: string[] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (isRefused(keyword, value)) {
      if (!SILENT.has(keyword)) told.push(`${keyword}: ${JSON.stringify(value)}`);
    } else if (keyword === "oneOf") {
      enforced["anyOf"] = each(value);
    } else {
      enforced[keyword] = SCHEMAS.has(keyword)
        ? one(value)
        : SCHEMA_LISTS.has(keyword)
          ? each(value)
          : SCHEMA_MAPS.has(keyword)
            ? byName(value)
            : value;
    }
  }
  if (schema["type"] === "object" || schema["properties"] !== undefined)
    enforced["additionalProperties"] = false;
  if (told.length > 0) {
    const { description } = schema;
    const before = typeof description === "string" ? `${description} ` : "";
    enforced["description"] = `${before}(${told.join(", ")})`;
  }
  return enforced;
}

function isRefused(keyword: string, value: unknown): boolean {
  if (keyword === "format") return typeof value !== "string" || !FORMATS.has(value);
  if (keyword === "minItems") return value !== 0 && value !== 1;
  return REFUSED.has(keyword);
}

/** Where JSON Schema has `true` or `false` for a schema, that stays. */
function one(value: unknown): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? toEnforcedSchema(value as JsonSchema)
    : value;
}

function each(value: unknown): unknown {
  return Array.isArray(value) ? value.map(one) : value;
}

function byName(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, one(schema)]));
}
