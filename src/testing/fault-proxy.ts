import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** What is done to one connection. Nothing named means: passed on as it is. */
export interface FaultPlan {
  /** Breaks the connection after so many bytes of the answer. */
  readonly cutAfterBytes?: number;
  /** Breaks it after this text in the answer. */
  readonly cutAfter?: string;
  /** How it breaks. @default "fin" */
  readonly how?: "fin" | "rst";
  /** Passes nothing on: from the start, or after the head of the answer. */
  readonly hang?: "before-headers" | "after-headers";
  /** Passes the answer on so many bytes at a time. */
  readonly sliceBytes?: number;
  /** Wait before each slice, in milliseconds. */
  readonly delayMs?: number;
}

/** A server between a client and a server that breaks what passes through it. */
export interface FaultProxy {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Connections so far. */
  readonly connections: number;
  /** Connections that stand. */
  readonly open: number;
  close(): Promise<void>;
}

/**
 * Starts a proxy on 127.0.0.1 before the server at `target` (`http://host:port`).
 *
 * @param plan for each connection, by its number from 0, or the same for all
 */
export async function startFaultProxy(
  target: string,
  plan: FaultPlan | ((connection: number) => FaultPlan),
): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const proxy = new FaultProxyServer(hostname, Number(port), typeof plan === "function" ? plan : () => plan);
  await proxy.listen();
  return proxy;
}

class FaultProxyServer implements FaultProxy {
  connections = 0;
  private readonly host: string;
  private readonly port: number;
  private readonly planOf: (connection: number) => FaultPlan;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(host: string, port: number, planOf: (connection: number) => FaultPlan) {
    this.host = host;
    this.port = port;
    this.planOf = planOf;
    this.server = createServer((client) => this.accept(client));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get open(): number {
    return this.sockets.size;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private accept(client: Socket): void {
    const plan = this.planOf(this.connections++);
    const server = connect(this.port, this.host);
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      socket.on("error", () => socket.destroy());
    }
    // Either side's end is the other's: a client that goes away must be seen by the server.
    client.on("close", () => server.destroy());
    if (plan.hang === "before-headers") {
      client.resume();
      return;
    }
    client.pipe(server, { end: false });
    void this.passBack(server, client, plan);
  }

  private async passBack(server: Socket, client: Socket, plan: FaultPlan): Promise<void> {
    let passed = 0;
    let seen = "";
    for await (const chunk of server as AsyncIterable<Buffer>) {
      seen = (seen + chunk.toString("latin1")).slice(-65_536);
      const { bytes, isEnd } = allowed(chunk, seen, passed, plan);
      for (let from = 0; from < bytes.length; from += plan.sliceBytes ?? bytes.length) {
        if (plan.delayMs !== undefined) await wait(plan.delayMs);
        client.write(bytes.subarray(from, from + (plan.sliceBytes ?? bytes.length)));
      }
      passed += bytes.length;
      if (!isEnd) continue;
      if (plan.hang !== undefined) return;
      await wait(5); // what was passed on reaches the client before the break
      if (plan.how === "rst") client.resetAndDestroy();
      else client.destroy();
      return;
    }
    client.end();
  }
}

/** How much of a chunk may pass, and whether nothing may after it. */
function allowed(
  chunk: Buffer,
  seen: string,
  passed: number,
  plan: FaultPlan,
): { bytes: Buffer; isEnd: boolean } {
  const stop = plan.hang === "after-headers" ? "\r\n\r\n" : plan.cutAfter;
  if (stop !== undefined) {
    const at = seen.indexOf(Buffer.from(stop).toString("latin1"));
    if (at < 0) return { bytes: chunk, isEnd: false };
    const surplus = seen.length - at - stop.length;
    return { bytes: chunk.subarray(0, Math.max(0, chunk.length - surplus)), isEnd: true };
  }
  const room = (plan.cutAfterBytes ?? Number.POSITIVE_INFINITY) - passed;
  return { bytes: chunk.subarray(0, Math.max(0, room)), isEnd: room <= chunk.length };
}
