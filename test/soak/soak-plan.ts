import type { EmulatedAnswer } from "../../src/testing/emulator/emulated-answer.ts";
import type { FaultPlan } from "../../src/testing/fault-proxy.ts";

/** Numbers from 0 up to 1. */
export type Random = () => number;

function whole(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

function oneOf<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)] as T;
}

/** How a call is read, and how it is given up. */
export interface ReaderPlan {
  readonly reads: "all" | "slowly" | "unsubscribe" | "abort" | "break";
  /** Snapshots after which it is given up; 0 is at once. */
  readonly after: number;
}

/** One call, before it is made. */
export interface CallPlan {
  readonly answer: EmulatedAnswer;
  readonly reader: ReaderPlan;
  readonly isStream: boolean;
  readonly retries: number;
}

const WORDS = ["alpha ", "bêta ", "γάμμα ", "东京 ", "👩‍🚀 ", "\n", '"quoted" ', "\\ ", "data: ", "{} "];

/** Everything about one call: what is answered, what goes wrong with it, and how it is read. */
export function planCall(random: Random): CallPlan {
  return {
    answer: { ...content(random), ...pace(random), ...trouble(random) },
    reader: {
      reads: oneOf(random, ["all", "all", "all", "all", "slowly", "unsubscribe", "abort", "break"]),
      after: whole(random, 0, 8),
    },
    isStream: random() < 0.85,
    retries: random() < 0.3 ? 2 : 0,
  };
}

/** What befalls a connection. Most are sound; those that are not end what they carry. */
export function planConnection(random: Random): FaultPlan {
  const fault = random();
  if (fault < 0.6) return {};
  if (fault < 0.7) return { splitBytes: whole(random, 1, 40) };
  if (fault < 0.78) return { delayMs: whole(random, 1, 3) };
  if (fault < 0.8) return { ignoresClient: true };
  if (fault < 0.82) return { drip: { bytes: whole(random, 20, 200), everyMs: 1 } };
  const how = oneOf(random, ["fin", "rst", "fin", "rst", "fin", "rst", "hang"] as const);
  if (fault < 0.85) return { cut: { afterHead: true, how } };
  return { cut: { afterBytes: whole(random, 0, 30_000), how } };
}

/** What goes wrong with a connection, in a word or two; undefined where nothing does. */
export function faultOf({ cut, ...others }: FaultPlan): string | undefined {
  const [other] = Object.keys(others);
  if (cut === undefined) return other === undefined ? undefined : `connection: ${other}`;
  return `connection: ${cut.how} ${cut.afterHead ? "after the head" : "after bytes"}`;
}

/** What the provider does wrong, in a word or two; undefined where it does not. */
export function troubleOf({ status, errorEvent, omitDone, cut }: EmulatedAnswer): string | undefined {
  if (status !== undefined) return `provider: status ${status}`;
  if (errorEvent !== undefined) return "provider: error event";
  if (omitDone) return "provider: no end mark";
  return cut && `provider: ${cut.how} ${cut.afterEvents === undefined ? "after bytes" : "after events"}`;
}

function content(random: Random): EmulatedAnswer {
  const words = random() < 0.03 ? whole(random, 1000, 5000) : whole(random, 0, 60);
  const text = Array.from({ length: words }, () => oneOf(random, WORDS)).join("");
  const calls = random() < 0.3 ? whole(random, 1, 3) : 0;
  return {
    // Whatever else is said, something is: an answer of nothing is nothing that could be compared.
    text: `Said: ${text}`,
    ...(random() < 0.3 && { thinking: `Thought: ${text.slice(0, 200)}` }),
    ...(calls > 0 && {
      toolCalls: Array.from({ length: calls }, (_, index) => ({
        id: `call_${index}`,
        name: oneOf(random, ["get_weather", "get_time"]),
        arguments: { city: oneOf(random, WORDS), list: [index, { deep: text.slice(0, 50) }] },
      })),
    }),
    ...(random() < 0.2 && { chunkSize: whole(random, 1, 7) }),
  };
}

function pace(random: Random): EmulatedAnswer {
  return {
    ...(random() < 0.1 && { firstDelayMs: whole(random, 1, 20) }),
    ...(random() < 0.1 && { delayMs: 1 }),
    ...(random() < 0.1 && { gzip: true }),
    ...(random() < 0.1 && { keepAlive: { everyMs: 1 } }),
  };
}

/** What the provider itself does wrong, in a fifth of all calls. */
function trouble(random: Random): EmulatedAnswer {
  if (random() > 0.2) return {};
  const how = oneOf(random, ["fin", "rst"] as const);
  return oneOf<EmulatedAnswer>(random, [
    { status: oneOf(random, [400, 401, 403, 404, 429, 500, 503]), headers: { "retry-after-ms": "1" } },
    { status: 502, body: "<html><title>502 Bad Gateway</title></html>", contentType: "text/html" },
    // In every shape that an error has on one of the wires.
    {
      errorEvent: {
        type: "error",
        error: { type: "server_error", message: "boom" },
        code: "server_error",
        message: "boom",
      },
    },
    { omitDone: true },
    { cut: { afterEvents: whole(random, 0, 20), how } },
    { cut: { afterBytes: whole(random, 0, 2000), how } },
  ]);
}
