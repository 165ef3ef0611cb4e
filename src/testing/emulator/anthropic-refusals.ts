import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import { notFound, refusal } from "./anthropic-error.ts";
import { refuseMessages } from "./anthropic-message-refusals.ts";
import {
  alwaysThinks,
  refusesAdaptiveThinking,
  refusesBothSamplings,
  refusesBudget,
  refusesEffort,
  refusesPrefill,
  refusesSampling,
} from "./anthropic-models.ts";
import { refuseOutputSchema } from "./anthropic-schema-refusals.ts";
import { NO_SUCH_MODEL } from "./known-mistakes.ts";
import { asList, asObject, asText, isGiven, type LooseObject } from "./loose-json.ts";

/** The version without sampling options. */
const LATEST_VERSION = "2026-10-21";
const VERSIONS: ReadonlySet<string> = new Set(["2023-06-01", LATEST_VERSION]);

/** Fields of a request to count tokens. Source: types of npm `@anthropic-ai/sdk` 1.11, checked 2026-11. */
const COUNT_FIELDS: ReadonlySet<string> = new Set([
  "cache_control",
  "messages",
  "model",
  "output_config",
  "speed",
  "system",
  "thinking",
  "tool_choice",
  "tools",
  "user_profile_id",
  "workspace_id",
]);

/** Fields of a request for a message. Source: as above. */
const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  ...COUNT_FIELDS,
  "container",
  "context_management",
  "diagnostics",
  "inference_geo",
  "max_tokens",
  "mcp_servers",
  "metadata",
  "service_tier",
  "stop_sequences",
  "stream",
  "temperature",
  "top_k",
  "top_p",
]);

const SAMPLING_FIELDS = ["temperature", "top_p", "top_k"];

const MIN_BUDGET = 1024;
const MAX_CACHE_MARKERS = 4;

const SEE_THINKING =
  "Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking";

/** Something that the provider refuses, in its words. */
type Refusal = (body: LooseObject, model: string) => string | undefined;

/** Anthropic's error answer to a request for a message that it would not accept: the first of what is wrong with it. */
export function refuseMessage(request: EmulatedRequest): EmulatedAnswer | undefined {
  return refuseBy(request, MESSAGE_FIELDS, [
    ({ max_tokens: tokens }) => (isGiven(tokens) ? undefined : "max_tokens: Field required"),
    ...REFUSALS,
  ]);
}

/** Anthropic's error answer to a request to count tokens that it would not accept. */
export function refuseCount(request: EmulatedRequest): EmulatedAnswer | undefined {
  return refuseBy(request, COUNT_FIELDS, REFUSALS);
}

function refuseBy(
  request: EmulatedRequest,
  fields: ReadonlySet<string>,
  refusals: readonly Refusal[],
): EmulatedAnswer | undefined {
  const version = asText(request.headers["anthropic-version"]);
  if (version === "") return refusal(request, "anthropic-version: header is required");
  if (!VERSIONS.has(version)) {
    return refusal(request, `anthropic-version: "${version}" is not a valid version`);
  }
  if (request.body === undefined) return refusal(request, "The request body is not valid JSON");
  const body = asObject(request.body);
  const isKnown = (name: string): boolean =>
    fields.has(name) && !(version === LATEST_VERSION && SAMPLING_FIELDS.includes(name));
  const unknown = Object.keys(body).find((name) => !isKnown(name));
  if (unknown !== undefined) return refusal(request, `${unknown}: Extra inputs are not permitted`);
  const { model } = request;
  if (model === "") return refusal(request, "model: Field required");
  if (model === NO_SUCH_MODEL) return notFound(request, `model: ${model}`);
  for (const refuse of refusals) {
    const message = refuse(body, model);
    if (message !== undefined) return refusal(request, message);
  }
  return undefined;
}

const refuseLimits: Refusal = ({ max_tokens: tokens, stop_sequences: stops }) => {
  // With 0 the prompt is cached, and nothing is said.
  if (typeof tokens === "number" && tokens < 0)
    return "max_tokens: Input should be greater than or equal to 0";
  const isBlank = asList(stops).some((stop) => asText(stop).trim() === "");
  return isBlank ? "stop_sequences: each stop sequence must contain non-whitespace" : undefined;
};

