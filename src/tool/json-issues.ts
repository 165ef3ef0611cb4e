import { asSchema, asSchemas, isRecord, lookUp, requiredOf, schemasByName, typesOf } from "./schema-parts.ts";
import type { JsonSchema } from "./tool-schema.ts";

/** What is wrong with a value, and where in it. */
export interface JsonIssue {
  readonly message: string;
  readonly path: readonly (string | number)[];
}

type Path = readonly (string | number)[];

/**
 * What is wrong with a JSON value by a JSON Schema, draft 2020-12, with tuples also as draft 7 writes them. Keywords that
 * it does not know (`unevaluatedProperties`, `$dynamicRef`, contents) and formats that it does not know allow everything;
 * so does a reference to another document.
 */
export function jsonIssues(value: unknown, schema: JsonSchema): JsonIssue[] {
  return new Check(schema).issues(value, schema, [], 0);
}

/** References may lead in a circle without ever going deeper into the value. */
const MAX_DEPTH = 256;

class Check {
  private readonly root: JsonSchema;

  constructor(root: JsonSchema) {
    this.root = root;
  }

  issues(value: unknown, schema: unknown, path: Path, depth: number): JsonIssue[] {
    if (schema === false) return [{ message: "nothing may stand here", path }];
    const spec = asSchema(schema);
    if (depth > MAX_DEPTH) return [];
    const inner = (each: unknown, at: Path = path, of: unknown = value): JsonIssue[] =>
      this.issues(of, each, at, depth + 1);
    const found: JsonIssue[] = [];
    const no = (message: string): void => void found.push({ message, path });

    const types = typesOf(spec);
    if (types.length > 0 && !types.some((type) => isOfType(value, type))) {
      // Everything else that could be said of it follows from this.
      return [{ message: `must be ${types.join(" or ")}, is ${kindOf(value)}`, path }];
    }
    if (spec["enum"] !== undefined && !asSchemas(spec["enum"]).some((each) => isSame(each, value)))
      no(`must be one of ${JSON.stringify(spec["enum"])}`);
    if ("const" in spec && !isSame(spec["const"], value)) no(`must be ${JSON.stringify(spec["const"])}`);

    if (spec["$ref"] !== undefined) found.push(...inner(lookUp(this.root, spec["$ref"]) ?? true));
    for (const part of asSchemas(spec["allOf"])) found.push(...inner(part));
    if (spec["anyOf"] !== undefined) found.push(...this.fitsOne(asSchemas(spec["anyOf"]), inner, path));
    if (spec["oneOf"] !== undefined) {
      const branches = asSchemas(spec["oneOf"]);
      const fitting = branches.filter((branch) => inner(branch).length === 0).length;
      if (fitting > 1) no(`must fit exactly one of the alternatives, fits ${fitting}`);
      else if (fitting === 0) found.push(...this.fitsOne(branches, inner, path));
    }
    if (spec["not"] !== undefined && inner(spec["not"]).length === 0)
      no(`must not fit ${JSON.stringify(spec["not"])}`);
    if (spec["if"] !== undefined) {
      const branch = inner(spec["if"]).length === 0 ? spec["then"] : spec["else"];
      if (branch !== undefined) found.push(...inner(branch));
    }

    if (typeof value === "string") checkString(value, spec, no);
    else if (typeof value === "number") checkNumber(value, spec, no);
    else if (Array.isArray(value)) found.push(...this.list(value, spec, path, inner));
    else if (isRecord(value)) found.push(...this.object(value, spec, path, inner));
    return found;
  }

  /** Nothing, when one of the branches fits; else what is wrong by the branch that comes nearest. */
  private fitsOne(
    branches: readonly unknown[],
    inner: (branch: unknown) => JsonIssue[],
    path: Path,
  ): JsonIssue[] {
    const results = branches.map((branch) => inner(branch));
    if (results.some((issues) => issues.length === 0)) return [];
    // The branch that was meant goes wrong deepest inside.
    const depthOf = (issues: readonly JsonIssue[]): number =>
      Math.min(...issues.map((issue) => issue.path.length));
    const [nearest] = results.toSorted((a, b) => depthOf(b) - depthOf(a) || a.length - b.length);
    if (nearest !== undefined && depthOf(nearest) > path.length) return nearest;
    const reasons = [...new Set(results.flat().map(({ message }) => message))];
    return [{ message: `must fit one of the alternatives: ${reasons.join("; or ")}`, path }];
  }

  private list(
    value: readonly unknown[],
    spec: JsonSchema,
    path: Path,
    inner: (each: unknown, at: Path, of: unknown) => JsonIssue[],
  ): JsonIssue[] {
    const found: JsonIssue[] = [];
    const { minItems, maxItems, contains, minContains = 1, maxContains } = spec;
    const no = (message: string): void => void found.push({ message, path });
    if (isUnder(value.length, minItems))
      no(`must have at least ${String(minItems)} items, has ${value.length}`);
    if (isOver(value.length, maxItems))
      no(`must have at most ${String(maxItems)} items, has ${value.length}`);
    if (spec["uniqueItems"] === true && new Set(value.map(canonical)).size < value.length)
      no("must not repeat an item");
    const { places, rest } = tupleOf(spec);
    for (const [index, each] of value.entries())
      found.push(...inner(index < places.length ? places[index] : (rest ?? true), [...path, index], each));
    if (contains !== undefined) {
      const count = value.filter((each) => inner(contains, path, each).length === 0).length;
      if (isUnder(count, minContains) || isOver(count, maxContains))
        no(`has ${count} items that fit ${JSON.stringify(contains)}`);
    }
    return found;
  }

