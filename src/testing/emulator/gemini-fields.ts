import { asObject, type LooseObject } from "./loose-json.ts";

/** The fields of a message of Google's API; a field with a list holds messages of the same kind. */
export interface Fields {
  readonly [field: string]: FieldKind;
}

/** What is looked at in a field: nothing, a message of its own, or such messages under names that are free. */
type FieldKind = "any" | Fields | (() => Fields) | readonly [() => Fields];

const SCHEMA: Fields = {
  anyOf: () => SCHEMA,
  default: "any",
  description: "any",
  enum: "any",
  example: "any",
  format: "any",
  items: () => SCHEMA,
  maxItems: "any",
  maxLength: "any",
  maxProperties: "any",
  maximum: "any",
  minItems: "any",
  minLength: "any",
  minProperties: "any",
  minimum: "any",
  nullable: "any",
  pattern: "any",
  properties: [() => SCHEMA],
  propertyOrdering: "any",
  required: "any",
  title: "any",
  type: "any",
};

const BLOB: Fields = { mimeType: "any", data: "any", displayName: "any" };
const FILE: Fields = { mimeType: "any", fileUri: "any", displayName: "any" };

const CONTENT: Fields = {
  role: "any",
  parts: {
    text: "any",
    thought: "any",
    thoughtSignature: "any",
    inlineData: BLOB,
    fileData: FILE,
    functionCall: { id: "any", name: "any", args: "any" },
    functionResponse: {
      id: "any",
      name: "any",
      response: "any",
      parts: { inlineData: BLOB, fileData: FILE },
      scheduling: "any",
      willContinue: "any",
    },
    executableCode: "any",
    codeExecutionResult: "any",
    toolCall: "any",
    toolResponse: "any",
    videoMetadata: { startOffset: "any", endOffset: "any", fps: "any" },
    mediaResolution: "any",
    partMetadata: "any",
  },
};

const DECLARATION: Fields = {
  name: "any",
  description: "any",
  behavior: "any",
  parameters: SCHEMA,
  parametersJsonSchema: "any",
  response: SCHEMA,
  responseJsonSchema: "any",
};

const GENERATION_CONFIG: Fields = {
  temperature: "any",
  topP: "any",
  topK: "any",
  maxOutputTokens: "any",
  stopSequences: "any",
  seed: "any",
  candidateCount: "any",
  presencePenalty: "any",
  frequencyPenalty: "any",
  responseLogprobs: "any",
  logprobs: "any",
  responseMimeType: "any",
  responseSchema: SCHEMA,
  responseJsonSchema: "any",
  responseFormat: "any",
  responseModalities: "any",
  thinkingConfig: { includeThoughts: "any", thinkingBudget: "any", thinkingLevel: "any" },
  speechConfig: "any",
  imageConfig: "any",
  mediaResolution: "any",
  enableEnhancedCivicAnswers: "any",
};

/** A request for an answer. Source: types of npm `@google/genai` 2.32 and the API reference, checked 2026-11. */
export const GENERATE_REQUEST: Fields = {
  model: "any",
  contents: CONTENT,
  systemInstruction: CONTENT,
  tools: {
    functionDeclarations: DECLARATION,
    googleSearch: "any",
    googleSearchRetrieval: "any",
    googleMaps: "any",
    urlContext: "any",
    codeExecution: "any",
    fileSearch: "any",
    computerUse: "any",
  },
  toolConfig: {
    functionCallingConfig: { mode: "any", allowedFunctionNames: "any", streamFunctionCallArguments: "any" },
    retrievalConfig: "any",
    includeServerSideToolInvocations: "any",
  },
  generationConfig: GENERATION_CONFIG,
  safetySettings: { category: "any", threshold: "any", method: "any" },
  cachedContent: "any",
  labels: "any",
  serviceTier: "any",
  store: "any",
};

/** A request to count tokens. Source: as above. */
export const COUNT_REQUEST: Fields = {
  contents: CONTENT,
  generateContentRequest: GENERATE_REQUEST,
};

/** A name that a message does not have, and where it stands, in the spelling of Google's errors. */
export interface UnknownField {
  readonly name: string;
  /** Empty at the top. */
  readonly path: string;
}

/** A message with its fields in camelCase: the API takes snake_case as well. Fields that it does not know are noted and left out. */
export function readFields(value: unknown, fields: Fields, unknown: UnknownField[] = [], path = ""): unknown {
  if (Array.isArray(value))
    return value.map((each, at) => readFields(each, fields, unknown, `${path}[${at}]`));
  if (typeof value !== "object" || value === null) return value;
  const read: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value as LooseObject)) {
    const key = camelCase(name);
    const kind = fields[key];
    const place = path === "" ? snakeCase(key) : `${path}.${snakeCase(key)}`;
    if (kind === undefined) unknown.push({ name, path });
    else read[key] = readField(inner, kind, unknown, place);
  }
  return read;
}

function readField(value: unknown, kind: FieldKind, unknown: UnknownField[], path: string): unknown {
  if (kind === "any") return value;
  if (typeof kind === "function") return readFields(value, kind(), unknown, path);
  if (!isMap(kind)) return readFields(value, kind, unknown, path);
  const [fields] = kind;
  return Object.fromEntries(
    Object.entries(asObject(value)).map(([name, inner], at) => [
      name,
      readFields(inner, fields(), unknown, `${path}[${at}].value`),
    ]),
  );
}

function isMap(kind: Fields | readonly [() => Fields]): kind is readonly [() => Fields] {
  return Array.isArray(kind);
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
