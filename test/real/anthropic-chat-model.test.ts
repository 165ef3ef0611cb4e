// Our model against a server that is not ours, on its Anthropic wire.
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import {
  AnthropicCredential,
  type ChatModelBase,
  type ChatResponse,
  type ModelError,
} from "../../src/index.ts";
import type { LlamaServer } from "./llama-server.ts";
import { CALLS, kit, TOOLS, withServer } from "./scripted-server.ts";

function modelOf({ baseUrl }: LlamaServer, apiKey = "none"): ChatModelBase {
  return new AnthropicCredential({ baseUrl, apiKey }).createChatModel("scripted", {
    options: { temperature: 0, retry: false, maxTokens: 100 },
  });
}

const it = test.skipIf("unavailable" in kit);

it("text streams from a real server, and comes the same in one piece", () =>
  withServer("anthropic-text", ["Hello", " from", " a", " real", " server", "!"], async (server) => {
    const model = modelOf(server);
    const snapshots: ChatResponse[] = [];
    for await (const response of model.stream("Hi")) snapshots.push(response);
    expect(snapshots.length).toBeGreaterThan(3);
    expect(snapshots.at(-1)).toMatchObject({
      text: "Hello from a real server!",
      isLast: true,
      finishReason: "stop",
      rawFinishReason: "end_turn",
    });
    expect(snapshots.at(-1)?.usage?.outputTokens).toBeGreaterThan(3);
    expect(snapshots.at(-1)?.usage?.inputTokens).toBeGreaterThan(3);
    expect((await model.call("Hi", { stream: false })).text).toBe("Hello from a real server!");
  }));

it(
  "thinking, text and two parallel tool calls come apart, and go back",
  () =>
    withServer("anthropic-calls", CALLS, async (server) => {
      for (const stream of [true, false]) {
        const model = modelOf(server);
        const question = "Weather in Paris and Rome?";
        const answer = await model.call(question, TOOLS, { stream });
        expect(answer.thinking).toBe("Need the weather.");
        expect(answer.text.trim()).toBe("Checking now:");
        expect(answer.toolCalls.map(({ name, input }) => [name, input])).toEqual([
          ["get_weather", { city: "Paris" }],
          ["get_weather", { city: "Rome" }],
        ]);
        expect(answer.finishReason).toBe("tool_calls");
        const results = answer.toolCalls.map((call) => ({
          role: "tool" as const,
          content: [{ type: "tool_result" as const, id: call.id, name: call.name, output: "sunny" }],
        }));
        const next = await model.call([question, answer.toMessage(), ...results], TOOLS, { stream });
        expect(next.toolCalls).toHaveLength(2);
      }
    }),
  60_000,
); // four answers, on a machine that may have other things to do

it("instructions, a limit and a stop sequence reach it", () =>
  withServer("anthropic-limits", ["one", " two", " three", " four"], async (server) => {
    const model = modelOf(server);
    const messages = [{ role: "system", content: "Count." } as const, "Go"];
    const short = await model.call(messages, { maxTokens: 2 });
    expect(short).toMatchObject({ text: "one two", finishReason: "length", rawFinishReason: "max_tokens" });
    const stopped = await model.call(messages, { stop: [" three"] });
    expect(stopped).toMatchObject({ text: "one two", finishReason: "stop" });
  }));

it("unsubscribing stops the generation on the server", () =>
  withServer(
    "anthropic-endless",
    ["on", " and", " so"],
    async (server) => {
      const model = modelOf(server);
      await new Promise<void>((resolve, reject) => {
        let hasLooked = false;
        const subscription = model.stream("Go", { maxTokens: 60_000 }).subscribe({
          complete: () => reject(new Error("the answer was over too soon")),
          next: (response) => {
            if (hasLooked || response.text.length < 50) return;
            hasLooked = true;
            void server.busySlots().then((busy) => {
              subscription.unsubscribe();
              if (busy === 1) resolve();
              else reject(new Error(`${busy} slots were busy`));
            }, reject);
          },
          error: reject,
        });
      });
      let busy = 1;
      for (let tries = 0; tries < 100 && busy > 0; tries++) {
        await wait(20);
        busy = await server.busySlots();
      }
      expect(busy).toBe(0);
    },
    ["-c", "65536"],
    true,
  ));

it("a wrong key and a prompt that is too long are errors of their kind", () =>
  withServer(
    "anthropic-locked",
    ["Fine", "."],
    async (server) => {
      const refused = await modelOf(server, "wrong-key-123")
        .call("Hi")
        .catch((error: unknown) => error as ModelError);
      expect(refused).toMatchObject({ kind: "authentication", status: 401 });
      expect((await modelOf(server, "right-key-123").call("Hi")).text).toBe("Fine.");
      const long = await modelOf(server, "right-key-123")
        .call("word ".repeat(4000))
        .catch((error: unknown) => error as ModelError);
      expect(long).toMatchObject({ kind: "context_length", status: 400 });
    },
    ["--api-key", "right-key-123"],
  ));
