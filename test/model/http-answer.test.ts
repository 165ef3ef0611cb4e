import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { lastValueFrom, toArray } from "rxjs";
import { expect, test } from "vitest";
import { ModelError, type ModelErrorKind } from "../../src/error/model-error.ts";
import type { ChatResponse } from "../../src/model/chat-response.ts";
import type { GenerateOptions } from "../../src/model/generate-options.ts";
import type { OpenAIChatModelInit } from "../../src/model/openai-chat-model.ts";
import { type Answer, type Loopback, serve, until, wait } from "../transport/loopback.ts";
import {
  deltaEvent,
  DONE,
  event,
  modelAt,
  SSE_HEAD,
  TEST_KEY,
  textEvent,
  textStream,
} from "./openai-server.ts";

interface Asked {
  readonly server: Loopback;
  readonly snapshots: ChatResponse[];
  readonly last: ChatResponse;
  readonly error: ModelError;
}

/** Asks a server that answers so, once, without retries. */
async function ask(
  answer: Answer,
  options: GenerateOptions = {},
  init: Partial<OpenAIChatModelInit> = {},
): Promise<Asked> {
  const server = await serve(answer);
  const snapshots: ChatResponse[] = [];
  let failure: unknown;
  const stream = modelAt(server.url, init).stream("Hi", { retry: false, ...options });
  await new Promise<void>((resolve) => {
    stream.subscribe({
      next: (each) => snapshots.push(each),
      error: (error: unknown) => {
        failure = error;
        resolve();
      },
      complete: resolve,
    });
  });
  return {
    server,
    snapshots,
    get last() {
      if (failure !== undefined) throw failure as Error;
      return snapshots.at(-1) as ChatResponse;
    },
    get error() {
      if (!ModelError.isInstance(failure)) throw new Error(`No ModelError: ${String(failure)}`);
      return failure;
    },
  };
}

function sse(...text: readonly string[]): Answer {
  return (response) => void response.writeHead(200, SSE_HEAD).end(text.join(""));
}

function status(code: number, body: string, headers: Record<string, string> = {}): Answer {
  return (response) => void response.writeHead(code, headers).end(body);
}

const WHOLE = {
  id: "chatcmpl-1",
  model: "gpt-test-1",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
};

test("a stream with a byte order mark, cut within a character, is read", async () => {
  const bytes = Buffer.from(`\uFEFF${textStream("Grü", "ße 👋")}`);
  const { last } = await ask(async (response) => {
    response.writeHead(200, SSE_HEAD);
    for (const byte of bytes) {
      response.write(Buffer.of(byte));
      if (byte > 127) await wait(1);
    }
    response.end();
  });
  expect(last.text).toBe("Grüße 👋");
});

test("a compressed stream is read", async () => {
  const body = gzipSync(textStream("Hel", "lo"));
  const { last } = await ask(
    (response) => void response.writeHead(200, { ...SSE_HEAD, "content-encoding": "gzip" }).end(body),
  );
  expect(last.text).toBe("Hello");
});

test("an answer that was not to be streamed gives the same last snapshot as the stream", async () => {
  const usage = event({ choices: [], usage: WHOLE.usage });
  const streamed = await ask(sse(textEvent("Hel"), textEvent("lo"), deltaEvent({}, "stop"), usage, DONE));
  const { server, snapshots, last } = await ask(
    (response) =>
      void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(WHOLE)),
    { stream: false },
  );
  expect(snapshots).toHaveLength(1);
  expect(JSON.parse(server.requests[0]?.body ?? "")).toMatchObject({ stream: false });
  expect(server.requests[0]?.headers.accept).toBe("application/json");
  const gist = ({ id, text, finishReason, usage: counted, model }: ChatResponse): unknown => ({
    id,
    text,
    finishReason,
    model,
    tokens: [counted?.inputTokens, counted?.outputTokens, counted?.totalTokens],
  });
  expect(gist(last)).toEqual(gist(streamed.last));
});

