import type { zodToJsonSchema } from "zod-to-json-schema";
import { ConfigurationError } from "../error/errors-by-kind.ts";
import type { JsonSchema, StandardSchema, Zod3Schema } from "./tool-schema.ts";

/** What JSON has no values for, by zod's word for it, and what does instead. */
const NOT_JSON: Readonly<Record<string, string>> = {
  bigint: "z.coerce.bigint() or z.number()",
  custom: "a schema of what it is in JSON, or .meta({ type: ... })",
  date: "z.coerce.date(), or z.iso.datetime() for a text",
  function: "nothing: leave it out",
  map: "z.record(), transformed",
  nan: "z.number()",
  set: "z.array(), transformed",
  symbol: "z.string()",
  transform: "a schema of what it takes, piped into it",
  undefined: ".optional()",
  void: ".optional()",
};

/** A part of a zod schema that no JSON value fits: the model could never get it right. */
interface Unsayable {
  readonly type: string;
  readonly where: string;
}

/** @throws ModelError `configuration` when there is one */
function refuse([first]: readonly Unsayable[]): void {
  if (first === undefined) return;
  const { type, where } = first;
  throw new ConfigurationError(
    `This zod schema cannot be given as JSON Schema: ${where === "" ? "it" : `${where} in it`} is a ${type}, which JSON does not have. Use ${NOT_JSON[type]}; or pass a JSON Schema.`,
  );
}

/** What is looked at of a zod 4 schema. */
interface Zod4 {
  readonly _zod: {
    readonly def: {
      readonly type: string;
      readonly coerce?: boolean;
      readonly in?: Zod4;
      readonly out?: Zod4;
      readonly innerType?: Zod4;
      readonly values?: readonly unknown[];
    };
    readonly parent?: Zod4;
  };
}

interface Zod4Place {
  readonly zodSchema: Zod4;
  readonly jsonSchema: Record<string, unknown>;
  readonly path?: readonly (string | number)[];
}

/** What each of these is in JSON, where something makes it of that: a coercion, or a step before. */
const IN_JSON: Readonly<Record<string, JsonSchema>> = {
  // A number would lose its last digits in `JSON.parse`.
  bigint: { type: "string", pattern: "^-?\\d+$" },
  date: { type: "string", format: "date-time" },
};

/**
 * The JSON Schema of what a zod 4 schema takes.
 *
 * @throws ModelError `configuration` for a part that JSON has no values for
 */
export async function fromZod4(schema: StandardSchema): Promise<JsonSchema> {
  const unsayable = new Map<Zod4, Unsayable>();
  const forget = (part: Zod4 | undefined): void => {
    for (const each of innermost(part)) unsayable.delete(each);
  };
  const options = {
    // What zod cannot say comes out as anything; the look at each part is ours, because it knows where it stands.
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema, path = [] }: Zod4Place): void => {
      const { type, coerce = false, values = [], in: before, out } = zodSchema._zod.def;
      // What a step before makes, and what the author says by hand, is no riddle to the model.
      const isMade = type === "pipe" && before?._zod.def.type === "transform";
      if (isMade) forget(out);
      if (type === "literal" && values.some((value) => value === undefined || typeof value === "bigint"))
        unsayable.set(zodSchema, { type: typeof values.find(isNotJson), where: placeOf(path) });
      if (NOT_JSON[type] === undefined) return;
      if (isSaid(jsonSchema)) return forget(zodSchema);
      Object.assign(jsonSchema, IN_JSON[type]);
      if (!coerce) unsayable.set(zodSchema, { type, where: placeOf(path) });
    },
  } as const;
  const { jsonSchema } = schema["~standard"];
  let converted: JsonSchema;
  if (jsonSchema !== undefined)
    converted = jsonSchema.input({ target: "draft-2020-12", libraryOptions: options });
  else {
    // zod 4 before 4.2: the schema cannot describe itself, its package can.
    const { toJSONSchema } = await import("zod/v4/core");
    type Input = Parameters<typeof toJSONSchema>[0];
    type Options = NonNullable<Parameters<typeof toJSONSchema>[1]>;
    converted = toJSONSchema(schema as unknown as Input, {
      ...(options as unknown as Options),
      io: "input",
    });
  }
  refuse([...unsayable.values()]);
  return converted;
}

