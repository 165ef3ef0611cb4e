import type { BuiltinCredentialClass } from "../../src/credential/builtin-credentials.ts";
import {
  audio,
  type ContentBlockInput,
  file,
  type GenerateOptions,
  image,
  type MessageInput,
  ModelError,
  type ToolInput,
  video,
} from "../../src/index.ts";
import { serve } from "../transport/loopback.ts";

/** A request as it came to the server. */
type Body = Readonly<Record<string, unknown>> & {
  readonly messages: readonly Readonly<Record<string, unknown>>[];
};

/** What a user asks for, and the part of the request that says so. */
interface Setting {
  readonly options?: GenerateOptions;
  readonly tools?: readonly ToolInput[];
  /** @default "Answer in JSON." */
  readonly messages?: (provider: string, model: string) => readonly MessageInput[];
  readonly sent: (body: Body) => unknown;
}

/** What became of a setting: the part of the request, and the options that a warning names. */
export interface Outcome {
  readonly sent: unknown;
  readonly warned?: string;
}

const A = { name: "a", parameters: { type: "object", properties: {} } };
const B = { name: "b", parameters: { type: "object", properties: {} } };
const BYTES = new Uint8Array([1, 2, 3]);
const SCHEMA = {
  type: "object",
  properties: { city: { type: "string", minLength: 1 }, days: { type: "integer" } },
  required: ["city"],
};
const CALL = { type: "tool_use", id: "toolu_01:Abc/def", name: "a", input: {}, rawInput: "{}" } as const;

const fields =
  (...names: readonly string[]) =>
  (body: Body): unknown =>
    Object.fromEntries(names.filter((name) => name in body).map((name) => [name, body[name]]));

/** The choice, and the names of the tools that are offered. */
const choice = (body: Body): unknown => [
  body["tool_choice"],
  (body["tools"] as { function: { name: string } }[]).map((tool) => tool.function.name).join(),
];

const THINKING_FIELDS = [
  "reasoning_effort",
  "thinking",
  "enable_thinking",
  "thinking_budget",
  "reasoning",
  "chat_template_kwargs",
  "thinking_token_budget",
];

const shown = (block: ContentBlockInput): Setting => ({
  messages: () => [{ role: "user", content: [block] }],
  sent: ({ messages }) => (messages as [{ content: unknown[] }])[0].content[0],
});

