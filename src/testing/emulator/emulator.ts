import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { type Delivery, deliver } from "./deliver.ts";
import type { AnswerScript, EmulatedAnswer, EmulatedRequest } from "./emulated-answer.ts";
import { openaiChatWire } from "./openai-chat-wire.ts";

/** What one provider protocol means to the emulator. */
export interface EmulatedWire {
  readonly name: string;
  /** Whether a request is for this wire. */
  matches(request: EmulatedRequest): boolean;
  /** What stands between the server's address and the wire's paths, for example `/v1`. */
  readonly basePath: string;
  /** Why the real provider would refuse this request, as its error answer; undefined when it would not. */
  refuse(request: EmulatedRequest, options: { readonly requireKey: boolean }): EmulatedAnswer | undefined;
  /** What to say when nothing is scripted. */
  answer(request: EmulatedRequest): EmulatedAnswer;
  /** Head and body of an answer. */
  render(request: EmulatedRequest, answer: EmulatedAnswer): RenderedAnswer;
}

export interface RenderedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, event by event; a whole body is one. */
  readonly events: readonly string[];
}

export interface EmulatorOptions {
  /** @default a free one */
  readonly port?: number;
  /** Whether a request without a key is refused. @default true */
  readonly requireKey?: boolean;
  /** Accepts what the real provider would refuse. @default false */
  readonly lenient?: boolean;
  /** How bytes are cut on their way out. @default "as-made" */
  readonly delivery?: Delivery;
}

/** One request and what became of it. */
export interface JournalEntry extends EmulatedRequest {
  readonly status: number | undefined;
  /** Whether the client closed the connection before the answer was whole. */
  readonly closedByClient: boolean;
  /** Whether the answer is over, one way or the other. */
  readonly isFinished: boolean;
  /** Bytes of this connection that the network has taken. */
  readonly bytesSent: number;
}

/** Looks at a request. */
export type RequestMatch = (request: EmulatedRequest) => boolean;

/** A server on this machine that speaks the providers' wires. */
export interface Emulator {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly port: number;
  /** The base URL for a wire's credential. @default the OpenAI chat wire */
  baseUrl(wire?: string): string;
  /** Answers for the next requests, in order; after them the default answers again. */
  script(...answers: readonly AnswerScript[]): void;
  /** An answer for all requests that match, unless one is scripted. Returns the function that takes it away. */
  when(match: RequestMatch, answer: AnswerScript): () => void;
  readonly journal: readonly JournalEntry[];
  /** Resolves when so many requests have come. */
  waitForRequests(count: number): Promise<void>;
  /** Connections that stand, idle ones too. */
  readonly openConnections: number;
  /** Answers under way. */
  readonly openStreams: number;
  delivery: Delivery;
  close(): Promise<void>;
}

const WIRES: readonly EmulatedWire[] = [openaiChatWire];

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Starts an emulator on 127.0.0.1. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = new EmulatorServer(options);
  await emulator.listen(options.port ?? 0);
  return emulator;
}

class EmulatorServer implements Emulator {
  readonly journal: Entry[] = [];
  delivery: Delivery;
  private readonly options: EmulatorOptions;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly queue: AnswerScript[] = [];
  private readonly rules: { readonly match: RequestMatch; readonly answer: AnswerScript }[] = [];
  private waiting: { readonly count: number; resolve(): void }[] = [];

