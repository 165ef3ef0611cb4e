import { UnsupportedError } from "../error/errors-by-kind.ts";
import { adaptSchema } from "./adapt-schema.ts";
import type { SchemaWarning } from "./join-schemas.ts";
import { SCHEMA_DIALECTS, type SchemaDialect } from "./schema-dialects.ts";
import type { JsonSchema } from "./tool-schema.ts";

/**
 * A schema as it is sent, and whether the provider is told to hold its model to it. Where the strict form cannot say the
 * schema, the plain one is sent, with a warning.
 *
 * @param option what the schema is of, for the warnings: `responseFormat`, `tools.get_weather`
 */
export function adaptOffered(
  offered: { readonly option: string; readonly schema: JsonSchema; readonly strict: boolean | undefined },
  dialect: SchemaDialect,
  warn: SchemaWarning,
): { readonly schema: JsonSchema; readonly strict: boolean | undefined } {
  const { option, schema } = offered;
  let { strict } = offered;
  const { strict: strictDialect = dialect } = SCHEMA_DIALECTS[dialect];
  const under =
    (inner: SchemaWarning): SchemaWarning =>
    (where, reason) =>
      inner(`${option}${where}`, reason);
  if (strict === true && strictDialect !== dialect) {
    // What the strict form would lose does not matter when it cannot be had.
    const lost: Parameters<SchemaWarning>[] = [];
    try {
      const adapted = adaptSchema(
        schema,
        strictDialect,
        under((...each) => void lost.push(each)),
      );
      for (const each of lost) warn(...each);
      return { schema: adapted, strict };
    } catch (error) {
      if (!UnsupportedError.isInstance(error)) throw error;
      warn(option, `${error.message} It was sent without strict.`);
      strict = false;
    }
  }
  return { schema: adaptSchema(schema, dialect, under(warn)), strict };
}
