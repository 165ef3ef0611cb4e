import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  AssistantMessage,
  image,
  type ModelError,
  type Msg,
  SystemMessage,
  ToolResultMessage,
  truncateHistory,
  UserMessage,
} from "rxscope";
import { callIds, histories, newestOfUser } from "./histories.ts";

/** Letters are tokens here: whatever counts must do. */
function lengthOf(messages: readonly Msg[]): number {
  return JSON.stringify(messages.map(({ content }) => content)).length;
}

async function fit(
  messages: readonly Msg[],
  limit: number,
): Promise<{ kept: readonly Msg[]; dropped: readonly Msg[]; measures: number }> {
  let measures = 0;
  const { messages: kept, dropped } = await truncateHistory(messages, limit, (some) => {
    measures += 1;
    return Promise.resolve({ tokens: lengthOf(some) });
  });
  return { kept, dropped, measures };
}

test("whatever the history and the limit: it fits or is told not to, exchanges stay whole, the newest stays, nothing more goes than must", async () => {
  await fc.assert(
    fc.asyncProperty(histories, fc.double({ min: 0, max: 1.1, noNaN: true }), async (messages, part) => {
      const limit = Math.floor(lengthOf(messages) * part);
      let result: Awaited<ReturnType<typeof fit>>;
      try {
        result = await fit(messages, limit);
      } catch (error) {
        expect((error as ModelError).kind).toBe("context_length");
        return;
      }
      const { kept, dropped } = result;
      expect(lengthOf(kept)).toBeLessThanOrEqual(limit);
      // Nothing is lost, doubled, or out of its order.
      expect([...kept, ...dropped].toSorted(inOrderOf(messages))).toEqual(messages);
      expect(kept.toSorted(inOrderOf(messages))).toEqual(kept);
      // No half of an exchange.
      const { calls, results } = callIds(dropped);
      const left = callIds(kept);
      for (const id of calls) expect(left.results.has(id)).toBe(false);
      for (const id of results) expect(left.calls.has(id)).toBe(false);
      // What must stay, stays.
      expect(dropped.some(({ role }) => role === "system")).toBe(false);
      const newest = newestOfUser(messages);
      if (newest !== undefined) expect(kept).toContain(newest);
      // A second time there is nothing to do.
      const again = await fit(kept, limit);
      expect(again.kept).toBe(kept);
      // Of the oldest, no more than must be: with one letter less allowed than the next more needs, the same goes.
      if (dropped.length > 0) {
        const looser = await fit(messages, lengthOf(kept));
        expect(looser.kept).toEqual(kept);
      }
    }),
    { numRuns: 400 },
  );
});

function inOrderOf(messages: readonly Msg[]): (a: Msg, b: Msg) => number {
  return (a, b) => messages.indexOf(a) - messages.indexOf(b);
}

test("the history that results is the largest that leaves out only the oldest", async () => {
  const messages = Array.from({ length: 50 }, (_, index) => new UserMessage("x".repeat((index * 37) % 90)));
  for (let limit = lengthOf(messages.slice(-1)); limit < lengthOf(messages) + 50; limit += 131) {
    const { kept } = await fit(messages, limit);
    expect(kept).toEqual(messages.slice(-kept.length));
    if (kept.length < messages.length)
      expect(lengthOf(messages.slice(-kept.length - 1))).toBeGreaterThan(limit);
  }
});

test("a history that fits comes back as it is, measured once", async () => {
  const messages = [new UserMessage("Hi"), new AssistantMessage("Hello.")];
  const { kept, dropped, measures } = await fit(messages, 10_000);
  expect(kept).toBe(messages);
  expect(dropped).toEqual([]);
  expect(measures).toBe(1);
});

test.each([100, 1000, 10_000])("a history of %d messages is measured a few times only", async (length) => {
  const messages = Array.from({ length }, (_, index) => {
    const words = "word ".repeat(1 + ((index * 7919) % 60));
    return index % 2 === 0 ? new UserMessage(words) : new AssistantMessage(`${words} 中文也算字`);
  });
  for (const part of [0.02, 0.3, 0.5, 0.9, 0.999]) {
    const { measures } = await fit(messages, Math.floor(lengthOf(messages) * part));
    expect(measures).toBeLessThanOrEqual(12);
  }
});

test("guesses that are far off end in halving", async () => {
  // What weighs least costs most.
  const messages = Array.from(
    { length: 1000 },
    (_, index) => new UserMessage("x".repeat(1 + (index % 1000))),
  );
  const cost = (some: readonly Msg[]): number =>
    some.reduce((sum, { text }) => sum + 1_000_000 / text.length ** 2, 0);
  let measures = 0;
  const { messages: kept } = await truncateHistory(messages, 100, (some) => {
    measures += 1;
    return Promise.resolve({ tokens: cost(some) });
  });
  expect(cost(kept)).toBeLessThanOrEqual(100);
  expect(measures).toBeLessThanOrEqual(20);
});

