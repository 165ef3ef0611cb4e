import type { EventSink } from "../../src/transport/stream-decoder.ts";

/** A sink that writes down what it is told. */
export function found(): {
  sink: EventSink;
  events: string[];
  names: (string | undefined)[];
  strays: string[];
  ends: "overflow"[];
} {
  const events: string[] = [];
  const names: (string | undefined)[] = [];
  const strays: string[] = [];
  const ends: "overflow"[] = [];
  const sink: EventSink = {
    event: (data, name) => {
      events.push(data);
      names.push(name);
    },
    stray: (line) => void strays.push(line),
    overflow: () => void ends.push("overflow"),
  };
  return { sink, events, names, strays, ends };
}

/** The text in pieces, cut at these places (taken modulo its length). */
export function cutAt(text: string, cuts: readonly number[]): string[] {
  const places = cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b);
  const edges = [0, ...places, text.length];
  return edges.slice(1).map((edge, index) => text.slice(edges[index], edge));
}
