import { ConfigurationError } from "../../error/errors-by-kind.ts";
import { ModelError } from "../../error/model-error.ts";
import { checkValue } from "../../tool/check-value.ts";
import { FilledNulls } from "../../tool/filled-nulls.ts";
import { followed, isRecord, typesOf } from "../../tool/schema-parts.ts";
import { toJsonSchema } from "../../tool/to-json-schema.ts";
import type { JsonSchema, SchemaInput, SchemaOutput } from "../../tool/tool-schema.ts";

/** A value as the model gave it, and as the schema makes it; or what is wrong with it. */
export type CheckedAnswer<Value> =
  | { readonly data: unknown; readonly value: Value; readonly issues?: undefined }
  | { readonly issues: readonly string[] };

/**
 * The schema of an answer as a provider is asked for it: an object, with a list, a union or a single value wrapped as
 * `{ value }`; and the way back.
 */
export class AnswerSchema<Schema extends SchemaInput> {
  /** What the provider is asked for. */
  readonly json: JsonSchema;
  private readonly schema: Schema;
  private readonly isWrapped: boolean;
  private readonly nulls: FilledNulls;

  private constructor(schema: Schema, json: JsonSchema) {
    const { $schema: _draft, ...bare } = json;
    this.schema = schema;
    this.isWrapped = !isPlainObject(bare);
    this.json = this.isWrapped ? wrapped(bare) : bare;
    this.nulls = new FilledNulls(this.json);
  }

  /** @throws ModelError `configuration` for a schema that JSON Schema cannot say */
  static async of<Schema extends SchemaInput>(schema: Schema): Promise<AnswerSchema<Schema>> {
    return new AnswerSchema(schema, await toJsonSchema(schema));
  }

  /** Holds what the model gave against the schema. */
  async check(answer: unknown): Promise<CheckedAnswer<SchemaOutput<Schema>>> {
    const data = this.unwrap(this.nulls.remove(answer));
    try {
      const checked = await checkValue(data, this.schema);
      return checked.issues === undefined ? { data, value: checked.value } : checked;
    } catch (error) {
      if (ModelError.isInstance(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new ConfigurationError(`The schema of the answer failed while it checked a value: ${reason}`, {
        cause: error,
      });
    }
  }

  /** What a part of the answer means so far. */
  partial(answer: unknown): unknown {
    if (answer === undefined) return undefined;
    const value = this.nulls.remove(answer);
    if (!this.isWrapped) return isRecord(value) ? value : undefined;
    return isRecord(value) ? value["value"] : value;
  }

  private unwrap(answer: unknown): unknown {
    // A model that was only told of the schema may leave the wrapping out.
    return this.isWrapped && isRecord(answer) && Object.hasOwn(answer, "value") ? answer["value"] : answer;
  }
}

/** Whether a schema is of an object that every provider takes at the root. */
function isPlainObject(schema: JsonSchema): boolean {
  const root = followed(schema, schema);
  const hasAlternatives = root["anyOf"] !== undefined || root["oneOf"] !== undefined;
  return typesOf(root).join() === "object" && !hasAlternatives;
}

function wrapped(schema: JsonSchema): JsonSchema {
  return {
    type: "object",
    properties: { value: movedUnder(schema, "/properties/value") },
    required: ["value"],
    additionalProperties: false,
  };
}

/** A schema that stands deeper than its own references think. */
function movedUnder(schema: JsonSchema, place: string): unknown {
  const move = (part: unknown, isNames: boolean): unknown => {
    if (Array.isArray(part)) return part.map((each) => move(each, false));
    if (!isRecord(part)) return part;
    return Object.fromEntries(
      Object.entries(part).map(([name, each]) => {
        // A property may be called "$ref" as well, and a constant is no schema.
        if (!isNames && (name === "const" || name === "enum" || name === "default" || name === "examples"))
          return [name, each];
        if (!isNames && name === "$ref" && typeof each === "string" && each.startsWith("#"))
          return [name, `#${place}${each.slice(1)}`];
        return [name, move(each, !isNames && MAPS_OF_SCHEMAS.has(name))];
      }),
    );
  };
  return move(schema, false);
}

/** Keywords under which names stand, and schemas under these. */
const MAPS_OF_SCHEMAS: ReadonlySet<string> = new Set([
  "$defs",
  "definitions",
  "dependentSchemas",
  "patternProperties",
  "properties",
]);