const refuseSampling: Refusal = (body, model) => {
  const { temperature, top_p: topP, top_k: topK } = body;
  for (const name of ["temperature", "top_p"] as const) {
    const value = body[name];
    if (typeof value === "number" && (value < 0 || value > 1)) return `${name}: range: 0..1`;
  }
  if (refusesSampling(model)) {
    const isFixed: Readonly<Record<string, boolean>> = {
      temperature: !isGiven(temperature) || temperature === 1,
      top_p: !isGiven(topP) || Number(topP) >= 0.99,
      top_k: !isGiven(topK),
    };
    const given = SAMPLING_FIELDS.find((name) => isFixed[name] === false);
    if (given !== undefined) return `\`${given}\` is deprecated for this model.`;
  }
  if (refusesBothSamplings(model) && isGiven(temperature) && isGiven(topP))
    return "`temperature` and `top_p` cannot both be specified for this model. Please use only one.";
  if (!isThinking(body, model)) return undefined;
  if (isGiven(temperature) && temperature !== 1)
    return `\`temperature\` may only be set to 1 when thinking is enabled. ${SEE_THINKING}`;
  if (isGiven(topK)) return `\`top_k\` must be unset when thinking is enabled. ${SEE_THINKING}`;
  if (isGiven(topP) && Number(topP) < 0.95)
    return `\`top_p\` must be greater than or equal to 0.95 or unset when thinking is enabled. ${SEE_THINKING}`;
  return undefined;
};

const refuseThinking: Refusal = (body, model) => {
  const { type, budget_tokens: budget } = asObject(body["thinking"]);
  const { effort } = asObject(body["output_config"]);
  if (isGiven(effort) && refusesEffort(model)) return "This model does not support the effort parameter.";
  if (type === "adaptive" && refusesAdaptiveThinking(model))
    return "adaptive thinking is not supported on this model";
  if (type === "disabled" && alwaysThinks(model))
    return '"thinking.type.disabled" is not supported for this model.';
  if (type !== "enabled") return undefined;
  if (refusesBudget(model)) {
    return '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.';
  }
  if (typeof budget !== "number") return "thinking.enabled.budget_tokens: Field required";
  if (budget < MIN_BUDGET)
    return `thinking.enabled.budget_tokens: Input should be greater than or equal to ${MIN_BUDGET}`;
  const { max_tokens: tokens = Number.POSITIVE_INFINITY } = body;
  return budget >= Number(tokens)
    ? `\`max_tokens\` must be greater than \`thinking.budget_tokens\`. ${SEE_THINKING}`
    : undefined;
};

const refuseTools: Refusal = (body, model) => {
  const tools = asList(body["tools"]).map(asObject);
  for (const [index, tool] of tools.entries()) {
    // Tools of the server have types and fields of their own.
    if (isGiven(tool["type"]) && tool["type"] !== "custom") continue;
    const where = `tools.${index}.custom`;
    if (!isGiven(tool["name"])) return `${where}.name: Field required`;
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(asText(tool["name"])))
      return `${where}.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`;
    const schema = tool["input_schema"];
    if (!isGiven(schema)) return `${where}.input_schema: Field required`;
    if (asObject(schema)["type"] !== "object") {
      const isMissing = asObject(schema)["type"] === undefined;
      return `${where}.input_schema.type: ${isMissing ? "Field required" : "Input should be 'object'"}`;
    }
  }
  const names = tools.map(({ name }) => name);
  if (new Set(names).size < names.length) return "tools: Tool names must be unique.";
  const { type, name } = asObject(body["tool_choice"]);
  if (!isGiven(type)) return undefined;
  if (tools.length === 0) return "tool_choice: tool_choice may only be specified while providing tools";
  if (type === "tool" && !names.includes(name)) return `Tool '${asText(name)}' not found in provided tools`;
  const isForced = type === "any" || type === "tool";
  const { type: thinking } = asObject(body["thinking"]);
  return isForced && (thinking === "enabled" || alwaysThinks(model))
    ? `Thinking may not be enabled when tool_choice forces tool use. ${SEE_THINKING}`
    : undefined;
};

const refuseOutput: Refusal = ({ output_config: output }) => {
  const { type, schema } = asObject(asObject(output)["format"]);
  return type === "json_schema" ? refuseOutputSchema(schema) : undefined;
};

const refuseCacheMarkers: Refusal = ({ cache_control: automatic, system, tools, messages }) => {
  const blocks = [
    ...asList(tools),
    ...asList(system),
    ...asList(messages).flatMap((message) => asList(asObject(message)["content"])),
  ].map(asObject);
  const marked = blocks.filter((block) => isGiven(block["cache_control"])).length;
  const count = marked + (isGiven(automatic) ? 1 : 0);
  return count > MAX_CACHE_MARKERS
    ? `A maximum of ${MAX_CACHE_MARKERS} blocks with cache_control may be provided. Found ${count}.`
    : undefined;
};

const refusePrefill: Refusal = (body, model) => {
  const last = asObject(asList(body["messages"]).at(-1));
  return last["role"] === "assistant" && refusesPrefill(model)
    ? "This model does not support assistant message prefill. The conversation must end with a user message."
    : undefined;
};

/** In the order in which they are looked for. */
const REFUSALS: readonly Refusal[] = [
  refuseMessages,
  refuseLimits,
  refuseSampling,
  refuseThinking,
  refuseTools,
  refuseOutput,
  refuseCacheMarkers,
  refusePrefill,
];

function isThinking(body: LooseObject, model: string): boolean {
  const { type } = asObject(body["thinking"]);
  return alwaysThinks(model) || type === "enabled" || type === "adaptive";
}
