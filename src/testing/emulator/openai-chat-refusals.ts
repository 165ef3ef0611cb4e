import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import { NO_SUCH_MODEL } from "./known-mistakes.ts";
import { asList, asObject, asText, isGiven, type LooseObject } from "./loose-json.ts";
import { refuseMessages } from "./openai-message-refusals.ts";
import { dialectOf } from "./openai-dialects.ts";
import { invalidRequest, modelNotFound } from "./openai-error.ts";
import {
  isReasoningModel,
  refusesSampling,
  refusesStop,
  refusesToolsWhileReasoning,
} from "./openai-models.ts";
import { schemaRefusal } from "./openai-schema-refusals.ts";

/** Every top-level field of a chat request. Source: types of npm `openai` 6.49, checked 2026-11. */
const FIELDS: ReadonlySet<string> = new Set([
  "audio",
  "frequency_penalty",
  "function_call",
  "functions",
  "logit_bias",
  "logprobs",
  "max_completion_tokens",
  "max_tokens",
  "messages",
  "metadata",
  "modalities",
  "model",
  "moderation",
  "n",
  "parallel_tool_calls",
  "prediction",
  "presence_penalty",
  "prompt_cache_key",
  "prompt_cache_options",
  "prompt_cache_retention",
  "reasoning_effort",
  "response_format",
  "safety_identifier",
  "seed",
  "service_tier",
  "stop",
  "store",
  "stream",
  "stream_options",
  "temperature",
  "tool_choice",
  "tools",
  "top_logprobs",
  "top_p",
  "user",
  "verbosity",
  "web_search_options",
]);

const SAMPLING_FIELDS = [
  "temperature",
  "top_p",
  "presence_penalty",
  "frequency_penalty",
  "logit_bias",
  "logprobs",
  "top_logprobs",
];

/** Smallest and largest value. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  temperature: [0, 2],
  top_p: [0, 1],
  presence_penalty: [-2, 2],
  frequency_penalty: [-2, 2],
  top_logprobs: [0, 20],
  n: [1, 128],
};

const MAX_TOOL_NAME = 64;
const MAX_STOPS = 4;

/** Something that the provider refuses, in its words. */
type Refusal = (body: LooseObject, request: EmulatedRequest) => EmulatedAnswer | undefined;

