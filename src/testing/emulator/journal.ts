import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";

/** A request and what became of it; the entry grows while the answer is sent. */
export interface JournalEntry extends EmulatedRequest {
  /** Refused, scripted or by default; undefined until it is known. */
  readonly answer: EmulatedAnswer | undefined;
  /** Of the head; undefined until it is sent. */
  readonly status: number | undefined;
  /** Bytes of the body that the kernel has taken, framing not counted. */
  readonly bytesSent: number;
  /** Whether the client closed the connection before the answer was whole. */
  readonly closedByClient: boolean;
  /** When the answer was whole, or its connection gone; milliseconds since 1970. */
  readonly finishedAt: number | undefined;
  /** Resolves at `finishedAt`. */
  readonly finished: Promise<void>;
}

/** An answer under way: writes its body, and keeps its entry of the journal. */
export class Exchange {
  readonly entry: { -readonly [Field in keyof JournalEntry]: JournalEntry[Field] };
  readonly response: ServerResponse;
  /** Aborts when the connection is gone; every wait of the answer ends with it. */
  readonly gone: AbortSignal;
  /** Whether it is the emulator who ends the connection. */
  isCut = false;
  private readonly socket: Socket;
  private bytesWritten = 0;
  private isWhole = false;

  constructor(request: EmulatedRequest, response: ServerResponse) {
    const controller = new AbortController();
    const finished = new Promise<void>((resolve) => {
      response.once("close", () => {
        this.entry.finishedAt = Date.now();
        this.entry.closedByClient = !this.isCut && !this.isSent;
        controller.abort();
        resolve();
      });
    });
    this.entry = {
      ...request,
      answer: undefined,
      status: undefined,
      bytesSent: 0,
      closedByClient: false,
      finishedAt: undefined,
      finished,
    };
    this.response = response;
    this.socket = response.req.socket;
    this.gone = controller.signal;
  }

  /** @throws when the connection is gone */
  head(status: number, headers: Readonly<Record<string, string>>): void {
    this.gone.throwIfAborted();
    this.entry.status = status;
    this.response.writeHead(status, headers);
    // The head of a stream goes out before its first event is there.
    this.response.flushHeaders();
  }

  /** Writes, and waits until there is room for more. Rejects when the connection is gone. */
  async write(bytes: Uint8Array): Promise<void> {
    this.gone.throwIfAborted();
    this.bytesWritten += bytes.length;
    const hasRoom = this.response.write(bytes, (error) => {
      // Node reports what was on its way as written when the socket is destroyed under it.
      if (!error && !this.socket.destroyed) this.entry.bytesSent += bytes.length;
    });
    if (!hasRoom) await this.room();
  }

  /** The body is whole. */
  end(): void {
    this.isWhole = true;
    this.response.end();
  }

  /** A script that throws shows in the client, and does not let it wait. */
  fail(error: unknown): void {
    this.isCut = true;
    if (this.response.headersSent) {
      this.response.destroy();
      return;
    }
    this.entry.status = 500;
    this.response.writeHead(500, { "content-type": "text/plain; charset=utf-8" });
    this.response.end(`The emulator could not answer: ${String(error)}`);
  }

  private get isSent(): boolean {
    return this.isWhole && this.entry.bytesSent === this.bytesWritten;
  }

  private room(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.response.off("drain", settle);
        this.gone.removeEventListener("abort", settle);
        if (this.gone.aborted) reject(this.gone.reason as Error);
        else resolve();
      };
      this.response.on("drain", settle);
      this.gone.addEventListener("abort", settle);
    });
  }
}
