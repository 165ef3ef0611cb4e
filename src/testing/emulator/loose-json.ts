/** JSON of a request, before anyone has said that it is what it should be. */
export type LooseObject = Readonly<Record<string, unknown>>;

/** The object; an empty one for anything else. */
export function asObject(value: unknown): LooseObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as LooseObject) : {};
}

/** The list; an empty one for anything else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The text; an empty one for anything else. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Providers read `null` as if the field were not there. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
