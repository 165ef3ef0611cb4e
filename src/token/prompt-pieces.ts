/** A picture, sound, video or file in a formatted message. */
export interface MediaPiece {
  readonly kind: "image" | "audio" | "video" | "file";
  readonly mediaType?: string | undefined;
  /** Base64; absent for what is only named by an address or an id. */
  readonly data?: string | undefined;
  /** How closely a picture is looked at, where the wire can say so. */
  readonly detail?: string | undefined;
}

/** Told of what a formatted message holds, in its order. */
export interface PieceSink {
  text(text: string): void;
  media(media: MediaPiece): void;
}

type Fields = Readonly<Record<string, unknown>>;

/** Fields that steer the provider and are not part of what the model reads. */
const NOT_READ: ReadonlySet<string> = new Set([
  "type",
  "role",
  "id",
  "tool_call_id",
  "tool_use_id",
  "call_id",
  "toolUseId",
  "signature",
  "thoughtSignature",
  "thought_signature",
  "encrypted_content",
  "cache_control",
  "providerMetadata",
  "is_error",
  "isError",
  "thought",
  "detail",
  "media_type",
  "mediaType",
  "mimeType",
  "mime_type",
  // A call of our own has its arguments twice: read and as they were written.
  "rawInput",
  "inputError",
  "status",
]);

/** Fields whose value is JSON that the model reads as such. */
const READ_AS_JSON: ReadonlySet<string> = new Set(["input", "args", "arguments", "response"]);

/** Fields that hold a medium: its address, a `data:` URL, base64, or an object around one of these. */
const MEDIA_FIELDS: ReadonlyMap<string, MediaPiece["kind"]> = new Map([
  ["image_url", "image"],
  ["image", "image"],
  ["images", "image"],
  ["video_url", "video"],
  ["video", "video"],
  ["input_audio", "audio"],
  ["audio", "audio"],
  ["file_data", "file"],
  ["file_id", "file"],
]);

/** Fields that hold a medium and its type. */
const SOURCE_FIELDS: ReadonlySet<string> = new Set(["source", "inlineData", "inline_data", "fileData"]);

/**
 * Finds the texts and media in a message of any wire, or in a block of our own, by the shapes that wires have in common.
 * Tolerant: what it does not know it takes for text.
 */
export function readPieces(value: unknown, sink: PieceSink, field = ""): void {
  if (NOT_READ.has(field) || value === null || value === undefined) return;
  const kind = MEDIA_FIELDS.get(field);
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) readPieces(item, sink, field);
  } else if (typeof value !== "object") {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    if (kind === undefined) sink.text(text);
    else sink.media({ kind, ...fromUrl(text) });
  } else if (kind !== undefined) {
    sink.media(mediaIn(value as Fields, kind));
  } else if (SOURCE_FIELDS.has(field) && !("content" in value) && (value as Fields)["type"] !== "text") {
    sink.media(mediaOfSource(value as Fields));
  } else if (READ_AS_JSON.has(field)) {
    sink.text(JSON.stringify(value));
  } else {
    for (const [name, each] of Object.entries(value)) readPieces(each, sink, name);
  }
}

/** `{ url, detail }` or `{ data, format }`. */
function mediaIn({ url, detail, data, format }: Fields, kind: MediaPiece["kind"]): MediaPiece {
  return {
    kind,
    mediaType: typeof format === "string" ? `${kind}/${format}` : undefined,
    data: textOf(data),
    ...(typeof url === "string" && fromUrl(url)),
    detail: textOf(detail),
  };
}

/** Sources as Anthropic, Gemini and our own blocks have them. */
function mediaOfSource(source: Fields): MediaPiece {
  const mediaType = textOf(
    source["media_type"] ?? source["mediaType"] ?? source["mimeType"] ?? source["mime_type"],
  );
  const [family] = mediaType?.split("/", 1) ?? [];
  const kind = family === "image" || family === "audio" || family === "video" ? family : "file";
  return { kind, mediaType, data: textOf(source["data"]) };
}

/** What a `data:` URL holds; an address holds nothing that could be looked at here. */
function fromUrl(url: string): Pick<MediaPiece, "mediaType" | "data"> {
  const head = /^data:([^;,]*)[^,]*;base64,/.exec(url.slice(0, 200));
  if (head !== null) return { mediaType: head[1], data: url.slice(head[0].length) };
  return /^[a-z][a-z+.-]*:|^file[_-]/i.test(url) ? {} : { data: url };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
