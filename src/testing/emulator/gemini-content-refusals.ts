import { asList, asObject, asText, isGiven, type LooseObject } from "./loose-json.ts";
import { signatureOf } from "./signature.ts";

const ROLES: ReadonlySet<string> = new Set(["user", "model", "function"]);

/** What a part may be; all else about it is a detail. */
const DATA = [
  "text",
  "inlineData",
  "fileData",
  "functionCall",
  "functionResponse",
  "executableCode",
  "codeExecutionResult",
  "toolCall",
  "toolResponse",
];

/** What stands in the place of the signature of a call that another model made. */
const NO_SIGNATURE: ReadonlySet<string> = new Set([
  "skip_thought_signature_validator",
  "context_engineering_is_the_way_to_go",
]);

/** What Google says about a conversation that it would not accept. */
export function refuseContents(value: unknown, needsSignatures: boolean): string | undefined {
  const contents = asList(value).map(asObject);
  if (contents.length === 0) return "* GenerateContentRequest.contents: contents is not specified\n";
  for (const [index, content] of contents.entries()) {
    const complaint = refuseContent(content, `contents[${index}]`);
    if (complaint !== undefined) return complaint;
  }
  return refuseCallOrder(contents) ?? (needsSignatures ? refuseUnsignedCalls(contents) : undefined);
}

function refuseContent({ role, parts }: LooseObject, where: string): string | undefined {
  if (isGiven(role) && !ROLES.has(asText(role))) return "Please use a valid role: user, model.";
  const list = asList(parts).map(asObject);
  if (list.length === 0)
    return `* GenerateContentRequest.${where}.parts: contents.parts must not be empty.\n`;
  for (const [at, part] of list.entries()) {
    const complaint = refusePart(part, `${where}.parts[${at}]`);
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}

function refusePart(part: LooseObject, where: string): string | undefined {
  const given = DATA.filter((name) => isGiven(part[name]));
  if (given.length === 0)
    return `* GenerateContentRequest.${where}.data: required oneof field 'data' must have one initialized field\n`;
  if (given.length > 1)
    return `Invalid value at '${where}' (oneof), oneof field 'data' is already set. Cannot set '${given[1]}'`;
  const { functionCall, functionResponse, inlineData } = part;
  const call = asObject(functionCall ?? functionResponse);
  const field = isGiven(functionCall) ? "function_call" : "function_response";
  if (isGiven(functionCall ?? functionResponse) && asText(call["name"]) === "")
    return `* GenerateContentRequest.${where}.${field}.name: Name cannot be empty.\n`;
  const struct = isGiven(functionCall) ? ["args", call["args"]] : ["response", call["response"]];
  if (isGiven(struct[1]) && (typeof struct[1] !== "object" || Array.isArray(struct[1]))) {
    return `Invalid value at '${where}.${field}.${String(struct[0])}' (type.googleapis.com/google.protobuf.Struct), ${JSON.stringify(struct[1])}`;
  }
  if (isGiven(inlineData) && asText(asObject(inlineData)["mimeType"]) === "")
    return `* GenerateContentRequest.${where}.inline_data.mime_type: mime_type must be set.\n`;
  return undefined;
}

/** Calls come right after the user, and are answered in the next content, all of them. */
function refuseCallOrder(contents: readonly LooseObject[]): string | undefined {
  for (const [index, content] of contents.entries()) {
    const calls = partsWith(content, "functionCall");
    const responses = partsWith(content, "functionResponse");
    const before = contents[index - 1];
    if (calls.length > 0 && (before === undefined || before["role"] === "model")) {
      return "Please ensure that function call turn comes immediately after a user turn or after a function response turn.";
    }
    const asked = before === undefined ? [] : partsWith(before, "functionCall");
    if (responses.length > 0 && asked.length === 0)
      return "Please ensure that function response turn comes immediately after a function call turn.";
    if (responses.length !== asked.length) {
      return "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.";
    }
    const names = new Set(asked.map((part) => asObject(part["functionCall"])["name"]));
    const stray = responses.find((part) => !names.has(asObject(part["functionResponse"])["name"]));
    if (stray !== undefined)
      return "Please ensure that function response parts have the names of the function call parts of the function call turn.";
  }
  return partsWith(contents.at(-1) as LooseObject, "functionCall").length > 0
    ? "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn."
    : undefined;
}

/** In the turn that is still going on, the first call of each step brings back the signature that it came with. */
function refuseUnsignedCalls(contents: readonly LooseObject[]): string | undefined {
  const begin = contents.findLastIndex(
    (content) => content["role"] !== "model" && partsWith(content, "text").length > 0,
  );
  for (const [index, content] of contents.entries()) {
    const [first] = partsWith(content, "functionCall");
    if (index < begin || first === undefined) continue;
    const name = asText(asObject(first["functionCall"])["name"]);
    const signature = asText(first["thoughtSignature"]);
    if (signature === "") {
      return (
        "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and " +
        "missing thought_signature may lead to degraded model performance. Additional data, function call " +
        `\`default_api:${name}\` , position ${index + 1}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`
      );
    }
    if (!NO_SIGNATURE.has(signature) && signature !== signatureOf(name))
      return "Thought signature is not valid.";
  }
  return undefined;
}

function partsWith({ parts }: LooseObject, field: string): readonly LooseObject[] {
  return asList(parts)
    .map(asObject)
    .filter((part) => isGiven(part[field]));
}
