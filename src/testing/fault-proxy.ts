import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { breakConnection, type ConnectionBreak } from "./emulator/break-connection.ts";

/**
 * What befalls one connection; an empty plan passes everything on. Bytes and patterns are of all that the server sends on
 * the connection, heads and framing included.
 */
export interface FaultPlan {
  /** Reads what the client sends and does nothing with it: the server is never called. @default false */
  readonly ignoresClient?: boolean;
  /** Where the way from the server ends; what stands before it passes. @default nowhere */
  readonly cut?: FaultCut;
  /** Passes on so many bytes at a time, with such a wait after each. @default as they come */
  readonly drip?: { readonly bytes: number; readonly everyMs: number };
  /** Cuts what passes into writes of at most so many bytes, without a wait. @default as they come */
  readonly splitBytes?: number;
  /** Wait before each piece that the server sends is passed on, in milliseconds. @default 0 */
  readonly delayMs?: number;
}

/** One place, and what happens there. */
export interface FaultCut {
  /** 0 is before the head. */
  readonly afterBytes?: number;
  /** Of the pattern itself nothing passes. */
  readonly beforePattern?: string | Uint8Array;
  /** After the first head. */
  readonly afterHead?: boolean;
  /** `hang` leaves the connection open, and nothing comes any more. */
  readonly how: ConnectionBreak | "hang";
}

/** A connection that came through the proxy. */
export interface ProxiedConnection {
  /** From 1. */
  readonly number: number;
  readonly plan: FaultPlan;
  /** Bytes from the client that the server's socket has got. */
  readonly bytesToServer: number;
  /** Bytes from the server that the client's socket has got. */
  readonly bytesToClient: number;
  /** When the client closed its side, unless the proxy was first; milliseconds since 1970. */
  readonly clientClosedAt: number | undefined;
  readonly isOpen: boolean;
}

/** Where a fault proxy listens, and what it does to each connection. */
export interface FaultProxyOptions {
  /** @default 0 (a free one) */
  readonly port?: number;
  /** One for all connections, or what makes one for each, by its number from 1. @default passes everything on */
  readonly plan?: FaultPlan | ((connection: number) => FaultPlan);
}

/** A proxy that breaks what passes through it. */
export interface FaultProxy {
  /** `http://127.0.0.1:port`, and the path of the target if it was given as a URL. */
  readonly url: string;
  readonly port: number;
  /** All connections since the start, in the order in which they came. */
  readonly connections: readonly ProxiedConnection[];
  /** Connections of clients that stand. */
  readonly openConnections: number;
  /** Ends every connection and the proxy. */
  close(): Promise<void>;
}

/** Where the proxy leads: a plain `http:` URL, or an address. */
export type FaultProxyTarget = string | URL | { readonly host: string; readonly port: number };

/** What stands between the head of an HTTP message and its body. */
const END_OF_HEAD = "\r\n\r\n";

/**
 * Starts a proxy on 127.0.0.1, on the level of TCP: it knows no HTTP and no TLS.
 *
 * @throws {TypeError} for a target that is no `http:` URL
 * @example
 * ```ts
 * import { startFaultProxy } from "rxscope/testing";
 *
 * const proxy = await startFaultProxy("http://127.0.0.1:8080/v1", {
 *   plan: (connection) => (connection === 1 ? { cut: { afterBytes: 400, how: "rst" } } : {}),
 * });
 * console.log(proxy.url);
 * await proxy.close();
 * ```
 */
export async function startFaultProxy(
  target: FaultProxyTarget,
  options: FaultProxyOptions = {},
): Promise<FaultProxy> {
  const proxy = new FaultProxyServer(addressOf(target), options);
  await proxy.listen(options.port ?? 0);
  return proxy;
}

interface Address {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

function addressOf(target: FaultProxyTarget): Address {
  if (typeof target === "object" && "host" in target && !(target instanceof URL))
    return { ...target, path: "" };
  const { protocol, hostname, port, pathname } = new URL(target);
  if (protocol !== "http:")
    throw new TypeError(`The fault proxy leads to http: servers only, not to ${String(target)}.`);
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port || 80),
    path: pathname.replace(/\/$/, ""),
  };
}

class FaultProxyServer implements FaultProxy {
  readonly connections: Connection[] = [];
  private readonly target: Address;
  private readonly plan: Exclude<FaultProxyOptions["plan"], undefined>;
  private readonly server: Server;

