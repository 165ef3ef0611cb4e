import { DashScopeMultiAgentFormatter } from "../../formatter/dashscope-multi-agent-formatter.ts";
import { DASHSCOPE_REQUEST_ID, dashscopeChoice, dashscopeEvent } from "./dashscope-events.ts";
import { readDashScopeRequest } from "./dashscope-request.ts";
import { dashscopeShapes } from "./dashscope-shapes.ts";
import { callNumbers, joinedAnswer } from "./joined-answer.ts";
import type { AnswerPart, ErrorFixture, FixtureUsage, ToolPiece, WireFixtures } from "./wire-fixtures.ts";

type Fields = Readonly<Record<string, unknown>>;

/** How DashScope is asked. */
export interface DashScopeFixtureOptions {
  /** Which of its endpoints answers: the one for texts, or the one for parts of all kinds. @default "text" */
  readonly endpoint?: "text" | "multimodal";
  /** Whether every event holds what is new, or repeats all so far. @default "incremental" */
  readonly output?: "incremental" | "cumulative";
}

/** DashScope's own wire. Source: the vendor's SDKs and API pages, checked 2026-11. */
export function dashscopeFixtures({
  endpoint = "text",
  output = "incremental",
}: DashScopeFixtureOptions = {}): WireFixtures {
  const contentOf = endpoint === "text" ? (text: string) => text : partsOf;
  return {
    name: "dashscope",
    basePath: "/api/v1",
    framing: "sse",
    streamType: "text/event-stream;charset=UTF-8",
    stream: (parts) => stream(parts, new MessageWriter(contentOf, output === "cumulative")),
    whole: (parts) => whole(parts, contentOf),
    errorBody: ({ code, message }) => errorOf(code, message),
    errorEvent: ({ code, message }) => dashscopeEvent({ code, message }, "error", STATUSES[code] ?? 500),
    idleEvents: [
      ":keep-alive\n\n",
      dashscopeChoice({ role: "assistant", content: contentOf("") }),
      dashscopeEvent({ novelty: "ignore me" }, "novelty"),
    ],
    finishReasons: { stop: "stop", length: "length", tool_calls: "tool_calls" },
    contextOverflow: [
      error(400, "InvalidParameter", "Range of input length should be [1, 983616]"),
      streamed(error(400, "InvalidParameter", "Range of input length should be [1, 30720]")),
    ],
    quota: [
      error(400, "Arrearage", "Access denied, please make sure your account is in good standing."),
      error(429, "insufficient_quota", "You exceeded your current quota, please check your plan."),
      streamed(error(400, "Arrearage", "Access denied, please make sure your account is in good standing.")),
    ],
    modelNotFound: error(404, "ModelNotFound", "Model can not be found."),
    keyHeader: "authorization",
    requestIdHeader: "x-request-id",
    requestIdInBody: DASHSCOPE_REQUEST_ID,
    maxTokensField: "parameters.max_tokens",
    toolCallId: /^[\w-]{1,64}$/,
    media: { image: ["url", "data"], audio: ["url", "data"], video: ["url", "data"] },
    multiAgentFormatter: () => new DashScopeMultiAgentFormatter(),
    shapes: dashscopeShapes,
    skips: {
      C6: "the wire has no end mark: the body ends",
      C9: "the wire has no end mark: the body ends",
      C18: "the wire is server-sent events, not a JSON text a line",
      F2: "the wire has one field for reasoning",
      F3: "the wire has one field for reasoning",
      F4: "the wire has a field for reasoning, and no tags",
      F5: "the wire signs nothing",
      F6: "the wire hides nothing",
      F11: "the wire has a field for reasoning, and no tags",
      G3: "no server of this wire has another field for usage",
      H4: "a filtered answer is an error on this wire: DataInspectionFailed",
      H5: "the wire knows no pause",
      H6: "the wire has no reason for a failure: it sends an error event",
      M3: "the wire has no refusals",
      H8: "the wire has no refusals",
      H9: "a filtered answer is an error on this wire: DataInspectionFailed",
    },
    readRequest: ({ body }) => readDashScopeRequest(body),
  };
}

/** The status that an error event says in its comment. */
const STATUSES: Readonly<Record<string, number>> = { rate_limit_exceeded: 429, server_error: 500 };

function errorOf(code: string, message: string): string {
  return JSON.stringify({ code, message, request_id: DASHSCOPE_REQUEST_ID });
}

function error(status: number, code: string, message: string): ErrorFixture {
  return { status, body: errorOf(code, message) };
}

