import { getEventListeners } from "node:events";
import { EMPTY, lastValueFrom, Observable, of, share, take, tap, throwError, toArray } from "rxjs";
import { Agent } from "undici";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { ConfigurationError, modelError, RateLimitError } from "../../src/error/errors-by-kind.ts";
import type { Msg } from "../../src/message/msg.ts";
import { accumulate, type ResponseDelta } from "../../src/model/accumulate.ts";
import { ChatModelBase, type ChatModelInit } from "../../src/model/chat-model-base.ts";
import { ChatResponse } from "../../src/model/chat-response.ts";
import type { ResolvedOptions } from "../../src/model/generate-options.ts";
import type { ChatCall, ChatMiddleware } from "../../src/model/middleware.ts";
import type { ModelCard } from "../../src/model/model-card.ts";
import type { ToolSchema } from "../../src/tool/tool-schema.ts";
import { serve, until, wait } from "../transport/loopback.ts";
import { deltaEvent, DONE, modelAt, SSE_HEAD, textEvent, textStream } from "./openai-server.ts";
import { failureOf } from "../failures.ts";

interface Call {
  readonly messages: Msg[];
  readonly tools: ToolSchema[];
  readonly options: ResolvedOptions;
}

/** A plugin: what its `doStream` does is a function of the test. */
class PluginModel extends ChatModelBase {
  readonly calls: Call[] = [];
  private readonly answer: (call: Call, model: PluginModel) => Observable<ChatResponse>;

  constructor(
    answer: (call: Call, model: PluginModel) => Observable<ChatResponse>,
    init: Partial<ChatModelInit> = {},
  ) {
    super({ provider: "plugin", modelName: "p1", ...init });
    this.answer = answer;
  }

  protected doStream(
    messages: Msg[],
    tools: ToolSchema[],
    options: ResolvedOptions,
  ): Observable<ChatResponse> {
    const call = { messages, tools, options };
    this.calls.push(call);
    return this.answer(call, this);
  }
}

function plugin(deltas: readonly ResponseDelta[], init?: Partial<ChatModelInit>): PluginModel {
  return new PluginModel((_call, model) => accumulate(of(...deltas), model), init);
}

/** Snapshots of a plugin that makes them by hand. */
function snapshot(text: string, isLast = false): ChatResponse {
  return new ChatResponse({
    id: "r1",
    provider: "plugin",
    model: "p1",
    createdAt: "2026-11-21T00:00:00Z",
    content: text === "" ? [] : [{ type: "text", id: "t", text }],
    delta: [],
    isLast,
  });
}

function card(change: Partial<ModelCard>): ModelCard {
  return { ...plugin([]).card, ...change };
}

test("nothing is sent before someone subscribes, and two subscriptions are two requests", async () => {
  const server = await serve((response) => void response.writeHead(200, SSE_HEAD).end(textStream("Hi")));
  const stream = modelAt(server.url).stream("Hello");
  await wait(20);
  expect(server.connections).toBe(0);
  const texts = await Promise.all([lastValueFrom(stream), lastValueFrom(stream)]);
  expect(texts.map(({ text }) => text)).toEqual(["Hi", "Hi"]);
  expect(server.requests).toHaveLength(2);
});

test("call gives the last snapshot of the stream", async () => {
  const server = await serve(
    (response) => void response.writeHead(200, SSE_HEAD).end(textStream("He", "llo")),
  );
  const reply = await modelAt(server.url).call("Hi");
  expect(reply).toMatchObject({ text: "Hello", isLast: true, finishReason: "stop", model: "gpt-test-1" });
  expect(reply.metadata.attempts).toBe(1);
});

test("a message may be a text, plain data, a Msg, or a list of them", async () => {
  const model = plugin([{ text: "ok" }]);
  await model.call("a");
  await model.call({ role: "system", content: "b" });
  await model.call(["c", { role: "assistant", content: "d" }]);
  expect(model.calls.map(({ messages }) => messages.map(({ role, text }) => `${role}: ${text}`))).toEqual([
    ["user: a"],
    ["system: b"],
    ["user: c", "assistant: d"],
  ]);
});

