import { UnsupportedError } from "../error/errors-by-kind.ts";
import { acceptsNull } from "./filled-nulls.ts";
import { inGoogleWords, nullAsKeyword, type SchemaDraft } from "./google-schema.ts";
import { tupleOf } from "./json-issues.ts";
import { SchemaJoining, type SchemaWarning } from "./join-schemas.ts";
import { type DialectRules, SCHEMA_DIALECTS, type SchemaDialect } from "./schema-dialects.ts";
import {
  alternativesOf,
  asSchema,
  asSchemas,
  followed,
  isRecord,
  lookUp,
  requiredOf,
  schemasByName,
  typesOf,
} from "./schema-parts.ts";
import { ANNOTATIONS, DEFINITIONS, isWord, join } from "./schema-words.ts";
import type { JsonSchema } from "./tool-schema.ts";

const ALL_TYPES = ["string", "number", "boolean", "object", "array", "null"] as const;

/** A schema whose references are written out may not become larger than so many schemas. */
const MAX_SCHEMAS = 10_000;

/**
 * A JSON Schema as a provider takes it. What the provider does not know is moved into the description, where the model reads
 * it, and is warned of when it would have forbidden a value: nothing is lost in silence.
 *
 * @throws ModelError `unsupported` for what the dialect cannot say at all: recursion, maps, a root that is no object
 */
export function adaptSchema(schema: JsonSchema, dialect: SchemaDialect, warn: SchemaWarning): JsonSchema {
  const rules = SCHEMA_DIALECTS[dialect];
  if (dialect === "json-schema") {
    const { $schema: _draft, ...rest } = schema;
    return rest;
  }
  return new Adaptation(schema, dialect, rules, warn).result();
}

class Adaptation {
  private readonly root: JsonSchema;
  private readonly dialect: SchemaDialect;
  private readonly rules: DialectRules;
  private readonly warn: SchemaWarning;
  /** The name in `$defs` of each reference, and what it came to; undefined while it is being made. */
  private readonly names = new Map<string, string>();
  private readonly definitions = new Map<string, JsonSchema | undefined>();
  /** Keywords that the provider will not enforce, and where the first of each stands. */
  private readonly unenforced = new Map<string, string>();
  private readonly joining: SchemaJoining;
  private count = 0;

  constructor(root: JsonSchema, dialect: SchemaDialect, rules: DialectRules, warn: SchemaWarning) {
    this.root = root;
    this.dialect = dialect;
    this.rules = rules;
    this.warn = warn;
    this.joining = new SchemaJoining(root, warn, (at, reason) => this.refusal(at, reason));
  }

  result(): JsonSchema {
    const adapted = this.adapt(this.plainRoot(), "", []);
    for (const [keyword, where] of this.unenforced)
      this.warn(where, `${keyword} is not enforced by this provider; it was told to the model in words.`);
    if (this.definitions.size === 0) return adapted;
    return { ...adapted, $defs: Object.fromEntries(this.definitions) };
  }

  /** The root as an object without alternatives, where the dialect wants one. */
  private plainRoot(): JsonSchema {
    const { plainRoot, besideAnyOf } = this.rules;
    if (!plainRoot && besideAnyOf) return this.root;
    let root = followed(this.root, this.root);
    if (root["allOf"] !== undefined && plainRoot) root = this.joining.merge(root, "");
    const alternatives = alternativesOf(root);
    const isObject =
      typesOf(root).join() === "object" ||
      (alternatives.length > 0 && alternatives.every((each) => this.isObject(each)));
    if (plainRoot && !isObject) {
      throw this.refusal("", `its root must be an object, not ${JSON.stringify(root["type"] ?? "anything")}`);
    }
    return isObject && alternatives.length > 0 ? this.joining.oneObject(root, alternatives) : root;
  }

  private isObject(schema: unknown): boolean {
    const spec = followed(schema, this.root);
    return typesOf(spec).join() === "object" || spec["properties"] !== undefined;
  }

