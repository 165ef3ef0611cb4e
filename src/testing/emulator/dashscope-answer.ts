import { type DashScopeRequest, readDashScopeRequest } from "./dashscope-request.ts";
import { dashscopeEvent } from "./dashscope-error.ts";
import type { EmulatedAnswer, EmulatedContent, EmulatedToolCall } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import { asObject, type LooseObject } from "./loose-json.ts";
import { argumentsText } from "./openai-chat-content.ts";
import { logprobWriter } from "./openai-chat-logprobs.ts";
import { pieces } from "./text-pieces.ts";
import { tokensOf } from "./token-counts.ts";

/** Pieces of arguments, in characters, where the answer does not say. */
const DATA_PIECE_SIZE = 8;

/** Of an event that says that the answer goes on: a word, and no `null`. */
const RUNNING = "null";

/** What one event adds. */
interface Step {
  readonly text?: string;
  readonly thinking?: string;
  readonly call?: {
    readonly at: number;
    readonly id: string;
    readonly name?: string;
    readonly piece: string;
  };
}

/** The answer as events; each holds what is new, or all so far. */
export function* dashscopeEvents(request: EmulatedRequest, answer: EmulatedAnswer): Generator<string> {
  const asked = readDashScopeRequest(request, request.model);
  const content = answer.choices?.[0] ?? answer;
  const frame = framer(request, asked, answer);
  const logprob = logprobWriter(asked.parameters, content.logprobs);
  let id = 0;
  const event = (message: LooseObject, finish: string, logprobs?: LooseObject): string => {
    id += 1;
    return dashscopeEvent(id, "result", 200, frame({ message, finish, logprobs, number: id }));
  };
  const soFar: { text: string; calls: LooseObject[] } = { text: "", calls: [] };
  for (const step of stepsOf(request, answer, content)) {
    const tokens = step.text === undefined ? undefined : logprob?.(step.text);
    yield event(
      asked.isIncremental ? increment(step, asked) : total(step, asked, soFar),
      RUNNING,
      tokens && { content: [tokens] },
    );
  }
  if (answer.errorEvent !== undefined) {
    yield dashscopeEvent(id + 1, "error", 500, answer.errorEvent);
  } else if (!answer.omitDone) {
    const last = asked.isIncremental ? increment({}, asked) : total({}, asked, soFar);
    yield event(last, finishReasonOf(content));
  }
}

/** The answer in one piece. */
export function dashscopeWhole(request: EmulatedRequest, answer: EmulatedAnswer): LooseObject {
  const asked = readDashScopeRequest(request, request.model);
  const content = answer.choices?.[0] ?? answer;
  const logprob = logprobWriter(asked.parameters, content.logprobs);
  const text = textOf(content);
  const message = {
    role: "assistant",
    content: contentOf(text, asked),
    ...(content.thinking !== undefined && { reasoning_content: content.thinking }),
    ...((content.toolCalls?.length ?? 0) > 0 && {
      tool_calls: content.toolCalls?.map((call, index) => ({
        index,
        id: callId(request, call, index),
        type: "function",
        function: { name: call.name, arguments: argumentsText(call) },
      })),
    }),
  };
  const logprobs = logprob && { content: Array.from(pieces(text, answer.chunkSize), logprob) };
  return framer(request, asked, answer)({ message, finish: finishReasonOf(content), logprobs, number: 1 });
}

/** What differs from event to event. */
interface Frame {
  readonly message: LooseObject;
  readonly finish: string;
  readonly logprobs?: LooseObject | undefined;
  /** Of the event, from 1. */
  readonly number: number;
}

/** Puts a message into what every event, and a whole answer, has around it. */
function framer(
  request: EmulatedRequest,
  asked: DashScopeRequest,
  answer: EmulatedAnswer,
): (frame: Frame) => LooseObject {
  const usageOf = answer.usage === null ? () => ({}) : usageWriter(asked, answer);
  return ({ message, finish, logprobs, number }) => {
    const search = number === 1 ? searchInfo(asked) : {};
    const output = asked.hasMessages
      ? { choices: [{ message, finish_reason: finish, ...(logprobs && { logprobs }) }], ...search }
      : { text: message["content"], finish_reason: finish, ...search };
    const made = finish === RUNNING ? number : Number.POSITIVE_INFINITY;
    return { output, ...usageOf(made), request_id: `emulated-${request.number}` };
  };
}

