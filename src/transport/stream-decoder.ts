/** What a decoder finds in a body. */
export interface EventSink {
  /** One event's text, and its name where the framing has names. */
  event(data: string, name?: string): void;
  /** A line that belongs to no event. */
  stray(line: string): void;
  /** What stands behind the colon of a comment, where the framing has comments. */
  comment?(text: string): void;
  /** An event is longer than allowed; nothing more will come. */
  overflow(): void;
}

/** Cuts the text of a body into events. */
export interface StreamDecoder {
  feed(text: string): void;
  /** The body is at its end: what is left is an event too. */
  end(): void;
}
