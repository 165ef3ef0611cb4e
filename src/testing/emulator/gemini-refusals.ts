import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import { refuseContents } from "./gemini-content-refusals.ts";
import { geminiRefusal } from "./gemini-error.ts";
import {
  COUNT_REQUEST,
  type Fields,
  GENERATE_REQUEST,
  readFields,
  type UnknownField,
} from "./gemini-fields.ts";
import { budgetRange, canThink, isBeforeThirdGeneration, isThirdGeneration } from "./gemini-models.ts";
import { refuseSchema } from "./gemini-schema-refusals.ts";
import { NO_SUCH_MODEL } from "./known-mistakes.ts";
import { asList, asObject, asText, isGiven, type LooseObject } from "./loose-json.ts";

const MAX_STOPS = 5;
const MAX_FUNCTION_NAME = 128;

/** Something that the provider refuses, in its words. */
type Refusal = (body: LooseObject, model: string) => string | undefined;

/** Google's error answer to a request for an answer that it would not accept: the first of what is wrong with it. */
export function refuseGeneration(request: EmulatedRequest): EmulatedAnswer | undefined {
  return refuseBy(request, GENERATE_REQUEST, REFUSALS);
}

/** Google's error answer to a request to count tokens that it would not accept. */
export function refuseCount(request: EmulatedRequest): EmulatedAnswer | undefined {
  return refuseBy(request, COUNT_REQUEST, []);
}

/** Google's answer to a model that it does not have. */
export function geminiModelNotFound(request: EmulatedRequest, model: string): EmulatedAnswer {
  const version = /\/(v\d\w*)\//.exec(request.path)?.[1] ?? "v1beta";
  const message = `models/${model} is not found for API version ${version}, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.`;
  return geminiRefusal(request, message, { status: 404 });
}

function refuseBy(
  request: EmulatedRequest,
  fields: Fields,
  refusals: readonly Refusal[],
): EmulatedAnswer | undefined {
  if (request.body === undefined) {
    return geminiRefusal(request, "Invalid JSON payload received. Unexpected token.");
  }
  const unknown: UnknownField[] = [];
  const body = asObject(readFields(request.body, fields, unknown));
  if (unknown.length > 0) return refuseUnknownFields(request, unknown);
  const { model } = request;
  if (model === NO_SUCH_MODEL) return geminiModelNotFound(request, model);
  for (const refuse of refusals) {
    const message = refuse(body, model);
    if (message !== undefined) return geminiRefusal(request, message);
  }
  return undefined;
}

