import { alternativesOf, asSchemas, followed, requiredOf, schemasByName, typesOf } from "./schema-parts.ts";
import type { JsonSchema } from "./tool-schema.ts";

/** Alternatives within alternatives are looked at so deep. */
const MAX_NESTING = 16;

/** A list while it grows: what became of its items but the last, which alone may still change. */
interface GrowingList {
  readonly items: unknown[];
  /** The last of these as it came. */
  last: unknown;
  isChanged: boolean;
}

/**
 * Takes out of values the nulls that stand for "left out". A provider that wants every property (OpenAI's strict mode), and
 * many a model without one, writes null for an optional property that cannot be null; what is left is what the schema
 * meant. A value is never changed; parts without such a null are shared with it.
 *
 * One filter serves all the partial values of one answer: what is closed in them, and so the same object in each, is
 * looked at once, and of a list that grows only what came to it.
 */
export class FilledNulls {
  private readonly root: JsonSchema;
  private readonly seen = new WeakMap<object, unknown>();
  /** By their first item, which stays the same object. */
  private readonly lists = new WeakMap<object, GrowingList>();
  private readonly branches = new Map<unknown, readonly JsonSchema[]>();
  private readonly isNeeded: boolean;

  constructor(schema: JsonSchema) {
    this.root = schema;
    this.isNeeded = this.mayLeaveOut(schema, new Set());
  }

  remove(value: unknown): unknown {
    return this.isNeeded ? this.strip(value, [this.root]) : value;
  }

  /** Whether a value of the schema may have a null that stands for nothing: most schemas want all that they name. */
  private mayLeaveOut(schema: unknown, looked: Set<unknown>): boolean {
    if (!isContainer(schema) || looked.has(schema)) return false;
    looked.add(schema);
    const [branch, ...others] = this.branchesOf(schema);
    if (branch === undefined || others.length > 0) return others.length > 0;
    const properties = schemasByName(branch["properties"]);
    return (
      Object.keys(properties).some((name) => this.isFiller(name, [branch], [branch])) ||
      [...Object.values(properties), ...asSchemas(branch["prefixItems"])]
        .concat(branch["items"], branch["additionalProperties"])
        .some((part) => this.mayLeaveOut(part, looked))
    );
  }

  /** @param schemas what the value may be; more than one where the schema has alternatives */
  private strip(value: unknown, schemas: readonly unknown[]): unknown {
    if (!isContainer(value)) return value;
    const known = this.seen.get(value);
    if (known !== undefined) return known;
    const branches =
      schemas.length === 1
        ? this.branchesOf(schemas[0])
        : schemas.flatMap((schema) => this.branchesOf(schema));
    const stripped = Array.isArray(value)
      ? this.list(value, branches)
      : this.object(value as Readonly<Record<string, unknown>>, branches);
    this.seen.set(value, stripped);
    return stripped;
  }

  private branchesOf(schema: unknown): readonly JsonSchema[] {
    let branches = this.branches.get(schema);
    if (branches === undefined) this.branches.set(schema, (branches = allBranches([schema], this.root)));
    return branches;
  }

  private list(value: readonly unknown[], branches: readonly JsonSchema[]): readonly unknown[] {
    const list = this.growing(value);
    const end = value.length - 1;
    for (let at = list.items.length; at < end; at++) {
      const next = this.item(value, at, branches);
      list.isChanged ||= next !== value[at];
      list.items.push(next);
      list.last = value[at];
    }
    const last = this.item(value, end, branches);
    return list.isChanged || last !== value[end] ? [...list.items, last] : value;
  }

  /** What is known of a list from the value before this one. */
  private growing(value: readonly unknown[]): GrowingList {
    const [first] = value;
    const known = isContainer(first) ? this.lists.get(first) : undefined;
    const count = known?.items.length ?? 0;
    if (known !== undefined && count < value.length && value[count - 1] === known.last) return known;
    const list: GrowingList = { items: [], last: undefined, isChanged: false };
    if (isContainer(first) && value.length > 1) this.lists.set(first, list);
    return list;
  }

  private item(value: readonly unknown[], at: number, branches: readonly JsonSchema[]): unknown {
    const item = value[at];
    if (!isContainer(item)) return item;
    return this.strip(
      item,
      branches.map(({ prefixItems, items }) => asSchemas(prefixItems)[at] ?? items),
    );
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
      if (!isContainer(each)) continue;
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

/** Whether a value can have a null in it. */
function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
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
