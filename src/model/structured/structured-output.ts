import type { ModelError } from "../../error/model-error.ts";
import type { MessageInput, Msg } from "../../message/msg.ts";
import type { ToolInput } from "../../tool/tool-schema.ts";
import type { AnswerStream } from "../answer-stream.ts";
import type { ChatResponse, ChatUsage } from "../chat-response.ts";
import type { GenerateOptions } from "../generate-options.ts";
import type { ModelCard } from "../model-card.ts";

/**
 * How the value is asked for: by the provider's own schema mode, as the arguments of a tool, in words; or by the first of
 * these that the model's card knows and the provider does not refuse.
 */
export type StructuredStrategy = "auto" | "native" | "tool" | "prompt";

/** One way to ask for a value: the tool strategy has three. */
export type StructuredMode = "native" | "tool_forced" | "tool_auto" | "tool_without_thinking" | "prompt";

/** Options of a structured call, beside those of every call. */
export interface StructuredOptions extends GenerateOptions {
  /** @default "auto" */
  readonly strategy?: StructuredStrategy;
  /** What the value is called before the model. @default "answer" */
  readonly name?: string;
  /** What the value is, for the model. */
  readonly description?: string;
  /** How often the model may correct a value that does not fit. @default 2 */
  readonly maxCorrections?: number;
}

/** One request on the way to a value. */
export interface StructuredAttempt {
  readonly mode: StructuredMode;
  /**
   * - `ok` the value fits; `repaired` it does, after its JSON was mended
   * - `refused` the provider would not take the request; the next mode was tried
   * - `no_value` the answer had no JSON or no call in it
   * - `invalid` the value did not fit the schema; the model was shown why
   */
  readonly outcome: "ok" | "repaired" | "refused" | "no_value" | "invalid";
  /** What was wrong with the value, a line each. */
  readonly issues?: readonly string[];
  /** Why the provider refused. */
  readonly error?: ModelError;
  readonly usage?: ChatUsage;
}

/** A value that fits its schema, and how it came about. */
export interface StructuredResult<Value> {
  readonly value: Value;
  /** The answer for the conversation: its JSON as text, the value also in its metadata; see `getStructuredData`. */
  readonly message: Msg;
  /** The answer as the provider gave it. */
  readonly response: ChatResponse;
  /** Every request that was sent, in order; the last one gave the value. */
  readonly attempts: readonly StructuredAttempt[];
  /** What all attempts cost together. */
  readonly usage: ChatUsage;
}

/** A value while it arrives: any part may be missing. */
export type PartialValue<Value> = Value extends readonly (infer Item)[]
  ? readonly PartialValue<Item>[]
  : Value extends Date | ((...args: never) => unknown)
    ? Value | undefined
    : Value extends object
      ? { readonly [Name in keyof Value]?: PartialValue<Value[Name]> }
      : Value;

/**
 * One step of a structured answer: the value so far, or at last the whole of it. `Taken` is the type of the value before the
 * schema's defaults and transforms, as the model writes it.
 */
export type StructuredSnapshot<Value, Taken = Value> =
  | {
      readonly isLast: false;
      /** What can be read of the value; not yet held against the schema. It never shrinks. */
      readonly partial: PartialValue<Taken> | undefined;
      readonly response: ChatResponse;
    }
  | ({ readonly isLast: true; readonly partial: PartialValue<Taken> } & StructuredResult<Value>);

/** The part of a chat model that a structured call needs. */
export interface AskedModel {
  readonly provider: string;
  readonly modelName: string;
  readonly card: ModelCard;
  stream(
    messages: readonly MessageInput[],
    tools: readonly ToolInput[],
    options: GenerateOptions,
  ): AnswerStream<ChatResponse>;
}
