import { asList, asObject, asText, isGiven, type LooseObject } from "./loose-json.ts";

const TYPES: ReadonlySet<string> = new Set([
  "STRING",
  "NUMBER",
  "INTEGER",
  "BOOLEAN",
  "ARRAY",
  "OBJECT",
  "NULL",
  "TYPE_UNSPECIFIED",
]);

/** What Google says about a schema in its own form that it would not accept. Keywords that the form lacks are unknown fields. */
export function refuseSchema(schema: LooseObject, where: string): string | undefined {
  const type = asText(schema["type"]).toUpperCase();
  const { format, items, anyOf, properties } = schema;
  if (isGiven(schema["type"]) && !TYPES.has(type))
    return `Invalid value at '${where}.type' (type.googleapis.com/google.ai.generativelanguage.v1beta.Type), "${asText(schema["type"])}"`;
  if (isGiven(schema["enum"]) && type !== "STRING") return `* ${where}.enum: only allowed for STRING type\n`;
  if (type === "STRING" && isGiven(format) && format !== "enum" && format !== "date-time")
    return `* ${where}.format: only 'enum' and 'date-time' are supported for STRING type\n`;
  if (type === "ARRAY" && !isGiven(items)) return `* ${where}.items: missing field.\n`;
  if (type === "OBJECT" && isGiven(properties) && Object.keys(asObject(properties)).length === 0)
    return `* ${where}.properties: should be non-empty for OBJECT type\n`;
  const undefinedName = asList(schema["required"]).find((name) => !(asText(name) in asObject(properties)));
  if (undefinedName !== undefined) {
    const at = asList(schema["required"]).indexOf(undefinedName);
    return `* ${where}.required[${at}]: property is not defined\n`;
  }
  const inner: readonly (readonly [unknown, string])[] = [
    ...Object.entries(asObject(properties)).map(
      ([name, each]) => [each, `${where}.properties[${name}]`] as const,
    ),
    ...asList(anyOf).map((each, at) => [each, `${where}.any_of[${at}]`] as const),
    [items, `${where}.items`],
  ];
  for (const [each, place] of inner) {
    const complaint = isGiven(each) ? refuseSchema(asObject(each), place) : undefined;
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}
