import { asSchema, asSchemas, typesOf } from "./schema-parts.ts";

// What Google's Schema object writes otherwise than JSON Schema.

/** The parts of a schema as they are rewritten. */
export type SchemaDraft = Record<string, unknown>;

/** Null as `nullable`, and several types as alternatives. The alternatives are in Google's words already. */
export function nullAsKeyword(draft: SchemaDraft): void {
  const types = typesOf(draft);
  const branches = asSchemas(draft["anyOf"]).map(asSchema);
  const given = branches.filter((branch) => branch["type"] !== "NULL");
  if (types.includes("null") || given.length < branches.length) draft["nullable"] = true;
  const rest = types.filter((each) => each !== "null");
  if (rest.length > 1) {
    delete draft["type"];
    draft["anyOf"] = [...given, ...rest.map((each) => ({ type: each.toUpperCase() }))];
  } else if (types.length > 0) draft["type"] = rest[0] ?? "null";
  if (branches.length === 0) return;
  delete draft["anyOf"];
  if (given.length === 1)
    for (const [keyword, value] of Object.entries(given[0] ?? {})) draft[keyword] ??= value;
  else if (given.length > 1) draft["anyOf"] = given;
}

const COUNTS = ["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"];

/** Types in capitals, and counts, which are 64 bits wide, as strings. */
export function inGoogleWords(draft: SchemaDraft): void {
  if (typeof draft["type"] === "string") draft["type"] = draft["type"].toUpperCase();
  for (const keyword of COUNTS)
    if (draft[keyword] !== undefined) draft[keyword] = JSON.stringify(draft[keyword]);
}
