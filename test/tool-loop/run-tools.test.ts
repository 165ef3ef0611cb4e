import { setTimeout as wait } from "node:timers/promises";
import { firstValueFrom, lastValueFrom, of, take, toArray } from "rxjs";
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  image,
  modelError,
  type RunnableTool,
  runTools,
  type RunToolsOptions,
  text,
  tool,
  type ToolRunEvent,
  type ToolRunResult,
  UserMessage,
} from "rxscope";
import { type RecordedCall, type ScriptedAnswer, ScriptedChatModel } from "rxscope/testing";
import { failureOf } from "../failures.ts";

const weather = tool({
  name: "get_weather",
  parameters: z.object({ city: z.string(), unit: z.enum(["C", "F"]).default("C") }),
  execute: ({ city, unit }) => ({ city, unit, degrees: 21 }),
});

const call = (
  name: string,
  input: object = {},
  id?: string,
): NonNullable<ScriptedAnswer["toolCalls"]>[number] => ({
  name,
  arguments: input as Record<string, unknown>,
  ...(id !== undefined && { id }),
});
const calling = (...toolCalls: NonNullable<ScriptedAnswer["toolCalls"]>): ScriptedAnswer => ({ toolCalls });
const paris = calling(call("get_weather", { city: "Paris" }, "c1"));

function events(
  model: ScriptedChatModel,
  tools: readonly RunnableTool[],
  options: RunToolsOptions = {},
): Promise<ToolRunEvent[]> {
  return lastValueFrom(runTools(model, "How is the weather?", tools, options).pipe(toArray()));
}

async function final(
  model: ScriptedChatModel,
  tools: readonly RunnableTool[],
  options: RunToolsOptions = {},
): Promise<ToolRunResult> {
  const last = (await events(model, tools, options)).at(-1);
  if (last?.type !== "final") return expect.fail(`the last event is ${last?.type}`);
  return last;
}

/** What the model was told of its calls in the last request. */
function resultsIn(model: ScriptedChatModel): unknown[] {
  const { messages } = model.calls.at(-1) as RecordedCall;
  return messages.flatMap(({ toolResults }) =>
    toolResults.map(({ output, isError }) => [isError ?? false, output]),
  );
}

