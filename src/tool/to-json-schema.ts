import { ConfigurationError } from "../error/errors-by-kind.ts";
import { ModelError } from "../error/model-error.ts";
import type {
  JsonSchema,
  SchemaInput,
  StandardSchema,
  ToolInput,
  ToolSchema,
  Zod3Schema,
} from "./tool-schema.ts";
import { fromZod3, fromZod4 } from "./zod-schema.ts";

const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/**
 * The JSON Schema that a schema of any accepted form means. zod 3 schemas need `zod-to-json-schema`, which is loaded here.
 *
 * @throws ModelError `configuration` when the form is not known, or when nothing would be left of the schema
 */
export async function toJsonSchema(schema: SchemaInput): Promise<JsonSchema> {
  if (isStandardSchema(schema)) return fromStandardSchema(schema);
  if (isZod3(schema)) return fromZod3(schema);
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    throw new ConfigurationError(
      "A schema must be a zod schema, a Standard Schema that can give JSON Schema, or a JSON Schema object.",
    );
  }
  return schema;
}

/**
 * Tools in the form that models take.
 *
 * @throws ModelError `configuration` for a bad or doubled name, or a schema whose root is not an object
 */
export async function toToolSchemas(tools: readonly ToolInput[]): Promise<ToolSchema[]> {
  const names = new Set<string>();
  const schemas: ToolSchema[] = [];
  for (const tool of tools) {
    if (typeof tool !== "object" || tool === null)
      throw new ConfigurationError(
        `A tool must be an object such as { name, parameters }, not ${String(tool)}.`,
      );
    checkToolName(tool.name);
    if (names.has(tool.name))
      throw new ConfigurationError(`Two tools are named "${tool.name}"; a model could not tell them apart.`);
    names.add(tool.name);
    schemas.push({
      name: tool.name,
      ...(tool.description !== undefined && { description: tool.description }),
      ...(tool.parameters !== undefined && {
        parameters: toParameters(tool.name, await toJsonSchema(tool.parameters)),
      }),
      ...(tool.strict !== undefined && { strict: tool.strict }),
    });
  }
  return schemas;
}

/** @throws ModelError `configuration` for a name that not every provider takes */
export function checkToolName(name: string): void {
  if (typeof name === "string" && TOOL_NAME.test(name)) return;
  throw new ConfigurationError(
    `"${name}" cannot be a tool's name: use 1 to 64 letters, digits, "_" or "-", as every provider asks.`,
  );
}

function toParameters(name: string, schema: JsonSchema): JsonSchema {
  // `$schema` makes some models answer nonsense (Kimi K2.5, checked 2026-11) and helps none.
  const { $schema: _dialect, ...parameters } = schema;
  if (Object.keys(parameters).length === 0) return { type: "object", properties: {} };
  const { type } = parameters;
  if (type === "object" || parameters["$ref"] !== undefined) return parameters;
  // Arguments are an object, whatever the schema leaves unsaid; OpenAI refuses a root that does not say so.
  if (type === undefined && MAY_BE_OBJECT.some((keyword) => parameters[keyword] !== undefined)) {
    return { type: "object", ...parameters };
  }
  const found = type === undefined ? "a schema without a type" : JSON.stringify(type);
  throw new ConfigurationError(
    `The parameters of tool "${name}" must be an object at the root, not ${found}. Wrap them: { value: ... }.`,
  );
}

/** Keywords at the root of an object's schema that leave out its type. */
const MAY_BE_OBJECT = ["properties", "anyOf", "oneOf", "allOf"] as const;

/** Whether a schema speaks for itself. */
export function isStandardSchema(schema: unknown): schema is StandardSchema {
  return (
    (typeof schema === "object" || typeof schema === "function") &&
    schema !== null &&
    "~standard" in schema &&
    !isOldZod3(schema)
  );
}

/** zod 3.24 and later speak Standard Schema too, but cannot give JSON Schema by it. */
function isOldZod3(schema: object): boolean {
  return "_def" in schema && !("_zod" in schema);
}

export function isZod3(schema: unknown): schema is Zod3Schema {
  return typeof schema === "object" && schema !== null && isOldZod3(schema) && "safeParse" in schema;
}

async function fromStandardSchema(schema: StandardSchema): Promise<JsonSchema> {
  const { vendor, jsonSchema } = schema["~standard"];
  try {
    if (vendor === "zod") return await fromZod4(schema);
    if (jsonSchema !== undefined) return jsonSchema.input({ target: "draft-2020-12" });
  } catch (error) {
    if (ModelError.isInstance(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(
      `This ${vendor} schema cannot be given as JSON Schema: ${reason}. Use a type that JSON has, or pass a JSON Schema.`,
      { cause: error },
    );
  }
  throw new ConfigurationError(
    `This ${vendor} schema cannot give JSON Schema (it lacks "~standard".jsonSchema). Update ${vendor}, or pass a JSON Schema.`,
  );
}