/** The same error as an answer to a request for a stream: an event, though the status tells it too. */
function streamed({ status, body }: ErrorFixture): ErrorFixture {
  const event = `id:1\nevent:error\n:HTTP_STATUS/${status}\ndata:${body}\n\n`;
  return { status, body: event, contentType: "text/event-stream;charset=UTF-8" };
}

/** Text of the endpoint for parts of all kinds; the last event has none. */
function partsOf(text: string): unknown {
  return text === "" ? [] : [{ text }];
}

/** An answer as events, usage in the one with the reason where it follows that. */
function stream(parts: readonly AnswerPart[], writer: MessageWriter): string[] {
  return parts.flatMap((part, at) => {
    const before = parts[at - 1];
    const next = parts[at + 1];
    if ("text" in part) return [dashscopeChoice(writer.text(part.text))];
    if ("thinking" in part) return [dashscopeChoice(writer.thinking(part.thinking))];
    if ("tool" in part) return [dashscopeChoice(writer.tool(part.tool))];
    if ("refusal" in part) throw new Error("The wire has no refusals.");
    if ("event" in part) return [part.event];
    if ("finish" in part) {
      const usage = next !== undefined && "usage" in next ? { usage: usageOf(next.usage) } : {};
      return [dashscopeChoice(writer.text(""), { finish: part.finish, ...usage })];
    }
    if (!("usage" in part) || (before !== undefined && "finish" in before)) return [];
    return [dashscopeChoice(writer.text(""), { usage: usageOf(part.usage) })];
  });
}

/** Writes messages that hold what is new, or all so far; reasoning is always what is new. */
class MessageWriter {
  private readonly contentOf: (text: string) => unknown;
  private readonly isCumulative: boolean;
  private readonly numberOf = callNumbers();
  private soFar = "";
  private readonly calls: ToolPiece[] = [];

  constructor(contentOf: (text: string) => unknown, isCumulative: boolean) {
    this.contentOf = contentOf;
    this.isCumulative = isCumulative;
  }

  text(text: string): Fields {
    return this.message(text);
  }

  thinking(thinking: string): Fields {
    return { ...this.message(""), reasoning_content: thinking };
  }

  tool(piece: ToolPiece): Fields {
    if (!this.isCumulative) return { ...this.message(""), tool_calls: [callOf(piece)] };
    const number = this.numberOf(piece);
    const before = this.calls[number];
    const written = (before?.arguments ?? "") + (piece.arguments ?? "");
    this.calls[number] = { ...piece, ...before, arguments: written };
    return this.message("");
  }

  private message(text: string): Fields {
    this.soFar += text;
    const calls = this.calls.map(callOf);
    return {
      role: "assistant",
      content: this.contentOf(this.isCumulative ? this.soFar : text),
      ...(calls.length > 0 && { tool_calls: calls }),
    };
  }
}

function callOf({ index, id, name, arguments: text }: ToolPiece): Fields {
  return {
    ...(index !== undefined && { index }),
    // Where a call goes on, the id is there and empty.
    id: id ?? "",
    type: "function",
    function: { ...(name !== undefined && { name }), ...(text !== undefined && { arguments: text }) },
  };
}

function whole(parts: readonly AnswerPart[], contentOf: (text: string) => unknown): string {
  const { blocks, refusal, finish = "stop", usage } = joinedAnswer(parts);
  if (refusal !== undefined) throw new Error("The wire has no refusals.");
  const textOf = (type: "text" | "thinking"): string =>
    blocks.map((block) => (block.type === type ? block.text : "")).join("");
  const calls = blocks.filter((block) => block.type === "tool");
  const thinking = textOf("thinking");
  const message = {
    role: "assistant",
    content: contentOf(textOf("text")),
    ...(thinking !== "" && { reasoning_content: thinking }),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ id = "", name, arguments: text }, index) =>
        callOf({ index, id, name, arguments: text }),
      ),
    }),
  };
  return JSON.stringify({
    output: { choices: [{ message, finish_reason: finish }] },
    ...(usage && { usage: usageOf(usage) }),
    request_id: DASHSCOPE_REQUEST_ID,
  });
}

function usageOf({ input, output, cacheRead, cacheWrite, reasoning }: FixtureUsage): Fields {
  return {
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    ...(cacheRead !== undefined && {
      prompt_tokens_details: {
        cached_tokens: cacheRead,
        ...(cacheWrite !== undefined && { cache_creation_input_tokens: cacheWrite }),
      },
    }),
    ...(reasoning !== undefined && { output_tokens_details: { reasoning_tokens: reasoning } }),
  };
}
