import type { Conversation } from "./default-answer.ts";
import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { EmulatedRequest, HttpRequest } from "./emulated-request.ts";

/** A path of a wire. */
interface Route {
  readonly method: "GET" | "POST";
  /** Held against the path without the query. */
  readonly path: RegExp;
  /** Tolerant: a request that will be refused is read too. */
  read?(request: HttpRequest): Conversation;
  /** The provider's error answer to a request that it would refuse. */
  refuse?(request: EmulatedRequest): EmulatedAnswer | undefined;
}

/** A path that answers with what a model says; scripted answers are for these. */
export interface GenerationRoute extends Route {
  read(request: HttpRequest): Conversation;
  refuse(request: EmulatedRequest): EmulatedAnswer | undefined;
  /** Whether the request asks for a stream. */
  isStream(request: EmulatedRequest): boolean;
  /** The stream, event by event, made as it is sent. */
  events(request: EmulatedRequest, answer: EmulatedAnswer): Iterable<string>;
  /** The body of an answer that is no stream. */
  whole(request: EmulatedRequest, answer: EmulatedAnswer): unknown;
}

/** A path that answers with a document, for example the list of models. */
export interface DocumentRoute extends Route {
  answer(request: EmulatedRequest, models: readonly string[]): EmulatedAnswer;
}

/** One provider protocol, as the emulator speaks it. */
export interface EmulatedWire {
  readonly name: string;
  /** What a client's base URL has after the server's address, for example `/v1`. */
  readonly basePath: string;
  /** What lists name where the emulator is told no models. */
  readonly models: readonly string[];
  /**
   * Whether the path or the headers of a request show that it is for this wire. Absent on the wire that takes whatever shows
   * nothing.
   */
  isSpokenBy?(request: HttpRequest): boolean;
  readonly generations: readonly GenerationRoute[];
  readonly documents: readonly DocumentRoute[];
  readonly streamContentType: string;
  /** Whether lines that begin with a colon are comments. */
  readonly hasComments: boolean;
  /** The event, with its framing, that the provider sends while nothing else is ready. @default a comment */
  readonly keepAlive?: string;
  /** What every answer carries. */
  headers(request: EmulatedRequest, status: number): Readonly<Record<string, string>>;
  /** The error answer to a request without a key, or with a wrong one. */
  refuseKey(request: EmulatedRequest, isRequired: boolean): EmulatedAnswer | undefined;
  /** The error answer to a path that the provider does not have. */
  unknownPath(request: EmulatedRequest): EmulatedAnswer;
  /** The body of an error that has only a status. */
  errorBody(status: number, request: EmulatedRequest): unknown;
  /** An error answer to a request for a stream, where the provider writes that as an event. @default as JSON */
  streamedError?(status: number, body: unknown): string;
}