test("a run shows everything that happens, in order", async () => {
  const model = new ScriptedChatModel([
    { text: "Let me see.", ...paris, usage: { inputTokens: 10, outputTokens: 5 } },
    { text: "It is fine.", usage: { inputTokens: 20, outputTokens: 7, cacheReadTokens: 3 } },
  ]);
  const all = await events(model, [weather]);
  expect(all.map(({ type }) => type).filter((type, index, list) => type !== list[index - 1])).toEqual([
    "snapshot",
    "tool_start",
    "tool_result",
    "round_end",
    "snapshot",
    "round_end",
    "final",
  ]);
  expect(all.find(({ type }) => type === "tool_start")).toMatchObject({
    round: 1,
    call: { id: "c1", name: "get_weather" },
    input: { city: "Paris", unit: "C" },
  });
  expect(all.find(({ type }) => type === "tool_result")).toMatchObject({
    round: 1,
    isError: false,
    value: { city: "Paris", unit: "C", degrees: 21 },
    output: '{"city":"Paris","unit":"C","degrees":21}',
  });
  const last = all.at(-1) as ToolRunResult;
  expect(last).toMatchObject({
    reason: "answer",
    text: "It is fine.",
    usage: { inputTokens: 30, outputTokens: 12, cacheReadTokens: 3 },
  });
  expect(
    last.rounds.map(({ round, usage, outcomes }) => [round, usage?.inputTokens, outcomes.length]),
  ).toEqual([
    [1, 10, 1],
    [2, 20, 0],
  ]);
  expect(last.messages.map(({ role }) => role)).toEqual(["assistant", "tool", "assistant"]);
  expect(model.calls[1]?.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
});

test("nothing happens before someone subscribes, and two subscribers are two runs", async () => {
  const model = new ScriptedChatModel(() => "Hi.");
  const run = runTools(model, "Hi", [weather]);
  expect(model.calls).toEqual([]);
  await lastValueFrom(run);
  await lastValueFrom(run);
  expect(model.calls).toHaveLength(2);
});

test("an unknown tool, bad arguments and a failure are told to the model, which does better", async () => {
  let tries = 0;
  const flaky = tool({
    name: "flaky",
    execute: () => {
      tries += 1;
      if (tries === 1) throw new Error("The database is asleep.");
      return "awake";
    },
  });
  const model = new ScriptedChatModel([
    calling(call("get_wether"), call("get_weather", { city: 7 }), call("flaky")),
    calling(call("flaky")),
    "Done.",
  ]);
  const all = await events(model, [weather, flaky]);
  const results = all.flatMap((event) => (event.type === "round_end" ? event.outcomes : []));
  expect(results.map(({ notRun, isError }) => [notRun, isError])).toEqual([
    ["unknown_tool", true],
    ["bad_arguments", true],
    [undefined, true],
    [undefined, false],
  ]);
  expect(results[2]?.error).toBeInstanceOf(Error);
  const [unknown, bad, failed, good] = resultsIn(model);
  expect(unknown).toEqual([true, 'There is no tool "get_wether". The tools are: get_weather, flaky.']);
  expect(bad).toEqual([true, expect.stringMatching(/do not fit.*- city: .*You wrote: \{"city":7\}/s)]);
  expect(failed).toEqual([true, "The database is asleep."]);
  expect(good).toEqual([false, "awake"]);
  expect(all.at(-1)).toMatchObject({ type: "final", reason: "answer", text: "Done." });
});

test("arguments that are no JSON are told to the model", async () => {
  const broken = {
    type: "tool_use",
    id: "c",
    name: "get_weather",
    input: {},
    rawInput: '{"city":',
    inputError: "Not JSON.",
  } as const;
  const answer = (await new ScriptedChatModel("Hi").call("Hi")).with({ content: [broken] });
  const inner = new ScriptedChatModel(["Sorry."]);
  let asked = 0;
  const model = inner.with((request, next) => (asked++ === 0 ? of(answer) : next(request)));
  await lastValueFrom(runTools(model, "?", [weather]));
  expect(resultsIn(inner)).toEqual([[true, 'Not JSON. You wrote: {"city":']]);
});

test("the words for a failure may be the caller's, who may also end the run by it", async () => {
  const bad = tool({ name: "bad", execute: () => Promise.reject(new Error("secret path /etc")) });
  const model = new ScriptedChatModel([calling(call("bad")), "Ok."]);
  await final(model, [bad], { toolErrorText: (_error, { name }) => `${name} failed.` });
  expect(resultsIn(model)).toEqual([[true, "bad failed."]]);
  const fatal = modelError("configuration", "stop here");
  const error = await failureOf(
    final(new ScriptedChatModel([calling(call("bad"))]), [bad], {
      toolErrorText: () => {
        throw fatal;
      },
    }),
  );
  expect(error).toBe(fatal);
  expect(error.partial).toMatchObject({ finishReason: "tool_calls" });
});

test.each<[given: unknown, told: unknown]>([
  ["text", "text"],
  [{ a: 1 }, '{"a":1}'],
  [undefined, "null"],
  [[], "[]"],
  [[text("a")], [expect.objectContaining({ type: "text", text: "a" })]],
])("a tool that gives %j tells the model %j", async (given, told) => {
  const model = new ScriptedChatModel([calling(call("give")), "Ok."]);
  await final(model, [tool({ name: "give", execute: () => given })]);
  expect(resultsIn(model)).toEqual([[false, told]]);
});

function* numbers(): Generator<number> {
  yield 1;
}

test.each<[says: string, given: unknown, told: string]>([
  ["a bigint", 1n, "BigInt"],
  ["a map", new Map([["a", 1]]), "a Map, of which JSON keeps nothing"],
  ["a set inside", { tags: [new Set(["a"])] }, "a Set, of which JSON keeps nothing"],
  ["a promise inside", { later: Promise.resolve(1) }, "a Promise, of which JSON keeps nothing"],
  ["a generator", numbers(), "a Generator, of which JSON keeps nothing"],
  ["bytes", Buffer.from("abc"), "a Buffer. Return its bytes as a block"],
  ["bytes inside", { file: new Uint8Array(3) }, "a Uint8Array. Return its bytes as a block"],
  ["a function", () => 1, "a function"],
  ["an error", new Error("disk full"), "disk full"],
])("what the model could not be told is a failure of the tool: %s", async (_says, given, told) => {
  const model = new ScriptedChatModel([calling(call("give")), "Ok."]);
  await final(model, [tool({ name: "give", execute: () => given })]);
  expect(resultsIn(model)).toEqual([[true, expect.stringContaining(told)]]);
});

test("what a generator yields is shown as it comes, and what it returns is the result", async () => {
  const count = tool({
    name: "count",
    parameters: z.object({ to: z.number() }),
    async *execute({ to }) {
      for (let n = 1; n <= to; n++) yield { n: await Promise.resolve(n) };
      return `counted to ${to}`;
    },
  });
  const model = new ScriptedChatModel([calling(call("count", { to: 2 }, "c1")), "Ok."]);
  const all = await events(model, [count]);
  const ofTools = all.filter(({ type }) => type.startsWith("tool_"));
  expect(ofTools).toMatchObject([
    { type: "tool_start", round: 1 },
    {
      type: "tool_progress",
      round: 1,
      call: { id: "c1", name: "count" },
      output: '{"n":1}',
      value: { n: 1 },
    },
    { type: "tool_progress", round: 1, call: { id: "c1", name: "count" }, value: { n: 2 } },
    { type: "tool_result", output: "counted to 2", value: "counted to 2", isError: false },
  ]);
  expect(resultsIn(model)).toEqual([[false, "counted to 2"]]);
});

test.each<[says: string, yields: readonly unknown[], returns: unknown, told: string]>([
  ["its last yield where it returns nothing", ["a", { b: 1 }], undefined, '{"b":1}'],
  ["what it returns, though that is null", ["a"], null, "null"],
  ["nothing where it neither yields nor returns", [], undefined, "null"],
])("the result of a generator is %s", async (_says, yields, returns, told) => {
  const give = tool({
    name: "give",
    async *execute() {
      yield* yields;
      return Promise.resolve(returns);
    },
  });
  const model = new ScriptedChatModel([calling(call("give")), "Ok."]);
  await final(model, [give]);
  expect(resultsIn(model)).toEqual([[false, told]]);
});

test("what a generator yields must be sayable, like what any tool returns", async () => {
  const odd = tool({
    name: "odd",
    async *execute() {
      yield await Promise.resolve(new Map([["a", 1]]));
      return "never";
    },
  });
  const model = new ScriptedChatModel([calling(call("odd")), "Ok."]);
  const all = await events(model, [odd]);
  expect(all.some(({ type }) => type === "tool_progress")).toBe(false);
  expect(resultsIn(model)).toEqual([[true, expect.stringContaining("a Map")]]);
});

test("a generator that fails in the middle has shown what it yielded, and the model is told", async () => {
  const half = tool({
    name: "half",
    async *execute() {
      yield await Promise.resolve("half");
      throw new Error("the other half is gone");
    },
  });
  const model = new ScriptedChatModel([calling(call("half")), "Ok."]);
  const all = await events(model, [half]);
  expect(all.filter(({ type }) => type === "tool_progress")).toMatchObject([{ value: "half" }]);
  expect(resultsIn(model)).toEqual([[true, "the other half is gone"]]);
});

test("a run that is stopped by who hears of progress leaves the generator, which cleans up", async () => {
  const did: string[] = [];
  const endless = tool({
    name: "endless",
    async *execute() {
      try {
        for (let n = 0; ; n++) {
          did.push(`step ${n}`);
          yield await Promise.resolve(n);
        }
      } finally {
        did.push("closed");
      }
    },
  });
  const stop = new AbortController();
  const run = runTools(new ScriptedChatModel([calling(call("endless"))]), "?", [endless], {
    signal: stop.signal,
  });
  const error = await failureOf(
    run.forEach((event) => event.type === "tool_progress" && event.value === 1 && stop.abort()),
  );
  expect(error.kind).toBe("aborted");
  await wait(0);
  expect(did).toEqual(["step 0", "step 1", "closed"]);
});

test("a stream is no generator: none of its pieces is the result", async () => {
  const stream = new ReadableStream({ start: (controller) => controller.close() });
  const model = new ScriptedChatModel([calling(call("give")), "Ok."]);
  await final(model, [tool({ name: "give", execute: () => stream })]);
  expect(resultsIn(model)).toEqual([[true, expect.stringContaining("a ReadableStream")]]);
});

test("one block is given as a block, and data that only looks like one is data", async () => {
  const picture = image(new Uint8Array([1, 2]), { mediaType: "image/png" });
  const row = { id: "7", type: "text" };
  const model = new ScriptedChatModel([calling(call("show"), call("rows")), "Ok."]);
  await final(model, [
    tool({ name: "show", execute: () => picture }),
    tool({ name: "rows", execute: () => [row] }),
  ]);
  expect(resultsIn(model)).toEqual([
    [false, [picture]],
    [false, JSON.stringify([row])],
  ]);
});

test("a call that was not allowed does not count as one that was run", async () => {
  const model = new ScriptedChatModel([paris, calling(call("get_weather", { city: "Rome" })), "Ok."]);
  const approve = ({ input }: { readonly input: unknown }): boolean =>
    (input as { city: string }).city === "Rome";
  const { rounds } = await final(model, [weather], { maxCalls: 1, approve });
  expect(rounds.flatMap(({ outcomes }) => outcomes.map(({ notRun }) => notRun))).toEqual([
    "not_approved",
    undefined,
  ]);
});

test("tools run side by side up to the limit, and their results keep the order of the calls", async () => {
  let running = 0;
  let most = 0;
  const slow = tool({
    name: "slow",
    parameters: z.object({ n: z.number() }),
    execute: async ({ n }) => {
      running += 1;
      most = Math.max(most, running);
      await wait((6 - n) * 3);
      running -= 1;
      return `${n}`;
    },
  });
  const calls = [1, 2, 3, 4, 5].map((n) => call("slow", { n }));
  const model = new ScriptedChatModel([calling(...calls), "Done."]);
  const all = await events(model, [slow], { concurrency: 2 });
  expect(most).toBe(2);
  expect(resultsIn(model).map((each) => (each as unknown[])[1])).toEqual(["1", "2", "3", "4", "5"]);
  // Events come as things happen.
  const ended = all.flatMap((event) => (event.type === "tool_result" ? [event.value] : []));
  expect(ended).not.toEqual(["1", "2", "3", "4", "5"]);
  expect(new Set(ended)).toEqual(new Set(["1", "2", "3", "4", "5"]));
});

test("the rounds are bounded: the run ends with what there is, and says so", async () => {
  const model = new ScriptedChatModel(() => paris);
  const { reason, rounds, messages } = await final(model, [weather], { maxRounds: 3 });
  expect([reason, rounds.length, model.calls.length]).toEqual(["max_rounds", 3, 3]);
  expect(messages.at(-1)?.role).toBe("tool");
});

test("calls are bounded: by tool, by what the tool says, and in all", async () => {
  const many = calling(...Array.from({ length: 4 }, () => call("get_weather", { city: "Paris" })));
  const perTool = new ScriptedChatModel([many, "Ok."]);
  await final(perTool, [weather], { maxCallsPerTool: 3 });
  expect(resultsIn(perTool).map((each) => (each as unknown[])[0])).toEqual([false, false, false, true]);
  expect(resultsIn(perTool).at(-1)).toEqual([true, expect.stringContaining("3 times at most")]);
  const own = new ScriptedChatModel([many, "Ok."]);
  await final(own, [tool({ ...weather, maxCalls: 1 })]);
  expect(resultsIn(own).filter((each) => (each as unknown[])[0])).toHaveLength(3);
  const inAll = new ScriptedChatModel([many, many, "Ok."]);
  await final(inAll, [weather], { maxCalls: 5 });
  expect(resultsIn(inAll).filter((each) => (each as unknown[])[0])).toHaveLength(3);
});

test.each(["maxRounds", "concurrency", "maxCalls", "maxCallsPerTool", "deadlineMs"] as const)(
  "a %s that is no bound is a mistake told before anything is sent",
  async (name) => {
    const model = new ScriptedChatModel([]);
    expect(await failureOf(final(model, [weather], { [name]: Number.NaN }))).toMatchObject({
      kind: "configuration",
    });
    expect(model.calls).toEqual([]);
  },
);

test("the deadline stops model and tools, with what had arrived", async () => {
  let stopped = false;
  const hanging = tool({
    name: "hanging",
    execute: (_input, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          stopped = true;
          reject(new Error("stopped"));
        });
      }),
  });
  const model = new ScriptedChatModel([{ text: "Wait.", ...calling(call("hanging")) }]);
  const error = await failureOf(final(model, [hanging], { deadlineMs: 20 }));
  expect(error).toMatchObject({ kind: "timeout", provider: "test", partial: { text: "Wait." } });
  expect(stopped).toBe(true);
});

