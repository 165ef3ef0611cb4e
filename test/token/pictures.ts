/** The beginning of a picture file of each format, with the size in its header: what a counter looks at. */
export const PICTURES: Readonly<Record<string, (width: number, height: number) => Uint8Array>> = {
  png: (width, height) => {
    const bytes = Buffer.alloc(33);
    bytes.write("\x89PNG\r\n\x1A\n", 0, "latin1");
    bytes.writeUInt32BE(13, 8);
    bytes.write("IHDR", 12, "latin1");
    bytes.writeUInt32BE(width, 16);
    bytes.writeUInt32BE(height, 20);
    return bytes;
  },
  gif: (width, height) => {
    const bytes = Buffer.alloc(13);
    bytes.write("GIF89a", 0, "latin1");
    bytes.writeUInt16LE(width, 6);
    bytes.writeUInt16LE(height, 8);
    return bytes;
  },
  jpeg: (width, height) => jpeg(width, height, 200),
  "jpeg with a large preview": (width, height) => jpeg(width, height, 60_000, 60_000),
  "lossy webp": (width, height) => {
    const bytes = webp("VP8 ");
    bytes.writeUInt16LE(width, 26);
    bytes.writeUInt16LE(height, 28);
    return bytes;
  },
  "lossless webp": (width, height) => {
    const bytes = webp("VP8L");
    bytes.writeUInt32LE(((width - 1) | ((height - 1) << 14)) >>> 0, 21);
    return bytes;
  },
  "extended webp": (width, height) => {
    const bytes = webp("VP8X");
    bytes.writeUIntLE(width - 1, 24, 3);
    bytes.writeUIntLE(height - 1, 27, 3);
    return bytes;
  },
};

/** A PNG of a size, as base64. */
export function png(width: number, height: number): string {
  return Buffer.from(
    (PICTURES["png"] as (width: number, height: number) => Uint8Array)(width, height),
  ).toString("base64");
}

function webp(kind: string): Buffer {
  const bytes = Buffer.alloc(30);
  bytes.write("RIFF", 0, "latin1");
  bytes.write("WEBP", 8, "latin1");
  bytes.write(kind, 12, "latin1");
  return bytes;
}

function jpeg(width: number, height: number, ...metadata: readonly number[]): Buffer {
  const segments = metadata.map((length) => {
    const segment = Buffer.alloc(2 + length);
    segment.writeUInt16BE(0xffe1, 0);
    segment.writeUInt16BE(length, 2);
    return segment;
  });
  const frame = Buffer.alloc(12);
  frame.writeUInt16BE(0xffff, 0); // a byte of padding
  frame.writeUInt16BE(0xffc2, 1);
  frame.writeUInt16BE(9, 3);
  frame.writeUInt16BE(height, 6);
  frame.writeUInt16BE(width, 8);
  return Buffer.concat([Buffer.from([0xff, 0xd8]), ...segments, frame]);
}
