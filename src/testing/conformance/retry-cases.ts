import type { ByteAnswer } from "./byte-server.ts";
import type { ConformanceCase } from "./conformance-context.ts";
import { claim, eventually, same } from "./expectations.ts";

const QUICK = { maxRetries: 2, baseDelayMs: 1 } as const;

/** Section K of the table, as far as one model goes: what is tried again. */
export const retryCases: readonly ConformanceCase[] = [
  {
    id: "K1",
    title: "a failure that may pass is tried again as long as nothing was emitted",
    run: async (context) => {
      const { fixtures } = context;
      const error = { status: 503, code: "server_error", message: "Not now." };
      const failures: ByteAnswer[] = [
        context.whole(fixtures.errorBody(error), { status: 503 }),
        context.whole(fixtures.errorBody(error), { status: 500, headers: { "retry-after-ms": "1" } }),
        context.streamed([fixtures.errorEvent(error)]),
        context.streamed(fixtures.idleEvents),
        context.streamed([], { bodyEnd: "reset" }),
        context.streamed(["da"], { bodyEnd: "cut" }),
        context.streamed(["da"], { bodyEnd: "cut", framing: "close" }),
      ];
      for (const [index, failure] of failures.entries()) {
        context.server.script(failure);
        const { last, error: failed } = await context.ask(context.plain(), { options: { retry: QUICK } });
        same(
          [last?.text, last?.metadata.attempts],
          ["Hello there.", 2],
          `failure ${index}: ${failed?.message ?? "an answer"}`,
        );
      }
    },
  },
  {
    id: "K2",
    title: "nothing is tried again once something was emitted",
    run: async (context) => {
      const begun = context.fixtures.stream([{ text: "so far" }]);
      for (const bodyEnd of ["end", "cut", "reset"] as const) {
        const before = context.server.requests.length;
        const { error } = await context.ask(context.streamed(begun, { bodyEnd }), {
          options: { retry: QUICK },
        });
        same([error?.partial?.text, error?.attempts], ["so far", 1], `the error (${bodyEnd})`);
        same(context.server.requests.length - before, 1, `requests (${bodyEnd})`);
      }
    },
  },
  {
    id: "K3",
    title: "as many attempts as asked for, none beyond the longest wait, and none after a cancel",
    run: async (context) => {
      const { server } = context;
      const busy = (headers: Readonly<Record<string, string>> = {}): ByteAnswer =>
        context.whole("{}", { status: 503, headers });
      for (const [retry, attempts] of [
        [false, 1],
        [0, 1],
        [{ maxRetries: 1, baseDelayMs: 1 }, 2],
        [{ maxRetries: 4, baseDelayMs: 1 }, 5],
      ] as const) {
        const before = server.requests.length;
        server.script(...Array.from({ length: attempts }, () => busy()));
        const { error } = await context.ask(undefined, { options: { retry } });
        same(
          [error?.kind, error?.attempts],
          ["overloaded", attempts],
          `the error with retry ${JSON.stringify(retry)}`,
        );
        same(server.requests.length - before, attempts, `requests with retry ${JSON.stringify(retry)}`);
      }
      const tooLong = await context.ask(busy({ "retry-after": "3600" }), { options: { retry: 2 } });
      same([tooLong.error?.retryAfterMs, tooLong.error?.attempts], [3_600_000, 1], "a wait beyond the cap");
      const controller = new AbortController();
      const before = server.requests.length;
      const waiting = context.ask(busy({ "retry-after": "30" }), {
        options: { retry: 2, signal: controller.signal },
      });
      await eventually(
        () => server.requests.length > before && server.openAnswers === 0,
        "there was no request",
      );
      controller.abort();
      const { error } = await waiting;
      claim(error?.kind === "aborted", `the wait was not cut short: ${error?.message ?? ""}`);
      same(server.requests.length - before, 1, "requests of a call that was stopped");
    },
  },
];