/** OpenAI's error answer to a chat request that it would not accept: the first of what is wrong with it. */
export function refuseChatRequest(request: EmulatedRequest): EmulatedAnswer | undefined {
  if (request.body === undefined) {
    return invalidRequest(
      "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library " +
        "correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)",
    );
  }
  const body = asObject(request.body);
  for (const refuse of REFUSALS) {
    const refusal = refuse(body, request);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

const refuseUnknownFields: Refusal = (body, { path }) => {
  if (dialectOf(path).ignoresUnknownFields) return undefined;
  const unknown = Object.keys(body).filter((name) => !FIELDS.has(name));
  if (unknown.length === 0) return undefined;
  return invalidRequest(
    `Unrecognized request argument${unknown.length > 1 ? "s" : ""} supplied: ${unknown.join(", ")}`,
  );
};

const refuseModel: Refusal = (_body, { model }) => {
  if (model === "") return invalidRequest("you must provide a model parameter");
  return model === NO_SUCH_MODEL ? modelNotFound(model) : undefined;
};

const refuseRanges: Refusal = (body) => {
  for (const [name, [least, most]] of Object.entries(RANGES)) {
    const value = body[name];
    if (typeof value !== "number" || (value >= least && value <= most)) continue;
    const [side, bound] = value < least ? ["below minimum", `>= ${least}`] : ["above maximum", `<= ${most}`];
    const code = `${Number.isInteger(value) ? "integer" : "decimal"}_${value < least ? "below_min" : "above_max"}_value`;
    return invalidRequest(
      `Invalid '${name}': ${side} value. Expected a value ${bound}, but got ${value} instead.`,
      name,
      code,
    );
  }
  const stops = asList(body["stop"]).length;
  if (stops <= MAX_STOPS) return undefined;
  return invalidRequest(
    `Invalid 'stop': array too long. Expected an array with maximum length ${MAX_STOPS}, but got an array with length ${stops} instead.`,
    "stop",
    "array_above_max_length",
  );
};

const refuseOnReasoningModels: Refusal = (body, { model }) => {
  const effort = body["reasoning_effort"];
  if (isReasoningModel(model) && isGiven(body["max_tokens"])) {
    return unsupported("max_tokens", " Use 'max_completion_tokens' instead.");
  }
  if (refusesStop(model) && isGiven(body["stop"])) return unsupported("stop");
  const field = refusesSampling(model, effort)
    ? SAMPLING_FIELDS.find((name) => isGiven(body[name]))
    : undefined;
  if (field !== undefined) return unsupported(field);
  if (refusesToolsWhileReasoning(model) && isGiven(body["tools"]) && effort !== "none") {
    return invalidRequest(
      `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. Please use /v1/responses instead.`,
      "reasoning_effort",
    );
  }
  return undefined;
};

const refuseTools: Refusal = (body) => {
  const { tools, tool_choice: choice, parallel_tool_calls: parallel } = body;
  if (!isGiven(tools)) {
    if (isGiven(choice)) return onlyAllowed("tool_choice", "'tools' are specified");
    return isGiven(parallel) ? onlyAllowed("parallel_tool_calls", "'tools' are specified") : undefined;
  }
  if (asList(tools).length === 0) {
    return invalidRequest(
      "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      "tools",
      "empty_array",
    );
  }
  const names = asList(tools).map((tool) => {
    const { type, function: func, custom } = asObject(tool);
    return asText(asObject(type === "custom" ? custom : func)["name"]);
  });
  const bad = names.findIndex((name) => !/^[a-zA-Z0-9_-]+$/.test(name) || name.length > MAX_TOOL_NAME);
  if (bad >= 0) return refuseToolName(`tools[${bad}].function.name`, names[bad] ?? "");
  const { type, function: named } = asObject(choice);
  const wanted = asText(asObject(named)["name"]);
  if (type !== "function" || names.includes(wanted)) return undefined;
  return invalidRequest(
    `Invalid value for 'tool_choice': no function named '${wanted}' was specified in the 'tools' parameter.`,
    "tool_choice",
  );
};

function refuseToolName(param: string, name: string): EmulatedAnswer {
  return name.length > MAX_TOOL_NAME
    ? invalidRequest(
        `Invalid '${param}': string too long. Expected a string with maximum length ${MAX_TOOL_NAME}, but got a string with length ${name.length} instead.`,
        param,
        "string_above_max_length",
      )
    : invalidRequest(
        `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
        param,
        "invalid_value",
      );
}

const refuseLonelyOptions: Refusal = (body) => {
  if (isGiven(body["stream_options"]) && body["stream"] !== true)
    return onlyAllowed("stream_options", "'stream' is enabled");
  if (isGiven(body["top_logprobs"]) && body["logprobs"] !== true)
    return onlyAllowed("top_logprobs", "'logprobs' is enabled");
  return undefined;
};

const refuseSchemas: Refusal = ({ tools, response_format: format }, { path }) => {
  if (dialectOf(path).takesAnySchema) return undefined;
  for (const [index, tool] of asList(tools).entries()) {
    const { name, parameters, strict } = asObject(asObject(tool)["function"]);
    if (!isGiven(parameters)) continue;
    const reason = schemaRefusal(parameters, strict === true);
    if (reason === undefined) continue;
    return invalidRequest(
      `Invalid schema for function '${asText(name)}': ${reason}`,
      `tools[${index}].function.parameters`,
      "invalid_function_parameters",
    );
  }
  const { type, json_schema: named } = asObject(format);
  const { name, schema, strict } = asObject(named);
  if (type !== "json_schema" || !isGiven(schema)) return undefined;
  const reason = schemaRefusal(schema, strict === true);
  return reason === undefined
    ? undefined
    : invalidRequest(`Invalid schema for response_format '${asText(name)}': ${reason}`, "response_format");
};

const refuseJsonUnsaid: Refusal = ({ response_format: format, messages }) => {
  if (asObject(format)["type"] !== "json_object" || /json/i.test(JSON.stringify(messages))) return undefined;
  return invalidRequest(
    "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
    "messages",
  );
};

/** In the order in which they are looked for. */
const REFUSALS: readonly Refusal[] = [
  refuseUnknownFields,
  refuseModel,
  ({ messages }, { path }) => refuseMessages(messages, dialectOf(path)),
  refuseRanges,
  refuseOnReasoningModels,
  refuseTools,
  refuseLonelyOptions,
  refuseSchemas,
  refuseJsonUnsaid,
];

function unsupported(field: string, instead = ""): EmulatedAnswer {
  const message = `Unsupported parameter: '${field}' is not supported with this model.${instead}`;
  return invalidRequest(message, field, "unsupported_parameter");
}

function onlyAllowed(field: string, condition: string): EmulatedAnswer {
  return invalidRequest(`Invalid value for '${field}': '${field}' is only allowed when ${condition}.`, field);
}