test("a server that answers whole although it was to stream is read", async () => {
  const { last } = await ask(
    (response) =>
      void response
        .writeHead(200, { "content-type": "application/json; charset=utf-8" })
        .end(JSON.stringify(WHOLE)),
  );
  expect(last).toMatchObject({ text: "Hello", isLast: true });
});

test("a server that streams although it was not to is read", async () => {
  const { last } = await ask(sse(textStream("Hel", "lo")), { stream: false });
  expect(last).toMatchObject({ text: "Hello", isLast: true });
});

test("a stream without a content type is read", async () => {
  const { last } = await ask((response) => void response.writeHead(200).end(textStream("Hi")));
  expect(last.text).toBe("Hi");
});

test("the end mark is the end, though the body stays open", async () => {
  const { server, last } = await ask(
    (response) => void response.writeHead(200, SSE_HEAD).write(textStream("Hi")),
  );
  expect(last.isLast).toBe(true);
  await until(() => server.open === 0);
});

test("the end mark without a finish reason is an end, and with nothing before it none", async () => {
  expect((await ask(sse(textEvent("Hi"), DONE))).last).toMatchObject({ text: "Hi", finishReason: "other" });
  expect((await ask(sse(DONE))).error.kind).toBe("truncated");
});

test("a finish reason and the end of the body are an end without the end mark", async () => {
  expect((await ask(sse(textEvent("Hi"), deltaEvent({}, "stop")))).last).toMatchObject({
    text: "Hi",
    finishReason: "stop",
  });
});

test("a last event without a blank line after it counts", async () => {
  const { last } = await ask(sse(textStream("Hi").trimEnd()));
  expect(last.text).toBe("Hi");
});

test.each(["", ": ping\n\n", "data: \n\n"])("a stream of %j is no answer", async (body) => {
  const { error } = await ask(sse(body));
  expect(error).toMatchObject({ kind: "truncated", retryable: true });
  expect(error.partial).toBeUndefined();
});

test("a connection that is reset in the middle keeps what had arrived, with the request's id", async () => {
  const { error } = await ask(async (response, _request, socket) => {
    response.writeHead(200, { ...SSE_HEAD, "x-request-id": "req_7" }).write(textEvent("Hel"));
    await wait(10);
    socket.resetAndDestroy();
  });
  expect(error).toMatchObject({
    kind: "network",
    requestId: "req_7",
    partial: { text: "Hel", interrupted: true },
  });
});

test("an event that is no JSON is an error with an excerpt, and closes the socket", async () => {
  const { server, error } = await ask(
    (response) => void response.writeHead(200, SSE_HEAD).write(`${textEvent("Hel")}data: {"oops\n\n`),
  );
  expect(error).toMatchObject({ kind: "parse", retryable: false, partial: { text: "Hel" } });
  expect(error.message).toContain("oops");
  // The error of JSON.parse would quote the text again, with whatever secrets are in it.
  expect(error.cause).toBeUndefined();
  await until(() => server.open === 0);
});

test("a page of a proxy is an error that says where it came from", async () => {
  const page = "<!doctype html><html><head><title>Sign in</title></head></html>";
  const { error, server } = await ask(
    (response) => void response.writeHead(200, { "content-type": "text/html" }).end(page),
  );
  expect(error.kind).toBe("parse");
  expect(error.message).toContain(`${server.url}/chat/completions`);
  expect(error.message).toContain("Sign in");
});

test("an error page says its title, not its markup", async () => {
  const page = "<html><head><title>502 Bad Gateway</title></head><body><h1>nginx</h1></body></html>";
  const { error } = await ask(status(502, page, { "content-type": "text/html" }));
  expect(error).toMatchObject({ kind: "server", status: 502 });
  expect(error.message).toContain("502 Bad Gateway");
  expect(error.message).not.toContain("<");
  expect(error.body).toContain("nginx");
});

test("lines outside of any event are the error that stands in them", async () => {
  const { error } = await ask(sse('{"error":{"message":"No capacity.","type":"overloaded_error"}}\n'));
  expect(error).toMatchObject({ kind: "overloaded" });
  expect(error.message).toContain("No capacity");
  const late = await ask(sse(textEvent("Hel"), "\nupstream connect error\n"));
  expect(late.error.partial?.text).toBe("Hel");
  expect(late.error.message).toContain("upstream connect error");
});

