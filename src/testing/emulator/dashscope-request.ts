import type { EmulatedRequest } from "./emulated-request.ts";
import {
  answersInMessages,
  isIncrementalByDefault,
  onlyThinks,
  thinksByDefault,
} from "./dashscope-models.ts";
import { asList, asObject, type LooseObject } from "./loose-json.ts";

/** A request on the native wire, with what the model's defaults make of it. */
export interface DashScopeRequest {
  readonly messages: readonly LooseObject[];
  readonly parameters: LooseObject;
  readonly isStream: boolean;
  /** Whether content is a list of parts. */
  readonly isMultimodal: boolean;
  readonly thinks: boolean;
  /** Whether each event holds only what is new of the text; reasoning always comes so. */
  readonly isIncremental: boolean;
  /** Whether the answer is a list of choices with messages, and not a bare text. */
  readonly hasMessages: boolean;
}

/** Whether the answer is asked for as a stream: a header says so, not the body. */
export function asksForStream({ headers }: Pick<EmulatedRequest, "headers">): boolean {
  return headers["x-dashscope-sse"] === "enable";
}

/** Reads a request, whatever is wrong with it. */
export function readDashScopeRequest(
  { body, path, headers }: Pick<EmulatedRequest, "body" | "path" | "headers">,
  model: string,
): DashScopeRequest {
  const { input, parameters: given } = asObject(body);
  const parameters = asObject(given);
  const { enable_thinking: thinking, incremental_output: incremental, result_format: format } = parameters;
  const thinks = onlyThinks(model) || (thinking === undefined ? thinksByDefault(model) : thinking === true);
  const isMultimodal = path.includes("/multimodal-generation/");
  return {
    messages: asList(asObject(input)["messages"]).map(asObject),
    parameters,
    isStream: asksForStream({ headers }),
    isMultimodal,
    thinks,
    isIncremental: thinks || (typeof incremental === "boolean" ? incremental : isIncrementalByDefault(model)),
    hasMessages:
      isMultimodal || (typeof format === "string" ? format === "message" : answersInMessages(model)),
  };
}