test("the options may stand in the place of the tools", async () => {
  const model = plugin([{ text: "ok" }]);
  await model.call("a", { temperature: 0 });
  await model.call("a", [{ name: "f" }], { temperature: 1 });
  await model.call("a", undefined, { temperature: 0.5 });
  await model.call("a", [{ name: "g" }]);
  expect(
    model.calls.map(({ tools, options }) => [tools.map(({ name }) => name), options.temperature]),
  ).toEqual([
    [[], 0],
    [["f"], 1],
    [[], 0.5],
    [["g"], undefined],
  ]);
});

test.each([
  ["no message", []],
  ["an unknown role", { role: "wizard", content: "x" }],
  ["a number", 7],
  ["a null", [null]],
])("%s is an error of the stream and never a throw, and nothing is sent", async (_name, messages) => {
  const model = plugin([{ text: "ok" }]);
  const stream = model.stream(messages as unknown as string);
  const error = await failureOf(lastValueFrom(stream));
  expect(["invalid_request", "configuration"]).toContain(error.kind);
  expect(error).toMatchObject({ provider: "plugin", model: "p1" });
  expect(model.calls).toHaveLength(0);
});

test("tools with schemas of any kind reach doStream as JSON Schema", async () => {
  const model = plugin([{ text: "ok" }]);
  const city = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
  await model.call("a", [{ name: "f", parameters: z.object({ city: z.string() }) }], {
    responseFormat: { type: "json_schema", schema: z.object({ city: z.string() }), name: "place" },
  });
  expect(model.calls[0]?.tools).toEqual([{ name: "f", parameters: city }]);
  expect(model.calls[0]?.options.responseFormat).toMatchObject({
    type: "json_schema",
    name: "place",
    schema: city,
  });
});

test("a tool that cannot be offered is an error of the stream", async () => {
  const model = plugin([{ text: "ok" }]);
  const error = await failureOf(model.call("a", [{ name: "no spaces" }]));
  expect(error).toMatchObject({ kind: "configuration", provider: "plugin" });
  expect(model.calls).toHaveLength(0);
});

test("unsubscribing while the schemas are made sends nothing", async () => {
  const model = plugin([{ text: "ok" }]);
  model
    .stream("a", [{ name: "f", parameters: z.object({}) }])
    .subscribe()
    .unsubscribe();
  await wait(10);
  expect(model.calls).toHaveLength(0);
});

test("options merge: card, then model, then call; undefined inherits, null unsets, arrays replace", async () => {
  const model = plugin([{ text: "ok" }], {
    card: card({ defaults: { temperature: 0.1, topP: 0.1, seed: 1 } }),
    options: { topP: 0.2, stop: ["a", "b"], seed: null },
  });
  await model.call("a");
  await model.call("a", { temperature: null, topP: undefined, stop: ["c"] } as object);
  expect(model.calls.map(({ options }) => options)).toEqual([
    { temperature: 0.1, topP: 0.2, stop: ["a", "b"] },
    { topP: 0.2, stop: ["c"] },
  ]);
});

test("what the model lacks is a warning on the last snapshot, before the model's own", async () => {
  const model = new PluginModel(
    () => of(snapshot("a"), snapshot("ab", true).with({ warnings: [{ option: "messages", reason: "own" }] })),
    { card: card({ parameterSchema: { type: "object", properties: {} } }) },
  );
  const reply = await model.call("a", { temperature: 1 });
  expect(reply.warnings.map(({ option }) => option)).toEqual(["temperature", "messages"]);
  expect(model.calls[0]?.options).toEqual({});
});

test("an option of the wrong type is an error of the stream before anything is sent", async () => {
  const model = plugin([{ text: "ok" }]);
  const error = await failureOf(model.call("a", { temperature: "hot" } as object));
  expect(error.kind).toBe("configuration");
  expect(model.calls).toHaveLength(0);
});

