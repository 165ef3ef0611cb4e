type Schema = Readonly<Record<string, unknown>>;

/** How deep a recursive schema is followed. */
const MAX_DEPTH = 8;

/**
 * A value that a JSON Schema allows, always the same for the same schema: the first of an enum, the least number, a string
 * from `hint` or from the property's name.
 */
export function sampleOf(
  schema: unknown,
  hint = "",
  name = "value",
  root: unknown = schema,
  depth = 0,
): unknown {
  const spec = (typeof schema === "object" && schema !== null ? schema : {}) as Schema;
  if (spec["const"] !== undefined) return spec["const"];
  if (spec["default"] !== undefined) return spec["default"];
  if (Array.isArray(spec["enum"])) return spec["enum"][0];
  if (typeof spec["$ref"] === "string" && depth < MAX_DEPTH)
    return sampleOf(deref(spec["$ref"], root), hint, name, root, depth + 1);
  const branches = spec["anyOf"] ?? spec["oneOf"] ?? spec["allOf"];
  if (Array.isArray(branches)) return sampleOf(branches[0], hint, name, root, depth + 1);
  const type = Array.isArray(spec["type"]) ? (spec["type"] as unknown[])[0] : spec["type"];
  switch (type) {
    case "string":
      return sampleString(spec, hint, name);
    case "integer":
    case "number":
      return sampleNumber(spec);
    case "boolean":
      return true;
    case "null":
      return null;
    case "array":
      return sampleArray(spec, hint, name, root, depth);
    default:
      return spec["properties"] === undefined && type !== "object" && depth > 0
        ? `a ${name}`
        : sampleObject(spec, hint, root, depth);
  }
}

function sampleString(spec: Schema, hint: string, name: string): string {
  const formats: Readonly<Record<string, string>> = {
    date: "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    email: "someone@example.com",
    uri: "https://example.com/",
    uuid: "00000000-0000-4000-8000-000000000000",
  };
  const value = formats[String(spec["format"])] ?? (properNoun(hint) || `some ${name}`);
  const least = Number(spec["minLength"] ?? 0);
  const most = Number(spec["maxLength"] ?? Number.POSITIVE_INFINITY);
  return value.padEnd(least, ".").slice(0, most);
}

/** The last capitalised word that does not begin a sentence: cities and names are what tools are asked about. */
function properNoun(hint: string): string {
  return [...hint.matchAll(/(?<=[a-z,] )[A-Z][\p{L}-]+/gu)].at(-1)?.[0] ?? "";
}

function sampleNumber(spec: Schema): number {
  const least = Number(
    spec["minimum"] ??
      Number(spec["exclusiveMinimum"] ?? 0) + (spec["exclusiveMinimum"] === undefined ? 0 : 1),
  );
  const most = Number(spec["maximum"] ?? Number.POSITIVE_INFINITY);
  const step = Number(spec["multipleOf"] ?? 0);
  const value = Math.min(most, Math.max(least, 1));
  return step > 0 ? Math.ceil(value / step) * step : value;
}

function sampleArray(spec: Schema, hint: string, name: string, root: unknown, depth: number): unknown[] {
  const length = Math.max(1, Number(spec["minItems"] ?? 1));
  if (depth >= MAX_DEPTH) return [];
  return Array.from({ length }, () =>
    sampleOf(spec["items"] ?? { type: "string" }, hint, name, root, depth + 1),
  );
}

function sampleObject(spec: Schema, hint: string, root: unknown, depth: number): Record<string, unknown> {
  const properties = (spec["properties"] ?? {}) as Readonly<Record<string, unknown>>;
  const required = Array.isArray(spec["required"]) ? (spec["required"] as string[]) : Object.keys(properties);
  if (depth >= MAX_DEPTH) return {};
  return Object.fromEntries(
    required.map((name) => [name, sampleOf(properties[name], hint, name, root, depth + 1)]),
  );
}

function deref(ref: string, root: unknown): unknown {
  let value: unknown = root;
  for (const step of ref.replace(/^#\/?/, "").split("/").filter(Boolean)) {
    value = (value as Record<string, unknown> | undefined)?.[
      step.replaceAll("~1", "/").replaceAll("~0", "~")
    ];
  }
  return value;
}
