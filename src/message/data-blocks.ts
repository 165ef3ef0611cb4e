import { ConfigurationError } from "../error/errors-by-kind.ts";
import { createId, type DataBlock, type DataSource, type ProviderMetadata } from "./content-block.ts";

/** The bytes themselves, an http(s), `data:` or `file:` URL, a path of a local file, or the id of a file that the provider already has. */
export type DataInput = string | URL | Uint8Array | { readonly fileId: string };

/** Options of {@link image}, {@link audio}, {@link video} and {@link file}. */
export interface DataOptions {
  /** MIME type. @default from the `data:` URL or the file extension, else the kind's wildcard, for example `image/*` */
  mediaType?: string;
  /** A file name, where the provider shows one to the model. */
  name?: string;
  /** Hints for one provider, for example `{ openai: { detail: "low" } }`. */
  providerMetadata?: ProviderMetadata;
}

const MEDIA_TYPE_BY_EXTENSION: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  svg: "image/svg+xml",
  heic: "image/heic",
  wav: "audio/wav",
  mp3: "audio/mpeg",
  m4a: "audio/mp4",
  ogg: "audio/ogg",
  opus: "audio/opus",
  flac: "audio/flac",
  aac: "audio/aac",
  mp4: "video/mp4",
  mov: "video/quicktime",
  webm: "video/webm",
  mpeg: "video/mpeg",
  pdf: "application/pdf",
  txt: "text/plain",
  md: "text/markdown",
  csv: "text/csv",
  html: "text/html",
  json: "application/json",
};

/** A picture: `image("https://…/cat.png")`, `image(bytes, { mediaType: "image/png" })`, `image({ fileId })`. */
export function image(input: DataInput, options?: DataOptions): DataBlock {
  return dataBlock(input, "image/*", options);
}

/** Sound: `audio(bytes, { mediaType: "audio/wav" })`. */
export function audio(input: DataInput, options?: DataOptions): DataBlock {
  return dataBlock(input, "audio/*", options);
}

/** A video. */
export function video(input: DataInput, options?: DataOptions): DataBlock {
  return dataBlock(input, "video/*", options);
}

/** A document or any other file: `file("./report.pdf")`. A path is read by the formatter's media resolver, never here. */
export function file(input: DataInput, options?: DataOptions): DataBlock {
  return dataBlock(input, "application/octet-stream", options);
}

function dataBlock(input: DataInput, fallbackType: string, options: DataOptions = {}): DataBlock {
  return {
    type: "data",
    id: createId("data"),
    source: toSource(input, fallbackType, options.mediaType),
    ...(options.name !== undefined && { name: options.name }),
    ...(options.providerMetadata !== undefined && { providerMetadata: options.providerMetadata }),
  };
}

function toSource(input: DataInput, fallbackType: string, mediaType: string | undefined): DataSource {
  if (input instanceof Uint8Array) {
    const data = Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString("base64");
    return { type: "base64", data, mediaType: mediaType ?? fallbackType };
  }
  if (typeof input === "object" && !(input instanceof URL)) {
    return { type: "file", fileId: input.fileId, mediaType: mediaType ?? fallbackType };
  }
  const url = input.toString();
  if (url === "")
    throw new ConfigurationError("An empty string is not a URL or path of a file. Give one, or the bytes.");
  if (url.startsWith("data:")) return fromDataUrl(url, fallbackType, mediaType);
  return { type: "url", url, mediaType: mediaType ?? mediaTypeOfPath(url) ?? fallbackType };
}

function fromDataUrl(url: string, fallbackType: string, mediaType: string | undefined): DataSource {
  const comma = url.indexOf(",");
  if (comma < 0)
    throw new ConfigurationError(
      "A data: URL without a comma holds no data. Write it as data:image/png;base64,... .",
    );
  const [type, ...parameters] = url.slice("data:".length, comma).split(";");
  const payload = url.slice(comma + 1);
  const data = parameters.includes("base64")
    ? payload
    : Buffer.from(decodeURIComponent(payload), "utf8").toString("base64");
  return { type: "base64", data, mediaType: mediaType ?? (type || fallbackType) };
}

/** The MIME type a path or URL promises by its extension, or undefined. */
export function mediaTypeOfPath(path: string): string | undefined {
  const extension = /\.([a-z0-9]+)(?:[?#].*)?$/i.exec(path)?.[1]?.toLowerCase();
  return extension === undefined ? undefined : MEDIA_TYPE_BY_EXTENSION[extension];
}
