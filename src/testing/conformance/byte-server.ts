import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";

/** One answer, byte for byte. */
export interface ByteAnswer {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Written one after the other; each is an HTTP chunk of its own, so the client's parser hands them on one by one. */
  readonly pieces?: Iterable<string | Uint8Array>;
  /** Wait between two pieces, in milliseconds. @default 0 */
  readonly pauseMs?: number;
  /** How the client learns where the body ends: by a last chunk, or by the end of the connection. @default "chunked" */
  readonly framing?: "chunked" | "close";
  /** What follows the last piece: the end of the body, the end of the connection without it, a reset, or nothing at all. @default "end" */
  readonly bodyEnd?: "end" | "cut" | "reset" | "hang";
  /** Nothing is answered, not even a head. */
  readonly isSilent?: boolean;
}

/** One request, and what became of its answer. */
export interface ServedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** `text` as JSON; undefined where it is none. */
  readonly body: unknown;
  /** Whether the answer is over, one way or the other. */
  readonly isOver: boolean;
  /** Whether the client closed the connection before the answer was whole. */
  readonly closedByClient: boolean;
  /** Bytes of the answer that the network has taken. */
  readonly bytesTaken: number;
}

/**
 * A server on this machine that controls every byte of its answers: where they are cut, what status and headers they have,
 * how long they take and how their connection ends. It knows no wire.
 */
export class ByteServer {
  /** The requests so far. */
  readonly requests: ServedRequest[] = [];
  private readonly answers: ByteAnswer[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => void this.handle(request, response));
    this.server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      // A client that resets its connection is no error of the server.
      socket.on("error", () => socket.destroy());
    });
  }

  /** Starts one on a free port of 127.0.0.1. */
  static async start(): Promise<ByteServer> {
    const started = new ByteServer();
    started.server.listen(0, "127.0.0.1");
    await once(started.server, "listening");
    return started;
  }

  /** `http://127.0.0.1:port` */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Answers under way. */
  get openAnswers(): number {
    return this.requests.filter(({ isOver }) => !isOver).length;
  }

  /** Answers for the next requests, in order. A request without one is answered 418, which no model takes for an answer. */
  script(...answers: readonly ByteAnswer[]): void {
    this.answers.push(...answers);
  }

  /** Closes every connection, then the server. */
  async close(): Promise<void> {
    const closed = once(this.server, "close");
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const text = await textOf(incoming);
      const served = new Served(incoming, response, text);
      this.requests.push(served);
      await answer(response, served, this.answers.shift() ?? UNSCRIPTED);
    } catch {
      // The client has gone in the middle of its request: nobody is left to tell.
      response.destroy();
    }
  }
}

const UNSCRIPTED: ByteAnswer = {
  status: 418,
  headers: { "content-type": "text/plain" },
  pieces: ["No answer is scripted for this request."],
};

class Served implements ServedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: ServedRequest["headers"];
  readonly text: string;
  isOver = false;
  closedByClient = false;
  /** Whether the script broke the connection, so that it was not the client. */
  isBroken = false;
  // Not in the way when a failed comparison prints this.
  readonly #socket: Socket;
  readonly #bytesBefore: number;

  constructor(incoming: IncomingMessage, response: ServerResponse, text: string) {
    this.method = incoming.method ?? "";
    this.path = incoming.url ?? "";
    this.headers = incoming.headers;
    this.text = text;
    this.#socket = incoming.socket;
    this.#bytesBefore = this.#socket.bytesWritten;
    response.on("close", () => {
      this.isOver = true;
      this.closedByClient = !response.writableFinished && !this.isBroken;
    });
  }

  get body(): unknown {
    try {
      return JSON.parse(this.text);
    } catch {
      return undefined;
    }
  }

  get bytesTaken(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength - this.#bytesBefore;
  }
}

async function answer(response: ServerResponse, served: Served, script: ByteAnswer): Promise<void> {
  if (script.isSilent) return;
  if (script.framing === "close") {
    response.shouldKeepAlive = false;
    response.removeHeader("transfer-encoding");
  }
  response.writeHead(script.status ?? 200, script.headers);
  response.flushHeaders();
  let isFirst = true;
  for (const piece of script.pieces ?? []) {
    if (piece.length === 0) continue; // would be the last chunk
    if (!isFirst && script.pauseMs !== undefined) await wait(script.pauseMs);
    isFirst = false;
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
  }
  const { bodyEnd = "end" } = script;
  if (bodyEnd === "hang") return;
  if (bodyEnd === "end") {
    response.end();
    return;
  }
  served.isBroken = true;
  // What was written must be read before the connection breaks: a reset takes along what still waits in the socket. The
  // client is read between a timer and an immediate.
  await wait(1);
  await nextTurn();
  await nextTurn();
  if (bodyEnd === "cut") response.socket?.end();
  else response.socket?.resetAndDestroy();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off("drain", settle).off("close", settle);
      resolve();
    };
    response.on("drain", settle).on("close", settle);
  });
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
