import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { bodyOf } from "./answer-body.ts";
import { defaultAnswer } from "./default-answer.ts";
import { deliver, type Delivery } from "./deliver.ts";
import type { AnswerScript, EmulatedAnswer } from "./emulated-answer.ts";
import { type EmulatedRequest, isMatch, readRequest, type RequestMatch } from "./emulated-request.ts";
import { Exchange, type JournalEntry } from "./journal.ts";
import { findRoute, type FoundRoute, WIRES } from "./wires.ts";

/** How an emulator answers when no script says otherwise. */
export interface EmulatorOptions {
  /** @default 0 (a free one) */
  readonly port?: number;
  /** Whether a request without a key is refused. One that begins with `sk-wrong` always is. @default true */
  readonly requireKey?: boolean;
  /** Accepts what the real provider would refuse. @default false */
  readonly lenient?: boolean;
  /** The models that lists name; any other can be used all the same, but for `no-such-model`. @default a few of each provider's own */
  readonly models?: readonly string[];
  /** How bodies go out. @default event by event */
  readonly delivery?: Delivery;
  /** Hears of every request when its answer is over, whole or not. */
  readonly onAnswered?: (entry: JournalEntry) => void;
}

/** A server on this machine that speaks the providers' wires. */
export interface Emulator {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly port: number;
  /** How bodies go out from the next answer on. */
  delivery: Delivery;
  /** All requests since the start or the last `reset()`, in the order in which they came. */
  readonly journal: readonly JournalEntry[];
  /** Sockets that clients hold, idle ones too. */
  readonly openConnections: number;
  /** Answers under way. */
  readonly openStreams: number;
  /**
   * The base URL of a wire, for a client of it.
   * @param wire @default "openai-chat"
   * @throws {RangeError} for a wire that the emulator does not speak
   */
  baseUrl(wire?: string): string;
  /** Answers for the next requests, one each, before any rule. Requests that are refused, or for a document, take none. */
  script(...answers: readonly AnswerScript[]): void;
  /** An answer for all requests that match; of several rules the newest. Returns what takes the rule away. */
  when(match: RequestMatch, answer: AnswerScript): () => void;
  /**
   * Resolves with a request of the journal as soon as it has come.
   * @param number from 1. @default 1
   */
  waitForRequest(number?: number): Promise<JournalEntry>;
  /** Forgets journal, scripted answers and rules; what is under way goes on. */
  reset(): void;
  /** Ends every connection and the server. */
  close(): Promise<void>;
}

