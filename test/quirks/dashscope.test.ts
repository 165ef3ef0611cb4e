// DashScope's behaviours, in both of its modes. Q numbers are the catalogue's.
import { expect, test } from "vitest";
import {
  AssistantMessage,
  type ChatResponse,
  DashScopeCredential,
  type DashScopeMode,
  type GenerateOptions,
  type MessageInput,
  ModelError,
  type ToolInput,
} from "../../src/index.ts";
import { framed, output, SSE_HEAD, textStream } from "../model/dashscope-server.ts";
import { textStream as openaiStream } from "../model/openai-server.ts";
import { type SeenRequest, serve } from "../transport/loopback.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

const PATHS = { native: "/api/v1", compatible: "/compatible-mode/v1" } as const;

const MODES: readonly DashScopeMode[] = ["native", "compatible"];

const TOOL: ToolInput = { name: "get_time" };

interface Question {
  readonly mode: DashScopeMode;
  readonly model?: string;
  readonly messages?: readonly MessageInput[];
  readonly tools?: readonly ToolInput[];
  readonly options?: GenerateOptions;
  /** The bytes of the answer. @default a word, as the mode frames it */
  readonly answer?: string;
}

interface Outcome {
  readonly reply: ChatResponse;
  readonly seen: SeenRequest;
  /** What was asked for beside the messages, wherever the mode has it. */
  readonly asked: Readonly<Record<string, unknown>>;
  readonly messages: readonly Readonly<Record<string, unknown>>[];
  readonly warned: readonly string[];
}

async function ask({
  mode,
  model = "qwen-plus",
  messages = ["Hi"],
  tools = [],
  options = {},
  answer = mode === "native" ? textStream("Hello") : openaiStream("Hello"),
}: Question): Promise<Outcome> {
  const server = await serve((response) => void response.writeHead(200, SSE_HEAD).end(answer));
  const account = new DashScopeCredential({
    apiKey: "sk-quirks-0123456789",
    baseUrl: server.url + PATHS[mode],
    mode,
    options: { retry: false },
  });
  const reply = await account.createChatModel(model).call(messages, tools, options);
  const seen = server.requests[0] as SeenRequest;
  const body = JSON.parse(seen.body) as Record<string, unknown>;
  const { messages: compatible, ...fields } = body;
  return {
    reply,
    seen,
    asked: mode === "native" ? (body["parameters"] as Record<string, unknown>) : fields,
    messages: (mode === "native" ? (body["input"] as { messages: [] }).messages : compatible) as [],
    warned: reply.warnings.map(({ option }) => option),
  };
}

async function failing(question: Question): Promise<ModelError> {
  const error: unknown = await ask(question).catch((reason: unknown) => reason);
  if (!ModelError.isInstance(error)) throw new Error("There is no error.");
  return error;
}

test("Q61 an empty id on later pieces of a call is no id; a filler without a reason ends nothing", async () => {
  const delta = (fields: object, reason?: string): string =>
    `data: ${JSON.stringify({ choices: [{ delta: fields, index: 0, ...(reason !== undefined && { finish_reason: reason }) }] })}\n\n`;
  const piece = (id: string, text: string, name?: string): object => ({
    content: null,
    tool_calls: [
      { index: 0, id, type: "function", function: { ...(name !== undefined && { name }), arguments: text } },
    ],
  });
  const compatible = [
    delta(piece("call_eee1", "", "weather")),
    delta(piece("", '{"location": "San Francisco')),
    delta(piece("", '"}')),
    delta({ tool_calls: [{ function: { arguments: "" }, index: 0, id: "", type: "function" }] }),
    delta({}, "tool_calls"),
    'data: {"choices":[],"usage":{"prompt_tokens":295,"completion_tokens":22,"total_tokens":317}}\n\ndata: [DONE]\n\n',
  ].join("");
  const native =
    framed(output(piece("call_eee1", "", "weather"))) +
    framed(output(piece("", '{"location": "San Francisco"}'))) +
    framed(output({ content: "" }, "tool_calls"));
  for (const [mode, answer] of [
    ["compatible", compatible],
    ["native", native],
  ] as const) {
    const { reply } = await ask({ mode, answer });
    expect(reply.toolCalls).toMatchObject([
      { id: "call_eee1", name: "weather", input: { location: "San Francisco" } },
    ]);
    expect(reply.finishReason).toBe("tool_calls");
  }
});

test.each(MODES)("Q78 parallel calls are asked for with tools only (%s)", async (mode) => {
  const options = { parallelToolCalls: true };
  expect((await ask({ mode, options })).asked).not.toHaveProperty("parallel_tool_calls");
  expect((await ask({ mode, options, tools: [TOOL] })).asked).toMatchObject({ parallel_tool_calls: true });
});

test.each(MODES)(
  "Q87 thinking is on, off, or left to the model; a budget switches it on (%s)",
  async (mode) => {
    const thinking = async (value: GenerateOptions["thinking"]): Promise<unknown[]> => {
      const { asked } = await ask({ mode, options: { thinking: value ?? null } });
      return [asked["enable_thinking"], asked["thinking_budget"]];
    };
    expect(await thinking(null)).toEqual([undefined, undefined]);
    expect(await thinking({ enabled: true })).toEqual([true, undefined]);
    expect(await thinking({ enabled: false })).toEqual([false, undefined]);
    expect(await thinking({ budgetTokens: 50 })).toEqual([true, 50]);
  },
);