  private object(
    value: Readonly<Record<string, unknown>>,
    spec: JsonSchema,
    path: Path,
    inner: (each: unknown, at?: Path, of?: unknown) => JsonIssue[],
  ): JsonIssue[] {
    const found: JsonIssue[] = [];
    const no = (message: string, at: Path = path): void => void found.push({ message, path: at });
    const names = Object.keys(value);
    for (const name of requiredOf(spec)) if (!Object.hasOwn(value, name)) no("is missing", [...path, name]);
    const { minProperties, maxProperties, additionalProperties, propertyNames } = spec;
    if (isUnder(names.length, minProperties)) no(`must have at least ${String(minProperties)} properties`);
    if (isOver(names.length, maxProperties)) no(`must have at most ${String(maxProperties)} properties`);
    const properties = schemasByName(spec["properties"]);
    const patterns = Object.entries(schemasByName(spec["patternProperties"])).map(
      ([pattern, schema]) => [toRegExp(pattern), schema] as const,
    );
    for (const name of names) {
      const at = [...path, name];
      const schemas = patterns.filter(([pattern]) => pattern?.test(name)).map(([, schema]) => schema);
      if (Object.hasOwn(properties, name)) schemas.push(properties[name]);
      if (schemas.length === 0 && additionalProperties === false) no("is not known here", at);
      else if (schemas.length === 0 && additionalProperties !== undefined) schemas.push(additionalProperties);
      for (const schema of schemas) found.push(...inner(schema, at, value[name]));
      if (propertyNames !== undefined) found.push(...inner(propertyNames, at, name));
    }
    for (const [name, others] of Object.entries(schemasByName(spec["dependentRequired"]))) {
      if (!Object.hasOwn(value, name)) continue;
      for (const other of asSchemas(others).map(String))
        if (!Object.hasOwn(value, other)) no(`is missing beside ${name}`, [...path, other]);
    }
    for (const [name, schema] of Object.entries(schemasByName(spec["dependentSchemas"])))
      if (Object.hasOwn(value, name)) found.push(...inner(schema));
    return found;
  }
}

/** The schemas of a list's first places, and of the rest: draft 7 has them in `items` and `additionalItems`. */
export function tupleOf(spec: JsonSchema): { places: readonly unknown[]; rest: unknown } {
  const { items, prefixItems, additionalItems } = spec;
  if (Array.isArray(items)) return { places: items, rest: additionalItems };
  return { places: asSchemas(prefixItems), rest: items };
}

function checkString(value: string, spec: JsonSchema, no: (message: string) => void): void {
  const { minLength, maxLength, pattern, format } = spec;
  const length = minLength === undefined && maxLength === undefined ? 0 : [...value].length;
  if (isUnder(length, minLength)) no(`must have at least ${String(minLength)} characters, has ${length}`);
  if (isOver(length, maxLength)) no(`must have at most ${String(maxLength)} characters, has ${length}`);
  if (typeof pattern === "string" && toRegExp(pattern)?.test(value) === false) no(`must match ${pattern}`);
  if (typeof format === "string" && FORMATS[format]?.(value) === false) no(`must be a ${format}`);
}

function checkNumber(value: number, spec: JsonSchema, no: (message: string) => void): void {
  const { minimum, maximum, exclusiveMinimum: over, exclusiveMaximum: under, multipleOf } = spec;
  if (isUnder(value, minimum)) no(`must be at least ${String(minimum)}`);
  if (isOver(value, maximum)) no(`must be at most ${String(maximum)}`);
  if (typeof over === "number" && value <= over) no(`must be more than ${over}`);
  if (typeof under === "number" && value >= under) no(`must be less than ${under}`);
  if (typeof multipleOf === "number" && multipleOf > 0) {
    const times = value / multipleOf;
    // 0.3 is no exact multiple of 0.1 in binary.
    if (Math.abs(times - Math.round(times)) > 1e-9 * Math.max(1, Math.abs(times)))
      no(`must be a multiple of ${multipleOf}`);
  }
}

/** Formats that can be told by a glance; a date that no calendar has is none. */
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  "date-time": (text) =>
    /^\d{4}-\d\d-\d\d[Tt ]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text) &&
    isDate(text.slice(0, 10)),
  time: (text) => /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]\d\d:\d\d)?$/.test(text),
  email: (text) => /^[^\s@]+@[^\s@]+$/.test(text),
  ipv4: (text) => /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!$)|$)){4}$/.test(text),
  uri: (text) => /^[a-z][a-z\d+.-]*:\S*$/i.test(text),
  uuid: (text) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text),
};

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function isOfType(value: unknown, type: string): boolean {
  if (type === "integer") return Number.isInteger(value);
  return kindOf(value) === type;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function isUnder(value: number, bound: unknown): boolean {
  return typeof bound === "number" && value < bound;
}

function isOver(value: number, bound: unknown): boolean {
  return typeof bound === "number" && value > bound;
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "object" && typeof b === "object" && canonical(a) === canonical(b));
}

/** JSON in which equal values are equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    isRecord(each) ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1))) : each,
  );
}

/** A pattern of the schema; one that is no regular expression here allows everything. */
function toRegExp(pattern: string): RegExp | undefined {
  for (const flags of ["u", ""]) {
    try {
      return new RegExp(pattern, flags);
    } catch {
      // Escapes that the `u` flag forbids are fine without it.
    }
  }
  return undefined;
}