  /** @param open the references that are being written out here */
  private adapt(input: unknown, at: string, open: readonly string[]): JsonSchema {
    this.count += 1;
    if (this.count > MAX_SCHEMAS)
      throw this.refusal(at, `it has more than ${MAX_SCHEMAS} parts when its references are written out`);
    let spec = asSchema(input);
    if (typeof spec["$ref"] === "string") {
      const { $ref, ...siblings } = spec;
      if (this.rules.references === "defs") return this.defined($ref, siblings, at, open);
      if (this.rules.references === "none") {
        const reference = $ref;
        if (open.includes(reference)) throw this.refusal(at, "it stands inside itself");
        return this.adapt({ ...this.target(reference, at), ...siblings }, at, [...open, reference]);
      }
    }
    if (spec["allOf"] !== undefined && !this.takes("allOf")) spec = this.joining.merge(spec, at);
    if (!this.rules.besideAnyOf) spec = this.joining.allInside(spec, at);
    const draft: SchemaDraft = {};
    const words: SchemaDraft = {};
    for (const [keyword, value] of Object.entries(spec)) {
      if (DEFINITIONS.has(keyword) && this.rules.references === "any") {
        const adapted = Object.entries(schemasByName(value)).map(
          ([name, each]) => [name, this.adapt(each, `${at}/${keyword}/${name}`, open)] as const,
        );
        draft[keyword] = Object.fromEntries(adapted);
      }
      if (isWord(keyword) && !ANNOTATIONS.has(keyword)) continue;
      if (!this.keyword(keyword, value, spec, draft, at, open)) words[keyword] = value;
    }
    this.shapeObject(spec, draft, words, at, open);
    this.shapeList(spec, draft, at, open);
    this.shapeType(draft, words, at);
    this.tell(words, draft, at);
    return draft;
  }

