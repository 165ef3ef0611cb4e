import { UnsupportedError } from "../error/errors-by-kind.ts";
import type { FormatWarning } from "../formatter/formatter-base.ts";
import type { ResponseFormat } from "./generate-options.ts";

/**
 * Says that the answer will not be held to the schema that was asked for: in a warning, or as the failure of a call that
 * would rather not be sent then.
 *
 * @throws ModelError `unsupported` for a schema with `orFail`
 */
export function formNotHeld(format: ResponseFormat, reason: string, warn: FormatWarning): void {
  if (format.type === "json_schema" && format.orFail === true) throw new UnsupportedError(reason);
  warn("responseFormat", reason);
}
