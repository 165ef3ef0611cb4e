import * as fc from "fast-check";

/** Every place in a value, as the keys that lead there. */
export function placesOf(value: unknown, way: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [way];
  return [way, ...Object.entries(value).flatMap(([key, inner]) => placesOf(inner, [...way, key]))];
}

/** The value with something else in one place. */
export function withAt(value: unknown, [key, ...rest]: readonly string[], other: unknown): unknown {
  if (key === undefined) return other;
  const copy: Record<string, unknown> = { ...(value as Record<string, unknown>) };
  copy[key] = withAt(copy[key], rest, other);
  return Array.isArray(value) ? Object.values(copy) : copy;
}

/** Any value, the awkward ones often. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e308, "", "x", [], {}, [null], [[]], { length: 1 }, [{}]),
  fc.jsonValue({ maxDepth: 2 }),
);
