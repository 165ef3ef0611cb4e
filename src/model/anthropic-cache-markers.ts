import type { FormatWarning } from "../formatter/formatter-base.ts";
import type { AnthropicCacheControl, AnthropicRequest, AnthropicTurn } from "../wire/anthropic.ts";
import type { CacheControl } from "./generate-options.ts";

/** The most breakpoints of one request (Anthropic's prompt-caching page, 2026-11). */
const MAX_MARKERS = 4;

/** Blocks that cannot bear a breakpoint. */
const UNMARKABLE: ReadonlySet<string> = new Set(["thinking", "redacted_thinking"]);

type Markable = { readonly type?: string; cache_control?: AnthropicCacheControl };

type CachedParts = Pick<AnthropicRequest, "tools" | "system" | "messages">;

/**
 * Puts the breakpoints that the portable option asks for at the ends of tools, instructions and messages. Where blocks
 * bring breakpoints of their own and there are too many, the last ones stay: each reaches over all before it. Pure.
 *
 * @param reserved how many breakpoints stand elsewhere in the request
 */
export function placeCacheMarkers(
  { tools, system, messages }: CachedParts,
  control: CacheControl | undefined,
  reserved: number,
  warn: FormatWarning,
): CachedParts {
  const wanted = control === true ? { system: true, tools: true, lastMessage: true } : control || {};
  const marker: AnthropicCacheControl = {
    type: "ephemeral",
    ...("ttl" in wanted && wanted.ttl !== undefined && { ttl: wanted.ttl }),
  };
  const lastTurn = messages.at(-1);
  const marked: CachedParts = {
    ...(tools !== undefined && { tools: wanted.tools ? withMarker(tools, marker) : tools }),
    ...(system !== undefined && { system: wanted.system ? withMarker(system, marker) : system }),
    messages:
      wanted.lastMessage && lastTurn !== undefined
        ? [...messages.slice(0, -1), withContent(lastTurn, withMarker<Markable>(lastTurn.content, marker))]
        : messages,
  };
  const excess = countMarkers(marked) + reserved - MAX_MARKERS;
  if (excess <= 0) return marked;
  warn(
    "cacheControl",
    `A request holds ${MAX_MARKERS} cache breakpoints at most; the first ${excess} were left out.`,
  );
  return withoutFirst(marked, excess);
}

/** The list with a breakpoint on its last block that can bear one. */
function withMarker<Block extends Markable>(
  blocks: readonly Block[],
  marker: AnthropicCacheControl,
): Block[] {
  const position = blocks.findLastIndex(({ type }) => type === undefined || !UNMARKABLE.has(type));
  return blocks.map((block, index) =>
    index === position && block.cache_control === undefined ? { ...block, cache_control: marker } : block,
  );
}

function countMarkers({ tools = [], system = [], messages }: CachedParts): number {
  const blocks: Markable[] = [...tools, ...system, ...messages.flatMap(({ content }): Markable[] => content)];
  return blocks.filter((block) => block.cache_control !== undefined).length;
}

function withoutFirst({ tools, system, messages }: CachedParts, count: number): CachedParts {
  let left = count;
  const unmark = <Block extends Markable>(blocks: readonly Block[]): Block[] =>
    blocks.map((block) => {
      if (block.cache_control === undefined || left === 0) return block;
      left -= 1;
      const { cache_control: _dropped, ...rest } = block;
      return rest as Block;
    });
  return {
    ...(tools !== undefined && { tools: unmark(tools) }),
    ...(system !== undefined && { system: unmark(system) }),
    messages: messages.map((turn) => withContent(turn, unmark<Markable>(turn.content))),
  };
}

function withContent(turn: AnthropicTurn, content: readonly Markable[]): AnthropicTurn {
  return { ...turn, content } as AnthropicTurn;
}
