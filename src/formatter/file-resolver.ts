import { mediaTypeOfPath } from "../message/data-blocks.ts";
import type { MediaResolver } from "./formatter-base.ts";

/**
 * A {@link MediaResolver} that reads local files: paths and `file:` URLs. Opt in only where the paths are your own; a path
 * that comes from a user or a model would be read just the same.
 *
 * @throws the file system's error when a file cannot be read
 */
export function fileResolver(): MediaResolver {
  return async (url, mediaType) => {
    if (/^https?:/i.test(url)) return undefined;
    const { readFile } = await import("node:fs/promises");
    const bytes = await readFile(url.startsWith("file:") ? new URL(url) : url);
    return {
      data: bytes.toString("base64"),
      mediaType: mediaType.endsWith("/*") ? (mediaTypeOfPath(url) ?? mediaType) : mediaType,
    };
  };
}
