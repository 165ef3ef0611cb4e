import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import { NO_SUCH_MODEL } from "./known-mistakes.ts";
import { asList, asObject, asText, isGiven, type LooseObject } from "./loose-json.ts";
import { ollamaLoad } from "./ollama-answer.ts";
import { ollamaError } from "./ollama-error.ts";
import { ollamaCapabilities } from "./ollama-models.ts";

/** Options that are numbers; those that do not exist only make the server log a line. */
const NUMBERS: ReadonlySet<string> = new Set([
  "frequency_penalty",
  "min_p",
  "num_batch",
  "num_ctx",
  "num_gpu",
  "num_keep",
  "num_predict",
  "num_thread",
  "presence_penalty",
  "repeat_last_n",
  "repeat_penalty",
  "seed",
  "temperature",
  "top_k",
  "top_p",
  "typical_p",
]);

const THINK_LEVELS: ReadonlySet<unknown> = new Set([true, false, "low", "medium", "high", "max"]);

/** What stands in the way of an answer, in the server's words. Source: Ollama's server source, checked 2026-11. */
type Refusal = (body: LooseObject, request: EmulatedRequest) => EmulatedAnswer | undefined;

/** What Ollama says to a chat request that no model answers: the first of what is wrong with it, or that the model is loaded. */
export function refuseOllamaChat(request: EmulatedRequest): EmulatedAnswer | undefined {
  if (request.rawBody === "") return ollamaError("missing request body");
  if (request.body === undefined) {
    return ollamaError(`invalid character '${request.rawBody.charAt(0)}' looking for beginning of value`);
  }
  const body = asObject(request.body);
  for (const refuse of REFUSALS) {
    const refusal = refuse(body, request);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** The JSON must fit the server's structures, field by field. */
const refuseTypes: Refusal = ({ messages, tools, options, think }) => {
  if (isGiven(messages) && !Array.isArray(messages)) return wrongType(messages, "messages", "[]api.Message");
  if (isGiven(tools) && !Array.isArray(tools)) return wrongType(tools, "tools", "api.Tools");
  if (isGiven(options) && goType(options) !== "object") {
    return wrongType(options, "options", "map[string]interface {}");
  }
  if (isGiven(think) && !THINK_LEVELS.has(think)) {
    return ollamaError(
      `invalid think value: ${JSON.stringify(think)} (must be "high", "medium", "low", "max", true, or false)`,
    );
  }
  for (const message of asList(messages).map(asObject)) {
    const refusal = refuseMessage(message);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
};

function refuseMessage({
  role,
  content,
  images,
  tool_calls: calls,
}: LooseObject): EmulatedAnswer | undefined {
  if (typeof role !== "string") return wrongType(role, "messages.role", "string");
  if (isGiven(content) && typeof content !== "string")
    return wrongType(content, "messages.content", "string");
  for (const image of asList(images)) {
    const at = asText(image).search(/[^A-Za-z0-9+/=]/);
    if (at >= 0) return ollamaError(`illegal base64 data at input byte ${at}`);
  }
  for (const call of asList(calls).map(asObject)) {
    const input = asObject(call["function"])["arguments"];
    if (isGiven(input) && goType(input) !== "object") {
      const type = "api.ToolCallFunctionArguments";
      return wrongType(input, "messages.tool_calls.function.arguments", type);
    }
  }
  return undefined;
}

const refuseLogprobs: Refusal = ({ top_logprobs: count }) =>
  typeof count === "number" && (count < 0 || count > 20)
    ? ollamaError("top_logprobs must be between 0 and 20")
    : undefined;

const refuseModel: Refusal = (_body, { model }) => {
  if (model === "") return ollamaError("model is required");
  return model === NO_SUCH_MODEL
    ? ollamaError(`model "${model}" not found, try pulling it first`, 404)
    : undefined;
};

const refuseAbilities: Refusal = ({ think, tools }, { model }) => {
  const able = ollamaCapabilities(model);
  if (isGiven(think) && think !== false && !able.includes("thinking")) {
    return ollamaError(`"${model}" does not support thinking`);
  }
  if (asList(tools).length > 0 && !able.includes("tools")) {
    const full = model.includes(":") ? model : `${model}:latest`;
    return ollamaError(`registry.ollama.ai/library/${full} does not support tools`);
  }
  return undefined;
};

const refuseOptions: Refusal = ({ options }) => {
  for (const [name, value] of Object.entries(asObject(options))) {
    if (NUMBERS.has(name) && isGiven(value) && typeof value !== "number") {
      return ollamaError(`option "${name}" must be of type number`);
    }
    if (name === "stop" && isGiven(value) && !Array.isArray(value)) {
      return ollamaError('option "stop" must be of type array');
    }
  }
  return undefined;
};

const refuseFormat: Refusal = ({ format }) => {
  if (!isGiven(format) || format === "" || format === "json" || goType(format) === "object") return undefined;
  const message = `invalid format: ${JSON.stringify(format)}; expected "json" or a valid JSON Schema object`;
  return ollamaError(message, 500);
};

/** In the order in which the server looks. */
const REFUSALS: readonly Refusal[] = [
  refuseTypes,
  refuseLogprobs,
  refuseModel,
  refuseAbilities,
  refuseOptions,
  ({ messages }, request) => (asList(messages).length === 0 ? ollamaLoad(request) : undefined),
  refuseFormat,
];

function wrongType(value: unknown, field: string, type: string): EmulatedAnswer {
  return ollamaError(
    `json: cannot unmarshal ${goType(value)} into Go struct field ChatRequest.${field} of type ${type}`,
  );
}

/** What Go's reader calls a JSON value. */
function goType(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}
