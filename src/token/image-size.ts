import type { ImageSize } from "./image-tokens.ts";

/** Most headers stand in the first bytes; a JPEG may carry its camera's data and a preview before its size. */
const FIRST_BYTES = 64 * 1024;

/** Width and height of a PNG, JPEG, GIF or WebP, read from its header; undefined when the bytes are none of these. */
export function imageSize(base64: string): ImageSize | undefined {
  const firstDigits = (FIRST_BYTES / 3) * 4;
  const size = sizeIn(Buffer.from(base64.slice(0, Math.ceil(firstDigits)), "base64"));
  if (size !== undefined || base64.length <= firstDigits) return size;
  return sizeIn(Buffer.from(base64, "base64"));
}

function sizeIn(bytes: Buffer): ImageSize | undefined {
  try {
    const size = FORMATS.find(({ isIt }) => isIt(bytes))?.size(bytes);
    return size !== undefined && size.width > 0 && size.height > 0 ? size : undefined;
  } catch (error) {
    // A header that is cut short.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const FORMATS: readonly {
  readonly isIt: (bytes: Buffer) => boolean;
  readonly size: (bytes: Buffer) => ImageSize | undefined;
}[] = [
  {
    isIt: (bytes) => bytes.toString("latin1", 1, 4) === "PNG",
    size: (bytes) => ({ width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }),
  },
  {
    isIt: (bytes) => bytes.toString("latin1", 0, 4) === "GIF8",
    size: (bytes) => ({ width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }),
  },
  {
    isIt: (bytes) => bytes.toString("latin1", 0, 4) === "RIFF" && bytes.toString("latin1", 8, 12) === "WEBP",
    size: webpSize,
  },
  { isIt: (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8, size: jpegSize },
];

/** The three kinds of WebP: lossy, lossless, extended. */
function webpSize(bytes: Buffer): ImageSize | undefined {
  switch (bytes.toString("latin1", 12, 16)) {
    case "VP8 ":
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case "VP8L": {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8X":
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}

/** Markers SOF0 to SOF15 hold the size; the three among them that mean something else do not. */
function jpegSize(bytes: Buffer): ImageSize | undefined {
  let at = 2;
  while (bytes.readUInt8(at) === 0xff) {
    const marker = bytes.readUInt8(at + 1);
    if (marker === 0xff) {
      at += 1; // padding
    } else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    } else {
      at += 2 + bytes.readUInt16BE(at + 2);
    }
  }
  return undefined;
}
