import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setImmediate, setTimeout as wait } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { EmulatedAnswer } from "./emulated-answer.ts";

/** How the bytes of every answer reach the network: a client must not be able to tell. */
export type Delivery =
  | "as-made"
  | "one-write"
  | "byte-by-byte"
  | "random-splits"
  | "crlf"
  | "comments"
  | "delays";

/** Writes the events of an answer in the wanted way; ends early when the client has gone. */
export async function deliver(
  response: ServerResponse,
  events: readonly string[],
  answer: EmulatedAnswer,
  delivery: Delivery,
): Promise<void> {
  const { cut, drip, delayMs, keepAliveMs, gzip, keepOpen } = answer;
  let sent = 0;
  const write = async (bytes: Buffer): Promise<boolean> => {
    const room = cut?.afterBytes === undefined ? bytes.length : Math.max(0, cut.afterBytes - sent);
    const part = bytes.subarray(0, room);
    sent += part.length;
    if (part.length > 0 && !response.write(part) && !response.destroyed) {
      await Promise.race([once(response, "drain"), once(response, "close")]);
    }
    if (room < bytes.length || (cut?.afterBytes !== undefined && sent >= cut.afterBytes)) {
      await breakOff(response, cut?.how ?? "fin");
      return false;
    }
    return !response.destroyed;
  };

  const wire = events.map((event) => shape(event, delivery));
  const whole = delivery === "one-write" || gzip === true;
  const pieces = whole ? [Buffer.from(wire.join(""))] : wire.map((event) => Buffer.from(event));
  for (const [index, piece] of pieces.entries()) {
    if (cut?.afterEvents !== undefined && index >= cut.afterEvents) return breakOff(response, cut.how);
    if (delayMs !== undefined || delivery === "delays") await pause(response, delayMs ?? 1, keepAliveMs);
    for (const part of split(gzip ? gzipSync(piece) : piece, delivery, drip?.bytes)) {
      if (!(await write(part))) return;
      if (drip !== undefined && drip.everyMs > 0) await wait(drip.everyMs);
      // Without a turn of the event loop the kernel would join the parts again.
      else if (delivery === "byte-by-byte" || delivery === "random-splits") await setImmediate();
    }
  }
  if (!keepOpen) response.end();
}

function shape(event: string, delivery: Delivery): string {
  if (delivery === "crlf") return event.replaceAll("\n", "\r\n");
  if (delivery === "comments") return `: keep-alive\n\n${event}`;
  return event;
}

function* split(bytes: Buffer, delivery: Delivery, dripBytes: number | undefined): Generator<Buffer> {
  if (dripBytes === undefined && delivery !== "byte-by-byte" && delivery !== "random-splits") {
    yield bytes;
    return;
  }
  let seed = bytes.length;
  for (let from = 0; from < bytes.length;) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    const size = dripBytes ?? (delivery === "byte-by-byte" ? 1 : 1 + (seed % 40));
    yield bytes.subarray(from, from + size);
    from += size;
  }
}

async function pause(response: ServerResponse, ms: number, keepAliveMs: number | undefined): Promise<void> {
  if (keepAliveMs === undefined) {
    await wait(ms);
    return;
  }
  for (let waited = 0; waited < ms && !response.destroyed; waited += keepAliveMs) {
    await wait(Math.min(keepAliveMs, ms - waited));
    response.write(": keep-alive\n\n");
  }
}

/** What was written reaches the client before the connection breaks. */
async function breakOff(response: ServerResponse, how: "fin" | "rst"): Promise<void> {
  await wait(5);
  const { socket } = response;
  if (how === "rst") socket?.resetAndDestroy();
  else socket?.destroy();
}
