import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { constants, createGzip } from "node:zlib";
import { breakConnection } from "./break-connection.ts";
import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { Exchange } from "./journal.ts";
import { seededRandom } from "./seeded-random.ts";

/** How bodies go out, whatever they say: no client may read them differently for it. */
export interface Delivery {
  /** What one write holds: an event, the whole body, a byte, or 1 to 64 bytes at random. @default "event" */
  readonly writes?: "event" | "whole" | "byte" | "random";
  /** Of the random splits. @default 1 */
  readonly seed?: number;
  /** Line ends of event streams. @default "lf" */
  readonly lineEnds?: "lf" | "crlf";
  /** Puts a comment before every event of an event stream. @default false */
  readonly comments?: boolean;
  /** Wait after every write, in milliseconds. @default 0 */
  readonly delayMs?: number;
}

/** The deliveries that a stream must survive, by name. */
export const DELIVERIES: Readonly<Record<string, Delivery>> = {
  "one write": { writes: "whole" },
  "one byte per write": { writes: "byte" },
  "random splits": { writes: "random" },
  "CRLF line ends": { lineEnds: "crlf" },
  "comments between events": { comments: true },
  "a delay between writes": { delayMs: 1 },
};

/** The body of an answer. */
export interface Body {
  /** Read as it is sent; a body that is no stream is one piece. */
  readonly pieces: Iterable<string | Uint8Array>;
  /** Whether the answer's waits are for its pieces. */
  readonly isStream: boolean;
  /** Whether lines may be changed and comments put between the pieces. */
  readonly isEventStream: boolean;
  /** What the provider sends while nothing else is ready. @default a comment */
  readonly keepAlive?: string;
}

const MAX_RANDOM_BYTES = 64;

const COMMENT = ": keep-alive\n\n";

/** Sends a body, through to its end or to where it is cut. Rejects when the connection is gone. */
export async function deliver(
  body: Body,
  answer: EmulatedAnswer,
  delivery: Delivery,
  exchange: Exchange,
): Promise<void> {
  const { cut, drip, gzip, keepOpen } = answer;
  const pieces = paced(body, answer, delivery, exchange.gone);
  const split = splitter(delivery, drip?.bytes);
  const gapMs = drip?.everyMs ?? delivery.delayMs;
  let room = cut?.afterBytes ?? Number.POSITIVE_INFINITY;
  sending: for await (const piece of gzip ? gzipped(pieces) : pieces) {
    for (const part of split(piece)) {
      await exchange.write(part.subarray(0, room));
      room -= part.length;
      if (room <= 0) break sending;
      if (gapMs) await wait(gapMs, undefined, { signal: exchange.gone });
      // Without a turn of the event loop Node would join the parts again.
      else if (part.length < piece.length) await turn();
    }
  }
  if (cut !== undefined) {
    exchange.isCut = true;
    await breakConnection(exchange.response.req.socket, cut.how);
  } else if (!keepOpen) {
    exchange.end();
  }
}

/** The pieces as bytes, each when its time has come. */
async function* paced(
  body: Body,
  answer: EmulatedAnswer,
  delivery: Delivery,
  gone: AbortSignal,
): AsyncGenerator<Buffer> {
  const { firstDelayMs = 0, delayMs = 0, keepOpen, cut } = answer;
  const { keepAlive = COMMENT } = body;
  const keepAliveMs = body.isEventStream ? answer.keepAlive?.everyMs : undefined;
  let shaped: Iterable<string | Uint8Array> = first(body.pieces, cut?.afterEvents);
  if (body.isEventStream) shaped = shape(shaped, delivery);
  if (delivery.writes === "whole") shaped = [Buffer.concat(Array.from(shaped, toBytes))];
  let pauseMs = firstDelayMs;
  for (const piece of shaped) {
    if (body.isStream) yield* pause(pauseMs, keepAlive, keepAliveMs, gone);
    yield toBytes(piece);
    pauseMs = delayMs;
  }
  if (keepOpen && keepAliveMs !== undefined)
    yield* pause(Number.POSITIVE_INFINITY, keepAlive, keepAliveMs, gone);
}

/** A wait, with something sent whenever so much of it is over. */
async function* pause(
  ms: number,
  keepAlive: string,
  everyMs: number | undefined,
  gone: AbortSignal,
): AsyncGenerator<Buffer> {
  const stepMs = Math.min(ms, Math.max(1, everyMs ?? ms));
  for (let leftMs = ms; leftMs > 0; leftMs -= stepMs) {
    await wait(Math.min(stepMs, leftMs), undefined, { signal: gone });
    if (leftMs > stepMs) yield toBytes(keepAlive);
  }
}

function* first<T>(items: Iterable<T>, count = Number.POSITIVE_INFINITY): Generator<T> {
  let left = count;
  if (left <= 0) return;
  for (const item of items) {
    yield item;
    left -= 1;
    if (left <= 0) return;
  }
}

function* shape(pieces: Iterable<string | Uint8Array>, { lineEnds, comments }: Delivery): Generator<string> {
  for (const piece of pieces) {
    const event = `${comments ? COMMENT : ""}${String(piece)}`;
    yield lineEnds === "crlf" ? event.replaceAll("\n", "\r\n") : event;
  }
}

function toBytes(piece: string | Uint8Array): Buffer {
  return typeof piece === "string"
    ? Buffer.from(piece)
    : Buffer.from(piece.buffer, piece.byteOffset, piece.length);
}

function splitter(
  { writes, seed = 1 }: Delivery,
  dripBytes: number | undefined,
): (bytes: Buffer) => Iterable<Buffer> {
  if (dripBytes !== undefined) return (bytes) => parts(bytes, () => Math.max(1, dripBytes));
  if (writes === "byte") return (bytes) => parts(bytes, () => 1);
  if (writes !== "random") return (bytes) => [bytes];
  const random = seededRandom(seed);
  return (bytes) => parts(bytes, () => 1 + Math.floor(random() * MAX_RANDOM_BYTES));
}

function* parts(bytes: Buffer, nextSize: () => number): Generator<Buffer> {
  for (let from = 0; from < bytes.length;) {
    const to = from + nextSize();
    yield bytes.subarray(from, to);
    from = to;
  }
}

/** Each piece can be decompressed when it has come: servers that compress streams flush after every event. */
async function* gzipped(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
  const ready: Buffer[] = [];
  gzip.on("data", (bytes: Buffer) => ready.push(bytes));
  try {
    for await (const piece of pieces) {
      await new Promise<void>((resolve) => gzip.write(piece, () => resolve()));
      if (ready.length > 0) yield Buffer.concat(ready.splice(0));
    }
    const ended = new Promise<void>((resolve) => gzip.once("end", resolve));
    gzip.end();
    await ended;
    yield Buffer.concat(ready.splice(0));
  } finally {
    gzip.destroy();
  }
}
