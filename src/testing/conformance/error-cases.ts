import { createServer, type Server } from "node:net";
import { inspect } from "node:util";
import type { ModelError, ModelErrorKind } from "../../error/model-error.ts";
import type { ConformanceCase } from "./conformance-context.ts";
import { claim, same } from "./expectations.ts";

/** What each status means, and whether the same request may succeed later. */
const STATUSES: readonly (readonly [status: number, kind: ModelErrorKind, retryable: boolean])[] = [
  [400, "invalid_request", false],
  [401, "authentication", false],
  [402, "quota", false],
  [403, "permission", false],
  [404, "not_found", false],
  [408, "timeout", true],
  [409, "invalid_request", true],
  [413, "invalid_request", false],
  [422, "invalid_request", false],
  [429, "rate_limit", true],
  [500, "server", true],
  [502, "server", true],
  [503, "overloaded", true],
  [504, "timeout", true],
  [529, "overloaded", true],
];

const WORDS = "The provider says so.";

/** Section I of the table: what goes wrong, and what the caller learns of it. */
export const errorCases: readonly ConformanceCase[] = [
  {
    id: "I1",
    title: "every error status becomes its kind of error, with the provider's words",
    run: async (context) => {
      for (const [status, kind, retryable] of STATUSES) {
        const body = context.fixtures.errorBody({ status, code: "some_code", message: WORDS });
        for (const options of [{}, { stream: false }]) {
          const { error } = await context.ask(context.whole(body, { status }), { options });
          same(
            [error?.kind, error?.retryable, error?.status],
            [kind, retryable, status],
            `what came of ${status}`,
          );
          claim(
            error?.message.includes("The provider says so") === true,
            `${status}: the provider's words are missing`,
          );
        }
        // Whatever stands in the way may answer for the provider: with nothing, or with anything.
        for (const strange of ["", "[]", '"no"', "null", "<p>no</p>"]) {
          const { error } = await context.ask(context.whole(strange, { status }));
          same(
            [error?.kind, error?.status],
            [kind, status],
            `what came of ${status} with ${strange || "no body"}`,
          );
        }
      }
    },
  },
  {
    id: "I2",
    title: "the wait that the provider asks for is read in each of its forms",
    run: async (context) => {
      const waitAfter = async (
        headers: Readonly<Record<string, string>>,
        message = WORDS,
      ): Promise<number | undefined> => {
        const body = context.fixtures.errorBody({ status: 429, code: "rate_limit_exceeded", message });
        const { error } = await context.ask(context.whole(body, { status: 429, headers }));
        return error?.retryAfterMs;
      };
      same(await waitAfter({}), undefined, "no wait");
      same(await waitAfter({ "retry-after": "2" }), 2000, "seconds");
      same(
        await waitAfter({ "retry-after": "9", "retry-after-ms": "1500" }),
        1500,
        "milliseconds, which go first",
      );
      same(await waitAfter({}, "Slow down. Please try again in 1.5s."), 1500, "words");
      const inAnHour = await waitAfter({ "retry-after": new Date(Date.now() + 3_600_000).toUTCString() });
      claim(
        inAnHour !== undefined && inAnHour > 3_500_000 && inAnHour <= 3_600_000,
        `a date: ${inAnHour} ms`,
      );
      same(await waitAfter({ "retry-after": "soon" }), undefined, "nonsense");
      for (const { waitMs, ...fixture } of context.fixtures.waits ?? []) {
        const { error } = await context.ask(context.failed(fixture));
        same([error?.retryable, error?.retryAfterMs], [true, waitMs], `what came of ${fixture.body}`);
      }
    },
  },
  {
    id: "I3",
    title: "an empty account is not asked again",
    run: async (context) => {
      for (const fixture of context.fixtures.quota) {
        const before = context.server.requests.length;
        const options = { retry: { maxRetries: 2, baseDelayMs: 1 } };
        const { error } = await context.ask(context.failed(fixture, { "retry-after-ms": "1" }), { options });
        same([error?.kind, error?.retryable], ["quota", false], `what came of ${fixture.body}`);
        same(context.server.requests.length - before, 1, "requests");
      }
    },
  },
  {
    id: "I4",
    title: "a prompt that is too long is known as one",
    run: async (context) => {
      for (const fixture of context.fixtures.contextOverflow) {
        const { error } = await context.ask(context.failed(fixture));
        same([error?.kind, error?.retryable], ["context_length", false], `what came of ${fixture.body}`);
      }
    },
  },
  {
    id: "I5",
    title: "no connection is a network error that names the address",
    run: async (context) => {
      const path = context.fixtures.basePath;
      for (const [what, origin] of [
        ["refused", `http://127.0.0.1:${await unusedPort()}`],
        ["a host name that cannot be", `http://${"a".repeat(64)}.invalid`],
        ["TLS with a server that has none", context.server.url.replace("http:", "https:")],
      ] as const) {
        const { error } = await context.ask(undefined, { model: context.model({ baseUrl: origin + path }) });
        // A suite under forbidNetwork() does not get as far as to a name.
        if (!isForbidden(error))
          same([error?.kind, error?.retryable], ["network", true], `what came of ${what}`);
        claim(
          error?.message.includes(new URL(origin).host) === true,
          `the address is not named: ${error?.message ?? ""}`,
        );
      }
      const { error } = await context.ask(context.streamed([], { bodyEnd: "reset" }));
      same([error?.kind, error?.retryable], ["network", true], "what came of a reset");
    },
  },
  {
    id: "I6",
    title: "the provider's answer is kept, cut to a length, and without the key",
    run: async (context) => {
      const message = `Key ${context.key} is wrong. ${"x".repeat(200_000)}`;
      const body = context.fixtures.errorBody({ status: 400, code: "some_code", message });
      const { error } = await context.ask(context.whole(body, { status: 400 }));
      claim(
        error?.body?.includes("is wrong") === true,
        `the body is not kept: ${error?.body?.slice(0, 100) ?? ""}`,
      );
      claim(error.body.length < 10_000 && error.message.length < 10_000, "an error must have an end");
      hidesKey(error, context.key);
      // A page, an event or a document of somebody in between who shows what he was sent: whole, or cut in half by an excerpt.
      const headers = { "content-type": context.fixtures.streamType };
      for (const padding of [0, 190]) {
        const words = `${"x".repeat(padding)} ${context.key} {`;
        for (const answer of [
          context.whole(`<p>${words}</p>`, { headers: { "content-type": "text/html" } }),
          context.whole(JSON.stringify({ words })),
          { headers, pieces: [`data: ${words}\n\n`] },
          { headers, pieces: [`${words}\n`] },
        ])
          hidesKey((await context.ask(answer)).error, context.key);
      }
    },
  },
  {
    id: "I7",
    title: "a model that does not exist is told with the nearest name",
    run: async (context) => {
      const [name] = context.subject.models ?? [];
      claim(name !== undefined, "the subject names no models; name them, or skip with the reason");
      const model = context.model({ modelName: name.slice(0, -1) });
      const { error } = await context.ask(context.failed(context.fixtures.modelNotFound), { model });
      same(error?.kind, "not_found", "the error");
      claim(
        /did you mean "[^"]+"/i.test(error?.message ?? ""),
        `no name is suggested: ${error?.message ?? ""}`,
      );
    },
  },
  {
    id: "I8",
    title: "the provider's id of the request is on the error, whenever it fails",
    run: async (context) => {
      const { fixtures } = context;
      const requestId = fixtures.requestIdInBody ?? "req_42";
      const id = { [fixtures.requestIdHeader]: requestId };
      const body = fixtures.errorBody({ status: 500, code: "server_error", message: WORDS });
      const refused = await context.ask(context.whole(body, { status: 500, headers: id }));
      const headers = { ...id, "content-type": fixtures.streamType };
      const event = fixtures.errorEvent({ code: "server_error", message: WORDS });
      const failed = await context.ask({ headers, pieces: fixtures.stream([{ text: "so far" }, { event }]) });
      const cut = await context.ask({ headers, pieces: fixtures.stream([{ text: "so far" }]) });
      same(
        [refused, failed, cut].map(({ error }) => error?.requestId),
        [requestId, requestId, requestId],
        "the id",
      );
    },
  },
];

function isForbidden(error: ModelError | undefined): boolean {
  return error?.kind === "configuration" && error.message.includes("forbidNetwork()");
}

/** Holds that an error shows no part of the key that would be worth anything. */
function hidesKey(error: ModelError | undefined, key: string): void {
  claim(error !== undefined, "there is no error");
  const shown = inspect(error, { depth: 9, maxStringLength: null, showHidden: true });
  claim(!shown.includes(key.slice(0, 8)), `the key is in the error: ${shown}`);
}

/** A port that nothing listens on: one that was free a moment ago. */
function unusedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server: Server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 1) : 1));
    });
  });
}
