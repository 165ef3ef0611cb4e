import { MAX_EVENT_LENGTH } from "./sse.ts";
import type { EventSink, StreamDecoder } from "./stream-decoder.ts";

/**
 * Reads one JSON object a line; blank lines are skipped. What stands before the first object is no event: proxies and failing
 * servers write pages.
 */
export function ndjsonDecoder(sink: EventSink): StreamDecoder {
  // The pieces of the unfinished line: joined once, so that a long line costs linear time.
  let pieces: string[] = [];
  let length = 0;
  let isOver = false;
  let hasBegun = false;
  const finish = (rest: string): void => {
    const line = (pieces.length === 0 ? rest : pieces.join("") + rest).trim();
    pieces = [];
    length = 0;
    if (line === "") return;
    hasBegun ||= line.startsWith("{");
    if (hasBegun) sink.event(line);
    else sink.stray(line);
  };
  return {
    feed(text) {
      if (isOver) return;
      let from = 0;
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
        finish(text.slice(from, end));
        from = end + 1;
      }
      if (from === text.length) return;
      pieces.push(from === 0 ? text : text.slice(from));
      length += text.length - from;
      if (length <= MAX_EVENT_LENGTH) return;
      isOver = true;
      pieces = [];
      sink.overflow();
    },
    end: () => finish(""),
  };
}
