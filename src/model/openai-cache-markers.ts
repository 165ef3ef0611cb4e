import { isMarked } from "../formatter/cache-marker.ts";
import type { FormatWarning } from "../formatter/formatter-base.ts";
import { NO_TTL_ON_BREAKPOINTS } from "../formatter/openai-chat-formatter.ts";
import type { CacheControl } from "./generate-options.ts";

type Part = object;

/** The most breakpoints of one request, of Claude and of Qwen (wire notes 7.3, 2026-11). */
const MAX_MARKERS = 4;

/** Roles of instructions, by what models call them. */
const INSTRUCTIONS: ReadonlySet<string> = new Set(["system", "developer"]);

type Message = { readonly role: string; readonly content?: string | readonly Part[] | null };

/**
 * Puts the cache breakpoints that the portable option asks for on the last part of the instructions and of the last message,
 * for servers of the OpenAI chat wire, or of one like it (wire notes 2.1, 4.4 and 7.3, 2026-11).
 * Where parts bring breakpoints of their own and there are too many, the last ones stay: each reaches over all before it. OpenAI
 * takes any number: it finds what is cached by the earlier ones. Pure.
 */
export function markCachedParts<WireMessage extends Message>(
  messages: readonly WireMessage[],
  control: CacheControl | undefined,
  warn: FormatWarning,
  form: "cache_control" | "prompt_cache_breakpoint" = "cache_control",
): readonly WireMessage[] {
  const wanted = control === true ? { system: true, lastMessage: true } : control || {};
  if ("tools" in wanted && wanted.tools)
    warn("cacheControl.tools", "This wire has no breakpoints on tools; one on the instructions covers them.");
  const isOpenAI = form === "prompt_cache_breakpoint";
  const ttl = "ttl" in wanted ? wanted.ttl : undefined;
  if (isOpenAI && ttl !== undefined) warn("cacheControl.ttl", NO_TTL_ON_BREAKPOINTS);
  const marker = isOpenAI
    ? { prompt_cache_breakpoint: { mode: "explicit" } }
    : { cache_control: { type: "ephemeral", ...(ttl !== undefined && { ttl }) } };
  const system = wanted.system ? messages.findLastIndex(({ role }) => INSTRUCTIONS.has(role)) : -1;
  const last = wanted.lastMessage ? messages.length - 1 : -1;
  const marked = messages.map((message, index) =>
    index === system || index === last ? withMarker(message, marker) : message,
  );
  if (isOpenAI) return marked;
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
    typeof content === "string" && content !== "" ? [{ type: "text", text: content }] : asParts(content);
  const last = parts.at(-1);
  if (last === undefined || isMarked(last)) return message;
  return { ...message, content: [...parts.slice(0, -1), { ...last, ...marker }] };
}

function asParts(content: Message["content"]): readonly Part[] {
  return Array.isArray(content) ? (content as readonly Part[]) : [];
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
      const { cache_control: _dropped, ...rest } = part as { cache_control?: unknown };
      return rest;
    });
    return { ...message, content };
  });
}
