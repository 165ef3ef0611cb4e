import { UnsupportedError } from "../error/errors-by-kind.ts";
import type { DataBlock } from "../message/content-block.ts";
import type { OpenAIChatSwitches, OpenAICompatiblePart } from "../wire/openai-chat.ts";
import type { FormatterOptions } from "./formatter-base.ts";
import { assertAccepted, resolveSource } from "./media.ts";
import type { OpenAICallContext } from "./openai-chat-formatter.ts";

/**
 * A medium as a server of the OpenAI chat wire takes it.
 *
 * @throws ModelError `unsupported` for what the server or the model does not take
 */
export async function openaiMediaPart(
  block: DataBlock,
  context: OpenAICallContext,
  mediaResolver: FormatterOptions["mediaResolver"],
): Promise<OpenAICompatiblePart> {
  assertAccepted(block, context.inputTypes);
  const { switches, provider } = context;
  const { mediaType } = block.source;
  const isImage = mediaType.startsWith("image/");
  const isVideo = mediaType.startsWith("video/");
  if (isVideo && switches.videos === "none") {
    throw new UnsupportedError(
      `This wire carries images, wav and mp3 audio, and files, but no ${mediaType}.`,
    );
  }
  const source = await resolveSource(block.source, {
    fetchesUrls: fetchesUrls(mediaType, switches),
    mediaResolver,
  });
  if (source.type === "file" && switches.mediaFileIds === "none") {
    throw new UnsupportedError(
      `${provider ?? "This server"} keeps no files, so it knows none by an id. Send the bytes.`,
    );
  }
  const isDocument = !/^(?:image|audio|video)\//.test(mediaType);
  if (source.type === "file" && switches.mediaFileIds === "documents" && !isDocument) {
    throw new UnsupportedError(
      `${provider ?? "This server"} knows only documents by the id of an upload, but no ${mediaType}. Send the bytes.`,
    );
  }
  if (source.type === "file" && (switches.mediaFileIds === "file" || !(isImage || isVideo)))
    return { type: "file", file: { file_id: source.fileId } };
  const url =
    source.type === "url"
      ? source.url
      : source.type === "file"
        ? `${switches.mediaFileIds}//${source.fileId}`
        : `data:${source.mediaType};base64,${source.data}`;
  if (isImage) {
    const detail = provider === undefined ? undefined : block.providerMetadata?.[provider]?.["detail"];
    return { type: "image_url", image_url: { url, ...(isDetail(detail) && { detail }) } };
  }
  if (isVideo) return { type: "video_url", video_url: { url } };
  if (mediaType.startsWith("audio/") && source.type === "url" && switches.audios === "audio_url")
    return { type: "audio_url", audio_url: { url } };
  if (mediaType.startsWith("audio/") && source.type !== "file") {
    const format = audioFormat(mediaType);
    if (source.type === "url") return { type: "input_audio", input_audio: { data: url, format } };
    const data = switches.audios === "urls" ? `data:;base64,${source.data}` : source.data;
    return { type: "input_audio", input_audio: { data, format } };
  }
  if (!switches.fileBytes) {
    throw new UnsupportedError(
      `${provider ?? "This server"} takes files only by the id of an uploaded one: file({ fileId }, { mediaType: "${mediaType}" }).`,
    );
  }
  return { type: "file", file: { file_data: url, filename: block.name ?? defaultFileName(mediaType) } };
}

/** Whether the server itself reads media of this type from an http(s) address. */
function fetchesUrls(mediaType: string, { imageUrls, audios, videos }: OpenAIChatSwitches): boolean {
  if (mediaType.startsWith("image/")) return imageUrls;
  if (mediaType.startsWith("video/")) return videos === "urls";
  return mediaType.startsWith("audio/") && audios !== "base64";
}

function isDetail(value: unknown): value is "auto" | "low" | "high" {
  return DETAILS.has(value);
}

/** OpenAI's newest one is not in the types of its SDK 6.49, which ours are held against. */
const DETAILS: ReadonlySet<unknown> = new Set(["auto", "low", "high", "original"]);

function audioFormat(mediaType: string): "wav" | "mp3" {
  if (/^audio\/(?:wav|x-wav|wave|\*)$/.test(mediaType)) return "wav";
  if (/^audio\/(?:mpeg|mp3)$/.test(mediaType)) return "mp3";
  throw new UnsupportedError(`This wire takes audio as wav or mp3, not ${mediaType}. Convert it first.`);
}

function defaultFileName(mediaType: string): string {
  return mediaType === "application/pdf" ? "document.pdf" : `file.${mediaType.split("/").at(-1) as string}`;
}
