import type { EmulatedAnswer, EmulatedContent, EmulatedToolCall } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import { asObject, type LooseObject } from "./loose-json.ts";
import { argumentsText, choicesOf } from "./openai-chat-content.ts";
import { logprobWriter } from "./openai-chat-logprobs.ts";
import { chatUsage } from "./openai-chat-usage.ts";
import { dialectOf } from "./openai-dialects.ts";
import { seededRandom } from "./seeded-random.ts";
import { pieces } from "./text-pieces.ts";

/** What one chunk adds to one choice. */
interface Delta {
  readonly index: number;
  readonly delta: LooseObject;
  readonly logprobs: LooseObject | null;
}

/** Pieces of arguments and audio, in characters, where the answer does not say. */
const DATA_PIECE_SIZE = 8;

/** The answer as a stream of `chat.completion.chunk` events. */
export function* chatCompletionEvents(request: EmulatedRequest, answer: EmulatedAnswer): Generator<string> {
  const options = asObject(asObject(request.body)["stream_options"]);
  const { usage: usagePlace = "own event", alwaysTellsUsage } = dialectOf(request.path);
  const isAsked = options["include_usage"] === true;
  const hasUsage = (isAsked || alwaysTellsUsage === true) && answer.usage !== null;
  const pad = options["include_obfuscation"] === false ? undefined : padding(request.number);
  const envelope = envelopeOf(request, "chat.completion.chunk");
  const event = (choices: readonly unknown[], usage: unknown = null): string =>
    sse(
      JSON.stringify({
        ...envelope,
        choices,
        ...(hasUsage && usagePlace !== "choice" && { usage }),
        ...(pad && { obfuscation: pad() }),
      }),
    );

  const choices = choicesOf(request, answer);
  for (const { index, delta, logprobs } of inTurns(
    choices.map((choice, at) => deltasOf(request, answer, choice, at)),
  )) {
    yield event([{ index, delta, logprobs, finish_reason: null }]);
  }
  if (answer.errorEvent !== undefined) {
    yield sse(JSON.stringify(answer.errorEvent));
    return;
  }
  const usage = hasUsage ? chatUsage(request, answer) : undefined;
  for (const [index, choice] of choices.entries()) {
    const isLast = index === choices.length - 1;
    const inChoice = isLast && usagePlace === "choice" && usage !== undefined && { usage };
    const beside = isLast && usagePlace === "finish event" ? usage : undefined;
    const finish = finishReasonOf(request, choice);
    yield event([{ index, delta: {}, logprobs: null, finish_reason: finish, ...inChoice }], beside);
  }
  if (usagePlace === "own event" && usage !== undefined) yield event([], usage);
  if (!answer.omitDone) yield sse("[DONE]");
}

/** The answer as one `chat.completion`. */
export function chatCompletion(request: EmulatedRequest, answer: EmulatedAnswer): LooseObject {
  const choices = choicesOf(request, answer).map((choice, index) => ({
    index,
    message: messageOf(request, choice, index),
    logprobs: logprobsOf(request, choice, answer.chunkSize),
    finish_reason: finishReasonOf(request, choice),
  }));
  const usage = answer.usage === null ? {} : { usage: chatUsage(request, answer) };
  return { ...envelopeOf(request, "chat.completion"), choices, ...usage };
}

function sse(data: string): string {
  return `data: ${data}\n\n`;
}

function envelopeOf({ number, receivedAt, model, body }: EmulatedRequest, object: string): LooseObject {
  const tier = asObject(body)["service_tier"];
  return {
    id: `chatcmpl-emulated${number}`,
    object,
    created: Math.floor(receivedAt / 1000),
    model,
    service_tier: typeof tier === "string" && tier !== "auto" ? tier : "default",
    system_fingerprint: "fp_emulator",
  };
}

