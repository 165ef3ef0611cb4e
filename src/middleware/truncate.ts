import { map, Observable } from "../rxjs.ts";
import { checkTokenNumbers, droppedNotice } from "../formatter/formatter-base.ts";
import type { Msg } from "../message/msg.ts";
import { truncateHistory } from "../message/truncate-history.ts";
import type { ChatResponse, ChatWarning } from "../model/chat-response.ts";
import type { ChatCall, ChatMiddleware } from "../model/middleware.ts";
import type { TokenCounterBase } from "../token/token-counter-base.ts";

/** Options of {@link truncate}. */
export interface TruncateOptions {
  /** The most tokens of prompt and tools. @default the context size that the model's card names */
  readonly maxTokens?: number;
  /**
   * How many of them stay free, for the answer. @default 0 beside `maxTokens`; else what the call asks for as `maxTokens`, or
   * the most that the model answers, but no more than a quarter of its context
   */
  readonly reserveTokens?: number;
  /** @default the model's own */
  readonly tokenCounter?: TokenCounterBase;
}

/**
 * Leaves out the oldest of a history that does not fit the model, whole messages and whole tool exchanges, with a warning on
 * the response. The system messages, the newest message of the user and a tool exchange that waits for an answer stay; when
 * these alone do not fit, the call fails with `context_length` and nothing is sent.
 *
 * @throws ModelError `configuration` for a limit that is no number of tokens
 *
 * @example
 * ```ts
 * import { ModelRegistry, truncate } from "rxscope";
 *
 * const model = ModelRegistry.create("openai:gpt-4o").with(truncate());
 * ```
 */
export function truncate(options: TruncateOptions = {}): ChatMiddleware {
  const { maxTokens, reserveTokens } = options;
  checkTokenNumbers({ maxTokens, reserveTokens });
  return (call, next) => {
    const limit = limitOf(options, call);
    if (limit === undefined) {
      const reason = `The context size of ${call.model.modelName} is not known, so nothing was left out; give truncate() its maxTokens.`;
      return next(call).pipe(warning({ option: "truncate", reason }));
    }
    return new Observable((subscriber) => {
      const go = async (): Promise<void> => {
        const { messages, dropped } = await fit(call, limit, options.tokenCounter);
        // An answer that nobody waits for any more is not asked for.
        if (subscriber.closed) return;
        const answer =
          dropped.length === 0
            ? next(call)
            : next({ ...call, messages }).pipe(
                warning({ option: "messages", reason: droppedNotice(dropped, limit) }),
              );
        answer.subscribe(subscriber);
      };
      go().catch((error: unknown) => subscriber.error(error));
    });
  };
}

function limitOf(
  { maxTokens, reserveTokens }: TruncateOptions,
  { model, options }: ChatCall,
): number | undefined {
  const { contextSize, outputSize = Number.POSITIVE_INFINITY } = model.card;
  if (maxTokens !== undefined) return maxTokens - (reserveTokens ?? 0);
  if (contextSize === undefined) return undefined;
  const answer = options.maxTokens ?? Math.min(outputSize, Math.floor(contextSize / 4));
  return contextSize - (reserveTokens ?? answer);
}

function fit(
  { messages, tools, options, model }: ChatCall,
  limit: number,
  tokenCounter: TokenCounterBase | undefined,
): Promise<{ readonly messages: readonly Msg[]; readonly dropped: readonly Msg[] }> {
  const { signal } = options;
  return truncateHistory(messages, limit, (some) =>
    tokenCounter === undefined
      ? model.countTokens(some, tools, { ...(signal !== undefined && { signal }) })
      : tokenCounter.count(some, tools, { signal }),
  );
}

/** Puts a warning before those of the last snapshot. */
function warning(warning: ChatWarning): (source: Observable<ChatResponse>) => Observable<ChatResponse> {
  return map((response: ChatResponse) =>
    response.isLast ? response.with({ warnings: [warning, ...response.warnings] }) : response,
  );
}