test("the signal stops a run, and so does unsubscribing: the running tool is told", async () => {
  const stops: string[] = [];
  const hanging = tool({
    name: "hanging",
    execute: (_input, { signal }) =>
      new Promise<string>((resolve) => {
        signal.addEventListener("abort", () => {
          stops.push("told");
          resolve("too late");
        });
      }),
  });
  const model = new ScriptedChatModel(() => calling(call("hanging")));
  const stop = new AbortController();
  const seen: ToolRunEvent[] = [];
  const aborted = failureOf(
    runTools(model, "?", [hanging], { signal: stop.signal }).forEach((event) => {
      seen.push(event);
      if (event.type === "tool_start") queueMicrotask(() => stop.abort());
    }),
  );
  expect(await aborted).toMatchObject({ kind: "aborted" });
  expect(seen.at(-1)?.type).toBe("tool_start");
  await new Promise<void>((resolve) => {
    const subscription = runTools(model, "?", [hanging]).subscribe((event) => {
      if (event.type !== "tool_start") return;
      queueMicrotask(() => {
        subscription.unsubscribe();
        resolve();
      });
    });
  });
  expect(stops).toEqual(["told", "told"]);
  expect(model.calls).toHaveLength(2);
  const early = new AbortController();
  early.abort();
  expect(await failureOf(final(model, [hanging], { signal: early.signal }))).toMatchObject({
    kind: "aborted",
  });
  expect(model.calls).toHaveLength(2);
});

