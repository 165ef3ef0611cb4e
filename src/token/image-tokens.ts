/**
 * What a picture costs, by one of OpenAI's two published methods: a base and a price for each tile of 512 × 512 pixels, or
 * a price for each patch of 32 × 32, of which there are at most so many.
 */
export type ImageRule =
  | { readonly type: "tiles"; readonly base: number; readonly tile: number }
  | {
      readonly type: "patches";
      readonly multiplier: number;
      readonly most: number;
      /** The most at detail `original`, where the model knows it. */
      readonly mostOriginal?: number;
    };

/** In pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** OpenAI's guide to images and vision, checked 2026-11. */
export function imageTokens(rule: ImageRule, size: ImageSize, detail = "auto"): number {
  if (rule.type === "tiles") {
    return detail === "low" ? rule.base : rule.base + rule.tile * tilesOf(size);
  }
  const most =
    detail === "low" ? MOST_LOW : detail === "original" ? (rule.mostOriginal ?? rule.most) : rule.most;
  return Math.ceil(patchesOf(size, most) * rule.multiplier);
}

const TILE = 512;
const LONGER_SIDE = 2048;
const SHORTER_SIDE = 768;
const PATCH = 32;

/** A picture of low detail is looked at in a square of 512 pixels. */
const MOST_LOW = (512 / PATCH) ** 2;

/** Large pictures are made smaller, small ones are never made larger. */
function tilesOf({ width, height }: ImageSize): number {
  const fit = Math.min(1, LONGER_SIDE / Math.max(width, height));
  const scale = fit * Math.min(1, SHORTER_SIDE / (Math.min(width, height) * fit));
  // Rounded first: 1536.0000000002 pixels are three tiles, not four.
  const tiles = (side: number): number => Math.max(1, Math.ceil(Math.round(side * scale) / TILE));
  return tiles(width) * tiles(height);
}

function patchesOf({ width, height }: ImageSize, most: number): number {
  const patches = (side: number): number => Math.max(1, Math.ceil(Math.round(side * 1000) / 1000 / PATCH));
  const whole = patches(width) * patches(height);
  if (whole <= most) return whole;
  const shrink = Math.sqrt((PATCH * PATCH * most) / (width * height));
  const [across, down] = [(width * shrink) / PATCH, (height * shrink) / PATCH];
  // Shrunk a little more, until a whole number of patches fits one of the sides.
  const scale = shrink * Math.min(Math.floor(across) / across, Math.floor(down) / down);
  return Math.min(most, patches(width * scale) * patches(height * scale));
}
