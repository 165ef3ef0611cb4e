import { lastValueFrom, share, take } from "rxjs";
import { setTimeout as wait } from "node:timers/promises";
import { ModelError } from "../../error/model-error.ts";
import type { ChatResponse } from "../../model/chat-response.ts";
import type { ConformanceCase } from "./conformance-context.ts";
import { claim, eventually, same } from "./expectations.ts";

/** A text of this many characters in one event, and this many events: more than the buffers between two sockets hold. */
const BLOCK_LENGTH = 64 * 1024;
const BLOCKS = 400;

/** Section Q of the table: what the Observable promises. */
export const reactiveCases: readonly ConformanceCase[] = [
  {
    id: "Q1",
    title: "nothing is sent before a subscription, and two subscriptions are two requests",
    run: async (context) => {
      const stream = context.model().stream("Hi");
      await wait(20);
      same(context.server.requests.length, 0, "requests before a subscription");
      context.server.script(context.plain("one"), context.plain("two"));
      const first = await lastValueFrom(stream);
      const second = await lastValueFrom(stream);
      same([first.text, second.text, context.server.requests.length], ["one", "two", 2], "two subscriptions");
    },
  },
  {
    id: "Q2",
    title: "a shared stream is one request",
    run: async (context) => {
      context.server.script(context.plain("one"), context.plain("two"));
      const shared = context.model().stream("Hi").pipe(share());
      const texts = await Promise.all([lastValueFrom(shared), lastValueFrom(shared)]);
      same(
        [texts.map(({ text }) => text), context.server.requests.length],
        [["one", "one"], 1],
        "two subscriptions",
      );
    },
  },
  {
    id: "Q3",
    title: "take(1) completes and closes the socket, and so does leaving the loop",
    run: async (context) => {
      const { server, fixtures } = context;
      const unfinished = context.streamed(fixtures.stream([{ text: "on and on" }]), { bodyEnd: "hang" });
      server.script(unfinished, unfinished);
      const first = await lastValueFrom(context.model().stream("Hi").pipe(take(1)));
      for await (const response of context.model().stream("Hi")) {
        same(response.text, first.text, "the first snapshot");
        break;
      }
      await eventually(
        () => server.requests.filter((request) => request.closedByClient).length === 2,
        "a socket was left open",
      );
    },
  },
  {
    id: "Q4",
    title: "nothing is ever thrown, and nothing sent: mistakes arrive as errors of the stream",
    run: async (context) => {
      const model = context.model();
      const mistakes: unknown[][] = [
        [[]],
        [undefined],
        [null],
        [[null]],
        [[{ role: "nobody", content: "Hi" }]],
        [[{ role: "user", content: [{ type: "hologram" }] }]],
        ["Hi", [{ name: "no spaces allowed" }]],
        ["Hi", [{ name: "twice" }, { name: "twice" }]],
        ["Hi", { temperature: "hot" }],
        ["Hi", { thinking: { effort: "a lot" }, maxTokens: "many" }],
      ];
      for (const mistake of mistakes) {
        const failure = await new Promise<unknown>((resolve) => {
          // What throws here, and not into the stream, fails the case.
          const stream = (model.stream as (...args: unknown[]) => ReturnType<typeof model.stream>).apply(
            model,
            mistake,
          );
          stream.subscribe({ error: resolve, complete: () => resolve(undefined) });
        });
        claim(ModelError.isInstance(failure), `${JSON.stringify(mistake)} gave ${String(failure)}`);
      }
      same(context.server.requests.length, 0, "requests");
    },
  },
  {
    id: "Q5",
    title: "an error leaves the last value as it was seen",
    run: async (context) => {
      const { fixtures } = context;
      const events = fixtures.stream([{ text: "so " }, { text: "far" }]);
      const { snapshots, error } = await context.ask(context.streamed(events, { bodyEnd: "reset" }));
      same([snapshots.at(-1)?.text, error?.partial?.text], ["so far", "so far"], "the last value");
      const rejected: unknown = await replyOf(context.model().call("Hi"), () =>
        context.server.script(context.streamed(events)),
      );
      claim(
        ModelError.isInstance(rejected) && rejected.partial?.text === "so far",
        "call() must reject with what had arrived",
      );
    },
  },
  {
    id: "Q6",
    title: "a slow reader pauses the server, and loses nothing",
    run: async (context) => {
      const { server, fixtures } = context;
      const block = "x".repeat(BLOCK_LENGTH);
      const events = fixtures.stream([
        ...Array.from({ length: BLOCKS }, () => ({ text: block })),
        ...context.ending(),
      ]);
      const whole = events.reduce((sum, event) => sum + event.length, 0);
      server.script(context.streamed(events));
      let last: ChatResponse | undefined;
      let joined = 0;
      for await (const response of context.model().stream("Hi")) {
        if (last === undefined) {
          let taken = 0;
          do {
            taken = server.requests[0]?.bytesTaken ?? 0;
            await wait(60);
          } while (server.requests[0]?.bytesTaken !== taken);
          claim(
            taken < whole,
            `the server could send all of its ${whole} bytes to a reader that had read one snapshot`,
          );
        }
        joined += response.textDelta.length;
        last = response;
      }
      same(
        [last?.isLast, last?.text.length, joined],
        [true, BLOCK_LENGTH * BLOCKS, BLOCK_LENGTH * BLOCKS],
        "the text",
      );
    },
  },
];

/** What a promise gives or is rejected with, after `begin`. */
async function replyOf(reply: Promise<unknown>, begin: () => void): Promise<unknown> {
  begin();
  return reply.catch((error: unknown) => error);
}
