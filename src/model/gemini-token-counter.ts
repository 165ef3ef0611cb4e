import type { GeminiMessage } from "../wire/gemini.ts";
import { EndpointTokenCounter } from "./endpoint-token-counter.ts";
import type { GeminiChatModel } from "./gemini-chat-model.ts";
import type { WireRequest } from "./http-chat-model.ts";

/** What a count on Vertex AI knows of a call's request (Google's API reference, checked 2026-11). */
const VERTEX_FIELDS: ReadonlySet<string> = new Set([
  "contents",
  "systemInstruction",
  "tools",
  "generationConfig",
]);

/** Counts by Google's `countTokens`, which is free, with instructions, tools and media as the model gets them. */
export class GeminiTokenCounter extends EndpointTokenCounter<GeminiMessage> {
  private readonly takesRequest: boolean;

  /** @param model whose account is asked, and whose options count */
  constructor(model: GeminiChatModel) {
    super(model);
    this.takesRequest = model.switches.countsRequests;
  }

  protected question({ path, body, headers, query }: WireRequest): WireRequest {
    const model = path.slice(1, path.lastIndexOf(":"));
    const fields = Object.entries(body).filter(([field]) => VERTEX_FIELDS.has(field));
    return {
      path: `/${model}:countTokens`,
      body: this.takesRequest ? { generateContentRequest: { model, ...body } } : Object.fromEntries(fields),
      ...(headers !== undefined && { headers }),
      ...(query !== undefined && { query }),
    };
  }

  protected read(answer: {
    readonly totalTokens?: unknown;
  }): ReturnType<EndpointTokenCounter<never>["read"]> {
    return { tokens: answer.totalTokens, exact: true, method: "Gemini countTokens" };
  }
}
