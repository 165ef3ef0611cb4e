import type {
  AnswerPart,
  RecordedMessage,
  RecordedRequest,
  StreamShape,
  WireFixtures,
} from "rxscope/testing";
import { ParleyMultiAgentFormatter, type ParleyTurn } from "./parley-formatter.ts";

const BYE = line({ bye: true });

/** What Parley sends, for the conformance kit: how it writes an answer, an error, and what is only on this wire. */
export const parleyFixtures: WireFixtures = {
  name: "parley",
  basePath: "",
  framing: "ndjson",
  streamType: "application/x-ndjson",
  stream: (parts) => parts.map(lineOf),
  whole: (parts) => JSON.stringify({ lines: parts.map((part) => JSON.parse(lineOf(part)) as unknown) }),
  errorBody: ({ code, message }) => JSON.stringify({ error: { code, message } }),
  errorEvent: ({ code, message }) => line({ error: { code, message } }),
  endMark: BYE,
  idleEvents: ["\n", line({}), line({ weather: "fine" })],
  finishReasons: { stop: "done", length: "full", tool_calls: "calls", content_filter: "hushed" },
  contextOverflow: [{ status: 400, body: JSON.stringify({ error: { code: "context_length_exceeded" } }) }],
  quota: [{ status: 402, body: JSON.stringify({ error: { message: "Your purse is empty." } }) }],
  modelNotFound: { status: 404, body: JSON.stringify({ error: { message: "Nobody of that name." } }) },
  keyHeader: "x-parley-key",
  requestIdHeader: "x-request-id",
  maxTokensField: "most",
  toolCallId: /^[a-z0-9]{1,12}$/i,
  // Of media it must be said that they are not carried.
  media: {},
  multiAgentFormatter: () => new ParleyMultiAgentFormatter(),
  shapes: {
    C14: [
      ended("unknown fields and lines", [
        line({ say: "Hi", mood: 1 }),
        line({ novelty: [] }),
        line({ say: "." }),
      ]),
    ],
    C15: [
      ended("lines without content", [
        line({ say: null, call: null }),
        line({ say: "Hi" }),
        line({ say: "." }),
      ]),
    ],
    C18: [
      {
        ...ended("the last line without a line end", [line({ say: "Hi." })]),
        events: [line({ say: "Hi." }), line({ over: "done" }), BYE.trimEnd()],
      },
    ],
    F1: [
      {
        title: "a thought before the words",
        events: [
          line({ think: "Hm" }),
          line({ think: "." }),
          line({ say: "Hi." }),
          line({ over: "done" }),
          BYE,
        ],
        expect: { content: [{ thinking: "Hm." }, { text: "Hi." }], finishReason: "stop" },
      },
    ],
    G1: [usage("before the end", [{ in: 7, out: 5 }])],
    G4: [
      usage("again and again", [
        { in: 7, out: 0 },
        { in: 7, out: 2 },
        { in: 7, out: 5 },
      ]),
    ],
  },
  skips: {
    E11: "the wire carries text only: a picture in a result is a mistake told before anything is sent",
    F2: "the wire has one field for reasoning",
    F3: "the wire has one field for reasoning",
    F4: "the wire has a field for reasoning, and no tags",
    F5: "the wire signs nothing",
    F6: "the wire hides nothing",
    F7: "the wire takes no reasoning back",
    F11: "the wire has a field for reasoning, and no tags",
    G2: "usage has a line of its own",
    G3: "usage has one field",
    G5: "the wire does not tell what was cached",
    G6: "the wire does not tell how much was reasoning",
    H5: "the wire knows no pause",
    H6: "the wire has no reason for a failure: it sends an error line",
    H8: "the wire has no refusals",
    N4: "the wire carries text only, whatever the model reads",
    O3: "the wire carries text only: there are no pictures to count",
  },
  readRequest: ({ body }) => readRequest(body as Readonly<Record<string, unknown>>),
};

function line(fields: object): string {
  return `${JSON.stringify(fields)}\n`;
}

/** A piece of an answer as its line. */
function lineOf(part: AnswerPart): string {
  if ("text" in part) return line({ say: part.text });
  if ("thinking" in part) return line({ think: part.thinking });
  if ("finish" in part) return line({ over: part.finish });
  if ("usage" in part) return line({ spent: { in: part.usage.input, out: part.usage.output } });
  if ("end" in part) return BYE;
  if ("event" in part) return part.event;
  if ("refusal" in part) throw new Error("The wire has no refusals.");
  const { index: n, id: ref, name: tool, arguments: input } = part.tool;
  return line({ call: { n, ref, tool, with: input } });
}

/** A shape that says `Hi.` and ends. */
function ended(title: string, lines: readonly string[]): StreamShape {
  return {
    title,
    events: [...lines, line({ over: "done" }), BYE],
    expect: { content: [{ text: "Hi." }], finishReason: "stop" },
  };
}

/** A shape whose usage is told in these lines, between the words. */
function usage(title: string, spent: readonly object[]): StreamShape {
  return {
    title,
    events: [
      line({ say: "Hi." }),
      ...spent.map((each) => line({ spent: each })),
      line({ over: "done" }),
      BYE,
    ],
    expect: {
      content: [{ text: "Hi." }],
      finishReason: "stop",
      usage: { inputTokens: 7, outputTokens: 5, totalTokens: 12 },
    },
  };
}

/** What a request asked for, in the terms of the kit. */
function readRequest({
  model,
  talk,
  tools,
  choose,
  heat,
  most,
  until,
}: Readonly<Record<string, unknown>>): RecordedRequest {
  const options = { temperature: heat, maxTokens: most, stop: until };
  return {
    model: model as string,
    messages: (talk as readonly ParleyTurn[]).map(readTurn),
    tools: (tools as readonly { tool: string; schema: unknown }[] | undefined)?.map(({ tool, schema }) => ({
      name: tool,
      parameters: schema,
    })),
    toolChoice:
      typeof choose === "object" ? { name: (choose as { tool: string }).tool } : (choose as undefined),
    options: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  };
}

function readTurn({ who, say, calls = [], ref }: ParleyTurn): RecordedMessage {
  return {
    role: who,
    text: who === "tool" ? "" : say,
    toolCalls: calls.map((call) => ({ id: call.ref, name: call.tool, input: call.with })),
    toolResults: who === "tool" ? [{ id: ref ?? "", text: say }] : [],
    media: [],
  };
}