/** Every setting that reaches the wire, by the name that the table has for it. */
export const SETTINGS: Readonly<Record<string, Setting>> = {
  maxTokens: { options: { maxTokens: 9 }, sent: fields("max_tokens", "max_completion_tokens") },
  sampling: { options: { temperature: 0.5, topP: 0.9 }, sent: fields("temperature", "top_p") },
  topK: { options: { topK: 40 }, sent: fields("top_k") },
  stop: { options: { stop: ["1", "2", "3", "4", "5"] }, sent: fields("stop") },
  seed: { options: { seed: 7 }, sent: fields("seed", "random_seed") },
  penalties: {
    options: { frequencyPenalty: 1, presencePenalty: 1 },
    sent: fields("frequency_penalty", "presence_penalty"),
  },
  logprobs: { options: { topLogprobs: 2 }, sent: fields("logprobs", "top_logprobs") },
  streamed: { sent: fields("stream", "stream_options") },
  parallelToolCalls: {
    tools: [A],
    options: { parallelToolCalls: false },
    sent: fields("parallel_tool_calls"),
  },
  "tool required": { tools: [A, B], options: { toolChoice: "required" }, sent: choice },
  "tool named": { tools: [A, B], options: { toolChoice: { name: "a" } }, sent: choice },
  "tool among some": { tools: [A, B], options: { toolChoice: { names: ["a"] } }, sent: choice },
  "tool required, not thinking": {
    tools: [A, B],
    options: { toolChoice: "required", thinking: { enabled: false } },
    sent: choice,
  },
  "thinking on": { options: { thinking: { enabled: true } }, sent: fields(...THINKING_FIELDS) },
  "thinking off": { options: { thinking: { enabled: false } }, sent: fields(...THINKING_FIELDS) },
  "thinking by level": { options: { thinking: { effort: "high" } }, sent: fields(...THINKING_FIELDS) },
  "thinking by budget": { options: { thinking: { budgetTokens: 2000 } }, sent: fields(...THINKING_FIELDS) },
  "JSON mode": { options: { responseFormat: { type: "json" } }, sent: fields("response_format") },
  "strict schema": {
    options: { responseFormat: { type: "json_schema", name: "trip", schema: SCHEMA, strict: true } },
    sent: fields("response_format"),
  },
  "schema beside tools": {
    tools: [A],
    options: { responseFormat: { type: "json_schema", schema: { type: "object", properties: {} } } },
    sent: ({ response_format }) => (response_format as { type?: string } | undefined)?.type ?? "none",
  },
  "strict tool": {
    tools: [{ name: "a", parameters: SCHEMA, strict: true }],
    sent: ({ tools }) => (tools as [{ function: object }])[0].function,
  },
  "instructions, by whom": {
    messages: () => [{ role: "system", content: "Be brief." }, "Hi"],
    sent: ({ messages }) => messages[0],
  },
  "name of the speaker": {
    messages: () => [{ role: "user", name: "Ann", content: "Hi" }],
    sent: ({ messages }) => messages[0],
  },
  "call of another provider": {
    messages: () => [
      "Hi",
      { role: "assistant", content: [CALL] },
      { role: "tool", content: [{ type: "tool_result", id: CALL.id, name: "a", output: "1" }] },
    ],
    tools: [A],
    sent: ({ messages }) => {
      const [, assistant, result] = messages as [object, Record<string, unknown>, { tool_call_id: string }];
      const { tool_calls, ...rest } = assistant;
      return [rest, (tool_calls as [{ id: string }])[0].id === result.tool_call_id, result.tool_call_id];
    },
  },
  "own reasoning": {
    messages: (provider, model) => [
      "Hi",
      {
        role: "assistant",
        content: [
          {
            type: "thinking",
            thinking: "Hm.",
            providerMetadata: {
              [provider]: { reasoningDetails: [{ type: "reasoning.text", text: "Hm.", index: 0 }] },
            },
          },
          CALL,
        ],
        metadata: { provider, model },
      },
      { role: "tool", content: [{ type: "tool_result", id: CALL.id, name: "a", output: "1" }] },
    ],
    tools: [A],
    sent: ({ messages }) => {
      const { role: _role, tool_calls: _calls, ...rest } = messages[1] as Record<string, unknown>;
      return rest;
    },
  },
  "beginning of the answer": {
    messages: () => ["Hi", { role: "assistant", content: "So" }],
    sent: ({ messages }) => messages[1],
  },
  "picture by address": shown(image("https://example.com/a.png")),
  "picture in bytes": shown(image(BYTES, { mediaType: "image/png" })),
  "picture by id": shown(image({ fileId: "f1" }, { mediaType: "image/png" })),
  "sound in bytes": shown(audio(BYTES, { mediaType: "audio/wav" })),
  "video by address": shown(video("https://example.com/a.mp4")),
  "video in bytes": shown(video(BYTES, { mediaType: "video/mp4" })),
  "PDF in bytes": shown(file(BYTES, { mediaType: "application/pdf" })),
  "PDF by id": shown(file({ fileId: "f1" }, { mediaType: "application/pdf" })),
  "picture from a tool": {
    messages: () => [
      "Hi",
      { role: "assistant", content: [CALL] },
      {
        role: "tool",
        content: [
          {
            type: "tool_result",
            id: CALL.id,
            name: "a",
            output: [image(BYTES, { mediaType: "image/png" })],
          },
        ],
      },
    ],
    tools: [A],
    sent: ({ messages }) =>
      messages
        .slice(3)
        .map(({ role, content }) => [role, (content as { type: string }[]).map(({ type }) => type).join()]),
  },
  cacheControl: {
    options: { cacheControl: { lastMessage: true } },
    sent: ({ messages }) => messages[0]?.["content"],
  },
};

/** What each setting becomes in a request to this model. */
export async function outcomesOf(
  credential: BuiltinCredentialClass,
  modelName: string,
): Promise<Readonly<Record<string, Outcome>>> {
  const server = await serve((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const choices = [{ index: 0, delta: { content: "ok" }, finish_reason: "stop" }];
    response.end(`data: ${JSON.stringify({ choices })}\n\ndata: [DONE]\n\n`);
  });
  const account = new credential({ apiKey: "sk-settings-0123456789", baseUrl: server.url });
  const model = account.createChatModel(modelName, { options: { retry: false } });
  const outcomes: Record<string, Outcome> = {};
  for (const [name, { options = {}, tools = [], messages, sent }] of Object.entries(SETTINGS)) {
    const history = messages?.(credential.facts.provider, modelName) ?? ["Answer in JSON."];
    try {
      const { warnings } = await model.call(history, tools, options);
      const body = JSON.parse(server.requests.at(-1)?.body ?? "") as Body;
      const warned = warnings.map(({ option }) => option).join();
      outcomes[name] = { sent: sent(body), ...(warned !== "" && { warned }) };
    } catch (error) {
      if (!ModelError.isInstance(error)) throw error;
      outcomes[name] = { sent: error.kind };
    }
  }
  return outcomes;
}
