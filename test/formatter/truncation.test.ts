import * as fc from "fast-check";
import { Tiktoken } from "tiktoken/lite";
import { expect, test, vi } from "vitest";
import * as rxscope from "rxscope";
import {
  AssistantMessage,
  CharTokenCounter,
  ConfigurationError,
  type CountContext,
  FormatterBase,
  type FormatterOptions,
  image,
  type ModelError,
  type Msg,
  OpenAIChatFormatter,
  OpenAIMultiAgentFormatter,
  OpenAITokenCounter,
  SystemMessage,
  type TokenCount,
  TokenCounterBase,
  ToolResultMessage,
  UserMessage,
} from "rxscope";
import { callIds, histories, newestOfUser } from "../message/histories.ts";

type FormatterClass = new (options?: FormatterOptions) => FormatterBase<unknown>;

/** Every formatter that the package has. */
const formatters: readonly (readonly [name: string, Formatter: FormatterClass])[] = Object.entries(rxscope)
  .filter(([, value]) => typeof value === "function" && value.prototype instanceof FormatterBase)
  .map(([name, value]) => [name, value as unknown as FormatterClass]);

/** Counts the letters of what is sent, and how many letters were counted in all. */
class LetterCounter extends TokenCounterBase {
  counted = 0;
  counts = 0;
  /** What each formatted history was made of. */
  readonly sources = new Map<unknown, readonly Msg[]>();

  count(
    messages: readonly Msg[],
    tools: readonly object[] = [],
    { formatted = [] }: CountContext = {},
  ): Promise<TokenCount> {
    const tokens = JSON.stringify([formatted, tools]).length;
    this.counted += tokens;
    this.counts += 1;
    this.sources.set(formatted, messages);
    return Promise.resolve({ tokens, exact: true, method: "letters" });
  }
}

/** What a formatter makes of a history, and what it says that it left out. */
async function formatWithin(
  Formatter: FormatterClass,
  messages: readonly Msg[],
  maxTokens: number,
): Promise<{
  formatted: unknown[];
  kept: readonly Msg[];
  counter: LetterCounter;
  reason: string | undefined;
}> {
  const counter = new LetterCounter();
  const reasons: string[] = [];
  const formatted = await new Formatter({ tokenCounter: counter, maxTokens }).format(messages, {
    warn: (_, reason) => reasons.push(reason),
  });
  const kept = counter.sources.get(formatted) ?? [];
  return { formatted, kept, counter, reason: reasons.find((reason) => reason.includes("were left out (")) };
}

test("the package has formatters to look at", () => {
  expect(formatters.map(([name]) => name)).toEqual(
    expect.arrayContaining(["OpenAIChatFormatter", "OpenAIMultiAgentFormatter"]),
  );
});

test.each(formatters)(
  "%s: a history fits its limit or is told not to, exchanges stay whole, the newest stays, and what went is named",
  async (_name, Formatter) => {
    await fc.assert(
      fc.asyncProperty(histories, fc.double({ min: 0, max: 1.1, noNaN: true }), async (messages, part) => {
        const whole = await new Formatter().format(messages);
        const limit = Math.floor(JSON.stringify([whole, []]).length * part);
        let result: Awaited<ReturnType<typeof formatWithin>>;
        try {
          result = await formatWithin(Formatter, messages, limit);
        } catch (error) {
          expect((error as ModelError).kind).toBe("context_length");
          return;
        }
        const { formatted, kept, reason } = result;
        const dropped = messages.filter((message) => !kept.includes(message));
        if (dropped.length === 0) expect(reason).toBeUndefined();
        else
          expect(reason).toContain(`its oldest ${dropped.length} messages were left out (${dropped[0]?.id}`);
        expect(JSON.stringify([formatted, []]).length).toBeLessThanOrEqual(limit);
        // What is sent is what the same formatter makes of the rest.
        expect(formatted).toEqual(await new Formatter().format(kept));
        const left = callIds(kept);
        const all = callIds(messages);
        for (const id of all.results) expect(left.results.has(id)).toBe(left.calls.has(id));
        expect(messages.filter(({ role }) => role === "system").every((each) => kept.includes(each))).toBe(
          true,
        );
        const newest = newestOfUser(messages);
        if (newest !== undefined) expect(kept).toContain(newest);
        // A second time nothing goes.
        const again = await formatWithin(Formatter, kept, limit);
        expect(again.kept).toEqual(kept);
        expect(again.formatted).toEqual(formatted);
      }),
      { numRuns: 150 },
    );
  },
);

function conversation(turns: number): Msg[] {
  return Array.from({ length: turns }, (_, index) => {
    const text = `${index}: ${"some words of a talk, ".repeat(1 + (index % 7))}`;
    return index % 2 === 0 ? new UserMessage(text) : new AssistantMessage(text);
  });
}

test.each(formatters)(
  "%s: a history of any length is counted a few times, in parts of its length",
  async (_name, Formatter) => {
    for (const turns of [100, 800]) {
      const messages = conversation(turns);
      const size = JSON.stringify(await new Formatter().format(messages)).length;
      for (const part of [0.1, 0.5, 0.9]) {
        const { counter } = await formatWithin(Formatter, messages, Math.floor(size * part));
        expect(counter.counts).toBeLessThanOrEqual(10);
        expect(counter.counted).toBeLessThanOrEqual(size * 8);
      }
    }
  },
);

