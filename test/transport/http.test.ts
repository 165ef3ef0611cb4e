import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  connect,
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
  type Socket,
} from "node:net";
import { constants, createGzip, gzipSync } from "node:zlib";
import { Agent, type Dispatcher } from "undici";
import { expect, onTestFinished, test } from "vitest";
import { modelError } from "../../src/error/errors-by-kind.ts";
import type { ModelError } from "../../src/error/model-error.ts";
import type { Endpoint } from "../../src/transport/endpoint.ts";
import { type HttpExchange, type HttpHead, type HttpRequest, sendHttp } from "../../src/transport/http.ts";
import { type Loopback, serve, settled, until, wait } from "./loopback.ts";

const KEY = "sk-test-0123456789abcdef";

function endpoint(baseUrl: string, more: Partial<Endpoint> = {}): Endpoint {
  return { baseUrl, headers: () => ({ authorization: `Bearer ${KEY}` }), ...more };
}

/** What a receiver heard. */
interface Heard {
  head: HttpHead | undefined;
  readonly chunks: Buffer[];
  readonly text: string;
  /** `end` and `fail` with its error, in the order in which they came. */
  readonly ends: ("end" | ModelError)[];
  readonly error: ModelError;
  readonly exchange: HttpExchange;
  readonly over: Promise<void>;
}

const POST = { method: "POST", path: "/chat", body: "{}" } as const;

function send(to: Endpoint, request: Partial<HttpRequest> = {}, onData?: (heard: Heard) => void): Heard {
  const chunks: Buffer[] = [];
  const ends: ("end" | ModelError)[] = [];
  let isOver = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    isOver = resolve;
  });
  const heard: Heard = {
    head: undefined,
    chunks,
    get text() {
      return Buffer.concat(chunks).toString("utf8");
    },
    ends,
    get error() {
      const last = ends.at(-1);
      if (last === undefined || last === "end") throw new Error("There was no error.");
      return last;
    },
    over,
    exchange: sendHttp(
      to,
      { ...POST, ...request },
      {
        head: (head) => {
          heard.head = head;
        },
        data: (chunk) => {
          chunks.push(chunk);
          onData?.(heard);
        },
        end: () => {
          ends.push("end");
          isOver();
        },
        fail: (error) => {
          ends.push(error);
          isOver();
        },
      },
    ),
  };
  return heard;
}

