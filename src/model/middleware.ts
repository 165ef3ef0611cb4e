import type { Observable } from "../rxjs.ts";
import type { Msg } from "../message/msg.ts";
import type { TokenCount } from "../token/token-counter-base.ts";
import type { ToolSchema } from "../tool/tool-schema.ts";
import type { ChatResponse } from "./chat-response.ts";
import type { ResolvedOptions } from "./generate-options.ts";
import type { ModelCard } from "./model-card.ts";

/** What a middleware sees of the model that is called. */
export interface CalledModel {
  readonly provider: string;
  readonly modelName: string;
  readonly card: ModelCard;
  /** How many tokens the prompt of such a call has. */
  countTokens(
    messages: readonly Msg[],
    tools?: readonly ToolSchema[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<TokenCount>;
}

/** One call of a model, as a middleware sees it. */
export interface ChatCall {
  readonly messages: readonly Msg[];
  readonly tools: readonly ToolSchema[];
  readonly options: ResolvedOptions;
  /** The model that is being called. */
  readonly model: CalledModel;
}

/**
 * Stands around a model's calls. It may change the call on its way in, the snapshots on their way out, answer without
 * calling `next`, or call `next` again (before anything was emitted). The first in `model.with(first, second)` is the
 * outermost.
 *
 * Options that are changed on the way in are checked and honoured like the caller's own, deadlines and retries included.
 */
export type ChatMiddleware = (
  call: ChatCall,
  next: (call: ChatCall) => Observable<ChatResponse>,
) => Observable<ChatResponse>;
