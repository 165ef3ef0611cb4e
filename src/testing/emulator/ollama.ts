import type { Conversation } from "./default-answer.ts";
import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { HttpRequest } from "./emulated-request.ts";
import type { EmulatedWire } from "./emulated-wire.ts";
import { NO_SUCH_MODEL, isWrongKey } from "./known-mistakes.ts";
import { asList, asObject, asText, type LooseObject } from "./loose-json.ts";
import { ollamaChat, ollamaChatLines } from "./ollama-answer.ts";
import { ollamaError, ollamaErrorBody } from "./ollama-error.ts";
import { OLLAMA_MODELS, ollamaCapabilities, ollamaFamily } from "./ollama-models.ts";
import { refuseOllamaChat } from "./ollama-refusals.ts";

/** The version that the emulator says it is, and how long a prompt all of its models take, in tokens. */
const VERSION = "0.31.1";
const CONTEXT_LENGTH = 40_960;

/** Ollama's own wire. Source: Ollama's server source and API notes, checked 2026-11. */
export const ollama: EmulatedWire = {
  name: "ollama",
  basePath: "",
  models: OLLAMA_MODELS,
  isSpokenBy: ({ path }) => /\/api\/(?:chat|tags|ps|show|version)$/.test(path),
  streamContentType: "application/x-ndjson",
  hasComments: false,
  generations: [
    {
      method: "POST",
      path: /\/api\/chat$/,
      read: readConversation,
      refuse: refuseOllamaChat,
      isStream: ({ body }) => asObject(body)["stream"] !== false,
      events: ollamaChatLines,
      whole: ollamaChat,
    },
  ],
  documents: [
    {
      method: "GET",
      path: /\/api\/(?:tags|ps)$/,
      answer: (_request, models) => ({ body: { models: models.map(modelDocument) } }),
    },
    { method: "POST", path: /\/api\/show$/, answer: ({ body }) => showModel(asObject(body)) },
    { method: "GET", path: /\/api\/version$/, answer: () => ({ body: { version: VERSION } }) },
  ],
  headers: () => ({}),
  refuseKey,
  unknownPath: () => ({ status: 404, body: "404 page not found" }),
  errorBody: ollamaErrorBody,
};

/** A server on one's own machine wants no key; the cloud, which speaks the same wire, refuses a wrong one. */
function refuseKey({ headers }: HttpRequest): EmulatedAnswer | undefined {
  const [, key = ""] = /^Bearer\s+(\S+)/i.exec(headers.authorization ?? "") ?? [];
  if (!isWrongKey(key)) return undefined;
  const body = { error: "unauthorized", signin_url: "https://ollama.com/connect?name=emulator&key=emulated" };
  return { status: 401, body };
}

function readConversation({ body }: HttpRequest): Conversation {
  const request = asObject(body);
  const messages = asList(request["messages"]).map(asObject);
  const lastUser = messages.findLastIndex(({ role }) => asText(role).toLowerCase() === "user");
  const { format } = request;
  return {
    model: asText(request["model"]),
    lastUserText: asText(messages[lastUser]?.["content"]),
    toolResults: messages
      .slice(lastUser + 1)
      .filter(({ role }) => asText(role).toLowerCase() === "tool")
      .map(({ content }) => asText(content)),
    tools: asList(request["tools"]).map((tool) => {
      const { name, parameters } = asObject(asObject(tool)["function"]);
      return { name: asText(name), parameters };
    }),
    mustCall: false,
    mayCallSeveral: true,
    form:
      typeof format === "object" && format !== null
        ? { schema: format }
        : format === "json"
          ? "json"
          : "text",
  };
}

function modelDocument(name: string): LooseObject {
  return {
    name,
    model: name,
    modified_at: "2026-11-01T10:00:00Z",
    size: 5_225_376_047,
    digest: Buffer.from(name).toString("hex").padEnd(64, "0").slice(0, 64),
    details: detailsOf(name),
    capabilities: ollamaCapabilities(name),
  };
}

function detailsOf(name: string): LooseObject {
  const family = ollamaFamily(name);
  const [, size = "8"] = /:(\d+(?:\.\d+)?)b/.exec(name) ?? [];
  return {
    parent_model: "",
    format: "gguf",
    family,
    families: [family],
    parameter_size: `${size}B`,
    quantization_level: "Q4_K_M",
  };
}

/** Of `model` or, as older clients say, of `name`. */
function showModel({ model, name }: LooseObject): EmulatedAnswer {
  const wanted = asText(model) || asText(name);
  if (wanted === "") return ollamaError("model is required");
  if (wanted === NO_SUCH_MODEL) return ollamaError(`model '${wanted}' not found`, 404);
  const family = ollamaFamily(wanted);
  return {
    body: {
      modelfile: `FROM ${wanted}`,
      parameters: "temperature 0.6",
      template: "{{ .Prompt }}",
      details: detailsOf(wanted),
      model_info: { "general.architecture": family, [`${family}.context_length`]: CONTEXT_LENGTH },
      capabilities: ollamaCapabilities(wanted),
      modified_at: "2026-11-01T10:00:00Z",
    },
  };
}
