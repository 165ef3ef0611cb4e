/**
 * What a provider takes for a JSON Schema.
 *
 * - `json-schema` all of it
 * - `openai` all of it, but the root must be an object without alternatives
 * - `openai-strict` the subset that OpenAI holds its models to
 * - `anthropic`, `anthropic-strict` the same for Anthropic: tools, and what its models are held to
 * - `gemini` the Schema object of Google's API, with types in capitals
 * - `gemini-json` what Google's API takes where it wants JSON Schema (`parametersJsonSchema`, `responseJsonSchema`)
 * - `moonshot` the subset of Kimi's API
 */
export type SchemaDialect =
  | "json-schema"
  | "openai"
  | "openai-strict"
  | "anthropic"
  | "anthropic-strict"
  | "gemini"
  | "gemini-json"
  | "moonshot";

/** A dialect as data. */
export interface DialectRules {
  /** The keywords that are taken; all others go into the description, in words. @default all */
  readonly keywords?: ReadonlySet<string>;
  /** The values of `format` that are taken. @default all */
  readonly formats?: ReadonlySet<string>;
  /** The largest `minItems` that is taken. @default any */
  readonly largestMinItems?: number;
  /** Whether `pattern` may look ahead and behind. @default true */
  readonly lookaround?: boolean;
  /** `any` as they stand; `defs` only to `#/$defs/name`, with nothing beside them; `none`, each is replaced by what it means. */
  readonly references: "any" | "defs" | "none";
  /** Whether a schema may stand inside itself. */
  readonly recursion: boolean;
  /** Whether the root must be an object, and without alternatives. */
  readonly plainRoot: boolean;
  /** Whether every object must list all its properties, none of them optional, and allow no others. */
  readonly properties: "free" | "closed" | "closed_and_required";
  /** What becomes of an object whose property names are not known beforehand: it stays, it is told in words, or refused. */
  readonly maps: "kept" | "in_words" | "refused";
  /** What becomes of a schema that does not say its type: it stays, it gets all types, or is refused. */
  readonly untyped: "kept" | "any_of_all" | "refused";
  /** Whether anything but words may stand beside alternatives. */
  readonly besideAnyOf: boolean;
  /** Whether `enum` may only hold strings. */
  readonly enumOfStrings: boolean;
  /** Whether this is Google's Schema object: types in capitals, null as `nullable`, counts as strings, properties in their order. */
  readonly isGoogleSchema: boolean;
  /** The dialect of a schema that the provider is to hold the model to. @default this one */
  readonly strict?: SchemaDialect;
}

const FREE: DialectRules = {
  references: "any",
  recursion: true,
  plainRoot: false,
  properties: "free",
  maps: "kept",
  untyped: "kept",
  besideAnyOf: true,
  enumOfStrings: false,
  isGoogleSchema: false,
};

const STRUCTURE = [
  "type",
  "description",
  "title",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "enum",
  "anyOf",
  "$ref",
  "$defs",
];

/**
 * Facts of 2026-11. OpenAI: its guide to structured outputs, and the errors that its API gives ("In context=..., 'default'
 * is not permitted", regular expressions without lookaround). Anthropic: its guide to structured outputs; tools may not have
 * alternatives at the root. Google: the types of `@google/genai` 2.32. Moonshot: its guide to tools, and the errors of its
 * API ("references must start with #/$defs/", "when using anyOf, type should be defined in anyOf items", "type is not defined").
 */
export const SCHEMA_DIALECTS: Readonly<Record<SchemaDialect, DialectRules>> = {
  "json-schema": FREE,
  openai: { ...FREE, plainRoot: true, strict: "openai-strict" },
  "openai-strict": {
    ...FREE,
    keywords: new Set([
      ...STRUCTURE,
      "const",
      "pattern",
      "format",
      "multipleOf",
      "minimum",
      "maximum",
      "exclusiveMinimum",
      "exclusiveMaximum",
      "minItems",
      "maxItems",
    ]),
    formats: new Set(["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"]),
    lookaround: false,
    references: "defs",
    plainRoot: true,
    properties: "closed_and_required",
    maps: "refused",
    untyped: "refused",
    besideAnyOf: false,
  },
  anthropic: { ...FREE, plainRoot: true, strict: "anthropic-strict" },
  "anthropic-strict": {
    ...FREE,
    keywords: new Set([...STRUCTURE, "const", "format", "default", "minItems"]),
    largestMinItems: 1,
    formats: new Set([
      "date-time",
      "time",
      "date",
      "duration",
      "email",
      "hostname",
      "uri",
      "ipv4",
      "ipv6",
      "uuid",
    ]),
    references: "defs",
    recursion: false,
    plainRoot: true,
    properties: "closed",
    maps: "refused",
  },
  gemini: {
    ...FREE,
    keywords: new Set([
      "type",
      "description",
      "title",
      "properties",
      "propertyOrdering",
      "required",
      "items",
      "enum",
      "anyOf",
      "nullable",
      "pattern",
      "format",
      "minimum",
      "maximum",
      "minItems",
      "maxItems",
      "minLength",
      "maxLength",
      "minProperties",
      "maxProperties",
    ]),
    formats: new Set(["enum", "date-time", "float", "double", "int32", "int64"]),
    references: "none",
    recursion: false,
    maps: "in_words",
    besideAnyOf: false,
    enumOfStrings: true,
    isGoogleSchema: true,
  },
  "gemini-json": {
    ...FREE,
    keywords: new Set([
      ...STRUCTURE,
      "prefixItems",
      "format",
      "minimum",
      "maximum",
      "minItems",
      "maxItems",
      "propertyOrdering",
    ]),
    references: "defs",
    besideAnyOf: false,
  },
  moonshot: {
    ...FREE,
    keywords: new Set([
      ...STRUCTURE,
      "const",
      "default",
      "prefixItems",
      "pattern",
      "format",
      "minimum",
      "maximum",
      "exclusiveMinimum",
      "exclusiveMaximum",
      "multipleOf",
      "minLength",
      "maxLength",
      "minItems",
      "maxItems",
      "uniqueItems",
      "minProperties",
      "maxProperties",
    ]),
    references: "defs",
    plainRoot: true,
    untyped: "any_of_all",
    besideAnyOf: false,
  },
};
