import { anthropicUsage } from "./anthropic-usage.ts";
import type { EmulatedAnswer, EmulatedToolCall } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import { asList, asObject, type LooseObject } from "./loose-json.ts";
import { argumentsText } from "./openai-chat-content.ts";
import { signatureOf } from "./signature.ts";
import { pieces } from "./text-pieces.ts";

/** A content block, in both of its forms. */
interface Block {
  readonly whole: LooseObject;
  /** As it begins in a stream. */
  readonly start: LooseObject;
  /** What is added to that. */
  readonly deltas: () => Iterable<LooseObject>;
}

/** Pieces of arguments, in characters, where the answer does not say. */
const ARGUMENTS_PIECE_SIZE = 8;

/** Keeps a stream alive, and stands once near its beginning anyway. */
export const PING = 'event: ping\ndata: {"type": "ping"}\n\n';

/** The answer as a stream of events, from `message_start` to `message_stop`. */
export function* anthropicEvents(request: EmulatedRequest, answer: EmulatedAnswer): Generator<string> {
  const blocks = blocksOf(request, answer);
  const usage = anthropicUsage(request, answer);
  const hasUsage = answer.usage !== null;
  // How much will be said is not known yet.
  const early = { ...usage, output_tokens: 1, output_tokens_details: undefined, service_tier: "standard" };
  const start = { ...envelopeOf(request), content: [], stop_reason: null, stop_sequence: null };
  yield sse({ type: "message_start", message: { ...start, ...(hasUsage && { usage: early }) } });
  if (blocks.length === 0) yield PING;
  for (const [index, { start: content_block, deltas }] of blocks.entries()) {
    yield sse({ type: "content_block_start", index, content_block });
    if (index === 0) yield PING;
    for (const delta of deltas()) yield sse({ type: "content_block_delta", index, delta });
    yield sse({ type: "content_block_stop", index });
  }
  if (answer.errorEvent !== undefined) {
    yield `event: error\ndata: ${JSON.stringify(answer.errorEvent)}\n\n`;
    return;
  }
  yield sse({ type: "message_delta", delta: endingOf(request, answer), ...(hasUsage && { usage }) });
  if (!answer.omitDone) yield sse({ type: "message_stop" });
}

/** The answer as one `message`. */
export function anthropicMessage(request: EmulatedRequest, answer: EmulatedAnswer): LooseObject {
  return {
    ...envelopeOf(request),
    content: blocksOf(request, answer).map(({ whole }) => whole),
    ...endingOf(request, answer),
    ...(answer.usage !== null && { usage: { ...anthropicUsage(request, answer), service_tier: "standard" } }),
  };
}

function sse(event: { readonly type: string } & LooseObject): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function envelopeOf({ number, model }: EmulatedRequest): LooseObject {
  return { id: `msg_emulated_${number}`, type: "message", role: "assistant", model };
}

function blocksOf(request: EmulatedRequest, answer: EmulatedAnswer): readonly Block[] {
  const { thinking, redactedThinking, text, toolCalls = [], chunkSize } = answer;
  return [
    ...(thinking === undefined ? [] : [thinkingBlock(request, thinking, chunkSize)]),
    ...(redactedThinking === undefined ? [] : [unstreamed("redacted_thinking", { data: redactedThinking })]),
    ...(text === undefined ? [] : [textBlock(text, chunkSize)]),
    ...toolCalls.map((call, at) =>
      toolBlock(call, call.id ?? `toolu_emulated_${request.number}_${at}`, chunkSize),
    ),
  ];
}

function unstreamed(type: string, fields: LooseObject): Block {
  return { whole: { type, ...fields }, start: { type, ...fields }, deltas: () => [] };
}

function thinkingBlock({ body }: EmulatedRequest, thought: string, chunkSize?: number): Block {
  // A client may not want to see it; it is signed all the same.
  const isShown = asObject(asObject(body)["thinking"])["display"] !== "omitted";
  const thinking = isShown ? thought : "";
  const signature = signatureOf(thinking);
  return {
    whole: { type: "thinking", thinking, signature },
    start: { type: "thinking", thinking: "", signature: "" },
    *deltas() {
      for (const piece of pieces(thinking, chunkSize)) yield { type: "thinking_delta", thinking: piece };
      yield { type: "signature_delta", signature };
    },
  };
}

function textBlock(text: string, chunkSize?: number): Block {
  return {
    whole: { type: "text", text },
    start: { type: "text", text: "" },
    *deltas() {
      for (const piece of pieces(text, chunkSize)) yield { type: "text_delta", text: piece };
    },
  };
}

function toolBlock(call: EmulatedToolCall, id: string, chunkSize = ARGUMENTS_PIECE_SIZE): Block {
  const { name, arguments: input } = call;
  const start = { type: "tool_use", id, name, input: {} };
  return {
    // Only a stream can carry arguments that are no JSON.
    get whole() {
      return { ...start, input: typeof input === "string" ? (JSON.parse(input || "{}") as unknown) : input };
    },
    start,
    *deltas() {
      yield partial("");
      const text = argumentsText(call);
      // A tool without arguments gets nothing but that.
      if (text !== "{}") for (const piece of pieces(text, chunkSize)) yield partial(piece);
    },
  };
}

function partial(json: string): LooseObject {
  return { type: "input_json_delta", partial_json: json };
}

function endingOf({ body }: EmulatedRequest, answer: EmulatedAnswer): LooseObject {
  const { finishReason, refusal, toolCalls = [] } = answer;
  const implied = refusal === undefined ? (toolCalls.length > 0 ? "tool_use" : "end_turn") : "refusal";
  const reason = finishReason ?? implied;
  const [stop = null] = asList(asObject(body)["stop_sequences"]);
  return {
    stop_reason: reason,
    stop_sequence: reason === "stop_sequence" ? stop : null,
    ...(refusal !== undefined && {
      stop_details: { type: "refusal", category: null, explanation: refusal },
    }),
  };
}
