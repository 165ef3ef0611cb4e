import { OllamaMultiAgentFormatter } from "../../formatter/ollama-multi-agent-formatter.ts";
import { callNumbers, type JoinedBlock, joinedAnswer } from "./joined-answer.ts";
import { ollamaEnd, ollamaLine, ollamaPart } from "./ollama-events.ts";
import { readOllamaRequest } from "./ollama-request.ts";
import { ollamaShapes } from "./ollama-shapes.ts";
import type { AnswerPart, FixtureUsage, WireFixtures } from "./wire-fixtures.ts";

type Fields = Readonly<Record<string, unknown>>;
type Call = Extract<JoinedBlock, { readonly type: "tool" }>;

/** Ollama's own wire: a JSON text a line. Source: Ollama's server source and API notes, checked 2026-11. */
export function ollamaFixtures(): WireFixtures {
  return {
    name: "ollama",
    basePath: "",
    framing: "ndjson",
    streamType: "application/x-ndjson",
    stream,
    whole,
    // One text says everything: there are no codes.
    errorBody: ({ code, message }) => JSON.stringify({ error: `${code}: ${message}` }),
    errorEvent: ({ code, message }) => `${JSON.stringify({ error: `${code}: ${message}` })}\n`,
    endsInLastEvent: true,
    idleEvents: ["\n", ollamaPart({}), ollamaLine({ status: "loading model", done: false })],
    finishReasons: { stop: "stop", length: "length" },
    contextOverflow: [
      { status: 400, body: JSON.stringify({ error: "the input length exceeds the context length" }) },
    ],
    quota: [{ status: 402, body: JSON.stringify({ error: "upgrade your plan to use this model" }) }],
    modelNotFound: {
      status: 404,
      body: JSON.stringify({ error: 'model "qwen" not found, try pulling it first' }),
    },
    keyHeader: "authorization",
    // Ollama has none; what stands before it may.
    requestIdHeader: "x-request-id",
    maxTokensField: "options.num_predict",
    toolCallId: /^.+$/s,
    media: { image: ["data"] },
    multiAgentFormatter: () => new OllamaMultiAgentFormatter(),
    shapes: ollamaShapes,
    skips: {
      F2: "the wire has one field for reasoning",
      F3: "the wire has one field for reasoning",
      F5: "the wire signs nothing",
      F6: "the wire hides nothing",
      G2: "usage stands in the last line, and nowhere else",
      G3: "no server of this wire has another field for usage",
      G4: "usage is told once",
      G5: "the wire does not tell what was cached",
      G6: "the wire does not tell how much was reasoning",
      G9: "usage is told with the end, and not before",
      H4: "the wire knows no filter",
      H5: "the wire knows no pause",
      H6: "the wire has no reason for a failure: it sends an error line",
      M3: "the wire has no refusals",
      H8: "the wire has no refusals",
      H9: "the wire knows no filter",
      N2: "sounds stand where pictures do on this wire, and look like them",
    },
    readRequest: ({ body }) => readOllamaRequest(body),
  };
}

/** An answer as lines. A call is never cut on this wire: it comes whole where its first piece stands. */
function stream(parts: readonly AnswerPart[]): string[] {
  const { blocks, usage } = joinedAnswer(parts);
  const calls = blocks.filter((block) => block.type === "tool");
  const numberOf = callNumbers();
  let seen = 0;
  return parts.flatMap((part) => {
    if ("text" in part) return [ollamaPart({ content: part.text })];
    if ("thinking" in part) return [ollamaPart({ thinking: part.thinking })];
    if ("refusal" in part) throw new Error("The wire has no refusals.");
    if ("finish" in part) return [ollamaEnd(part.finish, usage && usageOf(usage))];
    if ("event" in part) return [part.event];
    if (!("tool" in part)) return [];
    const number = numberOf(part.tool);
    const call = calls[number];
    if (call === undefined || number < seen) return [];
    seen = number + 1;
    return [ollamaPart({ tool_calls: [callOf(call, part.tool.index)] })];
  });
}

function whole(parts: readonly AnswerPart[]): string {
  const { blocks, finish = "stop", usage } = joinedAnswer(parts);
  const textOf = (type: "text" | "thinking"): string =>
    blocks.map((block) => (block.type === type ? block.text : "")).join("");
  const calls = blocks.filter((block) => block.type === "tool");
  const thinking = textOf("thinking");
  const message = {
    role: "assistant",
    content: textOf("text"),
    ...(thinking !== "" && { thinking }),
    ...(calls.length > 0 && { tool_calls: calls.map((call, index) => callOf(call, index)) }),
  };
  return ollamaLine({ message, done: true, done_reason: finish, ...(usage && usageOf(usage)) }).trimEnd();
}

function callOf({ id, name, arguments: text }: Call, index: number | undefined): Fields {
  return {
    ...(id && { id }),
    function: { ...(index !== undefined && { index }), name, arguments: argumentsOf(text) },
  };
}

/** Arguments are an object. What is none could only come as text, from a server that imitates this one. */
function argumentsOf(text: string): unknown {
  if (text === "") return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function usageOf({ input, output }: FixtureUsage): Fields {
  return { prompt_eval_count: input, eval_count: output };
}