/** A schema and all that it only wraps or was made from. */
function innermost(schema: Zod4 | undefined): Zod4[] {
  if (schema === undefined) return [];
  const { def, parent } = schema._zod;
  return [schema, ...innermost(parent), ...innermost(def.innerType)];
}

function isNotJson(value: unknown): boolean {
  return value === undefined || typeof value === "bigint";
}

/** Whether a JSON Schema says what it allows: the author may have said it by hand. */
function isSaid(schema: JsonSchema): boolean {
  return ["type", "anyOf", "oneOf", "allOf", "enum", "const", "$ref"].some((keyword) => keyword in schema);
}

/** `lines[].when`, of the steps through the JSON Schema. */
function placeOf(steps: readonly (string | number)[]): string {
  let place = "";
  for (const [index, step] of steps.entries()) {
    if (step === "items") place += "[]";
    else if (steps[index - 1] === "properties") place += `${place === "" ? "" : "."}${step}`;
  }
  return place;
}

type Zod3 = Parameters<typeof zodToJsonSchema>[0];

/** Types that come out as a schema which nothing fits: that is what they mean. */
const NOTHING: ReadonlySet<string> = new Set(["undefined", "void"]);

/** What is looked at of a zod 3 schema. */
interface Zod3Def {
  readonly typeName?: string;
  readonly coerce?: boolean;
  readonly effect?: { readonly type: string };
  readonly schema?: { readonly _def: Zod3Def };
  readonly innerType?: { readonly _def: Zod3Def };
}

/**
 * The JSON Schema of what a zod 3 schema takes. Needs `zod-to-json-schema`, which is loaded here.
 *
 * @throws ModelError `configuration` for a part that JSON has no values for, or when nothing would be left of the schema
 */
export async function fromZod3(schema: Zod3Schema): Promise<JsonSchema> {
  const converter = await import("zod-to-json-schema");
  const preprocessed = new Set<Zod3Def>();
  const converted = converter.zodToJsonSchema(schema as unknown as Zod3, {
    // Many models do not follow references, so only recursion gets one; by itself the converter would give up on it.
    $refStrategy: "none",
    // What goes in is what the model writes.
    pipeStrategy: "input",
    override: (definition, { currentPath }, seen) => {
      const def = definition as Zod3Def;
      for (let inner = def.schema?._def; def.effect?.type === "preprocess" && inner !== undefined;) {
        preprocessed.add(inner);
        inner = inner.innerType?._def;
      }
      const type = (def.typeName ?? "").replace(/^Zod/, "").toLowerCase();
      const isMade = def.coerce === true || preprocessed.has(def);
      if (type in NOT_JSON && !NOTHING.has(type) && !(isMade && type in IN_JSON))
        refuse([{ type, where: placeOf(currentPath.slice(1)) }]);
      if (seen !== undefined && isWithin(currentPath, seen.path)) return { $ref: seen.path.join("/") };
      return converter.ignoreOverride;
    },
  }) as JsonSchema;
  const { $schema: _dialect, ...rest } = converted;
  if (
    Object.keys(rest).length === 0 &&
    schema._def.typeName !== "ZodAny" &&
    schema._def.typeName !== "ZodUnknown"
  ) {
    throw new ConfigurationError(
      "This zod schema came out empty: it is of another zod version than it seems. Pass a JSON Schema instead.",
    );
  }
  return rest;
}

function isWithin(path: readonly string[], outer: readonly string[]): boolean {
  return outer.length < path.length && outer.every((step, index) => path[index] === step);
}