/** A TCP server that does as it likes with each connection. */
async function listen(onSocket: (socket: Socket) => void): Promise<{ url: string; server: Server }> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    onSocket(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

function custom(dispatcher: Agent): Dispatcher {
  onTestFinished(() => dispatcher.destroy());
  return dispatcher;
}

test("a request arrives with method, path, body and headers, and its answer comes back whole", async () => {
  const server = await serve((response) => {
    response.writeHead(200, { "x-request-id": "req_1", "content-type": "text/plain" });
    response.end("hello");
  });
  const heard = send(endpoint(`${server.url}/v1`), { headers: { accept: "text/plain" } });
  await heard.over;
  expect(heard.text).toBe("hello");
  expect(heard.head).toMatchObject({ status: 200 });
  expect(heard.head?.url()).toBe(`${server.url}/v1/chat`);
  expect(heard.head?.headers["x-request-id"]).toBe("req_1");
  expect(server.requests).toMatchObject([
    {
      method: "POST",
      url: "/v1/chat",
      body: "{}",
      headers: { authorization: `Bearer ${KEY}`, accept: "text/plain" },
    },
  ]);
});

test("headers merge without regard to case, the request's over the endpoint's, and undefined ones are not sent", async () => {
  const server = await serve((response) => void response.end());
  const to = endpoint(server.url, {
    headers: () => ({ Authorization: "Bearer a", "X-One": "endpoint", "x-gone": undefined }),
  });
  await send(to, { headers: { AUTHORIZATION: "Bearer b", "x-one": "request", "x-two": undefined } }).over;
  expect(server.requests[0]?.headers).toMatchObject({ authorization: "Bearer b", "x-one": "request" });
  expect(server.requests[0]?.headers).not.toHaveProperty("x-gone");
  expect(server.requests[0]?.headers).not.toHaveProperty("x-two");
});

test("the endpoint is asked for its headers once per request", async () => {
  let asked = 0;
  const server = await serve((response) => void response.end());
  const to = endpoint(server.url, { headers: () => Promise.resolve({ authorization: `Bearer ${++asked}` }) });
  await send(to).over;
  await send(to).over;
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer 1", "Bearer 2"]);
});

test("the queries of base URL, endpoint and request are joined, the request's winning", async () => {
  const server = await serve((response) => void response.end());
  const to = endpoint(`${server.url}/v1?api-version=1&a=base`, { query: { a: "endpoint", b: "endpoint" } });
  const heard = send(to, { query: { b: "request", c: "ä&=" } });
  await heard.over;
  const url = new URL(server.requests[0]?.url ?? "", server.url);
  expect(url.pathname).toBe("/v1/chat");
  expect(Object.fromEntries(url.searchParams)).toEqual({
    "api-version": "1",
    a: "endpoint",
    b: "request",
    c: "ä&=",
  });
  expect(heard.head?.url()).toBe(`${server.url}/v1/chat`);
});

test("compression is not asked for", async () => {
  const server = await serve((response) => void response.end());
  await send(endpoint(server.url)).over;
  expect(server.requests[0]?.headers).not.toHaveProperty("accept-encoding");
});

test("an informational answer is passed over", async () => {
  const server = await serve((response) => {
    response.writeEarlyHints({ link: "</style.css>; rel=preload" });
    response.end("hello");
  });
  const heard = send(endpoint(server.url));
  await heard.over;
  expect(heard.head?.status).toBe(200);
  expect(heard.text).toBe("hello");
});

test.each([307, 308])(
  "a redirect with %i on the same origin is followed with key and body",
  async (status) => {
    const server = await serve((response, { url }) => {
      if (url === "/chat") response.writeHead(status, { location: "/moved?x=1" }).end("moved");
      else response.end("hello");
    });
    const heard = send(endpoint(server.url));
    await heard.over;
    expect(heard.text).toBe("hello");
    expect(heard.head?.url()).toBe(`${server.url}/moved`);
    expect(server.requests[1]).toMatchObject({
      method: "POST",
      url: "/moved?x=1",
      body: "{}",
      headers: { authorization: `Bearer ${KEY}` },
    });
  },
);

test.each([301, 302, 303, 307, 308])(
  "a redirect with %i to another origin is refused, and nothing is sent there",
  async (status) => {
    const other = await serve((response) => void response.end("stolen"));
    const server = await serve(
      (response) => void response.writeHead(status, { location: `${other.url}/chat?key=x` }).end(),
    );
    const heard = send(endpoint(server.url));
    await heard.over;
    expect(heard.error.kind).toBe("configuration");
    expect(heard.error.message).toContain(`${other.url}/chat`);
    expect(heard.error.message).not.toContain("key=x");
    expect(heard.error.retryable).toBe(false);
    expect(other.connections).toBe(0);
    expect(heard.head).toBeUndefined();
    await until(() => server.open === 0);
  },
);

test.each([301, 302, 303])(
  "a redirect with %i would lose the body of a POST and is refused",
  async (status) => {
    const server = await serve((response) => void response.writeHead(status, { location: "/moved" }).end());
    const heard = send(endpoint(server.url));
    await heard.over;
    expect(heard.error.kind).toBe("configuration");
    expect(server.requests).toHaveLength(1);
  },
);

test.each([301, 302, 303, 307, 308])("a GET is redirected with %i within its origin", async (status) => {
  const server = await serve((response, { url }) => {
    if (url === "/models") response.writeHead(status, { location: "/models/" }).end();
    else response.end("[]");
  });
  const heard = send(endpoint(server.url), { method: "GET", path: "/models", body: undefined });
  await heard.over;
  expect(heard.text).toBe("[]");
});

test("a redirect in a circle ends", async () => {
  const server = await serve((response) => void response.writeHead(307, { location: "/chat" }).end());
  const heard = send(endpoint(server.url));
  await heard.over;
  expect(heard.error.kind).toBe("configuration");
  expect(server.requests).toHaveLength(4);
});

test("a redirect to what is no URL is refused, and one without a location is an answer", async () => {
  let location: string | undefined = "http://[";
  const server = await serve((response) => {
    response.writeHead(307, location === undefined ? {} : { location }).end("where to?");
  });
  const refused = send(endpoint(server.url));
  await refused.over;
  expect(refused.error.message).toContain("cannot be read");
  location = undefined;
  const answered = send(endpoint(server.url));
  await answered.over;
  expect(answered.head?.status).toBe(307);
  expect(answered.text).toBe("where to?");
});

test("gzip that was not asked for is read, however it is cut", async () => {
  const zipped = gzipSync("Grüße, ".repeat(2000));
  const server = await serve(async (response) => {
    response.writeHead(200, { "content-encoding": "gzip" });
    for (let at = 0; at < zipped.length; at += 7) response.write(zipped.subarray(at, at + 7));
    await wait(5);
    response.end();
  });
  const heard = send(endpoint(server.url));
  await heard.over;
  expect(heard.ends).toEqual(["end"]);
  expect(heard.text).toBe("Grüße, ".repeat(2000));
});

test("gzip in a single packet with its head is read", async () => {
  const body = gzipSync("hello");
  const { url } = await listen((socket) => {
    socket.once("data", () => {
      const head = `HTTP/1.1 200 OK\r\nContent-Encoding: X-GZIP\r\nContent-Length: ${body.length}\r\n\r\n`;
      socket.write(Buffer.concat([Buffer.from(head), body]));
    });
  });
  const heard = send(endpoint(url));
  await heard.over;
  expect(heard.text).toBe("hello");
});

test("what a slow server compresses is handed on as it comes", async () => {
  let finish = (): void => undefined;
  const server = await serve((response) => {
    response.writeHead(200, { "content-encoding": "gzip" });
    const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
    gzip.pipe(response);
    gzip.write("first ");
    finish = () => void gzip.end("second");
  });
  const heard = send(endpoint(server.url));
  await until(() => heard.text === "first ");
  finish();
  await heard.over;
  expect(heard.text).toBe("first second");
});

test("an empty body that calls itself gzip is an empty body", async () => {
  const server = await serve(
    (response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(),
  );
  const heard = send(endpoint(server.url));
  await heard.over;
  expect(heard.ends).toEqual(["end"]);
  expect(heard.text).toBe("");
});

test("gzip that is none is an error and closes the connection", async () => {
  const server = await serve((response) => {
    response.writeHead(200, { "content-encoding": "gzip" });
    response.write("this is no gzip");
  });
  const heard = send(endpoint(server.url));
  await heard.over;
  expect(heard.error.kind).toBe("parse");
  expect(heard.error.message).toContain("gzip");
  await until(() => server.open === 0);
});

test("a body that goes on with zeros after its gzip, and is held open, loses the connection", async () => {
  const server = await serve((response) => {
    response.writeHead(200, { "content-encoding": "gzip" });
    response.write(Buffer.concat([gzipSync("hello"), Buffer.alloc(8)]));
  });
  const heard = send(endpoint(server.url));
  await heard.over;
  expect(heard.text).toBe("hello");
  expect(heard.ends).toEqual(["end"]);
  await until(() => server.open === 0);
});

test("an answer that unpacks to much more than it weighs waits while the reader pauses", async () => {
  const zipped = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  const server = await serve((response) => {
    response.writeHead(200, { "content-encoding": "gzip" });
    response.end(zipped);
  });
  let size = 0;
  const heard = send(endpoint(server.url), {}, ({ chunks, exchange }) => {
    const isFirst = size === 0;
    size += chunks.pop()?.length ?? 0;
    if (isFirst) exchange.pause();
  });
  await until(() => size > 0);
  expect(await settled(() => size)).toBeLessThan(2 * 1024 * 1024);
  heard.exchange.resume();
  await heard.over;
  expect(size).toBe(64 * 1024 * 1024);
});

test.each(["br", "deflate", "zstd"])("content-encoding %s is an error that names it", async (encoding) => {
  const server = await serve((response) => {
    response.writeHead(200, { "content-encoding": encoding });
    response.write("xxxx");
  });
  const heard = send(endpoint(server.url));
  await heard.over;
  expect(heard.error.kind).toBe("parse");
  expect(heard.error.message).toContain(`content-encoding ${encoding}`);
  expect(heard.text).toBe("");
  await until(() => server.open === 0);
});

test("content-encoding identity is no encoding", async () => {
  const server = await serve(
    (response) => void response.writeHead(200, { "content-encoding": "identity" }).end("hello"),
  );
  const heard = send(endpoint(server.url));
  await heard.over;
  expect(heard.text).toBe("hello");
});

test("a port where nothing listens is a network error that says so", async () => {
  const server = await serve((response) => void response.end());
  await server.close();
  const heard = send(endpoint(server.url));
  await heard.over;
  expect(heard.error).toMatchObject({ kind: "network", retryable: true, code: "ECONNREFUSED" });
  expect(heard.error.message).toContain(server.url);
  expect(heard.error.message).toContain("nothing listens there");
});

test("a host that is not known is a network error that says so", async () => {
  const heard = send(endpoint("http://no-such-host.invalid/v1"));
  await heard.over;
  expect(heard.error.kind).toBe("network");
  expect(["ENOTFOUND", "EAI_AGAIN"]).toContain(heard.error.code);
  expect(heard.error.message).toMatch(/http:\/\/no-such-host\.invalid failed: the host name/);
});

test("a connection reset before the answer is a network error", async () => {
  const { url } = await listen((socket) => socket.once("data", () => socket.resetAndDestroy()));
  const heard = send(endpoint(url));
  await heard.over;
  expect(heard.error).toMatchObject({ kind: "network", retryable: true });
  expect(heard.head).toBeUndefined();
});

test("a connection closed before the answer is a network error", async () => {
  const { url } = await listen((socket) => socket.once("data", () => socket.end()));
  const heard = send(endpoint(url));
  await heard.over;
  expect(heard.error).toMatchObject({ kind: "network", retryable: true });
});

test("an answer cut in the middle of its body is told after what had arrived", async () => {
  const server = await serve(async (response, _request, socket) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("only this");
    await wait(5);
    socket.destroy();
  });
  const heard = send(endpoint(server.url));
  await heard.over;
  expect(heard.text).toBe("only this");
  expect(heard.error).toMatchObject({ kind: "network", retryable: true });
});

test("what is no HTTP is a network error", async () => {
  const { url } = await listen((socket) =>
    socket.once("data", () => socket.end("220 mail.example ESMTP\r\n")),
  );
  const heard = send(endpoint(url));
  await heard.over;
  expect(heard.error.kind).toBe("network");
  expect(heard.error.message).toContain(url);
});

test("https to a port that speaks http is a network error", async () => {
  const server = await serve((response) => void response.end());
  const heard = send(endpoint(server.url.replace("http:", "https:")));
  await heard.over;
  expect(heard.error.kind).toBe("network");
});

test("an error without words still says something", async () => {
  const agent = new Agent({
    connect: (_options, callback) => {
      callback(Object.assign(new AggregateError([]), { code: "ETIMEDOUT" }), null);
    },
  });
  const heard = send(endpoint("http://127.0.0.1:9", { dispatcher: custom(agent) }));
  await heard.over;
  expect(heard.error.message).toMatch(/failed: \w.*\(ETIMEDOUT\)/);
});

test("a connection that does not come about ends at its deadline, and nothing is sent when it comes after all", async () => {
  const server = await serve((response) => void response.end());
  let connectNow = (): void => undefined;
  const agent = new Agent({
    connect: (_options, callback) => {
      connectNow = () => {
        const socket = connect(server.port, "127.0.0.1", () => callback(null, socket));
      };
    },
  });
  const heard = send(endpoint(server.url, { dispatcher: custom(agent) }), { connectMs: 30 });
  await heard.over;
  expect(heard.error.kind).toBe("timeout");
  expect(heard.error.message).toContain("30 ms");
  expect(heard.error.message).toContain("timeout.connectMs");
  connectNow();
  await until(() => server.connections === 1);
  await until(() => server.open === 0);
  expect(server.requests).toHaveLength(0);
  expect(heard.ends).toHaveLength(1);
});

test("the connect deadline ends when the connection stands, however slow the answer", async () => {
  const server = await serve(async (response) => {
    await wait(400);
    response.end("late");
  });
  const heard = send(endpoint(server.url), { connectMs: 300 });
  await heard.over;
  expect(heard.text).toBe("late");
});

/** An address that never answers: its server's queue is full, so further connections wait for ever. */
async function deadAddress(): Promise<string> {
  const program = `
    const server = require("node:net").createServer();
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      require("node:fs").writeSync(1, String(server.address().port));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [written] = (await once(child.stdout, "data")) as [Buffer];
  const port = Number(written.toString());
  for (let taken = 0; taken < 2; taken++) {
    const socket = connect(port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    await once(socket, "connect");
  }
  return `http://127.0.0.1:${port}`;
}

function connectingSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "ConnectWrap").length;
}

