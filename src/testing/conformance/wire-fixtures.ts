import type { RateLimit } from "../../error/model-error.ts";
import type { FormatterBase } from "../../formatter/formatter-base.ts";
import type { ChatUsage, FinishReason } from "../../model/chat-response.ts";
import type { ToolChoice } from "../../tool/tool-schema.ts";

/** Stands in every signature and hidden text of the fixtures, so that it is found wherever it goes. */
export const SIGNATURE = "c2lnbmF0dXJl0123456789";

/** Reasoning in `<think>` tags before the answer, in one piece, cut within the tags, and letter by letter. */
export const TAGGED_THINKING: readonly (readonly string[])[] = [
  ["<think>Two and two.</think>It is 4."],
  ["<", "thi", "nk>Two and ", "two.<", "/think", ">It is 4."],
  [..."<think>Two and two.</think>It is 4."],
];

/** A piece of an answer, whatever the wire. */
export type AnswerPart =
  | { readonly text: string }
  | { readonly thinking: string }
  | { readonly refusal: string }
  /** A piece of a tool call as the wire would cut it. */
  | { readonly tool: ToolPiece }
  /** In the wire's own word. */
  | { readonly finish: string }
  | { readonly usage: FixtureUsage }
  /** The wire's end mark; nothing on a wire that has none. */
  | { readonly end: true }
  /** One event as it stands, its framing included. */
  | { readonly event: string };

/** A piece of a tool call as a stream brings it. */
export interface ToolPiece {
  readonly index?: number;
  readonly id?: string;
  readonly name?: string;
  readonly arguments?: string;
}

/** Tokens in the inclusive form. */
export interface FixtureUsage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly reasoning?: number;
}

/** One block of an expected answer. */
export type ExpectedBlock =
  | { readonly text: string }
  | {
      readonly thinking: string;
      /** What must be kept of it for the provider. @default not looked at */
      readonly metadata?: Readonly<Record<string, unknown>>;
    }
  | {
      /** The tool's name. */
      readonly tool: string;
      /** @default not looked at */
      readonly input?: Readonly<Record<string, unknown>>;
      /** @default any, different from all others */
      readonly id?: string;
      /** @default not looked at */
      readonly rawInput?: string;
      /** Whether the call must say that it cannot be run. @default false */
      readonly isBroken?: boolean;
      readonly metadata?: Readonly<Record<string, unknown>>;
    };

/** What must come of a stream. */
export interface ExpectedAnswer {
  readonly content: readonly ExpectedBlock[];
  readonly finishReason: FinishReason;
  /** @default not looked at */
  readonly rawFinishReason?: string;
  /** Counts only. @default none may be reported */
  readonly usage?: Pick<
    ChatUsage,
    | "inputTokens"
    | "outputTokens"
    | "totalTokens"
    | "cacheReadTokens"
    | "cacheWriteTokens"
    | "reasoningTokens"
  >;
}

/** A stream and what must come of it. */
export interface StreamShape {
  /** What is special about it. */
  readonly title: string;
  /** Each with its framing. */
  readonly events: readonly string[];
  readonly expect: ExpectedAnswer;
  /** The same answer in one piece. */
  readonly whole?: string;
}

/** An error answer. */
export interface ErrorFixture {
  readonly status: number;
  readonly body: string;
  /** @default "application/json" */
  readonly contentType?: string;
}

/** What one request asked for, read from the wire's own form. */
export interface RecordedRequest {
  readonly model: string | undefined;
  /** Instructions included, in the order of the wire. */
  readonly messages: readonly RecordedMessage[];
  readonly tools: readonly { readonly name: string; readonly parameters?: unknown }[] | undefined;
  readonly toolChoice: ToolChoice | undefined;
  /** The options on the wire, by their portable names and in their portable form. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** A message of a recorded request, whatever its wire. */
export interface RecordedMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  /** All its text. */
  readonly text: string;
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
  readonly toolResults: readonly {
    readonly id: string;
    readonly text: string;
    /** Whether a field of the wire's says that the tool failed. @default false: only the text can say it */
    readonly isError?: boolean;
  }[];
  readonly media: readonly RecordedMedia[];
}