  /** Writes one keyword into the draft; false when it must be told in words. */
  private keyword(
    keyword: string,
    value: unknown,
    spec: JsonSchema,
    draft: SchemaDraft,
    at: string,
    open: readonly string[],
  ): boolean {
    const { rules } = this;
    switch (keyword) {
      case "properties":
      case "required":
      case "additionalProperties":
      case "items":
      case "prefixItems":
      case "additionalItems":
        return true; // with the shape of their object or list
      case "oneOf":
        if (this.takes("oneOf")) draft["oneOf"] = this.all(value, `${at}/oneOf`, open);
        // The values of a union hardly ever fit two of its branches, and what they mean is checked in the end.
        else draft["anyOf"] = [...asSchemas(draft["anyOf"]), ...this.all(value, `${at}/oneOf`, open)];
        return true;
      case "anyOf":
        draft["anyOf"] = [...asSchemas(draft["anyOf"]), ...this.all(value, `${at}/anyOf`, open)];
        return true;
      case "allOf":
        draft["allOf"] = this.all(value, `${at}/allOf`, open);
        return true;
      case "const":
        if (this.takes("const")) draft["const"] = value;
        else return this.keyword("enum", [value], spec, draft, at, open);
        return true;
      case "enum": {
        const values = asSchemas(value);
        const named = values.filter((each) => each !== null);
        if (rules.enumOfStrings && !named.every((each) => typeof each === "string")) return false;
        draft["enum"] = rules.enumOfStrings ? named : values;
        if (spec["type"] === undefined) draft["type"] = [...new Set(values.map(typeNameOf))];
        return true;
      }
      case "format":
        if (!this.takes("format") || rules.formats?.has(String(value)) === false) return false;
        break;
      case "pattern":
        if (!this.takes("pattern") || (rules.lookaround === false && /\(\?<?[=!]/.test(String(value))))
          return false;
        break;
      case "minItems":
        if (!this.takes("minItems") || Number(value) > (rules.largestMinItems ?? Infinity)) return false;
        break;
      default:
        if (!this.takes(keyword)) return false;
    }
    draft[keyword] = value;
    return true;
  }

  private shapeObject(
    spec: JsonSchema,
    draft: SchemaDraft,
    words: SchemaDraft,
    at: string,
    open: readonly string[],
  ): void {
    const { rules } = this;
    const { additionalProperties } = spec;
    const isClosed = additionalProperties === false;
    const isObject =
      spec["properties"] !== undefined ||
      (typesOf(spec).includes("object") && alternativesOf(spec).length === 0);
    const isMap =
      (additionalProperties !== undefined && !isClosed) ||
      words["patternProperties"] !== undefined ||
      (isObject && spec["properties"] === undefined && !isClosed);
    if (isMap && rules.maps === "refused")
      throw this.refusal(at, "it is an object whose property names are not known beforehand");
    if (additionalProperties !== undefined) {
      if (this.takes("additionalProperties")) {
        draft["additionalProperties"] = isRecord(additionalProperties)
          ? this.adapt(additionalProperties, `${at}/additionalProperties`, open)
          : additionalProperties;
      } else if (isMap) words["additionalProperties"] = additionalProperties;
    }
    if (spec["properties"] !== undefined) {
      const names = Object.keys(schemasByName(spec["properties"]));
      const required = requiredOf(spec);
      const adapted = Object.entries(schemasByName(spec["properties"])).map(([name, schema]) => {
        const inner = this.adapt(schema, `${at}/properties/${name}`, open);
        const isFilled = rules.properties === "closed_and_required" && !required.has(name);
        return [name, isFilled && !acceptsNull(schema, this.root) ? withNull(inner) : inner] as const;
      });
      draft["properties"] = Object.fromEntries(adapted);
      if (this.takes("propertyOrdering") && rules.isGoogleSchema && names.length > 1)
        draft["propertyOrdering"] = names;
      if (rules.properties === "closed_and_required") draft["required"] = names;
      else if (required.size > 0) draft["required"] = [...required];
    } else if (spec["required"] !== undefined) draft["required"] = spec["required"];
    if (isObject && rules.properties !== "free") draft["additionalProperties"] = false;
  }

  private shapeList(spec: JsonSchema, draft: SchemaDraft, at: string, open: readonly string[]): void {
    const { places, rest } = tupleOf(spec);
    const items =
      rest === undefined || typeof rest === "boolean" ? undefined : this.adapt(rest, `${at}/items`, open);
    if (places.length === 0) {
      if (items !== undefined) draft["items"] = items;
      // A list without `items` is refused by OpenAI, strict or not.
      else if (typesOf(spec).includes("array")) draft["items"] = this.adapt({}, `${at}/items`, open);
      return;
    }
    const adapted = places.map((place, index) => this.adapt(place, `${at}/prefixItems/${index}`, open));
    if (this.takes("prefixItems")) {
      draft["prefixItems"] = adapted;
      if (rest === false) draft["items"] = false;
      else if (items !== undefined) draft["items"] = items;
      return;
    }
    const each = [...adapted, ...(items === undefined ? [] : [items])];
    draft["items"] = each.length === 1 ? each[0] : { anyOf: each };
    const order = adapted.map((place) => JSON.stringify(place["type"] ?? "any")).join(", ");
    draft["description"] = join(draft["description"], `In this order: ${order}.`);
    this.note("prefixItems", at);
    const bounds = { minItems: places.length, ...(items === undefined && { maxItems: places.length }) };
    for (const [keyword, bound] of Object.entries(bounds))
      if (draft[keyword] === undefined) this.keyword(keyword, bound, spec, draft, at, open);
  }

  /** The type, null and alternatives as the dialect writes them. */
  private shapeType(draft: SchemaDraft, words: SchemaDraft, at: string): void {
    const { rules } = this;
    if (draft["type"] === undefined && draft["properties"] !== undefined) draft["type"] = "object";
    if (draft["type"] === undefined && draft["items"] !== undefined) draft["type"] = "array";
    if (rules.isGoogleSchema) nullAsKeyword(draft);
    const { type } = draft;
    if (Array.isArray(type) && type.length === 1) draft["type"] = type[0] as unknown;
    const isTyped = ["type", "anyOf", "oneOf", "allOf", "$ref"].some(
      (keyword) => draft[keyword] !== undefined,
    );
    // A value tells its type, where it may stand alone.
    const isConst = draft["const"] !== undefined && rules.keywords === undefined;
    if (!isTyped && !isConst) this.giveType(draft, words, at);
    if (rules.isGoogleSchema) inGoogleWords(draft);
  }

  private giveType(draft: SchemaDraft, words: SchemaDraft, at: string): void {
    const { untyped } = this.rules;
    if (draft["const"] !== undefined) draft["type"] = typeNameOf(draft["const"]);
    else if (words["enum"] !== undefined || words["const"] !== undefined)
      // Values that the dialect cannot list still have a type.
      draft["type"] = typeNameOf(words["const"] ?? asSchemas(words["enum"])[0]);
    else if (untyped === "refused") throw this.refusal(at, "it does not say its type");
    else if (untyped === "any_of_all") draft["anyOf"] = ALL_TYPES.map((each) => ({ type: each }));
  }

  /** Says in the description what the dialect has no keyword for. */
  private tell(words: SchemaDraft, draft: SchemaDraft, at: string): void {
    const told = Object.entries(words).filter(([keyword, value]) => !saysNothing(keyword, value));
    if (told.length === 0) return;
    for (const [keyword] of told) if (!ANNOTATIONS.has(keyword)) this.note(keyword, at);
    draft["description"] = join(
      draft["description"],
      `(JSON Schema: ${JSON.stringify(Object.fromEntries(told))})`,
    );
  }

  private note(keyword: string, at: string): void {
    if (!this.unenforced.has(keyword)) this.unenforced.set(keyword, at);
  }

  /** A reference into `$defs`, whatever it pointed to before. */
  private defined(reference: string, siblings: JsonSchema, at: string, open: readonly string[]): JsonSchema {
    let name = this.names.get(reference);
    if (name === undefined) {
      name = this.freeName(reference);
      this.names.set(reference, name);
      this.definitions.set(name, undefined);
      this.definitions.set(name, this.adapt(this.target(reference, at), at, [...open, reference]));
    } else if (open.includes(reference) && !this.rules.recursion) {
      throw this.refusal(at, "it stands inside itself");
    }
    const pointer = { $ref: `#/$defs/${name}` };
    const { description, ...others } = siblings;
    const words = Object.fromEntries(
      Object.entries(others).filter(([keyword]) => !isWord(keyword) || ANNOTATIONS.has(keyword)),
    );
    const beside: SchemaDraft = description === undefined ? {} : { description };
    this.tell(words, beside, at);
    // Nothing may stand beside a reference.
    return Object.keys(beside).length === 0 ? pointer : { anyOf: [pointer], ...beside };
  }

  private freeName(reference: string): string {
    const last = reference.split("/").at(-1) ?? "";
    const base = last.replaceAll(/[^\w-]/g, "") || "root";
    let name = base;
    for (let count = 2; this.definitions.has(name); count++) name = `${base}_${count}`;
    return name;
  }

  private target(reference: string, at: string): JsonSchema {
    const found = lookUp(this.root, reference);
    if (found === undefined)
      throw this.refusal(at, `its reference ${JSON.stringify(reference)} leads nowhere in the schema`);
    return asSchema(found);
  }

  private all(schemas: unknown, at: string, open: readonly string[]): JsonSchema[] {
    return asSchemas(schemas).map((each, index) => this.adapt(each, `${at}/${index}`, open));
  }

  private takes(keyword: string): boolean {
    return this.rules.keywords?.has(keyword) ?? true;
  }

  private refusal(at: string, reason: string): UnsupportedError {
    return new UnsupportedError(
      `The schema cannot be said in the ${this.dialect} dialect: ${at === "" ? "at its root" : `at ${at}`} ${reason}. ` +
        "Change the schema, or use a provider or a mode without this limit.",
    );
  }
}

/** The same schema, null allowed. */
function withNull(schema: JsonSchema): JsonSchema {
  const { type, anyOf, description } = schema;
  const isBare =
    schema["enum"] === undefined && schema["const"] === undefined && schema["$ref"] === undefined;
  if (anyOf !== undefined) return { ...schema, anyOf: [...asSchemas(anyOf), { type: "null" }] };
  if (isBare && type !== undefined) return { ...schema, type: [...typesOf(schema), "null"] };
  const { description: _description, ...rest } = schema;
  return { ...(description !== undefined && { description }), anyOf: [rest, { type: "null" }] };
}

/** What allows everything all the same: zod writes bounds for each whole number, and names for each record. */
function saysNothing(keyword: string, value: unknown): boolean {
  return (
    (keyword === "minimum" && value === Number.MIN_SAFE_INTEGER) ||
    (keyword === "maximum" && value === Number.MAX_SAFE_INTEGER) ||
    (keyword === "additionalProperties" && (value === true || JSON.stringify(value) === "{}")) ||
    (keyword === "propertyNames" && isRecord(value) && Object.keys(value).join() === "type")
  );
}

function typeNameOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}
