import type { Client } from "../adapters/client.d.ts";

/** One kind of answer to read, at several sizes. */
export interface Job {
  readonly label: string;
  readonly wire: string;
  /** What the server sends: see streams.js and server.js. */
  readonly content: string;
  readonly framing: "events" | "coalesced" | "paced" | "endless";
  readonly sizes: readonly number[];
  /** What the sizes count. */
  readonly of: string;
  /** How many pieces an answer has. @default the size */
  readonly pieces?: number;
  /** Who takes part. @default everyone on the wire */
  readonly peers?: readonly string[];
}

/** What a child is told, beside its job. */
export interface Task {
  readonly size: number;
  readonly isFull: boolean;
  /** Where the answers of this size are. */
  readonly baseUrl: string;
  /** The server itself. */
  readonly origin: string;
  readonly open: () => Promise<Client>;
  /** Whether the library shows text; the raw limits do not. */
  readonly isLimit: boolean;
}

export interface Metric {
  readonly title: string;
  /** Of raw's figure, which is told as it is. */
  readonly unit: string;
  /** Everyone's figure is told as it is: a ratio to next to nothing says nothing. */
  readonly isAbsolute?: boolean;
  /** Whether it is a cost for each of so many pieces, so that the exponent of its growth can be told. */
  readonly grows?: boolean;
}

export interface Scenario {
  readonly title: string;
  readonly metrics: Readonly<Record<string, Metric>>;
  /** To whom the others are compared. @default "raw" */
  readonly base?: string;
  readonly rounds: (isFull: boolean) => number;
  readonly jobs: (isFull: boolean) => readonly Job[];
  /** The largest size that a library is asked for: where it is quadratic, more would take minutes. */
  readonly most?: (peer: string) => number;
  readonly measure: (task: Task) => Promise<Readonly<Record<string, number>>>;
}
