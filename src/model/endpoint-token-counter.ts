import { modelError } from "../error/errors-by-kind.ts";
import { type MessageInput, toMessages } from "../message/msg.ts";
import { type CountContext, type TokenCount, TokenCounterBase } from "../token/token-counter-base.ts";
import { toToolSchemas } from "../tool/to-json-schema.ts";
import type { ToolInput } from "../tool/tool-schema.ts";
import { redact } from "../transport/redact.ts";
import type { HttpChatModel, WireRequest } from "./http-chat-model.ts";

/**
 * Counts by asking the provider about the very request that a call would send. One short request a count, sent once: it is
 * not retried, and the provider limits how many there may be.
 */
export abstract class EndpointTokenCounter<WireMessage> extends TokenCounterBase {
  private readonly model: HttpChatModel<WireMessage>;

  /** @param model whose account is asked, and whose options count */
  constructor(model: HttpChatModel<WireMessage>) {
    super();
    this.model = model;
  }

  /**
   * @throws ModelError of the request, as a call would give it · `parse` when the answer has no count
   */
  async count(
    messages: MessageInput | readonly MessageInput[],
    tools: readonly ToolInput[] = [],
    { formatted, signal }: CountContext = {},
  ): Promise<TokenCount> {
    const { model } = this;
    const schemas = await toToolSchemas(tools);
    const list = (formatted ?? (await model.formatPrompt(toMessages(messages), schemas))) as WireMessage[];
    const { head, body } = await model.askAbout(
      { messages: list, tools: schemas },
      (request) => this.question(request),
      signal,
    );
    const count = this.read((typeof body === "object" && body) || {});
    if (typeof count.tokens === "number") return { ...count, tokens: count.tokens };
    throw modelError(
      "parse",
      `${model.provider}/${model.modelName} was asked to count and answered without a count. Give the model a tokenCounter that asks nobody.`,
      {
        provider: model.provider,
        model: model.modelName,
        body: redact(JSON.stringify(body), head.secrets()).slice(0, 4000),
      },
    );
  }

  /** What to ask about the request of a call that does not stream. */
  protected abstract question(request: WireRequest): WireRequest;

  /** The count in an answer, as far as it has one. */
  protected abstract read(answer: object): Omit<TokenCount, "tokens"> & { readonly tokens: unknown };
}
