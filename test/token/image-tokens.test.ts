import * as fc from "fast-check";
import { expect, test } from "vitest";
import { imageSize } from "../../src/token/image-size.ts";
import { imageTokens } from "../../src/token/image-tokens.ts";
import { openaiFamilyOf } from "../../src/token/openai-families.ts";
import { PICTURES } from "./pictures.ts";

const MODELS = ["gpt-4o", "gpt-4o-mini", "o3", "gpt-5", "gpt-4.1-mini", "gpt-5-nano", "o4-mini"];

/** Costs by the rules of OpenAI's guide, in the order of {@link MODELS}. */
const VECTORS: readonly (readonly [width: number, height: number, ...tokens: readonly number[]])[] = [
  [1, 1, 255, 8500, 225, 210, 2, 3, 2],
  [128, 64, 255, 8500, 225, 210, 13, 20, 14],
  [300, 300, 255, 8500, 225, 210, 162, 246, 172],
  [512, 512, 255, 8500, 225, 210, 415, 630, 441],
  [513, 512, 425, 14167, 375, 350, 441, 670, 468],
  [1024, 1024, 765, 25501, 675, 630, 1659, 2520, 1762],
  [1920, 1080, 1105, 36835, 975, 910, 2443, 3710, 2594],
  [2048, 4096, 1105, 36835, 975, 910, 2362, 3587, 2508],
  [1800, 2400, 765, 25501, 675, 630, 2353, 3572, 2498],
  [4032, 3024, 765, 25501, 675, 630, 2353, 3572, 2498],
];

function costs(width: number, height: number, detail?: string): (number | undefined)[] {
  return MODELS.map((model) => {
    const rule = openaiFamilyOf(model)?.image;
    return rule && imageTokens(rule, { width, height }, detail);
  });
}

test.each(VECTORS)(
  "a picture of %d × %d pixels costs what the published rules say",
  (width, height, ...tokens) => {
    expect(costs(width, height)).toEqual(tokens);
  },
);

test("the newest models take 2500 patches, and more at the original size", () => {
  const rule = { type: "patches", multiplier: 1, most: 2500, mostOriginal: 10_000 } as const;
  expect(imageTokens(rule, { width: 1920, height: 1080 })).toBe(2040);
  expect(imageTokens(rule, { width: 2048, height: 4096 })).toBe(2450);
  expect(imageTokens(rule, { width: 1800, height: 2400 })).toBe(2451);
  expect(imageTokens(rule, { width: 1800, height: 2400 }, "original")).toBe(57 * 75);
});

test("low detail costs the base, or the patches of a square of 512 pixels", () => {
  expect(costs(4032, 3024, "low")).toEqual([
    85,
    2833,
    75,
    70,
    expect.any(Number),
    expect.any(Number),
    expect.any(Number),
  ]);
  expect(
    imageTokens({ type: "patches", multiplier: 1, most: 1536 }, { width: 4000, height: 4000 }, "low"),
  ).toBe(256);
});

test("no picture costs more patches than there may be, and none costs nothing", () => {
  const side = fc.integer({ min: 1, max: 20_000 });
  fc.assert(
    fc.property(side, side, (width, height) => {
      const patches = imageTokens({ type: "patches", multiplier: 1, most: 1536 }, { width, height });
      expect(patches).toBeGreaterThanOrEqual(1);
      expect(patches).toBeLessThanOrEqual(1536);
      const tiles = (imageTokens({ type: "tiles", base: 85, tile: 170 }, { width, height }) - 85) / 170;
      expect(tiles).toBeGreaterThanOrEqual(1);
      expect(tiles).toBeLessThanOrEqual(8);
    }),
  );
});

test.each(Object.keys(PICTURES))("the size of a picture is read from the header: %s", (format) => {
  const bytes = PICTURES[format]?.(1234, 567) as Uint8Array;
  expect(imageSize(Buffer.from(bytes).toString("base64"))).toEqual({ width: 1234, height: 567 });
});

test("what is no picture, or is cut short, has no size, and never fails", () => {
  expect(imageSize("")).toBeUndefined();
  expect(imageSize(Buffer.from("<svg/>").toString("base64"))).toBeUndefined();
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(PICTURES)),
      fc.nat(40),
      fc.uint8Array({ maxLength: 40 }),
      (make, cut, rest) => {
        const bytes = Buffer.concat([make(8, 8).subarray(0, cut), rest]);
        const size = imageSize(bytes.toString("base64"));
        if (size !== undefined) expect(Math.min(size.width, size.height)).toBeGreaterThan(0);
      },
    ),
  );
});
