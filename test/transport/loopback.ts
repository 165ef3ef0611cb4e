import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";

/** One request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An HTTP server on 127.0.0.1 that ends with the test. */
export interface Loopback {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly SeenRequest[];
  /** Connections so far. */
  readonly connections: number;
  /** Connections that stand. */
  readonly open: number;
  close(): Promise<void>;
}

export type Answer = (response: ServerResponse, request: SeenRequest, socket: Socket) => void | Promise<void>;

/** Starts a server; `answer` is called when a request has arrived whole. */
export async function serve(answer: Answer): Promise<Loopback> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((request, response) => {
    // A client that goes away is what many tests are about.
    response.on("error", () => undefined);
    void bodyOf(request).then((body) => {
      const seen = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body };
      requests.push(seen);
      return answer(response, seen, request.socket);
    });
  });
  server.on("connection", (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const close = (): Promise<void> => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
    return closed;
  };
  onTestFinished(close);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    close,
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  request.setEncoding("utf8");
  try {
    for await (const chunk of request) body += chunk as string;
  } catch {
    // Cut while it was sent: what came is enough.
  }
  return body;
}

/** Waits until something is so; fails after ten seconds. */
export async function until(claim: () => boolean, what = claim.toString()): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!claim()) {
    if (performance.now() > deadline) throw new Error(`This did not come about: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
}

/** Waits until a count no longer changes, and returns it. */
export async function settled(count: () => number): Promise<number> {
  for (let last = Number.NaN, quiet = 0; ;) {
    await wait(20);
    const now = count();
    quiet = now === last ? quiet + 1 : 0;
    last = now;
    if (quiet === 6) return now;
  }
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
