import type { ImageRule } from "./image-tokens.ts";
import type { EncodingName } from "./text-encoding.ts";

/** What is known of how a family of OpenAI's models counts. */
export interface OpenAIFamily {
  /** Model names of the family begin with it; of several the longest counts. */
  readonly prefix: string;
  readonly encoding: EncodingName;
  /** Whether OpenAI has published what a chat of these models costs beside its texts. */
  readonly isDocumented?: boolean;
  /** What pictures cost; absent where the family reads none. */
  readonly image?: ImageRule;
}

const TILES_85: ImageRule = { type: "tiles", base: 85, tile: 170 };
const TILES_75: ImageRule = { type: "tiles", base: 75, tile: 150 };
const TILES_70: ImageRule = { type: "tiles", base: 70, tile: 140 };
const PATCHES_MINI: ImageRule = { type: "patches", multiplier: 1.62, most: 1536 };
const PATCHES_NANO: ImageRule = { type: "patches", multiplier: 2.46, most: 1536 };
// Two figures are told for the newest models, 1.0 and 1.2: a prompt that turns out shorter does no harm.
const PATCHES_5_2: ImageRule = { type: "patches", multiplier: 1.2, most: 1536 };
const PATCHES_5_4: ImageRule = { type: "patches", multiplier: 1.2, most: 2500, mostOriginal: 10_000 };

/**
 * Encodings as in openai/tiktoken 0.14, picture costs as in OpenAI's guide to images and vision, chat costs as in the
 * OpenAI cookbook ("How to count tokens with tiktoken"); checked 2026-11.
 */
const FAMILIES: readonly OpenAIFamily[] = [
  { prefix: "babbage-002", encoding: "cl100k_base" },
  { prefix: "davinci-002", encoding: "cl100k_base" },
  { prefix: "text-embedding-", encoding: "cl100k_base" },
  { prefix: "gpt-3.5", encoding: "cl100k_base", isDocumented: true },
  { prefix: "gpt-35-turbo", encoding: "cl100k_base", isDocumented: true },
  { prefix: "gpt-4", encoding: "cl100k_base", isDocumented: true },
  { prefix: "gpt-4-turbo", encoding: "cl100k_base", isDocumented: true, image: TILES_85 },
  { prefix: "gpt-4-vision", encoding: "cl100k_base", isDocumented: true, image: TILES_85 },
  { prefix: "gpt-4o", encoding: "o200k_base", isDocumented: true, image: TILES_85 },
  {
    prefix: "gpt-4o-mini",
    encoding: "o200k_base",
    isDocumented: true,
    image: { type: "tiles", base: 2833, tile: 5667 },
  },
  { prefix: "chatgpt-4o", encoding: "o200k_base", isDocumented: true, image: TILES_85 },
  { prefix: "gpt-4.1", encoding: "o200k_base", image: TILES_85 },
  { prefix: "gpt-4.1-mini", encoding: "o200k_base", image: PATCHES_MINI },
  { prefix: "gpt-4.1-nano", encoding: "o200k_base", image: PATCHES_NANO },
  { prefix: "gpt-4.5", encoding: "o200k_base", image: TILES_85 },
  { prefix: "gpt-5", encoding: "o200k_base", image: TILES_70 },
  { prefix: "gpt-5-mini", encoding: "o200k_base", image: PATCHES_MINI },
  { prefix: "gpt-5-nano", encoding: "o200k_base", image: PATCHES_NANO },
  { prefix: "gpt-5.", encoding: "o200k_base", image: PATCHES_5_4 },
  { prefix: "gpt-5.1", encoding: "o200k_base", image: TILES_70 },
  { prefix: "gpt-5.2", encoding: "o200k_base", image: PATCHES_5_2 },
  { prefix: "gpt-5.2-chat", encoding: "o200k_base", image: TILES_70 },
  { prefix: "gpt-5.3", encoding: "o200k_base", image: PATCHES_5_2 },
  { prefix: "gpt-5.3-chat", encoding: "o200k_base", image: TILES_70 },
  { prefix: "gpt-5.4-mini", encoding: "o200k_base", image: PATCHES_MINI },
  { prefix: "o1", encoding: "o200k_base", image: TILES_75 },
  { prefix: "o1-mini", encoding: "o200k_base" },
  { prefix: "o3", encoding: "o200k_base", image: TILES_75 },
  { prefix: "o3-mini", encoding: "o200k_base" },
  { prefix: "o4-mini", encoding: "o200k_base", image: { type: "patches", multiplier: 1.72, most: 1536 } },
  {
    prefix: "computer-use-preview",
    encoding: "o200k_base",
    image: { type: "tiles", base: 65, tile: 129 },
  },
  { prefix: "gpt-oss", encoding: "o200k_harmony" },
  { prefix: "gpt-realtime", encoding: "o200k_base", image: TILES_85 },
  { prefix: "gpt-audio", encoding: "o200k_base" },
  { prefix: "codex-", encoding: "o200k_base" },
];

/**
 * The family of a model, or undefined for a name that tells of none. Dates, fine-tunes (`ft:gpt-4o:org::id`) and the owner
 * that some servers put before the name (`openai/gpt-4o`) make no difference.
 */
export function openaiFamilyOf(modelName: string): OpenAIFamily | undefined {
  const name = modelName.toLowerCase().replace(/^ft:/, "").replace(/^.*\//, "");
  let best: OpenAIFamily | undefined;
  for (const family of FAMILIES) {
    if (name.startsWith(family.prefix) && family.prefix.length > (best?.prefix.length ?? 0)) best = family;
  }
  return best;
}

/** What a name that nobody knows is taken for: the encoding of every model since 2024. */
export const UNKNOWN_FAMILY: OpenAIFamily = { prefix: "", encoding: "o200k_base", image: TILES_85 };