test("an empty answer is an error, not an empty text", async () => {
  const { error } = await ask(status(200, "", { "content-type": "application/json" }));
  expect(error).toMatchObject({ kind: "parse" });
  expect(error.message).toContain("an empty body");
});

test("JSON that is no answer is an error with an excerpt", async () => {
  const { error } = await ask(status(200, '{"hello":"world"}', { "content-type": "application/json" }));
  expect(error.kind).toBe("parse");
  expect(error.message).toContain("hello");
});

test("an error as JSON with a good status is that error", async () => {
  const body = '{"error":{"message":"Too fast.","code":"rate_limit_exceeded"}}';
  const { error, snapshots } = await ask(status(200, body, { "content-type": "application/json" }));
  expect(error.kind).toBe("rate_limit");
  expect(snapshots).toHaveLength(0);
});

test("an error event before anything is tried again, one after the first snapshot is final", async () => {
  const overloaded = event({ error: { message: "Overloaded", type: "overloaded_error" } });
  const server = await serve((response) => {
    response.writeHead(200, SSE_HEAD).end(server.requests.length === 1 ? overloaded : textStream("Hi"));
  });
  const reply = await modelAt(server.url).call("Hi", { retry: { baseDelayMs: 1 } });
  expect([reply.text, reply.metadata.attempts]).toEqual(["Hi", 2]);
  const late = await ask(sse(textEvent("Hel"), overloaded), { retry: 2 });
  expect(late.error).toMatchObject({ kind: "overloaded", attempts: 1, partial: { text: "Hel" } });
  expect(late.server.requests).toHaveLength(1);
});

test("of an endless error answer only a part is read, and the socket is closed", async () => {
  const block = "x".repeat(64 * 1024);
  let written = 0;
  const { server, error } = await ask((response) => {
    response.writeHead(500, { "content-type": "text/plain" });
    const write = (): void => {
      do written += block.length;
      while (response.write(block) && written < 500_000_000);
      response.once("drain", write);
    };
    write();
  });
  expect(error).toMatchObject({ kind: "server", status: 500 });
  expect(error.body?.length).toBeLessThanOrEqual(4000);
  expect(error.message.length).toBeLessThan(1000);
  await until(() => server.open === 0);
  expect(written).toBeLessThan(50_000_000);
});

test.each<[number, ModelErrorKind, boolean]>([
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
])("status %i is %s", async (code, kind, retryable) => {
  const { error } = await ask(
    status(code, '{"error":{"message":"It failed."}}', { "content-type": "application/json" }),
  );
  expect(error).toMatchObject({
    kind,
    retryable,
    status: code,
    provider: "openai",
    model: "gpt-test",
    attempts: 1,
  });
  expect(error.message).toContain("It failed.");
});

test("the provider's word on whether to try again counts", async () => {
  const never = await ask(status(503, "{}", { "x-should-retry": "false" }), { retry: 2 });
  expect([never.error.retryable, never.server.requests.length]).toEqual([false, 1]);
  const again = await ask(status(400, "{}", { "x-should-retry": "true", "retry-after-ms": "1" }), {
    retry: 1,
  });
  expect([again.error.attempts, again.server.requests.length]).toEqual([2, 2]);
});

test.each([
  [{ "retry-after": "7" }, "{}", 7000],
  [{ "retry-after-ms": "70" }, "{}", 70],
  [{}, '{"error":{"message":"Please try again in 1.5s."}}', 1500],
  [{}, '{"error":{"message":"Please try again in 6ms."}}', 6],
  [{}, '{"error":{"code":"429","message":"Too many calls. Please retry after 7 seconds."}}', 7000],
  [
    {},
    '[{"error":{"code":429,"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}]}}]',
    34_400,
  ],
])(
  "a wait that is asked for by %j %s is on the error",
  async (headers: Record<string, string>, body, expected) => {
    const { error } = await ask(status(429, body, headers));
    expect(error.retryAfterMs).toBe(expected);
  },
);

