import { ParseError } from "../../error/errors-by-kind.ts";
import { type MessageInput, Msg } from "../../message/msg.ts";
import { checkValue } from "../../tool/check-value.ts";
import type { SchemaInput, SchemaOutput } from "../../tool/tool-schema.ts";

/** Where a message's metadata holds the value of a structured answer. */
export const STRUCTURED_DATA = "structuredData";

/**
 * The value of a structured answer, read back from its message and held against the schema again: the message may have been
 * stored as JSON in between. Undefined for a message without one.
 *
 * @throws ModelError `parse` when the value does not fit the schema
 */
export async function getStructuredData<Schema extends SchemaInput>(
  message: MessageInput,
  schema: Schema,
): Promise<SchemaOutput<Schema> | undefined> {
  const { metadata } = Msg.from(message);
  if (!Object.hasOwn(metadata, STRUCTURED_DATA)) return undefined;
  const checked = await checkValue(metadata[STRUCTURED_DATA], schema);
  if (checked.issues === undefined) return checked.value;
  throw new ParseError(
    `The message's structured data does not fit the schema: ${checked.issues.join("; ")}. Pass the schema that the value was asked for with.`,
  );
}
