import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { ModelError } from "../../error/model-error.ts";
import type { ByteAnswer } from "./byte-server.ts";
import type { ConformanceCase, ConformanceContext } from "./conformance-context.ts";
import { claim, eventually, same } from "./expectations.ts";

/** Section J of the table: how a call is stopped, by the caller or by a deadline. */
export const cancelCases: readonly ConformanceCase[] = [
  {
    id: "J1",
    title: "unsubscribing closes the socket",
    run: async (context) => {
      const { text, stop } = await begin(context, unfinished(context));
      same(text, "on and on ", "the text before");
      stop();
      await closed(context);
    },
  },
  {
    id: "J2",
    title: "unsubscribing before the head of the answer closes the socket",
    run: async (context) => {
      context.server.script({ isSilent: true });
      const subscription = context
        .model()
        .stream("Hi")
        .subscribe({ error: () => {} });
      await eventually(() => context.server.requests.length === 1, "there was no request");
      subscription.unsubscribe();
      await closed(context);
      // And at once: then there is nothing to close.
      context
        .model()
        .stream("Hi")
        .subscribe({ error: () => {} })
        .unsubscribe();
      await wait(20);
      claim(context.server.openAnswers === 0, "a call that was stopped at once is still open");
    },
  },
  {
    id: "J3",
    title: "an AbortSignal closes the socket, and what had arrived is in the error",
    run: async (context) => {
      context.server.script(unfinished(context));
      const controller = new AbortController();
      const reason = new Error("changed my mind");
      let failure: ModelError | undefined;
      try {
        for await (const response of context.model().stream("Hi", { signal: controller.signal })) {
          if (response.text === "on and on ") controller.abort(reason);
        }
      } catch (error) {
        failure = error as ModelError;
      }
      same(
        [failure?.kind, failure?.retryable, failure?.partial?.text],
        ["aborted", false, "on and on "],
        "the error",
      );
      same(failure?.cause, reason, "its cause");
      await closed(context);
    },
  },
  {
    id: "J4",
    title: "a signal that has fired already sends nothing",
    run: async (context) => {
      const { error, request } = await context.ask(undefined, { options: { signal: AbortSignal.abort() } });
      same([error?.kind, request], ["aborted", undefined], "the error");
    },
  },
  {
    id: "J5",
    title: "a connection that does not come about is a timeout, and is given up",
    run: async (context) => {
      // A server that takes the connection and does not answer the TLS greeting.
      const sockets = new Set<Socket>();
      const deaf = createServer((socket) => {
        sockets.add(socket.resume());
        socket.on("error", () => socket.destroy());
      });
      deaf.listen(0, "127.0.0.1");
      await once(deaf, "listening");
      try {
        const origin = `https://127.0.0.1:${(deaf.address() as AddressInfo).port}`;
        const model = context.model({ baseUrl: origin + context.fixtures.basePath });
        const { error } = await context.ask(undefined, { model, options: { timeout: { connectMs: 50 } } });
        same([error?.kind, error?.retryable], ["timeout", true], "the error");
        claim(
          error?.message.includes("connectMs") === true,
          `the option is not named: ${error?.message ?? ""}`,
        );
        await eventually(() => [...sockets].every(({ destroyed }) => destroyed), "the socket was left open");
      } finally {
        for (const socket of sockets) socket.destroy();
        deaf.close();
      }
    },
  },
  {
    id: "J6",
    title: "silence is a timeout, before the first event and between two; keep-alives are silence",
    run: async (context) => {
      const silent = await context.ask({ isSilent: true }, { options: { timeout: { firstEventMs: 40 } } });
      same(
        [silent.error?.kind, silent.error?.partial],
        ["timeout", undefined],
        "the error before the first event",
      );
      const { idleEvents } = context.fixtures;
      const pieces = [
        ...context.fixtures.stream([{ text: "so far" }]),
        ...Array.from({ length: 100 }, () => idleEvents).flat(),
      ];
      const { error } = await context.ask(context.streamed(pieces, { pauseMs: 10 }), {
        options: { timeout: { idleMs: 80 } },
      });
      same([error?.kind, error?.partial?.text], ["timeout", "so far"], "the error between two events");
      claim(error?.message.includes("idleMs") === true, `the option is not named: ${error?.message ?? ""}`);
      await closed(context);
    },
  },
  {
    id: "J7",
    title: "the total deadline ends an answer that goes on and on",
    run: async (context) => {
      const pieces = context.fixtures.stream(Array.from({ length: 500 }, () => ({ text: "again " })));
      const { error } = await context.ask(context.streamed(pieces, { pauseMs: 5 }), {
        options: { timeout: 120 },
      });
      same(error?.kind, "timeout", "the error");
      claim(error?.message.includes("totalMs") === true, `the option is not named: ${error?.message ?? ""}`);
      await closed(context);
    },
  },
  {
    id: "J8",
    title: "no timer and no listener is left, however a call ends",
    run: async (context) => {
      const { signal } = new AbortController();
      const listening = new Set<unknown>();
      const add = signal.addEventListener.bind(signal);
      const remove = signal.removeEventListener.bind(signal);
      signal.addEventListener = (type: string, listener: never, options?: never) => (
        listening.add(listener),
        add(type, listener, options)
      );
      signal.removeEventListener = (type: string, listener: never) => (
        listening.delete(listener),
        remove(type, listener)
      );
      const before = timers();
      const options = { signal, timeout: { totalMs: 60_000 } };
      const model = context.model({ options });
      await context.ask(context.plain(), { model });
      await context.ask(context.streamed([], { bodyEnd: "reset" }), { model });
      await context.ask(context.whole("{}", { status: 500 }), { model });
      const { stop } = await begin(context, unfinished(context), options);
      stop();
      // Stopped while it waits to try again.
      context.server.script(context.whole("{}", { status: 503, headers: { "retry-after": "30" } }));
      const waiting = context
        .model({ options: { ...options, retry: 1 } })
        .stream("Hi")
        .subscribe({ error: () => {} });
      await eventually(
        () => context.server.requests.length === 5 && context.server.openAnswers === 0,
        "there was no request",
      );
      await wait(10);
      waiting.unsubscribe();
      await eventually(() => timers() <= before, `timers are left: ${timers() - before}`);
      same(listening.size, 0, "listeners on the signal");
    },
  },
];

/** An answer that has begun and does not go on. */
function unfinished(context: ConformanceContext): ByteAnswer {
  return context.streamed(context.fixtures.stream([{ text: "on and " }, { text: "on " }]), {
    bodyEnd: "hang",
  });
}

/** Subscribes to an answer and waits until there is text and nothing more comes. */
async function begin(
  context: ConformanceContext,
  answer: ByteAnswer,
  options: { readonly signal?: AbortSignal } = {},
): Promise<{ text: string; stop: () => void }> {
  context.server.script(answer);
  let text = "";
  const subscription = context
    .model({ options })
    .stream("Hi")
    .subscribe({ next: (response) => (text = response.text), error: () => {} });
  await eventually(() => text === "on and on ", "the text did not come");
  return { text, stop: () => subscription.unsubscribe() };
}

/** The server has seen the newest answer's connection close before the answer was whole. */
function closed({ server }: ConformanceContext): Promise<void> {
  return eventually(
    () => server.requests.at(-1)?.closedByClient === true,
    "the server did not see the socket close",
  );
}

/** Timers that keep this process alive. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((type) => type === "Timeout").length;
}
