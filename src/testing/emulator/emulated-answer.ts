import type { ConnectionBreak } from "./break-connection.ts";
import type { EmulatedRequest } from "./emulated-request.ts";

/** A call of a tool in an answer. */
export interface EmulatedToolCall {
  /** @default one that no other call has */
  readonly id?: string;
  readonly name: string;
  /** Text is sent as it stands, valid JSON or not. */
  readonly arguments: Readonly<Record<string, unknown>> | string;
}

/** Tokens as the answer reports them; what is left out is counted roughly, in words. */
export interface EmulatedUsage {
  /** All of the prompt, cached tokens included. */
  readonly inputTokens?: number;
  /** All that was made, reasoning included. */
  readonly outputTokens?: number;
  /** @default 0, or by the effort that a reasoning model was asked for */
  readonly reasoningTokens?: number;
  /** @default 0 */
  readonly cacheReadTokens?: number;
  /** @default 0 */
  readonly cacheWriteTokens?: number;
}

/** What the model says in one choice. A wire without a field for a refusal sends it as text; what else it has no field for is not sent. */
export interface EmulatedContent {
  /** Streamed before the text, and signed where the wire signs it: a later request must bring it back unchanged. */
  readonly thinking?: string;
  /** Reasoning that only the provider can read, after the readable one; on wires that have it. */
  readonly redactedThinking?: string;
  readonly text?: string;
  readonly refusal?: string;
  /** A spoken answer; `data` is base64. */
  readonly audio?: { readonly id: string; readonly data: string; readonly transcript: string };
  readonly toolCalls?: readonly EmulatedToolCall[];
  /** Natural logarithms, one a delta of the text, sent where the request asks for them. @default -0.1 for each */
  readonly logprobs?: readonly number[];
  /** In the wire's own spelling. @default what the content implies */
  readonly finishReason?: string;
}

/** Where a connection ends before its answer; at the end of the body at the latest. */
export interface Cut {
  /** Bytes of the body, as it is sent. */
  readonly afterBytes?: number;
  readonly afterEvents?: number;
  readonly how: ConnectionBreak;
}

/** One answer of the emulator, as plain data. An empty one is an answer without content. */
export interface EmulatedAnswer extends EmulatedContent {
  /** Several choices for a request that asks for several; they stand in place of the content. @default the content, as often as asked */
  readonly choices?: readonly EmulatedContent[];
  /** `null` keeps the answer from having any. */
  readonly usage?: EmulatedUsage | null;
  /** Characters in a delta. @default words in text, eight characters in arguments and in audio */
  readonly chunkSize?: number;
  /** The data of an event that stands in place of the end of a stream: a failure in the middle, in the wire's own shape. */
  readonly errorEvent?: unknown;
  /** Leaves out the event that marks the end of a stream, `[DONE]` or what the wire has for it. @default false */
  readonly omitDone?: boolean;

  /** From 400 on, an error. @default 200 */
  readonly status?: number;
  /** The body in place of the content: text as it stands, anything else as JSON. @default for an error, the provider's own for that status */
  readonly body?: unknown;
  /** The body, byte for byte: no delivery changes its line ends or puts comments into it. In text, a blank line ends an event, or every line on a wire of lines. */
  readonly raw?: string | Uint8Array;
  /** @default what the provider sends with such a body */
  readonly contentType?: string;
  /** They replace the emulator's own of the same name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Compresses the body, event by event, whether or not the client can read it. @default false */
  readonly gzip?: boolean;

  /** Wait before the first event of a stream, after its head; before the head of any other answer. In milliseconds. @default 0 */
  readonly firstDelayMs?: number;
  /** Wait before every later event, in milliseconds. @default 0 */
  readonly delayMs?: number;
  /** Comments, or what the wire has in their place, in the waits of a stream, and after its end while `keepOpen` holds it. @default none */
  readonly keepAlive?: { readonly everyMs: number };
  /** Sends the body in such pieces, with such waits after each. @default at once */
  readonly drip?: { readonly bytes: number; readonly everyMs: number };
  /** Leaves the body open after its end, until the client goes. @default false */
  readonly keepOpen?: boolean;
  /** Ends the connection in place of the body. @default never */
  readonly cut?: Cut;
}

/** An answer, or what makes one of the request. A function that never returns leaves the client without a head. */
export type AnswerScript =
  | EmulatedAnswer
  | ((request: EmulatedRequest) => EmulatedAnswer | Promise<EmulatedAnswer>);
