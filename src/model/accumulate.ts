import { Observable } from "../rxjs.ts";
import type { ChatResponse, ChatUsage, FinishReason } from "./chat-response.ts";
import type { ToolCallDelta } from "./content-builder.ts";
import { ResponseAccumulator } from "./response-accumulator.ts";

/** What one event of a simple source adds to the answer. */
export interface ResponseDelta {
  readonly text?: string;
  readonly thinking?: string;
  readonly toolCall?: ToolCallDelta;
  /** The newest value that is not null wins, field by field. */
  readonly usage?: ChatUsage;
  readonly finishReason?: FinishReason;
}

/**
 * Snapshots from deltas, for a `doStream` whose source only tells what is new. The end of the source is the end of the
 * answer: one that was cut must end in an error.
 *
 * @param model whose answer it is; pass `this`
 */
export function accumulate(
  deltas: Observable<ResponseDelta>,
  model: { readonly provider: string; readonly modelName: string },
): Observable<ChatResponse> {
  return new Observable((subscriber) => {
    const answer = new ResponseAccumulator({ provider: model.provider, model: model.modelName });
    return deltas.subscribe({
      next: (delta) => {
        if (delta.thinking !== undefined) answer.content.thinking(delta.thinking);
        if (delta.text !== undefined) answer.content.text(delta.text);
        if (delta.toolCall !== undefined) answer.content.toolCall(delta.toolCall);
        if (delta.usage !== undefined) answer.usage(delta.usage);
        if (delta.finishReason !== undefined) answer.finish(delta.finishReason);
        const snapshot = answer.snapshot();
        if (snapshot !== undefined) subscriber.next(snapshot);
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => {
        if (!answer.isFinished) answer.finish("stop");
        subscriber.next(answer.end());
        subscriber.complete();
      },
    });
  });
}
