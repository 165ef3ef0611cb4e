import type { ContentBlock } from "../message/content-block.ts";

/** A cache breakpoint as Anthropic writes it, and those who took it over from there. */
export interface CacheMarker {
  cache_control?: { type: "ephemeral"; ttl?: "5m" | "1h" };
}

/** Whether a part of the content bears a breakpoint, in either form. */
export function isMarked(part: object): boolean {
  return "cache_control" in part || "prompt_cache_breakpoint" in part;
}

/** The breakpoint that a block brings for the provider that it goes to: `providerMetadata.<provider>.cacheControl`. */
export function cacheMarkerOf({ providerMetadata }: ContentBlock, provider: string | undefined): CacheMarker {
  const cacheControl = provider === undefined ? undefined : providerMetadata?.[provider]?.["cacheControl"];
  if (!cacheControl) return {};
  const { ttl } = cacheControl as { readonly ttl?: unknown };
  return {
    cache_control: { type: "ephemeral", ...((ttl === "5m" || ttl === "1h") && { ttl }) },
  };
}