test("a throw in doStream is an error of the stream", async () => {
  const cause = new TypeError("cannot read properties of undefined");
  const model = new PluginModel(() => {
    throw cause;
  });
  const error = await failureOf(model.call("a"));
  expect(error).toMatchObject({ kind: "server", retryable: false, provider: "plugin", model: "p1", cause });
  expect(error.message).toContain("plugin/p1 failed inside: cannot read properties of undefined");
  expect(model.calls).toHaveLength(1);
});

test("a foreign error is wrapped, a ModelError stays the same object and learns who failed", async () => {
  const foreign = new PluginModel(() => throwError(() => "just a text"));
  expect(await failureOf(foreign.call("a"))).toMatchObject({ kind: "server", cause: "just a text" });
  const own = new RateLimitError("Slow down.", { provider: "inner", retryable: false });
  const error = await failureOf(new PluginModel(() => throwError(() => own)).call("a"));
  expect(error).toBe(own);
  expect(error).toMatchObject({ provider: "inner", model: "p1", attempts: 1 });
});

test("a doStream that returns no Observable is told so, and not tried again", async () => {
  for (const result of [undefined, Promise.resolve("a"), {}]) {
    const model = new PluginModel(() => result as unknown as Observable<ChatResponse>);
    const error = await failureOf(model.call("a"));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain("Observable");
    expect(model.calls).toHaveLength(1);
  }
});

/** An observable of a library that has nothing of rxjs but `subscribe`. */
function foreign(
  subscribe: (observer: { next(value: ChatResponse): void; error(error: unknown): void }) => unknown,
): Observable<ChatResponse> {
  return { subscribe } as unknown as Observable<ChatResponse>;
}

test("a source of another library may let go by a function, or not at all", async () => {
  let hasLeft = false;
  const model = new PluginModel(() =>
    foreign((observer) => {
      setTimeout(() => observer.next(snapshot("by a function", true)));
      return () => {
        hasLeft = true;
      };
    }),
  );
  expect((await model.call("hi")).text).toBe("by a function");
  expect(hasLeft).toBe(true);
  const forgetful = new PluginModel(() =>
    foreign((observer) => void setTimeout(() => observer.next(snapshot("not at all", true)))),
  );
  expect((await forgetful.call("hi")).text).toBe("not at all");
});

test("what a source says after its failure is not part of the next try's answer", async () => {
  let sayMore = (): void => undefined;
  const model = new PluginModel(() =>
    foreign((observer) => {
      if (model.calls.length === 1) {
        sayMore = () => observer.next(snapshot("from the dead"));
        observer.error(modelError("network", "The first try is lost."));
      } else {
        sayMore();
        setTimeout(() => observer.next(snapshot("alive", true)));
      }
    }),
  );
  const texts = await lastValueFrom(model.stream("hi", { retry: { baseDelayMs: 0 } }).pipe(toArray()));
  expect(texts.map(({ text }) => text)).toEqual(["alive"]);
});

test("a source that throws while it lets go does not keep the end of its answer from the reader", async () => {
  const thrown: unknown[] = [];
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => thrown.push(error));
  onTestFinished(() => {
    process.removeAllListeners("uncaughtException");
    for (const listener of listeners) process.on("uncaughtException", listener);
  });
  const throwing = (subscriber: { next(value: ChatResponse): void }, isLast: boolean): (() => void) => {
    setTimeout(() => subscriber.next(snapshot("whole", isLast)));
    return () => {
      throw new Error("The door is stuck.");
    };
  };
  const model = new PluginModel(() => new Observable((subscriber) => throwing(subscriber, true)));
  const silent = new PluginModel(() => new Observable((subscriber) => throwing(subscriber, false)));
  const passOn: ChatMiddleware = (call, next) => next(call);
  for (const each of [model, model.with(passOn)]) expect((await each.call("hi")).text).toBe("whole");
  for (const each of [silent, silent.with(passOn)])
    expect(await failureOf(each.call("hi", { timeout: { idleMs: 20 } }))).toMatchObject({ kind: "timeout" });
  await until(() => thrown.length === 4);
});

