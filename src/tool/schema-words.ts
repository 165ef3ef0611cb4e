// What the keywords of a schema say to a reader, and what they say of values.

/** Says nothing about values. */
const SILENT: ReadonlySet<string> = new Set(["$schema", "$id", "$comment", "$anchor", "id"]);

/** Says nothing by itself: what is in it counts where it is referred to. */
export const DEFINITIONS: ReadonlySet<string> = new Set(["$defs", "definitions"]);

/** Says something to a reader, but allows the same values with and without it. */
export const ANNOTATIONS: ReadonlySet<string> = new Set([
  "default",
  "deprecated",
  "description",
  "examples",
  "readOnly",
  "title",
  "writeOnly",
]);

/** Says nothing about values: words, and what counts only where it is referred to. */
export function isWord(keyword: string): boolean {
  return ANNOTATIONS.has(keyword) || SILENT.has(keyword) || DEFINITIONS.has(keyword);
}

/** The texts among these, with a blank between them. */
export function join(...parts: readonly unknown[]): string {
  return parts.filter((part) => typeof part === "string" && part !== "").join(" ");
}