test.each([OpenAIChatFormatter, OpenAIMultiAgentFormatter])(
  "a conversation that is counted with every turn is encoded once: %o",
  async (Formatter) => {
    const encode = vi.spyOn(Tiktoken.prototype, "encode_ordinary");
    const encodedBy = async (turns: number): Promise<number> => {
      encode.mockClear();
      // Lines of their own: what another length of conversation encoded must not be known already.
      const messages = conversation(turns).map((message) =>
        message.with({ content: `${turns}/${message.text}`.repeat(3) }),
      );
      const formatter = new Formatter({ tokenCounter: new OpenAITokenCounter("gpt-4o"), maxTokens: 3000 });
      for (let length = 1; length <= turns; length++) await formatter.format(messages.slice(0, length));
      return encode.mock.calls.reduce((sum, [text]) => sum + text.length, 0);
    };
    const [short, long] = [await encodedBy(40), await encodedBy(160)];
    // Four times as many turns: four times as much, where counting anew would be sixteen.
    expect(long / short).toBeLessThan(7);
    encode.mockRestore();
  },
);

test("what is reserved stays free, and tools take their part", async () => {
  const messages = conversation(40);
  const tokenCounter = new LetterCounter();
  const size = async (options: FormatterOptions, tools = 0): Promise<number> => {
    const formatted = await new OpenAIChatFormatter({ tokenCounter, ...options }).format(messages, {
      tools: Array.from({ length: tools }, (_, index) => ({
        name: `tool_${index}`,
        description: "x".repeat(500),
      })),
    });
    return JSON.stringify(formatted).length;
  };
  expect(await size({ maxTokens: 3000 })).toBeGreaterThan(2600);
  expect(await size({ maxTokens: 3000, reserveTokens: 1000 })).toBeLessThanOrEqual(2000);
  expect(await size({ maxTokens: 3000 }, 2)).toBeLessThanOrEqual(2000);
});

test("without a limit of its own a formatter keeps to the model's context, and without a counter to nothing", async () => {
  const messages = conversation(40);
  const count = async (options: FormatterOptions, contextSize?: number): Promise<number> =>
    (await new OpenAIChatFormatter(options).format(messages, { contextSize })).length;
  expect(await count({ tokenCounter: new LetterCounter() })).toBe(40);
  expect(await count({ tokenCounter: new LetterCounter() }, 2000)).toBeLessThan(20);
  expect(await count({}, 2000)).toBe(40);
});

test("limits that make no sense are mistakes told as ones", () => {
  const tokenCounter = new CharTokenCounter();
  for (const options of [
    { maxTokens: 100 },
    { reserveTokens: 100 },
    { tokenCounter, maxTokens: Number.NaN },
    { tokenCounter, maxTokens: 100, reserveTokens: -1 },
  ]) {
    expect(() => new OpenAIChatFormatter(options)).toThrow(ConfigurationError);
  }
});

test("warnings of what was left out anyway are not told, and those of the rest once", async () => {
  const drawn = image("https://example.com/drawn.png");
  const messages = [
    new AssistantMessage(["Here.", drawn]),
    new UserMessage("x".repeat(400)),
    new AssistantMessage(["There.", drawn]),
    new UserMessage("And now?"),
  ];
  const warned = async (maxTokens: number): Promise<string[]> => {
    const reasons: string[] = [];
    await new OpenAIChatFormatter({ tokenCounter: new LetterCounter(), maxTokens }).format(messages, {
      warn: (_, reason) => reasons.push(reason),
    });
    return reasons;
  };
  expect(await warned(10_000)).toHaveLength(2);
  const reasons = await warned(450);
  expect(reasons).toHaveLength(2);
  expect(reasons[0]).toMatch(/its oldest 2 messages were left out \(msg_\w+, msg_\w+\)/);
  expect(reasons[1]).toContain("described in words");
});

test("a file is read once for a request, however often the history is formatted, and again for the next", async () => {
  const resolver = vi.fn(() => Promise.resolve({ data: "AQID", mediaType: "image/png" }));
  const messages = [...conversation(30), new UserMessage(["Look.", image("./cat.png")])];
  const formatter = new OpenAIChatFormatter({
    tokenCounter: new LetterCounter(),
    maxTokens: 2000,
    mediaResolver: resolver,
  });
  await formatter.format(messages);
  expect(resolver).toHaveBeenCalledTimes(1);
  await Promise.all([formatter.format(messages), formatter.format(messages)]);
  expect(resolver).toHaveBeenCalledTimes(2);
});

test("a model that cannot be counted for is no reason to send too much: the counter's failure is the call's", async () => {
  class Broken extends TokenCounterBase {
    count(): Promise<TokenCount> {
      return Promise.reject(new Error("no tokenizer"));
    }
  }
  const formatter = new OpenAIChatFormatter({ tokenCounter: new Broken(), maxTokens: 100 });
  await expect(formatter.format([new UserMessage("Hi")])).rejects.toThrow("no tokenizer");
});

test("a truncated history still answers every call and begins its multi-agent history with the prompt", async () => {
  const call = { type: "tool_use", id: "call_1", name: "look_up", input: {} } as const;
  const messages = [
    new SystemMessage("Be brief."),
    new UserMessage("x".repeat(300), { name: "Ann" }),
    new AssistantMessage([call]),
    new ToolResultMessage(call, "x".repeat(300)),
    new AssistantMessage("Bob's answer.", { name: "Bob" }),
    new UserMessage("Thanks.", { name: "Ann" }),
  ];
  const { formatted } = await formatWithin(OpenAIMultiAgentFormatter, messages, 500);
  expect(formatted).toMatchObject([
    { role: "system" },
    {
      role: "user",
      content: expect.stringMatching(/^# Conversation History[^]*Bob: Bob's answer\.\nAnn: Thanks\./),
    },
  ]);
});