test("abort and the connect deadline close a connection that will never stand", async () => {
  const url = await deadAddress();
  const aborted = send(endpoint(url));
  await until(() => connectingSockets() === 1);
  aborted.exchange.abort();
  await until(() => connectingSockets() === 0);
  const late = send(endpoint(url), { connectMs: 30 });
  await late.over;
  expect(late.error.kind).toBe("timeout");
  await until(() => connectingSockets() === 0);
  expect(aborted.ends).toEqual([]);
});

test("abort before the head closes the connection, and nothing more is heard", async () => {
  const server = await serve(() => undefined);
  const heard = send(endpoint(server.url));
  await until(() => server.requests.length === 1);
  heard.exchange.abort();
  await until(() => server.open === 0);
  expect(heard.ends).toEqual([]);
});

test("abort in the middle of the body closes the connection", async () => {
  const server = await serve((response) => void response.write("begin"));
  const heard = send(endpoint(server.url));
  await until(() => heard.text === "begin");
  heard.exchange.abort();
  await until(() => server.open === 0);
  expect(heard.ends).toEqual([]);
});

test("an aborted request opens no other connection", async () => {
  const server = await serve((response, { url }) => {
    if (url === "/body") response.write("begin");
    else if (url === "/whole") response.end("hello");
  });
  await send(endpoint(server.url), { path: "/whole" }).over;
  await wait(0);
  for (const path of ["/body", "/head", "/body", "/head"]) {
    const before = server.connections;
    const heard = send(endpoint(server.url), { path });
    const requests = server.requests.length;
    await until(() => server.requests.length > requests && (path === "/head" || heard.text === "begin"));
    heard.exchange.abort();
    await wait(20);
    expect(server.open).toBe(0);
    expect(server.connections - before).toBeLessThanOrEqual(1);
  }
  expect(server.connections).toBe(4);
});