/**
 * Starts a server on 127.0.0.1 which answers as the providers do. Without a script it echoes, counts, calls the tools it is
 * offered and fills in schemas; and it refuses what the real provider refuses, unless it is lenient.
 *
 * @throws when the port is taken
 * @example
 * ```ts
 * import { ModelRegistry } from "rxscope";
 * import { startEmulator } from "rxscope/testing";
 *
 * const emulator = await startEmulator();
 * emulator.script({ text: "Hello.", delayMs: 10 }, { status: 429 });
 * const model = ModelRegistry.create("openai:gpt-4.1", { apiKey: "any", baseUrl: emulator.baseUrl() });
 * console.log((await model.call("Hi")).text, emulator.journal[0]?.body);
 * await emulator.close();
 * ```
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = new EmulatorServer(options);
  await emulator.listen(options.port ?? 0);
  return emulator;
}

interface Rule {
  readonly match: RequestMatch;
  readonly answer: AnswerScript;
}

class EmulatorServer implements Emulator {
  delivery: Delivery;
  journal: JournalEntry[] = [];
  private readonly options: EmulatorOptions;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly exchanges = new Set<Exchange>();
  private queue: AnswerScript[] = [];
  private rules: Rule[] = [];
  private requests = 0;
  private waiting: { readonly number: number; readonly resolve: (entry: JournalEntry) => void }[] = [];

  constructor(options: EmulatorOptions) {
    this.options = options;
    this.delivery = options.delivery ?? {};
    // An idle connection stands until the client closes it: what tests find closed, the client has closed.
    this.server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (incoming, response) => {
      void this.handle(incoming, response);
    });
    this.server.on("connection", (socket: Socket) => {
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
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
    return this.exchanges.size;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      // The default backlog of 511 turns away clients that open thousands of connections at once.
      this.server.listen({ port, host: "127.0.0.1", backlog: 8192 }, resolve);
    });
  }

  baseUrl(name = WIRES[0].name): string {
    const wire = WIRES.find((each) => each.name === name);
    if (wire === undefined) {
      throw new RangeError(
        `The emulator does not speak "${name}", only ${WIRES.map((each) => each.name).join(", ")}.`,
      );
    }
    return this.url + wire.basePath;
  }

  script(...answers: readonly AnswerScript[]): void {
    this.queue.push(...answers);
  }

  when(match: RequestMatch, answer: AnswerScript): () => void {
    const rule = { match, answer };
    this.rules.unshift(rule);
    return () => {
      this.rules = this.rules.filter((each) => each !== rule);
    };
  }

  waitForRequest(number = 1): Promise<JournalEntry> {
    const entry = this.journal[number - 1];
    if (entry !== undefined) return Promise.resolve(entry);
    return new Promise((resolve) => this.waiting.push({ number, resolve }));
  }

  reset(): void {
    this.journal = [];
    this.queue = [];
    this.rules = [];
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const exchange of this.exchanges) exchange.isCut = true;
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    const http = await readRequest(incoming, this.requests).catch(() => undefined);
    // The client went before it had asked anything.
    if (http === undefined || response.destroyed) return;
    const route = findRoute(http);
    const asked = route.generation ?? route.document;
    const { model = "", lastUserText = "" } = asked?.read?.(http) ?? {};
    const request: EmulatedRequest = {
      ...http,
      wire: asked && route.wire.name,
      model,
      lastUserText,
    };
    const exchange = new Exchange(request, response);
    this.exchanges.add(exchange);
    response.once("close", () => {
      this.exchanges.delete(exchange);
      this.options.onAnswered?.(exchange.entry);
    });
    this.record(exchange.entry);
    try {
      await this.respond(request, route, exchange);
    } catch (error) {
      if (!exchange.gone.aborted) exchange.fail(error);
    }
  }

  private record(entry: JournalEntry): void {
    this.journal.push(entry);
    const count = this.journal.length;
    const ready = this.waiting.filter(({ number }) => number <= count);
    this.waiting = this.waiting.filter(({ number }) => number > count);
    for (const { resolve } of ready) resolve(entry);
  }

  private async respond(request: EmulatedRequest, route: FoundRoute, exchange: Exchange): Promise<void> {
    const answer = await this.answerTo(request, route);
    exchange.entry.answer = answer;
    const body = bodyOf(request, answer, route);
    if (!body.isStream && answer.firstDelayMs) {
      await wait(answer.firstDelayMs, undefined, { signal: exchange.gone });
    }
    const { status = 200 } = answer;
    exchange.head(status, {
      "content-type": body.contentType,
      ...(answer.gzip && { "content-encoding": "gzip" }),
      ...route.wire.headers(request, status),
      ...answer.headers,
    });
    await deliver(body, answer, this.delivery, exchange);
  }

  private async answerTo(request: EmulatedRequest, route: FoundRoute): Promise<EmulatedAnswer> {
    const { wire, generation, document } = route;
    const { lenient, requireKey = true, models = wire.models } = this.options;
    const refusal = lenient
      ? undefined
      : (wire.refuseKey(request, requireKey) ?? (generation ?? document)?.refuse?.(request));
    if (refusal !== undefined) return refusal;
    const scripted = generation === undefined ? undefined : this.queue.shift();
    const script = scripted ?? this.rules.find(({ match }) => isMatch(match, request))?.answer;
    if (script !== undefined) return typeof script === "function" ? script(request) : script;
    if (generation !== undefined) return defaultAnswer(generation.read(request));
    return document?.answer(request, models) ?? wire.unknownPath(request);
  }
}
