import type { EmulatedAnswer, EmulatedContent, EmulatedToolCall } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import { isThirdGeneration } from "./gemini-models.ts";
import { geminiBody, promptContents } from "./gemini-prompt.ts";
import { asObject, type LooseObject } from "./loose-json.ts";
import { signatureOf } from "./signature.ts";
import { pieces } from "./text-pieces.ts";
import { tokensOf } from "./token-counts.ts";

/** What one event adds to one candidate. */
interface Piece {
  readonly index: number;
  readonly parts: readonly LooseObject[];
  readonly more?: LooseObject;
}

/** The answer as a stream of events: each is a small answer of its own. */
export function* geminiEvents(request: EmulatedRequest, answer: EmulatedAnswer): Generator<string> {
  for (const chunk of geminiChunks(request, answer)) yield `data: ${JSON.stringify(chunk)}\n\n`;
}

/** The answer as a list of small answers: what a stream is without `alt=sse`. */
export function geminiList(request: EmulatedRequest, answer: EmulatedAnswer): unknown[] {
  return [...geminiChunks(request, answer)];
}

/** The answer in one piece. */
export function geminiAnswer(request: EmulatedRequest, answer: EmulatedAnswer): LooseObject {
  const body = geminiBody(request);
  const candidates = candidatesOf(body, answer).map((content, index) => {
    const all = [...piecesOf(request, body, content, index)];
    const parts = joined(all.flatMap((piece) => piece.parts));
    const { logprobsResult: _first, ...ending } = all.at(-1)?.more ?? {};
    const logprobs = joinedLogprobs(all);
    return {
      ...(parts.length > 0 && { content: { parts, role: "model" } }),
      ...ending,
      index,
      ...(logprobs && { logprobsResult: logprobs }),
    };
  });
  return { candidates, ...usageOf(body, answer), ...envelopeOf(request) };
}

function* geminiChunks(request: EmulatedRequest, answer: EmulatedAnswer): Generator {
  const body = geminiBody(request);
  const envelope = envelopeOf(request);
  const usage = usageOf(body, answer);
  for (const [at, content] of candidatesOf(body, answer).entries()) {
    for (const { index, parts, more } of piecesOf(request, body, content, at, answer.chunkSize)) {
      const isEnd = more !== undefined && "finishReason" in more;
      if (isEnd && answer.errorEvent !== undefined) {
        yield answer.errorEvent;
        return;
      }
      const candidate = { ...(parts.length > 0 && { content: { parts, role: "model" } }), ...more, index };
      yield { candidates: [candidate], ...(isEnd ? usage : early(usage)), ...envelope };
    }
  }
}

/** What is known of the usage before the end. */
function early({ usageMetadata: usage }: { readonly usageMetadata?: LooseObject }): LooseObject {
  if (usage === undefined) return {};
  const { candidatesTokenCount: _unknown, totalTokenCount: _total, ...known } = usage;
  const total = Number(known["promptTokenCount"]) + Number(known["thoughtsTokenCount"] ?? 0);
  return { usageMetadata: { ...known, totalTokenCount: total } };
}

function candidatesOf(
  { generationConfig: config }: LooseObject,
  answer: EmulatedAnswer,
): readonly EmulatedContent[] {
  const { candidateCount } = asObject(config);
  return (
    answer.choices ??
    Array.from({ length: typeof candidateCount === "number" ? candidateCount : 1 }, () => answer)
  );
}

