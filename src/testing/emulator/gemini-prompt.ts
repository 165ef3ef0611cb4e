import type { Conversation, OfferedTool } from "./default-answer.ts";
import type { HttpRequest } from "./emulated-request.ts";
import { COUNT_REQUEST, GENERATE_REQUEST, readFields } from "./gemini-fields.ts";
import { canThink } from "./gemini-models.ts";
import { asList, asObject, asText, isGiven, type LooseObject } from "./loose-json.ts";
import { contentText } from "./openai-chat-content.ts";

/** The body of a request for an answer, in camelCase. */
export function geminiBody({ body }: HttpRequest): LooseObject {
  return asObject(readFields(body, GENERATE_REQUEST));
}

/** What is to be counted: contents alone, or a whole request for an answer. */
export function countedBody({ body }: HttpRequest): LooseObject {
  const { contents, generateContentRequest: request } = asObject(readFields(body, COUNT_REQUEST));
  return isGiven(request) ? asObject(request) : { contents };
}

/** The name of the model in a path such as `/v1beta/models/x:generateContent`. */
export function modelIn(path: string): string {
  return decodeURIComponent(/\/(?:models|tunedModels)\/([^/:]+)(?::\w+)?$/.exec(path)?.[1] ?? "");
}

/** All that is said to the model, its instructions included; thoughts that come back are not read again. */
export function promptContents({ systemInstruction, contents }: LooseObject): readonly LooseObject[] {
  const all = [...(isGiven(systemInstruction) ? [systemInstruction] : []), ...asList(contents)].map(asObject);
  return all.map(({ role, parts }) => ({ role, content: asList(parts) }));
}

/** What a request says. */
export function readGeminiRequest(request: HttpRequest): Conversation {
  const body = geminiBody(request);
  const model = modelIn(request.path);
  const said = asList(body["contents"]).map(asObject);
  const lastUser = said.findLastIndex(({ role, parts }) => role !== "model" && contentText(parts) !== "");
  const config = asObject(body["generationConfig"]);
  return {
    model,
    lastUserText: contentText(said[lastUser]?.["parts"]),
    toolResults: said.slice(lastUser + 1).flatMap(({ parts }) => toolResults(parts)),
    ...readTools(body),
    mayCallSeveral: true,
    mayThink: canThink(model) && asObject(config["thinkingConfig"])["includeThoughts"] === true,
    form: readForm(config),
  };
}

function toolResults(parts: unknown): string[] {
  return asList(parts)
    .map((part) => asObject(part)["functionResponse"])
    .filter(isGiven)
    .map((result) => {
      const response = asObject(asObject(result)["response"]);
      const said = response["output"] ?? response["error"] ?? response;
      return typeof said === "string" ? said : JSON.stringify(said);
    });
}

function readTools({ tools, toolConfig }: LooseObject): Pick<Conversation, "tools" | "mustCall"> {
  const offered = asList(tools)
    .flatMap((tool) => asList(asObject(tool)["functionDeclarations"]))
    .map((declaration): OfferedTool => {
      const { name, parameters, parametersJsonSchema } = asObject(declaration);
      return { name: asText(name), parameters: parametersJsonSchema ?? toJsonSchema(parameters) };
    });
  const { mode, allowedFunctionNames: allowed } = asObject(asObject(toolConfig)["functionCallingConfig"]);
  return {
    tools:
      mode === "NONE"
        ? []
        : offered.filter(({ name }) => !isGiven(allowed) || asList(allowed).includes(name)),
    mustCall: mode === "ANY",
  };
}

function readForm({
  responseMimeType: type,
  responseSchema,
  responseJsonSchema,
}: LooseObject): Exclude<Conversation["form"], undefined> {
  const schema = responseJsonSchema ?? toJsonSchema(responseSchema);
  if (isGiven(schema)) return { schema };
  return type === "application/json" ? "json" : "text";
}

/** Google's own form of schemas has its types in capitals and its counts as text. */
function toJsonSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(toJsonSchema);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema as LooseObject).map(([keyword, value]) => {
      if (keyword === "type") return [keyword, asText(value).toLowerCase()];
      if (/^(?:min|max)[A-Z]/.test(keyword)) return [keyword, Number(value)];
      const isInner = keyword === "items" || keyword === "anyOf";
      if (keyword !== "properties") return [keyword, isInner ? toJsonSchema(value) : value];
      const inner = Object.entries(asObject(value)).map(([name, each]) => [name, toJsonSchema(each)]);
      return [keyword, Object.fromEntries(inner) as unknown];
    }),
  );
}