test("a plugin that completes without a last snapshot was cut, and what it said is in partial", async () => {
  const error = await failureOf(new PluginModel(() => of(snapshot("Hel"), snapshot("Hello"))).call("a"));
  expect(error).toMatchObject({
    kind: "truncated",
    partial: { text: "Hello", interrupted: true, isLast: false },
  });
  const empty = await failureOf(new PluginModel(() => EMPTY).call("a"));
  expect(empty.kind).toBe("truncated");
  expect(empty.message).toContain("without any snapshot");
  expect(empty.partial).toBeUndefined();
});

test("after the last snapshot nothing is emitted, whatever the plugin does", async () => {
  const model = new PluginModel(
    () =>
      new Observable((subscriber) => {
        subscriber.next(snapshot("a", true));
        subscriber.next(snapshot("b"));
        subscriber.next(snapshot("c", true));
        subscriber.error(new Error("too late"));
      }),
  );
  const seen = await lastValueFrom(model.stream("a").pipe(toArray()));
  expect(seen.map(({ text, isLast }) => [text, isLast])).toEqual([["a", true]]);
});

test("the smallest plugin gives deltas, and its last snapshot has timings", async () => {
  const model = plugin([
    { thinking: "hm" },
    { text: "Hel" },
    { text: "lo" },
    { usage: { inputTokens: 3, outputTokens: 2 } },
  ]);
  const seen = await lastValueFrom(model.stream("a").pipe(toArray()));
  expect(seen.map(({ text }) => text)).toEqual(["", "Hel", "Hello", "Hello", "Hello"]);
  const last = seen.at(-1);
  expect(last).toMatchObject({
    isLast: true,
    finishReason: "stop",
    usage: { inputTokens: 3, outputTokens: 2 },
  });
  expect(last?.usage?.timeToFirstTokenMs).toBeGreaterThanOrEqual(0);
  expect(last?.usage?.durationMs).toBeGreaterThanOrEqual(last?.usage?.timeToFirstTokenMs as number);
});

test("cost is by the card's prices, unless the provider says it or a count is missing", async () => {
  const init = { card: card({ pricing: { input: 2, output: 8, cacheRead: 0.5 } }) };
  const usage = { inputTokens: 1_000_000, outputTokens: 500_000, cacheReadTokens: 400_000 };
  const costOf = async (each: ResponseDelta["usage"]): Promise<number | undefined> =>
    (await plugin([{ text: "a" }, { usage: each ?? {} }], init).call("a")).usage?.cost;
  expect(await costOf(usage)).toBeCloseTo(0.6 * 2 + 0.4 * 0.5 + 0.5 * 8, 9);
  expect(await costOf({ ...usage, cost: 0.01 })).toBe(0.01);
  expect(await costOf({ inputTokens: 5 })).toBeUndefined();
  const unpriced = await plugin([{ usage }]).call("a");
  expect(unpriced.usage?.cost).toBeUndefined();
});

test("a signal that has fired already sends nothing", async () => {
  const server = await serve((response) => void response.end());
  const reason = new Error("changed my mind");
  const error = await failureOf(modelAt(server.url).call("a", { signal: AbortSignal.abort(reason) }));
  expect(error).toMatchObject({ kind: "aborted", cause: reason, provider: "openai", model: "gpt-test" });
  expect(error.partial).toBeUndefined();
  await wait(10);
  expect(server.connections).toBe(0);
});

test("a signal during the answer closes the socket and keeps what had arrived", async () => {
  const server = await serve((response) => {
    response.writeHead(200, SSE_HEAD);
    response.write(
      textEvent("Hel") +
        deltaEvent({ tool_calls: [{ index: 0, id: "c", function: { name: "f", arguments: '{"x' } }] }),
    );
  });
  const controller = new AbortController();
  const stream = modelAt(server.url).stream("a", { signal: controller.signal });
  const error = await failureOf(
    lastValueFrom(stream.pipe(tap(({ toolCalls }) => toolCalls.length > 0 && controller.abort()))),
  );
  expect(error).toMatchObject({ kind: "aborted", partial: { text: "Hel", interrupted: true } });
  expect((error.partial as ChatResponse).toolCalls[0]?.inputError).toMatch(/cut/);
  await until(() => server.open === 0);
});