function refuseUnknownFields(request: EmulatedRequest, unknown: readonly UnknownField[]): EmulatedAnswer {
  const violations = unknown.map(({ name, path }) => ({
    ...(path !== "" && { field: path }),
    description: `Invalid JSON payload received. Unknown name "${name}"${path === "" ? "" : ` at '${path}'`}: Cannot find field.`,
  }));
  const details = [{ "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: violations }];
  return geminiRefusal(request, violations.map(({ description }) => description).join("\n"), { details });
}

const refuseSampling: Refusal = (body) => {
  const config = asObject(body["generationConfig"]);
  const { temperature, topP, maxOutputTokens, stopSequences } = config;
  if (typeof temperature === "number" && (temperature < 0 || temperature > 2))
    return wrong("temperature", "in the range [0.0, 2.0]");
  if (typeof topP === "number" && (topP < 0 || topP > 1)) return wrong("top_p", "in the range [0.0, 1.0]");
  if (typeof maxOutputTokens === "number" && maxOutputTokens < 1)
    return wrong("max_output_tokens", "positive");
  return asList(stopSequences).length > MAX_STOPS
    ? wrong("stop_sequences", `at most ${MAX_STOPS} sequences`)
    : undefined;
};

function wrong(field: string, what: string): string {
  return `* GenerateContentRequest.generation_config.${field}: ${field} must be ${what}.\n`;
}

const refuseForModel: Refusal = ({ generationConfig, tools }, model) => {
  const config = asObject(generationConfig);
  const { presencePenalty, frequencyPenalty, candidateCount, responseMimeType } = config;
  const isThird = isThirdGeneration(model);
  if (isThird && (isGiven(presencePenalty) || isGiven(frequencyPenalty)))
    return `Penalty is not enabled for models/${model}`;
  if (isThird && Number(candidateCount ?? 1) > 1) return "Multiple candidates is not enabled for this model";
  const hasFunctions = declarationsOf(tools).length > 0;
  return isBeforeThirdGeneration(model) && hasFunctions && responseMimeType === "application/json"
    ? "Function calling with a response mime type: 'application/json' is unsupported"
    : undefined;
};

const refuseThinking: Refusal = ({ generationConfig }, model) => {
  const { includeThoughts, thinkingBudget, thinkingLevel } = asObject(
    asObject(generationConfig)["thinkingConfig"],
  );
  if (isGiven(thinkingBudget) && isGiven(thinkingLevel))
    return "You can only set only one of thinking budget and thinking level.";
  const isAsked = includeThoughts === true || isGiven(thinkingBudget) || isGiven(thinkingLevel);
  if (isAsked && !canThink(model)) return "Thinking is not enabled for this model.";
  if (isGiven(thinkingLevel) && isBeforeThirdGeneration(model))
    return "Thinking level is not supported for this model.";
  const [least, most] = budgetRange(model) ?? [0, Number.POSITIVE_INFINITY];
  const budget = Number(thinkingBudget ?? -1);
  if (budget === -1 || (budget >= least && budget <= most)) return undefined;
  return budget === 0
    ? "Budget 0 is invalid. This model only works in thinking mode."
    : `The thinking budget ${budget} is invalid. Please choose a value between ${least} and ${most}.`;
};

const refuseTools: Refusal = ({ tools, toolConfig }) => {
  for (const [at, tool] of asList(tools).entries()) {
    for (const [index, declaration] of declarationsOf([tool]).entries()) {
      const where = `GenerateContentRequest.tools[${at}].function_declarations[${index}]`;
      const complaint = refuseDeclaration(declaration, where);
      if (complaint !== undefined) return complaint;
    }
  }
  const names = declarationsOf(tools).map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) return `Duplicate function declaration found: ${asText(twice)}`;
  const { mode, allowedFunctionNames: allowed } = asObject(asObject(toolConfig)["functionCallingConfig"]);
  if (isGiven(mode) && names.length === 0)
    return "Function calling config is set without function_declarations.";
  if (!isGiven(allowed)) return undefined;
  if (mode !== "ANY" && mode !== "VALIDATED")
    return "Allowed function names should only be set when the function calling mode is ANY or VALIDATED.";
  const stranger = asList(allowed).find((name) => !names.includes(name));
  return stranger === undefined
    ? undefined
    : `allowed_function_names contains a name that is not declared: ${asText(stranger)}`;
};

function refuseDeclaration(declaration: LooseObject, where: string): string | undefined {
  const { name, parameters, parametersJsonSchema } = declaration;
  if (!/^[a-zA-Z_][\w.:-]*$/.test(asText(name)) || asText(name).length > MAX_FUNCTION_NAME) {
    return `* ${where}.name: Invalid function name. Must start with a letter or an underscore. Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:) or dashes (-), with a maximum length of ${MAX_FUNCTION_NAME}.\n`;
  }
  if (isGiven(parameters) && isGiven(parametersJsonSchema))
    return `* ${where}: parameters and parameters_json_schema must not both be set.\n`;
  return isGiven(parameters) ? refuseSchema(asObject(parameters), `${where}.parameters`) : undefined;
}

const refuseAnswerSchema: Refusal = ({ generationConfig }) => {
  const { responseSchema, responseJsonSchema, responseMimeType } = asObject(generationConfig);
  const where = "GenerateContentRequest.generation_config.response_schema";
  if (isGiven(responseSchema) && isGiven(responseJsonSchema))
    return `* ${where}: only one of response_schema and response_json_schema must be set.\n`;
  if ((isGiven(responseSchema) || isGiven(responseJsonSchema)) && responseMimeType !== "application/json")
    return `* ${where}: only allowed when response_mime_type is 'application/json'.\n`;
  return isGiven(responseSchema) ? refuseSchema(asObject(responseSchema), where) : undefined;
};

const refuseBesideCache: Refusal = ({ cachedContent, systemInstruction, tools, toolConfig }) =>
  isGiven(cachedContent) && [systemInstruction, tools, toolConfig].some(isGiven)
    ? "CachedContent can not be used with GenerateContent request setting system_instruction, tools or tool_config."
    : undefined;

/** In the order in which they are looked for. */
const REFUSALS: readonly Refusal[] = [
  ({ contents }, model) => refuseContents(contents, isThirdGeneration(model)),
  refuseSampling,
  refuseForModel,
  refuseThinking,
  refuseTools,
  refuseAnswerSchema,
  refuseBesideCache,
];

function declarationsOf(tools: unknown): readonly LooseObject[] {
  return asList(tools)
    .flatMap((tool) => asList(asObject(tool)["functionDeclarations"]))
    .map(asObject);
}
