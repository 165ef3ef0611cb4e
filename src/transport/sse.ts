import { createParser } from "eventsource-parser";
import type { EventSink, StreamDecoder } from "./stream-decoder.ts";

/** An event's longest allowed text, in characters: room for a large picture in one event, not for an endless line. */
export const MAX_EVENT_LENGTH: number = 64 * 1024 * 1024;

/** What a line may begin with; a body that was cut may end in the middle of it. */
const FIELDS = ["data", "event", "id", "retry"];

/** Reads server-sent events. Events without data are skipped. */
export function sseDecoder(sink: EventSink): StreamDecoder {
  let isEnding = false;
  const parser = createParser({
    onEvent: ({ data, event }) => {
      if (data !== "") sink.event(data, event);
    },
    onComment: (text) => sink.comment?.(text),
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") sink.overflow();
      // A line that is no field at all: proxies and some servers answer an event stream with bare JSON or HTML.
      else if (error.type === "unknown-field" && error.line && !(isEnding && isHalfField(error.line)))
        sink.stray(error.line);
    },
    maxBufferSize: MAX_EVENT_LENGTH,
  });
  return {
    feed: (text) => parser.feed(text),
    end: () => {
      isEnding = true;
      // The parser drops a last event that has no blank line after it, so it gets one.
      parser.feed("\n\n");
    },
  };
}

function isHalfField(line: string): boolean {
  return FIELDS.some((field) => field.startsWith(line));
}
