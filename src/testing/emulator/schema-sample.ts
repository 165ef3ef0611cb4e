import { asList, asObject, isGiven, type LooseObject } from "./loose-json.ts";

/** A schema without an end of its own gets one here. */
const MAX_DEPTH = 32;

/** Properties that want the user's words and not a value out of them. */
const WANTS_TEXT = /^(?:input|message|prompt|q|query|question|text)$/i;

const FORMATS: Readonly<Record<string, string>> = {
  date: "2026-01-31",
  "date-time": "2026-01-31T12:00:00Z",
  time: "12:00:00Z",
  duration: "PT1H",
  email: "someone@example.com",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com/",
  uuid: "00000000-0000-4000-8000-000000000000",
};

/** What a sample takes its values from. */
export interface SampleSource {
  readonly text: string;
  /** How many of the text's names and numbers others have taken. @default 0 */
  readonly skip?: number;
}

/**
 * A value that a JSON Schema allows, always the same for the same schema and text: the constant, the default, of an enum the
 * one that the text has, else the first; names and numbers out of the text in their order; else the name of the property,
 * and a number within its bounds. It does not follow `pattern`, `not`, `if`, `uniqueItems`, `patternProperties`, nor
 * references to other documents.
 */
export function sampleOf(schema: unknown, source: SampleSource = { text: "" }): unknown {
  return new Sampler(asObject(schema), source).sample(schema, "value", new Set(), 0);
}

class Sampler {
  private readonly root: LooseObject;
  private readonly text: string;
  private readonly names: string[];
  private readonly numbers: number[];

  constructor(root: LooseObject, { text, skip = 0 }: SampleSource) {
    this.root = root;
    this.text = text;
    this.names = namesIn(text).slice(skip);
    this.numbers = Array.from(text.matchAll(/(?<!\w)-?\d+(?:\.\d+)?/g), ([digits]) => Number(digits)).slice(
      skip,
    );
  }

  /** @param open the references that are being followed: one that stands inside itself is not followed again if that can be helped */
  sample(schema: unknown, name: string, open: ReadonlySet<string>, depth: number): unknown {
    const spec = asObject(schema);
    if (depth > MAX_DEPTH) return null;
    if ("const" in spec) return spec["const"];
    if ("default" in spec) return spec["default"];
    const allowed = [...asList(spec["enum"]), ...asList(spec["examples"])];
    if (allowed.length > 0) return allowed.find((value) => this.isNamed(value)) ?? allowed[0];
    const ref = spec["$ref"];
    if (typeof ref === "string") {
      const target = { ...asObject(this.follow(ref)), ...spec, $ref: undefined };
      return this.sample(target, name, new Set(open).add(ref), depth + 1);
    }
    const parts = asList(spec["allOf"]);
    if (parts.length > 0) return this.sample(this.merge(spec, parts), name, open, depth + 1);
    const branches = [...asList(spec["anyOf"]), ...asList(spec["oneOf"])];
    if (branches.length > 0) {
      const closed = branches.filter((branch) => !leadsInto(branch, open));
      const best = closed.find((branch) => asObject(branch)["type"] !== "null") ?? closed[0] ?? branches[0];
      return this.sample(best, name, open, depth + 1);
    }
    switch (typeOf(spec, depth)) {
      case "object":
        return this.object(spec, open, depth);
      case "array":
        return this.array(spec, name, open, depth);
      case "integer":
        return this.number(spec, 1);
      case "number":
        return this.number(spec, 0);
      case "boolean":
        return true;
      case "null":
        return null;
      default:
        return this.string(spec, name);
    }
  }

  private isNamed(value: unknown): boolean {
    return typeof value === "string" && value !== "" && this.text.toLowerCase().includes(value.toLowerCase());
  }

  private object(spec: LooseObject, open: ReadonlySet<string>, depth: number): Record<string, unknown> {
    const properties = asObject(spec["properties"]);
    const required = new Set(asList(spec["required"]).map(String));
    // Without a list of what is required, a model fills in everything.
    const chosen = new Set(Array.isArray(spec["required"]) ? required : Object.keys(properties));
    const entries = [...chosen]
      .filter((name) => required.has(name) || !leadsInto(properties[name], open))
      .map((name) => [name, this.sample(properties[name], name, open, depth + 1)] as const);
    return Object.fromEntries(entries);
  }

