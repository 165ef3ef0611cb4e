import type { ByteAnswer } from "./byte-server.ts";

/** How the bytes of a stream arrive. What comes of them must not depend on it. */
export type ByteDelivery =
  | "one write"
  | "one byte a write"
  | "random splits"
  | "CRLF line ends"
  | "comments between events"
  | "pauses between events";

/** Every way in which the bytes of a stream may arrive. */
export const DELIVERIES: readonly ByteDelivery[] = [
  "one write",
  "one byte a write",
  "random splits",
  "CRLF line ends",
  "comments between events",
  "pauses between events",
];

/** What a wire may put between two events without saying anything. */
const FILLERS = { sse: ": keep-alive\n\n", ndjson: "\n" } as const;

/** The events as pieces for a {@link ByteAnswer}. The random splits are the same for the same bytes. */
export function delivered(
  events: readonly string[],
  delivery: ByteDelivery,
  framing: keyof typeof FILLERS,
): Pick<ByteAnswer, "pieces" | "pauseMs"> {
  const whole = events.join("");
  switch (delivery) {
    case "one write":
      return { pieces: [whole] };
    case "one byte a write":
      return { pieces: pieces(Buffer.from(whole), () => 1) };
    case "random splits":
      return { pieces: pieces(Buffer.from(whole), sizes(whole.length)) };
    case "CRLF line ends":
      return { pieces: [whole.replaceAll("\n", "\r\n")] };
    case "comments between events":
      return { pieces: [FILLERS[framing], ...events.flatMap((event) => [event, FILLERS[framing]])] };
    default:
      return { pieces: events, pauseMs: 1 };
  }
}

/** The bytes in pieces of the sizes that `nextSize` gives. */
function* pieces(bytes: Buffer, nextSize: () => number): Generator<Buffer> {
  let from = 0;
  while (from < bytes.length) {
    const size = nextSize();
    yield bytes.subarray(from, from + size);
    from += size;
  }
}

/** Sizes from 1 to 40 by a linear congruential generator: a failure can be repeated. */
function sizes(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return 1 + (state % 40);
  };
}
