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

/** What a tool returned, as it goes back to the model. */
export function toOutput(value: unknown): ToolOutcome["output"] {
  if (typeof value === "string") return value;
  if (isBlocks(value)) return value;
  // JSON has no undefined; the model should still see that there is nothing.
  return JSON.stringify(value) ?? "null";
}

/** The text of an output. */
export function outputText(output: ToolOutcome["output"]): string {
  return typeof output === "string" ? output : textOf(output);
}

function isBlocks(value: unknown): value is readonly (TextBlock | DataBlock)[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((each: unknown) => {
      const { type, id } = (each ?? {}) as { type?: unknown; id?: unknown };
      return typeof id === "string" && (type === "text" || type === "data");
    })
  );
}
