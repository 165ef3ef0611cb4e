/** What an adapter makes for one wire and one address. Each method asks once and reads the whole answer. */
export interface Client {
  /** Hands on every piece of text as it comes. */
  readonly text: (next: (added: string) => void) => Promise<unknown>;
  /** The same pulled, so that a slow reader is seen; the signal is how the library is told to stop. */
  readonly pull?: (signal: AbortSignal) => AsyncIterable<string>;
  /** Hands on the partial arguments of a tool call at every fragment. */
  readonly tool?: (next: (input: Record<string, unknown>) => void) => Promise<unknown>;
  /** The text so far at every delta, kept by the library itself. */
  readonly kept?: () => Promise<readonly string[]>;
  /** How many tool calls the answer has. */
  readonly calls?: () => Promise<number>;
  /** Hands on the partial value of a JSON answer at every delta. */
  readonly json?: (next: (value: { items?: readonly unknown[] }) => void) => Promise<unknown>;
  /** The tokens of a text. */
  readonly countText?: (text: string) => Promise<number> | number;
  /** The tokens of a conversation. */
  readonly countMessages?: (
    messages: readonly { role: string; content: string }[],
  ) => Promise<number> | number;
}
