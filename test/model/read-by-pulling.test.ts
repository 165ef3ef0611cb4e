import { from, Observable } from "rxjs";
import { expect, test } from "vitest";
import {
  accumulate,
  AnswerStream,
  ChatModelBase,
  type ChatResponse,
  jsonSchema,
  runTools,
  type StructuredSnapshot,
  tool,
  type ToolRunEvent,
} from "rxscope";
import { serve, settled, until, wait } from "../transport/loopback.ts";
import { deltaEvent, DONE, modelAt, SSE_HEAD, textEvent } from "./openai-server.ts";

// What a model streams, structures and runs is read alike: subscribed to, or pulled by `for await`.

const anything = jsonSchema<{ text: string }>({ type: "object" });
const idle = tool({ name: "idle", execute: () => "done" });

const READ = {
  stream: (model: ChatModelBase): AnswerStream<ChatResponse> => model.stream("Go"),
  streamStructured: (model: ChatModelBase): AnswerStream<StructuredSnapshot<{ text: string }>> =>
    model.streamStructured("Go", anything, { strategy: "native" }),
  runTools: (model: ChatModelBase): AnswerStream<ToolRunEvent> => runTools(model, "Go", [idle]),
};
const ways = Object.entries(READ) as [
  keyof typeof READ,
  (model: ChatModelBase) => AnswerStream<ChatResponse | StructuredSnapshot<{ text: string }> | ToolRunEvent>,
][];

test.each(ways)(
  "%s: nothing is sent before the first pull, and leaving the loop closes the socket",
  async (_, read) => {
    const server = await serve(
      (response) => void response.writeHead(200, SSE_HEAD).write(textEvent('{"text":"') + textEvent("b")),
    );
    const stream = read(modelAt(server.url));
    expect(stream).toBeInstanceOf(Observable);
    await wait(20);
    expect(server.connections).toBe(0);
    for await (const _first of stream) break;
    await until(() => server.open === 0);
    expect(server.requests).toHaveLength(1);
    for await (const _first of stream) break;
    expect(server.requests).toHaveLength(2);
  },
);

test.each(ways)(
  "%s: while a reader sleeps the server cannot go on writing, and nothing is lost",
  async (_, read) => {
    const count = 40_000;
    let written = 0;
    const server = await serve((response) => {
      response.writeHead(200, SSE_HEAD);
      response.write(textEvent('{"text":"'));
      let index = 0;
      const write = (): void => {
        while (index < count) {
          const block = textEvent("x".repeat(800)).repeat(100);
          index += 100;
          written += block.length;
          if (!response.write(block)) return void response.once("drain", write);
        }
        response.end(textEvent('"}') + deltaEvent({}, "stop") + DONE);
      };
      write();
    });
    let values = 0;
    let stood = 0;
    let last: unknown;
    for await (const value of read(modelAt(server.url))) {
      last = value;
      if (++values === 10) stood = await settled(() => written);
    }
    expect(stood).toBeLessThan(20 * 1024 * 1024);
    expect(written).toBeGreaterThan(30_000_000);
    expect(values).toBeGreaterThan(count);
    const response = (last as { response?: ChatResponse }).response ?? (last as ChatResponse);
    expect(response.text).toHaveLength(count * 800 + '{"text":""}'.length);
  },
);

/** A plugin that cannot pause: says 200 words and calls a tool 100 times, then 200 words and nothing else. */
class PushyModel extends ChatModelBase {
  private asked = 0;

  constructor() {
    super({ provider: "test", modelName: "pushy" });
  }

  protected doStream(): Observable<ChatResponse> {
    this.asked += 1;
    const words = Array.from({ length: 200 }, () => ({ text: "x" }));
    const calls = Array.from({ length: 100 }, (_, index) => ({
      toolCall: { index, id: `c${index}`, name: "idle", arguments: "{}" },
    }));
    return accumulate(from(this.asked === 1 ? [...words, ...calls] : words), this);
  }
}

test("a reader that is behind misses nothing of a run but snapshots that a later one holds", async () => {
  const iterator = runTools(new PushyModel(), "Go", [idle], { maxCallsPerTool: 100 })[Symbol.asyncIterator]();
  await iterator.next();
  await wait(50);
  const rest: ToolRunEvent[] = [];
  for await (const event of iterator) rest.push(event);
  const count = (type: string): number => rest.filter((event) => event.type === type).length;
  expect(["tool_start", "tool_result", "round_end", "final"].map(count)).toEqual([100, 100, 2, 1]);
  const snapshots = rest.filter((event) => event.type === "snapshot");
  expect(snapshots.length).toBeLessThan(100);
  expect(snapshots.findLast(({ round }) => round === 2)?.response).toMatchObject({ isLast: true });
  expect(rest.findIndex(({ type }) => type === "tool_start")).toBe(
    snapshots.filter(({ round }) => round === 1).length,
  );
});

test("leaving the loop of a run aborts the tool that runs", async () => {
  const server = await serve((response, { body }) => {
    const call = { index: 0, id: "c1", type: "function", function: { name: "wait", arguments: "{}" } };
    expect(body).toContain("wait");
    response.writeHead(200, SSE_HEAD).end(deltaEvent({ tool_calls: [call] }, "tool_calls") + DONE);
  });
  let aborted = false;
  const waits = tool({
    name: "wait",
    execute: (_input, { signal }) =>
      new Promise<string>((resolve) => {
        signal.addEventListener("abort", () => {
          aborted = true;
          resolve("late");
        });
      }),
  });
  for await (const event of runTools(modelAt(server.url), "Go", [waits])) {
    if (event.type !== "tool_start") continue;
    expect(aborted).toBe(false);
    break;
  }
  expect(aborted).toBe(true);
  expect(server.requests).toHaveLength(1);
});

test("a generator is asked no further than a slow reader wants, and is closed when the reader leaves", async () => {
  let [yielded, closed] = [0, 0];
  const counts = tool({
    name: "idle",
    async *execute() {
      try {
        while (yielded < 1000) yield await Promise.resolve(++yielded);
      } finally {
        closed += 1;
      }
    },
  });
  const iterator = runTools(new PushyModel(), "Go", [counts], { maxCallsPerTool: 1 })[Symbol.asyncIterator]();
  await iterator.next();
  await wait(50);
  // What came before the tool fills the queue, so the first value is one too many.
  expect([yielded, closed]).toEqual([1, 0]);
  for (let shown = 0; shown < 100;) {
    const { value } = (await iterator.next()) as { value: ToolRunEvent };
    if (value.type === "tool_progress") shown += 1;
  }
  await wait(50);
  expect(yielded).toBeLessThan(200);
  await iterator.return?.();
  await until(() => closed === 1);
});

test("a generator that a slow reader holds back goes on until its end when the reader does", async () => {
  const counts = tool({
    name: "idle",
    async *execute() {
      for (let n = 1; n <= 300; n++) yield await Promise.resolve(n);
    },
  });
  const seen: unknown[] = [];
  for await (const event of runTools(new PushyModel(), "Go", [counts], { maxCallsPerTool: 1 })) {
    if (event.type === "tool_start") await wait(20);
    if (event.type === "tool_progress") seen.push(event.value);
    if (event.type === "tool_result" && !event.isError) expect(event.value).toBe(300);
  }
  expect(seen).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
});

test("a failure of a run reaches its loop", async () => {
  const server = await serve((response) => void response.writeHead(401).end("{}"));
  const loop = async (): Promise<void> => {
    for await (const _ of runTools(modelAt(server.url), "Go", [idle]));
  };
  await expect(loop()).rejects.toMatchObject({ kind: "authentication" });
});
