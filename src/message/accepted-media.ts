/** Whether a media type is among the accepted ones. `image/*` on either side stands for every picture. */
export function acceptsMediaType(accepted: readonly string[], mediaType: string): boolean {
  const [kind] = mediaType.split("/", 1);
  return accepted.some(
    (type) =>
      type === mediaType ||
      type === "*/*" ||
      type === `${kind}/*` ||
      (mediaType === `${kind}/*` && type.startsWith(`${kind}/`)) ||
      // A file of unknown type may be any of the documents that are accepted.
      (mediaType === "application/octet-stream" &&
        type.startsWith("application/") &&
        type !== "application/x-thinking"),
  );
}
