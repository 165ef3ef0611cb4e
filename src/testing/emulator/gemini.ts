import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import type { EmulatedWire } from "./emulated-wire.ts";
import { geminiAnswer, geminiEvents, geminiList } from "./gemini-answer.ts";
import { geminiErrorBody, geminiRefusal } from "./gemini-error.ts";
import { canThink, GEMINI_MODELS } from "./gemini-models.ts";
import { countedBody, modelIn, promptContents, readGeminiRequest } from "./gemini-prompt.ts";
import { geminiModelNotFound, refuseCount, refuseGeneration } from "./gemini-refusals.ts";
import { isWrongKey } from "./known-mistakes.ts";
import { asText, type LooseObject } from "./loose-json.ts";
import { promptWords } from "./word-counts.ts";

/** The models on a page of the list, where the request does not say. */
const PAGE_SIZE = 50;

/** The page that Google shows for a path that it does not have. */
const NOT_FOUND_PAGE =
  "<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>Error 404 (Not Found)!!1</title>\n  <p>The requested URL was not found on this server.</p>\n</html>\n";

/**
 * Google's Gemini API: `/v1beta/models/x:generateContent` and its kin, under any version and prefix. What has the same path on
 * other wires shows by the header `x-goog-api-key` that it is for this one.
 * Source: Google's API reference and recorded answers, checked 2026-11.
 */
export const gemini: EmulatedWire = {
  name: "gemini",
  basePath: "/v1beta",
  models: GEMINI_MODELS,
  isSpokenBy: ({ headers, path }) =>
    "x-goog-api-key" in headers ||
    /:(?:generateContent|streamGenerateContent|countTokens)$|\/v1beta\d*\/(?!openai\/)/.test(path),
  streamContentType: "text/event-stream",
  hasComments: true,
  generations: [
    {
      method: "POST",
      path: /:generateContent$/,
      read: readGeminiRequest,
      refuse: refuseGeneration,
      isStream: () => false,
      events: geminiEvents,
      whole: geminiAnswer,
    },
    {
      method: "POST",
      path: /:streamGenerateContent$/,
      read: readGeminiRequest,
      refuse: refuseGeneration,
      isStream: ({ query }) => query["alt"] === "sse",
      events: geminiEvents,
      whole: geminiList,
    },
  ],
  documents: [
    {
      method: "POST",
      path: /:countTokens$/,
      read: readGeminiRequest,
      refuse: refuseCount,
      answer: (request) => ({ body: countOf(countedBody(request)) }),
    },
    { method: "GET", path: /\/models$/, answer: listModels },
    {
      method: "GET",
      path: /\/models\/[^/:]+$/,
      answer: (request, models) => {
        const name = modelIn(request.path);
        return models.includes(name) ? { body: modelDocument(name) } : geminiModelNotFound(request, name);
      },
    },
  ],
  headers: () => ({ "server-timing": "gfet4t7; dur=1", vary: "Origin, X-Origin, Referer" }),
  refuseKey,
  unknownPath: () => ({ status: 404, body: NOT_FOUND_PAGE, contentType: "text/html; charset=UTF-8" }),
  errorBody: geminiErrorBody,
};

function countOf(body: LooseObject): LooseObject {
  const total = promptWords(promptContents(body), body["tools"]);
  return { totalTokens: total, promptTokensDetails: [{ modality: "TEXT", tokenCount: total }] };
}

function listModels({ query }: EmulatedRequest, models: readonly string[]): EmulatedAnswer {
  const from = Number(query["pageToken"] ?? 0);
  const to = from + Number(query["pageSize"] ?? PAGE_SIZE);
  return {
    body: {
      models: models.slice(from, to).map(modelDocument),
      ...(to < models.length && { nextPageToken: String(to) }),
    },
  };
}

function modelDocument(name: string): LooseObject {
  return {
    name: `models/${name}`,
    version: "001",
    displayName: name,
    description: "A model of the emulator.",
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ["generateContent", "countTokens"],
    temperature: 1,
    maxTemperature: 2,
    topP: 0.95,
    topK: 64,
    ...(canThink(name) && { thinking: true }),
  };
}

function refuseKey(request: EmulatedRequest, isRequired: boolean): EmulatedAnswer | undefined {
  const [, token] = /^Bearer\s+(\S+)/i.exec(request.headers.authorization ?? "") ?? [];
  const key = asText(request.headers["x-goog-api-key"]) || (request.query["key"] ?? "");
  if (token === undefined && key === "") {
    const message =
      "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of " +
      "API consumer identity to call this API.";
    return isRequired ? geminiRefusal(request, message, { status: 403 }) : undefined;
  }
  if (isWrongKey(key)) {
    const details = [
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: "API_KEY_INVALID",
        domain: "googleapis.com",
        metadata: { service: "generativelanguage.googleapis.com" },
      },
    ];
    return geminiRefusal(request, "API key not valid. Please pass a valid API key.", { details });
  }
  const message =
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication " +
    "credential.";
  return isWrongKey(token ?? "") ? geminiRefusal(request, message, { status: 401 }) : undefined;
}
