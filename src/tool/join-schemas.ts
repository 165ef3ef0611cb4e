import { alternativesOf, asSchema, asSchemas, followed, requiredOf, schemasByName } from "./schema-parts.ts";
import { isWord, join } from "./schema-words.ts";
import type { JsonSchema } from "./tool-schema.ts";

/** Notes what a provider will not hold its model to. @param where in the schema, as `/properties/city`; empty for all of it */
export type SchemaWarning = (where: string, reason: string) => void;

/** `allOf` within `allOf` more often than this goes in a circle. */
const MAX_PARTS = 64;

/** Makes one schema of several, where a dialect takes no keyword that holds several. */
export class SchemaJoining {
  private readonly root: JsonSchema;
  private readonly warn: SchemaWarning;
  private readonly refusal: (at: string, reason: string) => Error;

  constructor(root: JsonSchema, warn: SchemaWarning, refusal: (at: string, reason: string) => Error) {
    this.root = root;
    this.warn = warn;
    this.refusal = refusal;
  }

  /** An object with the properties of all its alternatives: required is what each of them requires. */
  oneObject(root: JsonSchema, alternatives: readonly unknown[]): JsonSchema {
    const { anyOf: _anyOf, oneOf: _oneOf, ...base } = root;
    const branches = alternatives.map((each) => this.merge(followed(each, this.root), ""));
    const variants = new Map<string, unknown[]>();
    for (const branch of branches) {
      for (const [name, schema] of Object.entries(schemasByName(branch["properties"]))) {
        const known = variants.get(name) ?? [];
        if (!known.some((each) => JSON.stringify(each) === JSON.stringify(schema))) known.push(schema);
        variants.set(name, known);
      }
    }
    const own = schemasByName(base["properties"]);
    const properties: Record<string, unknown> = { ...own };
    for (const [name, schemas] of variants) {
      if (Object.hasOwn(own, name)) continue;
      const constants = schemas.map((each) => asSchema(each)["const"]);
      if (schemas.length === 1) properties[name] = schemas[0];
      else if (constants.every((each) => typeof each === "string"))
        properties[name] = { type: "string", enum: constants };
      else properties[name] = { anyOf: schemas };
    }
    const required = Object.keys(properties).filter(
      (name) => requiredOf(base).has(name) || branches.every((branch) => requiredOf(branch).has(name)),
    );
    this.warn(
      "",
      "its alternatives were joined into one object, because the provider takes none at the root.",
    );
    const choices = branches
      .map((branch) => [...requiredOf(branch)].join(", "))
      .filter((names) => names !== "");
    return {
      ...base,
      type: "object",
      properties,
      required,
      description: join(
        base["description"],
        choices.length > 0 ? `Give together: ${choices.join("; or ")}.` : "",
      ),
    };
  }

  /** The same schema with nothing but words beside its alternatives. */
  allInside(spec: JsonSchema, at: string): JsonSchema {
    const { anyOf: _anyOf, oneOf: _oneOf, ...beside } = spec;
    const alternatives = alternativesOf(spec);
    const words = Object.entries(beside).filter(([keyword]) => isWord(keyword));
    const shared = Object.fromEntries(Object.entries(beside).filter(([keyword]) => !isWord(keyword)));
    if (alternatives.length === 0 || Object.keys(shared).length === 0) return spec;
    const anyOf = alternatives.map((each) => this.merge({ allOf: [shared, each] }, at));
    return { ...Object.fromEntries(words), anyOf };
  }

  /** One schema that says what all parts of `allOf` say. */
  merge(spec: JsonSchema, at: string, depth = 0): JsonSchema {
    const { allOf, ...own } = spec;
    if (depth > MAX_PARTS) throw this.refusal(at, "it stands inside itself");
    let merged: Record<string, unknown> = own;
    for (const part of asSchemas(allOf)) {
      const other = this.merge(followed(part, this.root), at, depth + 1);
      const conflict = Object.keys(other).find(
        (keyword) =>
          !["properties", "required", "description"].includes(keyword) &&
          merged[keyword] !== undefined &&
          JSON.stringify(merged[keyword]) !== JSON.stringify(other[keyword]),
      );
      if (conflict !== undefined)
        this.warn(at, `the parts of its allOf differ in ${conflict}; the last one counts.`);
      const required = [...new Set([...requiredOf(merged), ...requiredOf(other)])];
      merged = {
        ...merged,
        ...other,
        ...((merged["properties"] ?? other["properties"]) !== undefined && {
          properties: this.mergeProperties(merged, other),
        }),
        ...(required.length > 0 && { required }),
        ...((merged["description"] ?? other["description"]) !== undefined && {
          description: join(merged["description"], other["description"]),
        }),
      };
    }
    return merged;
  }

  private mergeProperties(a: JsonSchema, b: JsonSchema): Record<string, unknown> {
    const properties: Record<string, unknown> = { ...schemasByName(a["properties"]) };
    for (const [name, schema] of Object.entries(schemasByName(b["properties"])))
      properties[name] = Object.hasOwn(properties, name) ? { allOf: [properties[name], schema] } : schema;
    return properties;
  }
}
