import { share, type Subscription, take } from "rxjs";
import type { ModelError } from "../../error/model-error.ts";
import { claim, type ConformanceCase, type ConformanceContext, same } from "./conformance-context.ts";
import { ending } from "./stream-cases.ts";

/** How long something may take to be seen on the other side of a socket, in milliseconds: far more than it needs. */
const PATIENCE_MS = 5000;

/** Waits until a claim holds. */
async function eventually(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!holds()) {
    claim(Date.now() < deadline, what);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A stream that never ends by itself. */
function endless(context: ConformanceContext): void {
  context.emulator.script({ raw: context.fixtures.stream([{ text: "on and " }, { text: "on " }]), contentType: context.fixtures.streamType, keepOpen: true });
}

/** Sections J (cancelling and time) and Q (reactive) of the table. */
export const cancelCases: readonly ConformanceCase[] = [
  {
    id: "J1",
    title: "unsubscribing closes the socket",
    run: async (context) => {
      endless(context);
      await new Promise<void>((resolve) => {
        const subscription: Subscription = context.model().stream("Hi").subscribe((response) => {
          if (response.text === "on and on ") resolve();
        });
        void eventually(() => context.emulator.openStreams === 1, "no request").then(async () => {
          await eventually(() => context.emulator.journal[0]?.bytesSent !== 0, "no bytes");
          setTimeout(() => subscription.unsubscribe(), 20);
        });
      });
      await eventually(() => context.emulator.journal[0]?.closedByClient === true, "the server did not see the socket close");
    },
  },
  {
    id: "J2",
    title: "unsubscribing before the headers closes the socket",
    run: async (context) => {
      context.emulator.script({ raw: "", firstDelayMs: PATIENCE_MS });
      const subscription = context.model().stream("Hi").subscribe({ error: () => {} });
      await context.emulator.waitForRequests(1);
      subscription.unsubscribe();
      await eventually(() => context.emulator.journal[0]?.closedByClient === true, "the server did not see the socket close");
    },
  },
  {
    id: "J3",
    title: "an AbortSignal closes the socket and gives an error with what had arrived",
    run: async (context) => {
      endless(context);
      const controller = new AbortController();
      let failure: ModelError | undefined;
      try {
        for await (const response of context.model().stream("Hi", { signal: controller.signal })) {
          if (response.text === "on and on ") controller.abort();
        }
      } catch (error) {
        failure = error as ModelError;
      }
      same([failure?.kind, failure?.partial?.text], ["aborted", "on and on "], "the error");
      await eventually(() => context.emulator.journal[0]?.closedByClient === true, "the server did not see the socket close");
    },
  },
  {
    id: "J4",
    title: "a signal that has fired already sends nothing",
    run: async (context) => {
      const { error } = await context.ask(undefined, { options: { signal: AbortSignal.abort() } });
      same([error?.kind, context.emulator.journal.length], ["aborted", 0], "the error");
    },
  },
  {
    id: "J6",
    title: "silence between two events is a timeout with what had arrived; comments are silence",
    run: async (context) => {
      const raw = context.fixtures.stream([{ text: "so far" }]);
      const keepAlive = setInterval(() => {}, 1000);
      const { error } = await context.ask({ raw, keepOpen: true }, { options: { timeout: { idleMs: 60 } } });
      clearInterval(keepAlive);
      same([error?.kind, error?.partial?.text], ["timeout", "so far"], "the error");
      await eventually(() => context.emulator.journal[0]?.closedByClient === true, "the server did not see the socket close");
    },
  },
  {
    id: "J7",
    title: "the total deadline ends a stream that goes on and on",
    run: async (context) => {
      const words = Array.from({ length: 400 }, () => ({ text: "again " }));
      const { error } = await context.ask({ raw: context.fixtures.stream(words), delayMs: 5 }, { options: { timeout: 150 } });
      same(error?.kind, "timeout", "the error");
      await eventually(() => context.emulator.journal[0]?.closedByClient === true, "the server did not see the socket close");
    },
  },
  {
    id: "J9",
    title: "no answer at all is a timeout",
    run: async (context) => {
      const { error } = await context.ask({ raw: "", firstDelayMs: PATIENCE_MS }, { options: { timeout: { firstEventMs: 50 } } });
      same([error?.kind, error?.partial], ["timeout", undefined], "the error");
    },
  },
  {
    id: "Q1",
    title: "nothing is sent before a subscription, and two are two requests",
    run: async (context) => {
      const raw = context.fixtures.stream([{ text: "a" }, ...ending(context.fixtures.finishReasons.stop ?? "stop")]);
      context.emulator.when(() => true, { raw, contentType: context.fixtures.streamType });
      const stream = context.model().stream("Hi");
      await new Promise((resolve) => setTimeout(resolve, 20));
      same(context.emulator.journal.length, 0, "requests before a subscription");
      const done = (): Promise<void> => new Promise((resolve, reject) => stream.subscribe({ complete: resolve, error: reject }));
      await Promise.all([done(), done()]);
      same(context.emulator.journal.length, 2, "requests of two subscriptions");
    },
  },
  {
    id: "Q2",
    title: "a shared stream is one request",
    run: async (context) => {
      const raw = context.fixtures.stream([{ text: "a" }, ...ending(context.fixtures.finishReasons.stop ?? "stop")]);
      context.emulator.when(() => true, { raw, contentType: context.fixtures.streamType });
      const shared = context.model().stream("Hi").pipe(share());
      const done = (): Promise<void> => new Promise((resolve, reject) => shared.subscribe({ complete: resolve, error: reject }));
      await Promise.all([done(), done()]);
      same(context.emulator.journal.length, 1, "requests");
    },
  },
  {
    id: "Q3",
    title: "take(1) closes the socket",
    run: async (context) => {
      endless(context);
      await new Promise<void>((resolve) => {
        context.model().stream("Hi").pipe(take(1)).subscribe({ complete: resolve });
      });
      await eventually(() => context.emulator.journal[0]?.closedByClient === true, "the server did not see the socket close");
    },
  },
  {
    id: "Q4",
    title: "nothing is thrown before the subscription, and mistakes arrive as errors",
    run: async (context) => {
      const stream = context.model().stream([]);
      const kind = await new Promise((resolve) => stream.subscribe({ error: (error: ModelError) => resolve(error.kind) }));
      same(kind, "invalid_request", "the error");
    },
  },
  {
    id: "Q6",
    title: "a slow reader gets every snapshot",
    run: async (context) => {
      const words = Array.from({ length: 300 }, (_, index) => ({ text: `w${index} ` }));
      context.emulator.script({
        raw: context.fixtures.stream([...words, ...ending(context.fixtures.finishReasons.stop ?? "stop")]),
        contentType: context.fixtures.streamType,
      });
      let joined = "";
      let read = 0;
      for await (const response of context.model().stream("Hi")) {
        joined += response.textDelta;
        read += 1;
        if (read % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      }
      same(joined, words.map(({ text }) => text).join(""), "the text");
    },
  },
];
