import type { RateLimit } from "../error/model-error.ts";

/** Response headers as undici gives them. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** One header as a string. */
export function header(headers: ResponseHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" || value === undefined ? value : value.join(", ");
}

/**
 * How long the provider asks to wait, in milliseconds: `retry-after-ms`, else `retry-after` in seconds or as a date.
 * Undefined when there is none, or none that makes sense.
 */
export function retryAfterMs(headers: ResponseHeaders, now: number = Date.now()): number | undefined {
  const milliseconds = Number.parseFloat(header(headers, "retry-after-ms") ?? "");
  if (milliseconds >= 0) return milliseconds;
  const value = header(headers, "retry-after")?.trim();
  if (!value) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(value)) return Number.parseFloat(value) * 1000;
  return untilDate(value, now);
}

/** Milliseconds until a date; undefined for anything else (`Date.parse` takes many numbers for one). */
function untilDate(value: string, now: number): number | undefined {
  const date = /[a-z]/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

const RATE_LIMIT_HEADER =
  /^(?:(?:x|anthropic)-ratelimit-|anthropic-(?=priority-))(?:(limit|remaining|reset)-(.+)|(.+)-(limit|remaining|reset))$/;

/** The allowances that the `x-ratelimit-*`, `anthropic-ratelimit-*` and `anthropic-priority-*` headers tell of. */
export function rateLimits(headers: ResponseHeaders, now: number = Date.now()): RateLimit[] | undefined {
  const byName = new Map<string, { name: string; limit?: number; remaining?: number; resetMs?: number }>();
  for (const key of Object.keys(headers)) {
    const found = RATE_LIMIT_HEADER.exec(key);
    if (found === null) continue;
    const [, first, after, before, second] = found;
    const part = first ?? second;
    const name = after ?? before;
    const value = header(headers, key);
    if (part === undefined || name === undefined || value === undefined) continue;
    const parsed = part === "reset" ? resetMs(value, now) : Number(value.trim() || Number.NaN);
    if (parsed === undefined || Number.isNaN(parsed)) continue;
    const entry = byName.get(name) ?? { name };
    byName.set(name, entry);
    if (part === "reset") entry.resetMs = parsed;
    else if (part === "limit") entry.limit = parsed;
    else entry.remaining = parsed;
  }
  return byName.size === 0 ? undefined : [...byName.values()];
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A Go duration (`6m0s`, `17ms`), a date, or plain seconds. */
function resetMs(value: string, now: number): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value) * 1000;
  if (/^(?:\d+(?:\.\d+)?(?:[mnuµ]s|[smhd]))+$/.test(value)) {
    let total = 0;
    for (const [, amount, unit] of value.matchAll(/(\d+(?:\.\d+)?)([mnuµ]s|[smhd])/g)) {
      total += Number(amount) * (UNIT_MS[unit as string] as number);
    }
    return total;
  }
  return untilDate(value, now);
}
