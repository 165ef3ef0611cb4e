import { ConfigurationError, UnsupportedError } from "../error/errors-by-kind.ts";
import type { ContentBlock, DataBlock, DataSource } from "../message/content-block.ts";
import { acceptsMediaType } from "../message/accepted-media.ts";
import type { Msg } from "../message/msg.ts";
import type { FormatWarning, MediaResolver } from "./formatter-base.ts";

/** Whether a URL is one that a provider could fetch itself. */
function isRemote(url: string): boolean {
  return /^https?:/i.test(url);
}

/**
 * The source as something that can be sent: bytes, a file id, or (where the provider fetches them) a remote URL.
 *
 * @throws ModelError `configuration` for a local file without a resolver · `unsupported` for a URL that nobody fetches
 */
export async function resolveSource(
  source: DataSource,
  {
    fetchesUrls,
    mediaResolver,
  }: { readonly fetchesUrls: boolean; readonly mediaResolver?: MediaResolver | undefined },
): Promise<DataSource> {
  if (source.type !== "url" || (fetchesUrls && isRemote(source.url))) return source;
  const media = await mediaResolver?.(source.url, source.mediaType);
  if (media !== undefined) return { type: "base64", ...media };
  if (isRemote(source.url)) {
    throw new UnsupportedError(
      `This provider does not fetch ${source.mediaType} from a URL (${source.url}). Send the bytes, or give the formatter a mediaResolver that downloads them.`,
    );
  }
  throw new ConfigurationError(
    `The file ${source.url} is not read without your leave. Send the bytes, or give the formatter a mediaResolver such as fileResolver().`,
  );
}

/**
 * @throws ModelError `unsupported` when the model does not read this kind of media
 */
export function assertAccepted({ source }: DataBlock, accepted: readonly string[] | undefined): void {
  if (accepted === undefined || acceptsMediaType(accepted, source.mediaType)) return;
  throw new UnsupportedError(
    `This model does not read ${source.mediaType}; it reads ${accepted.join(", ")}. Nothing was sent.`,
  );
}

/** What a medium becomes on the wire; undefined where the wire or the model has no place for it. */
export async function unlessUnsupported<Part>(medium: Promise<Part>): Promise<Part | undefined> {
  try {
    return await medium;
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
}

/** The messages, with words in the place of what an assistant showed and the model they go to cannot be shown. */
export async function readableMessages(
  messages: readonly Msg[],
  toMedia: (block: DataBlock) => Promise<unknown>,
  warn: FormatWarning | undefined,
): Promise<Msg[]> {
  const readable: Msg[] = [];
  for (const message of messages) {
    const content: ContentBlock[] = [];
    for (const block of message.content) {
      const isShown =
        message.role !== "assistant" ||
        block.type !== "data" ||
        (await unlessUnsupported(toMedia(block))) !== undefined;
      content.push(isShown ? block : { type: "text", id: block.id, text: describeAnswered(block, warn) });
    }
    readable.push(message.with({ content }));
  }
  return readable;
}

/** The words for a medium that an assistant showed and that does not go back as one, with a warning. */
export function describeAnswered(block: DataBlock, warn: FormatWarning | undefined): string {
  warn?.(
    "messages",
    `An assistant's ${block.source.mediaType} cannot be sent back; it was described in words.`,
  );
  return describeMedia(block);
}

/** What a model is told of media that it cannot be shown: its type and size, and its address where it has one. */
export function describeMedia({ source, name }: DataBlock): string {
  const kind = source.mediaType.startsWith("image/")
    ? "An image"
    : source.mediaType.startsWith("audio/")
      ? "An audio"
      : source.mediaType.startsWith("video/")
        ? "A video"
        : "A";
  const file = `${kind} file${name === undefined ? "" : ` named ${name}`}`;
  if (source.type === "url") return `${file} is returned and can be accessed at the URL: ${source.url}.`;
  if (source.type === "file") return `${file} is returned; the provider knows it as ${source.fileId}.`;
  return `${file} is returned (${source.mediaType}, ${Buffer.byteLength(source.data, "base64")} bytes).`;
}