  constructor(target: Address, { plan = {} }: FaultProxyOptions) {
    this.target = target;
    this.plan = plan;
    this.server = createServer({ noDelay: true }, (client) => {
      const number = this.connections.length + 1;
      const ownPlan = typeof this.plan === "function" ? this.plan(number) : this.plan;
      this.connections.push(new Connection(number, ownPlan, client, this.target));
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}${this.target.path}`;
  }

  get openConnections(): number {
    return this.connections.filter(({ isOpen }) => isOpen).length;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen({ port, host: "127.0.0.1", backlog: 8192 }, resolve);
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const connection of this.connections) connection.end();
    await closed;
  }
}

class Connection implements ProxiedConnection {
  readonly number: number;
  readonly plan: FaultPlan;
  bytesToClient = 0;
  clientClosedAt: number | undefined;
  isOpen = true;
  private readonly client: Socket;
  private readonly server: Socket | undefined;
  private readonly gone = new AbortController();
  /** Whether it is the proxy, or the server, that ends the connection. */
  private isEnding = false;

  constructor(number: number, plan: FaultPlan, client: Socket, target: Address) {
    this.number = number;
    this.plan = plan;
    this.client = client;
    // A reset comes as an error and then as a close; the close is all that counts.
    client.on("error", () => {});
    client.once("end", () => this.noteClosed());
    client.once("close", () => {
      this.noteClosed();
      this.isOpen = false;
      this.gone.abort();
      this.server?.destroy();
    });
    if (plan.ignoresClient) {
      client.resume();
      return;
    }
    this.server = connect({ host: target.host, port: target.port, noDelay: true });
    this.server.on("error", () => void this.breakOff("rst"));
    client.pipe(this.server);
    void this.passOn(this.server);
  }

  get bytesToServer(): number {
    return this.server === undefined ? 0 : this.server.bytesWritten - this.server.writableLength;
  }

  end(): void {
    this.isEnding = true;
    this.client.destroy();
  }

  private noteClosed(): void {
    if (!this.isEnding) this.clientClosedAt ??= Date.now();
  }

  /** The way from the server to the client, as slow as the client reads. */
  private async passOn(server: Socket): Promise<void> {
    const { cut, delayMs } = this.plan;
    const gate = new Gate(cut);
    try {
      if (!gate.isShut) {
        for await (const chunk of server.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
          if (delayMs) await this.wait(delayMs);
          await this.write(gate.pass(chunk));
          if (gate.isShut) break;
        }
      }
      await this.write(gate.rest());
    } catch {
      // One of the two is gone, and with it all there was to do.
      return;
    }
    const how = gate.isShut ? cut?.how : "fin";
    if (how !== undefined && how !== "hang") await this.breakOff(how);
  }

  private async breakOff(how: ConnectionBreak): Promise<void> {
    this.isEnding = true;
    await breakConnection(this.client, how);
  }

  private async wait(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.gone.signal });
  }

  private async write(bytes: Buffer): Promise<void> {
    const { drip, splitBytes } = this.plan;
    const size = Math.max(1, drip?.bytes ?? splitBytes ?? bytes.length);
    for (let from = 0; from < bytes.length; from += size) {
      const part = bytes.subarray(from, from + size);
      await new Promise<void>((resolve, reject) => {
        this.client.write(part, (error) => {
          // Node reports what was on its way as written when the socket is destroyed under it.
          if (error || this.client.destroyed) reject(error ?? new Error("The client is gone."));
          else resolve();
        });
      });
      this.bytesToClient += part.length;
      if (drip !== undefined) await this.wait(drip.everyMs);
      // Without a turn of the event loop the other side would read the parts as one.
      else if (part.length < bytes.length) await turn();
    }
  }
}

/** Lets bytes through up to the place of the cut. */
class Gate {
  isShut: boolean;
  private room: number;
  private readonly pattern: Buffer | undefined;
  /** How much of the pattern still passes. */
  private readonly passing: number;
  /** What may be the beginning of the pattern, held back until more is known. */
  private held: Buffer = Buffer.alloc(0);

  constructor(cut: FaultCut | undefined) {
    this.room = cut?.afterBytes ?? Number.POSITIVE_INFINITY;
    this.isShut = this.room <= 0;
    const pattern = cut?.afterHead ? END_OF_HEAD : cut?.beforePattern;
    this.pattern = typeof pattern === "string" ? Buffer.from(pattern) : pattern && Buffer.from(pattern);
    this.passing = cut?.afterHead ? END_OF_HEAD.length : 0;
  }

  pass(chunk: Buffer): Buffer {
    let bytes = Buffer.concat([this.held, chunk]);
    this.held = Buffer.alloc(0);
    if (this.pattern !== undefined) {
      const at = bytes.indexOf(this.pattern);
      const end = at < 0 ? bytes.length - overlap(bytes, this.pattern) : at + this.passing;
      if (at >= 0) this.isShut = true;
      else this.held = bytes.subarray(end);
      bytes = bytes.subarray(0, end);
    }
    if (bytes.length >= this.room) this.isShut = true;
    bytes = bytes.subarray(0, this.room);
    this.room -= bytes.length;
    return bytes;
  }

  /** What was held back and was no pattern after all. */
  rest(): Buffer {
    return this.isShut ? Buffer.alloc(0) : this.held;
  }
}

/** How many bytes at the end are the beginning of the pattern. */
function overlap(bytes: Buffer, pattern: Buffer): number {
  for (let length = Math.min(bytes.length, pattern.length - 1); length > 0; length -= 1) {
    if (bytes.subarray(bytes.length - length).equals(pattern.subarray(0, length))) return length;
  }
  return 0;
}