test("a run that is stopped when a tool is about to begin does not begin it", async () => {
  let began = false;
  const eager = tool({
    name: "eager",
    execute: () => {
      began = true;
    },
  });
  const stop = new AbortController();
  const run = runTools(new ScriptedChatModel([calling(call("eager"))]), "?", [eager], {
    signal: stop.signal,
  });
  await failureOf(run.forEach(({ type }) => type === "tool_start" && stop.abort()));
  await wait(0);
  expect(began).toBe(false);
});

test("leaving after the first event sends nothing more", async () => {
  const model = new ScriptedChatModel(() => ({ ...paris, delayMs: 1 }));
  await firstValueFrom(runTools(model, "?", [weather]).pipe(take(1)));
  await wait(20);
  expect(model.calls).toHaveLength(1);
});

test("a tool that returns directly ends the run with what it gave", async () => {
  const direct = tool({ name: "look_up", returnDirect: true, execute: () => ({ answer: 42 }) });
  const model = new ScriptedChatModel([calling(call("look_up"))]);
  const { reason, text: said, messages } = await final(model, [direct]);
  expect([reason, said, model.calls.length]).toEqual(["return_direct", '{"answer":42}', 1]);
  expect(messages.map(({ role }) => role)).toEqual(["assistant", "tool"]);
  // Beside a tool that does not, or after a failure, the model has the last word.
  const both = new ScriptedChatModel([
    calling(call("look_up"), call("get_weather", { city: "Rome" })),
    "Both.",
  ]);
  expect(await final(both, [direct, weather])).toMatchObject({ reason: "answer", text: "Both." });
  const failing = tool({
    name: "look_up",
    returnDirect: true,
    execute: () => Promise.reject(new Error("no")),
  });
  const sorry = new ScriptedChatModel([calling(call("look_up")), "Sorry."]);
  expect(await final(sorry, [failing])).toMatchObject({ reason: "answer", text: "Sorry." });
});