  private array(spec: LooseObject, name: string, open: ReadonlySet<string>, depth: number): unknown[] {
    const { items, prefixItems, minItems, maxItems } = spec;
    const places = asList(prefixItems);
    const wanted = leadsInto(items, open) ? 0 : 1;
    const length = Math.min(
      bound(maxItems) ?? Number.POSITIVE_INFINITY,
      bound(minItems) ?? Math.max(places.length, wanted),
    );
    return Array.from({ length }, (_, index) => this.sample(places[index] ?? items, name, open, depth + 1));
  }

  private string(spec: LooseObject, name: string): string {
    const format = FORMATS[String(spec["format"])];
    const words =
      WANTS_TEXT.test(name) && this.text !== "" ? this.text : (format ?? this.names.shift() ?? name);
    return words.padEnd(bound(spec["minLength"]) ?? 0, ".").slice(0, bound(spec["maxLength"]));
  }

  /** @param grain what it is a multiple of, when the schema does not say; 0 for any number */
  private number(spec: LooseObject, grain: number): number {
    const least = bound(spec["minimum"]);
    const most = bound(spec["maximum"]);
    const over = bound(spec["exclusiveMinimum"]);
    const under = bound(spec["exclusiveMaximum"]);
    const step = bound(spec["multipleOf"]) ?? grain;
    const low = least ?? over ?? (most ?? under ?? 1) - (step || 1);
    const high = most ?? under ?? low + (step || 1);
    const onGrid = step > 0 ? [Math.ceil(low / step) * step, (Math.floor(low / step) + 1) * step] : [];
    const fits = (value: number): boolean =>
      value >= (least ?? value) &&
      value <= (most ?? value) &&
      (over === undefined || value > over) &&
      (under === undefined || value < under) &&
      (step === 0 || Math.abs(value / step - Math.round(value / step)) < 1e-9);
    const fromText = this.numbers.findIndex(fits);
    if (fromText >= 0) return this.numbers.splice(fromText, 1)[0] as number;
    return [1, low, high, ...onGrid, (low + high) / 2].find(fits) ?? low;
  }

  private merge(spec: LooseObject, parts: readonly unknown[]): LooseObject {
    const all = [{ ...spec, allOf: undefined }, ...parts].map((part) => {
      const ref = asObject(part)["$ref"];
      return asObject(typeof ref === "string" ? this.follow(ref) : part);
    });
    const properties: LooseObject = Object.assign(
      {},
      ...all.map((part) => part["properties"]),
    ) as LooseObject;
    const required = all.flatMap((part) => asList(part["required"]));
    const merged: LooseObject = Object.assign({}, ...all) as LooseObject;
    return {
      ...merged,
      ...(Object.keys(properties).length > 0 && { properties }),
      ...(required.length > 0 && { required }),
    };
  }

  private follow(ref: string): unknown {
    let value: unknown = this.root;
    for (const step of ref.replace(/^#\/?/, "").split("/").filter(Boolean)) {
      value = asObject(value)[decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~")];
    }
    return value;
  }
}

function typeOf(spec: LooseObject, depth: number): unknown {
  const { type } = spec;
  if (Array.isArray(type)) return (type as unknown[]).find((each) => each !== "null") ?? "null";
  if (isGiven(type)) return type;
  if (isGiven(spec["properties"])) return "object";
  if (isGiven(spec["items"]) || isGiven(spec["prefixItems"])) return "array";
  // Arguments and answers are objects, whatever else is left open.
  return depth === 0 ? "object" : "string";
}

function leadsInto(schema: unknown, open: ReadonlySet<string>): boolean {
  const spec = asObject(schema);
  return open.has(String(spec["$ref"])) || (isGiven(spec["items"]) && leadsInto(spec["items"], open));
}

function bound(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** Capitalised words, those next to each other as one, that do not begin a sentence: tools are asked about cities and people. */
function namesIn(text: string): string[] {
  const names = /(?<=[\p{L}\d,;:] )\p{Lu}[\p{L}'-]*\p{L}(?: \p{Lu}[\p{L}'-]*\p{L})*/gu;
  return Array.from(text.matchAll(names), ([name]) => name);
}
