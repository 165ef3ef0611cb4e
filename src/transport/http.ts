import type { Dispatcher } from "undici";
import type { Gunzip } from "node:zlib";
import { ModelError } from "../error/model-error.ts";
import { modelError } from "../error/errors-by-kind.ts";
import { sharedDispatcher } from "./dispatcher.ts";
import { type Endpoint, endpointUrl, type HeaderRecord, mergeHeaders } from "./endpoint.ts";
import { header, type ResponseHeaders } from "./rate-limit-headers.ts";
import { redact, secretsIn } from "./redact.ts";

/** One request under an endpoint. */
export interface HttpRequest {
  readonly method: "GET" | "POST";
  /** Begins with a slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** They win over the endpoint's. */
  readonly headers?: HeaderRecord | undefined;
  readonly body?: string | undefined;
  /** How long a connection may take, in milliseconds; 0 is for ever. */
  readonly connectMs?: number | undefined;
}

/** The head of an answer. */
export interface HttpHead {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** The URL that answered, without query. */
  readonly url: string;
  /** What must not be shown of this request. */
  readonly secrets: readonly string[];
}

/** Receives an answer piece by piece; after `end` or `fail` nothing comes. */
export interface HttpReceiver {
  head(head: HttpHead): void;
  data(chunk: Buffer): void;
  end(): void;
  fail(error: ModelError): void;
}

/** An exchange under way. */
export interface HttpExchange {
  pause(): void;
  resume(): void;
  /** Closes the socket; the receiver hears nothing more. */
  abort(): void;
  /**
   * The receiver has all it needs. The rest of the body is let pass, so that the connection can be used again; a server
   * that keeps the body open for more than {@link LINGER_MS} loses the connection.
   */
  finish(): void;
}

/** How long an answer may stay open after its end mark, in milliseconds. */
const LINGER_MS = 100;

const MAX_REDIRECTS = 3;

/** Sends a request. Everything that can go wrong is told to the receiver, nothing is thrown. */
export function sendHttp(endpoint: Endpoint, request: HttpRequest, receiver: HttpReceiver): HttpExchange {
  const exchange = new Exchange(endpoint, request, receiver);
  void exchange.start();
  return exchange;
}

class Exchange implements HttpExchange, Dispatcher.DispatchHandler {
  private readonly endpoint: Endpoint;
  private readonly request: HttpRequest;
  private readonly receiver: HttpReceiver;
  private controller: Dispatcher.DispatchController | undefined;
  private connectTimer: NodeJS.Timeout | undefined;
  private lingerTimer: NodeJS.Timeout | undefined;
  private isPaused = false;
  /** The receiver hears nothing more. */
  private isOver = false;
  private url: URL | undefined;
  private headers: Record<string, string> = {};
  private redirects = 0;
  private redirectTo: URL | undefined;
  private gunzip: Gunzip | undefined;

  constructor(endpoint: Endpoint, request: HttpRequest, receiver: HttpReceiver) {
    this.endpoint = endpoint;
    this.request = request;
    this.receiver = receiver;
  }

  async start(): Promise<void> {
    try {
      const { endpoint, request } = this;
      this.headers = mergeHeaders(await endpoint.headers(), request.headers);
      this.url = endpointUrl(endpoint.baseUrl, request.path, endpoint.query, request.query);
      await this.dispatch();
    } catch (error) {
      this.fail(ModelError.isInstance(error) ? error : this.setupError(error));
    }
  }

  pause(): void {
    this.isPaused = true;
    this.controller?.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.controller?.resume();
  }

  abort(): void {
    this.isOver = true;
    this.clearTimers();
    this.closeConnection();
  }

