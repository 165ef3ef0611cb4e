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
  safeParseAsync(value: unknown): Promise<Zod3Result>;
}

/** What zod 3 says of a value. */
export interface Zod3Result {
  readonly success: boolean;
  readonly data?: unknown;
  readonly error?: { readonly issues: readonly StandardIssue[] };
}

/** What a Standard Schema says of a value: what it means, or what is wrong with it. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** What is wrong with a value, and where in it. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The part of a Standard Schema (zod 4, valibot, arktype ...) that is used. */
export interface StandardSchema<Output = unknown, Input = unknown> {
  readonly "~standard": {
    readonly version: number;
    readonly vendor: string;
    readonly validate?: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    /** Never there at run time. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly jsonSchema?: {
      readonly input: (options: {
        readonly target: "draft-2020-12";
        readonly libraryOptions?: Record<string, unknown>;
      }) => Record<string, unknown>;
    };
  };
}

/** The type of the values that a schema lets through; `unknown` for a plain JSON Schema, which has none. */
export type SchemaOutput<Schema> = Schema extends {
  readonly "~standard": { readonly types?: infer Types };
}
  ? NonNullable<Types> extends { readonly output: infer Output }
    ? Output
    : unknown
  : Schema extends { readonly _output: infer Output }
    ? Output
    : unknown;

/** The type of the values as a model writes them: what a schema takes, before its defaults and transforms. */
export type SchemaTaken<Schema> = Schema extends { readonly "~standard": { readonly types?: infer Types } }
  ? NonNullable<Types> extends { readonly input: infer Input }
    ? Input
    : unknown
  : Schema extends { readonly _input: infer Input }
    ? Input
    : unknown;
