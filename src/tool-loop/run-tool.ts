import type { DataBlock, TextBlock, ToolUseBlock } from "../message/content-block.ts";
import { textOf } from "../message/msg.ts";
import { checkValue } from "../tool/check-value.ts";
import { FilledNulls } from "../tool/filled-nulls.ts";
import { toJsonSchema } from "../tool/to-json-schema.ts";
import type { RunnableTool } from "../tool/tool.ts";
import type { ToolOutcome } from "./tool-run-events.ts";

/** The arguments of a call, checked; or the outcome that tells the model what is wrong with them. */
export async function readArguments(
  call: ToolUseBlock,
  tool: RunnableTool<never>,
): Promise<{ readonly input: unknown } | ToolOutcome> {
  if (call.inputError !== undefined) {
    return failed(call, "bad_arguments", `${call.inputError} You wrote: ${call.rawInput}`);
  }
  if (tool.parameters === undefined) return { input: call.input };
  const nulls = new FilledNulls(await toJsonSchema(tool.parameters));
  const checked = await checkValue(nulls.remove(call.input), tool.parameters);
  if (checked.issues === undefined) return { input: checked.value };
  const issues = checked.issues.map((issue) => `- ${issue}`).join("\n");
  return failed(
    call,
    "bad_arguments",
    `The arguments do not fit the tool's schema:\n${issues}\nYou wrote: ${call.rawInput}`,
  );
}

/** The outcome of a call that is not run: the model is told why, and may do better. */
export function failed(
  call: ToolUseBlock,
  notRun: NonNullable<ToolOutcome["notRun"]>,
  output: string,
): ToolOutcome {
  return { call, output, isError: true, notRun };
}

/**
 * What a tool returned, as it goes back to the model.
 *
 * @throws what it returned, when that is an error · TypeError for a value of which JSON would keep nothing
 */
export function toOutput(value: unknown): ToolOutcome["output"] {
  if (typeof value === "string") return value;
  if (value instanceof Error) throw value;
  if (isBlock(value)) return [value];
  if (Array.isArray(value) && value.length > 0 && value.every(isBlock)) return value;
  if (typeof value === "function" || typeof value === "symbol")
    throw new TypeError(`The tool gave a ${typeof value}. Return a text, plain data or content blocks.`);
  // JSON has no undefined; the model should still see that there is nothing.
  return JSON.stringify(value, refuseLost) ?? "null";
}

/** Whether a tool gave an async generator, or what is like one; a stream, say, is none: of its pieces no one is the result. */
export function isAsyncIterator(value: unknown): value is AsyncIterator<unknown> {
  const { next, [Symbol.asyncIterator]: iterate } = (value ?? {}) as Partial<AsyncIterableIterator<unknown>>;
  return typeof next === "function" && typeof iterate === "function";
}

/** Lets through what JSON can say. It would write bytes as numbers, and maps, sets, generators and promises as `{}`. */
function refuseLost(this: Readonly<Record<string, unknown>>, key: string, json: unknown): unknown {
  const value = this[key];
  if (typeof value !== "object" || value === null) return json;
  // A generator has no constructor with a name.
  const kind = value.constructor?.name || Object.prototype.toString.call(value).slice(8, -1);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
    throw new TypeError(
      `The tool gave a ${kind}. Return its bytes as a block: image(), audio(), video() or file().`,
    );
  const isPlain =
    Array.isArray(value) || [null, Object.prototype].includes(Object.getPrototypeOf(value) as object | null);
  if (isPlain || value !== json || Object.keys(value).length > 0) return json;
  throw new TypeError(`The tool gave a ${kind}, of which JSON keeps nothing. Return plain data.`);
}

/** The text of an output. */
export function outputText(output: ToolOutcome["output"]): string {
  return typeof output === "string" ? output : textOf(output);
}

function isBlock(value: unknown): value is TextBlock | DataBlock {
  const { type, id, text, source } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof id !== "string") return false;
  return (type === "text" && typeof text === "string") || (type === "data" && typeof source === "object");
}
