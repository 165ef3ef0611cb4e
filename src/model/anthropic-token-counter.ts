import type { AnthropicMessage } from "../wire/anthropic.ts";
import { EndpointTokenCounter } from "./endpoint-token-counter.ts";
import type { WireRequest } from "./http-chat-model.ts";

/** What a count knows of a call's request (Anthropic's API reference, checked 2026-11). */
const COUNTED_FIELDS: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "system",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "cache_control",
  "speed",
  "context_management",
  "mcp_servers",
  "compaction",
  "user_profile_id",
  "workspace_id",
]);

/**
 * Counts by Anthropic's `count_tokens`, which is free and has limits of its own. Anthropic calls the count an estimate: it may
 * differ from the bill by a few tokens. There is no public tokenizer of its models. Made for an `AnthropicChatModel`, whose
 * account is asked and whose options count; it is that model's own `tokenCounter`.
 */
export class AnthropicTokenCounter extends EndpointTokenCounter<AnthropicMessage> {
  protected question({ path, body, headers }: WireRequest): WireRequest {
    const counted = Object.entries(body).filter(([field]) => COUNTED_FIELDS.has(field));
    return {
      path: `${path}/count_tokens`,
      body: Object.fromEntries(counted),
      ...(headers !== undefined && { headers }),
    };
  }

  protected read(answer: {
    readonly input_tokens?: unknown;
  }): ReturnType<EndpointTokenCounter<never>["read"]> {
    return { tokens: answer.input_tokens, exact: false, method: "Anthropic count_tokens" };
  }
}