test.each(MODES)(
  "Q88 a model that refuses whole answers is streamed, and its answer put together (%s)",
  async (mode) => {
    const isStreamed = ({ seen, asked }: Outcome): boolean =>
      mode === "native" ? seen.headers["x-dashscope-sse"] === "enable" : asked["stream"] === true;
    for (const model of ["qwq-plus", "qwen3-8b", "qwen3-omni-flash"]) {
      const outcome = await ask({ mode, model, options: { stream: false } });
      expect([model, isStreamed(outcome), outcome.warned]).toEqual([model, true, ["stream"]]);
      expect(outcome.reply).toMatchObject({ text: "Hello", isLast: true });
    }
    const thinking = { enabled: true };
    expect(isStreamed(await ask({ mode, options: { stream: false, thinking } }))).toBe(true);
  },
);

test("Q91 reasoning of an earlier turn goes back in its own field and never as words", async () => {
  for (const mode of MODES) {
    const said = new AssistantMessage([{ type: "thinking", thinking: "hm" }, "yes"], {
      provider: "dashscope",
      model: "qwen-plus",
    });
    const { messages } = await ask({ mode, messages: ["Hi", said, "And?"] });
    expect(messages[1]).toEqual({ role: "assistant", content: "yes", reasoning_content: "hm" });
  }
});

test.each(MODES)(
  "Q114 cached tokens are part of the input, reasoning is part of the output (%s)",
  async (mode) => {
    const details = {
      prompt_tokens_details: { cached_tokens: 20, cache_creation_input_tokens: 5, cache_type: "ephemeral" },
    };
    const native = framed(
      output({ content: "Hello" }, "stop", {
        input_tokens: 26,
        output_tokens: 9,
        total_tokens: 35,
        output_tokens_details: { reasoning_tokens: 7 },
        ...details,
      }),
    );
    const usage = {
      prompt_tokens: 26,
      completion_tokens: 9,
      total_tokens: 35,
      completion_tokens_details: { reasoning_tokens: 7 },
      ...details,
    };
    const compatible = openaiStream("Hello").replace(
      "data: [DONE]",
      `data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]`,
    );
    const { reply } = await ask({ mode, answer: mode === "native" ? native : compatible });
    expect(reply.usage).toMatchObject({
      inputTokens: 26,
      outputTokens: 9,
      totalTokens: 35,
      cacheReadTokens: 20,
      cacheWriteTokens: 5,
      reasoningTokens: 7,
      raw: details,
    });
  },
);

test.each(MODES)(
  "Q161 a frequency penalty is a warning, topK is sent, JSON is asked for as JSON (%s)",
  async (mode) => {
    const { asked, warned } = await ask({
      mode,
      messages: ["Answer in JSON."],
      options: { frequencyPenalty: 1, topK: 3, responseFormat: { type: "json" } },
    });
    expect(asked).not.toHaveProperty("frequency_penalty");
    expect(asked).toMatchObject({ top_k: 3, response_format: { type: "json_object" } });
    expect(warned).toEqual(["frequencyPenalty"]);
  },
);

test.each(MODES)(
  "Q162 an error inside the stream is an error with its kind, and carries the text (%s)",
  async (mode) => {
    const message = "Output data may contain inappropriate content.";
    const answer =
      mode === "native"
        ? framed(output({ content: "Hel" })) +
          framed({ code: "DataInspectionFailed", message, request_id: "r-1" }, 2, "error", 400)
        : `data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\ndata: ${JSON.stringify({
            error: { code: "data_inspection_failed", param: null, message, type: "data_inspection_failed" },
            request_id: "r-1",
          })}\n\n`;
    const error = await failing({ mode, answer });
    expect(error).toMatchObject({ kind: "content_filter", requestId: "r-1", retryable: false });
    expect(error.message).toContain("inappropriate content");
    expect(error.partial?.content).toMatchObject([{ text: "Hel" }]);
  },
);

test("a refused stream of the compatible mode may say why as an event", async () => {
  const body = {
    error: {
      code: "invalid_parameter_error",
      param: null,
      message: "parameter.enable_thinking must be set to false for non-streaming calls",
      type: "invalid_request_error",
    },
    id: "chatcmpl-1",
  };
  const server = await serve(
    (response) => void response.writeHead(400, SSE_HEAD).end(`data: ${JSON.stringify(body)}\n\n`),
  );
  const account = new DashScopeCredential({ apiKey: "sk-quirks-0123456789", baseUrl: server.url });
  const error: unknown = await account
    .createChatModel("qwen-plus")
    .call("Hi")
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ kind: "invalid_request", code: "invalid_parameter_error", status: 400 });
  expect((error as ModelError).message).toContain("enable_thinking must be set to false");
});

test.each(MODES)("a tool that is named is forced unless the model thinks (%s)", async (mode) => {
  const named = { mode, tools: [TOOL], options: { toolChoice: { name: "get_time" } } } as const;
  const forced = { type: "function", function: { name: "get_time" } };
  const plain = await ask(named);
  expect([plain.asked["tool_choice"], plain.warned]).toEqual([forced, []]);
  const thinking = await ask({ ...named, options: { ...named.options, thinking: { enabled: true } } });
  expect([thinking.asked["tool_choice"], thinking.warned]).toEqual(["auto", ["toolChoice"]]);
  const any = await ask({ ...named, options: { toolChoice: "required" } });
  expect([any.asked["tool_choice"], any.warned]).toEqual(["auto", ["toolChoice"]]);
});