function* stepsOf(
  request: EmulatedRequest,
  { chunkSize }: EmulatedAnswer,
  content: EmulatedContent,
): Generator<Step> {
  for (const thinking of pieces(content.thinking ?? "", chunkSize)) yield { thinking };
  for (const text of pieces(textOf(content), chunkSize)) yield { text };
  for (const [at, call] of (content.toolCalls ?? []).entries()) {
    yield { call: { at, id: callId(request, call, at), name: call.name, piece: "" } };
    for (const piece of pieces(argumentsText(call), chunkSize ?? DATA_PIECE_SIZE)) {
      // Only the first piece of a call says whose it is; in the others the id is an empty text.
      yield { call: { at, id: "", piece } };
    }
  }
}

/** A message with what is new. */
function increment({ text = "", thinking, call }: Step, asked: DashScopeRequest): LooseObject {
  const reasoning = thinking ?? (asked.thinks ? "" : undefined);
  return {
    role: "assistant",
    content: contentOf(text, asked),
    ...(reasoning !== undefined && { reasoning_content: reasoning }),
    ...(call && {
      tool_calls: [
        {
          index: call.at,
          id: call.id,
          type: "function",
          function: { ...(call.name !== undefined && { name: call.name }), arguments: call.piece },
        },
      ],
    }),
  };
}

/** A message with everything so far; only reasoning comes piece by piece all the same. */
function total(
  { text = "", thinking, call }: Step,
  asked: DashScopeRequest,
  soFar: { text: string; calls: LooseObject[] },
): LooseObject {
  soFar.text += text;
  if (call?.name !== undefined) {
    const func = { name: call.name, arguments: "" };
    soFar.calls.push({ index: call.at, id: call.id, type: "function", function: func });
  } else if (call !== undefined) {
    const before = soFar.calls[call.at] ?? {};
    const { name, arguments: written } = asObject(before["function"]);
    soFar.calls[call.at] = { ...before, function: { name, arguments: `${String(written)}${call.piece}` } };
  }
  return {
    role: "assistant",
    content: contentOf(soFar.text, asked),
    ...(thinking !== undefined && { reasoning_content: thinking }),
    ...(soFar.calls.length > 0 && { tool_calls: [...soFar.calls] }),
  };
}

/** Text as the endpoint writes it: a string, or a list of parts, which is empty when there is none. */
function contentOf(text: string, { isMultimodal }: DashScopeRequest): unknown {
  if (!isMultimodal) return text;
  return text === "" ? [] : [{ text }];
}

/** There is no field for a refusal: the model simply says it. */
function textOf({ text = "", refusal = "" }: EmulatedContent): string {
  return text + refusal;
}

function finishReasonOf({ finishReason, toolCalls = [] }: EmulatedContent): string {
  return finishReason ?? (toolCalls.length > 0 ? "tool_calls" : "stop");
}

function callId({ number }: EmulatedRequest, { id }: EmulatedToolCall, at: number): string {
  return id ?? `call_emulated_${number}_${at}`;
}

/** What a search found, where the request asks for one and for its sources. */
function searchInfo({ parameters }: DashScopeRequest): LooseObject {
  const { enable_search: isOn, search_options: options } = parameters;
  if (isOn !== true || asObject(options)["enable_source"] !== true) return {};
  const result = {
    site_name: "Example",
    icon: "",
    index: 1,
    title: "An example",
    url: "https://example.com/",
  };
  return { search_info: { search_results: [result] } };
}

/** The usage so far, which every event tells: what was made is no more than what there is to make. */
function usageWriter(
  { messages, parameters }: DashScopeRequest,
  answer: EmulatedAnswer,
): (made: number) => LooseObject {
  const contents = [answer.choices?.[0] ?? answer];
  const tokens = tokensOf(answer.usage, { messages, tools: parameters["tools"], contents });
  return (made) => {
    const output = Math.min(made, tokens.output);
    const reasoning = Math.min(made, tokens.reasoning);
    return {
      usage: {
        input_tokens: tokens.input,
        output_tokens: output,
        total_tokens: tokens.input + output,
        prompt_tokens_details: { cached_tokens: tokens.cacheRead },
        ...(reasoning > 0 && { output_tokens_details: { reasoning_tokens: reasoning } }),
      },
    };
  };
}