test("abort while the headers are awaited opens no connection", async () => {
  const server = await serve((response) => void response.end());
  const heard = send(endpoint(server.url, { headers: () => wait(10).then(() => ({})) }));
  heard.exchange.abort();
  await wait(40);
  expect(server.connections).toBe(0);
  expect(heard.ends).toEqual([]);
});

test("abort before the connection stands sends nothing when it comes after all, and closes it", async () => {
  const server = await serve((response) => void response.end());
  let connectNow: (() => void) | undefined;
  const agent = new Agent({
    connect: (_options, callback) => {
      connectNow = () => {
        const socket = connect(server.port, "127.0.0.1", () => callback(null, socket));
      };
    },
  });
  const heard = send(endpoint(server.url, { dispatcher: custom(agent) }));
  await until(() => connectNow !== undefined);
  heard.exchange.abort();
  connectNow?.();
  await until(() => server.connections === 1);
  await until(() => server.open === 0);
  expect(server.requests).toHaveLength(0);
  expect(heard.ends).toEqual([]);
});

test("abort while queued behind another request sends nothing and leaves that one alone", async () => {
  let finish = (): void => undefined;
  const server = await serve((response) => {
    response.write("first");
    finish = () => void response.end(" done");
  });
  const to = endpoint(server.url, { dispatcher: custom(new Agent({ connections: 1, pipelining: 1 })) });
  const first = send(to);
  await until(() => first.text === "first");
  const second = send(to);
  await wait(10);
  second.exchange.abort();
  finish();
  await first.over;
  expect(first.text).toBe("first done");
  await wait(20);
  expect(server.requests).toHaveLength(1);
  expect(second.ends).toEqual([]);
});

