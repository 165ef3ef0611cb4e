import { parseArgs } from "node:util";
import { nearest } from "../model/nearest-name.ts";
import { UsageError } from "./cli-io.ts";

/** The flags of a command: those that are alone, those with a value, and those that may be given several times. */
type FlagTable = Readonly<
  Record<
    string,
    { readonly type: "boolean" | "string"; readonly short?: string; readonly multiple?: boolean }
  >
>;

type Parsed<Table extends FlagTable> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Table; allowPositionals: true; strict: true }>
>;

/**
 * The flags that were given, and the other words.
 *
 * @throws UsageError for a flag that the table does not have, or one without its value
 */
export function readFlags<const Table extends FlagTable>(
  args: readonly string[],
  table: Table,
): Pick<Parsed<Table>, "values" | "positionals"> {
  try {
    return parseArgs({ args: [...args], options: table, allowPositionals: true, strict: true });
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") throw unknownFlag(message, Object.keys(table));
    if (code === "ERR_PARSE_ARGS_INVALID_OPTION_VALUE") throw new UsageError(message);
    throw error;
  }
}

/** `parseArgs` names the flag in quotes, then explains at length how to end the flags. */
function unknownFlag(message: string, known: readonly string[]): UsageError {
  const flag = /'(--?[^' =]+)/.exec(message)?.[1] ?? "";
  const meant = nearest(flag.replace(/^-+/, ""), known, 1).map((name) => ` Did you mean --${name}?`);
  return new UsageError(`There is no option ${flag}.${meant.join("")}`);
}

/** Which numbers a flag takes. */
interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  readonly isInteger?: boolean;
}

/**
 * The number that a flag means.
 *
 * @throws UsageError when it is none, or one out of range
 */
export function readNumber(flag: string, text: string, { min, max, isInteger }: NumberRange): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  const fits =
    (isInteger ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
    value >= (min ?? value) &&
    value <= (max ?? value);
  if (fits) return value;
  const kind = isInteger ? "a whole number" : "a number";
  const range = min === undefined ? "" : max === undefined ? `, at least ${min}` : ` from ${min} to ${max}`;
  throw new UsageError(`${flag} must be ${kind}${range}, not "${text}".`);
}
