import type { FinishReason } from "../../model/chat-response.ts";

/** A piece of an answer, whatever the wire. */
export type AnswerPart =
  | { readonly text: string }
  | { readonly thinking: string }
  | { readonly refusal: string }
  /** A piece of a tool call as the wire would cut it. */
  | { readonly tool: { readonly index?: number; readonly id?: string; readonly name?: string; readonly arguments?: string } }
  /** In the wire's own word. */
  | { readonly finish: string }
  | { readonly usage: FixtureUsage }
  /** The wire's end mark. */
  | { readonly end: true }
  /** One event as it stands. */
  | { readonly event: string };

/** Tokens in the inclusive form. */
export interface FixtureUsage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number;
  readonly reasoning?: number;
}

/** What a recorded request asked for, read from the wire's own form. */
export interface RecordedRequest {
  readonly roles: readonly string[];
  /** All text of all messages, instructions included. */
  readonly texts: readonly string[];
  readonly hasTools: boolean;
  /** The options on the wire, by their portable name. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly toolResults: readonly { readonly id: string; readonly text: string }[];
  readonly toolCallIds: readonly string[];
}

/** Bytes of one wire: what a provider would send, so that a model can be held to the contract without the provider. */
export interface WireFixtures {
  readonly name: string;
  /** Stands between the server's address and the wire's paths. */
  readonly basePath: string;
  /** Content type of a stream. */
  readonly streamType: string;
  /** A streamed answer. */
  stream(parts: readonly AnswerPart[]): string;
  /** The same answer in one piece. */
  whole(parts: readonly AnswerPart[]): string;
  /** An error answer's body. */
  errorBody(error: { readonly status: number; readonly code: string; readonly message: string }): string;
  /** An error as an event of a stream. */
  errorEvent(error: { readonly code: string; readonly message: string }): string;
  /** An event that the wire may have tomorrow. */
  readonly unknownEvent: string;
  /** The wire's word for each reason that it has. */
  readonly finishReasons: Readonly<Partial<Record<FinishReason, string>>>;
  /** How a prompt that is too long is refused. */
  readonly contextOverflow: { readonly status: number; readonly body: string };
  /** How an empty account is refused. */
  readonly quota: { readonly status: number; readonly body: string };
  readRequest(body: unknown): RecordedRequest;
}
