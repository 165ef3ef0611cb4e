import type { Socket } from "node:net";
import type { Gunzip } from "node:zlib";
import type { Dispatcher } from "undici";
import { ModelError } from "../error/model-error.ts";
import { modelError } from "../error/errors-by-kind.ts";
import { dispatchTo, sharedDispatcher } from "./dispatcher.ts";
import { type Endpoint, endpointUrl, type HeaderRecord, mergeHeaders } from "./endpoint.ts";
import { checkNetworkBan } from "./network-ban.ts";
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
  /** The server's words for the status, where it has any. */
  readonly statusText?: string | undefined;
  readonly headers: ResponseHeaders;
  /** The URL that answered, without query. */
  readonly url: () => string;
  /** What must not be shown of this request. */
  readonly secrets: () => readonly string[];
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
  /** The socket that is being connected for this request, until it stands. */
  private connecting: Socket | undefined;
  private connectTimer: NodeJS.Timeout | undefined;
  private lingerTimer: NodeJS.Timeout | undefined;
  private isPaused = false;
  /** The receiver hears nothing more. */
  private isOver = false;
  /** Where a redirect led; undefined where there was none. */
  private redirected: URL | undefined;
  private headers: Record<string, string> = {};
  private knownSecrets: readonly string[] | undefined;
  private redirects = 0;
  private redirectTo: URL | undefined;
  private gunzip: Gunzip | undefined;
  private isLoadingGunzip = false;

  constructor(endpoint: Endpoint, request: HttpRequest, receiver: HttpReceiver) {
    this.endpoint = endpoint;
    this.request = request;
    this.receiver = receiver;
  }

  async start(): Promise<void> {
    try {
      const { endpoint, request, url } = this;
      // Before the headers: nobody should be asked for a key that is not used.
      checkNetworkBan(url);
      this.headers = mergeHeaders(await endpoint.headers(), request.headers);
      await this.dispatch(url);
    } catch (error) {
      // The receiver hears nothing before `sendHttp` has returned.
      await Promise.resolve();
      this.fail(ModelError.isInstance(error) ? error : this.setupError(error));
    }
  }

  pause(): void {
    this.isPaused = true;
    this.controller?.pause();
    this.gunzip?.pause();
  }

  resume(): void {
    this.isPaused = false;
    if (!this.isLoadingGunzip) this.controller?.resume();
    this.gunzip?.resume();
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
    // The end of the body is mostly in the same read.
    void Promise.resolve().then(() => {
      if (this.controller !== undefined)
        this.lingerTimer = setTimeout(() => this.closeConnection(), LINGER_MS);
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    clearTimeout(this.connectTimer);
    this.controller = controller;
    this.connecting = undefined;
    if (this.isOver) this.closeConnection();
    else if (this.isPaused) controller.pause();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: ResponseHeaders,
    statusText?: string,
  ): void {
    if (this.isOver || status < 200) return;
    if (status >= 300 && status < 400 && header(headers, "location") !== undefined) {
      this.redirect(status, header(headers, "location") as string);
      return;
    }
    this.receiver.head({
      status,
      statusText,
      headers,
      url: () => this.url.origin + this.url.pathname,
      secrets: () => this.secrets,
    });
    const encoding = header(headers, "content-encoding")?.trim().toLowerCase();
    // We never ask for compression, but some proxies compress anyway.
    if (encoding === "gzip" || encoding === "x-gzip") this.startGunzip(controller);
    else if (encoding && encoding !== "identity") {
      this.failAndClose(
        modelError(
          "parse",
          `${this.where()} answered with content-encoding ${redact(encoding, this.secrets)}, which was not asked for and cannot be read. Something in between compresses: let it pass answers as they are.`,
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
      this.knownSecrets = this.secrets;
      this.redirected = this.redirectTo;
      this.redirectTo = undefined;
      this.dispatch(this.redirected).catch((error: unknown) => this.fail(this.setupError(error)));
      return;
    }
    if (this.gunzip !== undefined) this.gunzip.end();
    else this.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.controller = undefined;
    this.fail(this.connectionError(error));
  }

  private async dispatch(url: URL): Promise<void> {
    const { request, headers } = this;
    const dispatcher = this.endpoint.dispatcher ?? (await sharedDispatcher(url.hostname));
    if (this.isOver) return;
    this.connecting = dispatchTo(
      dispatcher,
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
    const connectMs = request.connectMs ?? 0;
    // A dispatcher that answers at once may have redirected already, and begun to wait for that.
    clearTimeout(this.connectTimer);
    // On a connection that stands the request has gone out by now.
    if (connectMs > 0 && this.controller === undefined && !this.isOver)
      this.connectTimer = setTimeout(() => this.connectTimeout(connectMs), connectMs);
  }

  /** What must not be shown of the request: looked for when something is to be shown, which is seldom. */
  private get secrets(): readonly string[] {
    this.knownSecrets ??= secretsIn(this.headers, this.url.searchParams);
    return this.knownSecrets;
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
    const reason = new Error("The answer is no longer wanted.");
    this.controller?.abort(reason);
    this.controller = undefined;
    // Without a reason undici would not learn of it.
    this.connecting?.destroy(reason);
    this.connecting = undefined;
  }

  private startGunzip(controller: Dispatcher.DispatchController): void {
    // What comes before the decoder does would pass it by.
    controller.pause();
    this.isLoadingGunzip = true;
    void import("node:zlib").then(({ createGunzip, constants }) => {
      // Chunks are handed on as they come, whatever the decoder would like to wait for.
      const gunzip = createGunzip({ flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH });
      gunzip.on("data", (chunk: Buffer) => {
        if (!this.isOver) this.receiver.data(chunk);
      });
      gunzip.on("end", () => {
        this.end();
        // Where the body goes on behind it, nobody would wait for the body's end.
        this.closeConnection();
      });
      gunzip.on("error", (error) => {
        this.failAndClose(
          modelError(
            "parse",
            `${this.where()} answered with gzip that cannot be decoded: ${error.message}. Something in between spoils answers, or the server does.`,
            { cause: error },
          ),
        );
      });
      this.gunzip = gunzip;
      this.isLoadingGunzip = false;
      if (this.isPaused) gunzip.pause();
      else controller.resume();
    });
  }

  private redirect(status: number, location: string): void {
    const from = this.url;
    const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
    const keepsRequest = status === 307 || status === 308 || this.request.method === "GET";
    this.redirects += 1;
    if (to !== undefined && to.origin === from.origin && keepsRequest && this.redirects <= MAX_REDIRECTS) {
      this.redirectTo = to;
      return;
    }
    const target =
      to === undefined ? "a URL that cannot be read" : redact(to.origin + to.pathname, this.secrets);
    let reason = "A POST would lose its body on the way";
    if (to?.origin !== from.origin) reason = "A key is not sent on to another address";
    else if (this.redirects > MAX_REDIRECTS) reason = `That is redirect number ${this.redirects}`;
    this.failAndClose(
      modelError(
        "configuration",
        `${this.where()} redirects (${status}) to ${target}. ${reason}: if that is the right address, set baseUrl to it.`,
        { status },
      ),
    );
  }

  private connectTimeout(connectMs: number): void {
    this.failAndClose(
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
    // Several addresses that failed together are an error without a message.
    const said = redact(error.message, this.secrets) || "it could not be made";
    const reason = CONNECTION_ERRORS[code] ?? said;
    const advice = code === "ECONNREFUSED" ? this.endpoint.advice?.network : undefined;
    return modelError(
      "network",
      `The connection to ${this.where()} failed: ${reason}${code && ` (${code})`}.${advice === undefined ? "" : ` ${advice}`}`,
      {
        cause: this.withoutQuote(error),
        ...(code && { code }),
      },
    );
  }

  /** undici quotes an answer that is not HTTP, and whoever gave it may show what he was sent. */
  private withoutQuote(error: Error & { data?: unknown }): Error {
    if (typeof error.data === "string") error.data = redact(error.data, this.secrets);
    return error;
  }

  private setupError(error: unknown): ModelError {
    const message = redact(error instanceof Error ? error.message : String(error), this.secrets);
    return modelError("configuration", `The request to ${this.where()} could not be made: ${message}`, {
      cause: error,
    });
  }

  private where(): string {
    return this.url.origin;
  }

  /** Made when it is needed: it takes a kilobyte, and is needed to send and to tell of a failure. */
  private get url(): URL {
    const { endpoint, request } = this;
    return this.redirected ?? endpointUrl(endpoint.baseUrl, request.path, endpoint.query, request.query);
  }
}

const CONNECTION_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there; is the server running, and is the port right?",
  ENOTFOUND: "the host name is not known; check baseUrl",
  EAI_AGAIN: "the host name could not be looked up; check the network",
  ETIMEDOUT: "it took too long; check the address and the network",
  EHOSTUNREACH: "there is no way to that address; check baseUrl and the network",
  ENETUNREACH: "there is no way to that address; check baseUrl and the network",
  ECONNRESET: "the other side reset it",
  EPIPE: "the other side closed it",
  UND_ERR_SOCKET: "the other side closed it",
  UND_ERR_CONNECT_TIMEOUT: "it took too long; check the address and the network",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "a certificate in the chain is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server's certificate cannot be verified",
};
