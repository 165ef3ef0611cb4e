import { expect, test } from "vitest";
import { emulatorOfFile } from "../emulator-of-file.ts";
import { chat, eventsOf, send } from "./raw-client.ts";

const emulator = await emulatorOfFile();

type Choices = readonly { readonly delta: object; readonly usage?: object }[];

/** Where the usage of a stream stands under a prefix, and in which field its reasoning. */
async function readStream(
  prefix: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<[string, string]> {
  emulator.script({ thinking: "So:", text: "Hi", usage: { inputTokens: 1, outputTokens: 2 } });
  const { text } = await send(
    `${emulator.url}${prefix}/chat/completions`,
    chat("Hi", { stream: true, ...fields }),
  );
  const events = eventsOf(text) as { choices: Choices; usage?: object | null }[];
  const told = events.filter(({ choices, usage }) => usage ?? choices.some((choice) => choice.usage));
  const [at] = told;
  const place =
    at === undefined
      ? "nowhere"
      : at.choices.length === 0
        ? "own event"
        : at.usage
          ? "finish event"
          : "choice";
  const field = events
    .flatMap(({ choices }) => choices.flatMap(({ delta }) => Object.keys(delta)))
    .find((name) => name.startsWith("reasoning"));
  expect(told.length).toBeLessThan(2);
  return [place, field ?? "none"];
}

test.each([
  ["/v1", "nowhere", "own event", "reasoning_content"],
  ["/openai/v1", "nowhere", "own event", "reasoning_content"],
  ["/openai/deployments/gpt-4.1", "nowhere", "own event", "reasoning_content"],
  ["/compatible-mode/v1", "nowhere", "own event", "reasoning_content"],
  ["/api/v1", "own event", "own event", "reasoning"],
  ["/deepseek", "finish event", "finish event", "reasoning_content"],
  ["/mistral/v1", "finish event", "finish event", "reasoning_content"],
  ["/kimi/v1", "choice", "choice", "reasoning_content"],
  ["/mistral/v1", "finish event", "finish event", "reasoning_content"],
  ["/xai/v1", "own event", "own event", "reasoning_content"],
  ["/vllm/v1", "nowhere", "own event", "reasoning"],
])(
  "under %s usage comes %s, or %s where it is asked for, and reasoning in %s",
  async (prefix, unasked, asked, field) => {
    expect(await readStream(prefix, {})).toEqual([unasked, field]);
    expect(await readStream(prefix, { stream_options: { include_usage: true } })).toEqual([asked, field]);
  },
);

test("a whole answer has its reasoning in the same field", async () => {
  emulator.script({ thinking: "So:", text: "Hi" });
  const { json } = await send(`${emulator.url}/api/v1/chat/completions`, chat("Hi"));
  expect(json).toMatchObject({ choices: [{ message: { content: "Hi", reasoning: "So:" } }] });
});

test.each([
  ["/v1", 400],
  ["/compatible-mode/v1", 200],
  ["/vllm/v1", 200],
])("under %s a field that OpenAI does not have gives status %i", async (prefix, status) => {
  const answer = await send(
    `${emulator.url}${prefix}/chat/completions`,
    chat("Hi", { enable_thinking: true }),
  );
  expect(answer.status).toBe(status);
});

test.each([
  ["/v1", 400],
  ["/deepseek", 400],
  ["/vllm/v1", 200],
])("under %s a video gives status %i", async (prefix, status) => {
  const content = [{ type: "video_url", video_url: { url: "https://a.b/c.mp4" } }];
  const body = chat("Hi", { messages: [{ role: "user", content }] });
  expect((await send(`${emulator.url}${prefix}/chat/completions`, body)).status).toBe(status);
});

test("only OpenAI's limit holds for the ids of tool calls", async () => {
  const id = "x".repeat(41);
  const calls = [{ id, type: "function", function: { name: "t", arguments: "{}" } }];
  const messages = [
    { role: "user", content: "Hi" },
    { role: "assistant", content: null, tool_calls: calls },
    { role: "tool", tool_call_id: id, content: "done" },
  ];
  const statusAt = async (prefix: string): Promise<number> =>
    (await send(`${emulator.url}${prefix}/chat/completions`, chat("Hi", { messages }))).status;
  expect([await statusAt("/v1"), await statusAt("/compatible-mode/v1")]).toEqual([400, 200]);
});

test("models are listed under every prefix", async () => {
  for (const prefix of ["/v1", "/compatible-mode/v1", "/api/v1", "/deepseek", "/openai/v1"]) {
    const { json } = await send(`${emulator.url}${prefix}/models`);
    expect(json).toMatchObject({ object: "list", data: expect.any(Array) });
  }
});
