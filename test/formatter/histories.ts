import * as fc from "fast-check";
import { AssistantMessage, type Msg, SystemMessage, UserMessage } from "../../src/index.ts";

/** Texts that every wire takes as they are. */
export const ANY_TEXT: fc.Arbitrary<string> = fc
  .string({ minLength: 1 })
  .filter((value) => value.trim() !== "" && !/\p{Surrogate}/u.test(value));

/** Histories of nothing but text. */
export const TEXT_HISTORY: fc.Arbitrary<Msg[]> = fc.array(
  fc.oneof(
    ANY_TEXT.map((value) => new UserMessage(value)),
    ANY_TEXT.map((value) => new AssistantMessage(value)),
    ANY_TEXT.map((value) => new SystemMessage(value)),
  ),
  { maxLength: 6 },
);

/** A call whose arguments are JSON, but no object. */
export const CALL_WITH_LIST = {
  type: "tool_use",
  id: "c1",
  name: "t",
  input: {},
  rawInput: "[1]",
  inputError: "The arguments are not an object.",
} as const;
