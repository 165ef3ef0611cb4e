// Behaviours of the HTTP and event-stream layer seen in the field, for the OpenAI family. Q numbers are the catalogue's.
import { expect, test } from "vitest";
import type { ModelError } from "../../src/index.ts";
import { sse, withServer } from "./answering-server.ts";

const data = (event: unknown): string => `data: ${JSON.stringify(event)}\n\n`;
const text = (content: string): string => data({ choices: [{ index: 0, delta: { content } }] });
const STOP = data({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
const DONE = "data: [DONE]\n\n";

const ask = (body: string, type?: string, status?: number) =>
  withServer(sse(body, type, status), (model) =>
    model.call("Hi").catch((error: unknown) => error as ModelError),
  );

test("Q1 [DONE] is ignored when present and not required", async () => {
  for (const end of [DONE, ""])
    expect(await ask(text("a") + STOP + end)).toMatchObject({ text: "a", isLast: true });
});

test("Q2 [DONE] ends the answer though the socket stays open", async () => {
  const answer = await withServer(
    (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(text("a") + STOP + DONE);
    },
    (model) => model.call("Hi"),
  );
  expect(answer.text).toBe("a");
});

test("Q3 CRLF, LF and CR line ends are all line ends", async () => {
  for (const lineEnd of ["\n", "\r\n", "\r"]) {
    expect(await ask((text("a") + STOP + DONE).replaceAll("\n", lineEnd))).toMatchObject({ text: "a" });
  }
});

test("Q4 comments do not feed the idle deadline", async () => {
  const answer = withServer(
    (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(text("a"));
      const timer = setInterval(() => response.write(": keep-alive\n\n"), 10);
      response.on("close", () => clearInterval(timer));
    },
    (model) => model.call("Hi", { timeout: { idleMs: 80 } }),
  );
  await expect(answer).rejects.toMatchObject({ kind: "timeout", partial: { text: "a" } });
});

test("Q8 a broken event in a good stream is an error, not a shorter answer", async () => {
  expect(await ask(`${text("a")}data: {"choices": [\n\n${text("b")}${STOP}${DONE}`)).toMatchObject({
    kind: "parse",
    partial: { text: "a" },
  });
});

test("Q9 a JSON error with status 200 in answer to a stream is an error", async () => {
  const body = JSON.stringify({
    code: "The service is currently unavailable",
    error: "Timed out waiting for first token",
  });
  expect(await ask(body, "application/json")).toMatchObject({ kind: "overloaded", retryable: true });
});

test("Q10 an error as the first event is as good as an error status: it is tried again", async () => {
  const answer = await withServer(
    (_request, response, count) =>
      sse(
        count === 1
          ? data({ error: { message: "busy", code: "rate_limit_exceeded" } })
          : text("a") + STOP + DONE,
      )(_request, response),
    (model) => model.call("Hi", { retry: { maxRetries: 1, baseDelayMs: 1 } }),
  );
  expect(answer).toMatchObject({ text: "a", metadata: { attempts: 2 } });
});

test.each([
  ["rate_limit_exceeded", "rate_limit"],
  ["insufficient_quota", "quota"],
  ["authentication_error", "authentication"],
  ["permission_error", "permission"],
  ["model_not_found", "not_found"],
  ["invalid_request_error", "invalid_request"],
  ["context_length_exceeded", "context_length"],
  ["overloaded_error", "overloaded"],
  ["timeout_error", "timeout"],
  ["who_knows", "server"],
  [503, "overloaded"],
  ["429", "rate_limit"],
])("Q11 the code %s inside a stream means %s", async (code, kind) => {
  expect(await ask(data({ error: { message: "It broke", code } }))).toMatchObject({ kind });
});

test("Q12 an error after text carries the text", async () => {
  expect(await ask(text("half") + data({ error: { message: "gone", type: "server_error" } }))).toMatchObject({
    kind: "server",
    partial: { text: "half" },
  });
});

test.each([
  [{ error: { message: "boom", type: "server_error", code: null } }],
  [{ error: "boom" }],
  [{ code: 500, message: "boom", object: "error" }],
  [{ type: "error", error: { type: "api_error", message: "boom" } }],
  [{ error: { message: "boom", code: 502 }, choices: [{ delta: { content: "" }, finish_reason: "error" }] }],
])("Q13 the error %j is read", async (event) => {
  expect(await ask(data(event) + DONE)).toMatchObject({
    name: expect.stringMatching(/Error$/),
    message: expect.stringContaining("boom"),
  });
});

test("Q14 a code may be a number, a parameter anything", async () => {
  const error = await ask(
    JSON.stringify({ error: { message: "no", code: 40_012, param: { deep: [1] } } }),
    "application/json",
    400,
  );
  expect(error).toMatchObject({ kind: "invalid_request", code: "40012" });
});

test("Q15 an empty error body still says the status", async () => {
  expect(await ask("", "text/plain", 500)).toMatchObject({
    kind: "server",
    status: 500,
    message: expect.stringContaining("500"),
  });
});

test("Q16 a page or plain text as error body is kept", async () => {
  expect(await ask("<html><title>Bad gateway</title></html>", "text/html", 502)).toMatchObject({
    message: expect.stringContaining("Bad gateway"),
  });
  expect(await ask("upstream connect error", "text/plain", 503)).toMatchObject({
    message: expect.stringContaining("upstream connect error"),
  });
});

test("Q17 retry-after-ms goes before retry-after", async () => {
  const error = withServer(
    (_request, response) => {
      response.writeHead(429, { "retry-after": "30", "retry-after-ms": "120" });
      response.end("{}");
    },
    (model) => model.call("Hi"),
  );
  await expect(error).rejects.toMatchObject({ kind: "rate_limit", retryAfterMs: 120 });
});

test("Q19 408, 409, 429 and 5xx may pass, 400 to 404 do not", async () => {
  for (const [status, retryable] of [
    [408, true],
    [409, true],
    [429, true],
    [500, true],
    [529, true],
    [400, false],
    [401, false],
    [403, false],
    [404, false],
  ] as const) {
    expect(await ask('{"error":{"message":"x"}}', "application/json", status)).toMatchObject({
      status,
      retryable,
    });
  }
});

test("Q20 a signal that has fired rejects at once", async () => {
  await withServer(sse(""), async (model, requests) => {
    await expect(model.call("Hi", { signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: "aborted",
    });
    expect(requests()).toBe(0);
  });
});

test("Q21 an abort cuts the wait before a retry", async () => {
  const controller = new AbortController();
  await withServer(
    (_request, response) => {
      response.writeHead(503, { "retry-after": "50" });
      response.end("{}");
      setTimeout(() => controller.abort(), 20);
    },
    async (model, requests) => {
      await expect(model.call("Hi", { retry: 3, signal: controller.signal })).rejects.toMatchObject({
        kind: "aborted",
      });
      expect(requests()).toBe(1);
    },
  );
});

test("Q22 a stream without any end is an error", async () => {
  expect(await ask(text("a"))).toMatchObject({
    kind: "truncated",
    partial: { text: "a", interrupted: true },
  });
});

test("Q23 an empty body with status 200 is an error", async () => {
  expect(await ask("")).toMatchObject({ kind: "truncated" });
  expect(await ask("", "application/json")).toMatchObject({ kind: "parse" });
});

test("Q24 an endless error body is read to a bound", async () => {
  const error = await withServer(
    (_request, response) => {
      response.writeHead(500, { "content-type": "text/plain" });
      const more = (): void => {
        while (response.write("x".repeat(65_536)));
        response.once("drain", more);
      };
      more();
    },
    (model) => model.call("Hi").catch((failure: unknown) => failure as ModelError),
  );
  expect((error as ModelError).body?.length).toBeLessThan(10_000);
});

test("Q25 hostile keys in arguments change nothing but the arguments", async () => {
  const call = {
    index: 0,
    id: "c",
    function: {
      name: "t",
      arguments: '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}',
    },
  };
  const answer = await ask(data({ choices: [{ index: 0, delta: { tool_calls: [call] } }] }) + STOP + DONE);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(answer).toMatchObject({ finishReason: "tool_calls" });
});

test("Q28 a redirect to another address is refused, and the key does not go there", async () => {
  let seen: string | undefined = "nothing came";
  await withServer(
    (request, response) => {
      seen = request.headers.authorization;
      response.end();
    },
    async (other) => {
      const error = await withServer(
        (_request, response) => {
          response.writeHead(307, { location: `${other.endpoint.baseUrl}/chat/completions` });
          response.end();
        },
        (model) => model.call("Hi").catch((failure: unknown) => failure as ModelError),
      );
      expect(error).toMatchObject({ kind: "configuration", message: expect.stringContaining("set baseUrl") });
    },
  );
  expect(seen).toBe("nothing came");
});