test("two requests after another share one connection", async () => {
  const server = await serve((response) => void response.end("hello"));
  await send(endpoint(server.url)).over;
  // undici frees a connection one turn of the event loop after the answer.
  await wait(0);
  await send(endpoint(server.url)).over;
  expect(server.requests).toHaveLength(2);
  expect(server.connections).toBe(1);
});

test("finish lets the rest of the body pass, so that the connection is used again", async () => {
  const server = await serve(async (response) => {
    response.write("enough");
    await wait(1);
    response.end(" and more");
  });
  const first = send(endpoint(server.url), {}, ({ exchange }) => exchange.finish());
  await until(() => first.text === "enough");
  await wait(60);
  expect(first.text).toBe("enough");
  expect(first.ends).toEqual([]);
  await send(endpoint(server.url)).over;
  expect(server.connections).toBe(1);
});

test("finish closes a connection whose body stays open", async () => {
  const server = await serve((response) => void response.write("enough"));
  const heard = send(endpoint(server.url), {}, ({ exchange }) => exchange.finish());
  await until(() => heard.text === "enough");
  const finishedAt = performance.now();
  await until(() => server.open === 0);
  // Not at once: what little may still come lets the connection be used again.
  expect(performance.now() - finishedAt).toBeGreaterThan(50);
  expect(heard.ends).toEqual([]);
});

