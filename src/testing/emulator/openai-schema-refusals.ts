import { asList, asObject, asText, type LooseObject } from "./loose-json.ts";

/** What may not stand beside `type: "object"` at the root of a schema. */
const NOT_AT_ROOT = ["oneOf", "anyOf", "allOf", "enum", "not"];

/** What a strict schema may not say anywhere. Source: OpenAI's guide to structured outputs and its error texts, checked 2026-11. */
const NOT_IN_STRICT: ReadonlySet<string> = new Set([
  "$comment",
  "$id",
  "$schema",
  "additionalItems",
  "allOf",
  "contains",
  "default",
  "definitions",
  "dependentRequired",
  "dependentSchemas",
  "else",
  "examples",
  "if",
  "maxContains",
  "maxLength",
  "maxProperties",
  "minContains",
  "minLength",
  "minProperties",
  "not",
  "oneOf",
  "patternProperties",
  "prefixItems",
  "propertyNames",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
  "uniqueItems",
]);

/** Why OpenAI would not take a schema, in its words; undefined when it would. */
export function schemaRefusal(schema: unknown, isStrict: boolean): string | undefined {
  const root = asObject(schema);
  const { type } = root;
  if (type !== "object") {
    const found = type === undefined ? "None" : JSON.stringify(type).replaceAll('"', "");
    return `schema must be a JSON Schema of 'type: "object"', got 'type: "${found}"'.`;
  }
  if (NOT_AT_ROOT.some((keyword) => root[keyword] !== undefined))
    return "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.";
  return refusalAt(root, [], isStrict);
}

function refusalAt(
  schema: LooseObject,
  path: readonly (string | number)[],
  isStrict: boolean,
): string | undefined {
  const refused = isStrict ? strictRefusal(schema) : listRefusal(schema);
  if (refused !== undefined) return `In context=(${path.map(quoted).join(", ")}), ${refused}`;
  for (const [step, inner] of innerSchemas(schema)) {
    const found = refusalAt(asObject(inner), [...path, ...step], isStrict);
    if (found !== undefined) return found;
  }
  return undefined;
}

function strictRefusal(schema: LooseObject): string | undefined {
  const { $ref, type, properties } = schema;
  if ($ref !== undefined) {
    const beside = Object.keys(schema).filter((keyword) => keyword !== "$ref");
    return beside.length === 0 ? undefined : `$ref cannot have keywords {${beside.map(quoted).join(", ")}}.`;
  }
  const bad = Object.keys(schema).find((keyword) => NOT_IN_STRICT.has(keyword));
  if (bad !== undefined) return `'${bad}' is not permitted.`;
  if (type === undefined && schema["anyOf"] === undefined) return "schema must have a 'type' key.";
  if (/\(\?<?[=!]/.test(asText(schema["pattern"]))) return "regex lookaround is not supported.";
  if (type === "object" || asList(type).includes("object")) {
    if (schema["additionalProperties"] !== false)
      return "'additionalProperties' is required to be supplied and to be false.";
    const required = asList(schema["required"]);
    const missing = Object.keys(asObject(properties)).find((name) => !required.includes(name));
    if (missing !== undefined)
      return `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
  }
  return listRefusal(schema);
}

function listRefusal({ type, items, prefixItems }: LooseObject): string | undefined {
  const isList = type === "array" || asList(type).includes("array");
  return isList && items === undefined && prefixItems === undefined
    ? "array schema missing items."
    : undefined;
}

function innerSchemas(schema: LooseObject): [step: (string | number)[], inner: unknown][] {
  const named = ["properties", "$defs"].flatMap((keyword) =>
    Object.entries(asObject(schema[keyword])).map(([name, inner]): [(string | number)[], unknown] => [
      [keyword, name],
      inner,
    ]),
  );
  const listed = ["anyOf", "allOf", "oneOf"].flatMap((keyword) =>
    asList(schema[keyword]).map((inner, index): [(string | number)[], unknown] => [[keyword, index], inner]),
  );
  return schema["items"] === undefined
    ? [...named, ...listed]
    : [...named, ...listed, [["items"], schema["items"]]];
}

function quoted(step: string | number): string {
  return `'${step}'`;
}