/** A medium as the wire carries it: an address, bytes in base64, or the id of a file. */
export interface RecordedMedia {
  readonly kind: "image" | "audio" | "video" | "file";
  readonly url?: string;
  readonly data?: string;
  readonly fileId?: string;
}

/** How a medium is sent: its address, its bytes, or the id that the provider gave it. */
export type MediaForm = "url" | "data" | "fileId";

/**
 * Bytes of one wire: what a provider would send, so that a model can be held to the contract without the provider. A wire
 * renders the answers that every wire has, and adds the shapes that only it has.
 */
export interface WireFixtures {
  readonly name: string;
  /** Stands between the server's address and the wire's paths. */
  readonly basePath: string;
  readonly framing: "sse" | "ndjson";
  /** Content type of a stream. */
  readonly streamType: string;
  /** A streamed answer, event by event, each with its framing. */
  stream(parts: readonly AnswerPart[]): readonly string[];
  /** The same answer in one piece. */
  whole(parts: readonly AnswerPart[]): string;
  /** An error answer's body. */
  errorBody(error: { readonly status: number; readonly code: string; readonly message: string }): string;
  /** An error as an event of a stream. */
  errorEvent(error: { readonly code: string; readonly message: string }): string;
  /** The event that ends a stream, where the wire has one. */
  readonly endMark?: string;
  /** Whether what stands in the last event of an answer ends it, as an end mark would. @default false */
  readonly endsInLastEvent?: boolean;
  /** Events that mean nothing: keep-alives, and types that the wire may have tomorrow. */
  readonly idleEvents: readonly string[];
  /** The wire's word for each reason that it has. */
  readonly finishReasons: Readonly<Partial<Record<FinishReason, string>>>;
  /** How a prompt that is too long is refused. */
  readonly contextOverflow: readonly ErrorFixture[];
  /** How an empty account is refused. */
  readonly quota: readonly ErrorFixture[];
  /** Errors that pass, and whose body says how long to wait. @default none */
  readonly waits?: readonly (ErrorFixture & { readonly waitMs: number })[];
  /** How a model that does not exist is refused. */
  readonly modelNotFound: ErrorFixture;
  /** The header that carries the key. */
  readonly keyHeader: string;
  /** The header that carries the provider's id of a request. */
  readonly requestIdHeader: string;
  /** The id of the request as answers and errors of the fixtures tell it themselves, on wires where they do. */
  readonly requestIdInBody?: string;
  /** Headers that tell of an allowance, and what they say. @default those of OpenAI, which many servers send */
  readonly rateLimits?: {
    readonly headers: Readonly<Record<string, string>>;
    readonly limits: readonly RateLimit[];
  };
  /** Whether usage tells how many tokens went into a cache. @default true */
  readonly hasCacheWrites?: boolean;
  /** Whether an answer can be asked to be JSON without a schema. @default true */
  readonly hasJsonMode?: boolean;
  /** Where `maxTokens` stands in the body, dots between the levels. */
  readonly maxTokensField: string;
  /** What a tool call's id must look like in a request. */
  readonly toolCallId: RegExp;
  /**
   * The forms in which each kind of medium can be sent; of a form that is not here it must be said before anything is sent.
   *
   * @default pictures by address and as bytes, sounds as bytes, files as bytes and by id
   */
  readonly media?: Readonly<Partial<Record<RecordedMedia["kind"], readonly MediaForm[]>>>;
  /** How the provider counts tokens, where a model of this wire asks it. @default the models count by themselves */
  readonly counting?: {
    /** The body of its answer. */
    answer(tokens: number): string;
    /** The call that a question's body asks about, as the body of a call. */
    callIn(body: unknown): unknown;
  };
  /** Makes the formatter for conversations of several agents. @default the cases on it are skipped */
  readonly multiAgentFormatter?: () => FormatterBase<unknown>;
  /** Shapes that only this wire has, by the case that they belong to. */
  readonly shapes: Readonly<Record<string, readonly StreamShape[]>>;
  /** Cases that cannot hold on this wire, each with its reason. */
  readonly skips: Readonly<Record<string, string>>;
  readRequest(request: { readonly path: string; readonly body: unknown }): RecordedRequest;
}
