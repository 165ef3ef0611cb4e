import type { FormatWarning } from "../formatter/formatter-base.ts";
import type { CacheControl } from "./generate-options.ts";

type Part = { readonly type: string; readonly cache_control?: unknown };

type Message = { readonly role: string; readonly content?: string | readonly Part[] | null };

/**
 * Puts the cache breakpoints that the portable option asks for on the last part of the instructions and of the last message, for servers
 * of the OpenAI chat wire that take `cache_control` there (wire notes 4.4 and 7.3, 2026-11). Pure.
 */
export function markCachedParts<WireMessage extends Message>(
  messages: readonly WireMessage[],
  control: CacheControl | undefined,
  warn: FormatWarning,
): readonly WireMessage[] {
  const wanted = control === true ? { system: true, lastMessage: true } : control || {};
  if ("tools" in wanted && wanted.tools)
    warn("cacheControl.tools", "This wire has no breakpoints on tools; one on the instructions covers them.");
  const marker = {
    type: "ephemeral",
    ...("ttl" in wanted && wanted.ttl !== undefined && { ttl: wanted.ttl }),
  };
  const system = wanted.system ? messages.findLastIndex(({ role }) => role === "system") : -1;
  const last = wanted.lastMessage ? messages.length - 1 : -1;
  return messages.map((message, index) =>
    index === system || index === last ? withMarker(message, marker) : message,
  );
}

/** The message with a breakpoint on its last part; one without content has no place for it. */
function withMarker<WireMessage extends Message>(message: WireMessage, marker: object): WireMessage {
  const { content } = message;
  const parts: readonly Part[] =
    typeof content === "string" && content !== ""
      ? [{ type: "text", text: content } as Part]
      : asParts(content);
  const last = parts.at(-1);
  if (last === undefined || last.cache_control !== undefined) return message;
  return { ...message, content: [...parts.slice(0, -1), { ...last, cache_control: marker }] };
}

function asParts(content: Message["content"]): readonly Part[] {
  return Array.isArray(content) ? (content as readonly Part[]) : [];
}
