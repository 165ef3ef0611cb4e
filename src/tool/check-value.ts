import { jsonIssues } from "./json-issues.ts";
import { isStandardSchema, isZod3 } from "./to-json-schema.ts";
import type { SchemaInput, SchemaOutput, StandardIssue, StandardResult } from "./tool-schema.ts";

/** A value that fits its schema, as the schema makes it; or what is wrong with it, a line each. */
export type CheckedValue<Value> =
  | { readonly value: Value; readonly issues?: undefined }
  | { readonly issues: readonly string[] };

/** Holds a value against a schema of any accepted form. Defaults, transforms and coercions of the schema take effect. */
export async function checkValue<Schema extends SchemaInput>(
  value: unknown,
  schema: Schema,
): Promise<CheckedValue<SchemaOutput<Schema>>> {
  const result = await resultOf(value, schema);
  if (result.issues === undefined) return { value: result.value as SchemaOutput<Schema> };
  return { issues: result.issues.map(lineOf) };
}

async function resultOf(value: unknown, schema: SchemaInput): Promise<StandardResult<unknown>> {
  if (isStandardSchema(schema) && schema["~standard"].validate !== undefined)
    return schema["~standard"].validate(value);
  if (isZod3(schema)) {
    const { success, data, error } = await schema.safeParseAsync(value);
    return success ? { value: data } : { issues: error?.issues ?? [{ message: "does not fit" }] };
  }
  // A Standard Schema that only describes itself lets everything through.
  const issues = isStandardSchema(schema) ? [] : jsonIssues(value, schema);
  return issues.length > 0 ? { issues } : { value };
}

/** `city.names[0]: must be string, is number` */
function lineOf({ message, path = [] }: StandardIssue): string {
  let where = "";
  for (const step of path) {
    const key = typeof step === "object" ? step.key : step;
    where += typeof key === "number" ? `[${key}]` : `${where === "" ? "" : "."}${String(key)}`;
  }
  return where === "" ? message : `${where}: ${message}`;
}
