// Answers that are odd, cut or refused in odd words, by the catalogue's numbers: over a real connection.
import { expect, test } from "vitest";
import type { ChatResponse, ModelError } from "../../src/index.ts";
import { sse, withServer } from "./answering-server.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

const data = (event: unknown): string => `data: ${JSON.stringify(event)}\n\n`;
const text = (content: string): string => data({ choices: [{ index: 0, delta: { content } }] });
const tool = (call: object): string => data({ choices: [{ index: 0, delta: { tool_calls: [call] } }] });
const finish = (reason: string): string =>
  data({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
const DONE = "data: [DONE]\n\n";

function ask(body: string, type?: string, status?: number): Promise<ChatResponse | ModelError> {
  return withServer(sse(body, type, status), (model) =>
    model.call("Hi").catch((error: unknown) => error as ModelError),
  );
}

test("Q5 the name of an event is not needed, and does not change what its data say", async () => {
  for (const name of ["message", "chunk", "completion"]) {
    expect(await ask(`event: ${name}\n${text("a")}${finish("stop")}${DONE}`)).toMatchObject({ text: "a" });
  }
});

test("Q5 an event named error is one, whatever its data", async () => {
  const answer = await ask(`${text("half")}event: error\n${data({ message: "boom", type: "server_error" })}`);
  expect(answer).toMatchObject({
    kind: "server",
    message: expect.stringContaining("boom"),
    partial: { text: "half" },
  });
});

test("Q6 Q7 pings and events of unknown types at any point are ignored", async () => {
  const noise = `event: ping\ndata: {"type":"ping"}\n\n${data({ type: "novelty", delta: { type: "odd" } })}`;
  expect(await ask(`${noise}${text("a")}${noise}${finish("stop")}${noise}${DONE}`)).toMatchObject({
    text: "a",
  });
});

test("Q15 an empty error body is told in the words of the status", async () => {
  expect(await ask("", "text/plain", 502)).toMatchObject({
    message: expect.stringContaining("502: Bad Gateway"),
  });
});

test("Q18 the wait in Google's error details is read, in a list of one as its compatible endpoint sends it", async () => {
  const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.4s" }];
  const error = {
    code: 429,
    message: "Quota exceeded for the minute.",
    status: "RESOURCE_EXHAUSTED",
    details,
  };
  for (const body of [{ error }, [{ error }]]) {
    expect(await ask(JSON.stringify(body), "application/json", 429)).toMatchObject({
      kind: "rate_limit",
      retryAfterMs: 34_400,
    });
  }
});

test("Q44 a reason with the name of a built-in field of objects is other", async () => {
  for (const reason of ["constructor", "__proto__", "toString"]) {
    expect(await ask(text("a") + finish(reason) + DONE)).toMatchObject({
      finishReason: "other",
      rawFinishReason: reason,
    });
  }
});

test("Q46 tool_calls with a call that nobody named is stop", async () => {
  const answer = await ask(
    tool({ index: 0, id: "c1", function: { arguments: "{}" } }) + finish("tool_calls") + DONE,
  );
  expect(answer).toMatchObject({ finishReason: "stop", rawFinishReason: "tool_calls" });
});

test("Q48 a server that gives up for its own reasons is tried again as long as nothing was said", async () => {
  const answer = await withServer(
    (request, response, count) =>
      sse(count === 1 ? finish("insufficient_system_resource") + DONE : text("a") + finish("stop") + DONE)(
        request,
        response,
      ),
    (model) => model.call("Hi", { retry: { maxRetries: 1, baseDelayMs: 1 } }),
  );
  expect(answer).toMatchObject({ text: "a", metadata: { attempts: 2 } });
});

test.each(['{"city":"Pa', '{"city"', "{", ""])(
  "Q74 a call that was cut in its arguments at %j must not be run",
  async (cut) => {
    const begun = tool({ index: 0, id: "c1", function: { name: "get_weather", arguments: cut } });
    expect(await ask(begun)).toMatchObject({
      kind: "truncated",
      partial: {
        interrupted: true,
        content: [{ name: "get_weather", rawInput: cut, inputError: expect.stringContaining("cut") }],
      },
    });
  },
);

test("Q74 a call that reached the token limit in its arguments must not be run", async () => {
  const begun = tool({ index: 0, id: "c1", function: { name: "get_weather", arguments: '{"city":"Pa' } });
  expect(await ask(begun + finish("length") + DONE)).toMatchObject({
    finishReason: "length",
    content: [{ rawInput: '{"city":"Pa', inputError: expect.stringContaining("not JSON") }],
  });
});

test("Q86 a closing tag without an opening one is not shown", async () => {
  const body = text("So: 2 + 2.</th") + text("ink>\n\nIt is 4.") + finish("stop") + DONE;
  const answer = await withServer(sse(body), (model) => model.call("Hi"), { switches: { thinkTags: true } });
  expect(answer.text).toBe("So: 2 + 2.It is 4.");
});

test("Q111 Q112 Q115 the total is never less than input and output together", async () => {
  for (const usage of [
    { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6, prompt_tokens_details: { cached_tokens: 20 } },
    {
      prompt_tokens: 5,
      completion_tokens: 1,
      total_tokens: 6,
      completion_tokens_details: { reasoning_tokens: 9 },
    },
    {
      prompt_tokens: 5,
      completion_tokens: 1,
      total_tokens: 15,
      completion_tokens_details: { reasoning_tokens: 9 },
    },
  ]) {
    const answer = (await ask(
      text("a") + finish("stop") + data({ choices: [], usage }) + DONE,
    )) as ChatResponse;
    const { inputTokens = 0, outputTokens = 0, totalTokens } = answer.usage ?? {};
    expect(totalTokens).toBe(inputTokens + outputTokens);
  }
});

test("Q119 counts that are no numbers are not told", async () => {
  const usage = { prompt_tokens: "7", completion_tokens: null, total_tokens: -1 };
  const answer = (await ask(
    text("a") + finish("stop") + data({ choices: [], usage }) + DONE,
  )) as ChatResponse;
  expect(answer.usage).not.toHaveProperty("inputTokens");
  expect(answer.usage).not.toHaveProperty("outputTokens");
  expect(answer.usage).not.toHaveProperty("totalTokens");
  expect(answer.usage?.raw).toEqual(usage);
});
