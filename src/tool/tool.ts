import type { ToolUseBlock } from "../message/content-block.ts";
import type { Msg } from "../message/msg.ts";
import { checkToolName } from "./to-json-schema.ts";
import type { SchemaInput, SchemaOutput, ToolInput } from "./tool-schema.ts";

/** What a tool learns of the run that calls it. */
export interface ToolRun<Context = unknown> {
  /** What the run was given for its tools (a tenant, a database); it never reaches the model. */
  readonly context: Context;
  /** Fires when the run is stopped: by its caller, its deadline or its end. */
  readonly signal: AbortSignal;
  /** The model's call of this tool. */
  readonly call: ToolUseBlock;
  /** The conversation up to and including the message with the call. */
  readonly messages: readonly Msg[];
  /** From 1. */
  readonly round: number;
}

/** The arguments of a tool with this schema. */
export type ToolArguments<Schema> =
  unknown extends SchemaOutput<Schema> ? Readonly<Record<string, unknown>> : SchemaOutput<Schema>;

/** A tool, and how it is run. One without `execute` is for the caller: its call ends the run. */
export interface Tool<
  Schema extends SchemaInput = SchemaInput,
  Output = unknown,
  Context = unknown,
> extends ToolInput {
  readonly parameters?: Schema;
  /**
   * What it gives goes back to the model: a text, a content block or several as they are, any other value as its JSON. What it
   * throws, or cannot be said in JSON (bytes, maps), goes back as an error, so that the model may do better. What an async
   * generator yields is shown by the run as progress; what it returns goes back, or its last yield where it returns nothing.
   *
   * @param input the arguments, held against the schema and as the schema makes them
   */
  readonly execute?: (input: ToolArguments<Schema>, run: ToolRun<Context>) => Output | Promise<Output>;
  /** Whether what the tool gives is the answer: the model is not asked again. @default false */
  readonly returnDirect?: boolean;
  /** How often it may be called in one run. @default the run's `maxCallsPerTool` */
  readonly maxCalls?: number;
}

/** Any {@link Tool} that is content with this context. */
export interface RunnableTool<Context = unknown> extends ToolInput {
  readonly execute?: (input: never, run: ToolRun<Context>) => unknown;
  readonly returnDirect?: boolean;
  readonly maxCalls?: number;
}

/**
 * A tool with its types: the arguments of `execute` are what the schema lets through. It is taken wherever tools are;
 * `runTools` also runs it.
 *
 * @throws ModelError `configuration` for a name that no provider takes
 *
 * @example
 * ```ts
 * import { tool } from "rxscope";
 * import { z } from "zod";
 *
 * export const weather = tool({
 *   name: "get_weather",
 *   description: "The weather of a city, now.",
 *   parameters: z.object({ city: z.string(), unit: z.enum(["C", "F"]).default("C") }),
 *   execute: async ({ city, unit }, { signal }) => {
 *     const response = await fetch(`https://weather.example/${city}?unit=${unit}`, { signal });
 *     return response.json();
 *   },
 * });
 * ```
 */
export function tool<Schema extends SchemaInput, Output = unknown, Context = unknown>(
  definition: Tool<Schema, Output, Context>,
): Tool<Schema, Output, Context> {
  checkToolName(definition.name);
  return definition;
}