test("a signal before the answer begins closes the socket", async () => {
  const server = await serve(() => undefined);
  const controller = new AbortController();
  const failed = failureOf(modelAt(server.url).call("a", { signal: controller.signal }));
  await until(() => server.requests.length === 1);
  controller.abort();
  expect((await failed).kind).toBe("aborted");
  await until(() => server.open === 0);
});

test("a signal during the wait before a retry cuts the wait", async () => {
  const server = await serve((response) => void response.writeHead(503, { "retry-after": "30" }).end("{}"));
  const controller = new AbortController();
  const failed = failureOf(modelAt(server.url).call("a", { signal: controller.signal }));
  await until(() => server.requests.length === 1);
  await wait(20);
  controller.abort();
  expect((await failed).kind).toBe("aborted");
  expect(server.requests).toHaveLength(1);
});

test("a signal's time limit is an abort whose cause says so", async () => {
  const server = await serve(() => undefined);
  const error = await failureOf(modelAt(server.url).call("a", { signal: AbortSignal.timeout(30) }));
  expect(error.kind).toBe("aborted");
  expect((error.cause as Error).name).toBe("TimeoutError");
});

test("no call leaves a listener on its signal, however it ends", async () => {
  const { signal } = new AbortController();
  const listeners = (): number => getEventListeners(signal, "abort").length;
  await plugin([{ text: "a" }]).call("a", { signal });
  expect(listeners()).toBe(0);
  await failureOf(new PluginModel(() => throwError(() => new Error("cut"))).call("a", { signal }));
  expect(listeners()).toBe(0);
  await failureOf(plugin([]).call([], { signal }));
  expect(listeners()).toBe(0);
  const never = new PluginModel(() => new Observable(() => undefined));
  const subscription = never.stream("a", { signal }).subscribe();
  expect(listeners()).toBe(1);
  subscription.unsubscribe();
  expect(listeners()).toBe(0);
  for await (const _ of plugin([{ text: "a" }, { text: "b" }]).stream("a", { signal })) break;
  expect(listeners()).toBe(0);
});

test("take(1) closes the socket", async () => {
  const server = await serve(
    (response) => void response.writeHead(200, SSE_HEAD).write(textEvent("a") + textEvent("b")),
  );
  const first = await lastValueFrom(modelAt(server.url).stream("a").pipe(take(1)));
  expect(first.text).toBe("a");
  await until(() => server.open === 0);
});

test("unsubscribing before the head closes the socket and is silent", async () => {
  const server = await serve(() => undefined);
  const heard: unknown[] = [];
  const subscription = modelAt(server.url)
    .stream("a")
    .subscribe({
      next: (each) => heard.push(each),
      error: (error: unknown) => heard.push(error),
      complete: () => heard.push("complete"),
    });
  await until(() => server.requests.length === 1);
  subscription.unsubscribe();
  await until(() => server.open === 0);
  expect(heard).toEqual([]);
});

test("unsubscribing at once sends nothing", async () => {
  const server = await serve((response) => void response.end());
  modelAt(server.url).stream("a").subscribe().unsubscribe();
  await wait(20);
  expect(server.requests).toHaveLength(0);
});

test("a shared stream is one request for all who listen", async () => {
  const server = await serve(async (response) => {
    response.writeHead(200, SSE_HEAD);
    for (const word of ["a", "b", "c"]) {
      response.write(textEvent(word));
      await wait(5);
    }
    response.end(deltaEvent({}, "stop") + DONE);
  });
  const shared = modelAt(server.url).stream("a").pipe(share());
  const [first, second] = await Promise.all([lastValueFrom(shared.pipe(toArray())), lastValueFrom(shared)]);
  expect(server.requests).toHaveLength(1);
  expect([first.at(-1)?.text, second.text]).toEqual(["abc", "abc"]);
});

