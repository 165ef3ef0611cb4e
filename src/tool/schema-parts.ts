import type { JsonSchema } from "./tool-schema.ts";

/** What stands at a schema's place, as an object: `true` allows anything, `false` nothing. */
export function asSchema(value: unknown): JsonSchema {
  if (value === false) return { not: {} };
  return isRecord(value) ? value : {};
}

export function asSchemas(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** Schemas by name: what stands under `properties`, `$defs` and the like. */
export function schemasByName(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

/** The names in `required`. */
export function requiredOf(schema: JsonSchema): ReadonlySet<string> {
  return new Set(asSchemas(schema["required"]).filter((name) => typeof name === "string"));
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a local reference (`#`, `#/$defs/name`) points at; undefined when there is nothing, or when it leads elsewhere. */
export function lookUp(root: JsonSchema, reference: unknown): unknown {
  if (typeof reference !== "string" || !reference.startsWith("#")) return undefined;
  let found: unknown = root;
  for (const step of reference.slice(1).split("/").slice(1)) {
    const name = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(found)) found = (found as readonly unknown[])[Number(name)];
    else found = isRecord(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return found;
}

/** A schema with its references to other places followed; one that leads in a circle, or nowhere, is as good as none. */
export function followed(schema: unknown, root: JsonSchema): JsonSchema {
  let spec = asSchema(schema);
  for (let steps = 0; spec["$ref"] !== undefined && steps < 32; steps++) {
    const { $ref, ...siblings } = spec;
    spec = { ...asSchema(lookUp(root, $ref) ?? true), ...siblings };
  }
  return spec;
}

/** The alternatives of a schema. */
export function alternativesOf(schema: JsonSchema): readonly unknown[] {
  return [...asSchemas(schema["anyOf"]), ...asSchemas(schema["oneOf"])];
}

/** The names of the types that a schema allows; empty when it does not say. */
export function typesOf({ type }: JsonSchema): readonly string[] {
  if (typeof type === "string") return [type];
  return Array.isArray(type) ? type.filter((each) => typeof each === "string") : [];
}