  constructor(options: EmulatorOptions) {
    this.options = options;
    this.delivery = options.delivery ?? "as-made";
    this.server = createServer(
      { keepAlive: true },
      (request, response) => void this.handle(request, response),
    );
    this.server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      // A client that resets its connection is not an error of the server.
      socket.on("error", () => socket.destroy());
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get openConnections(): number {
    return this.sockets.size;
  }

  get openStreams(): number {
    return this.journal.filter((entry) => !entry.isFinished).length;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(port, "127.0.0.1", 4096, resolve);
    });
  }

  baseUrl(wire = openaiChatWire.name): string {
    const found = WIRES.find((each) => each.name === wire);
    if (found === undefined)
      throw new Error(
        `The emulator speaks no wire "${wire}"; it speaks ${WIRES.map(({ name }) => name).join(", ")}.`,
      );
    return this.url + found.basePath;
  }

  script(...answers: readonly AnswerScript[]): void {
    this.queue.push(...answers);
  }

  when(match: RequestMatch, answer: AnswerScript): () => void {
    const rule = { match, answer };
    this.rules.push(rule);
    return () => void this.rules.splice(this.rules.indexOf(rule), 1);
  }

  waitForRequests(count: number): Promise<void> {
    if (this.journal.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ count, resolve }));
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    if (request === undefined) return;
    const entry = new Entry(request, response);
    this.journal.push(entry);
    const ready = this.waiting.filter(({ count }) => this.journal.length >= count);
    this.waiting = this.waiting.filter((each) => !ready.includes(each));
    for (const each of ready) each.resolve();
    try {
      await this.respond(request, response, entry);
    } catch (error) {
      if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
      response.end(`The emulator failed: ${String(error)}`);
    }
  }

  private async respond(request: EmulatedRequest, response: ServerResponse, entry: Entry): Promise<void> {
    const wire = WIRES.find((each) => each.matches(request));
    if (wire === undefined) {
      response.writeHead(404, { "content-type": "application/json" });
      response.end(
        JSON.stringify({
          error: {
            message: `Unknown request URL: ${request.method} ${request.path}.`,
            type: "invalid_request_error",
            param: null,
            code: "unknown_url",
          },
        }),
      );
      return;
    }
    const refused = this.options.lenient
      ? undefined
      : wire.refuse(request, { requireKey: this.options.requireKey ?? true });
    const scripted =
      refused ??
      this.queue.shift() ??
      this.rules.find(({ match }) => match(request))?.answer ??
      paced(wire.answer(request));
    const answer = typeof scripted === "function" ? await scripted(request) : scripted;
    if (answer.firstDelayMs !== undefined) await wait(answer.firstDelayMs);
    if (response.destroyed) return;
    const { status, headers, events } = wire.render(request, answer);
    entry.status = status;
    response.writeHead(status, {
      ...headers,
      ...(answer.gzip && { "content-encoding": "gzip" }),
      ...answer.headers,
    });
    response.flushHeaders();
    await deliver(response, events, answer, this.delivery);
  }
}

/** A model takes a moment for each word: an answer that comes in one piece would hide how a client reads a stream. */
function paced(answer: EmulatedAnswer): EmulatedAnswer {
  return { delayMs: 1, ...answer };
}

class Entry implements JournalEntry {
  readonly method: string;
  readonly path: string;
  readonly headers: EmulatedRequest["headers"];
  readonly body: unknown;
  readonly rawBody: string;
  status: number | undefined;
  closedByClient = false;
  isFinished = false;
  private readonly socket: Socket;

  constructor(request: EmulatedRequest, response: ServerResponse) {
    this.method = request.method;
    this.path = request.path;
    this.headers = request.headers;
    this.body = request.body;
    this.rawBody = request.rawBody;
    this.socket = response.socket as Socket;
    response.on("close", () => {
      this.isFinished = true;
      this.closedByClient = !response.writableFinished;
    });
  }

  get bytesSent(): number {
    return this.socket.bytesWritten - this.socket.writableLength;
  }
}

async function readRequest(incoming: IncomingMessage): Promise<EmulatedRequest | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of incoming) {
      size += (chunk as Buffer).length;
      if (size > MAX_BODY_BYTES) return undefined;
      chunks.push(chunk as Buffer);
    }
  } catch {
    return undefined; // the client went away in the middle of its request
  }
  const rawBody = Buffer.concat(chunks).toString("utf8");
  return {
    method: incoming.method ?? "GET",
    path: incoming.url ?? "/",
    headers: incoming.headers,
    body: parse(rawBody),
    rawBody,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