function* piecesOf(
  request: EmulatedRequest,
  body: LooseObject,
  content: EmulatedContent,
  index: number,
  chunkSize?: number,
): Generator<Piece> {
  const { thinking = "", text = "", toolCalls = [], refusal } = content;
  const config = asObject(body["generationConfig"]);
  const isSigned = isThirdGeneration(request.model);
  if (asObject(config["thinkingConfig"])["includeThoughts"] === true) {
    for (const piece of pieces(thinking, chunkSize)) yield { index, parts: [{ text: piece, thought: true }] };
  }
  for (const piece of pieces(text, chunkSize)) {
    const logprobsResult = logprobsOf(config, piece);
    yield { index, parts: [{ text: piece }], ...(logprobsResult && { more: { logprobsResult } }) };
  }
  if (toolCalls.length > 0)
    yield { index, parts: toolCalls.map((call, at) => callPart(request, call, at, isSigned)) };
  const isTail = refusal === undefined && (isSigned || toolCalls.length > 0);
  const signature = isSigned && text !== "" && { thoughtSignature: signatureOf(text) };
  yield {
    index,
    parts: isTail ? [{ text: "", ...signature }] : [],
    more: {
      finishReason: content.finishReason ?? (refusal === undefined ? "STOP" : "SAFETY"),
      ...(refusal !== undefined && { finishMessage: refusal }),
      ...(toolCalls.length > 0 && { finishMessage: "Model generated function call(s)." }),
    },
  };
}

/** Of several calls only the first is signed; older models give no ids. */
function callPart(
  request: EmulatedRequest,
  call: EmulatedToolCall,
  at: number,
  isSigned: boolean,
): LooseObject {
  const { name, arguments: input } = call;
  const id = call.id ?? (isSigned ? `fc_emulated_${request.number}_${at}` : undefined);
  // The wire has no place for arguments that are no JSON.
  const args: unknown = typeof input === "string" ? JSON.parse(input || "{}") : input;
  return {
    functionCall: { ...(id !== undefined && { id }), name, args },
    ...(isSigned && at === 0 && { thoughtSignature: signatureOf(name) }),
  };
}

/** Texts of a kind that follow each other are one part of a whole answer, and nothing is said in it at the end. */
function joined(parts: readonly LooseObject[]): LooseObject[] {
  const whole: LooseObject[] = [];
  for (const part of parts) {
    const last = whole.at(-1);
    const isMore =
      last !== undefined && "text" in last && "text" in part && last["thought"] === part["thought"];
    if (isMore)
      whole[whole.length - 1] = { ...last, ...part, text: `${String(last["text"])}${String(part["text"])}` };
    else whole.push(part);
  }
  return whole.filter((part) => part["text"] !== "" || "thoughtSignature" in part);
}

function logprobsOf(
  { responseLogprobs: isWanted, logprobs: count }: LooseObject,
  token: string,
): LooseObject | undefined {
  if (isWanted !== true) return undefined;
  const chosen = { token, logProbability: -0.1 };
  const others = Array.from({ length: typeof count === "number" ? count : 0 }, (_, rank) => ({
    token: rank === 0 ? token : `${token}~${rank}`,
    logProbability: -0.1 - rank,
  }));
  return { chosenCandidates: [chosen], topCandidates: [{ candidates: others }] };
}

function joinedLogprobs(all: readonly Piece[]): LooseObject | undefined {
  const results = all.flatMap(({ more }) =>
    more && "logprobsResult" in more ? [asObject(more["logprobsResult"])] : [],
  );
  if (results.length === 0) return undefined;
  return {
    chosenCandidates: results.flatMap((result) => result["chosenCandidates"]),
    topCandidates: results.flatMap((result) => result["topCandidates"]),
  };
}

function envelopeOf({ number, model }: EmulatedRequest): LooseObject {
  return { modelVersion: model, responseId: `emulated-${number}` };
}

function usageOf(body: LooseObject, answer: EmulatedAnswer): { readonly usageMetadata?: LooseObject } {
  if (answer.usage === null) return {};
  const { input, output, reasoning, cacheRead } = tokensOf(answer.usage, {
    messages: promptContents(body),
    tools: body["tools"],
    contents: candidatesOf(body, answer),
  });
  return {
    usageMetadata: {
      promptTokenCount: input,
      candidatesTokenCount: output - reasoning,
      totalTokenCount: input + output,
      ...(cacheRead > 0 && { cachedContentTokenCount: cacheRead }),
      promptTokensDetails: [{ modality: "TEXT", tokenCount: input }],
      ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
    },
  };
}