const call = { type: "tool_use", id: "call_1", name: "look_up", input: {} } as const;

test("a call goes with all of its results, and with what stands between them", async () => {
  const other = { ...call, id: "call_2" };
  const messages = [
    new UserMessage("first"),
    new AssistantMessage([call, other]),
    new ToolResultMessage(call, "one"),
    new AssistantMessage("wait"),
    new ToolResultMessage(other, "two"),
    new UserMessage("last"),
  ];
  const { kept } = await fit(messages, lengthOf(messages) - lengthOf(messages.slice(0, 1)) - 1);
  expect(kept.map(({ text }) => text)).toEqual(["last"]);
});

test("a call whose result stands in the same message, one that nobody answered, and a result without a call are units of their own", async () => {
  const inside = new AssistantMessage([
    call,
    { type: "tool_result", id: "call_1", name: "look_up", output: "x".repeat(50) },
  ]);
  const open = new AssistantMessage([{ ...call, id: "call_9" }]);
  const orphan = new ToolResultMessage({ id: "gone", name: "look_up" }, "x".repeat(50));
  const messages = [inside, open, orphan, new UserMessage("last")];
  for (let dropped = 0; dropped < 4; dropped++) {
    const { kept } = await fit(messages, lengthOf(messages.slice(dropped)));
    expect(kept).toEqual(messages.slice(dropped));
  }
});

test("an exchange that waits for the model's answer stays, an answer that was given may go", async () => {
  const waiting = [
    new UserMessage("How is the weather?"),
    new AssistantMessage("Let me see."),
    new AssistantMessage([call]),
    new ToolResultMessage(call, "21 degrees"),
  ];
  const { kept } = await fit(waiting, lengthOf(waiting) - 10);
  expect(kept).toEqual([waiting[0], waiting[2], waiting[3]]);
  const answered = [new UserMessage("How is the weather?"), new AssistantMessage("Warm.")];
  expect((await fit(answered, lengthOf(answered) - 10)).kept).toEqual([answered[0]]);
});

test("a message of the user that only hands over results is not what the user said last", async () => {
  const messages = [
    new UserMessage("The question."),
    new AssistantMessage("x".repeat(100)),
    new AssistantMessage([call]),
    new UserMessage([{ type: "tool_result", id: "call_1", name: "look_up", output: "21" }]),
  ];
  const { kept } = await fit(messages, lengthOf(messages) - 50);
  expect(kept).toEqual([messages[0], messages[2], messages[3]]);
});

test("instructions that do not fit are told of", async () => {
  await expect(fit([new SystemMessage("x".repeat(500))], 100)).rejects.toMatchObject({
    kind: "context_length",
    message: expect.stringContaining(
      "The system prompt message already exceeds the token limit (100 tokens)",
    ),
  });
  const history = [new SystemMessage("x".repeat(500)), new UserMessage("Hi"), new UserMessage("Hi")];
  await expect(fit(history, 300)).rejects.toThrow(
    "The system prompt message already exceeds the token limit",
  );
});

test("what must stay and does not fit is told of, with the calls that nobody answered", async () => {
  const history = [new UserMessage("Hi"), new UserMessage("x".repeat(500))];
  await expect(fit(history, 300)).rejects.toMatchObject({
    kind: "context_length",
    retryable: false,
    message: expect.stringMatching(/does not fit in 300 tokens.*need \d+/),
  });
  const open = [new UserMessage("x".repeat(500)), new AssistantMessage([call])];
  await expect(fit(open, 300)).rejects.toThrow(
    "tool call(s) that do not have the corresponding tool result(s): call_1",
  );
});

test("media weigh what they may cost, not what their bytes are", async () => {
  const picture = image(new Uint8Array(200_000), { mediaType: "image/png" });
  const messages = Array.from({ length: 200 }, (_, index) =>
    index % 3 === 0 ? new UserMessage([picture]) : new UserMessage("word ".repeat(index)),
  );
  let measures = 0;
  const { dropped } = await truncateHistory(messages, 30_000, (some) => {
    measures += 1;
    const tokens = some.reduce(
      (sum, { text, content }) => sum + text.length / 4 + (content[0]?.type === "data" ? 765 : 4),
      0,
    );
    return Promise.resolve({ tokens });
  });
  expect(dropped.length).toBeGreaterThan(10);
  expect(measures).toBeLessThanOrEqual(12);
});
