import { alternativesOf, asSchemas, followed, requiredOf, schemasByName, typesOf } from "./schema-parts.ts";
import type { JsonSchema } from "./tool-schema.ts";

/** Alternatives within alternatives are looked at so deep. */
const MAX_NESTING = 16;

/**
 * Takes out of values the nulls that stand for "left out". A provider that wants every property (OpenAI's strict mode), and
 * many a model without one, writes null for an optional property that cannot be null; what is left is what the schema
 * meant. A value is never changed; parts without such a null are shared with it.
 *
 * One filter serves all the partial values of one answer: what is closed in them, and so the same object in each, is
 * looked at once.
 */
export class FilledNulls {
  private readonly root: JsonSchema;
  private readonly seen = new WeakMap<object, unknown>();

  constructor(schema: JsonSchema) {
    this.root = schema;
  }

  remove(value: unknown): unknown {
    return this.strip(value, [this.root]);
  }

  /** @param schemas what the value may be; more than one where the schema has alternatives */
  private strip(value: unknown, schemas: readonly unknown[]): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (this.seen.has(value)) return this.seen.get(value);
    const branches = allBranches(schemas, this.root);
    const stripped = Array.isArray(value)
      ? this.list(value, branches)
      : this.object(value as Readonly<Record<string, unknown>>, branches);
    this.seen.set(value, stripped);
    return stripped;
  }

  private list(value: readonly unknown[], branches: readonly JsonSchema[]): readonly unknown[] {
    const copy = value.map((each, index) =>
      this.strip(
        each,
        branches.map(({ prefixItems, items }) => asSchemas(prefixItems)[index] ?? items),
      ),
    );
    return copy.some((each, index) => each !== value[index]) ? copy : value;
  }

  private object(value: Readonly<Record<string, unknown>>, all: readonly JsonSchema[]): object {
    const meant = all.filter((branch) => this.mayBe(branch, value));
    let copy: Record<string, unknown> | undefined;
    for (const [name, each] of Object.entries(value)) {
      if (each === null && this.isFiller(name, meant, all)) {
        copy ??= { ...value };
        delete copy[name];
        continue;
      }
      const next = this.strip(
        each,
        meant.map((branch) => propertyOf(branch, name)),
      );
      if (next === each) continue;
      copy ??= { ...value };
      copy[name] = next;
    }
    return copy ?? value;
  }

  /** Whether an object may be meant for this alternative, by the properties that can have few values only. */
  private mayBe(branch: JsonSchema, value: Readonly<Record<string, unknown>>): boolean {
    return Object.entries(schemasByName(branch["properties"])).every(([name, schema]) => {
      const { const: only, enum: some } = followed(schema, this.root);
      if (!Object.hasOwn(value, name) || (only === undefined && some === undefined)) return true;
      return value[name] === null || only === value[name] || asSchemas(some).includes(value[name]);
    });
  }

  /** Whether a null at this name can only mean that there is nothing. */
  private isFiller(name: string, meant: readonly JsonSchema[], all: readonly JsonSchema[]): boolean {
    const declares = (branch: JsonSchema): boolean =>
      Object.hasOwn(schemasByName(branch["properties"]), name);
    const declared = meant.filter(declares);
    // A property of another alternative: strict modes know one object with the properties of all.
    if (declared.length === 0) return all.some(declares);
    return declared.every(
      (branch) => !requiredOf(branch).has(name) && !acceptsNull(propertyOf(branch, name), this.root),
    );
  }
}

function propertyOf(branch: JsonSchema, name: string): unknown {
  const properties = schemasByName(branch["properties"]);
  return Object.hasOwn(properties, name) ? properties[name] : branch["additionalProperties"];
}

/** Every alternative of the schemas, their own and those of their parts. */
function allBranches(schemas: readonly unknown[], root: JsonSchema, depth = 0): readonly JsonSchema[] {
  return schemas.flatMap((schema) => {
    if (schema === undefined) return [];
    const { anyOf, oneOf, allOf, ...own } = followed(schema, root);
    const nested = [...alternativesOf({ anyOf, oneOf }), ...asSchemas(allOf)];
    return depth < MAX_NESTING ? [own, ...allBranches(nested, root, depth + 1)] : [own];
  });
}

/** Whether null fits a schema. */
export function acceptsNull(schema: unknown, root: JsonSchema, depth = 0): boolean {
  if (schema === false) return false;
  const spec = followed(schema, root);
  if (depth > MAX_NESTING) return true;
  const types = typesOf(spec);
  if (types.length > 0) return types.includes("null");
  if ("const" in spec) return spec["const"] === null;
  if (spec["enum"] !== undefined) return asSchemas(spec["enum"]).includes(null);
  const alternatives = alternativesOf(spec);
  if (alternatives.length > 0) return alternatives.some((each) => acceptsNull(each, root, depth + 1));
  return asSchemas(spec["allOf"]).every((part) => acceptsNull(part, root, depth + 1));
}