test("a failure that may pass is tried again before the first snapshot, and its answer says how often", async () => {
  const server = await serve((response) => {
    if (server.requests.length < 3) response.writeHead(503, { "retry-after-ms": "1" }).end("{}");
    else response.writeHead(200, SSE_HEAD).end(textStream("Hi"));
  });
  const reply = await modelAt(server.url).call("a");
  expect([reply.text, reply.metadata.attempts, server.requests.length]).toEqual(["Hi", 3, 3]);
});

test("a stream that is cut after its first snapshot is not asked for again, and keeps what had arrived", async () => {
  const server = await serve(
    (response) => void response.writeHead(200, SSE_HEAD).end(textEvent("Hel") + textEvent("lo")),
  );
  const error = await failureOf(modelAt(server.url).call("a"));
  expect(error).toMatchObject({
    kind: "truncated",
    attempts: 1,
    partial: { text: "Hello", interrupted: true },
  });
  expect(server.requests).toHaveLength(1);
});

test("a stream that is cut before its first snapshot is asked for again", async () => {
  const server = await serve((response) => {
    response.writeHead(200, SSE_HEAD).end(server.requests.length === 1 ? ": hello\n\n" : textStream("Hi"));
  });
  const reply = await modelAt(server.url, { options: { retry: { baseDelayMs: 1 } } }).call("a");
  expect([reply.text, server.requests.length]).toEqual(["Hi", 2]);
});

test("keep-alive comments do not keep a silent answer alive", async () => {
  const server = await serve((response) => {
    response.writeHead(200, SSE_HEAD).write(textEvent("Hel"));
    const timer = setInterval(() => response.write(": ping\n\n"), 10);
    response.on("close", () => clearInterval(timer));
  });
  const error = await failureOf(modelAt(server.url).call("a", { timeout: { idleMs: 60 } }));
  expect(error).toMatchObject({ kind: "timeout", partial: { text: "Hel" } });
  await until(() => server.open === 0);
});

test("a connection that does not come about is a timeout of its own, tried again", async () => {
  let asked = 0;
  const dispatcher = new Agent({ connect: () => void (asked += 1) });
  onTestFinished(() => dispatcher.destroy());
  const model = modelAt("http://127.0.0.1:9", {
    endpoint: { baseUrl: "http://127.0.0.1:9", headers: () => ({}), dispatcher },
    options: { timeout: { connectMs: 20 }, retry: { maxRetries: 1, baseDelayMs: 1 } },
  });
  const error = await failureOf(model.call("a"));
  expect(error).toMatchObject({ kind: "timeout", attempts: 2 });
  expect(error.message).toContain("timeout.connectMs");
  expect(asked).toBe(2);
});

test("the total deadline closes the socket", async () => {
  const server = await serve((response) => {
    response.writeHead(200, SSE_HEAD);
    const timer = setInterval(() => response.write(textEvent("x")), 5);
    response.on("close", () => clearInterval(timer));
  });
  const error = await failureOf(modelAt(server.url).call("a", { timeout: 60 }));
  expect(error.kind).toBe("timeout");
  expect(error.partial?.text).toMatch(/^x+$/);
  await until(() => server.open === 0);
});

test("no failure is left unhandled when nobody listens for it", async () => {
  const heard = vi.fn();
  process.on("unhandledRejection", heard);
  const subscription = plugin([])
    .stream([])
    .subscribe({ error: () => undefined });
  subscription.unsubscribe();
  const failing = new PluginModel(() => throwError(() => new Error("cut"))).stream("a");
  const iterator = failing[Symbol.asyncIterator]();
  void iterator.next().catch(() => undefined);
  await wait(10);
  process.off("unhandledRejection", heard);
  expect(heard).not.toHaveBeenCalled();
});

/** A middleware that notes when a call passes it on its way in and out. */
function noting(name: string, notes: string[]): ChatMiddleware {
  return (call, next) => {
    notes.push(`${name} in`);
    return next(call).pipe(tap({ complete: () => notes.push(`${name} out`) }));
  };
}

