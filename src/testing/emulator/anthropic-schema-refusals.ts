import { asList, asObject, asText, isGiven, type LooseObject } from "./loose-json.ts";

/** Keywords that structured outputs do not know, by the type that they belong to. Source: Anthropic's guide, checked 2026-11. */
const UNSUPPORTED: Readonly<Record<string, readonly string[]>> = {
  integer: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  string: ["minLength", "maxLength", "pattern"],
  array: ["maxItems", "uniqueItems"],
  object: ["patternProperties", "minProperties", "maxProperties"],
};

/** What Anthropic says about the schema of an answer that it would not accept. */
export function refuseOutputSchema(schema: unknown): string | undefined {
  const complaint = complaintOf(asObject(schema));
  return complaint === undefined ? undefined : `output_config.format.schema: ${complaint}`;
}

function complaintOf(schema: LooseObject): string | undefined {
  const type = asText(schema["type"]);
  const found = (UNSUPPORTED[type] ?? []).filter((keyword) => keyword in schema);
  if (found.length > 0) {
    const noun = found.length > 1 ? `properties ${found.join(", ")} are` : `property '${found[0]}' is`;
    return `For '${type}' type, ${noun} not supported`;
  }
  if (type === "array" && Number(schema["minItems"] ?? 0) > 1)
    return "For 'array' type, 'minItems' values other than 0 or 1 are not supported";
  if (type === "object" && schema["additionalProperties"] !== false)
    return "For 'object' type, 'additionalProperties' must be explicitly set to false";
  if ("oneOf" in schema) return "Schema type 'oneOf' is not supported";
  const inner = [
    ...Object.values(asObject(schema["properties"])),
    ...Object.values(asObject(schema["$defs"])),
    ...asList(schema["anyOf"]),
    ...asList(schema["allOf"]),
    schema["items"],
  ];
  for (const each of inner.filter(isGiven)) {
    const complaint = complaintOf(asObject(each));
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}
