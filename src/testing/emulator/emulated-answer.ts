/** A tool call in an answer; `arguments` as text is sent as it is, valid or not. */
export interface EmulatedToolCall {
  readonly id?: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>> | string;
}

/** How a connection ends before the answer does. */
export interface Cut {
  /** After so many bytes of the body. */
  readonly afterBytes?: number;
  /** After so many events of the stream. */
  readonly afterEvents?: number;
  /** Closed in order, or reset. */
  readonly how: "fin" | "rst";
}

/** What the emulator answers: plain data. */
export interface EmulatedAnswer {
  readonly text?: string;
  readonly thinking?: string;
  readonly toolCalls?: readonly EmulatedToolCall[];
  readonly refusal?: string;
  /** Tokens; missing ones are counted in words. */
  readonly usage?: {
    readonly inputTokens?: number;
    readonly outputTokens?: number;
    readonly reasoningTokens?: number;
    readonly cachedTokens?: number;
  };
  /** In the wire's own spelling. @default what the answer implies */
  readonly finishReason?: string;
  /** Several answers where the request asks for several. */
  readonly choices?: readonly Omit<EmulatedAnswer, "choices">[];
  /** Audio in base64, with what it says. */
  readonly audio?: { readonly id: string; readonly data: string; readonly transcript: string };
  readonly logprobs?: boolean;

  /** An error, or any other status. @default 200 */
  readonly status?: number;
  /** Sent as JSON in place of an answer (text as it is). @default the provider's error body for `status` */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body byte for byte. */
  readonly raw?: string | Uint8Array;
  readonly contentType?: string;

  /** Characters in a delta. @default a word */
  readonly chunkSize?: number;
  /** Wait before the first byte, in milliseconds. */
  readonly firstDelayMs?: number;
  /** Wait before each event, in milliseconds. */
  readonly delayMs?: number;
  /** A comment line every so many milliseconds while waiting. */
  readonly keepAliveMs?: number;
  readonly cut?: Cut;
  /** Leaves the body open after its end. */
  readonly keepOpen?: boolean;
  /** Leaves out the wire's end mark. */
  readonly omitEnd?: boolean;
  /** Sends so many bytes at a time. */
  readonly drip?: { readonly bytes: number; readonly everyMs: number };
  readonly gzip?: boolean;
}

/** One request, as it came. */
export interface EmulatedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  readonly rawBody: string;
}

/** An answer, or what makes one of a request. */
export type AnswerScript =
  | EmulatedAnswer
  | ((request: EmulatedRequest) => EmulatedAnswer | Promise<EmulatedAnswer>);
