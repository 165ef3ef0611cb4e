import type { ModelErrorKind } from "../../error/model-error.ts";
import { claim, type ConformanceCase, same } from "./conformance-context.ts";
import { ending } from "./stream-cases.ts";

const KIND_BY_STATUS: Readonly<Record<number, ModelErrorKind>> = {
  400: "invalid_request",
  401: "authentication",
  402: "quota",
  403: "permission",
  404: "not_found",
  408: "timeout",
  409: "invalid_request",
  413: "invalid_request",
  422: "invalid_request",
  429: "rate_limit",
  500: "server",
  502: "server",
  503: "overloaded",
  504: "timeout",
  529: "overloaded",
};

/** Sections I (errors) and K (retries) of the table. */
export const errorCases: readonly ConformanceCase[] = [
  {
    id: "I1",
    title: "every status is an error of its kind",
    run: async (context) => {
      for (const [status, kind] of Object.entries(KIND_BY_STATUS)) {
        const code = Number(status);
        const body = context.fixtures.errorBody({ status: code, code: "some_code", message: "It did not work." });
        const { error } = await context.ask({ status: code, body, contentType: "application/json" });
        same([error?.kind, error?.status], [kind, code], `status ${status}`);
        claim(error?.message.includes("It did not work") === true, `the provider's words are missing: ${error?.message ?? ""}`);
      }
    },
  },
  {
    id: "I2",
    title: "the wait that the provider asks for is on the error",
    run: async (context) => {
      const { fixtures } = context;
      const body = fixtures.errorBody({ status: 429, code: "rate_limit_exceeded", message: "Slow down." });
      const later = new Date(Date.now() + 20_000).toUTCString();
      for (const [headers, least, most] of [
        [{ "retry-after": "3" }, 3000, 3000],
        [{ "retry-after": "9", "retry-after-ms": "250" }, 250, 250],
        [{ "retry-after": later }, 15_000, 21_000],
      ] as const) {
        const { error } = await context.ask({ status: 429, body, headers, contentType: "application/json" });
        const wait = error?.retryAfterMs ?? -1;
        claim(wait >= least && wait <= most, `${JSON.stringify(headers)} gave ${wait} ms`);
      }
    },
  },
  {
    id: "I3",
    title: "an empty account is never tried again",
    run: async (context) => {
      const { quota } = context.fixtures;
      context.emulator.when(() => true, { ...quota, contentType: "application/json" });
      const { error } = await context.ask(undefined, { model: context.model({ retry: { maxRetries: 3, baseDelayMs: 1 } }) });
      same([error?.kind, error?.retryable, context.emulator.journal.length], ["quota", false, 1], "the error");
    },
  },
  {
    id: "I4",
    title: "a prompt that is too long is told apart",
    run: async (context) => {
      const { error } = await context.ask({ ...context.fixtures.contextOverflow, contentType: "application/json" });
      same(error?.kind, "context_length", "the kind");
    },
  },
  {
    id: "I5",
    title: "no server, and a reset connection, are network errors",
    run: async (context) => {
      const unreachable = context.subject.createModel({ baseUrl: `http://127.0.0.1:1${context.fixtures.basePath}`, apiKey: context.key, options: { retry: false } });
      const refused = await context.ask(undefined, { model: unreachable });
      same(refused.error?.kind, "network", "a refused connection");
      const raw = context.fixtures.stream([{ text: "abc" }]);
      const reset = await context.ask({ raw, cut: { afterBytes: Buffer.byteLength(raw), how: "rst" } });
      same([reset.error?.kind, reset.error?.partial?.text], ["network", "abc"], "a reset connection");
    },
  },
  {
    id: "I6",
    title: "the provider's answer is kept on the error, without the key",
    run: async (context) => {
      const body = context.fixtures.errorBody({ status: 401, code: "invalid_api_key", message: `Bad key ${context.key} given` });
      const { error } = await context.ask({ status: 401, body, contentType: "application/json" });
      const { inspect } = await import("node:util");
      const shown = `${error?.message ?? ""}${error?.body ?? ""}${inspect(error, { depth: 9 })}${JSON.stringify(error)}`;
      claim(error?.body !== undefined && error.body.includes("Bad key"), "the body is missing");
      claim(!shown.includes(context.key), "the key is shown");
    },
  },
  {
    id: "I8",
    title: "the request id is on answers and errors",
    run: async (context) => {
      const good = await context.ask({ raw: context.fixtures.stream([{ text: "a" }, ...ending(context.fixtures.finishReasons.stop ?? "stop")]) });
      claim(typeof good.last?.metadata.requestId === "string", "the answer has no request id");
      const bad = await context.ask({ status: 500, body: "no", contentType: "text/plain" });
      claim(typeof bad.error?.requestId === "string", "the error has no request id");
    },
  },
  {
    id: "I9",
    title: "a body cut anywhere is an error with what had arrived, never a short answer",
    run: async (context) => {
      const raw = context.fixtures.stream([{ text: "one " }, { text: "two " }, { text: "three" }]);
      const size = Buffer.byteLength(raw);
      for (const how of ["fin", "rst"] as const) {
        for (let after = 1; after < size; after += Math.ceil(size / 12)) {
          const { error, completed } = await context.ask({ raw, cut: { afterBytes: after, how } });
          claim(!completed && error !== undefined, `cut after ${after} bytes by ${how} passed for an answer`);
          claim("one two three".startsWith(error.partial?.text ?? ""), `cut after ${after}: ${error.partial?.text ?? ""}`);
        }
      }
    },
  },
  {
    id: "K1",
    title: "what may pass is tried again before the first snapshot",
    run: async (context) => {
      const { fixtures } = context;
      context.emulator.script({ status: 503, body: "busy" }, { status: 500, body: "oops" });
      const { last, error } = await context.ask(
        { raw: fixtures.stream([{ text: "at last" }, ...ending(fixtures.finishReasons.stop ?? "stop")]) },
        { model: context.model({ retry: { maxRetries: 2, baseDelayMs: 1 } }) },
      );
      claim(error === undefined, error?.message ?? "");
      same([last?.text, last?.metadata.attempts, context.emulator.journal.length], ["at last", 3, 3], "the answer");
    },
  },
  {
    id: "K2",
    title: "nothing is tried again after the first snapshot",
    run: async (context) => {
      const raw = context.fixtures.stream([{ text: "half" }]);
      const { error } = await context.ask({ raw, cut: { afterBytes: Buffer.byteLength(raw), how: "rst" } }, { model: context.model({ retry: { maxRetries: 3, baseDelayMs: 1 } }) });
      same([error?.partial?.text, context.emulator.journal.length], ["half", 1], "the error");
    },
  },
  {
    id: "K3",
    title: "an error as the first event is tried again",
    run: async (context) => {
      const { fixtures } = context;
      context.emulator.script({ raw: fixtures.errorEvent({ code: "rate_limit_exceeded", message: "Busy." }), contentType: fixtures.streamType });
      const { last } = await context.ask(
        { raw: fixtures.stream([{ text: "fine" }, ...ending(fixtures.finishReasons.stop ?? "stop")]) },
        { model: context.model({ retry: { maxRetries: 1, baseDelayMs: 1 } }) },
      );
      same([last?.text, context.emulator.journal.length], ["fine", 2], "the answer");
    },
  },
];
