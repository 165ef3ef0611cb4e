import { imageSize } from "./image-size.ts";
import { type ImageRule, type ImageSize, imageTokens } from "./image-tokens.ts";
import type { MediaPiece } from "./prompt-pieces.ts";

/** What a medium costs. */
export interface MediaTokens {
  readonly tokens: number;
  /** False for everything but a picture whose size is known and whose price is published. */
  readonly exact: boolean;
}

/** Stands in for pictures that are only named by an address: nothing is downloaded to be counted. */
const USUAL_IMAGE: ImageSize = { width: 1024, height: 1024 };

/** OpenAI hears ten tokens in a second of sound. */
const AUDIO_TOKENS_PER_SECOND = 10;

/** Gemini's figure: one frame a second, and the sound. */
const VIDEO_TOKENS_PER_SECOND = 295;

/** A page of a document is read as text and looked at as a picture. */
const TOKENS_PER_PAGE = 1500;

const BYTES_PER_TOKEN = 4;

/** Sound and video of usual quality; what is uncompressed says its rate itself. */
const AUDIO_BYTES_PER_SECOND = 16_000;
const VIDEO_BYTES_PER_SECOND = 250_000;

/** Stands in for sounds and videos that are only named. */
const USUAL_SECONDS = 60;

/** @param rule what the model's pictures cost; without one a middling price is assumed */
export function mediaTokens(media: MediaPiece, rule: ImageRule | undefined): MediaTokens {
  switch (media.kind) {
    case "image": {
      const size = media.data === undefined ? undefined : imageSize(media.data);
      const tokens = imageTokens(rule ?? USUAL_RULE, size ?? USUAL_IMAGE, media.detail);
      return { tokens, exact: size !== undefined && rule !== undefined };
    }
    case "audio":
      return estimate(secondsOfAudio(media) * AUDIO_TOKENS_PER_SECOND);
    case "video":
      return estimate(
        (bytesOf(media, VIDEO_BYTES_PER_SECOND * USUAL_SECONDS) / VIDEO_BYTES_PER_SECOND) *
          VIDEO_TOKENS_PER_SECOND,
      );
    default:
      return estimate(tokensOfFile(media));
  }
}

const USUAL_RULE: ImageRule = { type: "tiles", base: 85, tile: 170 };

function estimate(tokens: number): MediaTokens {
  return { tokens: Math.max(1, Math.ceil(tokens)), exact: false };
}

function secondsOfAudio(media: MediaPiece): number {
  const { data } = media;
  if (data === undefined) return USUAL_SECONDS;
  const head = Buffer.from(data.slice(0, 64), "base64");
  const isWave = head.length >= 32 && head.toString("latin1", 0, 4) === "RIFF";
  const perSecond = isWave ? head.readUInt32LE(28) : 0;
  return bytesOf(media, 0) / (perSecond > 0 ? perSecond : AUDIO_BYTES_PER_SECOND);
}

function tokensOfFile(media: MediaPiece): number {
  if (media.data === undefined) return TOKENS_PER_PAGE;
  if (/^text\/|json|xml/.test(media.mediaType ?? "")) return bytesOf(media, 0) / BYTES_PER_TOKEN;
  // Each page of a PDF is an object that says so, unless the file packs its objects: then it counts as one.
  const pages = Buffer.from(media.data, "base64")
    .toString("latin1")
    .match(/\/Type\s*\/Page\b/g);
  return TOKENS_PER_PAGE * Math.max(1, pages?.length ?? 0);
}

function bytesOf({ data }: MediaPiece, otherwise: number): number {
  return data === undefined ? otherwise : Buffer.byteLength(data, "base64");
}