test("request id and rate limits are on the answer and on the error", async () => {
  const headers = {
    "x-request-id": "req_1",
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-reset-requests": "1s",
  };
  const rateLimits = [{ name: "requests", limit: 60, resetMs: 1000 }];
  const good = await ask(
    (response) => void response.writeHead(200, { ...SSE_HEAD, ...headers }).end(textStream("Hi")),
  );
  expect(good.last.metadata).toMatchObject({ requestId: "req_1", rateLimits });
  const bad = await ask(status(429, "{}", headers));
  expect(bad.error).toMatchObject({ requestId: "req_1", rateLimits });
});

test("a refused key is told by where it came from, and never shown", async () => {
  const body = `{"error":{"message":"Incorrect API key provided: ${TEST_KEY}.","code":"invalid_api_key"}}`;
  const { error } = await ask(status(401, body, { "x-echo": TEST_KEY }));
  expect(error.message).toContain("Check the key (TEST_KEY).");
  const shown = `${String(error)}${error.stack}${inspect(error, { depth: 9 })}${JSON.stringify(error)}${error.body}`;
  expect(shown).toContain("Incorrect API key provided");
  expect(shown).not.toContain(TEST_KEY);
});

test("the key is nowhere in a partial answer or its error", async () => {
  const { error } = await ask(sse(textEvent("Hel")));
  expect(inspect([error, error.partial], { depth: 9, showHidden: true })).not.toContain(TEST_KEY);
});

test("a model that is not known is told with the nearest one that is", async () => {
  const body = '{"error":{"message":"The model `gpt-tset` does not exist","code":"model_not_found"}}';
  const { error } = await ask(
    status(404, body),
    {},
    { modelName: "gpt-tset", knownModels: () => ["gpt-test", "o3"] },
  );
  expect(error.message).toContain('Did you mean "gpt-test"?');
});

