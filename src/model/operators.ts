import { filter, map, type MonoTypeOperatorFunction, Observable, type OperatorFunction } from "../rxjs.ts";
import type { ToolUseBlock } from "../message/content-block.ts";
import type { ChatResponse } from "./chat-response.ts";

/** The text that each snapshot adds; snapshots that add none are skipped. */
export function textDeltas(): OperatorFunction<ChatResponse, string> {
  return (source) =>
    source.pipe(
      map((response) => response.textDelta),
      filter((text) => text !== ""),
    );
}

/** The reasoning that each snapshot adds; snapshots that add none are skipped. */
export function thinkingDeltas(): OperatorFunction<ChatResponse, string> {
  return (source) =>
    source.pipe(
      map((response) => response.thinkingDelta),
      filter((text) => text !== ""),
    );
}

/** The tool calls of the answer, each once, whole, when the answer is at its end. */
export function toolCalls(): OperatorFunction<ChatResponse, ToolUseBlock> {
  return (source) =>
    new Observable((subscriber) =>
      source.subscribe({
        next: (response) => {
          if (response.isLast) for (const call of response.toolCalls) subscriber.next(call);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
}

/**
 * At most one snapshot per turn of the event loop, or per `everyMs` milliseconds: the newest. Nothing is lost, because a
 * snapshot holds everything so far, but a `delta` tells only what its own snapshot added.
 */
export function latest(everyMs = 0): MonoTypeOperatorFunction<ChatResponse> {
  return (source) =>
    new Observable((subscriber) => {
      let newest: ChatResponse | undefined;
      let timer: NodeJS.Timeout | undefined;
      const flush = (): void => {
        clearTimeout(timer);
        timer = undefined;
        const response = newest;
        newest = undefined;
        if (response !== undefined) subscriber.next(response);
      };
      const subscription = source.subscribe({
        next: (response) => {
          newest = response;
          timer ??= setTimeout(flush, everyMs);
        },
        error: (error: unknown) => {
          flush();
          subscriber.error(error);
        },
        complete: () => {
          flush();
          subscriber.complete();
        },
      });
      return () => {
        clearTimeout(timer);
        subscription.unsubscribe();
      };
    });
}