test("finish of a paused answer reads it to its end", async () => {
  const server = await serve((response) => void response.end(Buffer.alloc(200_000)));
  const heard = send(endpoint(server.url), {}, ({ exchange }) => {
    exchange.pause();
    exchange.finish();
  });
  await until(() => heard.chunks.length > 0);
  await wait(30);
  await send(endpoint(server.url)).over;
  expect(server.connections).toBe(1);
});

test("abort after the end is nothing", async () => {
  const server = await serve((response) => void response.end("hello"));
  const heard = send(endpoint(server.url));
  await heard.over;
  heard.exchange.abort();
  heard.exchange.pause();
  heard.exchange.resume();
  heard.exchange.finish();
  await wait(10);
  expect(heard.ends).toEqual(["end"]);
});

/** Writes until it has written everything, and counts. */
function flood(total: number): { serve: () => Promise<Loopback>; written: () => number } {
  let written = 0;
  const block = Buffer.alloc(64 * 1024, "x");
  return {
    written: () => written,
    serve: () =>
      serve((response) => {
        const write = (): void => {
          while (written < total) {
            written += block.length;
            if (!response.write(block)) {
              response.once("drain", write);
              return;
            }
          }
          response.end();
        };
        write();
      }),
  };
}

test("while the reader pauses the server cannot go on writing, and nothing is lost", async () => {
  const total = 64 * 1024 * 1024;
  const { serve: start, written } = flood(total);
  const server = await start();
  let size = 0;
  const heard = send(endpoint(server.url), {}, ({ chunks, exchange }) => {
    const isFirst = size === 0;
    size += chunks.pop()?.length ?? 0;
    if (isFirst) exchange.pause();
  });
  await until(() => size > 0);
  const stood = await settled(written);
  // What the buffers of kernel and sockets take on loopback.
  expect(stood).toBeLessThan(16 * 1024 * 1024);
  expect(size).toBeLessThan(1024 * 1024);
  heard.exchange.resume();
  await heard.over;
  expect(size).toBe(total);
});

test("a reader that pauses before there is an answer gets none until it resumes", async () => {
  const server = await serve((response) => void response.end("hello"));
  const heard = send(endpoint(server.url));
  heard.exchange.pause();
  await until(() => server.requests.length === 1);
  await wait(30);
  expect(heard.text).toBe("");
  heard.exchange.resume();
  await heard.over;
  expect(heard.text).toBe("hello");
});

