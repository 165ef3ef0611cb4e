import * as fc from "fast-check";

/** The bytes, cut at these parts of their length. */
export function cutAt(bytes: Buffer, parts: readonly number[]): Buffer[] {
  const places = [
    0,
    ...parts.map((part) => Math.floor(part * bytes.length)).toSorted((a, b) => a - b),
    bytes.length,
  ];
  return places.slice(1).map((to, index) => bytes.subarray(places[index], to));
}

/** A part of a length. */
export const anyPlace: fc.Arbitrary<number> = fc.double({ min: 0, max: 1, noNaN: true });
