// Addresses, replayed answers and what a model's name tells, by the catalogue's numbers.
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  AssistantMessage,
  ConfigurationError,
  type GenerateOptions,
  type MessageInput,
  ModelRegistry,
  OpenAIChatModel,
  type OpenAIChatSwitches,
  OpenAICredential,
  ToolResultMessage,
  UserMessage,
} from "../../src/index.ts";
import { ByteServer } from "../../src/testing/conformance/byte-server.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

const ANSWER = {
  headers: { "content-type": "text/event-stream" },
  pieces: [
    'data: {"choices":[{"index":0,"delta":{"content":"ok"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
  ],
};

let server: ByteServer;

beforeAll(async () => {
  server = await ByteServer.start();
});

afterAll(() => server.close());

interface Sent {
  readonly messages: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

/** The body of one request, and what the answer's warnings are about. */
async function send(
  model: OpenAIChatModel,
  messages: MessageInput | readonly MessageInput[],
  options?: GenerateOptions,
): Promise<{ body: Sent; warned: string[] }> {
  server.script(ANSWER);
  const { warnings } = await model.call(messages, options);
  return { body: server.requests.at(-1)?.body as Sent, warned: warnings.map(({ option }) => option) };
}

/** A model of OpenAI's, with what the catalogue knows of it. */
function openai(modelName: string): OpenAIChatModel {
  const credential = new OpenAICredential({ apiKey: "sk-quirks-0123456789", baseUrl: `${server.url}/v1` });
  return credential.createChatModel(modelName) as OpenAIChatModel;
}

/** A model behind a server that differs from OpenAI by these switches. */
function compatible(switches: Partial<OpenAIChatSwitches>): OpenAIChatModel {
  const endpoint = { baseUrl: `${server.url}/v1`, headers: () => ({}) };
  return new OpenAIChatModel({ provider: "compatible", modelName: "m", endpoint, switches });
}

test("Q26 a base URL with and without a slash, and with a path of its own", async () => {
  for (const [path, asked] of [
    ["/v1", "/v1/chat/completions"],
    ["/v1/", "/v1/chat/completions"],
    ["/proxy/openai/v1//", "/proxy/openai/v1/chat/completions"],
    ["", "/chat/completions"],
  ] as const) {
    const credential = new OpenAICredential({ apiKey: "sk-quirks-0123456789", baseUrl: server.url + path });
    await send(credential.createChatModel("gpt-4.1") as OpenAIChatModel, "Hi");
    expect(server.requests.at(-1)?.path).toBe(asked);
  }
});

test("Q26 an empty or relative base URL is a mistake told at construction", () => {
  for (const baseUrl of ["", "   ", "/v1", "api.openai.com/v1", "ftp://host/v1"]) {
    expect(() => new OpenAICredential({ apiKey: "sk-x", baseUrl })).toThrow(ConfigurationError);
  }
});

test("Q29 where requests go is asked at every request, not once", async () => {
  let count = 0;
  const headers = (): Record<string, string> => ({ authorization: `Bearer key-${(count += 1)}` });
  const endpoint = { baseUrl: `${server.url}/v1`, headers };
  const model = new OpenAIChatModel({ provider: "openai", modelName: "m", endpoint });
  for (const key of ["key-1", "key-2"]) {
    await send(model, "Hi");
    expect(server.requests.at(-1)?.headers["authorization"]).toBe(`Bearer ${key}`);
  }
});

test("Q81 a signature beside a call goes back where it came from, and nowhere else", async () => {
  const extraContent = { google: { thought_signature: "abc" } };
  const reply = new AssistantMessage(
    [
      {
        type: "tool_use",
        id: "c1",
        name: "look_up",
        input: {},
        providerMetadata: { compatible: { extraContent } },
      },
    ],
    { provider: "compatible", model: "m" },
  );
  const history = ["Hi", reply, new ToolResultMessage({ id: "c1", name: "look_up" }, "found")];
  const sentTo = async (model: OpenAIChatModel): Promise<unknown> =>
    (await send(model, history)).body.messages[1];
  expect(await sentTo(compatible({}))).toMatchObject({ tool_calls: [{ extra_content: extraContent }] });
  expect(JSON.stringify(await sentTo(openai("gpt-4.1")))).not.toContain("thought_signature");
});

test("Q98 the reasoning of each step of a tool loop stays with its step", async () => {
  const step = (number: number): MessageInput[] => [
    new AssistantMessage(
      [
        { type: "thinking", thinking: `thought ${number}` },
        { type: "tool_use", id: `c${number}`, name: "look_up", input: { word: "a" } },
      ],
      { provider: "compatible", model: "m" },
    ),
    new ToolResultMessage({ id: `c${number}`, name: "look_up" }, "found"),
  ];
  const history = [new UserMessage("Hi"), ...step(1), ...step(2)];
  const { body } = await send(compatible({ reasoningField: "reasoning_content" }), history);
  expect(body.messages.map((message) => [message["role"], message["reasoning_content"]])).toEqual([
    ["user", undefined],
    ["assistant", "thought 1"],
    ["tool", undefined],
    ["assistant", "thought 2"],
    ["tool", undefined],
  ]);
});

const SAMPLING = {
  temperature: 0.5,
  topP: 0.5,
  frequencyPenalty: 0.5,
  presencePenalty: 0.5,
  logprobs: true,
} as const;
const SAMPLING_FIELDS = ["temperature", "top_p", "frequency_penalty", "presence_penalty", "logprobs"];

test.each(["o3", "gpt-5", "gpt-5-mini", "o9-from-tomorrow", "gpt-7"])(
  "Q103 %s refuses sampling options: they are left out, each with a warning",
  async (modelName) => {
    const { body, warned } = await send(openai(modelName), "Hi", SAMPLING);
    for (const field of SAMPLING_FIELDS) expect(body).not.toHaveProperty(field);
    expect(warned.toSorted()).toEqual(Object.keys(SAMPLING).toSorted());
  },
);

test.each(["gpt-5.1", "gpt-5.4", "gpt-5.9-from-tomorrow"])(
  "Q103 %s takes sampling options with effort none, and only then",
  async (modelName) => {
    const free = await send(openai(modelName), "Hi", { ...SAMPLING, thinking: { effort: "none" } });
    expect(free.body).toMatchObject({ reasoning_effort: "none", temperature: 0.5, top_p: 0.5 });
    expect(free.warned).toEqual([]);
    const thinking = await send(openai(modelName), "Hi", { ...SAMPLING, thinking: { effort: "low" } });
    for (const field of SAMPLING_FIELDS) expect(thinking.body).not.toHaveProperty(field);
    expect(thinking.warned).toEqual(expect.arrayContaining(["temperature", "topP"]));
  },
);

test.each([
  ["o5-from-tomorrow", true],
  ["gpt-5", true],
  ["gpt-6-sol", true],
  ["gpt-12.3-turbo", true],
  ["gpt-5-chat-latest", false],
  ["gpt-4o", false],
  ["omni-moderation", false],
  ["gpt-oss:20b", false],
])("Q106 %s reasons: %s", (modelName, reasons) => {
  expect(ModelRegistry.create(`openai:${modelName}`, { apiKey: "sk-x" }).card.capabilities.reasoning).toBe(
    reasons,
  );
});

test("Q171 a single text is a plain string, unless the server wants lists", async () => {
  const message: MessageInput = { role: "user", content: [{ type: "text", text: "Hi" }] };
  expect((await send(openai("gpt-4.1"), [message])).body.messages[0]).toMatchObject({ content: "Hi" });
  const { body } = await send(compatible({ plainText: false }), [message]);
  expect(body.messages[0]).toMatchObject({ content: [{ type: "text", text: "Hi" }] });
});
