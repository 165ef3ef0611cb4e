/** A JSON Schema, draft 2020-12 unless `$schema` says otherwise. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A tool as the model layer knows it: what it is called, what it is for, and what it takes. */
export interface ToolSchema {
  /** Letters, digits, `_` and `-`, at most 64 characters: the set that every provider accepts. */
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments; its root is an object. @default no arguments */
  readonly parameters?: JsonSchema;
  /** Whether the provider should hold the model to the schema. @default the provider's default */
  readonly strict?: boolean;
}

/**
 * A tool as a caller may write it: like {@link ToolSchema}, with parameters in any form that {@link SchemaInput} names.
 * Other fields (an `execute` function, say) are for the caller's own loop and are not looked at.
 */
export interface ToolInput extends Omit<ToolSchema, "parameters"> {
  readonly parameters?: SchemaInput;
}

/** Which tool the model may or must call: `{ name }` forces one, `{ names }` allows some. */
export type ToolChoice =
  | "auto"
  | "none"
  | "required"
  | { readonly name: string }
  | { readonly names: readonly string[] };

/** A schema in any form that can be turned into JSON Schema: zod 4, zod 3, a Standard Schema with JSON Schema, or JSON Schema itself. */
export type SchemaInput = JsonSchema | Zod3Schema | StandardSchema;

/** The part of a zod 3 schema that tells it apart. */
export interface Zod3Schema {
  readonly _def: { readonly typeName?: string };
  safeParse(value: unknown): unknown;
}

/** The part of a Standard Schema (zod 4, valibot, arktype ...) that tells it apart. */
export interface StandardSchema {
  readonly "~standard": {
    readonly version: number;
    readonly vendor: string;
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: "draft-2020-12" }) => Record<string, unknown>;
    };
  };
}