test("a key that cannot be a header is a configuration error that does not show it", async () => {
  const server = await serve((response) => void response.end());
  const heard = send(endpoint(server.url, { headers: () => ({ authorization: `Bearer ${KEY}\nx` }) }));
  await heard.over;
  expect(heard.error.kind).toBe("configuration");
  expect(heard.error.message).toContain("authorization");
  expect(`${heard.error.message}${String(heard.error.cause)}`).not.toContain(KEY);
});

test("a header function that fails is a configuration error, and a ModelError of its own stays what it is", async () => {
  const failing = send(
    endpoint("http://127.0.0.1:9", { headers: () => Promise.reject(new Error("vault is closed")) }),
  );
  await failing.over;
  expect(failing.error.kind).toBe("configuration");
  expect(failing.error.message).toContain("vault is closed");
  const throwing = send(
    endpoint("http://127.0.0.1:9", {
      headers: () => {
        throw new Error("no vault");
      },
    }),
  );
  await throwing.over;
  expect(throwing.error.message).toContain("no vault");
  const own = modelError("authentication", "The token ran out.");
  const passed = send(endpoint("http://127.0.0.1:9", { headers: () => Promise.reject(own) }));
  await passed.over;
  expect(passed.error).toBe(own);
});

test("a base URL that is none, and a query that cannot be sent, are configuration errors", async () => {
  for (const to of [
    endpoint("api.example.com/v1?api-key=hunter22"),
    endpoint(undefined as unknown as string),
    endpoint("http://127.0.0.1:9", { query: { a: Symbol("a") as unknown as string } }),
  ]) {
    const heard = send(to);
    await heard.over;
    expect(heard.error.kind).toBe("configuration");
    expect(heard.error.message).toContain("make no URL");
    expect(heard.error.message).not.toContain("hunter22");
  }
});

test.each([12_345_678, null, ["secret", "secret"], { secret: true }])(
  "a header that is %j is a configuration error, whoever gives it",
  async (value) => {
    const server = await serve((response) => void response.writeHead(401).end());
    const headers = { "x-api-key": value as unknown as string };
    for (const heard of [
      send(endpoint(server.url, { headers: () => headers })),
      send(endpoint(server.url), { headers }),
    ]) {
      await heard.over;
      expect(heard.error.kind).toBe("configuration");
      expect(heard.error.message).toContain("x-api-key");
    }
    expect(server.requests).toHaveLength(0);
  },
);

test("the head knows the secrets of its request", async () => {
  const server = await serve((response) => void response.end());
  const heard = send(endpoint(server.url));
  await heard.over;
  expect(heard.head?.secrets()).toEqual([KEY]);
});

test("a dispatcher that redirects before it returns leaves no deadline behind", async () => {
  const controller = { abort() {}, pause() {}, resume() {} } as unknown as Dispatcher.DispatchController;
  let requests = 0;
  const dispatcher = {
    dispatch(_options: unknown, handler: Required<Dispatcher.DispatchHandler>) {
      requests += 1;
      if (requests === 1) {
        handler.onRequestStart(controller, {});
        handler.onResponseStart(controller, 307, { location: "/moved" });
        handler.onResponseEnd(controller, {});
        return;
      }
      setTimeout(() => handler.onRequestStart(controller, {}), 5);
      setTimeout(() => {
        handler.onResponseStart(controller, 200, {});
        handler.onResponseEnd(controller, {});
      }, 150);
    },
  } as unknown as Dispatcher;
  const heard = send(endpoint("http://127.0.0.1:9", { dispatcher }), { connectMs: 60 });
  await heard.over;
  expect(heard.ends).toEqual(["end"]);
});

test("a dispatcher of the endpoint's own is used", async () => {
  const server = await serve((response) => void response.end("hello"));
  let used = 0;
  const dispatcher = custom(
    new Agent({
      connect: (options, callback) => {
        used += 1;
        const socket = connect(Number(options.port), options.hostname, () => callback(null, socket));
      },
    }),
  );
  await send(endpoint(server.url, { dispatcher })).over;
  expect(used).toBe(1);
});