function* deltasOf(
  request: EmulatedRequest,
  { chunkSize }: EmulatedAnswer,
  content: EmulatedContent,
  index: number,
): Generator<Delta> {
  const { thinking = "", text, refusal, audio, toolCalls = [] } = content;
  const adds = (delta: LooseObject, logprobs: LooseObject | null = null): Delta => ({
    index,
    delta,
    logprobs,
  });
  const { reasoningField = "reasoning_content" } = dialectOf(request.path);
  const logprob = logprobWriter(asObject(request.body), content.logprobs);
  const isBare = text === undefined && (toolCalls.length > 0 || refusal !== undefined || audio !== undefined);

  yield adds({ role: "assistant", content: isBare ? null : "", refusal: refusal === undefined ? null : "" });
  for (const piece of pieces(thinking, chunkSize)) yield adds({ [reasoningField]: piece });
  for (const piece of pieces(text ?? "", chunkSize)) {
    yield adds({ content: piece }, logprob ? { content: [logprob(piece)], refusal: null } : null);
  }
  for (const piece of pieces(refusal ?? "", chunkSize)) yield adds({ refusal: piece });
  if (audio !== undefined) {
    yield adds({ audio: { id: audio.id, transcript: "" } });
    for (const transcript of pieces(audio.transcript, chunkSize)) yield adds({ audio: { transcript } });
    for (const data of pieces(audio.data, chunkSize ?? DATA_PIECE_SIZE)) yield adds({ audio: { data } });
    yield adds({ audio: { expires_at: expiryOf(request) } });
  }
  for (const [at, call] of toolCalls.entries()) {
    const id = callId(request, call, index, at);
    yield adds({
      tool_calls: [{ index: at, id, type: "function", function: { name: call.name, arguments: "" } }],
    });
    for (const piece of pieces(argumentsText(call), chunkSize ?? DATA_PIECE_SIZE)) {
      yield adds({ tool_calls: [{ index: at, function: { arguments: piece } }] });
    }
  }
}

/** Choices are made at the same time: their deltas come in turns. */
function* inTurns<T>(sources: readonly Iterator<T>[]): Generator<T> {
  let open = sources;
  while (open.length > 0) {
    const still: Iterator<T>[] = [];
    for (const source of open) {
      const next = source.next();
      if (next.done) continue;
      yield next.value;
      still.push(source);
    }
    open = still;
  }
}

function messageOf(request: EmulatedRequest, content: EmulatedContent, index: number): LooseObject {
  const { thinking, text, refusal, audio, toolCalls = [] } = content;
  const { reasoningField = "reasoning_content" } = dialectOf(request.path);
  const isBare = toolCalls.length > 0 || refusal !== undefined || audio !== undefined;
  return {
    role: "assistant",
    content: text ?? (isBare ? null : ""),
    ...(thinking !== undefined && { [reasoningField]: thinking }),
    refusal: refusal ?? null,
    annotations: [],
    ...(audio !== undefined && { audio: { ...audio, expires_at: expiryOf(request) } }),
    ...(toolCalls.length > 0 && {
      tool_calls: toolCalls.map((call, at) => ({
        id: callId(request, call, index, at),
        type: "function",
        function: { name: call.name, arguments: argumentsText(call) },
      })),
    }),
  };
}

function logprobsOf(
  request: EmulatedRequest,
  { text = "", logprobs }: EmulatedContent,
  chunkSize?: number,
): LooseObject | null {
  const logprob = logprobWriter(asObject(request.body), logprobs);
  return logprob ? { content: Array.from(pieces(text, chunkSize), logprob), refusal: null } : null;
}

function finishReasonOf(
  { body }: EmulatedRequest,
  { finishReason, toolCalls = [] }: EmulatedContent,
): string {
  // A call that was forced by name ends with "stop" like any text.
  const isForced = asObject(asObject(body)["tool_choice"])["type"] === "function";
  return finishReason ?? (toolCalls.length > 0 && !isForced ? "tool_calls" : "stop");
}

function callId({ number }: EmulatedRequest, { id }: EmulatedToolCall, choice: number, at: number): string {
  return id ?? `call_emulated_${number}_${choice}_${at}`;
}

function expiryOf({ receivedAt }: EmulatedRequest): number {
  return Math.floor(receivedAt / 1000) + 3600;
}

/** Real chunks are padded to hide how long their text is; readers must ignore it. */
function padding(seed: number): () => string {
  const random = seededRandom(seed);
  return () =>
    Array.from({ length: 1 + Math.floor(random() * 10) }, () => Math.floor(random() * 36).toString(36)).join(
      "",
    );
}