test("the first middleware is the outermost, and the model itself stays as it is", async () => {
  const notes: string[] = [];
  const model = plugin([{ text: "ok" }]);
  const around = model.with(noting("first", notes), noting("second", notes));
  expect((await around.call("a")).text).toBe("ok");
  expect(notes).toEqual(["first in", "second in", "second out", "first out"]);
  await model.call("a");
  expect(notes).toHaveLength(4);
  expect([around.provider, around.modelName, around.card]).toEqual([
    model.provider,
    model.modelName,
    model.card,
  ]);
});

test("middleware around middleware stands outside of it", async () => {
  const notes: string[] = [];
  await plugin([{ text: "ok" }])
    .with(noting("inner", notes))
    .with(noting("outer", notes))
    .call("a");
  expect(notes).toEqual(["outer in", "inner in", "inner out", "outer out"]);
});

test("a middleware is asked at subscription, once for each", async () => {
  const notes: string[] = [];
  const stream = plugin([{ text: "ok" }])
    .with(noting("m", notes))
    .stream("a");
  expect(notes).toEqual([]);
  await lastValueFrom(stream);
  await lastValueFrom(stream);
  expect(notes).toEqual(["m in", "m out", "m in", "m out"]);
});

test("a middleware may change the call, and its options are checked like the caller's", async () => {
  const model = plugin([{ text: "ok" }], {
    card: card({
      parameterSchema: { type: "object", properties: { temperature: { type: "number", maximum: 1 } } },
    }),
  });
  const seen: ChatCall[] = [];
  const hotter: ChatMiddleware = (call, next) => {
    seen.push(call);
    return next({ ...call, options: { ...call.options, temperature: 5, seed: 1 } });
  };
  const reply = await model.with(hotter).call("a");
  expect(model.calls[0]?.options).toEqual({ temperature: 1 });
  expect(reply.warnings.map(({ option }) => option)).toEqual(["temperature", "seed"]);
  expect(seen[0]?.model).toMatchObject({ provider: "plugin", modelName: "p1" });
});

test("a middleware may answer by itself", async () => {
  const model = plugin([{ text: "ok" }]);
  const reply = await model.with(() => of(snapshot("cached", true))).call("a");
  expect(reply.text).toBe("cached");
  expect(model.calls).toHaveLength(0);
});

test("a middleware may ask again", async () => {
  let answers = 0;
  const model = new PluginModel((_call, self) =>
    ++answers === 1
      ? throwError(() => modelError("parse", "Not JSON."))
      : accumulate(of({ text: "ok" }), self),
  );
  const again: ChatMiddleware = (call, next) =>
    new Observable((subscriber) =>
      next(call).subscribe({
        next: (each) => subscriber.next(each),
        error: () => subscriber.add(next(call).subscribe(subscriber)),
        complete: () => subscriber.complete(),
      }),
    );
  expect((await model.with(again).call("a")).text).toBe("ok");
  expect(model.calls).toHaveLength(2);
});

test("a throw in a middleware, and one that returns no Observable, are errors of the stream", async () => {
  const model = plugin([{ text: "ok" }]);
  const throwing = await failureOf(
    model
      .with(() => {
        throw new Error("broken");
      })
      .call("a"),
  );
  expect(throwing).toMatchObject({ kind: "server", provider: "plugin" });
  expect(throwing.message).toContain("broken");
  const empty = await failureOf(model.with(() => undefined as unknown as Observable<ChatResponse>).call("a"));
  expect(empty.kind).toBe("configuration");
  expect(model.calls).toHaveLength(0);
});

test("a middleware sees the failure of what is inside it", async () => {
  const seen: unknown[] = [];
  const watching: ChatMiddleware = (call, next) =>
    next(call).pipe(tap({ error: (error: unknown) => seen.push(error) }));
  const model = new PluginModel(() => throwError(() => modelError("quota", "Empty.")));
  const error = await failureOf(model.with(watching).call("a"));
  expect(seen).toEqual([error]);
});

test("unsubscribing passes through middleware to the socket", async () => {
  const server = await serve((response) => void response.writeHead(200, SSE_HEAD).write(textEvent("a")));
  const model = modelAt(server.url).with((call, next) => next(call).pipe(tap(() => undefined)));
  await lastValueFrom(model.stream("a").pipe(take(1)));
  await until(() => server.open === 0);
});