test("a call of a tool without execute is the caller's: the run ends with it, checked", async () => {
  const form = tool({ name: "show_form", parameters: z.object({ title: z.string() }) });
  const model = new ScriptedChatModel([
    calling(call("show_form", { title: 1 })),
    calling(call("show_form", { title: "Name?" }, "c2"), call("get_weather", { city: "Rome" }, "c3")),
  ]);
  const { reason, messages, response } = await final(model, [form, weather]);
  expect(reason).toBe("caller_tool");
  expect(response.toolCalls.map(({ id }) => id)).toEqual(["c2", "c3"]);
  expect(messages.at(-1)?.toolResults.map(({ id }) => id)).toEqual(["c3"]);
});

test("each call may have to be approved", async () => {
  const model = new ScriptedChatModel([
    calling(
      call("get_weather", { city: "A" }),
      call("get_weather", { city: "B" }),
      call("get_weather", { city: "C" }),
    ),
    "Ok.",
  ]);
  const asked: unknown[] = [];
  const all = await events(model, [weather], {
    approve: async ({ call: wanted, input }) => {
      asked.push([wanted.name, input]);
      const { city } = input as { city: string };
      return Promise.resolve(city === "A" ? true : city === "B" ? false : "Not on Sundays.");
    },
  });
  expect(asked[0]).toEqual(["get_weather", { city: "A", unit: "C" }]);
  expect(all.filter(({ type }) => type === "tool_start")).toHaveLength(1);
  expect(resultsIn(model)).toEqual([
    [false, expect.stringContaining('"city":"A"')],
    [true, "The user did not allow this call."],
    [true, "Not on Sundays."],
  ]);
});

