import type { Conversation } from "./default-answer.ts";
import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { EmulatedRequest, HttpRequest } from "./emulated-request.ts";

/** A path of a wire. */
interface Route {
  readonly method: "GET" | "POST";
  /** Held against the path without the query. */
  readonly path: RegExp;
}

/** A path that answers with what a model says; scripted answers are for these. */
export interface GenerationRoute extends Route {
  /** Tolerant: a request that will be refused is read too. */
  read(request: HttpRequest): Conversation;
  /** The provider's error answer to a request that it would refuse. */
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
  readonly generations: readonly GenerationRoute[];
  readonly documents: readonly DocumentRoute[];
  readonly streamContentType: string;
  /** Whether lines that begin with a colon are comments. */
  readonly hasComments: boolean;
  /** What every answer carries. */
  headers(request: EmulatedRequest): Readonly<Record<string, string>>;
  /** The error answer to a request without a key, or with a wrong one. */
  refuseKey(request: EmulatedRequest, isRequired: boolean): EmulatedAnswer | undefined;
  /** The error answer to a path that the provider does not have. */
  unknownPath(request: EmulatedRequest): EmulatedAnswer;
  /** The body of an error that has only a status. */
  errorBody(status: number): unknown;
}
