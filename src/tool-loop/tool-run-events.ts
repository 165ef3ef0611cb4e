import type { ToolResultBlock, ToolUseBlock } from "../message/content-block.ts";
import type { Msg } from "../message/msg.ts";
import type { ChatResponse, ChatUsage } from "../model/chat-response.ts";

/** What a tool gave, and what the model is told of it. */
export interface ToolOutcome {
  readonly call: ToolUseBlock;
  /** What goes back to the model. */
  readonly output: ToolResultBlock["output"];
  readonly isError: boolean;
  /** What the tool returned, as it is; of a generator that returned nothing its last yield. */
  readonly value?: unknown;
  /** What it threw. */
  readonly error?: unknown;
  /** Why it was not run. */
  readonly notRun?: "unknown_tool" | "bad_arguments" | "not_approved" | "limit";
}

/** One answer of the model and the tools that it called. */
export interface ToolRound {
  /** From 1. */
  readonly round: number;
  readonly response: ChatResponse;
  /** In the order of the calls. */
  readonly outcomes: readonly ToolOutcome[];
  readonly usage: ChatUsage | undefined;
}

/**
 * Why a run ended: the model answered, a tool gave the answer, a call is for the caller to run (its tool has no `execute`),
 * or the rounds were used up while the model still called tools.
 */
export type ToolRunEnd = "answer" | "return_direct" | "caller_tool" | "max_rounds";

/** What happens in a run, as it happens. */
export type ToolRunEvent =
  /** A snapshot of the answer of a round. */
  | { readonly type: "snapshot"; readonly round: number; readonly response: ChatResponse }
  /** A tool begins; `input` are its arguments after their check. */
  | {
      readonly type: "tool_start";
      readonly round: number;
      readonly call: ToolUseBlock;
      readonly input: unknown;
    }
  /** A tool that is an async generator has yielded `value`: were it the result, the model would be told `output`. */
  | {
      readonly type: "tool_progress";
      readonly round: number;
      readonly call: ToolUseBlock;
      readonly output: ToolOutcome["output"];
      readonly value: unknown;
    }
  /** A tool has ended, or will not be run. */
  | ({ readonly type: "tool_result"; readonly round: number } & ToolOutcome)
  /** All tools of a round have ended; the model is asked again, or the run is over. */
  | ({ readonly type: "round_end" } & ToolRound)
  /** The run is over; always the last event. */
  | ({ readonly type: "final" } & ToolRunResult);

/** What came of a run. */
export interface ToolRunResult {
  readonly reason: ToolRunEnd;
  /** The last answer of the model. */
  readonly response: ChatResponse;
  /** The text of the answer: the model's, or what tools gave that return directly. */
  readonly text: string;
  /** What was said in this run, to be appended to the conversation: answers and tool results, in order. */
  readonly messages: readonly Msg[];
  readonly rounds: readonly ToolRound[];
  /** What all rounds cost together. */
  readonly usage: ChatUsage;
}