  finish(): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.connectTimer);
    if (this.isPaused) this.resume();
    this.lingerTimer = setTimeout(() => this.closeConnection(), LINGER_MS);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    clearTimeout(this.connectTimer);
    this.controller = controller;
    if (this.isOver) this.closeConnection();
    else if (this.isPaused) controller.pause();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    if (this.isOver || status < 200) return;
    if (status >= 300 && status < 400 && header(headers, "location") !== undefined) {
      this.redirect(status, header(headers, "location") as string);
      return;
    }
    const url = this.url as URL;
    this.receiver.head({ status, headers, url: url.origin + url.pathname, secrets: secretsIn(this.headers) });
    const encoding = header(headers, "content-encoding")?.trim().toLowerCase();
    // We never ask for compression, but some proxies compress anyway.
    if (encoding === "gzip" || encoding === "x-gzip") this.startGunzip(controller);
    else if (encoding && encoding !== "identity") {
      this.failAndClose(
        modelError(
          "parse",
          `${this.where()} answered with content-encoding ${encoding}, which was not asked for and cannot be read.`,
        ),
      );
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isOver || this.redirectTo !== undefined) return;
    if (this.gunzip === undefined) this.receiver.data(chunk);
    else this.gunzip.write(chunk);
  }

  onResponseEnd(): void {
    this.controller = undefined;
    if (this.redirectTo !== undefined && !this.isOver) {
      this.url = this.redirectTo;
      this.redirectTo = undefined;
      this.dispatch().catch((error: unknown) => this.fail(this.setupError(error)));
      return;
    }
    if (this.gunzip !== undefined) this.gunzip.end();
    else this.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.controller = undefined;
    this.fail(this.connectionError(error));
  }

  private async dispatch(): Promise<void> {
    const { request, url, headers } = this;
    const dispatcher = this.endpoint.dispatcher ?? (await sharedDispatcher());
    if (this.isOver || url === undefined) return;
    const connectMs = request.connectMs ?? 0;
    if (connectMs > 0) this.connectTimer = setTimeout(() => this.connectTimeout(connectMs), connectMs);
    dispatcher.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method,
        headers,
        body: request.body ?? null,
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      this,
    );
  }

  private end(): void {
    this.clearTimers();
    if (this.isOver) return;
    this.isOver = true;
    this.receiver.end();
  }

  private fail(error: ModelError): void {
    this.clearTimers();
    if (this.isOver) return;
    this.isOver = true;
    this.receiver.fail(error);
  }

  private failAndClose(error: ModelError): void {
    this.fail(error);
    this.closeConnection();
  }

  private clearTimers(): void {
    clearTimeout(this.connectTimer);
    clearTimeout(this.lingerTimer);
  }

  private closeConnection(): void {
    this.gunzip?.destroy();
    this.controller?.abort(new Error("The answer is no longer wanted."));
    this.controller = undefined;
  }

  private startGunzip(controller: Dispatcher.DispatchController): void {
    // Chunks are handed on as they come: the pause keeps what is not decoded yet from piling up.
    controller.pause();
    void import("node:zlib").then(({ createGunzip, constants }) => {
      const gunzip = createGunzip({ flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH });
      gunzip.on("data", (chunk: Buffer) => {
        if (!this.isOver) this.receiver.data(chunk);
      });
      gunzip.on("end", () => this.end());
      gunzip.on("error", (error) => {
        this.failAndClose(
          modelError(
            "parse",
            `${this.where()} answered with gzip that cannot be decoded: ${error.message}.`,
            { cause: error },
          ),
        );
      });
      this.gunzip = gunzip;
      if (!this.isPaused) controller.resume();
    });
  }

  private redirect(status: number, location: string): void {
    const from = this.url as URL;
    const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
    const keepsMethod = status === 307 || status === 308;
    this.redirects += 1;
    if (to !== undefined && to.origin === from.origin && keepsMethod && this.redirects <= MAX_REDIRECTS) {
      this.redirectTo = to;
      return;
    }
    const target = to === undefined ? "a URL that cannot be read" : to.origin + to.pathname;
    this.failAndClose(
      modelError(
        "configuration",
        `${this.where()} redirects (${status}) to ${target}. A key is not sent on to another address: if that is the right one, set baseUrl to it.`,
        { status },
      ),
    );
  }

  private connectTimeout(connectMs: number): void {
    this.fail(
      modelError(
        "timeout",
        `No connection to ${this.where()} within ${connectMs} ms. Check the address and the network, or raise timeout.connectMs.`,
      ),
    );
  }

  private connectionError(error: Error): ModelError {
    const code = (error as { code?: string }).code ?? "";
    // A header or URL that undici refuses: a key with a line break in it, for example.
    if (code === "UND_ERR_INVALID_ARG") return this.setupError(error);
    const reason = CONNECTION_ERRORS[code] ?? redact(error.message, secretsIn(this.headers));
    return modelError(
      "network",
      `The connection to ${this.where()} failed: ${reason}${code && ` (${code})`}.`,
      {
        cause: error,
        ...(code && { code }),
      },
    );
  }

  private setupError(error: unknown): ModelError {
    const message = redact(error instanceof Error ? error.message : String(error), secretsIn(this.headers));
    return modelError("configuration", `The request to ${this.where()} could not be made: ${message}`, {
      cause: error,
    });
  }

  private where(): string {
    return this.url?.origin ?? this.endpoint.baseUrl;
  }
}

const CONNECTION_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there; is the server running, and is the port right?",
  ENOTFOUND: "the host name is not known; check baseUrl",
  EAI_AGAIN: "the host name could not be looked up; check the network",
  ECONNRESET: "the other side reset it",
  EPIPE: "the other side closed it",
  UND_ERR_SOCKET: "the other side closed it",
  UND_ERR_CONNECT_TIMEOUT: "it took too long",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "a certificate in the chain is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server's certificate cannot be verified",
};
