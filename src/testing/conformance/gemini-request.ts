import type { ToolChoice } from "../../tool/tool-schema.ts";
import { type Fields, present } from "./request-parts.ts";
import type { RecordedMedia, RecordedMessage, RecordedRequest } from "./wire-fixtures.ts";

/** What a request of the Gemini API asks for. */
export function readGeminiRequest({
  path,
  body,
}: {
  readonly path: string;
  readonly body: unknown;
}): RecordedRequest {
  const { contents, systemInstruction, tools, toolConfig, generationConfig } = body as Readonly<
    Record<string, Fields | undefined>
  >;
  const declared = (tools as readonly Fields[] | undefined)?.flatMap(
    (tool) => (tool["functionDeclarations"] ?? []) as readonly Fields[],
  );
  return {
    model: /\/models\/([^/:]+):/.exec(path)?.[1],
    messages: [
      ...partsOf(systemInstruction ?? {}).map(readInstruction),
      ...readContents(contents as unknown as readonly Fields[]),
    ],
    tools: declared?.map(({ name, parameters, parametersJsonSchema }) => ({
      name: name as string,
      parameters: parametersJsonSchema ?? parameters,
    })),
    toolChoice: readChoice(toolConfig?.["functionCallingConfig"] as Fields | undefined),
    options: readOptions(generationConfig ?? {}),
  };
}

function partsOf({ parts }: Fields): readonly Fields[] {
  return (parts ?? []) as readonly Fields[];
}

function readInstruction({ text }: Fields): RecordedMessage {
  return { role: "system", text: String(text), toolCalls: [], toolResults: [], media: [] };
}

/** Calls have ids only where the provider gave them: the others, and their responses, are numbered. */
function readContents(contents: readonly Fields[]): RecordedMessage[] {
  let count = 0;
  let open: readonly string[] = [];
  return contents.map((content) => {
    const { role } = content;
    if (role !== "user" && role !== "model") throw new Error(`The wire has no role ${String(role)}.`);
    const parts = partsOf(content);
    const toolCalls = fieldsOf(parts, "functionCall").map(({ id, name, args }) => ({
      id: (id as string | undefined) ?? `call-${count++}`,
      name: name as string,
      input: args,
    }));
    const toolResults = fieldsOf(parts, "functionResponse").map(({ response }, at) => {
      const { output, error } = response as { output?: unknown; error?: unknown };
      return { id: open[at] ?? "", text: String(output ?? error), isError: error !== undefined };
    });
    open = toolCalls.map(({ id }) => id);
    return {
      role: role === "model" ? "assistant" : "user",
      text: parts
        .map(({ text, thought }) => (thought === true ? "" : ((text as string | undefined) ?? "")))
        .join(""),
      toolCalls,
      toolResults,
      media: parts.flatMap(readMedia),
    };
  });
}

function fieldsOf(parts: readonly Fields[], name: string): readonly Fields[] {
  return parts.flatMap((part) => (part[name] === undefined ? [] : [part[name] as Fields]));
}

function readMedia({ inlineData, fileData }: Fields): RecordedMedia[] {
  const {
    mimeType = "",
    data,
    fileUri,
  } = (inlineData ?? fileData ?? {}) as {
    mimeType?: string;
    data?: string;
    fileUri?: string;
  };
  if (data === undefined && fileUri === undefined) return [];
  const [family] = mimeType.split("/");
  const kind = family === "image" || family === "audio" || family === "video" ? family : "file";
  if (data !== undefined) return [{ kind, data }];
  return [
    {
      kind,
      ...(/^(?:https?|gs):/.test(fileUri ?? "") ? { url: fileUri as string } : { fileId: fileUri as string }),
    },
  ];
}

function readChoice(config: Fields | undefined): ToolChoice | undefined {
  const names = config?.["allowedFunctionNames"] as readonly string[] | undefined;
  switch (config?.["mode"]) {
    case undefined:
      return undefined;
    case "NONE":
      return "none";
    case "AUTO":
      return "auto";
    default:
      if (names === undefined) return config?.["mode"] === "ANY" ? "required" : "auto";
      return config?.["mode"] === "ANY" && names.length === 1 ? { name: names[0] as string } : { names };
  }
}

function readOptions(config: Fields): Readonly<Record<string, unknown>> {
  const { thinkingBudget: budgetTokens, thinkingLevel } = (config["thinkingConfig"] ?? {}) as {
    thinkingBudget?: number;
    thinkingLevel?: string;
  };
  const isJson = config["responseMimeType"] === "application/json";
  const schema = config["responseJsonSchema"] ?? config["responseSchema"];
  const topLogprobs = config["logprobs"];
  return present({
    temperature: config["temperature"],
    topP: config["topP"],
    topK: config["topK"],
    maxTokens: config["maxOutputTokens"],
    stop: config["stopSequences"],
    seed: config["seed"],
    frequencyPenalty: config["frequencyPenalty"],
    presencePenalty: config["presencePenalty"],
    logprobs: config["responseLogprobs"],
    topLogprobs,
    responseFormat: isJson
      ? schema === undefined
        ? { type: "json" }
        : { type: "json_schema", schema }
      : undefined,
    thinking:
      thinkingLevel === undefined
        ? budgetTokens === undefined
          ? undefined
          : { budgetTokens }
        : { effort: thinkingLevel.toLowerCase() },
  });
}
