import { expect, test } from "vitest";
import { of } from "rxjs";
import {
  AssistantMessage,
  type ChatMiddleware,
  CharTokenCounter,
  type ModelCard,
  type Msg,
  SystemMessage,
  type TokenCount,
  TokenCounterBase,
  ToolResultMessage,
  truncate,
  UserMessage,
} from "rxscope";
import { ScriptedChatModel } from "rxscope/testing";

/** A tenth of the letters. */
class TenthCounter extends TokenCounterBase {
  counts = 0;

  count(messages: readonly Msg[], tools: readonly object[] = []): Promise<TokenCount> {
    this.counts += 1;
    const letters = messages.reduce((sum, message) => sum + JSON.stringify(message.content).length, 0);
    return Promise.resolve({
      tokens: (letters + JSON.stringify(tools).length) / 10,
      exact: false,
      method: "tenth",
    });
  }
}

const plain = new ScriptedChatModel("").card;

function modelWith(card: Partial<ModelCard>): { model: ScriptedChatModel; counter: TenthCounter } {
  const counter = new TenthCounter();
  const model = new ScriptedChatModel(() => "Understood.", {
    card: { ...plain, ...card },
    tokenCounter: counter,
  });
  return { model, counter };
}

const history = [
  new SystemMessage("Be brief."),
  ...Array.from({ length: 20 }, (_, index) =>
    index % 2 === 0
      ? new UserMessage(`${index} ${"x".repeat(200)}`)
      : new AssistantMessage(`${index} ${"y".repeat(200)}`),
  ),
  new UserMessage("And now?"),
];

test("the oldest of a history goes when it does not fit the model's context, and the response says so", async () => {
  const { model } = modelWith({ contextSize: 200, outputSize: 40 });
  const reply = await model.with(truncate()).call(history);
  expect(reply.text).toBe("Understood.");
  const sent = model.calls[0]?.messages ?? [];
  expect(sent[0]).toBe(history[0]);
  expect(sent.at(-1)).toBe(history.at(-1));
  expect(sent.length).toBeGreaterThan(3);
  expect(sent.length).toBeLessThan(12);
  expect(reply.warnings).toEqual([
    {
      option: "messages",
      reason: expect.stringMatching(
        new RegExp(
          `does not fit in 160 tokens; its oldest ${history.length - sent.length} messages were left out`,
        ),
      ),
    },
  ]);
});

test("what stays free is what the call asks for, else the model's limit, else a quarter of its context", async () => {
  const sent = async (card: Partial<ModelCard>, maxTokens?: number): Promise<number> => {
    const { model } = modelWith(card);
    await model.with(truncate()).call(history, maxTokens === undefined ? {} : { maxTokens });
    return model.calls[0]?.messages.length ?? 0;
  };
  const all = await sent({ contextSize: 300, outputSize: 10 });
  expect(await sent({ contextSize: 300, outputSize: 10 }, 200)).toBeLessThan(all);
  expect(await sent({ contextSize: 300, outputSize: 300 })).toBe(await sent({ contextSize: 300 }));
  expect(await sent({ contextSize: 300 })).toBe(await sent({ contextSize: 300, outputSize: 75 }));
});

test("limits and counter may be the caller's own", async () => {
  const { model, counter } = modelWith({});
  const letters = new CharTokenCounter({ charsPerToken: 1 });
  const around = model.with(truncate({ maxTokens: 900, reserveTokens: 100, tokenCounter: letters }));
  await around.call(history);
  const sent = model.calls[0]?.messages ?? [];
  expect(counter.counts).toBe(0);
  expect((await letters.count(sent)).tokens).toBeLessThanOrEqual(800);
  expect(sent.length).toBe(5);
});

test("limits that are no numbers of tokens are mistakes told at once", () => {
  for (const options of [{ maxTokens: Number.NaN }, { maxTokens: -1 }, { reserveTokens: Infinity }])
    expect(() => truncate(options)).toThrow(/must be a number of at least 0/);
});

test("a history that fits goes through as it is, counted once, without a warning", async () => {
  const { model, counter } = modelWith({ contextSize: 100_000 });
  const reply = await model.with(truncate()).call(history);
  expect(model.calls[0]?.messages).toEqual(history);
  expect(counter.counts).toBe(1);
  expect(reply.warnings).toEqual([]);
});

test("tools take their part of the context", async () => {
  const { model } = modelWith({ contextSize: 400, outputSize: 10 });
  const around = model.with(truncate());
  await around.call(history);
  await around.call(history, [{ name: "look_up", description: "x".repeat(2000) }]);
  const [without, withTool] = model.calls.map(({ messages }) => messages.length);
  expect(withTool).toBeLessThan(without as number);
});

test("what must stay and does not fit fails the call before anything is sent", async () => {
  const { model } = modelWith({ contextSize: 40, outputSize: 1 });
  await expect(model.with(truncate()).call(["x".repeat(1000)])).rejects.toMatchObject({
    kind: "context_length",
    provider: "test",
  });
  expect(model.calls).toEqual([]);
});

test("of a model whose context is not known nothing is left out, and the response says so", async () => {
  const { model, counter } = modelWith({});
  const reply = await model.with(truncate()).call(history);
  expect(model.calls[0]?.messages).toEqual(history);
  expect(counter.counts).toBe(0);
  expect(reply.warnings).toEqual([
    { option: "truncate", reason: expect.stringContaining("context size of scripted is not known") },
  ]);
});

test("exchanges stay whole, whatever the model", async () => {
  const call = { type: "tool_use", id: "call_1", name: "look_up", input: {} } as const;
  const messages = [
    new UserMessage("x".repeat(500)),
    new AssistantMessage([call]),
    new ToolResultMessage(call, "y".repeat(500)),
    new UserMessage("Thanks."),
  ];
  const { model } = modelWith({ contextSize: 60, outputSize: 1 });
  await model.with(truncate()).call(messages);
  expect(model.calls[0]?.messages).toEqual([messages[3]]);
});

test("middleware inside sees the shorter history, and a call that nobody waits for any more is not made", async () => {
  const { model } = modelWith({ contextSize: 200, outputSize: 40 });
  const seen: number[] = [];
  const look: ChatMiddleware = (call, next) => {
    seen.push(call.messages.length);
    return next(call);
  };
  const around = model.with(truncate(), look);
  await around.call(history);
  expect(seen[0]).toBeLessThan(history.length);
  around.stream(history).subscribe().unsubscribe();
  await new Promise((resolve) => setImmediate(resolve));
  expect(model.calls).toHaveLength(1);
});

test("a middleware that answers itself is not kept from it", async () => {
  const { model } = modelWith({ contextSize: 200, outputSize: 40 });
  const first = await model.call("Hi");
  const reply = await model.with(truncate(), () => of(first)).call(history);
  expect(reply.text).toBe("Understood.");
});