test("a run may be stopped while it waits for an approval, which is told", async () => {
  const model = new ScriptedChatModel([paris]);
  const stop = new AbortController();
  let waiting: AbortSignal | undefined;
  const approve = ({ signal }: { readonly signal: AbortSignal }): Promise<boolean> => {
    waiting = signal;
    setTimeout(() => stop.abort());
    return new Promise(() => {}); // whoever was asked has gone home
  };
  const error = await failureOf(final(model, [weather], { approve, signal: stop.signal }));
  expect([error.kind, waiting?.aborted, model.calls.length]).toEqual(["aborted", true, 1]);
});

test("of calls side by side each has its own end: one that throws takes no other with it", async () => {
  const act = tool({
    name: "act",
    parameters: z.object({ n: z.number() }),
    execute: ({ n }) => {
      if (n === 1) throw new Error("at once");
      return n === 2 ? Promise.reject(new Error("later")) : wait(5).then(() => `${n} is done`);
    },
  });
  const model = new ScriptedChatModel([calling(...[0, 1, 2, 3].map((n) => call("act", { n }))), "Ok."]);
  const { reason, rounds } = await final(model, [act]);
  expect(resultsIn(model)).toEqual([
    [false, "0 is done"],
    [true, "at once"],
    [true, "later"],
    [false, "3 is done"],
  ]);
  expect([reason, rounds[0]?.outcomes.map(({ error }) => error instanceof Error)]).toEqual([
    "answer",
    [false, true, true, false],
  ]);
});

