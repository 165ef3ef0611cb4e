import type { FormatWarning } from "../formatter/formatter-base.ts";
import type { CacheControl } from "./generate-options.ts";

type Part = { readonly type?: string; readonly cache_control?: unknown };

/** The most breakpoints of one request, of Claude and of Qwen (wire notes 7.3, 2026-11). */
const MAX_MARKERS = 4;

type Message = { readonly role: string; readonly content?: string | readonly Part[] | null };

/**
 * Puts the cache breakpoints that the portable option asks for on the last part of the instructions and of the last message,
 * for servers that take `cache_control` on parts: of the OpenAI chat wire, or of one like it (wire notes 4.4 and 7.3, 2026-11).
 * Where parts bring breakpoints of their own and there are too many, the last ones stay: each reaches over all before it. Pure.
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
  const marked = messages.map((message, index) =>
    index === system || index === last ? withMarker(message, marker) : message,
  );
  const excess = marked.flatMap(({ content }) => asParts(content)).filter(isMarked).length - MAX_MARKERS;
  if (excess <= 0) return marked;
  warn(
    "cacheControl",
    `A request holds ${MAX_MARKERS} cache breakpoints at most; the first ${excess} were left out.`,
  );
  return withoutFirst(marked, excess);
}

/** The message with a breakpoint on its last part; one without content has no place for it. */
function withMarker<WireMessage extends Message>(message: WireMessage, marker: object): WireMessage {
  const { content } = message;
  const parts: readonly Part[] =
    typeof content === "string" && content !== ""
      ? [{ type: "text", text: content } as Part]
      : asParts(content);
  const last = parts.at(-1);
  if (last === undefined || isMarked(last)) return message;
  return { ...message, content: [...parts.slice(0, -1), { ...last, cache_control: marker }] };
}

function asParts(content: Message["content"]): readonly Part[] {
  return Array.isArray(content) ? (content as readonly Part[]) : [];
}

function isMarked(part: Part): boolean {
  return part.cache_control !== undefined;
}

function withoutFirst<WireMessage extends Message>(
  messages: readonly WireMessage[],
  count: number,
): readonly WireMessage[] {
  let left = count;
  return messages.map((message) => {
    const parts = asParts(message.content);
    if (left === 0 || !parts.some(isMarked)) return message;
    const content = parts.map((part) => {
      if (!isMarked(part) || left === 0) return part;
      left -= 1;
      const { cache_control: _dropped, ...rest } = part;
      return rest;
    });
    return { ...message, content };
  });
}
