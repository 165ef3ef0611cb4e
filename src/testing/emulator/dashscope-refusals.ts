import { dashscopeError } from "./dashscope-error.ts";
import { isMultimodalModel, onlyThinks } from "./dashscope-models.ts";
import { type DashScopeRequest, readDashScopeRequest } from "./dashscope-request.ts";
import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import { NO_SUCH_MODEL } from "./known-mistakes.ts";
import { asList, asObject, asText, isGiven, type LooseObject } from "./loose-json.ts";

/** The parameters that have bounds, with what the service says when one is outside. */
const RANGES: Readonly<Record<string, readonly [holds: (value: number) => boolean, message: string]>> = {
  temperature: [(value) => value >= 0 && value < 2, "Temperature should be in [0.0, 2.0)"],
  top_p: [(value) => value > 0 && value <= 1, "Range of top_p should be (0.0, 1.0]"],
  presence_penalty: [(value) => value >= -2 && value <= 2, "Range of presence_penalty should be [-2.0, 2.0]"],
  repetition_penalty: [(value) => value > 0, "Repetition_penalty should be greater than 0.0"],
  max_tokens: [(value) => value >= 1 && value <= 65_536, "Range of max_tokens should be [1, 65536]"],
  top_logprobs: [(value) => value >= 0 && value <= 5, "Range of top_logprobs should be [0, 5]"],
  seed: [(value) => value >= 0 && value < 2 ** 31, "Range of seed should be [0, 2147483647]"],
  n: [(value) => value >= 1 && value <= 4, "Range of n should be [1, 4]"],
};

const ROLES = ["system", "user", "assistant", "tool"];

/** Something that the service refuses, in its words. Source: DashScope's API and error pages, checked 2026-11. */
type Refusal = (asked: DashScopeRequest, model: string) => EmulatedAnswer | undefined;

/** DashScope's error answer to a native request that it would not accept: the first of what is wrong with it. */
export function refuseGeneration(request: EmulatedRequest): EmulatedAnswer | undefined {
  if (request.body === undefined) {
    return dashscopeError("Required body invalid, please check the request body format.");
  }
  const asked = readDashScopeRequest(request, request.model);
  for (const refuse of REFUSALS) {
    const refusal = refuse(asked, request.model);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

const refuseModel: Refusal = ({ isMultimodal }, model) => {
  if (model === "") return dashscopeError("Model can not be empty.");
  if (model === NO_SUCH_MODEL) return dashscopeError("Model can not be found.", "ModelNotFound", 404);
  return isMultimodal === isMultimodalModel(model)
    ? undefined
    : dashscopeError("url error, please check url！");
};

const refuseMessages: Refusal = ({ messages, isMultimodal }) => {
  if (messages.length === 0) return algorithmError("[] is too short - 'messages'");
  let open = new Set<string>();
  for (const [index, message] of messages.entries()) {
    const refusal = refuseMessage(message, index, isMultimodal);
    if (refusal !== undefined) return refusal;
    if (message["role"] === "tool") {
      if (open.delete(asText(message["tool_call_id"]))) continue;
      return algorithmError(
        'messages with role "tool" must be a response to a preceeding message with "tool_calls".',
      );
    }
    if (open.size > 0) return unansweredCalls(open);
    open = new Set(asList(message["tool_calls"]).map((call) => asText(asObject(call)["id"])));
  }
  return open.size > 0 ? unansweredCalls(open) : undefined;
};

function refuseMessage(
  { role, content, tool_calls: calls }: LooseObject,
  index: number,
  isMultimodal: boolean,
): EmulatedAnswer | undefined {
  if (!ROLES.includes(asText(role))) {
    return algorithmError(`'${asText(role)}' is not one of [${ROLES.join(", ")}] - 'messages.${index}.role'`);
  }
  if (typeof content !== "string" && !Array.isArray(content)) {
    return algorithmError(`content field is a required field - 'messages.${index}.content'`);
  }
  const parts = asList(content).map(asObject);
  if (!isMultimodal && parts.some((part) => part["type"] !== "text")) {
    return algorithmError(`Input should be a valid string: messages.${index}.content`);
  }
  if (
    isMultimodal &&
    parts.some((part) => !("text" in part || "image" in part || "audio" in part || "video" in part))
  ) {
    return algorithmError("The content field must hold text, image, audio or video");
  }
  for (const call of asList(calls).map(asObject)) {
    if (typeof asObject(call["function"])["arguments"] === "string") continue;
    return algorithmError('The "function.arguments" parameter of the code model must be in JSON format.');
  }
  return undefined;
}

function unansweredCalls(ids: ReadonlySet<string>): EmulatedAnswer {
  return algorithmError(
    'An assistant message with "tool_calls" must be followed by tool messages responding to each "tool_call_id". ' +
      `The following tool_call_ids did not have response messages: ${[...ids].join(", ")}`,
  );
}

const refuseRanges: Refusal = ({ parameters }) => {
  for (const [name, [holds, message]] of Object.entries(RANGES)) {
    const value = parameters[name];
    if (typeof value === "number" && !holds(value)) return dashscopeError(message);
  }
  return undefined;
};

const refuseThinking: Refusal = ({ isStream, thinks }, model) => {
  if (isStream || !thinks) return undefined;
  return onlyThinks(model)
    ? dashscopeError(
        "This model only support stream mode, please enable the stream parameter to access the model. ",
      )
    : dashscopeError("parameter.enable_thinking must be set to false for non-streaming calls");
};

const refuseTools: Refusal = ({ parameters, hasMessages, thinks }) => {
  const { tools, tool_choice: choice } = parameters;
  if (isGiven(tools) && asList(tools).length === 0) return algorithmError("[] is too short - 'tools'");
  if (isGiven(tools) && !hasMessages) {
    return dashscopeError("The tool call is only supported when result_format is message.");
  }
  if (typeof choice === "string" && choice !== "auto" && choice !== "none") {
    return dashscopeError('tool_choice is one of the strings that should be ["none", "auto"]');
  }
  if (thinks && typeof choice === "object" && choice !== null) {
    return algorithmError(
      "The tool_choice parameter does not support being set to required or object in thinking mode",
    );
  }
  return undefined;
};

const refuseFormat: Refusal = ({ parameters, messages, thinks }) => {
  if (asObject(parameters["response_format"])["type"] !== "json_object") return undefined;
  if (thinks) return algorithmError("Json mode response is not supported when enable_thinking is true");
  return /json/i.test(JSON.stringify(messages))
    ? undefined
    : algorithmError(
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      );
};

/** In the order in which they are looked for. */
const REFUSALS: readonly Refusal[] = [
  refuseModel,
  refuseMessages,
  refuseRanges,
  refuseThinking,
  refuseTools,
  refuseFormat,
];

/** What the model behind the service complains of. */
function algorithmError(message: string): EmulatedAnswer {
  return dashscopeError(`<400> InternalError.Algo.InvalidParameter: ${message}`, "InvalidParameter");
}
