import type { EmulatedAnswer, EmulatedContent, EmulatedToolCall } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import { asObject, type LooseObject } from "./loose-json.ts";
import { logprobWriter } from "./openai-chat-logprobs.ts";
import { pieces } from "./text-pieces.ts";
import { tokensOf } from "./token-counts.ts";

/** How long a token takes, in nanoseconds: of the prompt, and of the answer. */
const PROMPT_TOKEN_NS = 200_000;
const ANSWER_TOKEN_NS = 3_000_000;
const LOAD_NS = 100_000_000;

/** The answer as lines of JSON, one an event. */
export function* ollamaChatLines(request: EmulatedRequest, answer: EmulatedAnswer): Generator<string> {
  const content = answer.choices?.[0] ?? answer;
  const logprob = logprobWriter(asObject(request.body), content.logprobs);
  const part = (message: LooseObject, more: LooseObject = {}): string =>
    line({
      ...envelopeOf(request),
      message: { role: "assistant", content: "", ...message },
      ...more,
      done: false,
    });

  for (const piece of pieces(content.thinking ?? "", answer.chunkSize)) yield part({ thinking: piece });
  for (const piece of pieces(textOf(content), answer.chunkSize)) {
    yield part({ content: piece }, logprob && { logprobs: [logprob(piece)] });
  }
  // A call comes whole, in a line of its own.
  for (const call of toolCallsOf(request, content)) yield part({ tool_calls: [call] });
  if (answer.errorEvent !== undefined) yield line(answer.errorEvent);
  else if (!answer.omitDone) {
    yield line({
      ...envelopeOf(request),
      message: { role: "assistant", content: "" },
      ...endOf(request, answer),
    });
  }
}

/** The answer in one piece. */
export function ollamaChat(request: EmulatedRequest, answer: EmulatedAnswer): LooseObject {
  const content = answer.choices?.[0] ?? answer;
  const logprob = logprobWriter(asObject(request.body), content.logprobs);
  const calls = toolCallsOf(request, content);
  const text = textOf(content);
  return {
    ...envelopeOf(request),
    message: {
      role: "assistant",
      content: text,
      ...(content.thinking !== undefined && { thinking: content.thinking }),
      ...(calls.length > 0 && { tool_calls: calls }),
    },
    ...(logprob && { logprobs: Array.from(pieces(text, answer.chunkSize), logprob) }),
    ...endOf(request, answer),
  };
}

/** What an answer without any messages to answer is: the model is loaded, or unloaded. */
export function ollamaLoad(request: EmulatedRequest): EmulatedAnswer {
  const doneReason = asObject(request.body)["keep_alive"] === 0 ? "unload" : "load";
  const message = { role: "assistant", content: "" };
  return { body: { ...envelopeOf(request), message, done: true, done_reason: doneReason } };
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function envelopeOf({ model, receivedAt }: EmulatedRequest): LooseObject {
  return { model, created_at: new Date(receivedAt).toISOString() };
}

/** There is no field for a refusal: the model simply says it. */
function textOf({ text = "", refusal = "" }: EmulatedContent): string {
  return text + refusal;
}

function toolCallsOf({ number }: EmulatedRequest, { toolCalls = [] }: EmulatedContent): LooseObject[] {
  return toolCalls.map((call, index) => ({
    id: call.id ?? `call_${number}_${index}`,
    function: { index, name: call.name, arguments: argumentsOf(call) },
  }));
}

/** Arguments are an object here; text that is none is sent as it stands. */
function argumentsOf({ arguments: input }: EmulatedToolCall): unknown {
  if (typeof input !== "string") return input;
  try {
    return JSON.parse(input) as unknown;
  } catch {
    return input;
  }
}

function endOf(request: EmulatedRequest, answer: EmulatedAnswer): LooseObject {
  const content = answer.choices?.[0] ?? answer;
  const { messages, tools } = asObject(request.body);
  const { input, output } = tokensOf(answer.usage, { messages, tools, contents: [content] });
  const promptNs = input * PROMPT_TOKEN_NS;
  const answerNs = output * ANSWER_TOKEN_NS;
  return {
    done: true,
    // Calls are no reason of their own.
    done_reason: content.finishReason ?? "stop",
    total_duration: LOAD_NS + promptNs + answerNs,
    load_duration: LOAD_NS,
    ...(answer.usage !== null && {
      prompt_eval_count: input,
      prompt_eval_duration: promptNs,
      eval_count: output,
      eval_duration: answerNs,
    }),
  };
}