test("the context reaches the tools and not the model, and is asked for by its type", async () => {
  const seen: unknown[] = [];
  const mine = tool({
    name: "my_orders",
    parameters: z.object({ limit: z.number() }),
    execute: ({ limit }, run: { readonly context: { readonly tenant: string }; readonly round: number }) => {
      seen.push([limit, run.context.tenant, run.round]);
      return [];
    },
  });
  const model = new ScriptedChatModel([calling(call("my_orders", { limit: 3 })), "None."]);
  const messages = [new UserMessage("My orders?")];
  await lastValueFrom(runTools(model, messages, [mine, weather], { context: { tenant: "acme" } }));
  expect(seen).toEqual([[3, "acme", 1]]);
  expect(JSON.stringify(model.calls)).not.toContain("acme");
  expectTypeOf(runTools<{ tenant: string }>)
    .parameter(3)
    .toExtend<{ context: { tenant: string } }>();
  // @ts-expect-error the tool wants a tenant
  runTools(model, messages, [mine]);
  // @ts-expect-error a number is no tenant
  runTools(model, messages, [mine], { context: { tenant: 7 } });
});

test("a forced choice holds for the first round only", async () => {
  const model = new ScriptedChatModel([paris, "Fine."]);
  await final(model, [weather], { toolChoice: "required", temperature: 0 });
  expect(model.calls.map(({ options }) => options.toolChoice)).toEqual(["required", "auto"]);
  expect(model.calls.map(({ options }) => options.temperature)).toEqual([0, 0]);
});

test("an answer that pauses is asked on, and calls that the provider answered itself are not run", async () => {
  const model = new ScriptedChatModel([{ text: "Searching", finishReason: "pause" }, "Found."]);
  expect(await final(model, [weather])).toMatchObject({ reason: "answer", text: "Found." });
  const served = (await new ScriptedChatModel("Hi").call("Hi")).with({
    content: [
      { type: "tool_use", id: "s1", name: "web_search", input: {}, rawInput: "{}" },
      { type: "tool_result", id: "s1", name: "web_search", output: "a page" },
      text("Found it."),
    ],
  });
  const run = runTools(
    new ScriptedChatModel([]).with(() => of(served)),
    "?",
    [weather],
  );
  expect(await lastValueFrom(run)).toMatchObject({ type: "final", reason: "answer", text: "Found it." });
});

test("a failure of the model goes through, with what had arrived", async () => {
  const error = modelError("server", "The engine stopped.", { retryable: false });
  const model = new ScriptedChatModel([paris, { text: "It is", error }]);
  const caught = await failureOf(final(model, [weather]));
  expect(caught).toBe(error);
  expect(caught.partial?.text).toBe("It is");
});

test("two tools of one name, and no message, are mistakes told as such", async () => {
  const doubled = await failureOf(final(new ScriptedChatModel([]), [weather, weather]));
  expect(doubled.message).toContain('Two tools are named "get_weather"');
  const none = lastValueFrom(runTools(new ScriptedChatModel([]), [], [weather]));
  expect(await failureOf(none)).toMatchObject({ kind: "invalid_request" });
});

test("an approval that fails ends the run as a mistake of the caller", async () => {
  const model = new ScriptedChatModel([paris]);
  const error = await failureOf(
    final(model, [weather], { approve: () => Promise.reject(new TypeError("no dialog")) }),
  );
  expect(error).toMatchObject({ kind: "configuration" });
  expect(error.message).toContain("no dialog");
});
