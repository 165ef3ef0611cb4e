// Our models against a server that is not ours, on both of the wires that it speaks.
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import {
  AnthropicCredential,
  type ChatModelBase,
  type ChatResponse,
  type ModelError,
  OpenAIChatModel,
} from "../../src/index.ts";
import type { LlamaServer } from "./llama-server.ts";
import { writeScriptedGguf } from "./scripted-gguf.ts";
import { CALLS, kit, TOOLS, withServer } from "./scripted-server.ts";

interface Wire {
  readonly wire: string;
  readonly modelOf: (server: LlamaServer, key?: string) => ChatModelBase;
  /** The wire's words for an answer that is whole, and for one that met its limit. */
  readonly stop: string;
  readonly length: string;
}

const OPTIONS = { temperature: 0, retry: false, maxTokens: 100 } as const;

const overOpenAI: Wire = {
  wire: "OpenAI",
  modelOf: ({ baseUrl }, key = "none") =>
    new OpenAIChatModel({
      provider: "llama-cpp",
      modelName: "scripted",
      endpoint: { baseUrl, headers: () => ({ authorization: `Bearer ${key}` }) },
      options: OPTIONS,
      switches: { systemRole: "system" },
    }),
  stop: "stop",
  length: "length",
};

const overAnthropic: Wire = {
  wire: "Anthropic",
  modelOf: ({ baseUrl }, key = "none") =>
    new AnthropicCredential({ baseUrl, apiKey: key }).createChatModel("scripted", { options: OPTIONS }),
  stop: "end_turn",
  length: "max_tokens",
};

const it = test.skipIf("unavailable" in kit);

for (const { wire, modelOf, stop, length } of [overOpenAI, overAnthropic]) {
  it(`${wire}: text streams from a real server, and comes the same in one piece`, () =>
    withServer(`${wire}-text`, ["Hello", " from", " a", " real", " server", "!"], async (server) => {
      const model = modelOf(server);
      const snapshots: ChatResponse[] = [];
      for await (const response of model.stream("Hi")) snapshots.push(response);
      expect(snapshots.length).toBeGreaterThan(3);
      expect(snapshots.at(-1)).toMatchObject({
        text: "Hello from a real server!",
        isLast: true,
        finishReason: "stop",
        rawFinishReason: stop,
      });
      expect(snapshots.at(-1)?.usage?.outputTokens).toBeGreaterThan(3);
      expect(snapshots.at(-1)?.usage?.inputTokens).toBeGreaterThan(3);
      expect((await model.call("Hi", { stream: false })).text).toBe("Hello from a real server!");
    }));

  it(
    `${wire}: thinking, text and two parallel tool calls come apart, and go back`,
    () =>
      withServer(`${wire}-calls`, CALLS, async (server) => {
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

  it(`${wire}: instructions, a limit and a stop sequence reach it`, () =>
    withServer(`${wire}-limits`, ["one", " two", " three", " four"], async (server) => {
      const model = modelOf(server);
      const messages = [{ role: "system", content: "Count." } as const, "Go"];
      const short = await model.call(messages, { maxTokens: 2 });
      expect(short).toMatchObject({ text: "one two", finishReason: "length", rawFinishReason: length });
      const stopped = await model.call(messages, { stop: [" three"] });
      expect(stopped).toMatchObject({ text: "one two", finishReason: "stop" });
    }));

  it(`${wire}: unsubscribing stops the generation on the server`, () =>
    withServer(
      `${wire}-endless`,
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

  it(`${wire}: a wrong key and a prompt that is too long are errors of their kind`, () =>
    withServer(
      `${wire}-locked`,
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
}

it("while a server loads its model it is overloaded, and nothing else", async () => {
  if ("unavailable" in kit) return;
  const file = join(kit.folder, "large.gguf");
  writeScriptedGguf(file, ["At", " last", "."], { tokens: 2048 });
  const server = await kit.start(file, [], "started");
  try {
    // How many tries fall into the loading is the machine's affair; what they give is not.
    const failures: unknown[] = [];
    let outcome: ChatResponse | ModelError;
    do {
      outcome = await overOpenAI
        .modelOf(server)
        .call("Hi")
        .catch((error: unknown) => error as ModelError);
      if ("kind" in outcome)
        failures.push({ kind: outcome.kind, status: outcome.status, retryable: outcome.retryable });
    } while ("kind" in outcome);
    expect(outcome.text).toBe("At last.");
    expect(failures).toEqual(failures.map(() => ({ kind: "overloaded", status: 503, retryable: true })));
  } finally {
    await server.stop();
  }
});