test("a model that is known and refused all the same is not told to be named as it is", async () => {
  const body = '{"error":{"message":"No such model here!","code":"model_not_found"}}';
  const { error } = await ask(
    status(404, body),
    {},
    { modelName: "o3", knownModels: () => ["gpt-test", "o3"] },
  );
  expect(error.message).toMatch(/No such model here! Check the model's name, the base URL, and whether/);
});

test("extra body, headers and query are sent last, in the wire's own spelling", async () => {
  const { server } = await ask(sse(textStream("Hi")), {
    temperature: 0.5,
    extraBody: { temperature: 0.9, vendor_flag: true, nothing: null },
    extraHeaders: { Authorization: "Bearer mine", "x-extra": "1" },
    extraQuery: { "api-version": "7" },
  });
  const [request] = server.requests;
  expect(JSON.parse(request?.body ?? "")).toMatchObject({
    temperature: 0.9,
    vendor_flag: true,
    nothing: null,
  });
  expect(request?.headers).toMatchObject({ authorization: "Bearer mine", "x-extra": "1" });
  expect(request?.url).toBe("/chat/completions?api-version=7");
});

test("options of the framework do not reach the wire", async () => {
  const { server } = await ask(sse(textStream("Hi")), {
    timeout: 5000,
    signal: new AbortController().signal,
  });
  expect(Object.keys(JSON.parse(server.requests[0]?.body ?? "") as object).toSorted()).toEqual([
    "messages",
    "model",
    "stream",
    "stream_options",
  ]);
});

test("what is kept of an event is not changed by the events after it", async () => {
  const note = (url: string): string =>
    deltaEvent({ annotations: [{ type: "url_citation", url_citation: { url, title: "One title" } }] });
  const urls = [
    "https://a.example",
    "https://b.example",
    "https://c.example",
    "https://d.example",
    "https://e.example",
  ];
  const { last } = await ask(sse(textEvent("Hi"), ...urls.map(note), deltaEvent({}, "stop"), DONE));
  const citations = last.metadata.citations as { url_citation: { url: string } }[];
  expect(citations.map(({ url_citation: { url } }) => url)).toEqual(urls);
});

test("what a snapshot holds is not changed by later events", async () => {
  const cited = (url: string): string =>
    event({ citations: [url], choices: [{ index: 0, delta: { content: "same" } }] });
  const usage = (note: string): string =>
    event({ choices: [], usage: { prompt_tokens: 1, detail: { note } } });
  const logprob = (token: string): string =>
    event({
      choices: [{ index: 0, delta: { content: "same" }, logprobs: { content: [{ token, logprob: -1 }] } }],
    });
  const letters = ["a", "b", "c", "d", "e"];
  const server = await serve(
    sse(...letters.map(cited), ...letters.map(logprob), ...letters.map(usage), deltaEvent({}, "stop"), DONE),
  );
  const seen = await lastValueFrom(modelAt(server.url).stream("Hi").pipe(toArray()));
  expect(seen.slice(0, 5).map(({ metadata }) => metadata.citations)).toEqual(
    letters.map((letter) => [letter]),
  );
  const tokens = seen.at(-1)?.metadata.logprobs as { token: string }[];
  expect(tokens.map(({ token }) => token)).toEqual(letters);
  const notes = seen.slice(10, 15).map(({ usage: counted }) => counted?.raw?.["detail"]);
  expect(notes).toEqual(letters.map((note) => ({ note })));
});

test("search results that every event repeats are copied once, and not changed by later ones", async () => {
  const found = (title: string, content: string): string =>
    event({
      search_results: [{ title, url: "https://a.example" }],
      choices: [{ index: 0, delta: { content } }],
    });
  const server = await serve(
    sse(found("A", "a"), found("A", "b"), found("A", "c"), found("B", "d"), deltaEvent({}, "stop"), DONE),
  );
  const seen = await lastValueFrom(modelAt(server.url).stream("Hi").pipe(toArray()));
  const lists = seen.map(({ metadata }) => metadata["searchResults"] as { title: string }[]);
  expect(lists.slice(0, 4).map((list) => list[0]?.title)).toEqual(["A", "A", "A", "B"]);
  expect(new Set(lists).size).toBe(2);
  expect(seen.at(-1)?.metadata.citations).toBe(lists.at(-1));
});

test("text that was held back for a tag that never came is part of the answer", async () => {
  const { last } = await ask(sse(textEvent("a <thi"), DONE), {}, { switches: { thinkTags: true } });
  expect(last.text).toBe("a <thi");
});

const WHOLE_TEXT = JSON.stringify(
  {
    id: "c",
    choices: [{ index: 0, message: { role: "assistant", content: "Whole" }, finish_reason: "stop" }],
  },
  undefined,
  2,
);

test.each([
  ["a stream called JSON", "application/json", textStream("Who", "le")],
  ["a stream called a text", "text/plain", textStream("Who", "le")],
  ["a stream called nothing", undefined, `\ufeff: hi\n\n${textStream("Who", "le")}`],
  ["a whole answer called a stream", "text/event-stream", WHOLE_TEXT],
  ["a whole answer called JSON, with a byte order mark", "application/json", `\ufeff${WHOLE_TEXT}`],
])("an answer is what it is, whatever it is called: %s", async (_, type, body) => {
  for (const stream of [true, false]) {
    const answer: Answer = (response) => {
      response.writeHead(200, type === undefined ? {} : { "content-type": type }).end(body);
    };
    const { last } = await ask(answer, { stream });
    expect([last.text, last.finishReason]).toEqual(["Whole", "stop"]);
  }
});

test("a whole answer after the beginning of a stream is not its end", async () => {
  const { error } = await ask(
    (response) => void response.writeHead(200, SSE_HEAD).end(`${textEvent("Hal")}${WHOLE_TEXT}`),
  );
  expect(error).toMatchObject({ kind: "server", partial: { text: "Hal" } });
});

test("a count without end is no count", async () => {
  const usage = '{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1e999,"total_tokens":-1}}';
  const { last } = await ask(
    (response) => void response.writeHead(200, SSE_HEAD).end(`${textEvent("a")}data: ${usage}\n\n${DONE}`),
  );
  expect([last.usage?.inputTokens, last.usage?.outputTokens, last.usage?.totalTokens]).toEqual([
    3,
    undefined,
    undefined,
  ]);
});
